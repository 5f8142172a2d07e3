"""Say what a run of a configuration would do: before a run is started, and before a form is saved that changes who receives credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.utils.translation import gettext as _

from learning_credentials.admin.base import get_actor, get_url
from learning_credentials.admin.consequences import INPUT, AskFirstError, is_as_told, repeat, show, sign, tell
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import GenerationRun
from learning_credentials.services.desk import foresee_configuration, list_changes
from learning_credentials.services.issuing import start_run, with_changes

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

    from learning_credentials.models import CredentialConfiguration

#: The fields of the form that decide who receives credentials, and when.
DECIDING = frozenset({"is_enabled", "credential_type", "learning_context_key", "custom_options", "next_run_at"})
_ASKED = "_learning_credentials_asked"
_CONFIRMED = "_learning_credentials_confirmed"


def ask_about_run(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, configuration: CredentialConfiguration
) -> HttpResponse | None:
    """Show what a run would do now. Return None if a page that said the same was confirmed.

    For many learners, the page offers a dry run in the background.
    """
    own_page = get_url("credentialconfiguration_change", configuration.pk)
    page: dict[str, Any] = {"cancel_url": own_page, "parent": {"url": own_page, "name": configuration}}
    page |= {"title": _("Generate now"), "button": _("Generate now")}
    try:
        found = foresee_configuration(configuration, is_by_staff=True)
    except CredentialsError as error:
        if request.method == "POST":
            return None  # the run itself says what is wrong
        text = _("What a run would do cannot be said now: %(error)s") % {"error": error}
        return show(model_admin, request, [], hidden=[], problem=text, **page)
    if found is None:
        page["button"] = _("Dry run")
        text = _(
            "There are too many learners for an answer at once. A dry run finds it in the background, and issues nothing."
        )
        action = get_url("credentialconfiguration_dry_run", configuration.pk)
        return show(model_admin, request, [], hidden=[], problem=text, action=action, **page)
    act = f"generate:{configuration.pk}"
    if is_as_told(request, act, [found]):
        return None
    token = sign(request, act, [found])
    return show(model_admin, request, [tell(request, found)], hidden=[(INPUT, token)], **page)


def find_dry_run(request: HttpRequest, configuration: CredentialConfiguration) -> GenerationRun | None:
    """Return the finished dry run from whose page a run is started, or None."""
    pk = request.POST.get("dry_run", "")
    if not pk.isdecimal():
        return None
    finished = GenerationRun.objects.filter(is_dry_run=True, finished_at__isnull=False, error_code="")
    return finished.filter(pk=pk, configuration=configuration).first()


def require_confirmation(request: HttpRequest, configuration: CredentialConfiguration, form: Any) -> None:
    """Remember what is to be saved, and ask first if it decides who receives credentials.

    Raises:
        AskFirstError: nobody has confirmed it. The caller rolls back, and calls `ask_about_save`.
    """
    is_decided = configuration.is_enabled and DECIDING.intersection(form.changed_data)
    if is_decided and configuration.pk and not getattr(request, _CONFIRMED, False):
        setattr(request, _ASKED, configuration)
        raise AskFirstError


def ask_about_save(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse | None:
    """Show what the next run would do with the values of the form. Return None if nothing would change or the page was confirmed.

    For many learners, a dry run with these values is started in the background, and the page links to it.
    """
    changed: CredentialConfiguration = getattr(request, _ASKED)
    setattr(request, _CONFIRMED, True)
    changes = list_changes(changed)
    try:
        found = foresee_configuration(with_changes(changed, changes))
    except CredentialsError as error:
        messages.warning(request, _("What the next run would do cannot be said now: %(error)s") % {"error": error})
        return None
    act = f"save:{changed.pk}"
    if found is None:
        if INPUT in request.POST:
            return None
        run = start_run(changed.pk, actor=get_actor(request), is_dry_run=True, changes=changes)
        text = _(
            "There are too many learners for an answer at once. Dry run #%(run)d finds it with the values of the form: open it in another "
            "tab, under Generation runs. Save when you have read it."
        )
        token, told, problem = "large", [], text % {"run": run.pk}
    elif found.is_nothing or is_as_told(request, act, [found]):
        return None
    else:
        token, told, problem = sign(request, act, [found]), [tell(request, found)], ""
    return show(
        model_admin,
        request,
        told,
        hidden=[*repeat(request), (INPUT, token)],
        title=_("What the next run would do with these values"),
        button=_("Save"),
        cancel_url=request.path,
        problem=problem,
    )
