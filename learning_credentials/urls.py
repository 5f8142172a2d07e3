"""The app's URLs; a host mounts them at its root: ``path("", include("learning_credentials.urls"))``."""

from django.urls import include, path

app_name = "learning_credentials"

urlpatterns = [
    path("credentials/", include("learning_credentials.web.urls")),
    path("api/learning_credentials/v1/", include("learning_credentials.rest_api.v1.urls", namespace="v1")),
]
