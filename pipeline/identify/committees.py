"""Which committee a paper belongs to, when that committee met, and what the paper is called."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
from collections.abc import Iterator

from pipeline.identify.councils import find_councils
from pipeline.identify.dates import read_dates, read_months
from pipeline.identify.views import View
from pipeline.identify.visits import find_first, load_places
from pipeline.records import DocType

_LONGEST = 110
_FIRST_BLOCKS = 8
_LONGEST_LABEL = 60
_OWN_DATE_WITHIN = 350
"""Characters at the head of minutes within which they name their own meeting."""
_OF_WHAT = (
    r"^.*\b(?:meetings?|minutes|reports?|agenda|notes?|record|proceedings|decisions|actions|summary|session|members|borough|city|county)\b"
    r"[^.]{0,40}?\b(?:for|of)\s+(?:the\s+)?"
)
"""What stands before a committee's name; an "of" without such a word is the name's own ("Panel of Young People")."""
_STAMP = re.compile(r"\s*\bagenda item\b(?: no\b\.?| number\b)?\s*:?\s*\d{1,2}[a-z]?\b\.?\s*", re.IGNORECASE)
_FIRST_HALF = re.compile(
    r"(?=.*\b(?:children|young|famil|education|people|health|care|skills|lives))[a-z][a-z'’&, ]{5,60}", re.IGNORECASE
)
_SECOND_HALF = re.compile(
    r"(?:(?:overview|and|&|scrutiny|select|policy|cabinet|sub)[ -]){1,6}(?:committee|commission|panel|board)",
    re.IGNORECASE,
)
_REMIT = re.compile(
    r"\s+[-–—]\s+(?!(?:draft|public|minutes|notes|record|agenda|actions?|report|update|supplement|membership|decisions?"
    r"|terms|meeting)\b)[A-Z][A-Za-z'’&]*(?: [A-Za-z'’&]+){0,4}$",
    re.IGNORECASE,
)
"""The part of a name behind a dash that says what the committee watches over: "Scrutiny Committee - People"."""


@functools.cache
def _joined_label() -> re.Pattern[str]:
    """The gap before a label that a reader joined to the row above: "Title: The local offer Meeting: Cabinet"."""
    labels = "|".join(re.escape(label.capitalize()) for label in load_places().committee.labels if len(label) > 4)
    return re.compile(rf"\s(?=(?:{labels})\s?:\s)")


def read_rows(view: View) -> Iterator[tuple[str, str]]:
    """The rows of a front table as (label, value): "Report to: Cabinet", "Date: July 2022"."""
    for cell in re.split(rf"[\n\t]|{_joined_label().pattern}", view.top):
        if m := re.match(r"\W*([A-Za-z][\w' ()/]{1,60}?)\s*:\s*(\S.*)$", cell):
            yield m[1].strip().lower().rstrip("(s)"), m[2].strip()
    cells = [c.strip() for c in re.split(r"[\n\t]", view.top)]
    for label, value in itertools.pairwise(cells):  # the label on a line of its own
        if value and len(label) < _LONGEST_LABEL:
            yield label.strip(" :*").lower(), value


def find_committee(view: View, kind: DocType) -> str | None:
    """The committee as printed, in title case where it is printed in capitals."""
    words = load_places().committee
    for label, value in read_rows(view):
        if label in words.labels and len(value) <= _LONGEST and (name := _read_committee(value)):
            return name
    if kind not in (DocType.MINUTES, DocType.AGENDA):
        return _read_head(view)
    m = re.search(r"meeting of (?:the )?([A-Z][^.\n,]{3,80}?)(?:\s+held|\s+will be|\s+on\b|,|\n|$)", view.top)
    if m and (name := _read_committee(m[1])):
        return name
    for line in _read_lines(view):
        if len(line) <= _LONGEST and (name := _read_committee(line)):
            return name
    return None


def _read_lines(view: View) -> list[str]:
    """The first lines; a committee's name broken over two ("Children's Services", "Scrutiny Committee") is one."""
    lines: list[str] = []
    for line in view.top.split("\n"):
        above = _STAMP.sub(" ", lines[-1]).strip() if lines else ""
        if _SECOND_HALF.fullmatch(line.strip()) and _FIRST_HALF.fullmatch(above) and not _names_council(above):
            lines[-1] = f"{above} {line.strip()}"
        else:
            lines.append(line)
    return lines


def _read_head(view: View) -> str | None:
    """The committee whose name and day stand above a report."""
    lines = _read_lines(view)[:4]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if len(line) <= _LONGEST and (read_dates(line) or (len(below) < _LONGEST and read_dates(below))):
            line = line[: read_dates(line)[0].start] if read_dates(line) else line
            if name := _read_committee(line):
                return name
    return None


def _read_committee(text: str) -> str | None:
    words = "|".join(re.escape(w) for w in load_places().committee.words)
    text = _STAMP.sub(" ", text).strip()
    if _names_council(text):  # before "of" is cut from "Isle of Wight Council"
        return None
    text = re.sub(r"^(?:(?:report (?:to|for)|the)\s+)+(?=\S)", "", text, flags=re.IGNORECASE)
    text = re.sub(_OF_WHAT + r"(?=\S.*\b(?:" + words + r")\b)", "", text, flags=re.IGNORECASE)
    found = list(re.finditer(rf"\b(?:{words})\b(?:\s*\([^)]*\))?", text, re.IGNORECASE))
    if not found:
        return None
    end = found[-1].end()
    remit = _REMIT.match(text, end)
    name = _cut_council(text[: remit.end() if remit else end]).strip(" -–—:*,")
    if len(name.split()) > 12 or name.endswith(".") or _names_council(name):
        return None
    return _title_case(name) if name.isupper() else name


def _cut_council(text: str) -> str:
    """The committee's name without that of its council before it ("AMBLEFORD BOROUGH COUNCIL CHILDREN'S PANEL")."""
    words = "|".join(re.escape(w) for w in load_places().committee.words)
    m = re.match(r".{2,50}?\bcouncil\b\W+(?=\S.*\b(?:" + words + r")\b)", text, re.IGNORECASE)
    return text[m.end() :] if m and any(True for _ in find_councils(m[0])) else text


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

    Minutes name the day that they record before that on which they are to be approved. `pack` is the meeting of the
    agenda pack that the paper came in: it counts for a report that is dated only by that meeting's month.
    """
    own = find_first(load_places().minuted, view.top) if kind is DocType.MINUTES else None
    if own and own.start < _OWN_DATE_WITHIN:
        return own.last
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
        title = text[start : len(text) if end < 0 else end]
        if end >= 0 and re.search(r"\b(for|of|to|in|and|the)\W*$", title, re.IGNORECASE):  # it goes on below
            title = " ".join([title, text[end + 1 :].split("\n")[0]])
        return " ".join(title.split()).strip(" *")[:300]
    lines = [b.text for b in view.content[:_FIRST_BLOCKS]]
    titles = [t for t in lines if len(t) <= _LONGEST and not read_dates(t) and not _is_preliminary(t)]
    first = next((t for t in titles), view.headings.split("\n")[0] or (lines[0] if lines else ""))
    return " ".join(first.split())[:200] or None


def _is_preliminary(text: str) -> bool:
    """Whether it stands above a title: the council's name, a pack's stamp, a row of a front table, a salutation."""
    return _names_council(text) or bool(
        re.match(r"\W*(agenda item\b.{0,8}$|dear\b|appendix \w{1,3}\W*$|[a-z][\w '()/-]{1,30}:)", text, re.IGNORECASE)
    )


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
