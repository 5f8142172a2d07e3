"""Configure the Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearningCredentialsConfig(AppConfig):
    """The app's configuration. It registers receivers and checks and does nothing else."""

    name = "learning_credentials"
    label = "learning_credentials"
    verbose_name = _("Learning credentials")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect signals to tasks and register the system checks."""
        from learning_credentials import checks, receivers  # noqa: F401
