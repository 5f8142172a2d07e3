"""Configure the demo LMS as a Django app."""

from django.apps import AppConfig


class LMSConfig(AppConfig):
    """The configuration has its own label, because ``lms`` alone would be too common."""

    name = "demo.lms"
    label = "demo_lms"
    verbose_name = "Demo LMS"
    default_auto_field = "django.db.models.BigAutoField"
