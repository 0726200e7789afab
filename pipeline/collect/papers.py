"""Which papers of a committee's meeting are taken: those that concern children's services, and none twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.collect.knowledge import CommitteeKnowledge, any_found
from pipeline.collect.web import Link


class PaperKind(StrEnum):
    """What a paper is by its place on the site."""

    REPORT = "report"
    FRONTSHEET = "frontsheet"
    PACK = "pack"
    MINUTES = "minutes"
    DECISIONS = "decisions"


@dataclass(frozen=True)
class Committee:
    """A committee. `childrens` says whether all its papers concern children's services."""

    id: str
    title: str
    childrens: bool


@dataclass(frozen=True)
class Paper:
    """A paper of a meeting: its title and the agenda item that it belongs to."""

    address: str
    title: str
    item: str
    kind: PaperKind


@dataclass(frozen=True)
class Meeting:
    """A meeting that has papers."""

    id: str
    date: dt.date
    address: str
    papers: tuple[Paper, ...] = ()


def sort_committee(id: str, title: str, rules: CommitteeKnowledge) -> Committee | None:
    """The committee, or None where it has nothing to do with children's services."""
    if any_found(rules.childrens, title):
        return Committee(id, title, childrens=True)
    if any_found(rules.general, title):
        return Committee(id, title, childrens=False)
    return None


def choose_papers(
    committee: Committee, meeting: Meeting, had_minutes: bool, rules: CommitteeKnowledge
) -> Iterator[Link]:
    """The papers of the meeting that are worth reading.

    Of a committee for children all, of another those on one of the subjects. Nothing is taken twice: the pack only
    where the site does not offer its papers one by one; the minutes of the meeting before, which hang on this one's
    agenda, only where they were not had as that meeting's own (`had_minutes`).
    """
    papers = [p for p in meeting.papers if not any_found(rules.ignored, p.title, p.item)]
    reports = [p for p in papers if p.kind is PaperKind.REPORT]
    if not committee.childrens:
        reports = [p for p in reports if any_found(rules.subjects, p.title, p.item)]
    if had_minutes:
        reports = [p for p in reports if not any_found(rules.minutes, p.title)]
    taken = list(reports)
    if committee.childrens:
        whole = PaperKind.FRONTSHEET if reports else PaperKind.PACK
        taken += [p for p in papers if p.kind is whole]
    if committee.childrens or reports:
        taken += [p for p in papers if p.kind is PaperKind.MINUTES]
    for paper in taken:
        title = re.sub(r"\.pdf$", "", paper.title, flags=re.IGNORECASE)
        yield Link(paper.address, f"{meeting.date.isoformat()} {committee.title} - {title}", meeting.address)
