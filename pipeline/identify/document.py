"""A part of a file and what it is: the rows of `documents` and `visits`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from pipeline.identify.committees import find_committee, find_meeting_date, find_title
from pipeline.identify.councils import Council, CouncilGuess, guess_council
from pipeline.identify.dates import DateSpan
from pipeline.identify.kinds import VISIT_TYPES, KindGuess, guess_kind, name_framework
from pipeline.identify.views import View
from pipeline.identify.visits import (
    find_first,
    find_foot_dates,
    find_lead_inspector,
    find_ordinal,
    find_published,
    find_visit_dates,
    load_places,
)
from pipeline.ids import make_id
from pipeline.read.blocks import Reading
from pipeline.records import DocType, Document, Problem, Severity, Visit
from pipeline.split import Part

STAGE = "identify"
_UNSURE = 0.7  # a lead of two


@dataclass(frozen=True)
class Identity:
    """A document's row, the row of the visit that it reports, and what could not be told for certain."""

    document: Document
    visit: Visit | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Dates:
    visit: DateSpan | None
    published: dt.date | None


def identify(part: Part, reading: Reading, file_name: str, file_sha256: str, source_url: str | None = None) -> Identity:
    """What this part of a file is: kind, council, visit, dates, committee, title.

    Whatever is doubtful (no council, a kind that barely wins, dates that contradict each other) is told in
    `problems`; nothing is filled in by default.
    """
    view = View(part.blocks, reading.media_type)
    kind = guess_kind(view)
    notes: list[tuple[str, str]] = []
    titles = _titles(view, kind)
    reports_visit = kind.kind in VISIT_TYPES
    pack = View(reading.blocks, reading.media_type) if len(part.blocks) < len(reading.blocks) else None
    guess = guess_council(view, titles, file_name, source_url, None if reports_visit else pack, reading.title)
    dates = _read_dates(view, kind.kind, notes) if reports_visit else _Dates(None, find_published(view, kind.kind))
    _note_doubts(kind, guess, notes)
    visit = _make_visit(view, kind.kind, guess.council, dates, notes) if reports_visit else None
    pages = [b.page for b in part.blocks if b.page is not None] + [b.last_page for b in part.blocks if b.last_page]
    lines = [b.line for b in part.blocks if b.line is not None] + [b.last_line for b in part.blocks if b.last_line]
    document = Document(
        document_id=make_id("doc", file_sha256, part.number),
        file_name=file_name,
        file_sha256=file_sha256,
        media_type=reading.media_type,
        source_url=source_url,
        part=part.number,
        title=_find_title(view, kind) or reading.title or file_name,
        doc_type=kind.kind,
        doc_type_confidence=kind.confidence,
        council=guess.council.name if guess.council else None,
        council_code=guess.council.code if guess.council else None,
        region=guess.council.region if guess.council else None,
        visit_id=visit.visit_id if visit else None,
        published=dates.published,
        meeting_date=None if reports_visit else find_meeting_date(view, kind.kind, _pack_meeting(part, reading)),
        committee=None if reports_visit else find_committee(view, kind.kind),
        first_page=min(pages, default=None),
        last_page=max(pages, default=None),
        first_line=min(lines, default=None),
        last_line=max(lines, default=None),
        words=len(view.body.split()),
        text_source="ocr" if len(set(pages) & set(reading.legible)) * 2 > len(set(pages)) else "native",
    )
    problems = tuple(
        Problem(
            file_name=file_name,
            file_sha256=file_sha256,
            stage=STAGE,
            error=error,
            message=message,
            severity=Severity.WARNING,
        )
        for error, message in notes
    )
    return Identity(document, visit, problems)


def _title_matches(view: View, kind: KindGuess) -> list[re.Match[str]]:
    """Where the kind's cues stand that are titles: at the top, or in a letter's subject line and first sentence."""
    zones = {"top": view.top, "opening": view.opening}
    matches = [cue.search(zones[cue.where]) for cue in kind.cues if cue.where in zones]
    return [m for m in matches if m is not None]


def _titles(view: View, kind: KindGuess) -> list[str]:
    """The phrases that name the visit or paper, each to the end of its line and a little beyond."""
    phrases = []
    for m in _title_matches(view, kind):
        end = m.string.find("\n", m.end() + 1)
        phrases.append(m.string[m.start() : min(len(m.string) if end < 0 else end, m.end() + 120)])
    return phrases


def _find_title(view: View, kind: KindGuess) -> str | None:
    zones = {"top": view.top, "opening": view.opening}
    cue = next((c for c in kind.cues if c.id.endswith((".title", ".older")) and c.where in zones), None)
    return find_title(view, cue.search(zones[cue.where]) if cue else None, kind.kind)


def _read_dates(view: View, kind: DocType, notes: list[tuple[str, str]]) -> _Dates:
    front, foot = find_visit_dates(view), find_foot_dates(view)
    published = find_published(view, kind)
    if front and foot and (front.first, front.last) != (foot.first, foot.last):
        notes.append(
            (
                "visit_dates_differ",
                f"The front page says {front.first} to {front.last}, the running foot {foot.first} to {foot.last}; "
                "the front page's dates were taken.",
            )
        )
    visit = front or foot
    if visit and published and published < visit.last:
        notes.append(
            ("published_before_visit", f"Published on {published}, before the visit's last day, {visit.last}.")
        )
    if visit is None:
        notes.append(("visit_dates_unknown", "No dates of the visit were found."))
    return _Dates(visit, published)


def _note_doubts(kind: KindGuess, guess: CouncilGuess, notes: list[tuple[str, str]]) -> None:
    if kind.confidence < _UNSURE:
        scores = ", ".join(f"{k.value} {s:g}" for k, s in sorted(kind.scores.items(), key=lambda s: (-s[1], s[0])))
        notes.append(("kind_unsure", f"Taken as {kind.kind.value}; the cues weigh {scores}."))
    if guess.council is None:
        notes.append(("council_unknown", "No local authority was recognised; add its spelling to models/councils.yml."))
    elif guess.rival is not None:
        notes.append(
            ("council_unsure", f"Taken as {guess.council.name}; {guess.rival.name} is named nearly as strongly.")
        )


def _make_visit(
    view: View, kind: DocType, council: Council | None, dates: _Dates, notes: list[tuple[str, str]]
) -> Visit | None:
    if council is None:
        return None
    anchor = dates.visit.first if dates.visit else dates.published
    if anchor is None:
        notes.append(("visit_undated", "The visit has no date; its row carries none."))
    framework = name_framework(kind, view.top)
    if kind is DocType.SIF_INSPECTION and framework != "SIF":
        notes.append(("older_framework", f"Filed as sif_inspection; its framework is: {framework}."))
    visit_type = VISIT_TYPES[kind]
    return Visit(
        visit_id=make_id("visit", council.code, visit_type, anchor.isoformat() if anchor else None),
        council=council.name,
        council_code=council.code,
        visit_type=visit_type,
        visit_start=dates.visit.first if dates.visit else None,
        visit_end=dates.visit.last if dates.visit else None,
        published=dates.published,
        ordinal=find_ordinal(view),
        lead_inspector=find_lead_inspector(view, kind),
        framework=framework,
    )


def _pack_meeting(part: Part, reading: Reading) -> dt.date | None:
    """The meeting of the pack that the part came in, by the agenda at the head of its file."""
    if part.number == 1:
        return None
    head = View(reading.blocks[:60], reading.media_type)
    if guess_kind(View(head.blocks[:25], reading.media_type)).scores.get(DocType.AGENDA, 0) < 8:
        return None
    span = find_first(load_places().meeting, head.top)
    return span.first if span else None
