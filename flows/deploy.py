"""Put a watch on a Prefect server: served by a process of one's own, or run by the workers of a pool."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron

from flows.watch import watch
from pipeline.errors import InputFault
from pipeline.watch.settings import Schedule, read_watch

NAME = "goldenthread"
_PROJECT = Path(__file__).resolve().parents[1]
_ONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
"""One round at a time; one that falls due during another is called off, since the next finds what it would have."""
_QUIET = {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
"""Workers are started by others, so their rounds are told what `goldenthread` sets for its own: no telemetry."""


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
    """Tell the server of the watch; the workers of the pool, of type process, run its rounds on this machine.

    Raises InputFault where the server has no such pool. `Flow.deploy` would also ask for the pool's workers, with nulls
    in the request that a server with FastAPI 0.151 or later refuses (status 422); it needs the answer only for a hint.
    """
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(work_pool)
        except ObjectNotFound as e:
            raise InputFault(
                f"The server has no work pool {work_pool}; a first worker makes it: "
                f"prefect worker start --pool {work_pool} --type process"
            ) from e
    found = flow.from_source(source=str(_PROJECT), entrypoint="flows/watch.py:watch")
    found.to_deployment(  # type: ignore[union-attr]
        name=NAME,
        work_pool_name=work_pool,
        schedule=_when(read_watch(settings).schedule),  # type: ignore[arg-type]
        parameters={"settings": str(settings.resolve())},
        concurrency_limit=_ONE,
        job_variables={"env": _QUIET},
    ).apply()
