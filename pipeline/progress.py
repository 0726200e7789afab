"""How a run tells a person where it is, without the steps knowing who listens."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Protocol

from pipeline.store import FileResult


class Progress(Protocol):
    """What a listener hears."""

    def start(self, files: int, size: int) -> None:
        """So many files with so many bytes are to be read."""
        ...

    def advance(self, result: FileResult, size: int) -> None:
        """A file of so many bytes is done. Called from any thread."""
        ...

    def step(self, name: str) -> None:
        """The run has come to the step that is named."""
        ...


class Silence:
    """Nobody listens."""

    def start(self, files: int, size: int) -> None:
        """Pass."""

    def advance(self, result: FileResult, size: int) -> None:
        """Pass."""

    def step(self, name: str) -> None:
        """Pass."""


_LISTENER: ContextVar[Progress | None] = ContextVar("listener", default=None)


def listener() -> Progress:
    """Whoever listens to this run."""
    return _LISTENER.get() or Silence()


@contextlib.contextmanager
def listening(progress: Progress) -> Iterator[None]:
    """Within this context, `progress` hears of the run."""
    token = _LISTENER.set(progress)
    try:
        yield
    finally:
        _LISTENER.reset(token)
