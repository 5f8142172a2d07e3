"""Route the app's URLs. A host mounts them at its root: ``path("", include("learning_credentials.urls"))``."""

from django.urls import include, path

from learning_credentials.rest_api.v1.views import MetadataView
from learning_credentials.web.badge_views import BadgeView
from learning_credentials.web.views import CredentialView

app_name = "learning_credentials"

urlpatterns = [
    path("credentials/", include("learning_credentials.web.urls")),
    # One address answers people and programs. The views are combined here, so that web and REST need not import each other.
    path(
        "credentials/<str:verify_uuid>/",
        CredentialView.as_view(metadata_view=MetadataView.as_view(), badge_view=BadgeView.as_view()),
        name="credential",
    ),
    path("api/learning_credentials/v1/", include("learning_credentials.rest_api.v1.urls", namespace="v1")),
]
