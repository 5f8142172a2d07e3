"""Show the proof sheet of a configuration: the hardest names of its learners, as its certificates print them."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import describe_error, get_url
from learning_credentials.admin.files import serve
from learning_credentials.admin.form_pages import render_form
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.exceptions import CredentialsError
from learning_credentials.filenames import make_file_name
from learning_credentials.services.desk import make_proof_sheet

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from learning_credentials.models import CredentialConfiguration

logger = logging.getLogger(__name__)

ENROLLED, ELIGIBLE = "enrolled", "eligible"
MADE = gettext_lazy("Made a proof sheet")


class ProofSheetForm(forms.Form):
    """Ask whose names to compare."""

    learners = forms.ChoiceField(
        label=gettext_lazy("Names of"),
        choices=[
            (ENROLLED, gettext_lazy("all enrolled learners")),
            (ELIGIBLE, gettext_lazy("learners who would get a certificate now")),
        ],
        initial=ENROLLED,
        widget=forms.RadioSelect,
    )


def show_proof_sheet(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, configuration: CredentialConfiguration
) -> HttpResponseBase:
    """Ask whose names to compare. Then send the sheet."""
    form = ProofSheetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = make_proof_sheet(configuration.pk, only_eligible=form.cleaned_data["learners"] == ELIGIBLE)
        except Exception as error:
            # A plug-in can raise any error, and the operator who configures it must see it.
            if not isinstance(error, CredentialsError):
                logger.exception("The proof sheet of configuration %s failed", configuration.pk)
            for line in describe_error(error):
                form.add_error(None, line)
        else:
            log_act(request, configuration, MADE)
            name = make_file_name("Proof sheet", configuration.credential_type.name, extension="pdf")
            return serve(io.BytesIO(sheet.content), "application/pdf", name)
    own_page = get_url("credentialconfiguration_change", configuration.pk)
    return render_form(
        model_admin,
        request,
        form,
        title=_("Proof sheet"),
        explanation=_(
            "One page with the names that are hardest to print, each on a certificate: the longest, those from right to left, "
            "those in several scripts, those with characters that no font has. Nothing is issued."
        ),
        button=_("Make the proof sheet"),
        cancel_url=own_page,
        parent={"url": own_page, "name": str(configuration)},
    )
