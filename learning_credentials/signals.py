"""The public Django signals. All are sent after commit, in batches, with ``send_robust``: a failing receiver harms nobody.

Ids are strings or integers that survive any serialiser; receivers read the rows themselves. Messages may be lost or repeated when a
process dies: treat a signal as a hint and the database as the truth.
"""

from django.dispatch import Signal

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
