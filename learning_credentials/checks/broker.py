"""Check that the library for the Celery broker is installed.

E012: the broker's library is not installed, or the broker's address has an unknown scheme.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import current_app
from django.core.checks import CheckMessage, Error, register

from learning_credentials.checks.tags import TAG


@register(TAG)
def check_broker_library(**_kwargs: object) -> list[CheckMessage]:
    """Load the client of the broker without contacting the broker.

    Without this check a missing library appears only when the first task is sent.
    """
    url = urlsplit(str(current_app.conf.broker_write_url or current_app.conf.broker_url or ""))
    try:
        with current_app.connection_for_write() as connection:
            connection.transport  # noqa: B018  (the property loads the client)
    except Exception as error:  # without its library each kind of broker fails differently
        message = f"The app cannot send a message to the broker ({url.scheme}): {type(error).__name__}: {error}"
        hint = (
            "Install the library that Celery needs for this broker, such as with `pip install redis`, or "
            "correct CELERY_BROKER_URL."
        )
        return [Error(message, hint=hint, id=f"{TAG}.E012")]
    return []
