"""Shared fixtures. Tests on the real documents skip with a reason where those are absent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GOLDENTHREAD_SHARED", PROJECT.parent / "shared"))


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real documents and the gold; skips the test where it is absent."""
    if not (SHARED / "corpus").is_dir():
        pytest.skip(f"no real documents at {SHARED}")
    return SHARED


def goldenthread(*arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    command = [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment)


@pytest.fixture(scope="session")
def command():
    """The command, as a function of its arguments."""
    return goldenthread


@pytest.fixture(scope="session")
def sample(project) -> Path:
    """The folder of the sample's documents."""
    return project / "corpus" / "documents"


@pytest.fixture(scope="session")
def published(tmp_path_factory, sample) -> tuple[Path, str]:
    """The dataset of the sample and what the run printed. Tests leave it as it is."""
    out = tmp_path_factory.mktemp("published") / "out"
    run = goldenthread("run", sample, "--out", out)
    assert run.returncode == 0, run.stdout + run.stderr
    return out, run.stdout


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server of the module's own; skips the test where none is installed."""
    from tests.publish.databases import serve_postgresql  # what few tests need

    with serve_postgresql() as server:
        yield server
