"""Do the acts on the page of a learner: issue, allow, bar, lift, send a failed e-mail again. Each asks first, and has a log entry.

The services decide and refuse. No transaction is open while they ask the LMS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import get_actor, get_url, report_error, require
from learning_credentials.admin.credential_operations import ReissueForm
from learning_credentials.admin.desk.finding import get_scope
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.operations import NotesForm
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.admin.scoping import may_in
from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms import Act
from learning_credentials.models import (
    CertificateInvalidation,
    Credential,
    CredentialConfiguration,
)
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.desk import find_learners_in
from learning_credentials.services.issuing import issue_credential, reissue_credential
from learning_credentials.services.notices import retry_announcements
from learning_credentials.services.staff import (
    add_allowlist_entry,
    describe_allowlist_obstacles,
    find_allowlist_obstacles,
    invalidate_certificate,
    lift_certificate_invalidation,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

Status = Credential.Status


class NameForm(ReissueForm):
    """Ask for the right name, and a public reason."""

    full_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        widget=AdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "As the new credential shows it. Correct the name in the LMS too: a later reissue takes the name from there."
        ),
    )
    field_order = ("full_name", "reason", "notify")


def get_user_or_404(object_id: str) -> Any:
    """Return the account with the primary key of an address.

    Raises:
        Http404: there is none.
    """
    users = get_user_model()
    try:
        key = users._meta.pk.to_python(object_id)  # noqa: SLF001
        user = users._default_manager.filter(pk=key).first()  # noqa: SLF001
    except (ValidationError, ValueError, OverflowError):
        user = None
    if user is None:
        raise Http404
    return user


def get_learner_or_404(request: HttpRequest, object_id: str) -> Any:
    """Return the account if the user may see all about it in a context where the learner has or could have something.

    Raises:
        Http404: there is no such account, or it has nothing to do with the user's contexts.
    """
    user = get_user_or_404(object_id)
    if user.pk not in find_learners_in(get_scope(request), [user.pk]):
        raise Http404
    return user


def _get_configuration_or_404(configuration_id: int) -> CredentialConfiguration:
    rows = CredentialConfiguration.objects.select_related("credential_type")
    row = rows.filter(pk=configuration_id).first()
    if row is None:
        raise Http404
    return row


def _require(request: HttpRequest, act: Act, context_key: str) -> None:
    """Refuse users who may not see the learner's data, or not do the act, in a context."""
    require(may_in(request, Act.VIEW_PERSONAL_DATA, context_key) and may_in(request, act, context_key))


def _go_back(user: Any) -> HttpResponse:
    return HttpResponseRedirect(get_url("learner_change", user.pk))


def _ask(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, user: Any, form: forms.Form, **context: Any
) -> HttpResponse:
    own_page = get_url("learner_change", user.pk)
    parent = {"url": own_page, "name": user.get_username()}
    return render_form(model_admin, request, form, cancel_url=own_page, parent=parent, **context)


def issue(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, object_id: str, configuration_id: int
) -> HttpResponse:
    """Ask, and then issue the credential of a configuration to the learner in this request."""
    user, configuration = get_learner_or_404(request, object_id), _get_configuration_or_404(configuration_id)
    _require(request, Act.ISSUE_CREDENTIAL, configuration.learning_context_key)
    form = forms.Form(request.POST if "confirm" in request.POST else None)
    before = set(_list_credentials(user, configuration))
    issued = submit(form, lambda _values: issue_credential(configuration.pk, user.pk, actor=get_actor(request)))
    if issued is None:
        return _ask(
            model_admin,
            request,
            user,
            form,
            title=_("Issue now"),
            explanation=_(
                "%(learner)s gets “%(configuration)s” now, with the name that the LMS has. The criteria are checked once more. "
                "The learner is e-mailed as for every new credential."
            )
            % {"learner": user.get_username(), "configuration": configuration},
            button=_("Issue now"),
        )
    if (issued.pk, issued.status) in before:
        messages.info(request, _("Nothing was done: the learner has the credential, or it is being made."))
        return _go_back(user)
    log_act(request, issued, _("Issued to one learner"), flag=ADDITION)
    if issued.status == Status.GENERATING:
        messages.warning(request, _("The credential is being made. Another service failed, and the app tries again."))
    else:
        messages.success(request, _("The credential was issued."))
    return _go_back(user)


def _list_credentials(user: Any, configuration: CredentialConfiguration) -> Any:
    rows = Credential.objects.filter(user_id=user.pk, configuration=configuration, is_current=True)
    return rows.values_list("pk", "status")


def allow(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, object_id: str, configuration_id: int
) -> HttpResponse:
    """Ask for notes, and then add the learner to the allowlist: for the course certificate, or for one other configuration."""
    user, configuration = get_learner_or_404(request, object_id), _get_configuration_or_404(configuration_id)
    _require(request, Act.ALLOW_LEARNER, configuration.learning_context_key)
    form = NotesForm(request.POST if "confirm" in request.POST else None)
    key = configuration.learning_context_key
    scope = None if issues_course_certificates(configuration) else configuration.pk
    entry = submit(
        form,
        lambda values: add_allowlist_entry(
            user.pk, key, configuration_id=scope, notes=values["notes"], actor=get_actor(request)
        ),
    )
    if entry is None:
        return _ask(
            model_admin,
            request,
            user,
            form,
            title=_("Allow"),
            explanation=_(
                "%(learner)s gets “%(configuration)s” without meeting the criteria for grades and completion. "
                "Nothing else is waived: enrolment, mode, identity and restrictions still count."
            )
            % {"learner": user.get_username(), "configuration": configuration},
            button=_("Allow"),
        )
    log_act(request, entry, _("Allowed"), entry.notes, flag=ADDITION)
    messages.success(request, _("The learner is on the allowlist. The next run issues the credential."))
    _warn_about_obstacles(request, user, configuration, scope)
    return _go_back(user)


def _warn_about_obstacles(
    request: HttpRequest, user: Any, configuration: CredentialConfiguration, scope: int | None
) -> None:
    try:
        found = find_allowlist_obstacles(configuration.learning_context_key, [user.pk], configuration_id=scope)
    except CredentialsError as error:
        report_error(request, error)
        return
    if text := describe_allowlist_obstacles(found.get(user.pk, [])):
        messages.warning(request, text)


def bar(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, object_id: str, configuration_id: int
) -> HttpResponse:
    """Ask for notes, and then bar the learner from the course certificate of the run."""
    user, configuration = get_learner_or_404(request, object_id), _get_configuration_or_404(configuration_id)
    _require(request, Act.BAR_LEARNER, configuration.learning_context_key)
    if not issues_course_certificates(configuration):
        raise Http404
    form = NotesForm(request.POST if "confirm" in request.POST else None)
    key = configuration.learning_context_key
    row = submit(
        form, lambda values: invalidate_certificate(user.pk, key, notes=values["notes"], actor=get_actor(request))
    )
    if row is None:
        return _ask(
            model_admin,
            request,
            user,
            form,
            title=_("Bar from the course certificate"),
            explanation=_(
                "The course certificate of %(learner)s in %(key)s becomes unavailable at once, and its credential is revoked. "
                "Neither a grade nor the allowlist changes that until you lift the bar."
            )
            % {"learner": user.get_username(), "key": key},
            button=_("Bar"),
            is_dangerous=True,
        )
    log_act(request, row, _("Barred"), row.notes, flag=ADDITION)
    messages.success(request, _("The learner is barred."))
    return _go_back(user)


def lift(model_admin: admin.ModelAdmin[Any], request: HttpRequest, object_id: str, row_id: int) -> HttpResponse:
    """Ask for notes, and then lift a bar of the learner."""
    user = get_learner_or_404(request, object_id)
    row = CertificateInvalidation.objects.filter(pk=row_id, user_id=user.pk).first()
    if row is None:
        raise Http404
    _require(request, Act.END_BARRING, row.learning_context_key)
    form = NotesForm(request.POST if "confirm" in request.POST else None)
    lifted = submit(
        form, lambda values: lift_certificate_invalidation(row.pk, notes=values["notes"], actor=get_actor(request))
    )
    if lifted is None:
        return _ask(
            model_admin,
            request,
            user,
            form,
            title=_("Lift the bar"),
            explanation=_(
                "%(learner)s is evaluated again in %(key)s. If the learner qualifies, a new credential is issued. "
                "A revoked one stays revoked."
            )
            % {"learner": user.get_username(), "key": row.learning_context_key},
            button=_("Lift the bar"),
        )
    log_act(request, row, _("Bar lifted"), form.cleaned_data["notes"])
    messages.success(request, _("The bar was lifted. The learner is evaluated again."))
    return _go_back(user)


def correct_name(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, object_id: str, credential_uuid: UUID
) -> HttpResponse:
    """Ask for the right name and a reason, and then reissue the credential with this name."""
    user = get_learner_or_404(request, object_id)
    row = Credential.objects.filter(pk=credential_uuid, user_id=user.pk).first()
    if row is None:
        raise Http404
    _require(request, Act.REISSUE_CREDENTIAL, row.learning_context_key)
    form = NameForm(request.POST if "confirm" in request.POST else None, initial={"full_name": row.user_full_name})
    reissued = submit(
        form,
        lambda values: reissue_credential(
            row.pk,
            reason=values["reason"],
            actor=get_actor(request),
            notify=values["notify"],
            full_name=values["full_name"],
        ),
    )
    if reissued is None:
        return _ask(
            model_admin,
            request,
            user,
            form,
            title=_("Correct the name and reissue"),
            explanation=_(
                "A new credential replaces “%(credential)s”. It keeps what was awarded, and has the name that you enter. "
                "The public page of the old one says that it was replaced."
            )
            % {"credential": row},
            button=_("Reissue"),
        )
    log_act(request, reissued, _("Name corrected"), form.cleaned_data["reason"])
    if reissued.status == Status.GENERATING:
        messages.warning(request, _("The credential is being made. Another service failed, and the app tries again."))
    else:
        messages.success(request, _("The credential was reissued with the name “%s”.") % reissued.user_full_name)
    return _go_back(user)


def send_mail_again(request: HttpRequest, object_id: str, credential_uuid: UUID) -> HttpResponse:
    """Let the next announcing send an e-mail that failed."""
    user = get_learner_or_404(request, object_id)
    row = Credential.objects.filter(pk=credential_uuid, user_id=user.pk).first()
    if row is None:
        raise Http404
    _require(request, Act.SEND_MAIL, row.learning_context_key)
    if retry_announcements([row.pk]):
        log_act(request, row, _("E-mail sent again"))
        messages.success(request, _("The e-mail will be sent again soon."))
    else:
        messages.warning(request, _("Nothing was done: the e-mail did not fail, or will be sent again soon anyway."))
    return _go_back(user)
