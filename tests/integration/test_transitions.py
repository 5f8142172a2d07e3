"""Random sequences of everything that changes the status of credentials, and several of them at the same time."""

from __future__ import annotations

import random
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from learning_credentials.exceptions import CredentialsError, GenerationError, TransientError
from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import Credential, CredentialEvent, GenerationRun, StatusList, StrayPlace
from learning_credentials.services.common import retry_on_contention
from learning_credentials.services.issuing import (
    change_expiry,
    issue_credential,
    issue_pending_credentials,
    reissue_credential,
    renew_credential,
    start_run,
    sweep_stale_credentials,
)
from learning_credentials.services.staff import invalidate_credential, lift_reissue_block
from tests.app_settings import override_app_settings
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration import chunk_plugins, failing
from tests.integration.credential_books import Books
from tests.integration.threads import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status

#: Errors that a generator can raise. SystemExit stands for a worker that is killed.
ERRORS: dict[str, Callable[[], BaseException]] = {
    "refused": lambda: GenerationError("the name cannot be printed", code="name_unprintable"),
    "refused otherwise": lambda: GenerationError("the font is broken"),
    "outage": lambda: TransientError("the printer is busy"),
    "bug": lambda: ValueError("an accident in a plug-in"),
    "killed": SystemExit,
}
#: Faults of the storage.
FAULTS = ("full", "killed after saving", "answer lost")
LEARNERS = 2
UNENDED = (Status.GENERATING, Status.AVAILABLE, Status.ERROR)
#: Numbers below select a credential that an operation can change, this one any credential.
ANY = 4
TABLES = (CredentialEvent, Credential, GenerationRun, StatusList, StrayPlace)


class Desk:
    """Does everything that changes the status of a credential, at a site with a few learners.

    Operations are methods. Each takes a number that selects the learner or the credential. ``befall`` says what happens to the next
    credential that this thread renders.
    """

    OPERATIONS = ("issue", "run", "run_by_tasks", "reissue", "renew", "expire", "sweep", "invalidate", "block", "lift")

    def __init__(self, configuration_id: int, user_ids: list[int]) -> None:
        self._configuration_id = configuration_id
        self._user_ids = user_ids
        self._fates = local()
        chunk_plugins.BEFORE_EACH.append(lambda _credential: self._meet_fate())

    def do(self, operation: str, number: int, fate: str = "") -> None:
        """Do something. Refusals are expected, and a worker may be killed."""
        self._fates.next, self._fates.number = fate, number
        if fate in FAULTS and not (fate.startswith("killed") and operation in {"invalidate", "block"}):
            failing.FAULTS[fate] = 1  # a process that is killed while it archives a file sends no more signals
        try:
            getattr(self, operation)(number)
        except (CredentialsError, SystemExit):
            pass
        finally:
            self._fates.next = ""
            failing.FAULTS.clear()

    def _meet_fate(self) -> None:
        fate, self._fates.next = getattr(self._fates, "next", ""), ""
        if fate in ERRORS:
            error = ERRORS[fate]()
            raise error
        if fate in self.OPERATIONS:
            self.do(fate, self._fates.number)

    def _choose(self, number: int, **wanted: object) -> Credential:
        """Choose a credential: almost always one that the operation can change."""
        rows = Credential.objects.order_by("-created", "pk")
        found = list(rows.filter(**wanted) if number < ANY else rows) or list(rows)
        return found[number % len(found)]

    def issue(self, number: int) -> None:
        issue_credential(self._configuration_id, self._user_ids[number % len(self._user_ids)])

    def run(self, number: int) -> None:
        issue_pending_credentials(self._configuration_id)

    def run_by_tasks(self, number: int) -> None:
        start_run(self._configuration_id)

    def invalidate(self, number: int) -> None:
        credential = self._choose(number, status__in=UNENDED)
        invalidate_credential(credential.pk, reason="Plagiarism", blocks_reissue=False)

    def block(self, number: int) -> None:
        credential = self._choose(number, status__in=UNENDED)
        invalidate_credential(credential.pk, reason="Issued in error", blocks_reissue=True)

    def lift(self, number: int) -> None:
        for credential in Credential.objects.filter(blocks_reissue=True):
            lift_reissue_block(credential.pk, reason="Appeal upheld")

    def reissue(self, number: int) -> None:
        credential = self._choose(number, status=Status.AVAILABLE, is_current=True)
        reissue_credential(credential.pk, reason="Name corrected")

    def renew(self, number: int) -> None:
        renew_credential(self._choose(number, status=Status.AVAILABLE, expires_at__isnull=False, is_current=True).pk)

    def expire(self, number: int) -> None:
        credential = self._choose(number, status=Status.AVAILABLE, expires_at=None, is_current=True)
        if credential.issued_at:
            change_expiry(credential.pk, credential.issued_at + timedelta(microseconds=1), reason="It was a trial")

    def sweep(self, number: int) -> None:
        """Sweep after some days in which no worker renewed anything."""
        let_time_pass()
        sweep_stale_credentials()


@retry_on_contention
def let_time_pass() -> None:
    """Make everything look older."""
    past = timezone.now() - timedelta(days=2)
    Credential.objects.exclude(generation_started_at=None).update(generation_started_at=past, created=past)
    GenerationRun.objects.update(created=past)
    GenerationRun.objects.exclude(lease_renewed_at=None).update(lease_renewed_at=past)
    StrayPlace.objects.update(begun_at=past, next_attempt_at=past)


#: What happens while a credential is rendered: every third time nothing.
FATES = (*[""] * 9, *ERRORS, *FAULTS, *Desk.OPERATIONS)
#: The storage is the same for all threads, so its faults would meet any of them.
FATES_OF_THREADS = [fate for fate in FATES if fate not in FAULTS]


@contextmanager
def open_site() -> Iterator[tuple[Desk, Books]]:
    """Open a site with enrolled learners and no credentials. Remove everything afterwards."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        changes: dict[str, object] = {
            "GENERATOR_MODULES": ["tests.plugins", "tests.integration.chunk_plugins"],
            "STORAGE": {
                "BACKEND": "tests.integration.failing.FailingStorage",
                "OPTIONS": {"location": str(directory / "files")},
            },
            "REVOCATION_LOG": str(directory / "revocations.jsonl"),
            "NOTIFY_LEARNERS": False,
            "MAX_ATTEMPTS": 2,
            "OUTAGE_TIMEOUT": 60,
        }
        stack.enter_context(override_app_settings(**changes))
        world = stack.enter_context(fake_lms())
        configuration = CredentialConfigurationFactory(
            credential_type__generation_func="tests.integration.chunk_plugins.generate_from_assets"
        )
        world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
        users = UserFactory.create_batch(LEARNERS)
        for user in users:
            world.enrol(user.pk, configuration.learning_context_key)
        books = Books()
        stack.enter_context(books.listening())
        try:
            yield Desk(configuration.pk, [user.pk for user in users]), books
        finally:
            chunk_plugins.BEFORE_EACH.clear()
            Credential.objects.update(replaces=None)
            for table in TABLES:
                table.objects.all().delete()


@settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    has_expired=st.booleans(),
    steps=st.lists(
        st.tuples(st.sampled_from(Desk.OPERATIONS), st.integers(0, ANY), st.sampled_from(FATES)),
        min_size=20,
        max_size=20,
    ),
)
def test_one_after_the_other(has_expired, steps):
    """Do one thing after the other, and some while a credential is rendered."""
    with open_site() as (desk, books):
        desk.do("issue", 0)
        if has_expired:
            desk.do("expire", 0)
        for operation, number, fate in steps:
            desk.do(operation, number, fate)
            books.check()
        settle(desk, books)


def settle(desk: Desk, books: Books) -> None:
    """Sweep until nothing is left to do."""
    desk.do("sweep", 0)
    desk.do("sweep", 0)
    books.check()
    assert not Credential.objects.filter(status=Status.GENERATING).exists()
    assert not Credential.objects.filter(status=Status.INVALIDATED, archived_at=None).exists()


@pytest.mark.parametrize("seed", range(4))
def test_at_the_same_time(seed):
    """Three threads do whatever comes to their minds."""

    def act(desk: Desk, chance: random.Random) -> None:
        for _ in range(8):
            operation = chance.choice((*Desk.OPERATIONS, "reissue", "reissue", "renew"))
            desk.do(operation, chance.randrange(ANY), chance.choice(FATES_OF_THREADS))

    with open_site() as (desk, books):
        for number in range(LEARNERS):
            desk.do("issue", number)
        chances = [random.Random(f"{seed} {thread}") for thread in range(3)]
        results = at_once(*[lambda chance=chance: act(desk, chance) for chance in chances])
        assert [result for result in results if result is not None] == []
        settle(desk, books)
