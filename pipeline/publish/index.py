"""The records by id and by what they belong to: what the workbook and the report look things up in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.records import (
    Claim,
    Document,
    Finding,
    Judgement,
    Metric,
    Polarity,
    Problem,
    Recommendation,
    Record,
    Run,
    Theme,
    ThemeItem,
    Thread,
    Visit,
)

Item = Finding | Recommendation
NO_COUNCIL = "No council named"


def get_id(item: Item) -> str:
    """The item's id."""
    return item.finding_id if isinstance(item, Finding) else item.recommendation_id


def is_concern(item: Item) -> bool:
    """Whether the item names something to be put right: a recommendation, or a finding that is no mere strength."""
    return isinstance(item, Recommendation) or item.polarity is not Polarity.STRENGTH


def list_codes(item: Item) -> list[str]:
    """The item's themes of the codebook."""
    return [c for c in (item.theme_code, item.theme_code_2) if c]


@dataclass
class Index:
    """The tables as lists of records, and lookups over them."""

    documents: dict[str, Document] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    themes: dict[str, Theme] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    metrics: list[Metric] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    theme_items: list[ThemeItem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """All findings, in reading order."""
        return [i for i in self.items.values() if isinstance(i, Finding)]

    @property
    def recommendations(self) -> list[Recommendation]:
        """All recommendations, in reading order."""
        return [i for i in self.items.values() if isinstance(i, Recommendation)]

    def name_council(self, document_id: str) -> str:
        """The council under which a document stands: its visit's, else its own."""
        document = self.documents[document_id]
        visit = self.visits.get(document.visit_id or "")
        return (visit.council if visit else document.council) or NO_COUNCIL

    def name_councils(self) -> list[str]:
        """The councils of the dataset, in alphabetical order."""
        named = {self.name_council(document_id) for document_id in self.documents} - {NO_COUNCIL}
        return sorted(named | {v.council for v in self.visits.values()})

    def date_document(self, document: Document) -> dt.date | None:
        """The end of the visit that it reports, else its publication, else its meeting."""
        visit = self.visits.get(document.visit_id or "")
        return (visit.visit_end if visit else None) or document.published or document.meeting_date


def make_index(tables: Mapping[str, Sequence[Record]]) -> Index:
    """The index of the sorted tables."""
    index = Index()
    for rows in tables.values():
        for row in rows:
            match row:
                case Document():
                    index.documents[row.document_id] = row
                case Visit():
                    index.visits[row.visit_id] = row
                case Theme():
                    index.themes[row.theme_id] = row
                case Finding() | Recommendation():
                    index.items[get_id(row)] = row
                case Metric():
                    index.metrics.append(row)
                case Judgement():
                    index.judgements.append(row)
                case Thread():
                    index.threads.append(row)
                case Claim():
                    index.claims.append(row)
                case ThemeItem():
                    index.theme_items.append(row)
                case Problem():
                    index.problems.append(row)
                case Run():
                    index.runs.append(row)
    return index
