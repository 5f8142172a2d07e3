"""The public Django signals. All are sent after commit, in batches, with ``send_robust``: a failing receiver harms nobody.

Ids are strings or integers that survive any serialiser; receivers read the rows themselves. Messages may be lost or repeated when a
process dies: treat a signal as a hint and the database as the truth.
"""

import logging

from django.dispatch import Signal

logger = logging.getLogger(__name__)

#: Runs wait to be worked on. Arguments: ``run_ids`` (list of int).
runs_requested = Signal()

#: GENERATING rows wait to be claimed. Arguments: ``chunks`` (list of lists of str: credential uuids).
credentials_pending = Signal()

#: Credentials became AVAILABLE. Arguments: ``credential_uuids`` (list of str), ``configuration_id`` (int).
credentials_issued = Signal()

#: Credentials became ERROR. Arguments: ``credential_uuids`` (list of str), ``configuration_id`` (int).
credentials_failed = Signal()

#: Credentials became INVALIDATED. Arguments: ``credential_uuids`` (list of str), ``reason`` (str).
credentials_invalidated = Signal()

#: A successor took the place of a credential. Arguments: ``old_uuid`` (str), ``new_uuid`` (str), ``reason`` (str).
credential_reissued = Signal()

#: Messages wait to be worked off. Arguments: ``kind`` (str: what the messages say), ``context_key`` (str: the course run, or empty).
messages_waiting = Signal()

#: Learners' standings in a course run changed. Arguments: ``course_key`` (str), ``statuses`` (dict: the new status by user id).
standings_changed = Signal()

#: How many ids one message carries.
MAX_IDS = 500

# What a host's LMS sends. The app keeps a message in the host's transaction and evaluates the learner's standing after commit. Messages may
# come late, twice or in another order than the facts, because the facts are read again.

#: A learner's grade in a course run is passing now. Arguments: ``user_id`` (int), ``course_key`` (str).
grade_now_passing = Signal()

#: A learner's grade in a course run is failing now: the only signal that takes a standing away from a learner for a grade.
#: Arguments: ``user_id`` (int), ``course_key`` (str).
grade_now_failing = Signal()

#: A learner's enrolment mode in a course run changed. Arguments: ``user_id`` (int), ``course_key`` (str).
enrolment_mode_changed = Signal()

#: A learner's identity was verified; concerns every run in which the learner has a record. Arguments: ``user_id`` (int).
identity_verified = Signal()


def send(signal: Signal, **arguments: object) -> None:
    """Send one of the app's signals; a receiver that raises is logged and stops nobody."""
    for receiver, response in signal.send_robust(sender=None, **arguments):
        if isinstance(response, Exception):
            logger.error("A receiver failed: %s", receiver, exc_info=response)
