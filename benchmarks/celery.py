"""The host's Celery application: tasks run where they are sent, so that one process does all that is measured."""

from celery import Celery

app = Celery("benchmarks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
