import os
import subprocess
import sys
from pathlib import Path

import pytest


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
