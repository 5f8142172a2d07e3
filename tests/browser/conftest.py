"""A real browser before the pages, served as a host serves them."""

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
    """All of these need programs that `make test-services` installs."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.services)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    # The loop with which the browser is driven runs in this thread, and Django would take that for an asynchronous program.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu"])
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(transactional_db: None, live_server: Any, settings: Any) -> str:
    """The address of the host; what the app says about addresses is true of it. Pages offer badges, which no test here fetches."""
    settings.LEARNING_CREDENTIALS = {
        **settings.LEARNING_CREDENTIALS,
        "BASE_URL": live_server.url,
        "SIGNING_KEYS": [{"private_key": "not looked at"}],
    }
    address: str = live_server.url
    return address


@pytest.fixture
def visit(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open a page, and hold it to what holds for all: nothing from elsewhere is asked for, and nothing is complained of."""
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
        # A page that is not to be found is its own complaint; all others are about what the page does.
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
    """Ask axe-core for everything that it knows of; each finding as one line."""
    source = AXE.read_text()

    def ask(page: Any) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        assert len(found["passes"]) > 10  # it did look
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
