"""An evaluation as the command shows it: scores, calibration, and what changed since the last one."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.calibration import bin_rows, calibration_error, draw_plot, write_table
from pipeline.errors import InputFault
from pipeline.evaluate import Evaluation
from pipeline.scorebook import list_changes, make_record, read_record, write_record


def print_scores(console: Console, result: Evaluation) -> None:
    """Print the scores of every table and kind of document, the single facts, and the documents that are not there."""
    table = Table("table", "kind", "precision", "recall", "F1", "95 % interval", "gold", "found")
    rows = [(name, "all", s) for name, s in result.scores().items()]
    rows += [(name, kind, s) for (name, kind), s in result.scores_by_kind().items()]
    for name, kind, s in rows:
        interval = f"{s.f1_low:.2f} to {s.f1_high:.2f}"
        figures = (f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", interval, str(s.gold), str(s.found))
        table.add_row(name, kind, *figures)
    console.print(table)
    for fact, (right, of) in result.facts.items():
        console.print(f"{fact}: {right} of {of}")
    if result.missing:
        console.print("not in the dataset: " + ", ".join(result.missing))


def print_calibration(console: Console, result: Evaluation, plot: Path | None) -> None:
    """Print whether the findings' confidence can be trusted, and draw the reliability plot to the file `plot`.

    Raises InputFault where the file cannot be written.
    """
    bins = bin_rows(result.confidences)
    said = f"expected calibration error {calibration_error(bins):.3f}"
    console.print(f"\nConfidence of findings: {said}, {len(result.confidences)} rows", markup=False)
    console.print(write_table(bins), markup=False)
    if plot is not None:
        try:
            plot.write_text(draw_plot(bins, f"Findings: {said}"), encoding="utf-8")
        except OSError as e:
            raise InputFault(f"The plot cannot be written to {plot}: {e.strerror}.") from e
        console.print(f"The plot stands in {plot}.")


def print_changes(console: Console, result: Evaluation, record: Path) -> None:
    """Print what is gained and lost against the record, and put the result in its place.

    Raises InputFault where the file is no record or cannot be written.
    """
    before, now = read_record(record), make_record(result)
    if before is None:
        console.print(f"\nThe first evaluation that is recorded in {record}.")
    else:
        changes = list_changes(before, result)
        console.print(f"\nAgainst the last evaluation recorded in {record}:" + ("" if changes else " nothing changed."))
        for name in sorted(now.scores.keys() & before.scores.keys()):
            f1s = before.scores[name]["all"][2], now.scores[name]["all"][2]
            if f1s[0] != f1s[1]:
                console.print(f"  F1 of {name}: {f1s[0]:.3f} → {f1s[1]:.3f}", markup=False)
        for c in changes:
            console.print(f"  {c.what} {c.table} | {c.doc}: {c.text or f'(item {c.key})'}", markup=False)
    write_record(now, record)
