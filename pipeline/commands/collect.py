"""The command `goldenthread collect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.commands import EXIT_PARTIAL, console, example


def add_collect(app: typer.Typer) -> None:
    """Give the program the command."""
    app.command(
        "collect",
        epilog=example(
            "goldenthread collect ofsted kent --into outputs/collected",
            "goldenthread collect addresses.txt https://council.example/report.pdf --into outputs/collected",
            "goldenthread run outputs/collected --out outputs/mine",
        ),
    )(collect_command)


def collect_command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Names of models/sources.yml, addresses, folders, .txt files with an address a line."),
    ] = None,
    into: Annotated[Path, typer.Option(help="Folder for what is collected; a folder in it for each source.")] = Path(
        "outputs/collected"
    ),
    own: Annotated[Path | None, typer.Option("--sources", help="A file of your own like models/sources.yml.")] = None,
) -> None:
    """Collect reports and papers from Ofsted's and councils' sites; without SOURCES, list the sources that are known.

    Sites are asked as their robots.txt allows, one request at a time and with a pause. What is there already is asked
    for again after some days only, and a killed collection goes on where it was. Exit status: 0 all well, 1 nothing
    collected, 3 something could not be had (it is listed, and tried again next time).
    """
    from pipeline.collect.fetch import Fetcher
    from pipeline.collect.gather import collect
    from pipeline.collect.knowledge import load_knowledge
    from pipeline.collect.sources import known_sources, name_sources, read_sources

    ours = read_sources(own) if own else {}
    if not sources:
        for name, source in {**known_sources(), **ours}.items():
            console.print(f"{name}  [dim]{source.kind} {escape(str(getattr(source, 'address', '')))}[/dim]")
        return
    with Fetcher(load_knowledge().polite) as fetcher:
        reports = collect(name_sources(sources, ours), into, fetcher)
    table = Table("source", "new", "changed", "as before", "not had", "folder")
    for r in reports:
        table.add_row(r.name, str(r.new), str(r.changed), str(r.unchanged), str(len(r.troubles)), escape(str(r.folder)))
    console.print(table)
    troubles = [(r.name, t) for r in reports for t in r.troubles]
    for name, trouble in troubles[:20]:
        console.print(f"[red]{name}[/red] {escape(trouble.address)}: {escape(trouble.message)}")
    if len(troubles) > 20:
        console.print(f"[red]… and {len(troubles) - 20} more[/red]: see .troubles.json in the source's folder.")
    if troubles:
        had = any(r.new + r.changed + r.unchanged for r in reports)
        raise typer.Exit(EXIT_PARTIAL if had else 1)
