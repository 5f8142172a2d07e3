"""Route the pages for the public and for learners.

The public page of a credential is in `learning_credentials.urls`, because its address also answers as the REST API does.
"""

from __future__ import annotations

from django.urls import path

from learning_credentials.web import badge_views, own, upload_views, views

urlpatterns = [
    path("did.json", badge_views.DidDocumentView.as_view(), name="did"),
    path("status/<int:list_id>/", badge_views.StatusListView.as_view(), name="status_list"),
    path("badge-images/", badge_views.BadgeImageView.as_view(), name="default_badge_image"),
    path("badge-images/<slug:slug>/", badge_views.BadgeImageView.as_view(), name="badge_image"),
    path("", own.CredentialListView.as_view(), name="credential_list"),
    path("verify/", upload_views.InspectionView.as_view(), name="verify_file"),
    path("theme/<str:accent>.css", views.ThemeView.as_view(), name="theme"),
]

#: Below the address of a credential's page. Django tries one pattern after the other, so they have their common beginning only once.
credential_patterns = [
    path("download/", views.DownloadView.as_view(), name="credential_download"),
    path("indexing/", own.IndexingView.as_view(), name="credential_indexing"),
    path("logo/", views.LogoView.as_view(), name="credential_logo"),
    path("picture/", views.PictureView.as_view(), name="credential_picture"),
    path("share/", views.ShareView.as_view(), name="credential_share"),
    path("qr.svg", views.QRCodeView.as_view(), name="credential_qr"),
    path("badge.json", badge_views.BadgeView.as_view(), name="credential_badge_json"),
    path("badge.png", badge_views.BakedBadgeView.as_view(), name="credential_badge_png"),
    path("badge.svg", badge_views.BakedBadgeView.as_view(media_type="image/svg+xml"), name="credential_badge_svg"),
    path("achievement/", badge_views.AchievementImageView.as_view(), name="credential_achievement"),
]
