"""Route the demo's URLs: the LMS, the admin and the app."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

admin.site.site_header = "Meridian Open College"
admin.site.site_title = "Meridian Open College"

urlpatterns = [
    # Browsers request it on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url=static("learning_credentials/icon.svg"))),
    path("admin/", admin.site.urls),
    path("", include("demo.lms.urls")),
    path("", include("learning_credentials.urls")),
]
