"""The flow that `goldenthread run` executes: map over the new files, then reduce and publish."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from pipeline.plan import CACHE, Options, make_plan
from pipeline.progress import listener
from pipeline.run import Summary, batches, process_batch, publish_plan
from pipeline.workers import WorkerPool


def is_transient(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether the fault may pass (storage or network) and the task is worth another try."""
    try:
        state.result()
    except OSError:
        return True
    except Exception:
        return False
    return False


_retry = {"retries": 3, "retry_delay_seconds": [1, 5, 20], "retry_condition_fn": is_transient}

# Results are kept by content in OUT/.cache, which a killed run finds again; Prefect's own cache keys on the
# wrapper's source, and would return stale results after a change in the function that it calls.
process = task(process_batch, name="process", cache_policy=NO_CACHE, persist_result=False, **_retry)
publish = task(publish_plan, name="publish", cache_policy=NO_CACHE, persist_result=False, **_retry)


@flow(name="ingest", task_runner=ThreadPoolTaskRunner(max_workers=64), validate_parameters=False)
def ingest(paths: list[str], out: str, engine: str = "pdfium", workers: int = 1) -> Summary:
    """Read what is new under `paths` and publish the dataset in `out`.

    Raises GoldenThreadError where input, output or rules are at fault.
    """
    started = dt.datetime.now(dt.UTC).replace(microsecond=0)
    options = Options(tuple(map(Path, paths)), Path(out), engine, workers)
    plan = make_plan(options)
    listener().start(len(plan.todo), sum(f.size for f in plan.todo))
    if plan.todo:
        with WorkerPool(min(workers, len(plan.todo)), options.out / CACHE / "results") as pool:
            for future in [process.submit(batch, pool) for batch in batches(plan)]:
                future.result()
    return publish(plan, started)
