"""A page of another site, in real browsers, fetches badges that were really issued and verifies them with LearnCard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.signals import request_started

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from tests.badge_cases import replace
from tests.services.badge_verifiers import HERE, PROGRAMS
from tests.services.browsers import BROWSERS, open_page
from tests.services.issued_badges import PDF, REVOKED, VALID, issue, judge_learn_card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from learning_credentials.models import Credential

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LEARN_CARD = PROGRAMS / "node_modules" / "@learncard"
FILES = {
    "/page.mjs": HERE / "badges" / "page.mjs",
    "/learncard.mjs": HERE / "badges" / "learncard.mjs",
    "/core.mjs": LEARN_CARD / "core" / "dist" / "core.esm.js",
    "/plugin.mjs": LEARN_CARD / "didkit-plugin" / "dist" / "didkit-plugin.esm.js",
    "/plugin.wasm": LEARN_CARD / "didkit-plugin" / "dist" / "didkit_wasm_bg.wasm",
}


@pytest.fixture
def requests() -> Iterator[list[tuple[str, str]]]:
    """Method and path of each request to the site."""
    noted: list[tuple[str, str]] = []

    def note(environ: dict[str, Any], **_kwargs: Any) -> None:
        noted.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))

    request_started.connect(note)
    yield noted
    request_started.disconnect(note)


@pytest.fixture
def url(live_server: Any, app_settings: Any) -> str:
    """The address of the site. LearnCard asks ``localhost`` without encryption, and no other host."""
    cache.clear()
    app_settings(SIGNING_KEYS=[{"private_key": create_key().export(), "is_active": True}], BASE_URL=live_server.url)
    assert urlsplit(live_server.url).hostname == "localhost"
    return str(live_server.url)


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> str:
    if not (PROGRAMS / ".installed").exists():
        pytest.fail("needs verifiers, which `make test-services` installs", pytrace=False)
    return str(request.param)


@pytest.fixture
def verify(browser: str, url: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Have a page verify the badges of credentials, which it fetches, and others as their holders kept them."""

    def verify(fetched: dict[str, Credential], **kept: dict[str, Any]) -> dict[str, Any]:
        urls = {name: f"{url}{get_path(row)}" for name, row in fetched.items()}
        work = {"urls": urls, "badges": kept}
        answer: dict[str, Any] = open_page(browser, FILES, work, tmp_path_factory.mktemp("browser"))
        assert "problem" not in answer, answer["problem"]
        assert {urlsplit(address).hostname for address in answer["asked"]} == {"127.0.0.1", "localhost"}
        return answer

    return verify


def get_path(row: Credential) -> str:
    return f"/credentials/{row.verify_uuid}/badge.json"


def judge(answer: dict[str, Any]) -> dict[str, str]:
    return {name: judge_learn_card(said) for name, said in answer["answers"].items()}


def test_pages_of_other_sites_verify_badges(
    browser: str, verify: Callable[..., dict[str, Any]], requests: list[tuple[str, str]]
) -> None:
    first, other, _ = issue(PDF)
    answer = verify({"first": first, "other": other})
    assert judge(answer) == {"first": VALID, "other": VALID}
    badges = answer["fetched"]
    # The page sends a header of its own, for which every browser asks first.
    asked_first = {path for method, path in requests if method == "OPTIONS"}
    assert {get_path(first), get_path(other)} <= asked_first
    # LearnCard sends its name as User-Agent with its request for the keys. Firefox asks first, Chromium leaves it out.
    assert ("/credentials/did.json" in asked_first) == (browser == "firefox-esr")

    api.invalidate_credential(first.pk, reason="Issued in error.")

    changed = replace(badges["other"], ("credentialSubject", "achievement", "name"), "Another")
    said = judge(verify({"other": other}, first=badges["first"], changed=changed))
    assert "signature" in said.pop("changed")
    assert said == {"first": REVOKED, "other": VALID}
