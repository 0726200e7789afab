"""The command `goldenthread`."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from pipeline.commands.collect import add_collect
from pipeline.commands.diff import add_diff
from pipeline.commands.watch import add_watch
from pipeline.errors import GoldenThreadError, InputFault, OutputFault
from pipeline.extras import need
from pipeline.places import KEEP
from pipeline.prefect_settings import configure_prefect
from pipeline.store import FileResult

if TYPE_CHECKING:
    from pipeline.plan import Plan

app = typer.Typer(
    help="Golden Thread reads what inspectors, councils and scrutiny committees write about children's services and "
    "publishes findings, recommendations, metrics, themes and threads as a dataset.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(help="List the rules of models/ and run their examples.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
add_collect(app)
add_diff(app)
add_watch(app)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

EXIT_PARTIAL = 3
"""Exit status of a run that published, but could not read some of the files."""


def _example(*lines: str) -> str:
    return "[bold]Examples[/bold]\n\n" + "\n\n".join(f"[cyan]{line}[/cyan]" for line in lines)


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


@app.command(
    epilog=_example(
        "goldenthread run corpus/documents --out outputs/sample",
        "goldenthread run letters/ 'minutes July.pdf' --out outputs/north-west",
        "goldenthread run s3://papers/letters --out s3://papers/dataset --dask tcp://10.0.0.5:8786",
        "goldenthread run letters/ --out outputs/all --publish postgresql://writer@db.example/children",
    )
)
def run(
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

    places, summary = Elsewhere(out, publish), None
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
            errors.print(f"[red]Error:[/red] {_plain(fault)}")
            raise typer.Exit(EXIT_PARTIAL) from fault
    if summary and summary.run.files_failed:
        raise typer.Exit(EXIT_PARTIAL)


def _ingest(plan: Plan, paths: list[str], dask: str | None) -> Any:
    """What `flows` makes of the paths that were planned, on this machine or a cluster."""
    configure_prefect()
    from pipeline.progress import listening
    from pipeline.workers import warmed

    asked = plan.options
    options = (paths, str(asked.out), asked.engine, asked.workers, asked.editions)
    with Bar() as bar, listening(bar):
        try:
            if dask is None:
                with warmed(plan):
                    from flows.ingest import ingest

                    return ingest(*options)
            from flows.cluster import ingest_on

            return ingest_on(dask, *options)
        except OSError as e:
            raise OutputFault(f"The storage failed: {e}. What was read is kept; run again.") from e


def _print_summary(summary: Any, out: Path) -> None:
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


@app.command(epilog=_example("goldenthread explain rec_1f0c2ab94e77d310 --out outputs/sample"))
def explain(
    item_id: Annotated[str, typer.Argument(help="Id of a finding, recommendation, metric, judgement's document, …")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the dataset.")] = Path("outputs/sample"),
    image: Annotated[Path | None, typer.Option(help="Write the page with the words marked to this PNG file.")] = None,
) -> None:
    """Show where an item was taken from, which rule or model made it, and what else was considered."""
    from pipeline.consider import consider_item, describe_maker
    from pipeline.embed import load_embedder
    from pipeline.explain import describe_item, draw_evidence

    description = describe_item(out, item_id)
    for name, value in description.columns:
        console.print(f"[bold]{name:22}[/bold] {_plain(value)}")
    console.print()
    console.print(description.before, style="dim", end="", markup=False)
    console.print(description.quote, style="bold reverse", end="", markup=False)
    console.print(description.after, style="dim", markup=False)
    _print_block("Made by", describe_maker(description["rule_id"]))
    _print_block("What else was considered, by the rules of today", consider_item(description, load_embedder))
    if image:
        draw_evidence(out, description, image)
        console.print(f"\nThe page stands in {image}.")


@app.command(
    epilog=_example(
        "goldenthread digest --out outputs/sample", "goldenthread digest --out outputs/sample --format json"
    )
)
def digest(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the dataset.")] = Path("outputs/sample"),
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
) -> None:
    """Say what the last run brought: documents, themes, trends, what stands again at a council, outcomes."""
    from pipeline.digest import load_digest, write_text
    from pipeline.places import STATE

    if format not in ("text", "json"):
        raise InputFault(f"There is no format {format}; choose text or json.")
    found = load_digest(out / STATE)
    sys.stdout.write(write_text(found) if format == "text" else found.model_dump_json(indent=1) + "\n")


def _print_block(title: str, lines: list[str]) -> None:
    console.print(f"\n[bold]{title}[/bold]")
    for line in lines:
        console.print(f"  {_plain(line)}")


def _plain(value: object) -> str:
    from rich.markup import escape

    return escape("" if value is None else str(value))


@app.command(
    epilog=_example(
        "goldenthread serve --out outputs/sample",
        "goldenthread serve --out outputs/sample --port 9000",
    )
)
def serve(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the dataset.")] = Path("outputs/sample"),
    host: Annotated[
        str, typer.Option(help="Address to listen on; on any but the default, others can read along.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8321,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is asked.")] = False,
) -> None:
    """Serve the pages of the report on this machine, with search by meaning, SQL and pictures of the pages.

    Ends with Ctrl+C. A new run is taken up by itself.
    """
    import uvicorn

    from pipeline.embed import load_embedder
    from pipeline.serve.app import make_app

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    served = make_app(out, load_embedder, host)
    console.print(f"The pages of {out} are at http://{host}:{port}/ until Ctrl+C.")
    uvicorn.run(served, host=host, port=port, log_level="info" if verbose else "warning", server_header=False)


@app.command(
    epilog=_example(
        'goldenthread query "SELECT council, polarity, count(*) FROM findings JOIN documents USING (document_id) '
        'GROUP BY ALL" --out outputs/sample',
        'goldenthread query "SELECT * FROM problems" --format csv',
    )
)
def query(
    sql: Annotated[str, typer.Argument(help="A query over the tables of the dataset.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the dataset.")] = Path("outputs/sample"),
    output: Annotated[str, typer.Option("--format", "-f", help="table, csv or json.")] = "table",
) -> None:
    """Ask the dataset in SQL (DuckDB, opened for reading only)."""
    import csv
    import json

    import duckdb

    path = out / "goldenthread.duckdb"
    if not path.exists():
        raise InputFault(f"There is no dataset in {out}.")
    if output not in ("table", "csv", "json"):
        raise InputFault(f"There is no format {output}; choose table, csv or json.")
    try:
        with duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"}) as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or []]
            rows = cursor.fetchall()
    except duckdb.Error as e:
        raise InputFault(str(e)) from e
    if output == "csv":
        csv.writer(sys.stdout).writerows([names, *rows])
    elif output == "json":
        found = [dict(zip(names, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(found, ensure_ascii=False, default=str) + "\n")
    else:
        table = Table(*names)
        for row in rows:
            table.add_row(*map(_plain, row))
        console.print(table)
        console.print(f"{len(rows)} rows")


@app.command(
    "evaluate",
    epilog=_example(
        "goldenthread evaluate gold/dev --corpus corpus --out outputs/real",
        "goldenthread evaluate gold/dev --corpus corpus --out outputs/real --plot reliability.svg --record before.json",
    ),
)
def evaluate_command(
    gold: Annotated[Path, typer.Argument(help="Folder of gold files.")],
    corpus: Annotated[Path, typer.Option(help="Folder of the documents that the gold files name.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Score this dataset instead of making one.")] = None,
    show_errors: Annotated[bool, typer.Option("--errors", help="List every item missed and every item extra.")] = False,
    record: Annotated[
        Path | None, typer.Option(help="Keep the result here for the next evaluation; else in OUT/.cache, if given.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the findings' reliability plot to this SVG file.")] = None,
) -> None:
    """Score the tables against documents that expert readers marked, and list what is gained and lost since last time.

    Says as well whether the findings' confidence can be trusted (expected calibration error, ten bins). The record that
    is kept holds scores and hashes, no text of the documents.
    """
    import json
    import tempfile

    from pipeline.evaluate import State, evaluate
    from pipeline.evaluation_report import print_calibration, print_changes, print_scores
    from pipeline.plan import CACHE
    from pipeline.scorebook import NAME

    if record is None and out is not None:
        record = out / CACHE / NAME
    with tempfile.TemporaryDirectory() as folder:
        if out is None:
            out = Path(folder, "out")
            named = sorted({corpus / json.loads(p.read_text(encoding="utf-8"))["file"] for p in gold.glob("*.json")})
            run([str(p) for p in named if p.exists()], str(out))
        result = evaluate(out / "dataset", gold, corpus)
    print_scores(console, result)
    print_calibration(console, result, plot)
    if show_errors:
        for state in (State.MISSED, State.EXTRA):
            for name, items in result.list_items(state).items():
                for item in items:
                    console.print(f"{state} {name} | {item}", markup=False)
    if record is not None:
        print_changes(console, result, record)


_FILE = typer.Option("--file", "-f", help="Only this file of models/.")


@rules_app.command("list", epilog=_example("goldenthread rules list --file recommendation_headings.yml"))
def list_rules_command(file: Annotated[str | None, _FILE] = None) -> None:
    """List every rule that has examples: its id, its note and how many examples hit and miss."""
    from pipeline.rule_examples import SUITES, list_rules

    table = Table("file", Column("rule", no_wrap=True), "note", "hit", "miss")
    for name in [file] if file else SUITES:
        for rule in list_rules(name):
            table.add_row(rule.file, rule.id, _plain(rule.note), str(len(rule.hit)), str(len(rule.miss)))
    console.print(table)


@rules_app.command("check", epilog=_example("goldenthread rules check", "goldenthread rules check -f requests.yml"))
def check_rules_command(file: Annotated[str | None, _FILE] = None) -> None:
    """Run the examples of every rule: those that must hit and those that must miss.

    Exit status: 0 where all do as their rules say, 1 where one does not or a file cannot be understood.
    """
    from pipeline.rule_examples import SUITES, check_file

    checks = [check_file(name) for name in ([file] if file else SUITES)]
    table = Table("file", "rules", "examples", "failures")
    for check in checks:
        said = "[red]cannot be read[/red]" if check.fault else str(len(check.failures))
        table.add_row(check.file, str(check.rules), str(check.examples), said)
    console.print(table)
    for check in checks:
        if check.fault:
            console.print(f"[red]{_plain(check.fault)}[/red]")
        for rule, failure in check.failures:
            wrong = "must hit, but does not" if failure.expected else "must miss, but hits"
            console.print(f"[red]{rule.id}[/red] in models/{rule.file} {wrong}: {_plain(failure.text)}")
    if not all(check.sound for check in checks):
        raise typer.Exit(1)


def _configure_logging(verbose: bool) -> None:
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")


def main() -> None:
    """Run the command; a fault that has a message for a person is printed as such, with exit status 1."""
    try:
        app()
    except GoldenThreadError as fault:
        errors.print(f"[red]Error:[/red] {_plain(fault)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
