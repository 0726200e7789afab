"""Dates and periods in a text, as written and as days."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from pipeline.extract.metrics.numbers import load_words
from pipeline.extract.metrics.patterns import load_patterns

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"


@dataclass(frozen=True, slots=True)
class Period:
    """A period at `source[start:end]`, with its first and last day where the words give them."""

    start: int
    end: int
    text: str
    first: dt.date | None
    last: dt.date | None
    rule_id: str


def _year(text: str) -> int:
    number = int(text)
    return number if number > 99 else 2000 + number


def _month(year: int, name: str) -> tuple[dt.date, dt.date]:
    month = MONTHS.index(name.lower()[:3]) + 1
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def _back(today: dt.date, months: int) -> dt.date:
    total = today.year * 12 + today.month - 1 - months
    year, month = divmod(total, 12)
    return dt.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _read_span(text: str, today: dt.date | None) -> tuple[dt.date | None, dt.date | None]:
    m = re.search(
        r"\b(last|past|previous|preceding|latest)\b(?: ([\w-]+))? (day|week|month"
        r"|year)s?\b|\b(?:in the) ([\w-]+) (day|week|month|year)s? (?:prior|before|up)",
        text,
        re.I,
    )
    if m is None or today is None:
        return None, None
    count_text, unit = (m.group(2), m.group(3)) if m.group(3) else (m.group(4), m.group(5))
    words = load_words().number_words
    if not count_text or count_text.lower() == "full":
        count = 1
    elif count_text.isdigit():
        count = int(count_text)
    elif count_text.lower() in words:
        count = words[count_text.lower()]
    else:
        return None, None
    unit = unit.lower()
    if unit in ("day", "week"):
        return today - dt.timedelta(days=count * (7 if unit == "week" else 1)), today
    return _back(today, count * (12 if unit == "year" else 1)), today


def read_period(
    rule_id: str, text: str, today: dt.date | None, before: str = ""
) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of a period as written; (None, None) where its words do not give them.

    Two-part years are financial years, April to March, but school years after "academic" or "school". Stretches such
    as "the last 12 months" end at `today`, the document's date.
    """
    kind = rule_id.rsplit(".", 1)[-1]
    try:
        if kind == "day" and (m := re.search(rf"(\d{{1,2}})\D+?{_MONTH},?\s*(\d{{4}}|\d\d)$", text, re.I)):
            day = dt.date(_year(m.group(3)), MONTHS.index(m.group(2).lower()[:3]) + 1, int(m.group(1)))
            return day, day
        if (
            kind == "day_range"
            and (days := re.findall(rf"(\d{{1,2}})[a-z]*\s{_MONTH}\s*(\d{{4}})?", text, re.I))
            and len(days) == 2
            and days[1][2]
        ):
            first, last = (
                dt.date(int(year or days[1][2]), MONTHS.index(name.lower()[:3]) + 1, int(day))
                for day, name, year in days
            )
            return (first, last) if first <= last else (None, None)
        if kind == "month_range":
            found = re.findall(rf"{_MONTH}\s*'?(\d{{4}}|\d\d)?", text, re.I)
            if len(found) == 2 and found[1][1]:
                last = _month(_year(found[1][1]), found[1][0])[1]
                first = _month(_year(found[0][1]) if found[0][1] else last.year, found[0][0])[0]
                return (first, last) if first <= last else (None, None)
        if kind == "month" and (m := re.search(rf"{_MONTH}\s*'?(\d{{4}}|\d\d)$", text, re.I)):
            return _month(_year(m.group(2)), m.group(1))
        if kind == "school_year" and (m := re.search(r"(\d{2,4})\D+(\d{2,4})", text)):
            year = _year(m.group(1))
            if _year(m.group(2)) != year + 1:
                return None, None
            if re.search(r"(?:academic|school)\s+year\s*$", before, re.I):
                return dt.date(year, 9, 1), dt.date(year + 1, 8, 31)
            return dt.date(year, 4, 1), dt.date(year + 1, 3, 31)
        if kind == "quarter" and (m := re.search(r"([1-4])\D+(\d{2,4})[-/–]\d\d$", text)):
            quarter, year = int(m.group(1)), _year(m.group(2))
            first = _month(year + (quarter == 4), MONTHS[(3 * quarter) % 12])[0]
            return first, _month(first.year, MONTHS[first.month + 1])[1]
        if kind == "year" and (m := re.search(r"(\d{4})$", text)):
            return dt.date(int(m.group(1)), 1, 1), dt.date(int(m.group(1)), 12, 31)
    except ValueError:
        return None, None
    if kind in ("span", "before"):
        return _read_span(text, today)
    if kind == "now" and today and re.search(r"currently|at present|to date|so far|\bnow\b|at the time of", text, re.I):
        return (None if re.search("to date|so far", text, re.I) else today), today
    return None, None


def find_periods(text: str, today: dt.date | None) -> tuple[Period, ...]:
    """The periods of a text in order, without overlap: of two that overlap the longer."""
    found: list[Period] = []
    for pattern in load_patterns("period"):
        for m in pattern.regex.finditer(text):
            start, end = m.span(1) if pattern.regex.groups and m.group(1) else m.span()
            start += len(text[start:end]) - len(text[start:end].lstrip())
            words = text[start:end]
            first, last = read_period(pattern.rule.id, words, today, text[:start])
            found.append(Period(start, end, words, first, last, pattern.rule.id))
    found.sort(key=lambda p: (p.start - p.end, p.start))
    kept: list[Period] = []
    for p in found:
        if all(p.end <= k.start or p.start >= k.end for k in kept):
            kept.append(p)
    return tuple(sorted(kept, key=lambda p: p.start))
