"""When a visit was, when its report was published, who led it: `models/visits.yml` says where these are printed."""

from __future__ import annotations

import datetime as dt
import functools
import re

from pydantic import Field

from pipeline.identify.dates import DateSpan, read_dates
from pipeline.identify.views import View
from pipeline.records import DocType
from pipeline.rules import Regex, RuleModel, read_yaml

LETTERS = (DocType.FOCUSED_VISIT, DocType.MONITORING_VISIT, DocType.JTAI_LETTER, DocType.AREA_SEND_INSPECTION)
_WORD = r"[A-Z][\w'’-]+"
_NAME = rf"(?:(?:Dr|Mr|Mrs|Ms|Miss)\s+)?{_WORD}(?:[^\S\n]+(?:{_WORD}|[A-Z]\b\.?|(?:de|van|von|der|la|le)\b)){{1,3}}"
_NOT_A_NAME = re.compile(r"\s*\b(?:Her|His|HMI|Senior|National|Regional|Ofsted|Inspector|Dear|Age)\b.*$", re.DOTALL)


class Place(RuleModel):
    """Words after which a date is printed."""

    after: Regex
    reach: int = Field(gt=0)
    note: str
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)

    def find(self, text: str) -> DateSpan | None:
        """The first date that stands within reach after these words."""
        for m in _compile(self.after).finditer(text):
            window = text[m.end() : m.end() + self.reach + 60]
            span = next(iter(read_dates(window)), None)
            if span is not None and span.start <= self.reach:
                return DateSpan(span.first, span.last, m.end() + span.start, m.end() + span.end)
        return None


class CommitteeWords(RuleModel):
    """What a committee is called."""

    labels: list[str]
    words: list[str]
    small_words: list[str]


class Places(RuleModel):
    """`models/visits.yml`."""

    visit: list[Place]
    published: list[Place]
    minuted: list[Place]
    meeting: list[Place]
    lead_inspector: list[str]
    team: list[str]
    ordinal: str
    ordinals: dict[str, int]
    committee: CommitteeWords
    title_labels: list[str]


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


@functools.cache
def load_places() -> Places:
    """The places, validated."""
    return read_yaml("visits.yml", Places)


def find_first(places: list[Place], text: str) -> DateSpan | None:
    """The date at the first place, in the order of the rules, that has one."""
    return next((span for place in places if (span := place.find(text))), None)


def find_visit_dates(view: View) -> DateSpan | None:
    """First and last day of the visit, by the document's opening."""
    return find_first(load_places().visit, view.opening) or find_first(load_places().visit, view.body[:6000])


def find_foot_dates(view: View) -> DateSpan | None:
    """First and last day of the visit by the running heads and feet."""
    return next((s for line in view.foot.splitlines() for s in read_dates(line) if s.first < s.last), None)


def find_letter_date(view: View) -> dt.date | None:
    """The date at the head of a letter: the last that stands before "Dear", a line of its own where there is one."""
    dear = re.search(r"^[^\w\n]*dear\b", view.opening, re.IGNORECASE | re.MULTILINE)
    if dear is None:
        return None
    head = view.opening[: dear.start()]
    dates = [s for s in read_dates(head) if s.first == s.last]
    alone = [s for s in dates if not _line_around(head, s).replace(head[s.start : s.end], "").strip(" .,:Date")]
    best = alone or dates
    return best[0].first if best else None


def _line_around(text: str, span: DateSpan) -> str:
    end = text.find("\n", span.end)
    return text[text.rfind("\n", 0, span.start) + 1 : len(text) if end < 0 else end]


def find_published(view: View, kind: DocType) -> dt.date | None:
    """The printed date of publication, or the date at a letter's head; a copyright year alone is none."""
    if span := find_first(load_places().published, view.opening):
        return span.last
    return find_letter_date(view) if kind in LETTERS else None


def find_lead_inspector(view: View, kind: DocType) -> str | None:
    """The lead inspector as printed; nobody where the document names none, as most letters after a visit."""
    places = load_places()
    if kind is DocType.AREA_SEND_INSPECTION:
        return next((n for p in places.team for n in _names(p, view.body)), None)
    for text in (view.opening, view.body):
        for pattern in places.lead_inspector:
            if names := _names(pattern, text):
                return names[0]
    return None


def _names(pattern: str, text: str) -> list[str]:
    """The names at NAME; letters of the rest match in either case, those of names do not."""
    head, tail = pattern.split("NAME")
    found = re.finditer(rf"(?m)(?i:{head})(?P<name>{_NAME})(?i:{tail})", text)
    names = (" ".join(_NOT_A_NAME.sub("", m["name"].split("\n")[-1 if not head else 0]).split()) for m in found)
    return [n for n in names if " " in n]


def find_ordinal(view: View) -> int | None:
    """3 for "this was the third monitoring visit"."""
    m = _compile(load_places().ordinal).search(view.body[:4000])
    return load_places().ordinals.get(m[1].lower()) if m else None
