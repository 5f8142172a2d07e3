"""The demo project itself as a Django app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Makes the Celery app known to every process of the project."""

    name = "demo"
    verbose_name = "Demo project"

    def ready(self) -> None:
        """Load the Celery app, so that tasks are sent to this project's broker."""
        from demo import celery  # noqa: F401
