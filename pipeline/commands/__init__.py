"""Commands of `goldenthread` that have a module of their own; `pipeline.cli` gathers them."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

EXIT_PARTIAL = 3
"""Exit status where something was done, but not all that was asked."""


def example(*lines: str) -> str:
    """The examples of a command's help."""
    return "[bold]Examples[/bold]\n\n" + "\n\n".join(f"[cyan]{escape(line)}[/cyan]" for line in lines)


def plain(value: object) -> str:
    """The value as text that rich prints as it is; nothing where there is none."""
    return escape("" if value is None else str(value))
