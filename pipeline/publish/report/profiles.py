"""A council in figures, for lists, for comparison, and beside its statistical neighbours."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.publish.index import NO_COUNCIL, Index, Item
from pipeline.publish.report.heat import Cell, Columns
from pipeline.publish.report.stories import Chapter, Story
from pipeline.records import Area, Judgement, Outcome
from pipeline.rules import read_bytes

OUTCOMES = tuple(Outcome)
HeatRow = dict[str, Cell]


@dataclass(frozen=True)
class Profile:
    """A council in figures. `grades` are the newest judgement of each area, `themes` a cell for each theme: in how many
    of the council's reports of visits it is named as something to be put right."""

    slug: str
    council: str
    code: str | None
    region: str | None
    visits: int
    documents: int
    last_visit: Chapter | None
    grades: Mapping[Area, tuple[Judgement, Chapter]]
    outcomes: Mapping[Outcome, int]
    reports: int
    themes: Mapping[str, Cell]

    @property
    def overall(self) -> tuple[Judgement, Chapter] | None:
        """The newest judgement of overall effectiveness, or of leaders where a newer visit gives no overall one."""
        given = [self.grades[a] for a in (Area.OVERALL_EFFECTIVENESS, Area.LEADERS) if a in self.grades]
        return max(given, key=lambda pair: pair[1].date or dt.date.min, default=None)

    @property
    def told(self) -> int:
        """How many recommendations have a known outcome."""
        return sum(self.outcomes.values())


def _count_themes(index: Index, members: Mapping[str, Sequence[Item]], reports: Iterable[str]) -> dict[str, HeatRow]:
    """For each council with a report of a visit, its cell of each theme."""
    columns = Columns("council", of := {d: index.name_council(d) for d in reports}, dict(Counter(of.values())))
    rows: dict[str, HeatRow] = {council: {} for council in columns.reports}
    for code, items in members.items():
        for cell in columns.make_cells(items):
            rows[cell.column][code] = cell
    return rows


def _newest_grades(story: Story) -> dict[Area, tuple[Judgement, Chapter]]:
    grades: dict[Area, tuple[Judgement, Chapter]] = {}
    for chapter in story.visits:
        for judgement in chapter.judgements:
            grades.setdefault(judgement.area, (judgement, chapter))
    return grades


def make_profiles(
    index: Index, stories: Sequence[Story], members: Mapping[str, Sequence[Item]], reports: Iterable[str]
) -> dict[str, Profile]:
    """The profile of each council, by name. `members` are the items of each theme, `reports` those of visits."""
    themes = _count_themes(index, members, reports)
    profiles = {}
    for story in stories:
        if story.council == NO_COUNCIL:
            continue
        told = Counter(t.item.outcome for c in story.chapters for t in c.recommendations if t.item.outcome)
        own = themes.get(story.council, {})
        profiles[story.council] = Profile(
            slug=story.slug,
            council=story.council,
            code=story.code,
            region=story.region,
            visits=len(story.visits),
            documents=sum(len(c.documents) for c in story.chapters),
            last_visit=story.visits[0] if story.visits else None,
            grades=_newest_grades(story),
            outcomes={o: told[o] for o in OUTCOMES},
            reports=next((c.documents for c in own.values()), 0),
            themes=own,
        )
    return profiles


@functools.cache
def read_neighbours() -> dict[str, tuple[str, ...]]:
    """The statistical neighbours of each council, nearest first: names by name, from `models/local_authorities.csv`."""
    rows: list[dict[str, str]] = []
    for name in ("local_authorities.csv", "sample_authorities.csv"):
        rows += csv.DictReader(io.StringIO(read_bytes(name).decode()))
    names = {row["gss_code"]: row["name"] for row in rows}
    codes = {row["name"]: row["statistical_neighbours"].split(";") for row in rows}
    return {name: tuple(names[c.strip()] for c in listed if c.strip() in names) for name, listed in codes.items()}


def find_neighbours(profile: Profile, profiles: Mapping[str, Profile]) -> tuple[list[Profile], list[str]]:
    """The council's statistical neighbours in the dataset, and the names of those that it does not hold."""
    listed = read_neighbours().get(profile.council, ())
    return [profiles[n] for n in listed if n in profiles], [n for n in listed if n not in profiles]
