"""What people corrected: `OUT/corrections.csv`, which Excel opens, is read on every run and wins over the clustering.

A line is one correction; `target`, `to` and `items` hold

| action  | target | to                                 | items                                          |
|---------|--------|------------------------------------|------------------------------------------------|
| rename  | theme  | the new name                       |                                                |
| merge   | theme  | the theme that takes it in         |                                                |
| split   | theme  | the name of the part that leaves   | ids, or words that its items hold; between: `;` |
| move    |        | the theme that they go to          | ids                                            |
| relabel |        | a code, or two: first; second      | ids                                            |

Every line names `who` corrected and `when`. Lines are applied in order; those that cannot be stand in the table
`corrections` with the reason.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import InputFault
from pipeline.ids import digest
from pipeline.records import Correction, CorrectionAction

NAME = "corrections.csv"
COLUMNS = ("action", "target", "to", "items", "who", "when", "note")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%b-%y")  # what Excel makes of a date


@dataclass(frozen=True)
class CorrectionLine:
    """A line of the file, its cells as written."""

    action: str
    target: str
    to: str
    items: str
    who: str
    when: str
    note: str = ""

    @property
    def date(self) -> dt.date | None:
        """`when` as a date; None where it is none."""
        for pattern in _DATES:
            try:
                return dt.datetime.strptime(self.when.split(" ")[0].split("T")[0], pattern).date()
            except ValueError:
                continue
        return None

    @property
    def listed(self) -> tuple[str, ...]:
        """The ids or words of `items`."""
        return tuple(part.strip() for part in self.items.split(";") if part.strip())

    def find_fault(self) -> str | None:
        """Why the line cannot be applied whatever the themes are; None where it can be."""
        if self.action not in list(CorrectionAction):
            return f"There is no action {self.action or '(empty)'}: write {', '.join(CorrectionAction)}."
        if not self.who or self.date is None:
            return "Who and when must be filled in; when is a date such as 2026-11-30."
        if not self.to:
            return "The column to is empty."
        if self.to[0] in "=+-@":
            return "The column to begins with a sign that a spreadsheet takes for a formula."
        if self.action in (CorrectionAction.RENAME, CorrectionAction.MERGE, CorrectionAction.SPLIT) and not self.target:
            return "The column target is empty."
        if self.action in (CorrectionAction.SPLIT, CorrectionAction.MOVE, CorrectionAction.RELABEL) and not self.listed:
            return "The column items is empty."
        return None


@dataclass
class CorrectionLog:
    """The lines of the file and what came of each; every step takes the lines of its own actions."""

    lines: Sequence[CorrectionLine]
    results: dict[int, tuple[bool, str]] = field(default_factory=dict)

    def take(self, *actions: CorrectionAction) -> Iterator[tuple[int, CorrectionLine]]:
        """The lines with one of these actions that have no fault of their own, with their numbers from 1."""
        for number, line in enumerate(self.lines, 1):
            if line.action in actions and line.find_fault() is None:
                yield number, line

    def note(self, number: int, applied: bool, result: str) -> None:
        """Write down what came of a line."""
        self.results[number] = (applied, result)

    @property
    def records(self) -> tuple[Correction, ...]:
        """The rows of the table `corrections`."""
        return tuple(self._record(number, line) for number, line in enumerate(self.lines, 1))

    def _record(self, number: int, line: CorrectionLine) -> Correction:
        applied, result = self.results.get(number, (False, line.find_fault() or ""))
        values = {name: getattr(line, name) for name in COLUMNS} | {"when": line.date}
        return Correction(number=number, applied=applied, result=result, **values)


def corrections_digest(path: Path) -> str:
    """Says whether the file has changed; the same for a file that is absent or empty."""
    return digest(path.read_bytes() if path.exists() else b"")


def read_corrections(path: Path) -> tuple[CorrectionLine, ...]:
    """The lines of the file; none where there is no file. Excel's encodings, separators and dates are understood.

    Raises InputFault where the first line does not name the columns.
    """
    if not path.exists() or not (data := path.read_bytes()).strip():
        return ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    head = text.lstrip().split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    missing = [c for c in COLUMNS if c != "note" and c not in (rows.fieldnames or ())]
    if missing:
        raise InputFault(f"{path} has no column {', '.join(missing)}; its first line must be {','.join(COLUMNS)}.")
    return tuple(_read_line(row) for row in rows if any(isinstance(v, str) and v.strip() for v in row.values()))


def _read_line(row: dict[str, str | None]) -> CorrectionLine:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    return CorrectionLine(**{**cells, "action": cells["action"].lower()})


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keep other writers of the file, and the exchange of its folder, away meanwhile; waits for them."""
    import fcntl

    folder = path.resolve().parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.corrections.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def append_correction(path: Path, correction: CorrectionLine) -> None:
    """Add a line to the file, which is made where it is absent. Readers see the old file or the new, never a part.

    Raises InputFault where the correction has a fault that is known without the themes, or the file cannot be read.
    """
    if fault := correction.find_fault():
        raise InputFault(fault)
    with writing(path):
        lines = (*read_corrections(path), correction)
        made = io.StringIO(newline="")
        sheet = csv.writer(made)
        sheet.writerow(COLUMNS)
        for line in lines:
            sheet.writerow([getattr(line, name) for name in COLUMNS])
        temporary = path.with_name(f".{path.name}.new")
        with temporary.open("wb") as file:
            file.write(made.getvalue().encode("utf-8-sig"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
