"""A broker that is down, or accepts connections and never answers, delays what a host tells and loses none of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from demo.lms.models import AssignmentCategory, CourseRun, Enrolment, Score
from learning_credentials import api
from learning_credentials.models import Credential, HostMessage, LearnerCertificate
from learning_credentials.services.issuing import issue_chunk
from tests.brokers import Wire
from tests.factories import CredentialConfigurationFactory
from tests.services.chaos.servers import all_servers as servers
from tests.services.world import RUN_KEY, enrol_learners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.processes import Processes

pytestmark = [pytest.mark.services]

#: Seconds. Reaching for the broker takes 2 for each attempt of the first task; the others do not try.
BOUND = 6


@pytest.fixture
def wire(real_broker_url: str) -> Iterator[Wire]:
    parts = urlsplit(real_broker_url)
    wire = Wire(parts.hostname or "127.0.0.1", parts.port or {"redis": 6379, "amqp": 5672}[parts.scheme])
    wire.mend()
    yield wire
    wire.cut()


@pytest.fixture
def broker_url(real_broker_url: str, wire: Wire) -> str:
    """The broker, over the wire."""
    parts = urlsplit(real_broker_url)
    account = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{account}127.0.0.1:{wire.port}"))


class OwnBroker:
    """A broker of this test's own, which can be stopped for real."""

    def __init__(self, real_broker_url: str) -> None:
        self._server = (servers.Redis if real_broker_url.startswith("redis") else servers.RabbitMQ)()
        self._server.start()
        self.url = self._server.url

    def kill(self) -> None:
        """Kill it, as a machine that fails does."""
        self._server.kill()

    def mend(self) -> None:
        """Start it again. Redis has lost what it held."""
        self._server.restart()

    def stop(self) -> None:
        """Stop it and remove its files."""
        self._server.stop()


def set_score(user_id: int, percent: int) -> None:
    category = AssignmentCategory.objects.get(run__key=RUN_KEY)
    Score.objects.update_or_create(user_id=user_id, category=category, defaults={"percent": percent})


def list_standings() -> dict[int, str]:
    return dict(LearnerCertificate.objects.values_list("user_id", "status"))


@pytest.mark.parametrize("way", ["cut", "freeze"])
def test_every_signal_ends_as_it_would_have(processes: Processes, wire: Wire, way: str) -> None:
    assert_every_signal_ends_as_it_would_have(processes, wire, getattr(wire, way))


class TestStopped:
    """The broker itself is killed, and started again."""

    @pytest.fixture
    def own_broker(self, real_broker_url: str) -> Iterator[OwnBroker]:
        broker = OwnBroker(real_broker_url)
        yield broker
        broker.stop()

    @pytest.fixture
    def broker_url(self, own_broker: OwnBroker) -> str:
        return own_broker.url

    def test_every_signal_ends_as_it_would_have(self, processes: Processes, own_broker: OwnBroker) -> None:
        assert_every_signal_ends_as_it_would_have(processes, own_broker, own_broker.kill)


def assert_every_signal_ends_as_it_would_have(
    processes: Processes, broker: Wire | OwnBroker, lose: Callable[[], None]
) -> None:
    """Lose the broker, send every signal that a host sends, and mend the broker: all ends as it would have."""
    enrol_learners(4)
    AssignmentCategory.objects.create(run=CourseRun.objects.get(key=RUN_KEY), name="Exam", weight=100)
    CredentialConfigurationFactory(
        learning_context_key=RUN_KEY,
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates",
        credential_type__generation_func="tests.plugins.generate_text_credential",
        next_run_at=timezone.now() + timedelta(days=10),  # no schedule makes up for anything
    )
    failing, passing, changing, verified = get_user_model().objects.order_by("pk").values_list("pk", flat=True)
    Enrolment.objects.filter(user_id=changing).update(mode="audit")
    set_score(failing, 90)
    set_score(verified, 90)
    api.evaluate_course_certificates(RUN_KEY, [failing, verified])
    set_score(verified, 10)
    api.evaluate_course_certificates(RUN_KEY, [verified], cause=api.Cause.GRADE_FAILING)
    before = {failing: "downloadable", verified: "notpassing"}
    assert list_standings() == before
    live = Credential.objects.filter(is_current=True, status=Credential.Status.AVAILABLE)
    issue_chunk(list(Credential.objects.filter(status=Credential.Status.GENERATING).values_list("pk", flat=True)))
    assert live.filter(user_id=failing).exists()

    lose()
    set_score(failing, 10)
    for user_id in (passing, changing, verified):
        set_score(user_id, 90)
    Enrolment.objects.filter(user_id=changing).update(mode="honor")
    seconds = processes.send_signals(
        RUN_KEY,
        f"grade_now_failing={failing}",
        f"grade_now_passing={passing}",
        f"enrolment_mode_changed={changing}",
        f"identity_verified={verified}",
    )
    assert seconds < BOUND
    assert HostMessage.objects.count() == 4
    assert list_standings() == before

    broker.mend()
    # Started now: whether a worker of Celery's finds its way back to a broker is not what is tested.
    processes.start_worker()
    processes.start_beat()
    after = {failing: "notpassing", passing: "downloadable", changing: "downloadable", verified: "downloadable"}
    processes.wait_until(lambda: list_standings() == after, "the standings follow")
    processes.wait_until(
        lambda: set(live.values_list("user_id", flat=True)) == set(after) - {failing}, "so do credentials"
    )
    processes.wait_until(lambda: not HostMessage.objects.exists(), "nothing is left to do")
