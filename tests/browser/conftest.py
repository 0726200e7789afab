"""A real browser, the sample's report as files, and its server. Skipped, with the reason, where there is no Chromium."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from pipeline.embed import load_embedder
from pipeline.serve.app import make_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A page of the browser that writes down what must not happen: errors, and requests that leave the machine."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._follow)
        self.page.on("dialog", lambda dialog: (self.complaints.append("a dialog opened"), dialog.dismiss()))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _follow(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("file", "data", "blob") and parts.hostname != "127.0.0.1":
            self.complaints.append(f"request to {request.url}")

    def go(self, address: str) -> Any:
        """Open the address and wait until it is ready."""
        self.page.goto(address, wait_until="load", timeout=120_000)  # the first search by meaning loads the model
        return self.page


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """Opens a visitor of a width in pixels, with scripts or without; what it complains of fails the test."""
    opened = []

    def open_visitor(width: int, *, scripts: bool = True) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="en-GB"
        )
        opened.append((context, Visitor(context.new_page())))
        return opened[-1][1]

    yield open_visitor
    complaints = [c for _, visitor in opened for c in visitor.complaints]
    for context, _ in opened:
        context.close()
    assert not complaints, complaints[:10]


@pytest.fixture(scope="session")
def report(published: tuple[Path, str]) -> Path:
    """The folder of the sample's report."""
    return published[0] / "report"


@pytest.fixture(scope="session")
def server(published: tuple[Path, str]) -> Iterator[str]:
    """The address of the server of the sample, on a free port of this machine."""
    running = uvicorn.Server(uvicorn.Config(make_app(published[0], load_embedder), port=0, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    host, port = running.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    running.should_exit = True
    thread.join(timeout=20)
