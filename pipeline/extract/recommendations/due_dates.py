"""When an action is due: the words, and the date where they name one."""

from __future__ import annotations

import calendar
import datetime as dt
import re

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?:20\d\d|['’]?\d\d(?!\d|st|nd|rd|th))"
_NO_DAY = r"(?<!\d )" + "".join(rf"(?<!\d{x} )(?<!\d{x} of )" for x in ("st", "nd", "rd", "th"))
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH}),? ({_YEAR})", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"{_NO_DAY}\b({_MONTH}),?[ -]+({_YEAR})\b", re.IGNORECASE)
_NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.]((?:20)?\d\d)\b")
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_QUARTER = re.compile(r"\b(?:q|quarter )([1-4])\b\D{0,6}(20\d\d)(?:[/-](\d\d))?", re.IGNORECASE)
_NO_END = re.compile(r"\b(?:from|since|ongoing|weekly|monthly|quarterly|termly|annual(?:ly)?)\b", re.IGNORECASE)
_IN_TEXT = re.compile(
    rf"\b(?:by|before|no later than) (?:the )?(?:(?:end|beginning|start|middle) of )?"
    rf"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH},? 20\d\d",
    re.IGNORECASE,
)


def find_due(text: str) -> str | None:
    """The words of a running text that set a date ("by the end of July 2021"), or None."""
    found = _IN_TEXT.search(text)
    return found.group() if found else None


def due_date(due: str | None) -> dt.date | None:
    """The date that the words name: the day, the last day of a month, or the last day of a quarter of a financial year.

    None where they name none ("immediately", "within three months", "ongoing") or several that differ.
    """
    if not due or _NO_END.search(due):
        return None
    dates: list[dt.date | None] = []
    rest = due
    for pattern, read in _READERS:
        dates += [read(m) for m in pattern.finditer(rest)]
        rest = pattern.sub(" ", rest)
    named = {d for d in dates if d}
    return named.pop() if len(named) == 1 else None


def _date(year: int, month: int, day: int | None) -> dt.date | None:
    try:
        return dt.date(year, month, day if day is not None else calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def _year(text: str) -> int:
    number = int(re.sub(r"\D", "", text))
    return number if number > 99 else 2000 + number


def _month(text: str) -> int:
    return _MONTHS[text.lower().rstrip(".")]


def _quarter_end(m: re.Match[str]) -> dt.date | None:
    quarter, year = int(m.group(1)), int(m.group(2))
    return _date(year + (quarter == 4), {1: 6, 2: 9, 3: 12, 4: 3}[quarter], None)


_READERS = (  # in this order, so that "October 21 October 21" is no 21 October
    (_ISO, lambda m: _date(int(m.group(1)), int(m.group(2)), int(m.group(3)))),
    (_NUMERIC, lambda m: _date(_year(m.group(3)), int(m.group(2)), int(m.group(1)))),
    (_MONTH_YEAR, lambda m: _date(_year(m.group(2)), _month(m.group(1)), None)),
    (_DAY_MONTH, lambda m: _date(_year(m.group(3)), _month(m.group(2)), int(m.group(1)))),
    (_QUARTER, _quarter_end),
)
