"""A colleague with one course run reaches nothing of another one, by no address, action, export, search or answer of the API.

The addresses come from Django's resolver, the actions from the admin. How each address is asked is in `scope_probes.py`.
New pages have to be entered there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from learning_credentials import models
from learning_credentials.services.common import CONTEXT_LOOKUPS
from tests.factories import ISSUED_AT, CredentialAssetFactory, IssuerFactory, SignatoryFactory, UserFactory
from tests.integration import scope_probes as probes
from tests.integration.scope_scene import (
    KINDS,
    OTHER,
    OWN,
    SECRET,
    Scene,
    make_colleague,
    make_scene,
    read_other_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PREFIX = "learning_credentials_"
#: One kind of colleague in every run of the tests, the others in the long ones: each asks hundreds of addresses.
every_kind = pytest.mark.parametrize(
    "kind", [KINDS[0], *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS[1:])]
)


@pytest.fixture
def scene(world, app_settings) -> Scene:
    app_settings(PUBLIC_THROTTLE_RATE=None, LEARNER_THROTTLE_RATE=None)
    cache.clear()
    return make_scene(world)


def sign_in(user: Any) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def list_admin_pages() -> list[tuple[str, str]]:
    """Return the name and the route of each page of this app in the admin. Django's redirect of ``<id>/`` has no name."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern) and "admin/learning_credentials/" in route and pattern.name:
                yield pattern.name.removeprefix(PREFIX), route

    return list(walk(get_resolver().url_patterns, ""))


def list_addresses() -> set[str]:
    """Return every address of the app outside the admin, with the names of its parts in braces."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                parts = route.replace(">", "<").split("<")
                yield "".join(
                    f"{{{part.partition(':')[2]}}}" if number % 2 else part for number, part in enumerate(parts)
                )

    (app,) = (each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "learning_credentials")
    return {route.removeprefix("api/learning_credentials/v1/") for route in walk(app.url_patterns, "")}


def read(response: Any) -> str:
    if getattr(response, "streaming", False):
        return response.getvalue().decode(errors="replace").lower()
    return (response.content.decode(errors="replace") + response.headers.get("Location", "")).lower()


def find_leaks(response: Any, scene: Scene, asked: str = "") -> list[str]:
    """Return the texts of the other course run in an answer. The answer may repeat the address that was asked."""
    body = read(response).replace(asked.lower(), "") if asked else read(response)
    return [text for text in scene.list_hidden() if text in body]


def is_refused(response: Any) -> bool:
    if response.status_code == 302:
        return response.headers["Location"].rstrip("/").endswith("/admin") or "/login/" in response.headers["Location"]
    return response.status_code in {403, 404}


def test_every_page_of_the_admin_is_in_the_table():
    names = {name for name, _route in list_admin_pages()}
    missing, gone = sorted(names - set(probes.PROBES)), sorted(set(probes.PROBES) - names)
    assert missing == [], "enter these pages in tests/integration/scope_probes.py"
    assert gone == []


def test_every_other_address_is_in_a_table():
    addresses = list_addresses()
    assert addresses - probes.PUBLIC == set(probes.OUTSIDE_ADMIN), (
        "enter these addresses in tests/integration/scope_probes.py"
    )
    assert addresses >= probes.PUBLIC


def test_every_model_belongs_to_contexts_or_is_shared_or_technical():
    """A new model has to be entered in `CONTEXT_LOOKUPS` or `SHARED`, and here if nobody but the whole site's staff sees its rows."""
    from django.apps import apps

    from learning_credentials.services.common import SHARED

    technical = set(apps.get_app_config("learning_credentials").get_models()) - set(CONTEXT_LOOKUPS) - SHARED
    assert {model._meta.model_name for model in technical} == probes.TECHNICAL_MODELS


@every_kind
def test_pages_of_the_admin(scene, kind):
    colleague, superuser = sign_in(make_colleague(kind)), sign_in(UserFactory(superuser=True))
    before, problems = read_other_rows(), []
    for name, _route in list_admin_pages():
        probe = probes.PROBES[name]
        if isinstance(probe, probes.Custom):
            problems += check_custom(name, probe, colleague, scene)
        elif probe == probes.ROW:
            problems += check_row(name, colleague, superuser, scene)
        else:
            problems += CHECKS[probe](name, colleague, scene)
    assert problems == []
    assert read_other_rows() == before


def check_row(name: str, colleague: Client, superuser: Client, scene: Scene) -> list[str]:
    page = f"admin:{PREFIX}{name}"
    other, own = (scene.get(name.partition("_")[0], place) for place in (OTHER, OWN))
    url, problems = reverse(page, args=[other.pk]), []
    for method, answer in (("GET", colleague.get(url)), ("POST", colleague.post(url, probes.ANSWERS))):
        if not is_refused(answer) and answer.status_code != 405:
            problems.append(f"{name}: {method} {answer.status_code}")
        problems += [f"{name}: {method} shows {text}" for text in find_leaks(answer, scene, str(other.pk))]
    colleague.get(reverse("admin:index"))  # shows the message that repeats the id
    everything = superuser.get(url)
    read(everything)  # closes files
    is_for_nobody = everything.status_code == 403  # history cannot be deleted
    if everything.status_code == 404 or (is_for_nobody and not name.endswith("_delete")):
        problems.append(f"{name}: not even a superuser reaches it")
    seen = colleague.get(reverse(page, args=[own.pk]))
    if seen.status_code in {403, 404} and not is_for_nobody:
        problems.append(f"{name}: her own gives {seen.status_code}")
    return [*problems, *(f"{name}: her own shows {text}" for text in find_leaks(seen, scene))]


def check_list(name: str, colleague: Client, scene: Scene) -> list[str]:
    url = reverse(f"admin:{PREFIX}{name}")
    plain, searched = colleague.get(url), colleague.get(url, {"q": SECRET})
    leaks = [*find_leaks(plain, scene), *find_leaks(searched, scene, SECRET)]
    return [f"{name}: {text}" for text in leaks]


def check_shared(name: str, colleague: Client, scene: Scene) -> list[str]:
    makers = {"credentialasset": CredentialAssetFactory, "issuer": IssuerFactory, "signatory": SignatoryFactory}
    url = reverse(f"admin:{PREFIX}{name}", args=[makers[name.partition("_")[0]]().pk])
    problems = [f"{name}: {text}" for text in find_leaks(colleague.get(url), scene)]
    if name.endswith(("_change", "_delete")) and not is_refused(colleague.post(url, probes.ANSWERS)):
        problems.append(f"{name}: may be changed")
    return problems


def check_site(name: str, colleague: Client, scene: Scene) -> list[str]:
    args = [] if name.endswith(("_changelist", "_add")) else [make_site_row(name).pk]
    url = reverse(f"admin:{PREFIX}{name}", args=args)
    answers = (colleague.get(url), colleague.post(url, probes.ANSWERS))
    return [f"{name}: seen" for answer in answers if not is_refused(answer) and answer.status_code != 405]


def make_site_row(name: str) -> Any:
    webhook, _ = models.Webhook.objects.get_or_create(name="Umbra", url="https://umbra.example.com/")
    makers = {
        "statuslist": models.StatusList.objects.create,
        "strayplace": lambda: models.StrayPlace.objects.create(
            name="umbra", begun_at=ISSUED_AT, next_attempt_at=ISSUED_AT
        ),
        "webhook": lambda: webhook,
        "webhookdelivery": lambda: models.WebhookDelivery.objects.create(
            webhook=webhook, event="run.finished", source=name, occurred_at=ISSUED_AT
        ),
    }
    return makers[name.partition("_")[0]]()


def check_nobody(name: str, colleague: Client, scene: Scene) -> list[str]:
    args = [] if name.endswith("_add") else [scene.get(name.partition("_")[0], OWN).pk]
    return [] if is_refused(colleague.get(reverse(f"admin:{PREFIX}{name}", args=args))) else [f"{name}: seen"]


def check_nobody_limited(name: str, colleague: Client, scene: Scene) -> list[str]:
    args = [scene.get("contextgrant", OWN).pk] if name.endswith("_end") else []
    url = reverse(f"admin:{PREFIX}{name}", args=args)
    answers = (
        colleague.get(url, {"q": "umbra", "person": scene.learners[OTHER].username}),
        colleague.post(url, probes.ANSWERS),
    )
    return [f"{name}: seen" for answer in answers if not is_refused(answer)]


CHECKS = {
    probes.LIST: check_list,
    probes.NOBODY: check_nobody,
    probes.NOBODY_LIMITED: check_nobody_limited,
    probes.SHARED: check_shared,
    probes.SITE: check_site,
}


def check_custom(name: str, probe: probes.Custom, colleague: Client, scene: Scene) -> list[str]:
    problems = []
    for place in (OWN, OTHER):
        answers = probe.ask(colleague, scene, place)
        if probe.refused:
            problems += [
                f"{name} about {place}: {answer.status_code}"
                for answer in answers
                if (is_refused(answer) or answer.status_code == 404) != (place == OTHER) and answer.status_code != 405
            ]
        for response in answers:
            asked = response.request.get("QUERY_STRING", "")
            repeated = scene.get("coursecertificate", OTHER).course_key if asked else ""
            problems += [f"{name} about {place}: {text}" for text in find_leaks(response, scene, repeated)]
    return problems


@every_kind
def test_lists_count_and_find_only_her_own(scene, kind):
    colleague = sign_in(make_colleague(kind))
    for model, model_admin in admin.site._registry.items():
        if model not in CONTEXT_LOOKUPS:
            continue
        url = reverse(f"admin:{PREFIX}{model._meta.model_name}_changelist")
        own = colleague.get(url).context["cl"]
        assert own.result_count > 0, model
        assert all(scene.get(model._meta.model_name, OTHER).pk != row.pk for row in own.result_list), model
        if model_admin.get_search_fields(None):
            for text in (SECRET, "Umbra", scene.learners[OTHER].email, probes.OTHER_KEY):
                assert colleague.get(url, {"q": text}).context["cl"].result_count == 0, (model, text)


@every_kind
def test_actions_leave_other_rows_alone(scene, kind):
    user = make_colleague(kind)
    colleague, before, problems = sign_in(user), read_other_rows(), []
    request = RequestFactory().get("/")
    request.user = user
    for model, model_admin in admin.site._registry.items():
        name = model._meta.model_name
        if model._meta.app_label != "learning_credentials" or name not in scene.rows[OTHER]:
            continue
        url = reverse(f"admin:{PREFIX}{name}_changelist")
        for action in model_admin.get_actions(request):
            for across in ("0", "1"):
                chosen = {
                    "action": action,
                    "select_across": across,
                    ACTION_CHECKBOX_NAME: [scene.get(name, OTHER).pk],
                    "index": "0",
                }
                for answers in ({}, {**probes.ANSWERS, "action": action}):
                    response = colleague.post(url, {**answers, **chosen}, follow=True)
                    problems += [
                        f"{name} {action}: {text}"
                        for text in find_leaks(response, scene, str(scene.get(name, OTHER).pk))
                    ]
    assert problems == []
    assert read_other_rows() == before


@every_kind
def test_suggestions_of_rows(scene, kind):
    """Django's autocompletion, for each field of the app that has it."""
    colleague = sign_in(make_colleague(kind))
    url, asked = reverse("admin:autocomplete"), 0
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "learning_credentials":
            continue
        for owner in (model_admin, *model_admin.inlines):
            for field in owner.autocomplete_fields:
                for term in ("", "Umbra"):
                    about = {
                        "app_label": "learning_credentials",
                        "model_name": owner.model._meta.model_name,
                        "field_name": field,
                        "term": term,
                    }
                    response = colleague.get(url, about)
                    asked += response.status_code == 200
                    assert find_leaks(response, scene) == [], about
    for term in ("", "Umbra"):
        about = {
            "app_label": "learning_credentials",
            "model_name": "allowlistentry",
            "field_name": "configuration",
            "term": term,
        }
        assert find_leaks(colleague.get(url, about), scene) == []
    assert asked


@every_kind
def test_the_first_pages(scene, kind):
    colleague = sign_in(make_colleague(kind))
    for url in (reverse("admin:index"), reverse("admin:app_list", args=["learning_credentials"])):
        response = colleague.get(url)
        assert response.status_code == 200
        assert find_leaks(response, scene) == []


def list_codes(answers: list[Any]) -> list[int]:
    for answer in answers:
        read(answer)  # closes files
    return [answer.status_code for answer in answers]


@every_kind
def test_outside_the_admin(scene, kind):
    colleague, superuser = sign_in(make_colleague(kind)), sign_in(UserFactory(superuser=True))
    for name, probe in probes.OUTSIDE_ADMIN.items():
        before = read_other_rows()
        answers = probe.ask(colleague, scene, OTHER)
        after = read_other_rows()
        for response in answers:
            assert response.status_code in {401, 403, 404} or name == "credentials/", (
                name,
                response.status_code,
                read(response),
            )
            assert find_leaks(response, scene, probes.OTHER_KEY) == [], name
        if name != "credentials/{verify_uuid}/download/":  # its probe adds a credential
            assert after == before, name
        allowed = list_codes(probe.ask(colleague, scene, OWN))
        assert not allowed or min(allowed) < 400 or name in probes.NOT_FOR_COLLEAGUES, (name, allowed)
        assert min(list_codes(probe.ask(superuser, scene, OTHER))) < 400 or name in probes.NOT_FOR_COLLEAGUES, name
