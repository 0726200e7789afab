"""The command `goldenthread watch`."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import EXIT_PARTIAL, console, example
from pipeline.errors import InputFault


def add_watch(app: typer.Typer) -> None:
    """Give the program the command."""
    app.command(
        "watch",
        epilog=example(
            "goldenthread watch watch.yml",
            "goldenthread watch watch.yml --once",
            "PREFECT_API_URL=http://127.0.0.1:4200/api goldenthread watch watch.yml --serve",
            "PREFECT_API_URL=http://127.0.0.1:4200/api goldenthread watch watch.yml --work-pool council-papers",
        ),
    )(watch_command)


def watch_command(
    settings: Annotated[Path, typer.Argument(help="Settings: sources, dataset, schedule, who is told; see flows/.")],
    once: Annotated[bool, typer.Option("--once", help="One round now, for a scheduler of your own.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Run rounds when a Prefect server says so.")] = False,
    work_pool: Annotated[
        str | None, typer.Option(help="Hand the rounds to this work pool of a Prefect server.")
    ] = None,
) -> None:
    """Collect, read what is new, publish and tell, at the times of the schedule.

    Without options this process waits and runs each round by itself; no server is needed. Exit status of --once: 0 all
    well, 1 nothing done, 3 done, but something could not be had, read or told.
    """
    from pipeline.clock import SystemClock
    from pipeline.prefect_settings import configure_prefect, needs_server
    from pipeline.watch.settings import read_watch
    from pipeline.watch.waiting import keep_watch

    chosen = read_watch(settings)
    chosen.list_sources()
    if sum([once, serve, work_pool is not None]) > 1:
        raise InputFault("Choose one of --once, --serve and --work-pool.")
    if serve or work_pool is not None:
        needs_server()
        configure_prefect()
        from flows import deploy

        if work_pool is None:
            deploy.serve(settings)
        else:
            deploy.deploy(settings, work_pool)
            console.print(f"Deployed to the pool {work_pool}; start a worker: prefect worker start --pool {work_pool}")
    elif once:
        configure_prefect()
        from flows.watch import watch

        done = watch(str(settings))
        console.print(f"{done['collected']} collected, {done['read']} read, {done['problems']} problems.")
        if done["problems"]:
            raise typer.Exit(EXIT_PARTIAL)
    else:

        def work(due: dt.datetime) -> None:  # in a process of its own: whatever ends a round does not end the watch
            console.print(f"Round of {due:%Y-%m-%d %H:%M} UTC")
            subprocess.run([sys.executable, "-m", "pipeline.cli", "watch", str(settings), "--once"], check=False)

        keep_watch(chosen.schedule, work, SystemClock())
