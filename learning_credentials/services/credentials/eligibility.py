"""Finds the learners to whom a configuration's credential can be issued, batch by batch.

The cost of a batch does not depend on its size: one call each to the LMS's enrolments, its profiles and the processor, and one query.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from learning_credentials import discovery
from learning_credentials.conf import get_settings
from learning_credentials.data import Eligibility
from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError, TransientError, UnexpectedError
from learning_credentials.failures import Failure, as_credentials_error, classify
from learning_credentials.lms import Capability, LearningContext, get_lms
from learning_credentials.models import AllowlistEntry, CertificateInvalidation
from learning_credentials.models.batches import in_batches
from learning_credentials.services.credentials.details import FieldsFactory
from learning_credentials.services.credentials.openings import sort_by_opening
from learning_credentials.services.credentials.skipped import Skipped, SkipReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from uuid import UUID

    from learning_credentials.lms import LearnerProfile
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.credentials.openings import Predecessor

logger = logging.getLogger(__name__)

#: Reasons why a learner cannot be decided about now: the LMS does not give the profile, or the processor raised an error.
PROFILE_UNKNOWN = SkipReason.PROFILE_UNKNOWN.value
EVALUATION_FAILED = SkipReason.EVALUATION_FAILED.value
#: The key under which a processor returns the learner's own values of custom fields.
_FIELDS = "fields"
#: If a processor raises for so many learners, the processor is broken, and the run ends with its error.
MAX_PROCESSOR_FAILURES = 10


@dataclass(frozen=True)
class Candidate:
    """A learner who meets the criteria. ``failed_uuid`` is the learner's credential in ERROR, which is to be tried again."""

    eligibility: Eligibility
    profile: LearnerProfile
    failed_uuid: UUID | None = None
    renews: Predecessor | None = None


@dataclass(frozen=True)
class Batch:
    """The result of one batch of enrolled learners: who will receive a credential, who was skipped and why, and counts of the others."""

    checked: int
    candidates: list[Candidate] = field(default_factory=list)
    skipped: dict[SkipReason, set[int]] = field(default_factory=dict)
    already_held: int = 0
    not_eligible: int = 0

    def count_into(self, skipped: Skipped) -> None:
        """Add the learners who receive nothing to the counts of a run."""
        for reason, user_ids in self.skipped.items():
            skipped.add(reason, user_ids)
        skipped.already_held += self.already_held
        skipped.not_eligible += self.not_eligible


def get_context(key: str) -> LearningContext:
    """Return one learning context as the LMS knows it.

    Raises:
        ContextNotFoundError: the LMS does not know it.
    """
    context = get_lms().find_contexts([key]).get(key)
    if context is None:
        msg = f"the LMS does not know the learning context '{key}'"
        raise ContextNotFoundError(msg)
    return context


def iter_batches(
    configuration: CredentialConfiguration,
    *,
    before: Callable[[Sequence[int]], object] | None = None,
    around: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Iterator[Batch]:
    """Yield a result for each batch of learners enrolled in the configuration's context.

    Args:
        configuration: what to issue.
        before: called with the learners' ids of each batch before the batch is evaluated.
        around: returns a context for each batch, in which ``before`` is called and the batch is evaluated.

    Raises:
        ConfigurationError: the processor is not known, or its answers are wrong for too many learners.
        UnexpectedError: the processor raises for too many learners, or for all.
        TransientError: the LMS could not answer, or the database cut the connection.
    """
    evaluate = _Evaluator(configuration)
    key = configuration.learning_context_key
    for enrolments in get_lms().iter_enrolments(key, batch_size=get_settings().ELIGIBILITY_BATCH_SIZE):
        user_ids = [enrolment.user_id for enrolment in enrolments]
        with around():
            if before is not None:
                before(user_ids)
            batch = _look_at(configuration, user_ids, evaluate)
        yield batch
    evaluate.require_success()


def find_candidates(configuration: CredentialConfiguration, user_ids: Sequence[int]) -> list[Candidate]:
    """Return those of the learners to whom a credential can be issued. Raises like `iter_batches`."""
    return _look_at(configuration, user_ids, _Evaluator(configuration)).candidates


def look_at_learners(configuration: CredentialConfiguration, user_ids: Sequence[int]) -> Batch:
    """Return who of the learners can be issued a credential, and who cannot and why. Raises like `iter_batches`."""
    return _look_at(configuration, user_ids, _Evaluator(configuration))


def _look_at(configuration: CredentialConfiguration, user_ids: Sequence[int], evaluate: _Evaluator) -> Batch:
    sorted_ = sort_by_opening(configuration.pk, user_ids)
    openings = sorted_.openings
    known = get_lms().get_profiles(list(openings)) if openings else {}
    profiles = {
        user_id: known[user_id] for user_id in openings if user_id in known and _is_unrestricted(known[user_id])
    }
    found = evaluate(list(profiles), only_users=True)
    eligible = [user_id for user_id in profiles if user_id in found and found[user_id].is_eligible]
    rest = profiles.keys() - eligible
    failed, strangers = rest & evaluate.failed, rest & evaluate.strangers
    skipped = {
        SkipReason.REISSUE_BLOCKED: sorted_.reissue_blocked,
        SkipReason.ATTEMPTS_EXHAUSTED: sorted_.attempts_exhausted,
        SkipReason.PROFILE_UNKNOWN: openings.keys() - known.keys(),
        SkipReason.RESTRICTED: (openings.keys() & known.keys()) - profiles.keys(),
        SkipReason.EVALUATION_FAILED: failed - strangers,
        SkipReason.NO_ACCOUNT: strangers,
    }
    return Batch(
        checked=len(user_ids),
        candidates=[
            Candidate(found[user_id], profiles[user_id], openings[user_id].failed_uuid, openings[user_id].renews)
            for user_id in eligible
        ],
        skipped=skipped,
        already_held=len(user_ids) - len(openings) - len(sorted_.reissue_blocked) - len(sorted_.attempts_exhausted),
        not_eligible=len(rest - failed - strangers),
    )


def evaluate_learner(configuration: CredentialConfiguration, user_id: int) -> Eligibility:
    """Return whether one learner is eligible, with progress, whether or not a credential exists.

    ``progress["reason"]`` is ``not_enrolled`` or ``restricted`` if the learner cannot receive a credential whatever was achieved. It is
    `PROFILE_UNKNOWN` or `EVALUATION_FAILED` if eligibility is not known.
    """
    key = configuration.learning_context_key
    evaluate = _Evaluator(configuration)
    eligibility = evaluate([user_id]).get(user_id) or Eligibility(user_id, is_eligible=False)
    reason = ""
    if (user_id, key) not in get_lms().get_enrolments([key], [user_id]):
        reason = "not_enrolled"
    elif (profile := find_profile(user_id)) is None:
        reason = PROFILE_UNKNOWN
    elif not _is_unrestricted(profile):
        reason = SkipReason.RESTRICTED.value
    elif evaluate.failures and not eligibility.is_eligible:
        reason = EVALUATION_FAILED
    if reason:
        return replace(eligibility, is_eligible=False, progress={**eligibility.progress, "reason": reason})
    return eligibility


def evaluate_criteria(configuration: CredentialConfiguration, user_id: int) -> Eligibility:
    """Return what the processor and the allowlist say about one learner. Enrolment and profile are not asked. Raises like `iter_batches`.

    ``progress["reason"]`` is `EVALUATION_FAILED` if the processor raised an error.
    """
    evaluate = _Evaluator(configuration)
    found = evaluate([user_id]).get(user_id) or Eligibility(user_id, is_eligible=False)
    if evaluate.failures and not found.is_eligible:
        return replace(found, progress={**found.progress, "reason": EVALUATION_FAILED})
    return found


def evaluate_learners(configuration: CredentialConfiguration, user_ids: Sequence[int]) -> list[Eligibility]:
    """Return what the processor finds about these learners. Raises like `iter_batches`."""
    return list(_Evaluator(configuration)(user_ids).values())


def find_eligibilities(configuration: CredentialConfiguration, user_ids: Sequence[int]) -> dict[int, Eligibility]:
    """Return what the processor and the LMS find about these learners, without those for whom the processor fails.

    Raises like `iter_batches`.
    """
    return _Evaluator(configuration)(user_ids, only_users=True)


def find_profile(user_id: int) -> LearnerProfile | None:
    """Return one learner's profile from the LMS, or None if the LMS has none."""
    return get_lms().get_profiles([user_id]).get(user_id)


def _is_unrestricted(profile: LearnerProfile) -> bool:
    return profile.is_active and profile.certificates_allowed


def _describe_met(found: Eligibility | None) -> dict[str, bool]:
    """Return what to note about an allowlisted learner who meets the criteria too."""
    return {"is_met": True} if found is not None and found.is_eligible else {}


def _progress_of(found: Mapping[int, Eligibility], user_id: int) -> Mapping[str, Any]:
    return found[user_id].progress if user_id in found else {}


class _Evaluator:
    """Calls the processor for batches, and isolates the learners for whom it raises."""

    def __init__(self, configuration: CredentialConfiguration) -> None:
        self._plugin = discovery.get_processor(configuration.credential_type.retrieval_func)
        self._key = configuration.learning_context_key
        self._configuration_id = configuration.pk
        self._options = configuration.options
        self._field_names = FieldsFactory(configuration.credential_type, configuration).names
        #: The number of learners for whom the processor failed.
        self.failures = 0
        #: In the last batch: the learners for whom the processor failed, and those who have no account in this database.
        self.failed: set[int] = set()
        self.strangers: set[int] = set()
        self._last_error: Exception | None = None
        self._has_answered = False
        self._all: Mapping[int, Mapping[str, Any]] | None = None

    def __call__(self, user_ids: Sequence[int], *, only_users: bool = False) -> dict[int, Eligibility]:
        """Return the eligibility of the learners. ``only_users`` skips learners who have no account in this database."""
        self.failed, self.strangers = set(), set()
        if not user_ids:
            return {}
        if self._plugin.accepts_user_ids:
            results = self._ask(user_ids)
        elif len(user_ids) == 1:
            results = self._call(user_id=user_ids[0])
        else:
            if self._all is None:  # a processor that takes no batches is called once in a run, for all learners
                self._all = self._call(user_id=None)
            results = self._all
        found = {}
        for user_id in user_ids:
            if user_id not in results:
                continue
            try:
                found[user_id] = self._read(user_id, results[user_id])
                self._has_answered = True
            except ConfigurationError as error:
                if not only_users:
                    raise
                self._note_failure(user_id, error)
        users = self._find_users(user_ids)
        self.strangers = set(user_ids) - users.keys()
        if only_users:
            found = {user_id: eligibility for user_id, eligibility in found.items() if user_id in users}
        found |= {
            user_id: Eligibility(
                user_id,
                is_eligible=True,
                progress={**_progress_of(found, user_id), "is_allowlisted": True, **_describe_met(found.get(user_id))},
                fields=found[user_id].fields if user_id in found else {},
            )
            for user_id, is_allowlisted in users.items()
            if is_allowlisted
        }
        return self._add_fields_of_lms(found)

    def _add_fields_of_lms(self, found: dict[int, Eligibility]) -> dict[int, Eligibility]:
        """Add what the LMS says about the eligible learners' custom fields. What the processor says wins."""
        lms, names = get_lms(), self._field_names
        eligible = [user_id for user_id, eligibility in found.items() if eligibility.is_eligible]
        if not names or not eligible or Capability.LEARNER_FIELDS not in lms.capabilities:
            return found
        said = lms.get_learner_fields(self._key, eligible, names)
        for user_id in eligible:
            values = {name: value for name, value in said.get(user_id, {}).items() if name in names}
            own = found[user_id].fields
            if values and isinstance(own, Mapping):
                found[user_id] = replace(found[user_id], fields={**values, **own})
        return found

    def _find_users(self, user_ids: Sequence[int]) -> dict[int, bool]:
        """Return those of the ids that have an account here, and whether an allowlist entry for this configuration waives the criteria.

        The entry waives only the criteria of the processor, and nothing else.
        """
        entries = AllowlistEntry.objects.filter(
            user_id=OuterRef("pk"), scope=str(self._configuration_id), learning_context_key=self._key, is_active=True
        )
        blocked = CertificateInvalidation.objects.filter(
            user_id=OuterRef("user_id"), learning_context_key=self._key, is_active=True
        )
        users = get_user_model().objects.order_by().annotate(is_allowlisted=Exists(entries.filter(~Exists(blocked))))
        return {
            user_id: is_allowlisted
            for batch in in_batches(user_ids)
            for user_id, is_allowlisted in users.filter(pk__in=batch).values_list("pk", "is_allowlisted")
        }

    def _ask(self, user_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        try:
            return self._call(user_ids=list(user_ids))
        except (TransientError, ConfigurationError, ContextNotFoundError):
            raise
        except Exception as error:
            if len(user_ids) > 1:  # find the learner who causes it by halving, so that the others need not wait
                middle = len(user_ids) // 2
                return {**self._ask(user_ids[:middle]), **self._ask(user_ids[middle:])}
            self._note_failure(user_ids[0], error)
            return {}

    def _note_failure(self, user_id: int, error: Exception) -> None:
        self.failures += 1
        self.failed.add(user_id)
        self._last_error = error
        logger.error("%s failed for user %s in %s", self._plugin.path, user_id, self._key, exc_info=error)
        if self.failures >= MAX_PROCESSOR_FAILURES:
            self._raise(error)

    def require_success(self) -> None:
        """Raise the last error if the processor failed for every learner."""
        if self._last_error is not None and not self._has_answered:
            self._raise(self._last_error)

    def _raise(self, error: Exception) -> NoReturn:
        msg = (
            f"{self._plugin.path} failed for {self.failures} learners. The last error was "
            f"{type(error).__name__}: {error}"
        )
        # A wrong answer will be wrong again. An error may come from an outage of a system that the processor asks.
        kind = ConfigurationError if isinstance(error, ConfigurationError) else UnexpectedError
        raise kind(msg) from error

    def _call(self, **learners: Any) -> Mapping[int, Mapping[str, Any]]:
        try:
            results: Any = self._plugin.function(self._key, self._options, **learners)
        except Exception as error:
            if classify(error) is Failure.OUTAGE:  # no learner is the cause
                raise as_credentials_error(error) from error
            raise
        if not isinstance(results, Mapping):
            msg = f"{self._plugin.path} must return a dict by user id, not {results!r:.100}"
            raise ConfigurationError(msg)
        return results

    def _read(self, user_id: int, result: object) -> Eligibility:
        if not isinstance(result, Mapping) or not isinstance(result.get("is_eligible"), bool):
            msg = f"{self._plugin.path} must return a dict with a boolean 'is_eligible' for each learner, not {result!r:.100}"
            raise ConfigurationError(msg)
        # A type without custom fields has no use for values, and an older processor may call something else "fields".
        fields = result.get(_FIELDS) if self._field_names else None
        taken = {"is_eligible", _FIELDS} if self._field_names else {"is_eligible"}
        progress = {key: value for key, value in result.items() if key not in taken}
        return Eligibility(user_id, result["is_eligible"], progress, {} if fields is None else fields)
