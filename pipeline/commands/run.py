"""The command `goldenthread run`."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from pipeline.commands import EXIT_PARTIAL, console, errors, example, plain
from pipeline.errors import InputFault, OutputFault
from pipeline.extras import need
from pipeline.places import KEEP
from pipeline.prefect_settings import configure_prefect
from pipeline.store import FileResult

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.plan import Plan
    from pipeline.run import Summary


def add_run(app: typer.Typer) -> None:
    """Give the program the command."""
    app.command(
        "run",
        epilog=example(
            "goldenthread run corpus/documents --out outputs/sample",
            "goldenthread run letters/ 'minutes July.pdf' --out outputs/north-west",
            "goldenthread run s3://papers/letters --out s3://papers/dataset --dask tcp://10.0.0.5:8786",
            "goldenthread run letters/ --out outputs/all --publish postgresql://writer@db.example/children",
        ),
    )(run_command)


def run_command(
    paths: Annotated[
        list[str], typer.Argument(help="Files and folders, or addresses of a storage: PDF, DOCX, PPTX, HTML, TXT, MD.")
    ],
    out: Annotated[str, typer.Option("--out", "-o", help="Folder or address of the dataset; replaced as a whole.")],
    engine: Annotated[str, typer.Option(help="PDF reader: pdfium (fast) or pdfplumber.")] = "pdfium",
    workers: Annotated[int, typer.Option(min=1, help="Processes that read files.")] = os.cpu_count() or 1,
    editions: Annotated[int, typer.Option(min=0, help="How many old editions OUT/editions keeps.")] = KEEP,
    dask: Annotated[
        str | None, typer.Option(help="Read on a Dask cluster: tcp://host:port of its scheduler, or local.")
    ] = None,
    publish: Annotated[
        str | None, typer.Option(help="Publish in a database as well: postgresql://user@host/database.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens.")] = False,
) -> None:
    """Read files and folders and publish the dataset.

    What was read before is not read again. Exit status: 0 all well, 1 nothing published, 3 published, but some files
    could not be read (they stand in the table [bold]problems[/bold]), or the dataset could not be brought to the
    address or database.
    """
    _configure_logging(verbose)
    if engine not in ("pdfium", "pdfplumber"):
        raise InputFault(f"There is no engine {engine}; choose pdfium or pdfplumber.")
    if dask:
        need("dask", "--dask")
    from pipeline.locks import locked
    from pipeline.plan import Options, make_plan
    from pipeline.publish.elsewhere import Elsewhere
    from pipeline.publish.replace import check_writable, recover

    places = Elsewhere(out, publish)
    summary: Summary | None = None
    folder = places.folder
    with locked(folder):
        recover(folder)
        places.prepare()
        check_writable(folder)
        plan = make_plan(Options(tuple(paths), folder, engine, workers, editions))
        if plan.current:
            console.print(f"Nothing new: {len(plan.files)} files unchanged. The dataset in {out} stands as it is.")
        else:
            summary = _ingest(plan, paths, dask if plan.todo else None)
            _print_summary(summary, folder)
        try:
            for line in places.publish(editions):
                console.print(line, markup=False)
        except OutputFault as fault:
            errors.print(f"[red]Error:[/red] {plain(fault)}")
            raise typer.Exit(EXIT_PARTIAL) from fault
    if summary and summary.run.files_failed:
        raise typer.Exit(EXIT_PARTIAL)


def _ingest(plan: Plan, paths: list[str], dask: str | None) -> Summary:
    """What `flows` makes of the paths that were planned, on this machine or a cluster."""
    configure_prefect()
    from pipeline.prefect_server import temporary_server
    from pipeline.progress import listening
    from pipeline.workers import warmed

    asked = plan.options
    options = (paths, str(asked.out), asked.engine, asked.workers, asked.editions)
    with temporary_server() as wait_for_server, Bar() as bar, listening(bar):
        try:
            if dask is None:
                with warmed(plan):
                    from flows.ingest import ingest_alone

                    wait_for_server()
                    return ingest_alone(*options)
            from flows.cluster import ingest_on

            wait_for_server()
            return ingest_on(dask, *options)
        except OSError as e:
            raise OutputFault(f"The storage failed: {e}. What was read is kept; run again.") from e


def _print_summary(summary: Summary, out: Path) -> None:
    made = summary.run
    console.print(
        f"[bold]{made.files_seen} files[/bold]: {made.files_new} new, {summary.unchanged} unchanged, "
        f"{summary.duplicates} the same as another, {made.files_failed} failed."
    )
    table = Table("", "number", title=None, box=None, show_header=False)
    table.add_row("documents", str(made.documents))
    for kind, number in summary.kinds.items():
        table.add_row(f"  {kind}", str(number))
    for name in ("visits", "judgements", "findings", "recommendations", "metrics", "themes", "threads"):
        table.add_row(name, str(summary.rows[name]))
    console.print(table)
    failed = [p for p in summary.problems if p.severity.value == "error"]
    for problem in failed[:10]:
        console.print(f"[red]not read[/red] {problem.file_name}: {problem.message}", markup=True)
    if len(failed) > 10:
        console.print(f"[red]… and {len(failed) - 10} more[/red]: see the table problems.")
    warnings = len(summary.problems) - len(failed)
    if warnings:
        console.print(f'{warnings} warnings: [cyan]goldenthread query "SELECT * FROM problems" --out {out}[/cyan]')
    console.print(f"Dataset: {out}/dataset, {out}/goldenthread.duckdb, {out}/goldenthread.xlsx, {out}/csv")
    console.print(f"Report:  {out}/report/index.html")


def _configure_logging(verbose: bool) -> None:
    level, handler = logging.INFO if verbose else logging.ERROR, logging.StreamHandler()
    handler.setLevel(level)  # of the handler too, since libraries give their own loggers levels of their own
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", handlers=[handler])


class Bar:
    """A progress bar that counts bytes (which predict time better than files do) and shows files and pages."""

    def __init__(self) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[files]} of {task.fields[of]} files, {task.fields[pages]} pages"),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._lock = threading.Lock()
        self._files = self._pages = 0
        self._task: Any = None

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def start(self, files: int, size: int) -> None:
        """So many files with so many bytes are to be read."""
        self._task = self._bar.add_task("reading", total=size, files=0, of=files, pages=0)

    def advance(self, result: FileResult, size: int) -> None:
        """A file is done."""
        with self._lock:
            self._files += 1
            self._pages += result.pages
        self._bar.update(self._task, advance=size, files=self._files, pages=self._pages)

    def step(self, name: str) -> None:
        """The run has come to another step."""
        self._bar.update(self._task, description=name)
