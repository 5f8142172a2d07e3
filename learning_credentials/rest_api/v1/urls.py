"""Route the URLs of version 1 of the REST API."""

from __future__ import annotations

from django.urls import path, register_converter

from learning_credentials.rest_api.v1 import (
    converters,
    course_certificate_views,
    inspection_views,
    learner_status_views,
    root,
    schema,
    views,
)

register_converter(converters.ContextKeyConverter, "context_key")
register_converter(converters.CourseKeyConverter, "course_key")

app_name = "v1"

urlpatterns = [
    path("", root.RootView.as_view(), name="root"),
    # Ids are text here, because an invalid id must get exactly the same answer as an unknown one.
    path("metadata/<str:verify_uuid>/", views.MetadataView.as_view(), name="metadata"),
    path("verify/", inspection_views.InspectionView.as_view(), name="verify"),
    path("configured/<context_key:context_key>/", views.ConfiguredView.as_view(), name="configured"),
    path("eligibility/<context_key:context_key>/", views.EligibilityView.as_view(), name="eligibility"),
    path(
        "eligibility/<context_key:context_key>/<int:configuration_id>/",
        views.CredentialRequestView.as_view(),
        name="request_credential",
    ),
    path("learner_cert_status/", learner_status_views.LearnerStatusView.as_view(), name="learner_cert_status"),
    path(
        "bulk_learner_cert_status/",
        learner_status_views.BulkLearnerStatusView.as_view(),
        name="bulk_learner_cert_status",
    ),
    path("learner_program_status/", learner_status_views.ProgramStatusView.as_view(), name="learner_program_status"),
    path(
        "course_certificates/",
        course_certificate_views.CourseCertificatesView.as_view(),
        name="course_certificates",
    ),
    # Old keys contain slashes.
    path(
        "course_certificates/<course_key:course_key>/",
        course_certificate_views.CourseCertificateView.as_view(),
        name="course_certificate",
    ),
    path("schema/", schema.SchemaView.as_view(), name="schema"),
]
