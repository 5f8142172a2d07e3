"""Issues a credential to one learner, when the learner requests it or staff ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import (
    GenerationError,
    LMSUnavailableError,
    NotEligibleError,
    ReissueBlockedError,
    SelfGenerationDisabledError,
    UnexpectedError,
)
from learning_credentials.models import Credential, CredentialConfiguration, MailHold
from learning_credentials.services.common import find_known_accounts, get_actor_id
from learning_credentials.services.course_runs import is_self_generation_allowed, issues_course_certificates
from learning_credentials.services.credentials import (
    ATTEMPTS_EXHAUSTED,
    EVALUATION_FAILED,
    PROFILE_UNKNOWN,
    Candidate,
    Opening,
    PendingFactory,
    evaluate_learner,
    find_current,
    find_openings,
    find_profile,
    get_context,
    open_mail_hold,
    send_pending,
)
from learning_credentials.services.issuing.chunks import issue_chunk
from learning_credentials.services.issuing.configurations import get_configuration
from learning_credentials.services.standings import Cause, evaluate_and_store

if TYPE_CHECKING:
    from learning_credentials.services.common import Actor

Status = Credential.Status

NO_ACCOUNT = "the learner has no account on this site"
IN_WORK = "the learner's expired credential is being reissued. Try again when that is finished"


def request_credential(configuration_id: int, user_id: int) -> Credential:
    """Request a credential for a learner who asks for it. Return it in GENERATING. A worker issues it. Asking again changes nothing.

    If ``MAX_ATTEMPTS`` attempts failed, the credential stays in ERROR.

    Raises:
        ConfigurationError: there is no such configuration.
        SelfGenerationDisabledError: learners cannot request this credential, or any.
        NotEligibleError: the criteria are not met, or the learner is not enrolled or is restricted.
        ReissueBlockedError: staff invalidated the learner's credential and blocked a new one.
        TransientError: the LMS could not answer.
    """
    configuration = get_configuration(configuration_id)
    if not is_self_generation_allowed(configuration):
        msg = "learners cannot request this credential themselves"
        raise SelfGenerationDisabledError(msg)
    current = find_current(configuration.pk, user_id)
    if current is not None and current.error_code == ATTEMPTS_EXHAUSTED:
        return current  # it may be what kills the workers, so only staff can have it tried again
    credential, is_waiting = _put(configuration, user_id, user_id)
    if is_waiting:
        send_pending([credential.pk])
    return credential


def issue_credential(configuration_id: int, user_id: int, *, actor: Actor = None) -> Credential:
    """Issue a credential to one eligible learner, in this process. If the learner has the credential already, return that one.

    Returns:
        The credential: AVAILABLE, or GENERATING if another worker is issuing it or an error needs a retry.

    Raises:
        GenerationError: the generator failed; the credential is in ERROR.
        Other errors as in `request_credential`, except SelfGenerationDisabledError.
    """
    credential, is_waiting = _put(get_configuration(configuration_id), user_id, actor)
    if not is_waiting:
        return credential
    issue_chunk([credential.pk])
    credential.refresh_from_db()
    if credential.status == Status.ERROR:
        raise GenerationError(credential.error_message, code=credential.error_code)
    return credential


def _put(configuration: CredentialConfiguration, user_id: int, actor: Actor) -> tuple[Credential, bool]:
    """Return the credential that counts for the learner, created if needed, and whether it waits to be issued."""
    current = find_current(configuration.pk, user_id)
    if current is not None and current.status != Status.ERROR:
        return current, _is_waiting(current)
    if Credential.objects.filter(configuration=configuration, user_id=user_id, blocks_reissue=True).exists():
        msg = "staff revoked the credential and blocked a new one. Staff must lift the block first"
        raise ReissueBlockedError(msg)
    if issues_course_certificates(configuration):
        # The learner may ask directly after passing, before an event or the schedule has updated the standing.
        evaluate_and_store(configuration.learning_context_key, [user_id], cause=Cause.STAFF, actor=actor)
    found = evaluate_learner(configuration, user_id)
    profile = find_profile(user_id)
    if not found.is_eligible or profile is None:
        reason = found.progress.get("reason", "criteria_not_met" if profile else PROFILE_UNKNOWN)
        if reason == PROFILE_UNKNOWN:
            raise LMSUnavailableError("the LMS did not return the learner's profile. Try again later")
        if reason == EVALUATION_FAILED:
            raise UnexpectedError("the learner could not be evaluated because of an error. Try again later")
        msg = f"the learner is not eligible: {str(reason).replace('_', ' ')}"
        raise NotEligibleError(msg)
    if not find_known_accounts([user_id]):
        raise NotEligibleError(NO_ACCOUNT)
    context = get_context(configuration.learning_context_key)
    is_by_staff = get_actor_id(actor) != user_id
    hold_id = open_mail_hold(MailHold.Act.ISSUE, actor, context.key) if is_by_staff else None
    factory = PendingFactory(configuration, context, mail_hold_id=hold_id)
    opening = Opening(failed_uuid=current.pk) if current is not None else None
    opening = opening or find_openings(configuration.pk, [user_id]).get(user_id)
    if opening is not None:  # else another process was faster, or an expired credential is being reissued
        factory.put([Candidate(found, profile, opening.failed_uuid, opening.renews)], actor=actor)
    credential = find_current(configuration.pk, user_id)
    if credential is None:
        raise factory.refusal or NotEligibleError(NO_ACCOUNT if opening is not None else IN_WORK)
    return credential, _is_waiting(credential)


def _is_waiting(credential: Credential) -> bool:
    return credential.status == Status.GENERATING and not credential.generation_task_id
