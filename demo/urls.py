"""The demo's URLs: the LMS, the admin and the app's own."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = "Meridian Open College"
admin.site.site_title = "Meridian Open College"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("demo.lms.urls")),
    path("", include("learning_credentials.urls")),
]
