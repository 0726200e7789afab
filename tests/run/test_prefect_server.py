"""The temporary server of a run: there when it is needed, gone with the run however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from pipeline import prefect_server
from pipeline.errors import OutputFault
from pipeline.forks import CAN_FORK
from pipeline.prefect_server import temporary_server

_RUN = """
import os, sys
from pipeline.prefect_settings import configure_prefect
from pipeline.prefect_server import temporary_server
configure_prefect()
with temporary_server() as wait:
    wait()
    from prefect import get_client
    assert get_client(sync_client=True).hello().status_code == 200
    print(os.environ["PREFECT_API_URL"], flush=True)
    sys.stdin.read(1)
"""


@pytest.fixture
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=10):
            return True
    except OSError:  # also of urllib
        return False


@pytest.mark.parametrize("killed", [False, pytest.param(True, marks=pytest.mark.skipif(not CAN_FORK, reason="Linux"))])
def test_it_answers_and_goes_with_the_run(killed: bool) -> None:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("PREFECT_")}
    environment |= {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}  # where nobody answers
    with subprocess.Popen(
        [sys.executable, "-c", _RUN], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        assert run.stdin
        address = run.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert answers(address)
        if killed:
            run.send_signal(signal.SIGKILL)
        else:
            run.stdin.write("x")
            run.stdin.close()
    until = time.monotonic() + 20
    while answers(address) and time.monotonic() < until:
        time.sleep(0.1)
    assert not answers(address)


def test_a_server_that_is_named_is_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setattr(subprocess, "Popen", None)
    with temporary_server() as wait:
        wait()
        assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:9/api"
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:9/api"


def test_one_that_does_not_start_is_told_of(monkeypatch: pytest.MonkeyPatch, unnamed: None) -> None:
    monkeypatch.setattr(prefect_server.sys, "executable", "/bin/false")
    with temporary_server() as wait, pytest.raises(OutputFault, match="did not start"):
        wait()
    assert "PREFECT_API_URL" not in os.environ


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("pipeline.commands.run, pipeline.plan", {"prefect", "torch", "spacy", "sklearn", "pandas", "duckdb"}),
        ("flows.ingest", {"torch", "spacy", "transformers", "prefect.server.api.server"}),
    ],
)
def test_a_run_loads_only_what_it_needs(modules: str, absent: set[str]) -> None:
    program = f"import sys, {modules}; sys.exit(' '.join({absent!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
