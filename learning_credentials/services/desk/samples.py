"""Offers names to try a design with: made-up ones that are hard to print, and those of learners of the course."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from cachetools import TTLCache, cached
from django.contrib.auth import get_user_model
from django.db.models import Q

from learning_credentials.conf import get_settings
from learning_credentials.folding import compose
from learning_credentials.lms import LearnerProfile, get_lms
from learning_credentials.services.common import read_name

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL = "usual"
#: Made-up people, by the key of the sample.
MADE_UP: Mapping[str, LearnerProfile] = {
    USUAL: LearnerProfile(0, "", "John Doë", given_name="John", family_name="Doë"),
    "arabic": LearnerProfile(0, "", "ليلى بنت يوسف الأنصاري", language="ar", given_name="ليلى", family_name="الأنصاري"),
    "chinese": LearnerProfile(0, "", "欧阳明月", language="zh-hans", given_name="明月", family_name="欧阳"),
    "hindi": LearnerProfile(0, "", "श्रीलक्ष्मी विश्वनाथन", language="hi", given_name="श्रीलक्ष्मी", family_name="विश्वनाथन"),
    "long": LearnerProfile(
        0,
        "",
        "Maximiliane Wilhelmine Theodora Konstanze Annunziata Bartholomea Philippa Rosalinde Seraphina Ottokara "
        "Adelgunde Freifrau von Hohenstein-Waldeck und Altenburg-Kreuzberg zu Lindenau-Sonnenfels und Ried",
        given_name="Maximiliane",
        family_name="von Hohenstein-Waldeck",
    ),
}
#: The name of so many learners is looked at to find the longest one.
MOST_LEARNERS = 20_000
_MOST_FOUND = 10
_MOST_ACCOUNTS = 200
_SHORTEST_SEARCH = 2


class FoundLearner(NamedTuple):
    """A learner of a course who can be drawn."""

    user_id: int
    name: str
    username: str


def find_sample(sample: str, context_key: str = "", *, with_learners: bool = False) -> LearnerProfile:
    """Return the profile for a sample: a key of `MADE_UP`, ``longest``, or ``learner:`` and an id. Unknown ones are the usual one.

    Args:
        sample: the key.
        context_key: the course, if there is one.
        with_learners: whether the operator may see its learners.

    Raises:
        TransientError: the LMS could not answer.
    """
    found: LearnerProfile | None = None
    if with_learners and context_key:
        kind, _, user_id = sample.partition(":")
        if kind == "longest":
            found = _find_longest(context_key)
        elif kind == "learner" and user_id.isdecimal():
            found = _get_enrolled(context_key, [int(user_id)]).get(int(user_id))
    return found or MADE_UP.get(sample) or MADE_UP[USUAL]


def search_learners(text: str, context_key: str) -> list[FoundLearner]:
    """Return learners of a course whose name, user name or e-mail address contains a text.

    Raises:
        TransientError: the LMS could not answer.
    """
    text = compose(text.strip())
    if len(text) < _SHORTEST_SEARCH or "\0" in text:
        return []
    model = get_user_model()
    fields = [model.USERNAME_FIELD, model.get_email_field_name()]
    fields += [name for name in ("first_name", "last_name") if hasattr(model, name)]
    query = Q()
    for name in dict.fromkeys(fields):
        query |= Q(**{f"{name}__icontains": text})
    ids = list(model._default_manager.filter(query).order_by("pk").values_list("pk", flat=True)[:_MOST_ACCOUNTS])  # noqa: SLF001
    found = [
        FoundLearner(user_id, read_name(profile), profile.username)
        for user_id, profile in _get_enrolled(context_key, ids).items()
        if read_name(profile)
    ]
    return sorted(found, key=lambda learner: learner.name)[:_MOST_FOUND]


def _get_enrolled(context_key: str, user_ids: list[int]) -> dict[int, LearnerProfile]:
    """Return the profiles of those of the accounts that are enrolled."""
    lms = get_lms()
    enrolled = [user_id for user_id, _ in lms.get_enrolments([context_key], user_ids)] if user_ids else []
    return dict(lms.get_profiles(enrolled)) if enrolled else {}


@cached(TTLCache(64, ttl=300), lock=RLock())
def _find_longest(context_key: str) -> LearnerProfile | None:
    """Return the learner with the longest name among the first `MOST_LEARNERS` of a course."""
    lms = get_lms()
    longest: LearnerProfile | None = None
    seen = 0
    for enrolments in lms.iter_enrolments(context_key, batch_size=get_settings().ELIGIBILITY_BATCH_SIZE):
        for profile in lms.get_profiles([enrolment.user_id for enrolment in enrolments]).values():
            if longest is None or len(read_name(profile)) > len(read_name(longest)):
                longest = profile
        seen += len(enrolments)
        if seen >= MOST_LEARNERS:
            break
    return longest
