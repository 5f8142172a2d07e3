"""Route the URLs of the test host."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("learning_credentials.urls"))]
