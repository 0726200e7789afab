"""A council for reading: its visits and papers as chapters, and what became of each recommendation."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TypeVar

from pipeline.publish.index import NO_COUNCIL, Index, Item, get_id
from pipeline.publish.labels import label_code
from pipeline.records import (
    Area,
    Document,
    Finding,
    Judgement,
    Metric,
    Polarity,
    Recommendation,
    Relation,
    Thread,
    Visit,
)

Row = TypeVar("Row", Judgement, Recommendation, Finding, Metric)


@dataclass(frozen=True)
class Follow:
    """One end of a thread, seen from the other: the thread and the item there."""

    thread: Thread
    item: Item


@dataclass(frozen=True)
class Told:
    """A recommendation with the visit that shows its outcome, what came after it, and what came before, the surest
    links first."""

    item: Recommendation
    outcome_visit: Visit | None
    after: tuple[Follow, ...]
    before: tuple[Follow, ...]

    @property
    def answers(self) -> tuple[Follow, ...]:
        """What the council's own papers say to it; papers that only repeat its words come last."""
        own = [f for f in self.after if not f.item.visit_id]
        return tuple(sorted(own, key=lambda f: f.thread.relation is Relation.QUOTES))

    @property
    def answered(self) -> bool:
        """Whether one of these says more than its words."""
        return any(f.thread.relation is not Relation.QUOTES for f in self.answers)

    @property
    def later(self) -> tuple[Follow, ...]:
        """What reports of later visits say of it."""
        return tuple(f for f in self.after if f.item.visit_id)


@dataclass(frozen=True)
class Chapter:
    """A visit with its reports, or a document that reports no visit. `anchor` is its id on the council's page."""

    anchor: str
    title: str
    date: dt.date | None
    visit: Visit | None
    documents: tuple[Document, ...]
    judgements: tuple[Judgement, ...]
    recommendations: tuple[Told, ...]
    findings: tuple[Finding, ...]
    metrics: tuple[Metric, ...]

    def count(self, polarity: str) -> int:
        """How many findings of that polarity it has."""
        return sum(f.polarity is Polarity(polarity) for f in self.findings)

    @property
    def outcomes(self) -> Counter[str]:
        """How many of its recommendations have each outcome; "" stands for those without a later inspection."""
        return Counter(t.item.outcome.value if t.item.outcome else "" for t in self.recommendations)

    @property
    def answered(self) -> int:
        """How many of its recommendations the council's papers answer."""
        return sum(t.answered for t in self.recommendations)

    @property
    def followed(self) -> int:
        """Of how many of its recommendations a later visit speaks."""
        return sum(bool(t.later or t.item.outcome) for t in self.recommendations)

    @property
    def overall(self) -> Judgement | None:
        """The judgement of overall effectiveness; where none is given, as in newer inspections, that of leaders;
        or the only one."""
        if len(self.judgements) == 1:
            return self.judgements[0]
        given = {j.area: j for j in self.judgements}
        return given.get(Area.OVERALL_EFFECTIVENESS) or given.get(Area.LEADERS)


@dataclass(frozen=True)
class Story:
    """Everything that the page of a council shows, chapters newest first."""

    slug: str
    council: str
    code: str | None
    region: str | None
    chapters: tuple[Chapter, ...]

    @property
    def visits(self) -> tuple[Chapter, ...]:
        """The chapters that are visits."""
        return tuple(c for c in self.chapters if c.visit)

    @property
    def findings(self) -> int:
        """How many findings the council's documents hold."""
        return sum(len(c.findings) for c in self.chapters)

    @property
    def recommendations(self) -> int:
        """How many recommendations the council's documents hold."""
        return sum(len(c.recommendations) for c in self.chapters)

    @property
    def metrics(self) -> int:
        """How many metrics the council's documents hold."""
        return sum(len(c.metrics) for c in self.chapters)


def make_slug(name: str) -> str:
    """The name as a file name: letters a to z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"


def title_visit(visit: Visit) -> str:
    """What a visit is called: "Third monitoring visit" by its number, else its kind."""
    kind = label_code(visit.visit_type)
    return f"{kind} {visit.ordinal}" if visit.ordinal else kind


class _Teller:
    """The index turned round, so that the rows of a document and the threads of an item are at hand."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.judgements = _group(index.judgements)
        self.recommendations = _group(index.recommendations)
        self.findings = _group(index.findings)
        self.metrics = _group(index.metrics)
        self.after: dict[str, list[Follow]] = defaultdict(list)
        self.before: dict[str, list[Follow]] = defaultdict(list)
        for thread in sorted(index.threads, key=lambda t: (-t.score, t.days, t.thread_id)):
            self.after[thread.from_id].append(Follow(thread, index.items[thread.to_id]))
            self.before[thread.to_id].append(Follow(thread, index.items[thread.from_id]))

    def tell(self, item: Recommendation) -> Told:
        visit = self.index.visits.get(item.outcome_visit_id or "")
        return Told(item, visit, tuple(self.after[get_id(item)]), tuple(self.before[get_id(item)]))

    def write_chapter(self, documents: list[Document], visit: Visit | None) -> Chapter:
        ids = [d.document_id for d in documents]
        first = documents[0] if documents else None
        date = visit and (visit.visit_end or visit.visit_start or visit.published)
        return Chapter(
            anchor=visit.visit_id if visit else ids[0],
            title=title_visit(visit) if visit else documents[0].title,
            date=date or (self.index.date_document(first) if first else None),
            visit=visit,
            documents=tuple(documents),
            judgements=tuple(j for i in ids for j in self.judgements[i]),
            recommendations=tuple(self.tell(r) for i in ids for r in self.recommendations[i]),
            findings=tuple(f for i in ids for f in self.findings[i]),
            metrics=tuple(m for i in ids for m in self.metrics[i]),
        )


def _group(rows: list[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.document_id].append(row)
    return grouped


def make_stories(index: Index) -> list[Story]:
    """A story for each council, in alphabetical order; documents without a council come last."""
    teller = _Teller(index)
    by_visit: dict[str, list[Document]] = defaultdict(list)
    alone: dict[str, list[Document]] = defaultdict(list)
    for document in index.documents.values():
        if document.visit_id:
            by_visit[document.visit_id].append(document)
        else:
            alone[index.name_council(document.document_id)].append(document)
    chapters: dict[str, list[Chapter]] = defaultdict(list)
    for visit in index.visits.values():
        chapters[visit.council].append(teller.write_chapter(by_visit[visit.visit_id], visit))
    for council, documents in alone.items():
        chapters[council] += [teller.write_chapter([d], None) for d in documents]
    names = sorted(chapters, key=lambda name: (name == NO_COUNCIL, name))
    slugs = _name_files(names)
    return [_tell_story(index, council, slugs[council], chapters[council]) for council in names]


def _name_files(names: list[str]) -> dict[str, str]:
    """A file name for each council; a second one of the same letters gets a number."""
    slugs: dict[str, str] = {}
    taken = {"index"}
    for name in names:
        slug, number = make_slug(name), 2
        while slug in taken:
            slug, number = f"{make_slug(name)}-{number}", number + 1
        taken.add(slug)
        slugs[name] = slug
    return slugs


def _tell_story(index: Index, council: str, slug: str, chapters: list[Chapter]) -> Story:
    documents = [d for c in chapters for d in c.documents]
    visits = [c.visit for c in chapters if c.visit]
    code = next((v.council_code for v in visits), None) or next((d.council_code for d in documents), None)
    newest = sorted(chapters, key=lambda c: (c.date or dt.date.min, c.anchor), reverse=True)
    return Story(
        slug=slug,
        council=council,
        code=code,
        region=next((d.region for d in documents if d.region), None),
        chapters=tuple(newest),
    )
