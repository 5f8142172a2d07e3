"""Open a page in real browsers without a window, and serve it from its own origin."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.pdf_tools import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: How many seconds a page may take, including the start of the browser.
DEADLINE = 120
#: There is no proxy at this address. Browsers use it for every other machine, so no request leaves this one.
DEAD_PROXY = ("127.0.0.1", 9)
BROWSERS = ("chromium", "firefox-esr")
PAGE = b'<!DOCTYPE html><html lang="en"><title>Page</title><script type="module" src="/page.mjs"></script></html>'
MEDIA_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}


def open_page(browser: str, files: Mapping[str, Path], work: Any, directory: Path) -> Any:
    """Open a page that runs ``/page.mjs``. Return what it posts to ``/answer``.

    Args:
        browser: one of `BROWSERS`.
        files: the files that the page's site serves, by path.
        work: the JSON data that the page's site serves at ``/work``.
        directory: an empty directory for the browser's files.
    """
    answers: list[Any] = []
    answered = threading.Event()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/":
                self._answer(PAGE, "text/html")
            elif self.path == "/work":
                self._answer(json.dumps(work).encode(), "application/json")
            elif self.path in files:
                file = files[self.path]
                self._answer(file.read_bytes(), MEDIA_TYPES[file.suffix])
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"", "text/plain")
            answered.set()

        def log_message(self, *arguments: Any) -> None:
            pass

        def _answer(self, content: bytes, media_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with _run(browser, f"http://127.0.0.1:{server.server_port}/", directory) as log:
                if not answered.wait(DEADLINE):
                    complaints = log.read_text(errors="replace")[-4000:]
                    pytest.fail(f"{browser}: no answer in {DEADLINE} seconds\n{complaints}")
        finally:
            server.shutdown()
            thread.join()
    return answers[0]


@contextmanager
def _run(browser: str, url: str, directory: Path) -> Iterator[Path]:
    log = directory / "browser.log"
    profile = directory / "profile"
    profile.mkdir()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [require(browser), *_list_options(browser, profile), url],
            env={**os.environ, "HOME": str(directory)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield log
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _list_options(browser: str, profile: Path) -> list[str]:
    host, port = DEAD_PROXY
    if browser == "chromium":
        return [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            f"--proxy-server=http://{host}:{port}",
            f"--user-data-dir={profile}",
        ]
    preferences: dict[str, str | int] = {
        "network.proxy.type": 1,
        "network.proxy.http": host,
        "network.proxy.http_port": port,
        "network.proxy.ssl": host,
        "network.proxy.ssl_port": port,
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines))
    return ["--headless", "--no-remote", "--profile", str(profile)]
