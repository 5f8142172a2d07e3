"""Version 1 of the REST API."""

from __future__ import annotations

from django.urls import path

from learning_credentials.rest_api.v1 import schema, views

app_name = "v1"

urlpatterns = [
    # Ids are text here: one that cannot be an id has to get the very answer that an unknown one gets.
    path("metadata/<str:verify_uuid>/", views.MetadataView.as_view(), name="metadata"),
    path("configured/<str:context_key>/", views.ConfiguredView.as_view(), name="configured"),
    path("eligibility/<str:context_key>/", views.EligibilityView.as_view(), name="eligibility"),
    path(
        "eligibility/<str:context_key>/<int:configuration_id>/",
        views.CredentialRequestView.as_view(),
        name="request_credential",
    ),
    path("schema/", schema.SchemaView.as_view(), name="schema"),
]
