"""Decides which name of a learner a credential can show.

The app publishes a name only if the LMS gives it. A login name or an e-mail address is not the name of a person.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import GenerationError
from learning_credentials.lms import get_lms
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.pdf import is_ignorable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from learning_credentials.lms import LearnerProfile

NAME_MISSING = "name_missing"
MAX_LENGTH = 255
#: An e-mail address anywhere in the text: "@" followed by a host of two parts or an IP address in brackets.
_ADDRESS = re.compile(r"[^\s@<>(),;]+@(\[[^\s@]+\]|[^\s@<>(),;]+\.[^\s@<>(),;.]+|localhost\b)")


def read_name(profile: LearnerProfile) -> str:
    """Return the learner's name for credentials, or an empty string if the LMS gives no name that can be published."""
    name = str(profile.display_name or "").strip()[:MAX_LENGTH]
    is_own_address = bool(profile.email) and name.casefold() == str(profile.email).strip().casefold()
    return "" if is_own_address or not is_printable(name) else name


def is_printable(name: str) -> bool:
    """Return whether the name has a visible character and no e-mail address."""
    is_seen = any(not (character.isspace() or is_ignorable(character)) for character in name)
    return is_seen and not _ADDRESS.search(unicodedata.normalize("NFKC", name))


def require_name(credential: Credential) -> None:
    """Raise an error if the credential has no name that can be published.

    Raises:
        GenerationError: with the code ``name_missing``.
    """
    if not is_printable(credential.user_full_name):
        msg = (
            "the LMS has no name of the learner that can be published: the name is empty or invisible, or it "
            "is an e-mail address. Enter the learner's name in the LMS. The next run tries again."
        )
        raise GenerationError(msg, code=NAME_MISSING)


def find_new_names(credential_uuids: Sequence[UUID]) -> dict[UUID, LearnerProfile]:
    """Ask the LMS again for names of learners whose credentials failed because there was none.

    Return the profiles that have a name that can be published, by credential.

    Raises:
        TransientError: the LMS could not answer.
    """
    owners: dict[UUID, int] = {}
    for batch in in_batches(sorted(credential_uuids)):
        rows = Credential.objects.filter(pk__in=batch, status=Credential.Status.ERROR, error_code=NAME_MISSING)
        owners.update(rows.filter(user__isnull=False).order_by().values_list("pk", "user_id"))
    user_ids, size = sorted(set(owners.values())), get_settings().ELIGIBILITY_BATCH_SIZE
    profiles: dict[int, LearnerProfile] = {}
    for start in range(0, len(user_ids), size):
        profiles.update(get_lms().get_profiles(user_ids[start : start + size]))
    found = {pk: profiles[user_id] for pk, user_id in owners.items() if user_id in profiles}
    return {pk: profile for pk, profile in found.items() if read_name(profile)}
