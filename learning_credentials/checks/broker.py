"""System check of the broker that tasks are sent to.

E012 a broker whose library is not installed, or whose address names no known kind of broker.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import current_app
from django.core.checks import CheckMessage, Error, register

from learning_credentials.checks.tags import TAG


@register(TAG)
def check_broker_library(**_kwargs: object) -> list[CheckMessage]:
    """Load what speaks to the broker, without asking the broker: a missing library shows otherwise with the first message."""
    url = urlsplit(str(current_app.conf.broker_write_url or current_app.conf.broker_url or ""))
    try:
        with current_app.connection_for_write() as connection:
            connection.transport  # noqa: B018  (made when it is first asked for)
    except Exception as error:  # each kind of broker fails in its own way without its library
        message = f"No message can be sent to the broker ({url.scheme}): {type(error).__name__}: {error}"
        hint = "Install the library that Celery needs for this broker, such as `pip install redis`, or correct CELERY_BROKER_URL."
        return [Error(message, hint=hint, id=f"{TAG}.E012")]
    return []
