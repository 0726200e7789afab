"""Shared fixtures. Tests on the real documents skip with a reason where those are absent."""

from __future__ import annotations

import os
from pathlib import Path

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
