"""Says what an act would do, before it is done, with the code that does it.

Runs, available dates and allowlists are tried in a transaction that is then rolled back. So no second version of the rules can disagree
with the act. Signals and messages are sent only after a commit, so none is sent. Invalidations and reissues of many credentials only read,
so that their pages need few queries. Nothing is rendered: a credential that is to be issued can still fail.
"""

from learning_credentials.services.desk.consequences.allowlisting import foresee_allowlist_import
from learning_credentials.services.desk.consequences.dates import foresee_available_date
from learning_credentials.services.desk.consequences.reissues import foresee_reissues
from learning_credentials.services.desk.consequences.revocations import foresee_invalidations
from learning_credentials.services.desk.consequences.runs import SMALL, foresee_configuration, list_changes
from learning_credentials.services.desk.consequences.values import Consequences

__all__ = [
    "SMALL",
    "Consequences",
    "foresee_allowlist_import",
    "foresee_available_date",
    "foresee_configuration",
    "foresee_invalidations",
    "foresee_reissues",
    "list_changes",
]
