"""Dates and ranges of dates as English documents print them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<{}>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+(?:the\s+)?)?"
_DAY = r"(?P<{}>\d{{1,2}})(?:\s?(?:st|nd|rd|th)\b)?"
_YEAR = r"(?P<{}>(?:19|20)\d\d)(?!\d)"
_GAP = r"(?:\s*[-–—/]\s*|\s*,?\s+)"


def _item(n: int) -> str:
    month = rf"(?:(?:\s+day)?(?:\s+of)?{_GAP}{_MONTH.format(f'm{n}')}(?:{_GAP}{_YEAR.format(f'y{n}')})?)?"
    return rf"{_WEEKDAY}(?<![\d/.]){_DAY.format(f'd{n}')}{month}(?![\d/])"


_JOIN = r"\s*(?:,\s*and|,|to|until|till|and|&|[-–—]+)\s*"
_MOST = 4
_SPAN = re.compile(
    r"(?<![\w£.])"
    + _item(0)
    + "".join(f"(?:(?P<j{n}>{_JOIN}){_item(n)}" for n in range(1, _MOST))
    + ")?" * (_MOST - 1),
    re.IGNORECASE,
)
_NUMERIC = re.compile(
    r"(?<![\d/.\-])(?:(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<d2>\d{1,2})[/.](?P<m2>\d{1,2})[/.](?P<y2>(?:20)?\d\d))(?![\d/\-])"
)
_MONTH_YEAR = re.compile(rf"\b{_MONTH.format('m')},?\s+{_YEAR.format('y')}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date or a range of dates: first and last day, and where in the text it is printed."""

    first: dt.date
    last: dt.date
    start: int
    end: int


def _date(year: int | None, month: int | None, day: int) -> dt.date | None:
    try:
        return dt.date(year or 0, month or 0, day)
    except ValueError:
        return None


def _resolve(m: re.Match[str]) -> DateSpan | None:
    """The days that a match names; a day without month or year takes those of the day after it."""
    found: list[dt.date] = []
    year: int | None = None
    month: int | None = None
    end = None
    for n in range(_MOST - 1, -1, -1):
        if m[f"d{n}"] is None:
            continue
        named = MONTHS[m[f"m{n}"].lower()] if m[f"m{n}"] else None
        if year is None and (named is None or m[f"y{n}"] is None):
            continue  # a number after the last full date, or a date without a year
        if m[f"y{n}"]:
            year = int(m[f"y{n}"])
        elif year is not None and named is not None and month is not None and named > month:
            year -= 1  # "12 December to 6 January 2023"
        month = named or month
        day = _date(year, month, int(m[f"d{n}"]))
        if day is None:
            return None
        if end is None:
            end = m.end(f"y{n}")
        found.append(day)
    if end is None:
        return None
    return DateSpan(min(found), max(found), m.start(), end)


def read_dates(text: str) -> list[DateSpan]:
    """Every full date and range of dates in the text, in order; a date without day, month or year is none."""
    spans = []
    for m in _SPAN.finditer(text):
        if span := _resolve(m):
            spans.append(span)
    for m in _NUMERIC.finditer(text):
        year = int(m["y"] or m["y2"])
        day = _date(year if year > 99 else 2000 + year, int(m["m"] or m["m2"]), int(m["d"] or m["d2"]))
        if day is not None and not any(s.start < m.end() and m.start() < s.end for s in spans):
            spans.append(DateSpan(day, day, m.start(), m.end()))
    return sorted(spans, key=lambda s: s.start)


def read_months(text: str) -> list[tuple[int, int]]:
    """Every "July 2022" in the text as (year, month), in order."""
    return [(int(m["y"]), MONTHS[m["m"].lower()]) for m in _MONTH_YEAR.finditer(text)]
