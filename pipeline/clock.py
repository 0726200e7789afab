"""The time, behind a seam: what waits or dates is handed a clock, so that a test can hand it another."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """What tells the time and waits."""

    def now(self) -> dt.datetime:
        """The time now, UTC."""
        ...

    def steady(self) -> float:
        """Seconds that never go back, whoever sets the clock."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """The time now, UTC."""
        return dt.datetime.now(dt.UTC)

    def steady(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        time.sleep(seconds)
