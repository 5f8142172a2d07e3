"""Public and learner-facing pages. The public page itself is in `learning_credentials.urls`: it also answers as the REST API does."""

from __future__ import annotations

from django.urls import path

from learning_credentials.web import views

urlpatterns = [
    path("", views.CredentialListView.as_view(), name="credential_list"),
    # Ids are text here: one that cannot be an id has to get the very page that an unknown one gets.
    path("<str:verify_uuid>/download/", views.DownloadView.as_view(), name="credential_download"),
    path("<str:verify_uuid>/qr.svg", views.QRCodeView.as_view(), name="credential_qr"),
]
