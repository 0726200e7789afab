"""Which committee a paper belongs to, when that committee met, and what the paper is called."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator

from pipeline.identify.councils import find_councils
from pipeline.identify.dates import read_dates, read_months
from pipeline.identify.views import View
from pipeline.identify.visits import find_first, load_places
from pipeline.records import DocType

_LONGEST = 110


def read_rows(view: View) -> Iterator[tuple[str, str]]:
    """The rows of a front table as (label, value): "Report to: Cabinet", "Date: July 2022"."""
    for cell in re.split(r"[\n\t]", view.top):
        if m := re.match(r"\W*([A-Za-z][\w' ()/]{1,40}?)\s*:\s*(\S.*)$", cell):
            yield m[1].strip().lower().rstrip("(s)"), m[2].strip()
    cells = [c.strip() for c in re.split(r"[\n\t]", view.top)]
    for label, value in itertools.pairwise(cells):  # the label on a line of its own
        if value and len(label) < 40:
            yield label.strip(" :*").lower(), value


def find_committee(view: View, kind: DocType) -> str | None:
    """The committee as printed, in title case where it is printed in capitals."""
    words = load_places().committee
    for label, value in read_rows(view):
        if label in words.labels and len(value) <= _LONGEST and (name := _read_committee(value)):
            return name
    if kind not in (DocType.MINUTES, DocType.AGENDA):
        return None
    m = re.search(r"meeting of (?:the )?([A-Z][^.\n,]{3,80}?)(?:\s+held|\s+will be|\s+on\b|,|\n|$)", view.top)
    if m and (name := _read_committee(m[1])):
        return name
    for line in view.top.splitlines():
        if len(line) <= _LONGEST and (name := _read_committee(line)):
            return name
    return None


def _read_committee(text: str) -> str | None:
    words = "|".join(re.escape(w) for w in load_places().committee.words)
    text = re.sub(r"^.*\b(?:for|of)\s+(?:the\s+)?(?=\S.*\b(?:" + words + r")\b)", "", text, flags=re.IGNORECASE)
    found = list(re.finditer(rf"\b(?:{words})\b(?:\s*\([^)]*\))?", text, re.IGNORECASE))
    if not found:
        return None
    name = text[: found[-1].end()].strip(" -–—:*,")
    if len(name.split()) > 12 or name.endswith(".") or _names_council(name):
        return None
    return _title_case(name) if name.isupper() else name


def _names_council(text: str) -> bool:
    """Whether the words are the authority's own name ("Ambleford County Council") and no committee's."""
    return any(
        re.fullmatch(
            r"\W*(?:city |county |borough |metropolitan |district )*council\W*", text[m.end() :], re.IGNORECASE
        )
        for _, m in find_councils(text)
    )


def _title_case(name: str) -> str:
    small = load_places().committee.small_words
    words = [w if i and w in small else w[:1].upper() + w[1:] for i, w in enumerate(name.lower().split())]
    return " ".join(words)


def find_meeting_date(view: View, kind: DocType, pack: dt.date | None) -> dt.date | None:
    """The date of the meeting that a paper was written for or records.

    `pack` is the meeting of the agenda pack that the paper came in: it counts for a report that is dated only by
    that meeting's month.
    """
    if span := find_first(load_places().meeting, view.top):
        return span.last
    if kind in (DocType.MINUTES, DocType.AGENDA):
        return next((s.first for s in read_dates(view.top)), None)
    if pack is not None:
        for label, value in read_rows(view):
            if label == "date" and read_months(value)[:1] == [(pack.year, pack.month)]:
                return pack
    return None


def find_title(view: View, cue: re.Match[str] | None, kind: DocType) -> str | None:
    """The title as printed: a front table's row, the words that gave the kind away, or the first heading."""
    for label, value in read_rows(view):
        if label in load_places().title_labels and not value.endswith(":"):
            return " ".join(value.split())
    if kind is DocType.MINUTES:
        return _join_first_lines(view)
    if cue is not None:
        text = cue.string
        end = text.find("\n", cue.end())
        start = text.rfind("\n", 0, cue.start() + len(cue[0]) - len(cue[0].lstrip())) + 1
        return " ".join(text[start : len(text) if end < 0 else end].split()).strip(" *")[:300]
    first = view.content[0].text if view.content else ""
    if len(first) > _LONGEST or read_dates(first):
        first = view.headings.split("\n")[0] or first
    return " ".join(first.split())[:200] or None


def _join_first_lines(view: View) -> str:
    """The lines above "PRESENT": the committee and the day."""
    lines: list[str] = []
    for block in view.content[:4]:
        if lines and re.match(r"\W*(present|minutes of|in attendance|membership)\b", block.text, re.IGNORECASE):
            break
        lines.append(" ".join(block.text.split()))
        if read_dates(block.text):
            break
    return " ".join(lines)[:200]
