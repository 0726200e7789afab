"""Put a watch on a Prefect server: served by a process of one's own, or run by the workers of a pool."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.schedules import Cron

from flows.watch import watch
from pipeline.watch.settings import Schedule, read_watch

NAME = "goldenthread"
_PROJECT = Path(__file__).resolve().parents[1]
_ONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
"""One round at a time; one that falls due during another is called off, since the next finds what it would have."""


def _when(schedule: Schedule) -> object:
    return Cron(schedule.cron, timezone=schedule.timezone)


def serve(settings: Path) -> None:
    """Run the rounds of the watch in this process when the server says so; does not return."""
    watch.serve(
        name=NAME,
        schedule=_when(read_watch(settings).schedule),  # type: ignore[arg-type]
        parameters={"settings": str(settings.resolve())},
        global_limit=_ONE,
        limit=1,
    )


def deploy(settings: Path, work_pool: str) -> None:
    """Tell the server of the watch; the workers of the pool, of type process, run its rounds on this machine."""
    found = flow.from_source(source=str(_PROJECT), entrypoint="flows/watch.py:watch")
    found.deploy(  # type: ignore[union-attr]
        name=NAME,
        work_pool_name=work_pool,
        schedule=_when(read_watch(settings).schedule),  # type: ignore[arg-type]
        parameters={"settings": str(settings.resolve())},
        concurrency_limit=_ONE,
        print_next_steps=False,
    )
