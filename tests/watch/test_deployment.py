"""A watch on a real Prefect server on this machine: served by a process of its own, and run by the worker of a pool."""

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

BIN = Path(sys.executable).parent
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

    def has_pool(self, name: str) -> bool:
        return self._client.get(f"/work_pools/{name}").is_success

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
    log = tmp_path / "server.log"
    command = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", port]
    with running(command, found, log):
        wait_for(Server(found["PREFECT_API_URL"]).is_up, log)
        yield found


@pytest.fixture
def settings(tmp_path: Path, site: Site) -> Path:
    """A watch of a site with one letter and one address that leads nowhere."""
    path = tmp_path / "watch.yml"
    path.write_text(SETTINGS.format(python=sys.executable, told=str(tmp_path / "told.json")))
    (tmp_path / "list.txt").write_text(f"{site.root}/1.txt\n{site.root}/absent.txt\n")
    site.routes["/1.txt"] = LETTER.format(day=1)
    return path


def check_limits(deployment: dict[str, Any]) -> None:
    """One round at a time."""
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


def check_schedule(server: Server, log: Path) -> None:
    """The server plans rounds at the times of the settings."""

    def planned() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = server.ask(
            "/flow_runs/filter", flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}}
        )
        return [r for r in found if r["auto_scheduled"]]

    times = [dt.datetime.fromisoformat(r["expected_start_time"]) for r in wait_for(planned, log)]
    assert {t.astimezone(ZoneInfo("Europe/London")).strftime("%H:%M") for t in times} == {"06:15"}


def check_round(server: Server, site: Site, settings: Path) -> None:
    """The dataset is there, and the server shows what the round did; nobody is told of the first findings."""
    documents = pd.read_parquet(settings.parent / "out" / "dataset" / "documents.parquet")
    assert documents.source_url.tolist() == [f"{site.root}/1.txt"]
    shown = server.artifacts()
    assert "1 files new" in shown["goldenthread-summary"]
    assert "absent.txt" in shown["goldenthread-problems"]
    assert "not_found" in shown["goldenthread-problems"]
    assert float(shown["goldenthread-progress"]) == 100
    assert not (settings.parent / "told.json").exists()


def test_a_watch_is_served(tmp_path: Path, site: Site, settings: Path, environment: dict[str, str]) -> None:
    server, log = Server(environment["PREFECT_API_URL"]), tmp_path / "watch.log"
    with running([str(BIN / "goldenthread"), "watch", str(settings), "--serve"], environment, log):
        deployment = wait_for(server.find_deployment, log)
        check_limits(deployment)
        server.run(deployment["id"], log)
        check_schedule(server, log)
    check_round(server, site, settings)


def test_a_worker_of_a_pool_runs_a_watch(
    tmp_path: Path, site: Site, settings: Path, environment: dict[str, str]
) -> None:
    server, log = Server(environment["PREFECT_API_URL"]), tmp_path / "worker.log"

    def deploy() -> subprocess.CompletedProcess[str]:
        command = [str(BIN / "goldenthread"), "watch", str(settings), "--work-pool", "papers"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    refused = deploy()
    assert refused.returncode == 1
    assert "no work pool papers" in refused.stderr
    worker = [str(BIN / "prefect"), "worker", "start", "--pool", "papers", "--type", "process"]
    with running(worker, environment, log):
        wait_for(lambda: server.has_pool("papers"), log)
        deployed = deploy()
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        deployment = wait_for(server.find_deployment, log)
        assert deployment["work_pool_name"] == "papers"
        check_limits(deployment)
        run = server.run(deployment["id"], log)
        assert run["work_pool_name"] == "papers"
        assert run["infrastructure_pid"]  # by a process that the worker started
        check_schedule(server, log)
    check_round(server, site, settings)
