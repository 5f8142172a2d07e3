"""Route the URLs of the LMS pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from demo.lms import views

app_name = "demo_lms"

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("runs/<str:key>/", views.RunView.as_view(), name="run"),
    path("paths/<str:key>/", views.PathView.as_view(), name="path"),
    path("request/<str:key>/<int:configuration_id>/", views.RequestView.as_view(), name="request"),
    path("login/", views.DemoLoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
