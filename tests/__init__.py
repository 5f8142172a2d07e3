"""Tests: behaviour through the facade, HTTP and the command line."""

from tests.celery import app as celery_app

__all__ = ["celery_app"]
