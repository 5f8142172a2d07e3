"""The public Django signals of the app.

The app sends its signals after commit and in batches, with ``send_robust``: if a receiver fails, the others still run. Ids are strings or
integers, so every serialiser can send them. Receivers read the rows from the database. If a process dies, a signal can be lost or repeated.
Treat a signal as a hint and the database as the truth.
"""

import logging

from django.dispatch import Signal

logger = logging.getLogger(__name__)

#: Generation runs wait for a worker. Arguments: ``run_ids`` (list of int).
runs_requested = Signal()

#: Credentials in status GENERATING wait for a worker. Arguments: ``chunks`` (list of lists of str: credential UUIDs).
credentials_pending = Signal()

#: Credentials became AVAILABLE. Arguments: ``credential_uuids`` (list of str), ``configuration_id`` (int).
credentials_issued = Signal()

#: Credentials became ERROR. Arguments: ``credential_uuids`` (list of str), ``configuration_id`` (int).
credentials_failed = Signal()

#: Credentials became INVALIDATED. Arguments: ``credential_uuids`` (list of str), ``reason`` (str).
credentials_invalidated = Signal()

#: A credential was replaced by its successor. Arguments: ``old_uuid`` (str), ``new_uuid`` (str), ``reason`` (str).
credential_reissued = Signal()

#: Messages wait for a worker. Arguments: ``kind`` (str: what the messages say), ``context_key`` (str: the course run, or empty).
messages_waiting = Signal()

#: Jobs wait for a worker. Arguments: ``job_ids`` (list of int).
jobs_waiting = Signal()

#: Certificate statuses in a course run changed. Arguments: ``course_key`` (str), ``statuses`` (dict: the new status by user id).
standings_changed = Signal()

#: The largest number of ids in one signal.
MAX_IDS = 500

# The host's LMS sends the signals below. The app stores a message in the host's transaction and evaluates the learner's standing after
# commit. Messages may come late, twice or in the wrong order, because the app reads the facts again.

#: A learner's grade in a course run is now passing. Arguments: ``user_id`` (int), ``course_key`` (str).
grade_now_passing = Signal()

#: A learner's grade in a course run is now failing. No other signal takes a ``downloadable`` status away because of a grade.
#: Arguments: ``user_id`` (int), ``course_key`` (str).
grade_now_failing = Signal()

#: A learner's enrolment mode in a course run changed. Arguments: ``user_id`` (int), ``course_key`` (str).
enrolment_mode_changed = Signal()

#: A learner's identity was verified. The app evaluates every course run in which the learner has a standing. Arguments: ``user_id`` (int).
identity_verified = Signal()


def send(signal: Signal, **arguments: object) -> None:
    """Send one of the app's signals. If a receiver raises, log the error and continue."""
    for receiver, response in signal.send_robust(sender=None, **arguments):
        if isinstance(response, Exception):
            logger.error("A receiver failed: %s", receiver, exc_info=response)
