"""Explains one configuration for one learner: the reasons, what the learner has and needs, and what would be enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError, UnexpectedError
from learning_credentials.lms import Capability, get_lms
from learning_credentials.models import Credential, LearnerCertificate
from learning_credentials.services.common import read_name
from learning_credentials.services.course_runs import is_issuing_course_certificates, issues_course_certificates
from learning_credentials.services.credentials import EVALUATION_FAILED, evaluate_criteria
from learning_credentials.services.desk.story_enough import find_enough
from learning_credentials.services.desk.story_needs import read_extra, read_needs, read_problems
from learning_credentials.services.desk.story_values import Award, NeedKind, Reason, ReasonCode
from learning_credentials.services.standings import decide, describe_facts, gather_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from learning_credentials.data import Eligibility
    from learning_credentials.lms import Grade, LearnerProfile, LearningContext
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.desk.story_asking import Asking
    from learning_credentials.services.desk.story_places import Place, Places
    from learning_credentials.services.desk.story_records import Records

Status = Credential.Status
DOWNLOADABLE = LearnerCertificate.Status.DOWNLOADABLE
_ALSO_FOR_KEPT = frozenset({ReasonCode.RESTRICTED, ReasonCode.PROFILE_UNKNOWN, ReasonCode.NOT_ENROLLED})
#: The most steps of a learning path about whose categories the LMS is asked.
_MAX_STEPS = 10


class Awarder:
    """Explains the configurations of one page, one after the other."""

    def __init__(self, user_id: Any, profile: LearnerProfile | None, places: Places, asking: Asking) -> None:
        self._user_id = user_id
        self._profile = profile
        self._places = places
        self._asking = asking

    def tell(self, place: Place, records: Records, contexts: Mapping[str, LearningContext]) -> Award:
        """Return what there is to say about one configuration, or about a context that has none."""
        key = place.context_key
        configuration = records.configurations.get(place.configuration_id or 0)
        is_run = configuration is not None and issues_course_certificates(configuration)
        held = records.credentials.get(configuration.pk, []) if configuration else []
        scope = "" if is_run or configuration is None else str(configuration.pk)
        run = records.runs.get(key)
        named = next((each.credential.learning_context_name for each in held), "")
        award = Award(
            configuration=configuration,
            context_key=key,
            context_name=contexts[key].name if key in contexts else named or key,
            is_course_certificate=is_run,
            course_certificate_id=run.pk if run else None,
            credentials=tuple(held),
            standing=records.standings.get(key) if is_run or configuration is None else None,
            entry=records.entries.get((key, scope)),
            invalidation=records.invalidations.get(key),
        )
        if configuration is None:
            return replace(award, reasons=tuple(_explain_decisions(award, records)))
        current = award.current
        if current is not None and current.status == Status.AVAILABLE and not current.is_expired:
            return replace(award, reasons=tuple(_explain_held(award)))
        return self._explain(award, configuration, records)

    def _explain(self, award: Award, configuration: CredentialConfiguration, records: Records) -> Award:
        """Explain why the learner has no valid credential."""
        told = [*_explain_held(award), *_explain_decisions(award, records)]
        if configuration.pk in records.passed_over:
            run, reason = records.passed_over[configuration.pk]
            told.append(Reason(ReasonCode.PASSED_OVER, at=run.created, text=reason, row_id=run.pk))
        try:
            tell = self._tell_course_certificate if award.is_course_certificate else self._tell_criteria
            award, more = tell(award, configuration)
        except (ConfigurationError, ContextNotFoundError) as error:
            more = [Reason(ReasonCode.MISCONFIGURED, text=str(error))]
        except UnexpectedError as error:
            more = [Reason(ReasonCode.EVALUATION_FAILED, text=str(error))]
        told += more
        if not any(reason.prevents or reason.code is ReasonCode.GENERATING for reason in told):
            told.append(Reason(ReasonCode.READY, at=configuration.next_run_at if configuration.is_enabled else None))
        if not configuration.is_enabled:
            told.append(Reason(ReasonCode.NOT_ENABLED))
        award = replace(award, reasons=tuple(told))
        return replace(award, enough=find_enough(award, self._find_grades(award)))

    # The criteria of a processor

    def _tell_criteria(self, award: Award, configuration: CredentialConfiguration) -> tuple[Award, list[Reason]]:
        found = self._asking.ask(lambda: evaluate_criteria(configuration, self._user_id))
        if found is None:
            return award, [*self._explain_account(award), Reason(ReasonCode.NOT_ASKED, text=self._asking.problem)]
        award = replace(
            award,
            needs=read_needs(found.progress, award.context_key, award.context_name),
            problems=read_problems(found.progress),
            extra=read_extra(found.progress),
        )
        return award, [*self._explain_account(award), *_explain_criteria(award, found)]

    def _explain_account(self, award: Award) -> Iterator[Reason]:
        """Yield what the LMS says about the learner, beside the criteria."""
        key = award.context_key
        if key in self._places.asked and key not in self._places.enrolments:
            yield Reason(ReasonCode.NOT_ENROLLED)
        profile = self._profile
        if profile is None:
            if not self._asking.problem:
                yield Reason(ReasonCode.PROFILE_UNKNOWN)
            return
        if not (profile.is_active and profile.certificates_allowed):
            yield Reason(ReasonCode.RESTRICTED)
        if not read_name(profile):
            yield Reason(ReasonCode.NAME_MISSING)

    # The rules of course certificates

    def _tell_course_certificate(
        self, award: Award, configuration: CredentialConfiguration
    ) -> tuple[Award, list[Reason]]:
        key = configuration.learning_context_key
        reasons = [] if is_issuing_course_certificates(key) else [Reason(ReasonCode.NO_COURSE_CERTIFICATES)]
        gathered = self._asking.ask(lambda: gather_facts(key, [self._user_id]))
        if gathered is None:
            return award, [*reasons, Reason(ReasonCode.NOT_ASKED, text=self._asking.problem)]
        facts = describe_facts(gathered, self._user_id)
        explained = list(_explain_facts(facts))
        status = award.standing.status if award.standing else None
        if not facts["is_earning"] and decide(gathered.facts[self._user_id], status) == DOWNLOADABLE:
            # The learner keeps what was earned. Only these reasons prevent that a credential is issued for it.
            explained = [reason for reason in explained if reason.code in _ALSO_FOR_KEPT]
            explained.append(Reason(ReasonCode.KEPT))
        reasons += explained
        profile = gathered.profiles.get(self._user_id)
        if profile is not None and not read_name(profile):
            reasons.append(Reason(ReasonCode.NAME_MISSING))
        return replace(award, facts=facts), reasons

    def _find_grades(self, award: Award) -> dict[str, Grade]:
        """Return the learner's grades in the course runs where a grade is missing, by key. They have the weights of the categories."""
        if Capability.GRADES not in get_lms().capabilities:
            return {}
        graded = {NeedKind.TOTAL, NeedKind.CATEGORY}
        lacking = [
            run.run_key for run in award.needs if any(need.kind in graded and not need.is_met for need in run.needs)
        ]
        found = {}
        for key in lacking[:_MAX_STEPS]:
            grades = self._asking.ask(lambda key=key: get_lms().get_grades(key, [self._user_id]))  # type: ignore[misc]
            if grades and self._user_id in grades:
                found[key] = grades[self._user_id]
        return found


def _explain_held(award: Award) -> Iterator[Reason]:
    """Yield what there is: a valid credential, or one that is expired, being made or failed."""
    unfinished: dict[str, ReasonCode] = {Status.GENERATING: ReasonCode.GENERATING, Status.ERROR: ReasonCode.FAILED}
    for each in award.credentials:
        row = each.credential
        if row.status in unfinished:
            yield Reason(unfinished[row.status], text=row.error_message, row_id=row.pk)
        elif row.is_current and row.is_expired:
            yield Reason(ReasonCode.EXPIRED, at=row.expires_at, row_id=row.pk)
        elif row.is_current:
            yield Reason(ReasonCode.HELD, at=row.issued_at, row_id=row.pk)
            if not each.visibility.is_visible:
                yield Reason(ReasonCode.HIDDEN, at=each.visibility.visible_from, row_id=award.course_certificate_id)


def _explain_decisions(award: Award, records: Records) -> Iterator[Reason]:
    """Yield what staff decided about the learner here."""
    row = award.invalidation
    if row is not None and (award.is_course_certificate or award.configuration is None):
        yield Reason(ReasonCode.BARRED, by=_name(row.created_by), at=row.created, text=row.notes, row_id=row.pk)
    for each in award.credentials:
        if each.credential.blocks_reissue:
            event = records.blocks.get(each.credential.pk)
            yield Reason(
                ReasonCode.BLOCKED,
                by=_name(event.actor) if event else "",
                at=each.credential.invalidated_at,
                text=each.credential.invalidation_reason,
                row_id=each.credential.pk,
            )
    entry = award.entry
    if entry is not None:
        yield Reason(
            ReasonCode.ALLOWED, by=_name(entry.created_by), at=entry.created, text=entry.notes, row_id=entry.pk
        )


def _explain_criteria(award: Award, found: Eligibility) -> Iterator[Reason]:
    if found.is_eligible:
        return
    if found.progress.get("reason") == EVALUATION_FAILED:
        yield Reason(ReasonCode.EVALUATION_FAILED)
    elif found.progress.get("is_unknown") is True and not any(
        not need.is_met and need.have is not None for run in award.needs for need in run.needs
    ):
        yield Reason(ReasonCode.CRITERIA_UNKNOWN)
    else:
        yield Reason(ReasonCode.CRITERIA)


def _explain_facts(facts: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield every fact that prevents a course certificate, and not only the one that decides."""
    if facts["is_restricted"] is True:
        yield Reason(ReasonCode.RESTRICTED)
    elif facts["is_restricted"] is None:
        yield Reason(ReasonCode.PROFILE_UNKNOWN)
    if not facts["mode"]:
        yield Reason(ReasonCode.NOT_ENROLLED)
    elif not facts["is_earning_mode"]:
        yield Reason(ReasonCode.MODE, text=facts["mode"])
    if facts["is_identity_required"] and not facts["is_identity_verified"]:
        is_unknown = facts["is_identity_verified"] is None
        yield Reason(ReasonCode.IDENTITY_UNKNOWN if is_unknown else ReasonCode.IDENTITY)
    if not facts["is_allowlisted"] and facts["is_passing"] is not True:
        yield Reason(ReasonCode.GRADE if facts["is_passing"] is False else ReasonCode.GRADE_UNKNOWN)


def _name(user: Any) -> str:
    return user.get_username() if user else ""
