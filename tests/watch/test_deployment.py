"""A watch on a real Prefect server on this machine, served by a process of its own."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pandas as pd
import pytest

from tests.collect.site import Site, serve

LETTER = """Focused visit to Aldermere children's services

{day} March 2026

This letter summarises the findings of a focused visit to Aldermere children's services on {day} March 2026.

Headline findings

Social workers know the {day} children they visit well. Managers do not record the reasons for their decisions.
"""
SETTINGS = """
sources: [list.txt]
out: out
schedule: {{cron: "15 6 * * *", timezone: Europe/London}}
tell:
  officer: {{command: [{python}, -c, "import sys, pathlib; pathlib.Path({told!r}).write_bytes(sys.stdin.buffer.read())"]}}
"""


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its children, ended for certain."""
    with log.open("wb") as f:
        process = subprocess.Popen(command, env=environment, stdout=f, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(find: Callable[[], Any], log: Path, seconds: float = 400) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.5)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


class Server:
    """What the tests ask of the server."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=300)

    def ask(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def is_up(self) -> bool:
        try:
            return self._client.get("/health").is_success
        except httpx.HTTPError:
            return False

    def find_deployment(self) -> dict[str, Any] | None:
        found = self.ask("/deployments/filter")
        return found[0] if found and found[0]["status"] == "READY" else None

    def run(self, deployment: str, log: Path) -> dict[str, Any]:
        """Starts a run and waits for its end."""
        made = self.ask(f"/deployments/{deployment}/create_flow_run", state={"type": "SCHEDULED"})

        def ended() -> dict[str, Any] | None:
            state = self._client.get(f"/flow_runs/{made['id']}").json()
            return state if state["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

        state: dict[str, Any] = wait_for(ended, log)
        assert state["state_type"] == "COMPLETED", (state["state"], log.read_text(errors="replace")[-3000:])
        return state

    def artifacts(self) -> dict[str, Any]:
        return {a["key"]: a["data"] for a in self.ask("/artifacts/latest/filter")}


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(Site()) as running_site:
        yield running_site


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a Prefect server that runs meanwhile."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = str(s.getsockname()[1])
    found = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }
    bin_ = Path(sys.executable).parent
    log = tmp_path / "server.log"
    command = [str(bin_ / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", port]
    with running(command, found, log):
        wait_for(Server(found["PREFECT_API_URL"]).is_up, log)
        yield found


def test_a_watch_is_served(tmp_path: Path, site: Site, environment: dict[str, str]) -> None:
    bin_, log = Path(sys.executable).parent, tmp_path / "watch.log"
    server, settings, told = Server(environment["PREFECT_API_URL"]), tmp_path / "watch.yml", tmp_path / "told.json"
    settings.write_text(SETTINGS.format(python=sys.executable, told=str(told)))
    (tmp_path / "list.txt").write_text(f"{site.root}/1.txt\n{site.root}/absent.txt\n")
    site.routes["/1.txt"] = LETTER.format(day=1)

    with running([str(bin_ / "goldenthread"), "watch", str(settings), "--serve"], environment, log):
        deployment = wait_for(server.find_deployment, log)
        limits = (
            deployment["global_concurrency_limit"]["limit"],
            deployment["concurrency_options"]["collision_strategy"],
        )
        assert limits == (1, "CANCEL_NEW")
        server.run(deployment["id"], log)

        def planned() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = server.ask(
                "/flow_runs/filter", flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}}
            )
            return [r for r in found if r["auto_scheduled"]]

        times = [dt.datetime.fromisoformat(r["expected_start_time"]) for r in wait_for(planned, log)]
        assert {t.astimezone(ZoneInfo("Europe/London")).strftime("%H:%M") for t in times} == {"06:15"}
    documents = pd.read_parquet(tmp_path / "out" / "dataset" / "documents.parquet")
    assert documents.source_url.tolist() == [f"{site.root}/1.txt"]
    shown = server.artifacts()
    assert "1 files new" in shown["goldenthread-summary"]
    assert "absent.txt" in shown["goldenthread-problems"]
    assert "not_found" in shown["goldenthread-problems"]
    assert float(shown["goldenthread-progress"]) == 100
    assert not told.exists()
