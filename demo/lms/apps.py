"""The demo LMS as a Django app."""

from django.apps import AppConfig


class LMSConfig(AppConfig):
    """A label of its own: ``lms`` alone would be too common."""

    name = "demo.lms"
    label = "demo_lms"
    verbose_name = "Demo LMS"
    default_auto_field = "django.db.models.BigAutoField"
