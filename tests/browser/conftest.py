"""Open the pages in a real browser. A server serves them as a host does."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AXE = Path(__file__).resolve().parent.parent.parent / "build" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1200, "height": 900}
PHONE = {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all these tests: they need programs that `make test-services` installs."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.services)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield Chromium without a window."""
    from playwright.sync_api import sync_playwright

    # The event loop that controls the browser runs in this thread. Django would treat the thread as asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu"])
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(transactional_db: None, live_server: Any, app_settings: Any) -> str:
    """Return the address of the host, which ``BASE_URL`` names too. The pages offer badges, but no test here loads them."""
    app_settings(BASE_URL=live_server.url, SIGNING_KEYS=[{"private_key": "not looked at"}])
    address: str = live_server.url
    return address


@pytest.fixture
def visit(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open a page. Check that it loads nothing from other sites and that the browser reports no errors."""
    contexts = []
    complaints: list[str] = []
    asked: set[str] = set()

    def open_page(
        path: str, *, status: int = 200, user: Any = None, size: dict[str, int] | None = None, **options: Any
    ) -> Any:
        context = browser.new_context(viewport=size or DESKTOP, **options)
        contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": _sign_in(user), "url": site}])
        page = context.new_page()
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        # A 404 page is itself reported as an error. All other reports are about the page's behaviour.
        page.on(
            "console", lambda message: complaints.append(message.text) if "status of 4" not in message.text else None
        )
        response = page.goto(site + path, wait_until="load")
        assert response.status == status
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert asked <= {urlsplit(site).netloc}


@pytest.fixture
def list_barriers() -> Callable[[Any], list[str]]:
    """Return axe-core's findings, one line each. All of its rules are checked."""
    source = AXE.read_text()

    def ask(page: Any) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        assert len(found["passes"]) > 10  # it has checked something
        return [
            f"{violation['id']}: {violation['help']}: {json.dumps([node['html'] for node in violation['nodes']])}"
            for violation in found["violations"]
        ]

    return ask


def _sign_in(user: Any) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)
