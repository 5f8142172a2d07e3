"""Configure the demo project as a Django app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Load the Celery app in every process of the project."""

    name = "demo"
    verbose_name = "Demo project"

    def ready(self) -> None:
        """Load the Celery app, so that tasks go to this project's broker."""
        from demo import celery  # noqa: F401
