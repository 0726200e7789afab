"""The command `goldenthread diff`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import console, example
from pipeline.errors import InputFault


def add_diff(app: typer.Typer) -> None:
    """Give the program the command."""
    app.command(
        "diff",
        epilog=example(
            "goldenthread diff previous current --out outputs/sample",
            "goldenthread diff 00003 00007 --out outputs/sample --format json > changes.json",
            "goldenthread diff outputs/january outputs/sample",
        ),
    )(diff_command)


def diff_command(
    before: Annotated[str, typer.Argument(metavar="A", help="Edition: current, previous, its name, or a folder.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later edition, named alike.")] = "current",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the dataset.")] = Path("outputs/sample"),
    output: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
) -> None:
    """Tell what changed between two editions of a dataset: rows that came, went and changed, table by table."""
    from pipeline.diff import compare, describe, write_json
    from pipeline.publish.editions import find_edition

    if output not in ("text", "json"):
        raise InputFault(f"There is no format {output}; choose text or json.")
    diffs = compare(find_edition(out, before), find_edition(out, after))
    if output == "json":
        sys.stdout.write(write_json(diffs) + "\n")
        return
    for line in describe(diffs):
        console.print(line, markup=False, soft_wrap=True)
