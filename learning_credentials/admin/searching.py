"""Searching: small lists for words anywhere, large ones by what databases find through an index, learners and contexts first."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import OuterRef, Q, Subquery
from django.utils.text import smart_split, unescape_string_literal

from learning_credentials.admin.base import BaseModelAdmin, ModelT
from learning_credentials.admin.large_lists import is_large
from learning_credentials.folding import compose, fold
from learning_credentials.models import Credential, CredentialConfiguration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

_LEARNER_FIELDS = ("first_name", "last_name")
#: Learners, and contexts, that one search goes on with.
MAX_FOUND = 500
MAX_CONTEXTS = 50


def find_user_ids(text: str) -> list[int]:
    """Accounts whose user name or family name begins with the text, or whose e-mail address it is; the first `MAX_FOUND`."""
    users = get_user_model()
    condition = Q(**{f"{users.USERNAME_FIELD}__istartswith": text})
    field, lookup = (users.get_email_field_name(), "iexact") if "@" in text else ("last_name", "istartswith")
    if _has_field(field):
        condition |= Q(**{f"{field}__{lookup}": text})
    found = list(users.objects.filter(condition).order_by().values_list("pk", flat=True)[:MAX_FOUND])
    # Their names as the LMS says them, which databases compare without regard to accents and to capitals of every script.
    named = Credential.objects.filter(name_begins(text), user__isnull=False).order_by()
    return [*dict.fromkeys([*found, *named.values_list("user_id", flat=True)[:MAX_FOUND]])][:MAX_FOUND]


class LearnerSearchAdmin(BaseModelAdmin[ModelT]):
    """Searches rows that name a learner: small lists as Django does, by words anywhere, and large ones by `match_in_large`."""

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Those of the class, and what the host's user model has."""
        users = get_user_model()
        fields = dict.fromkeys((users.USERNAME_FIELD, users.get_email_field_name(), *_LEARNER_FIELDS))
        return (*self.search_fields, *(f"user__{field}" for field in fields if _has_field(field)))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ModelT], search_term: str
    ) -> tuple[QuerySet[ModelT], bool]:
        """Search what the filters have left."""
        text = compose(search_term.strip())
        if text and is_large(queryset):
            return queryset.filter(self.match_in_large(text)), False
        for word in smart_split(text):
            is_quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
            queryset = queryset.filter(self._match_word(request, unescape_string_literal(word) if is_quoted else word))
        return queryset, False

    def _match_word(self, request: HttpRequest, word: str) -> Q:
        condition = Q(*((f"{field}__icontains", word) for field in self.get_search_fields(request)), _connector=Q.OR)
        folded = fold(word)
        return condition | self.match_name(folded) if folded else condition

    def match_name(self, folded: str) -> Q:
        """The condition that the learner's name on a credential holds a word, folded."""
        named = Credential.objects.filter(search_name__contains=folded, user__isnull=False)
        return Q(user_id__in=named.order_by().values("user_id"))

    def match_in_large(self, text: str) -> Q:
        """The condition that a row of a large list is meant, in a form that databases answer from indexes."""
        raise NotImplementedError


def _has_field(name: str) -> bool:
    """Whether the host's user model has it."""
    with suppress(FieldDoesNotExist):
        get_user_model()._meta.get_field(name)  # noqa: SLF001  a public interface in spite of its name
        return True
    return False


def find_configuration_ids(text: str) -> Sequence[int]:
    """Configurations in whose context's key, or name as it is on a credential, the text occurs; the first `MAX_CONTEXTS`."""
    issued = Credential.objects.filter(configuration=OuterRef("pk")).order_by()
    named = CredentialConfiguration.objects.annotate(_name=Subquery(issued.values("learning_context_name")[:1]))
    found = named.filter(Q(learning_context_key__icontains=text) | Q(_name__icontains=text))
    return list(found.order_by().values_list("pk", flat=True)[:MAX_CONTEXTS])


def name_begins(text: str) -> Q:
    """The condition that the name on a credential begins so, in the form that the database answers from the index on it."""
    folded = fold(text)
    if not folded:
        return Q(pk__in=())
    # MariaDB answers a comparison byte by byte from no index on a column that it compares otherwise.
    return Q(**{f"search_name__{'i' if connection.vendor == 'mysql' else ''}startswith": folded})
