"""Every address of the app answers each kind of account according to its permissions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.checks import run_checks
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from learning_credentials.lms import Act
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.models import CourseCertificate, Credential
from tests.factories import CourseCertificateFactory, CredentialConfigurationFactory, CredentialFactory, UserFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

KEY = "course-v1:Aurora+PY101+2026"
OTHER_KEY = "course-v1:Aurora+PY102+2026"
REST = "api/learning_credentials/v1/"
JSON = "application/json"

#: Addresses that answer everybody alike.
PUBLIC = {
    "credentials/{verify_uuid}/share/",
    "credentials/did.json",
    "credentials/status/{list_id}/",
    "credentials/badge-images/",
    "credentials/badge-images/{slug}/",
    "credentials/verify/",
    "credentials/theme/{accent}.css",
    "credentials/{verify_uuid}/",
    "credentials/{verify_uuid}/logo/",
    "credentials/{verify_uuid}/picture/",
    "credentials/{verify_uuid}/qr.svg",
    "credentials/{verify_uuid}/badge.json",
    "credentials/{verify_uuid}/badge.png",
    "credentials/{verify_uuid}/badge.svg",
    "credentials/{verify_uuid}/achievement/",
    REST,
    f"{REST}metadata/{{verify_uuid}}/",
    f"{REST}verify/",
    f"{REST}schema/",
}
DOCS = Path(__file__).parent.parent.parent / "docs"


class Scene(NamedTuple):
    """What the addresses are asked about."""

    learner: Any
    other: Any
    configuration: Any
    file: Credential
    own_file: Credential


class Case(NamedTuple):
    """Something that one asks of an address, and who gets it. ``permissions``: those of which each alone is enough."""

    address: str
    ask: Callable[[Client, Scene], Any]
    granted: int
    nobody: int
    learner: int
    permissions: set[str] = set()  # noqa: RUF012


def _post(client: Client, path: str, body: Any, method: str = "POST") -> Any:
    return client.generic(method, f"/{path}", body if isinstance(body, str) else _dump(body), content_type=JSON)


def _dump(body: Any) -> str:
    import json

    return json.dumps(body)


def _status(address: str, make: Callable[[Scene], Any]) -> Callable[[Client, Scene], Any]:
    return lambda client, scene: _post(client, REST + address, make(scene))


ELIGIBILITY = f"{REST}eligibility/{{context_key}}/"
REQUEST = f"{ELIGIBILITY}{{configuration_id}}/"
DOWNLOAD = "credentials/{verify_uuid}/download/"
CERTIFICATES = f"{REST}course_certificates/"
CERTIFICATE = f"{CERTIFICATES}{{course_key}}/"
LIST = "credentials/"
INDEXING = "credentials/{verify_uuid}/indexing/"
VIEW_LEARNERS = {"view_learnercertificate", "change_learnercertificate"}

CASES = {
    "the list of one's own": Case(LIST, lambda client, _: client.get(f"/{LIST}"), 200, 302, 200),
    "indexing of one's own": Case(
        INDEXING, lambda client, scene: client.post(f"/credentials/{scene.own_file.verify_uuid}/indexing/"), 404, 302, 302
    ),
    "indexing of another's": Case(
        INDEXING, lambda client, scene: client.post(f"/credentials/{scene.file.verify_uuid}/indexing/"), 404, 302, 404
    ),
    "a file for anyone": Case(
        DOWNLOAD, lambda client, _: client.get(f"/credentials/{CredentialFactory(available=True).verify_uuid}/download/"), 200, 200, 200
    ),
    "one's own file": Case(
        DOWNLOAD,
        lambda client, scene: client.get(f"/credentials/{scene.own_file.verify_uuid}/download/"),
        200,
        403,
        200,
        {"download_file", "view_credential", "change_credential"},
    ),
    "another's file": Case(
        DOWNLOAD,
        lambda client, scene: client.get(f"/credentials/{scene.file.verify_uuid}/download/"),
        200,
        403,
        403,
        {"download_file", "view_credential", "change_credential"},
    ),
    "a context": Case(
        f"{REST}configured/{{context_key}}/",
        lambda client, _: client.get(f"/{REST}configured/{KEY}/"),
        200,
        403,
        200,
        {"view_credentialconfiguration", "change_credentialconfiguration"},
    ),
    "a context without access": Case(
        f"{REST}configured/{{context_key}}/",
        lambda client, _: client.get(f"/{REST}configured/{OTHER_KEY}/"),
        200,
        403,
        403,
        {"view_credentialconfiguration", "change_credentialconfiguration"},
    ),
    "one's own eligibility": Case(
        ELIGIBILITY,
        lambda client, _: client.get(f"/{REST}eligibility/{KEY}/"),
        200,
        403,
        200,
        {"view_credentialconfiguration", "change_credentialconfiguration"},
    ),
    "another's eligibility": Case(
        ELIGIBILITY,
        lambda client, scene: client.get(f"/{REST}eligibility/{KEY}/?username={scene.other.username}"),
        200,
        403,
        403,
    ),
    "one's own request": Case(
        REQUEST,
        lambda client, scene: _post(client, f"{REST}eligibility/{KEY}/{scene.configuration.pk}/", {}),
        409,  # who is not enrolled cannot have it
        403,
        202,
        {"view_credentialconfiguration", "change_credentialconfiguration"},
    ),
    "a request for another": Case(
        REQUEST,
        lambda client, scene: _post(
            client, f"{REST}eligibility/{KEY}/{scene.configuration.pk}/", {"username": scene.other.username}
        ),
        202,
        403,
        403,
    ),
    "another's status": Case(
        f"{REST}learner_cert_status/",
        _status("learner_cert_status/", lambda scene: {"username": scene.other.username, "course_runs": [KEY]}),
        200,
        401,
        403,
        VIEW_LEARNERS,
    ),
    "one's own status": Case(
        f"{REST}learner_cert_status/",
        _status("learner_cert_status/", lambda scene: {"username": scene.learner.username, "course_runs": [KEY]}),
        200,
        401,
        200,
        VIEW_LEARNERS,
    ),
    "many statuses": Case(
        f"{REST}bulk_learner_cert_status/",
        _status(
            "bulk_learner_cert_status/",
            lambda scene: [
                {"username": user.username, "course_runs": [KEY]} for user in (scene.learner, scene.other)
            ],
        ),
        200,
        401,
        403,
        VIEW_LEARNERS,
    ),
    "another's program": Case(
        f"{REST}learner_program_status/",
        _status("learner_program_status/", lambda scene: {"username": scene.other.username, "program_uuid": "path-1"}),
        200,
        401,
        403,
        VIEW_LEARNERS,
    ),
    "the certificate of a run": Case(
        CERTIFICATE,
        lambda client, _: client.get(f"/{REST}course_certificates/{KEY}/"),
        200,
        401,
        403,
        {"view_coursecertificate", "change_coursecertificate"},
    ),
    "a date, by PATCH": Case(
        CERTIFICATE,
        lambda client, _: _post(client, f"{CERTIFICATES}{KEY}/", {"certificate_available_date": None}, "PATCH"),
        200,
        401,
        403,
        {"change_coursecertificate"},
    ),
    "a date, by PUT": Case(
        CERTIFICATE,
        lambda client, _: _post(client, f"{CERTIFICATES}{KEY}/", {"certificate_available_date": None}, "PUT"),
        200,
        401,
        403,
        {"change_coursecertificate"},
    ),
    "a date, by POST": Case(
        CERTIFICATES,
        lambda client, _: _post(client, CERTIFICATES, {"course_id": KEY, "certificate_available_date": None}),
        200,
        401,
        403,
        {"change_coursecertificate"},
    ),
    "a new row, by POST": Case(
        CERTIFICATES, lambda client, _: _post(client, CERTIFICATES, {"course_id": OTHER_KEY}), 201, 401, 403, {"add_coursecertificate"}
    ),
    "a new row, by PUT": Case(
        CERTIFICATE, lambda client, _: _post(client, f"{CERTIFICATES}{OTHER_KEY}/", {}, "PUT"), 201, 401, 403, {"add_coursecertificate"}
    ),
}  # fmt: skip


@pytest.fixture
def scene(world, app_settings) -> Scene:
    app_settings(PUBLIC_THROTTLE_RATE=None)
    cache.clear()
    for key in (KEY, OTHER_KEY):
        world.add_course_run(key)
    world.add_learning_path("path-1", steps=[KEY])
    configuration = CredentialConfigurationFactory(
        learning_context_key=KEY, allow_self_generation=True, credential_type__download_policy="owner"
    )
    learner, other = UserFactory.create_batch(2)
    world.enrol_many([learner.pk, other.pk], KEY)
    CourseCertificateFactory(course_key=KEY)
    private = CredentialConfigurationFactory(learning_context_key=KEY, credential_type__download_policy="owner")
    file, own_file = (CredentialFactory(available=True, user=user, configuration=private) for user in (other, learner))
    return Scene(learner, other, configuration, file, own_file)


def list_addresses() -> Iterator[str]:
    """Return every address below the app's root, with the names of its parts in braces."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield "".join(
                    f"{{{part.partition(':')[2]}}}" if number % 2 else part
                    for number, part in enumerate(route.replace(">", "<").split("<"))
                )

    (app,) = (
        pattern for pattern in get_resolver().url_patterns if getattr(pattern, "app_name", "") == "learning_credentials"
    )
    yield from walk(app.url_patterns, "")


def client_of(user: Any) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def ask(case: Case, user: Any, scene: Scene) -> int:
    return send(case, client_of(user), scene)


def send(case: Case, client: Client, scene: Scene) -> int:
    CourseCertificate.objects.filter(course_key=OTHER_KEY).delete()
    response = case.ask(client, scene)
    if response.streaming:
        response.getvalue()  # closes the file
    return response.status_code


def test_every_address_is_in_the_table_and_in_the_docs():
    told = (DOCS / "references" / "access.rst").read_text()
    addresses = set(list_addresses())
    assert addresses == PUBLIC | {case.address for case in CASES.values()}
    assert [address for address in addresses if f"``/{address}``" not in told] == []


def test_every_act_is_in_the_docs_with_its_permissions():
    told = (DOCS / "references" / "access.rst").read_text()
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}
    for act in Act:
        assert f"``{act.value}``" in told
        assert act.permissions
        assert set(act.permissions) <= known
        assert [name for name in act.permissions if f"``{name.partition('.')[2]}``" not in told] == []


@pytest.mark.parametrize("address", sorted(PUBLIC))
def test_what_is_public_answers_everybody_alike(scene, address):
    path = address.format(
        verify_uuid=CredentialFactory(available=True).verify_uuid, list_id=1, accent="336699", slug="red"
    )
    for method in ("get", "post", "options"):
        askers = (None, scene.learner, UserFactory(staff=True), UserFactory(superuser=True))
        answers = {getattr(client_of(user), method)(f"/{path}").status_code for user in askers}
        assert len(answers) == 1
        assert answers.isdisjoint({401, 403, 302}) or method == "post"


@pytest.mark.parametrize("name", CASES)
def test_who_gets_what(scene, name):
    case = CASES[name]
    assert ask(case, None, scene) == case.nobody
    assert ask(case, scene.learner, scene) == case.learner
    assert ask(case, UserFactory(superuser=True), scene) == case.granted


@pytest.mark.parametrize("name", CASES)
def test_staff_without_permissions_are_strangers(scene, name):
    case = CASES[name]
    stranger = ask(case, UserFactory(), scene)
    assert ask(case, UserFactory(staff=True), scene) == stranger
    assert stranger != case.granted or not case.permissions


@pytest.mark.parametrize("name", CASES)
def test_each_single_permission(scene, name):
    case = CASES[name]
    stranger = ask(case, UserFactory(), scene)
    user = UserFactory(staff=True)
    client = client_of(user)

    def find_granting(permissions: list[Permission]) -> set[str]:
        """Return the permissions of which each alone changes the answer. Many that change nothing together need one request."""
        user.user_permissions.set(permissions)
        if not permissions or send(case, client, scene) == stranger:
            return set()
        if len(permissions) == 1:
            return {permissions[0].codename}
        half = len(permissions) // 2
        return find_granting(permissions[:half]) | find_granting(permissions[half:])

    permissions = list(Permission.objects.filter(content_type__app_label="learning_credentials"))
    expected = [permission for permission in permissions if permission.codename in case.permissions]
    others = [permission for permission in permissions if permission.codename not in case.permissions]
    assert {codename for permission in expected for codename in find_granting([permission])} == case.permissions
    assert find_granting(others) == set()


@pytest.mark.parametrize("name", CASES)
def test_an_account_that_is_not_active_gets_nothing(scene, name, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    case = CASES[name]
    user = UserFactory(superuser=True, is_active=False)
    for granted in (None, *Act):
        if granted:
            FakeLMS.world.permit(user.pk, granted)
        answer = ask(case, user, scene)
        assert answer in {401, 403} or answer == case.nobody == case.granted


def test_another_learner_takes_the_context_and_the_act(scene):
    """The two acts about another learner need access to the context as well."""
    for name, permission in (
        ("another's eligibility", "view_learnercertificate"),
        ("a request for another", "add_credential"),
    ):
        case = CASES[name]
        assert ask(case, UserFactory(permissions=[permission]), scene) == 403
        assert ask(case, UserFactory(permissions=[permission, "view_credentialconfiguration"]), scene) == case.granted
        enrolled = UserFactory(permissions=[permission])
        FakeLMS.world.enrol(enrolled.pk, KEY)
        assert ask(case, enrolled, scene) == case.granted


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("another's file", Act.DOWNLOAD_FILE),
        ("the certificate of a run", Act.VIEW_COURSE_CERTIFICATE),
        ("a date, by PATCH", Act.CHANGE_COURSE_CERTIFICATE),
        ("a date, by POST", Act.CHANGE_COURSE_CERTIFICATE),
        ("a context", Act.VIEW_CONTEXT),
    ],
)
def test_the_backend_maps_roles_for_one_context(scene, world, name, act):
    here, elsewhere = UserFactory.create_batch(2)
    world.permit(here.pk, act, KEY)
    world.permit(elsewhere.pk, act, OTHER_KEY)
    assert ask(CASES[name], here, scene) == CASES[name].granted
    assert ask(CASES[name], elsewhere, scene) == 403


def test_the_backend_maps_roles_for_all_contexts(scene, world):
    service = UserFactory()
    world.permit(service.pk, Act.VIEW_LEARNER_STATUS)
    for name in ("another's status", "many statuses", "another's program"):
        assert ask(CASES[name], service, scene) == 200


class OwnRowsBackend:
    """Knows permissions for single objects."""

    def authenticate(self, _request, **_credentials):
        return None

    def has_perm(self, user, perm, obj=None):
        if user.username != "ranger" or obj is None:
            return False
        return getattr(obj, "course_key", KEY) == KEY and perm.partition(".")[2] in {
            "view_credential",
            "change_coursecertificate",
        }


def test_permissions_for_single_objects_are_respected(scene, settings):
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        f"{OwnRowsBackend.__module__}.{OwnRowsBackend.__qualname__}",
    ]
    ranger = UserFactory(username="ranger")
    client = Client()
    client.force_login(ranger, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert send(CASES["another's file"], client, scene) == 200
    CourseCertificateFactory(course_key=OTHER_KEY)
    for key, expected in ((KEY, 200), (OTHER_KEY, 403)):
        assert _post(client, f"{CERTIFICATES}{key}/", {"is_active": False}, "PATCH").status_code == expected


def test_an_lms_that_is_down_is_no_refusal(scene, world):
    registrar = client_of(UserFactory())
    world.outage = True
    assert registrar.get(f"/credentials/{scene.file.verify_uuid}/download/").status_code == 503
    response = registrar.get(f"/{CERTIFICATES}{KEY}/")
    assert (response.status_code, response.json()["code"]) == (503, "lms_unavailable")
    assert ask(CASES["one's own file"], scene.learner, scene) == 200


@pytest.mark.parametrize("key", ["course%00run", "x" * 300])
def test_a_key_that_no_run_has_is_no_error(scene, key):
    for user, expected in ((UserFactory(), 403), (UserFactory(superuser=True), 404)):
        assert client_of(user).get(f"/{CERTIFICATES}{key}/").status_code == expected


def test_who_may_ask_about_anyone_has_no_limit(scene, app_settings):
    app_settings(LEARNER_THROTTLE_RATE="2/min")
    registrar = UserFactory(permissions=["view_learnercertificate", "view_credentialconfiguration"])
    case = CASES["another's eligibility"]
    assert {ask(case, registrar, scene) for _ in range(4)} == {200}
    assert [ask(case, scene.learner, scene) for _ in range(3)] == [403, 403, 429]
    staff = UserFactory(staff=True)
    assert [ask(case, staff, scene) for _ in range(3)] == [403, 403, 429]


def test_the_root_lists_every_endpoint(client):
    response = client.get(f"/{REST}")
    told = {address.removeprefix(f"http://testserver/{REST}") for address in response.json().values()}
    assert told == {address.removeprefix(REST) for address in list_addresses() if address.startswith(REST)} - {""}
    assert client.get(f"/{REST}", headers={"accept": "text/html"}).status_code == 200


# The check


def find_warning() -> Any:
    return next(
        (
            message
            for message in run_checks(tags=["learning_credentials"], databases=["default"])
            if message.id == "learning_credentials.W034"
        ),
        None,
    )


@pytest.fixture
def default_hook(monkeypatch):
    """Let the backend be one that maps no roles."""
    monkeypatch.delattr(FakeLMS, "has_permission")


@pytest.mark.usefixtures("default_hook", "world")
def test_accounts_that_lack_permissions_are_named():
    UserFactory(username="learner")
    UserFactory(username="boss", superuser=True)
    UserFactory(username="former", staff=True, is_active=False)
    full = UserFactory(username="full", staff=True)
    full.user_permissions.set(Permission.objects.filter(content_type__app_label="learning_credentials"))
    assert find_warning() is None
    UserFactory(username="clerk", staff=True)
    UserFactory(username="dater", staff=True, permissions=["add_coursecertificate", "change_coursecertificate"])
    text = find_warning().msg
    assert "(2)" in text
    assert "clerk (" in text
    assert "download_file" in text.partition("dater (")[2]
    assert "change_course_certificate" not in text.partition("dater (")[2]
    assert not any(name in text for name in ("learner (", "boss", "former", "full ("))


@pytest.mark.usefixtures("default_hook", "world")
def test_the_list_of_accounts_is_bounded():
    UserFactory.create_batch(25, staff=True)
    text = find_warning().msg
    assert "(25)" in text
    assert text.count("view_context") == 20
    assert "and 5 more. The flag" in text


@pytest.mark.usefixtures("world")
def test_nothing_is_said_where_the_backend_maps_roles():
    UserFactory(staff=True)
    assert find_warning() is None


def test_an_id_that_is_unknown_is_no_refusal(scene):
    assert client_of(None).get(f"/credentials/{uuid4()}/download/").status_code == 404
