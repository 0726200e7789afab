"""Recommendations, findings and visits → threads and outcomes."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Vectors
from pipeline.ids import make_id
from pipeline.records import (
    Document,
    Finding,
    ItemType,
    Outcome,
    Polarity,
    Recommendation,
    RecommendationKind,
    Relation,
    Thread,
    Visit,
)
from pipeline.threads.comparing import compare
from pipeline.threads.dating import date_files
from pipeline.threads.judging import describe_outcomes, settle_outcomes
from pipeline.threads.logistic import load_models
from pipeline.threads.rules import load_thread_rules
from pipeline.threads.views import View, view_item

Item = Recommendation | Finding


@dataclass(frozen=True, slots=True)
class OutcomeOf:
    """What the next full inspection says of a recommendation, and how sure that is."""

    outcome: Outcome
    visit_id: str
    confidence: float


@dataclass(frozen=True)
class Threads:
    """The links, by source and score, and the outcome of each recommendation by its id."""

    threads: tuple[Thread, ...]
    outcomes: Mapping[str, OutcomeOf]


def link_threads(
    documents: Sequence[Document],
    visits: Sequence[Visit],
    recommendations: Sequence[Recommendation],
    findings: Sequence[Finding],
    vectors: Mapping[str, Vectors],
) -> Threads:
    """Threads and outcomes of everything that is followed. `vectors` gives the unit vector of each item by its id.

    The order of the arguments' rows does not matter.
    """
    docs = {d.document_id: d for d in documents}
    items: list[Item] = [
        *sorted(recommendations, key=lambda r: r.recommendation_id),
        *sorted(findings, key=lambda f: f.finding_id),
    ]
    desk = _Desk(date_files(documents), vectors)
    threads: dict[str, Thread] = {}
    outcomes: dict[str, OutcomeOf] = {}
    for between in _follow_visits(visits, [i for i in items if i.visit_id]):
        for findings_of_letter in between.letters:
            for row in _report(desk, between.asked, findings_of_letter):
                threads[row.thread_id] = row
        if between.after_id:
            for row in _judge(desk, between.asked, between.after, between.after_id, outcomes):
                threads[row.thread_id] = row
    for sources, targets in _pair_papers(desk, docs, items):
        for row in _follow(desk, sources, targets):
            threads.setdefault(row.thread_id, row)
    return Threads(sort_threads(threads.values()), dict(sorted(outcomes.items())))


def sort_threads(threads: Iterable[Thread]) -> tuple[Thread, ...]:
    """The threads by council and source, the surest first."""
    return tuple(sorted(threads, key=lambda t: (t.council_code, t.from_id, -t.score, t.to_id, t.relation)))


def item_id(row: Item) -> str:
    """The row's id, whichever table it is of."""
    return row.recommendation_id if isinstance(row, Recommendation) else row.finding_id


@dataclass(frozen=True)
class _Desk:
    """What every comparison needs."""

    file_dates: Mapping[str, dt.date]
    vectors: Mapping[str, Vectors]
    views: dict[tuple[str, bool], View] = field(default_factory=dict)
    """Views that were made so far, with headings or without: most items are never compared, some with many papers."""

    def view(self, rows: Sequence[Item], headings: bool = False) -> list[View]:
        """The rows' views; with `headings`, which a council's papers need, the heading above each lends its topics."""
        return [self._look(row, headings) for row in rows]

    def _look(self, row: Item, headings: bool) -> View:
        key = item_id(row), headings
        if key not in self.views:
            self.views[key] = _view(row, self.vectors[key[0]], row.section if headings else None)
        return self.views[key]

    def date(self, row: Item) -> dt.date | None:
        """The item's date, or that of the agenda pack that holds its document."""
        return row.date or self.file_dates.get(row.document_id)

    def link(self, start: Item, end: Item, relation: Relation, score: float) -> Thread | None:
        dates = self.date(start), self.date(end)
        if dates[0] is None or dates[1] is None or start.council_code is None:
            return None
        ids = item_id(start), item_id(end)
        return Thread(
            thread_id=make_id("thread", *ids, relation.value),
            council_code=start.council_code,
            from_id=ids[0],
            from_type=_type_of(start),
            to_id=ids[1],
            to_type=_type_of(end),
            relation=relation,
            score=round(min(1.0, max(0.0, score)), 4),
            days=(dates[1] - dates[0]).days,
        )


def _view(row: Item, vector: Vectors, heading: str | None = None) -> View:
    return view_item(item_id(row), row.text, vector, heading, row.cohorts if isinstance(row, Finding) else None)


def _type_of(row: Item) -> ItemType:
    return ItemType.RECOMMENDATION if isinstance(row, Recommendation) else ItemType.FINDING


@dataclass(frozen=True)
class _Between:
    """What a full inspection asked for, what the visits after it found, and what the next full inspection holds."""

    asked: list[Recommendation]
    letters: list[list[Finding]]
    after: list[Item]
    after_id: str | None


def _follow_visits(visits: Sequence[Visit], items: Sequence[Item]) -> Iterator[_Between]:
    """Each full inspection that asks for something, up to the council's next one or to the last letter."""
    rules = load_thread_rules()
    by_visit: dict[str, list[Item]] = defaultdict(list)
    for row in items:
        by_visit[row.visit_id or ""].append(row)
    timeline: dict[str, set[tuple[dt.date, str, bool]]] = defaultdict(set)
    for visit in visits:
        when = visit.visit_end or visit.visit_start or visit.published
        full = visit.visit_type.value in rules.full
        if (full or visit.visit_type.value in rules.between) and when and by_visit.get(visit.visit_id):
            timeline[visit.council_code].add((when, visit.visit_id, full))
    for _, dated in sorted(timeline.items()):
        ordered = sorted(dated)
        fulls = [i for i, (_, _, full) in enumerate(ordered) if full]
        for i, end in itertools.zip_longest(fulls, fulls[1:]):
            asked = [r for r in by_visit[ordered[i][1]] if isinstance(r, Recommendation)]
            if asked:
                letters = [by_visit[visit_id] for _, visit_id, _ in ordered[i + 1 : end]]
                found = [[f for f in rows if isinstance(f, Finding)] for rows in letters]
                after_id = ordered[end][1] if end is not None else None
                yield _Between(asked, found, by_visit[after_id] if after_id else [], after_id)


def _judge(
    desk: _Desk,
    asked: Sequence[Recommendation],
    after: Sequence[Item],
    visit_id: str,
    outcomes: dict[str, OutcomeOf],
) -> Iterator[Thread]:
    models, rules = load_models(), load_thread_rules()
    again = [r for r in after if isinstance(r, Recommendation)]
    found = [f for f in after if isinstance(f, Finding)]
    asked_views, found_views = desk.view(asked), desk.view(found)
    chosen = models.about.predict(compare(asked_views, found_views))
    about = chosen[:, :-1]
    repeats = models.repeats.predict(compare(asked_views, desk.view(again)))[..., 1]
    linked = repeats >= models.repeats.threshold
    vectors = np.array([v.vector for v in asked_views], dtype=float)
    seen = describe_outcomes([f.polarity for f in found], chosen, repeats, vectors)
    chances = settle_outcomes(models.outcome.predict(seen), models.outcome.classes, linked)
    for i, source in enumerate(asked):
        best = int(np.argmax(chances[i]))
        outcome = Outcome(models.outcome.classes[best])
        outcomes[item_id(source)] = OutcomeOf(outcome, visit_id, float(chances[i][best]))
        for j, target in enumerate(again):
            if linked[i, j]:
                yield from _just(desk.link(source, target, Relation.REPEATS, float(repeats[i, j])))
        if outcome == Outcome.NOT_MENTIONED:
            continue
        for j in best_targets(about[i], rules.evidence_least, rules.evidence):
            resolved = outcome == Outcome.IMPROVED and found[j].polarity == Polarity.STRENGTH
            relation = Relation.RESOLVES if resolved else Relation.REPORTS_ON
            yield from _just(desk.link(source, found[j], relation, float(about[i, j])))


def _report(desk: _Desk, asked: Sequence[Recommendation], found: Sequence[Finding]) -> Iterator[Thread]:
    """What a letter between two full inspections says of the recommendations of the first."""
    rules = load_thread_rules()
    chosen = load_models().about.predict(compare(desk.view(asked), desk.view(found)))[:, :-1]
    for source, chances in zip(asked, chosen, strict=True):
        for j in best_targets(chances, rules.evidence_least, rules.evidence):
            yield from _just(desk.link(source, found[j], Relation.REPORTS_ON, float(chances[j])))


def _just(thread: Thread | None) -> tuple[Thread, ...]:
    return (thread,) if thread else ()


def _pair_papers(
    desk: _Desk, docs: Mapping[str, Document], items: Sequence[Item]
) -> Iterator[tuple[list[Item], list[Item]]]:
    """What is followed, and the items of one later paper of the same council that may answer it."""
    rules = load_thread_rules()
    by_doc: dict[str, list[Item]] = defaultdict(list)
    for row in items:
        by_doc[row.document_id].append(row)
    sources: dict[str, list[tuple[str, list[Item]]]] = defaultdict(list)
    for document_id, rows in sorted(by_doc.items()):
        followed = _followed(docs[document_id], rows)
        if followed and followed[0].council_code:
            sources[followed[0].council_code].append((document_id, followed))
    for document_id, rows in sorted(by_doc.items()):
        paper = docs[document_id]
        if paper.doc_type not in rules.papers or not paper.council_code:
            continue
        for source_id, followed in sources[paper.council_code]:
            start, end = desk.date(followed[0]), desk.date(rows[0])
            if start and end and 0 <= (end - start).days <= rules.answer_days:
                own = {item_id(r) for r in followed} if source_id == document_id else set()
                yield followed, [r for r in rows if item_id(r) not in own]


def _followed(document: Document, rows: Sequence[Item]) -> list[Item]:
    """The demands of an inspection, or those that a paper quotes; the weaknesses of a letter without demands."""
    rules = load_thread_rules()
    demands: list[Item] = [
        r
        for r in rows
        if isinstance(r, Recommendation)
        and (
            document.doc_type in rules.sources
            or r.kind in (RecommendationKind.AREA_FOR_IMPROVEMENT, RecommendationKind.PRIORITY_ACTION)
        )
    ]
    if demands or document.doc_type not in rules.findings_followed:
        return demands
    return [r for r in rows if isinstance(r, Finding) and r.polarity != Polarity.STRENGTH]


def _follow(desk: _Desk, sources: Sequence[Item], targets: Sequence[Item]) -> Iterator[Thread]:
    """Links from demands to the items of a paper: quotes, answers (actions) and reports (findings)."""
    models, rules = load_models(), load_thread_rules()
    start, words = desk.view(sources), list(zip(targets, desk.view(targets), strict=True))
    quoted: set[tuple[int, str]] = set()
    for i, (source, view) in enumerate(zip(sources, start, strict=True)):
        for target, other in words:
            likeness = _share_words(view, other)
            if likeness >= rules.quote:
                quoted.add((i, item_id(target)))
                yield from _just(desk.link(source, target, Relation.QUOTES, likeness))
    actions: list[Item] = [t for t in targets if isinstance(t, Recommendation) and t.kind == RecommendationKind.ACTION]
    findings: list[Item] = [t for t in targets if isinstance(t, Finding)]
    answers = models.repeats.predict(compare(start, desk.view(actions, headings=True)))[..., 1]
    reports = models.about.predict(compare(start, desk.view(findings, headings=True)))[:, :-1]
    for i, source in enumerate(sources):
        for j in best_targets(answers[i], rules.answer_least, rules.answers_most):
            yield from _just(desk.link(source, actions[j], Relation.ANSWERS, float(answers[i, j])))
        for j in best_targets(reports[i], rules.report_least, rules.reports_most):
            if (i, item_id(findings[j])) not in quoted:
                yield from _just(desk.link(source, findings[j], Relation.REPORTS_ON, float(reports[i, j])))


def best_targets(chances: NDArray[np.float64], least: float, most: int) -> list[int]:
    """Places of the highest chances, at most `most`, each at least `least`."""
    return [int(j) for j in np.argsort(-chances, kind="stable")[:most] if chances[j] >= least]


def _share_words(a: View, b: View) -> float:
    return len(a.stems & b.stems) / max(1, len(a.stems | b.stems))
