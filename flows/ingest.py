"""The flow that `goldenthread run` executes: map over the new files, then reduce and publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from pipeline.places import KEEP
from pipeline.plan import Options, Plan, PlannedFile, make_plan
from pipeline.progress import listener
from pipeline.run import Summary, batches, process_batch, publish_plan
from pipeline.workers import WorkerPool, open_pool


def is_transient(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether the fault is one of storage or network, which may pass: then the task is worth another try."""
    return isinstance(state.result(raise_on_failure=False), OSError)


# Results are kept by content in OUT/.cache, where a killed run finds them again. Prefect's own cache would key on
# the source of these wrappers, and return stale results after a change in what they call.
@task(
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 5, 20],
    retry_condition_fn=is_transient,
)
def process(files: Sequence[PlannedFile], pool: WorkerPool) -> int:
    """Process a batch of files."""
    return process_batch(files, pool)


@task(
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 5, 20],
    retry_condition_fn=is_transient,
)
def publish(plan: Plan, started: dt.datetime) -> Summary:
    """Assemble and publish the dataset."""
    return publish_plan(plan, started)


def prepare(options: Options) -> tuple[dt.datetime, Plan]:
    """The time at which a run starts (UTC) and what it has to do, of which whoever listens is told."""
    started, plan = dt.datetime.now(dt.UTC).replace(microsecond=0), make_plan(options)
    listener().start(len(plan.todo), sum(f.size for f in plan.todo))
    return started, plan


# The tasks are threads that wait for the worker processes, whose number bounds the work.
@flow(task_runner=ThreadPoolTaskRunner(max_workers=16), validate_parameters=False)  # type: ignore[arg-type]
def ingest(paths: list[str], out: str, engine: str = "pdfium", workers: int = 1, editions: int = KEEP) -> Summary:
    """Read what is new under `paths` and publish the dataset in `out`.

    Raises GoldenThreadError where input, output or rules are at fault.
    """
    started, plan = prepare(Options(tuple(paths), Path(out), engine, workers, editions))
    if plan.todo:
        with open_pool(plan) as pool:
            for future in [process.submit(batch, pool) for batch in batches(plan)]:
                future.result()
    return publish(plan, started)


def ingest_alone(paths: list[str], out: str, engine: str, workers: int, editions: int) -> Summary:
    """The same without the sign of life that Prefect gives every few minutes: nobody listens, and its end is waited for
    up to a second."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return ingest(paths, out, engine, workers, editions)
