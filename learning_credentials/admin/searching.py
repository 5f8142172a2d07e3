"""Search lists. Small lists match words anywhere. Large lists use indexes, and find learners and contexts first."""

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
from learning_credentials.admin.scoping import limit_to_viewer
from learning_credentials.folding import compose, fold
from learning_credentials.models import Credential, CredentialConfiguration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

_LEARNER_FIELDS = ("first_name", "last_name")
#: The largest numbers of learners and contexts that one search uses.
MAX_FOUND = 500
MAX_CONTEXTS = 50


def find_user_ids(request: HttpRequest, text: str) -> list[int]:
    """Return the accounts whose user name or family name begins with the text, or whose e-mail address equals it.

    Names on credentials count too, if the user who asks can view these credentials. At most `MAX_FOUND` ids are returned.
    """
    users = get_user_model()
    condition = Q(**{f"{users.USERNAME_FIELD}__istartswith": text})
    field, lookup = (users.get_email_field_name(), "iexact") if "@" in text else ("last_name", "istartswith")
    if _has_field(field):
        condition |= Q(**{f"{field}__{lookup}": text})
    found = list(users.objects.filter(condition).order_by().values_list("pk", flat=True)[:MAX_FOUND])
    # Also match the LMS's names on credentials. They are folded, so accents and capitals of every script make no difference.
    named = limit_to_viewer(request, Credential.objects.filter(name_begins(text), user__isnull=False)).order_by()
    return [*dict.fromkeys([*found, *named.values_list("user_id", flat=True)[:MAX_FOUND]])][:MAX_FOUND]


class LearnerSearchAdmin(BaseModelAdmin[ModelT]):
    """Base of lists of rows with a learner.

    Small lists are searched as Django does, for words anywhere. Large lists use `match_in_large`.
    """

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Return the fields of the class, and the name and e-mail fields of the host's user model."""
        users = get_user_model()
        fields = dict.fromkeys((users.USERNAME_FIELD, users.get_email_field_name(), *_LEARNER_FIELDS))
        return (*self.search_fields, *(f"user__{field}" for field in fields if _has_field(field)))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ModelT], search_term: str
    ) -> tuple[QuerySet[ModelT], bool]:
        """Return the filtered rows that match the search."""
        text = compose(search_term.strip())
        if text and is_large(queryset):
            return queryset.filter(self.match_in_large(request, text)), False
        for word in smart_split(text):
            is_quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
            queryset = queryset.filter(self._match_word(request, unescape_string_literal(word) if is_quoted else word))
        return queryset, False

    def _match_word(self, request: HttpRequest, word: str) -> Q:
        condition = Q(*((f"{field}__icontains", word) for field in self.get_search_fields(request)), _connector=Q.OR)
        folded = fold(word)
        return condition | self.match_name(request, folded) if folded else condition

    def match_name(self, request: HttpRequest, folded: str) -> Q:
        """Return a condition: the learner's name on a credential contains the folded word."""
        named = limit_to_viewer(request, Credential.objects.filter(search_name__contains=folded, user__isnull=False))
        return Q(user_id__in=named.order_by().values("user_id"))

    def match_in_large(self, request: HttpRequest, text: str) -> Q:
        """Return a condition for rows of a large list. Databases must be able to use indexes for it."""
        raise NotImplementedError


def _has_field(name: str) -> bool:
    """Return whether the host's user model has the field."""
    with suppress(FieldDoesNotExist):
        get_user_model()._meta.get_field(name)  # noqa: SLF001  a public interface in spite of its name
        return True
    return False


def find_configuration_ids(text: str) -> Sequence[int]:
    """Return configurations whose context's key or name contains the text.

    The name is the one on a credential. At most `MAX_CONTEXTS` ids are returned.
    """
    issued = Credential.objects.filter(configuration=OuterRef("pk")).order_by()
    named = CredentialConfiguration.objects.annotate(_name=Subquery(issued.values("learning_context_name")[:1]))
    found = named.filter(Q(learning_context_key__icontains=text) | Q(_name__icontains=text))
    return list(found.order_by().values_list("pk", flat=True)[:MAX_CONTEXTS])


def name_begins(text: str) -> Q:
    """Return a condition: the name on a credential begins with the text. The database can use an index for it."""
    folded = fold(text)
    if not folded:
        return Q(pk__in=())
    # MariaDB cannot use the index for a byte-wise comparison, because the column has another collation.
    return Q(**{f"search_name__{'i' if connection.vendor == 'mysql' else ''}startswith": folded})
