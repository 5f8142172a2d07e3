"""What the tests of the admin share."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import UserFactory


def staff_with(*codenames):
    """A member of staff with some of Django's permissions."""
    user = UserFactory(staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def messages_of(response):
    """What the page says happened."""
    return [str(message) for message in response.context["messages"]]


def left_out_of(response):
    """Rows that the page says were left out, each with the reason."""
    return [f"{row}: {reason}" for row, reason in response.context["left_out"]]


def form_errors(response, field):
    """Mistakes that the form shows at a field."""
    return response.context["adminform"].form.errors.get(field, [])


def count_queries(client, url):
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
