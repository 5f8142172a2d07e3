"""Who did something: a user, a user's id of whatever kind, or nobody."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils.functional import SimpleLazyObject

from learning_credentials.services.common.history import get_actor_id


@pytest.mark.parametrize(
    ("actor", "actor_id"),
    [
        (None, None),
        (7, 7),
        ("ada", "ada"),
        (UUID(int=7), UUID(int=7)),
        (User(pk=7), 7),
        (SimpleLazyObject(lambda: User(pk=7)), 7),
        (AnonymousUser(), None),
    ],
)
def test_who_acted(actor, actor_id):
    assert get_actor_id(actor) == actor_id
