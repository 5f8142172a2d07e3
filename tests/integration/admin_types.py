"""Address the admin of credential types, and fill in its form."""

from __future__ import annotations

from django.urls import reverse


def form(**values):
    """What the browser sends for a type with plug-ins of the tests."""
    return {
        "name": "Honours",
        "slug": "honours",
        "retrieval_func": "tests.plugins.retrieve_everyone",
        "generation_func": "tests.plugins.generate_text_credential",
        "custom_options": "{}",
        "type_signatories-TOTAL_FORMS": "0",
        "type_signatories-INITIAL_FORMS": "0",
        "badge_images-TOTAL_FORMS": "0",
        "badge_images-INITIAL_FORMS": "0",
        "contexts-TOTAL_FORMS": "0",
        "contexts-INITIAL_FORMS": "0",
        "download_policy": "public",
        "page_options": "{}",
    } | values


def change_url(credential_type):
    return reverse("admin:learning_credentials_credentialtype_change", args=[credential_type.pk])
