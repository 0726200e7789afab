"""Everything that the pages show, worked out once from the tables."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.publish.index import Index, Item, make_index
from pipeline.publish.report.entries import Entry, Facets, list_entries, list_facets
from pipeline.publish.report.heat import Columns, HeatMap, group_codes, make_columns, make_heat_map
from pipeline.publish.report.profiles import Profile, make_profiles
from pipeline.publish.report.stories import Chapter, Story, Told, make_stories
from pipeline.publish.report.themes import ThemePage, make_code_pages, make_found_pages
from pipeline.records import Claim, Document, Judgement, Metric, Problem, Record, Severity, Verdict

_NEWEST = 10
_DIFFERENCES = (
    Verdict.OVERCLAIMED, Verdict.UNDERCLAIMED, Verdict.DIVIDED, Verdict.SHARED_WEAKNESS, Verdict.SHARED_STRENGTH,
)  # fmt: skip
"""The verdicts on claims, what differs most first."""
NO_DATE = "undated"
Row = Item | Metric


@dataclass(frozen=True)
class Gathered:
    """The tables, and what follows from them: a story and a profile a council, the themes, and the heat maps."""

    index: Index
    stories: list[Story]
    columns: tuple[Columns, Columns]
    members: Mapping[str, Sequence[Item]]
    profiles: Mapping[str, Profile]

    @functools.cached_property
    def heat(self) -> tuple[HeatMap, HeatMap]:
        """The themes of the codebook by year and by region."""
        years, regions = self.columns
        return make_heat_map(years, self.members), make_heat_map(regions, self.members)

    @functools.cached_property
    def codes(self) -> list[ThemePage]:
        """The themes of the codebook, those with the most to be put right first."""
        return make_code_pages(self.index, self.heat[0], self.members)

    @functools.cached_property
    def found(self) -> list[ThemePage]:
        """The themes that the clustering found, the largest first."""
        return make_found_pages(self.index, self.columns[0])

    @functools.cached_property
    def names(self) -> list[tuple[str, str]]:
        """The ids and names of the themes that the clustering found, by name."""
        named = [(t.theme_id, t.label) for t in self.index.themes.values()]
        return sorted(named, key=lambda pair: (pair[1], pair[0]))

    @functools.cached_property
    def facets(self) -> Facets:
        """What search can be narrowed to."""
        return list_facets(self.index)

    @functools.cached_property
    def entries(self) -> list[Entry]:
        """What search goes over."""
        return list(list_entries(self.index))

    @functools.cached_property
    def rows(self) -> Mapping[str, list[Row]]:
        """The findings, recommendations and metrics of each document, in reading order."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in [*self.index.items.values(), *self.index.metrics]:
            rows[row.document_id].append(row)
        return {d: sorted(found, key=lambda r: (r.char_start, r.char_end)) for d, found in rows.items()}

    @functools.cached_property
    def judgements(self) -> Mapping[str, list[Judgement]]:
        """The judgements of each document."""
        rows: dict[str, list[Judgement]] = defaultdict(list)
        for row in self.index.judgements:
            rows[row.document_id].append(row)
        return rows

    @functools.cached_property
    def years(self) -> dict[str, list[tuple[Story, Told]]]:
        """The recommendations by year, newest first, then by council."""
        years: dict[str, list[tuple[Story, Told]]] = defaultdict(list)
        for story in self.stories:
            for chapter in story.chapters:
                for told in chapter.recommendations:
                    years[str(told.item.date.year) if told.item.date else NO_DATE].append((story, told))
        return dict(sorted(years.items(), key=lambda pair: (pair[0] != NO_DATE, pair[0]), reverse=True))

    def list_claims(self, story: Story) -> list[tuple[Claim, ...]]:
        """The claims of a council, those of a self-assessment together, the newest first; what differs most stands
        first among them."""
        own = [c for c in self.index.claims if c.council_code == story.code]
        own.sort(key=lambda c: (c.document_id, _DIFFERENCES.index(c.verdict), c.theme_code))
        groups = [tuple(group) for _, group in itertools.groupby(own, key=lambda c: c.document_id)]
        dates = {g[0].document_id: self.index.date_document(self.index.documents[g[0].document_id]) for g in groups}
        return sorted(groups, key=lambda g: dates[g[0].document_id] or dt.date.min, reverse=True)

    @property
    def newest(self) -> list[tuple[Story, Chapter]]:
        """The newest visits."""
        visits = [(s, c) for s in self.stories for c in s.visits]
        visits.sort(key=lambda pair: (pair[1].date or dt.date.min, pair[0].council, pair[1].anchor), reverse=True)
        return visits[:_NEWEST]

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """How many documents there are of each kind, the most first."""
        counts = Counter(d.doc_type.value for d in self.index.documents.values())
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    @functools.cached_property
    def outcomes(self) -> list[tuple[str, Counter[str]]]:
        """For each kind of recommendation, how many there are of each outcome ("" where it is not known)."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for item in self.index.recommendations:
            counts[item.kind.value][item.outcome.value if item.outcome else ""] += 1
        return sorted(counts.items(), key=lambda pair: -pair[1].total())

    @property
    def added(self) -> list[Document] | None:
        """The documents that the last run added to what was there; None where it was the first."""
        parameters = json.loads(self.index.runs[-1].parameters) if self.index.runs else {}
        if parameters.get("added") is None:
            return None
        added = set(parameters["added"])
        return [d for d in self.index.documents.values() if d.file_sha256 in added]

    @property
    def problems(self) -> list[Problem]:
        """The errors, then the warnings."""
        return sorted(self.index.problems, key=lambda p: (p.severity is not Severity.ERROR, p.file_name, p.message))

    @property
    def warnings(self) -> list[tuple[str, int]]:
        """How many warnings there are of each sort, the most first."""
        counts = Counter(p.error for p in self.index.problems if p.severity is Severity.WARNING)
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def gather(tables: Mapping[str, Sequence[Record]]) -> Gathered:
    """Everything that the pages of the sorted tables show."""
    index = make_index(tables)
    stories, columns, members = make_stories(index), make_columns(index), group_codes(index)
    profiles = make_profiles(index, stories, members, columns[0].column_of)
    return Gathered(index, stories, columns, members, profiles)
