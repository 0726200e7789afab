"""Wait for the next time of a schedule, whatever happens to the clock meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from cronsim import CronSim

from pipeline.clock import Clock
from pipeline.watch.settings import Schedule

_LOOK = 60.0
"""Seconds after which the clock is looked at again, since it may have been set or have slept."""
_BACK = dt.timedelta(hours=2)
"""A clock that went back by less does not bring a time a second time."""


def next_time(schedule: Schedule, after: dt.datetime) -> dt.datetime:
    """The first time of the schedule after `after`, UTC. Where summer time skips it, it falls on the next hour; where
    summer time ends, it comes once."""
    local = after.astimezone(ZoneInfo(schedule.timezone))
    return next(CronSim(schedule.cron, local)).astimezone(dt.UTC)


def keep_watch(
    schedule: Schedule, work: Callable[[dt.datetime], object], clock: Clock, rounds: int | None = None
) -> None:
    """Do the work at every time of the schedule, one at a time: times that pass during the work or while the machine
    sleeps are made up for once. `rounds` ends it after so many."""
    due = next_time(schedule, clock.now())
    while rounds is None or rounds > 0:
        while (left := (due - clock.now()).total_seconds()) > 0:
            clock.sleep(min(left, _LOOK))
            due = min(due, next_time(schedule, clock.now())) if clock.now() < due - _BACK else due
        work(due)
        now = clock.now()
        due = next_time(schedule, max(now, due) if due - now < _BACK else now)
        rounds = None if rounds is None else rounds - 1
