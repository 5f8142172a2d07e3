"""Tells the story of one learner: what the learner has or could have, why, what would be enough, and what happened.

It only reads. The LMS is asked outside of transactions. If it does not answer, the story has what the app knows, and says what could not be
asked. One page has at most `PAGE_SIZE` configurations. So the number of queries and of questions to the LMS is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from learning_credentials.lms import Scope, get_lms
from learning_credentials.models import Credential
from learning_credentials.services.common import make_condition, read_name
from learning_credentials.services.credentials import find_profile
from learning_credentials.services.desk.story_asking import Asking
from learning_credentials.services.desk.story_awards import Awarder
from learning_credentials.services.desk.story_places import find_places
from learning_credentials.services.desk.story_records import read_records
from learning_credentials.services.desk.story_values import Story

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.lms import LearningContext
    from learning_credentials.services.desk.story_places import Place
    from learning_credentials.services.desk.story_values import Award

EVERYTHING = Scope.everything()
#: How many configurations a page has.
PAGE_SIZE = 20
#: How many names on credentials are listed, and how many credentials are read for them.
MAX_NAMES = 5
_NAMES_FROM = 50


def tell_story(user_id: Any, *, scope: Scope = EVERYTHING, page: int = 1, text: str = "") -> Story | None:
    """Return one page of the story of a learner, or None if there is no such account.

    Args:
        user_id: the primary key of the learner's account.
        scope: only these learning contexts.
        page: which page of the configurations, from 1.
        text: only configurations whose context key or type contains the text.
    """
    user = get_user_model()._default_manager.filter(pk=user_id).first()  # noqa: SLF001
    if user is None:
        return None
    asking = Asking()
    found = find_places(user.pk, asking, scope, text)
    profile = asking.ask(lambda: find_profile(user.pk))
    shown = found.places[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    awards = _tell_awards(user.pk, shown, Awarder(user.pk, profile, found, asking), asking)
    issued = Credential.objects.filter(make_condition(Credential, scope), user_id=user.pk)
    names = issued.order_by("-created").values_list("user_full_name", flat=True)
    return Story(
        user=user,
        awards=awards,
        number=len(found.places),
        is_cut=found.is_cut,
        names=[*dict.fromkeys(name for name in names[:_NAMES_FROM] if name)][:MAX_NAMES],
        lms_name=read_name(profile) if profile else "",
        is_profile_known=profile is not None,
        problems=[asking.problem] if asking.problem else [],
    )


def _tell_awards(user_id: Any, places: Sequence[Place], awarder: Awarder, asking: Asking) -> list[Award]:
    if not places:
        return []
    contexts = asking.ask(lambda: get_lms().find_contexts(sorted({place.context_key for place in places})))
    records = read_records(user_id, places)
    known: dict[str, LearningContext] = dict(contexts or {})
    return [awarder.tell(place, records, known) for place in places]
