"""Groups the models on the app's first page by what people do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrPromise

#: The groups in the order of the page, each with its models in their order. Models that are in none belong to the last group.
GROUPS: tuple[tuple[_StrPromise, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Award"),
        ("CredentialConfiguration", "GenerationRun", "Credential", "Job", "MailHold", "ExampleCredentialSet"),
    ),
    (gettext_lazy("Learners"), ("Learner", "LearnerCertificate", "AllowlistEntry", "CertificateInvalidation")),
    (gettext_lazy("Design"), ("CredentialType", "CredentialAsset", "Issuer", "Signatory")),
    (gettext_lazy("Courses"), ("CourseCertificate",)),
    (
        gettext_lazy("Technical"),
        ("ContextGrant", "Webhook", "WebhookDelivery", "HostMessage", "StatusList", "StrayPlace"),
    ),
)


def group_models(app_list: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the groups with the models that Django lists for the user. Groups without models are left out.

    Args:
        app_list: as `AdminSite.get_app_list` returns it.
    """
    models = {model["object_name"]: model for app in app_list for model in app["models"]}
    groups = []
    for index, (title, names) in enumerate(GROUPS):
        chosen = [models.pop(name) for name in names if name in models]
        if index == len(GROUPS) - 1:
            chosen += models.values()
        if chosen:
            groups.append({"title": title, "models": chosen})
    return groups
