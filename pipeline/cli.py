"""The command `goldenthread`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from pipeline.commands import console, errors, example, plain
from pipeline.commands.collect import add_collect
from pipeline.commands.diff import add_diff
from pipeline.commands.run import add_run, run_command
from pipeline.commands.watch import add_watch
from pipeline.errors import GoldenThreadError, InputFault

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
for add_command in (add_run, add_collect, add_watch, add_diff):
    add_command(app)


@app.command(epilog=example("goldenthread explain rec_1f0c2ab94e77d310 --out outputs/sample"))
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
        console.print(f"[bold]{name:22}[/bold] {plain(value)}")
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
    epilog=example("goldenthread digest --out outputs/sample", "goldenthread digest --out outputs/sample --format json")
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
        console.print(f"  {plain(line)}")


@app.command(
    epilog=example(
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
    epilog=example(
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
            table.add_row(*map(plain, row))
        console.print(table)
        console.print(f"{len(rows)} rows")


@app.command(
    "evaluate",
    epilog=example(
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
            run_command([str(p) for p in named if p.exists()], str(out))
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


@rules_app.command("list", epilog=example("goldenthread rules list --file recommendation_headings.yml"))
def list_rules_command(file: Annotated[str | None, _FILE] = None) -> None:
    """List every rule that has examples: its id, its note and how many examples hit and miss."""
    from pipeline.rule_examples import SUITES, list_rules

    table = Table("file", Column("rule", no_wrap=True), "note", "hit", "miss")
    for name in [file] if file else SUITES:
        for rule in list_rules(name):
            table.add_row(rule.file, rule.id, plain(rule.note), str(len(rule.hit)), str(len(rule.miss)))
    console.print(table)


@rules_app.command("check", epilog=example("goldenthread rules check", "goldenthread rules check -f requests.yml"))
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
            console.print(f"[red]{plain(check.fault)}[/red]")
        for rule, failure in check.failures:
            wrong = "must hit, but does not" if failure.expected else "must miss, but hits"
            console.print(f"[red]{rule.id}[/red] in models/{rule.file} {wrong}: {plain(failure.text)}")
    if not all(check.sound for check in checks):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; a fault that has a message for a person is printed as such, with exit status 1."""
    try:
        app()
    except GoldenThreadError as fault:
        errors.print(f"[red]Error:[/red] {plain(fault)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
