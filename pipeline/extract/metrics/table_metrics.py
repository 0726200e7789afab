"""Metrics in tables: one for each cell that is a number, named by its row and its column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.extract.metrics.context import find_subject, match_subject
from pipeline.extract.metrics.measures import tidy
from pipeline.extract.metrics.numbers import Number, find_numbers, load_words
from pipeline.extract.metrics.patterns import find_mask
from pipeline.extract.metrics.periods import Period, find_periods
from pipeline.read.blocks import Block, Cell
from pipeline.records import Subject, Unit

_BARE = re.compile(
    r"^[(~<>≤≥c.]*\s*(?:£\s?)?-?\d[\d,.]*\s?(?:%|k|m|million"
    r"|per cent)?\)?\*?(?:\s*\(\d+\s?/\s?\d+\)|\s*\(n ?= ?\d+\))?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TableNumber:
    """A number of a table with the words that name it. `cell` is the run of the block's text that holds it."""

    number: Number
    unit: Unit
    measure: str
    subject: Subject
    period: Period | None
    is_target: bool
    cell: Cell


def is_bare(text: str) -> bool:
    """Whether a cell holds a number and nothing else."""
    return bool(_BARE.match(text.strip()))


def rows_of(block: Block) -> dict[int, list[Cell]]:
    """The cells of a table by row, each row by column."""
    rows: dict[int, list[Cell]] = {}
    for cell in sorted(block.cells, key=lambda c: (c.row, c.column)):
        rows.setdefault(cell.row, []).append(cell)
    return rows


def _headings(rows: dict[int, list[Cell]]) -> tuple[int, dict[int, str]]:
    """How many rows head the table, and each column's words."""
    names: dict[int, list[str]] = {}
    count = 0
    for row, cells in sorted(rows.items()):
        numeric = sum(is_bare(c.text) and not _is_year(c.text) for c in cells)
        if not (any(c.header for c in cells) or row == min(rows)) or numeric > 0:
            break
        for cell in cells:
            if cell.text.strip():
                names.setdefault(cell.column, []).append(cell.text.strip())
        count += 1
    return count, {column: " ".join(words) for column, words in names.items()}


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:\s?[-–/]\s?(?:20)?\d\d)?", text.strip()))


def _read_unit(number: Number, heading: str, label: str) -> Unit:
    if number.unit is not None:
        return number.unit
    for words in (heading, label):
        low = words.lower()
        if "10,000" in low or "10 000" in low or "10k" in low:
            return Unit.PER_10000
        if "%" in low or "percent" in low or "per cent" in low:
            return Unit.PERCENT
        if "£" in low:
            return Unit.GBP
        if m := re.search(
            r"\((days|weeks|months|years|hours)\)|\b(?:average|median|mean)\b.*\b(days|weeks|months|years|hours)\b", low
        ):
            return Unit(m.group(1) or m.group(2))
        if re.search(r"\b(?:percentage|proportion)\b", low):
            return Unit.PERCENT
        if re.search(r"\branking?\b|\bposition\b", low):
            return Unit.RANK
        if re.search(r"\bscores?\b", low):
            return Unit.SCORE
    return Unit.COUNT


def _scale(heading: str, label: str) -> float:
    m = re.search(
        r"£\s?(?:\(?\s?)(000s?|m|k|million)\b|\((?:£\s?)?(000s?|thousands|millions)\)",
        f"{heading} {label}",
        re.IGNORECASE,
    )
    if m is None:
        return 1.0
    word = (m.group(1) or m.group(2)).lower()
    return 1_000_000.0 if word.startswith("m") else 1000.0


def find_column_subject(heading: str) -> Subject:
    """Whose numbers a column holds by its heading, periods aside; the council's own where nothing else is said."""
    if (named := match_subject(_drop_periods(heading))) is not None:
        return named
    found = find_subject(f"in {heading}")
    return found[0] if found else Subject.COUNCIL


def _drop_periods(words: str) -> str:
    """The words without the periods in them and without the brackets that this leaves empty."""
    for period in reversed(find_periods(words, None)):
        words = words[: period.start] + words[period.end :]
    return re.sub(r"\s+", " ", re.sub(r"\(\W*\)", "", words)).strip(" ,-–:/")


def read_caption(text: str) -> str:
    """What the line above a table says it shows: "Average caseloads are set out below." gives "Average caseloads"."""
    text = re.sub(r"^\W*(?:table|figure|chart)\s+\w+\s*[:.–-]\s*", "", text.strip(), flags=re.IGNORECASE)
    text = re.sub(
        r"^the (?:following )?table(?: below)? (?:shows|sets out|gives|compares)\s+", "", text, flags=re.IGNORECASE
    )
    text = re.sub(
        r",?\s+(?:(?:is|are|was|were)\s+)?(?:set out|shown|given|listed|as follows|summarised|in the table)\b.*$",
        "",
        text,
        flags=re.IGNORECASE,
    )
    words = _drop_periods(text.strip(" .:"))
    return tidy(words) if 0 < len(words.split()) <= 14 else ""


def _name_cell(label: str, corner: str, heading: str, caption: str) -> str:
    """The measure of a cell. A column's period names no measure; where rows are places, teams or periods, what is
    measured stands in the column's heading or above the table."""
    column = _drop_periods(heading)
    if column.lower() in load_words().table_plain_heads:
        column = ""
    row = "" if _is_year(label) or not _drop_periods(label) else label
    parts = [row] if row else []
    if column and column.lower() not in label.lower():
        parts.append(column)
    grouped = corner.lower().strip(" .:") in load_words().table_groups or not (corner or heading)
    if caption and (not row or (not column and grouped)):
        parts.insert(0, caption)
    return ", ".join(parts)


def find_table_numbers(block: Block, caption: str = "") -> Iterator[TableNumber]:
    """The numbers of a table in reading order. Columns that number, date or refer to something yield none.

    `caption` is what the line above the table says that it shows."""
    rows = rows_of(block)
    if len(rows) < 2:
        return
    heads, names = _headings(rows)
    skipped = re.compile(rf"^(?:{'|'.join(load_words().table_columns_out)})\W*$", re.IGNORECASE)
    for cells in [rows[r] for r in sorted(rows)][heads:]:
        labels = [c for c in cells if c.text.strip() and not is_bare(c.text) and re.search(r"[A-Za-z]{2}", c.text)]
        if not labels and _is_year(cells[0].text):
            labels = cells[:1]
        if not labels:
            continue
        label = re.sub(r"\s+", " ", labels[0].text).strip()
        for cell in cells:
            heading = re.sub(r"\s+", " ", names.get(cell.column, "")).strip()
            if (
                cell.column < labels[0].column
                or not is_bare(cell.text)
                or skipped.match(heading)
                or _is_year(cell.text)
                or cell is labels[0]
            ):
                continue
            numbers = find_numbers(cell.text)
            if not numbers or find_mask(cell.text, numbers[0].start, numbers[0].end, plain=False):
                continue
            unit = _read_unit(numbers[0], heading, label)
            value = numbers[0].value * (_scale(heading, label) if unit in (Unit.GBP, Unit.COUNT) else 1.0)
            if unit is Unit.COUNT and not heading and len(label.split()) > 14:
                continue
            periods = find_periods(heading, None) or find_periods(label, None)
            yield TableNumber(
                number=Number(
                    numbers[0].start, numbers[0].end, value, unit, of=numbers[1].of if len(numbers) > 1 else None
                ),
                unit=unit,
                measure=_name_cell(label, names.get(labels[0].column, ""), heading, caption),
                subject=find_column_subject(heading),
                period=periods[0] if periods else None,
                is_target=bool(
                    re.search(r"\b(?:targets?|goal|ambition|trajectory|aim|standard)\b", heading, re.IGNORECASE)
                ),
                cell=cell,
            )
