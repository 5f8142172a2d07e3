"""Route the app's URLs. A host mounts them at its root: ``path("", include("learning_credentials.urls"))``."""

from django.urls import include, path

from learning_credentials.rest_api.v1.views import MetadataView
from learning_credentials.web.badge_views import BadgeView
from learning_credentials.web.urls import credential_patterns
from learning_credentials.web.views import CredentialView

app_name = "learning_credentials"

# One address answers people and programs. The views are combined here, so that web and REST need not import each other.
_page = CredentialView.as_view(metadata_view=MetadataView.as_view(), badge_view=BadgeView.as_view())

urlpatterns = [
    path("credentials/", include("learning_credentials.web.urls")),
    # Ids are text here, because an invalid id must get exactly the same page as an unknown one.
    path("credentials/<str:verify_uuid>/", include([path("", _page, name="credential"), *credential_patterns])),
    path("api/learning_credentials/v1/", include("learning_credentials.rest_api.v1.urls", namespace="v1")),
]
