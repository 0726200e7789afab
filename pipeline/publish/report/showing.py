"""How values are written on the pages: texts on one line, dates, numbers and places in words."""

from __future__ import annotations

import datetime as dt
import re

from pipeline.records import Evidence, Metric, Unit

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_UNITS = {
    Unit.PERCENT: "%",
    Unit.PER_10000: " per 10,000",
    Unit.COUNT: "",
    Unit.RATIO: " times",
}


def show_text(text: str | None) -> str:
    """A quote for reading: on one line, the lost line-end hyphen (U+FFFE) as a hyphen, no control characters."""
    return " ".join(_UNSEEN.sub("", text.replace("\ufffe", "-")).split()) if text else ""


def show_date(date: dt.date | None) -> str:
    """A date in words: 5 March 2024."""
    return f"{date.day} {date:%B %Y}" if date else ""


def show_month(date: dt.date | None) -> str:
    """A date by its month: Mar 2024."""
    return f"{date:%b %Y}" if date else ""


def show_dates(start: dt.date | None, end: dt.date | None) -> str:
    """A span of dates in words: 4 to 8 March 2024."""
    if not start or not end or start == end:
        return show_date(end or start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {show_date(end)}"
    return f"{show_date(start)} to {show_date(end)}"


def show_number(value: float) -> str:
    """A number with thousands separated and no needless decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def show_value(metric: Metric) -> str:
    """A metric's number with its unit: 31.5%, £1,200, 7 weeks."""
    number = show_number(metric.value)
    if metric.unit is Unit.GBP:
        return f"£{number}"
    return number + _UNITS.get(metric.unit, f" {metric.unit.value}")


def show_place(row: Evidence) -> str:
    """Where in its document a row stands: page 3, paragraph 14."""
    parts = []
    if row.page is not None:
        parts.append(f"page {row.page}")
    if row.line is not None:
        parts.append(f"line {row.line}")
    if row.paragraph:
        parts.append(f"paragraph {row.paragraph}")
    return ", ".join(parts) or "place not known"


def count_of(number: int, one: str, many: str | None = None) -> str:
    """A number of things: 1 council, 2 councils."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
