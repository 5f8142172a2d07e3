"""Provide helpers for tests of the admin."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import UserFactory


def staff_with(*codenames):
    """Return a staff account with some of Django's permissions."""
    user = UserFactory(staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def messages_of(response):
    """Return the messages of the page."""
    return [str(message) for message in response.context["messages"]]


def left_out_of(response):
    """Return the rows that were left out according to the page, with the reasons."""
    return [f"{row}: {reason}" for row, reason in response.context["left_out"]]


def form_errors(response, field):
    """Return the errors of a field on the page."""
    return response.context["adminform"].form.errors.get(field, [])


def count_queries(client, url):
    """Return how many queries a page needs."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
