"""Labelled threads beside what the pipeline reads from the same files: the examples that the models learn from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.embed import Embedder, load_embedder
from pipeline.ids import file_sha256, normalise
from pipeline.process import process_file
from pipeline.records import DocType, Finding, Outcome, Recommendation, RecommendationKind
from pipeline.rules import RuleModel, read_bytes
from pipeline.store import FileResult
from pipeline.threads.comparing import compare
from pipeline.threads.rules import load_thread_rules
from pipeline.threads.views import View, view_item
from pipeline.train.labelled import hash_sentence
from pipeline.train.threads import Case, PaperCase


class RecommendationLabel(RuleModel):
    """What became of a recommendation: the hashes of the later recommendations that repeat it and of the sentences
    that show it."""

    outcome: Outcome
    repeats: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class PairLabels(RuleModel):
    """The labels of a pair of inspections, which are named by the hashes of their files; by the hash of each
    recommendation. Where the later report is another council's, it is judged as though it were the next one."""

    council: str
    later_council: str | None = None
    from_sha256: str
    to_sha256: str
    recommendations: dict[str, RecommendationLabel]


SAME = 0.75
"""Share of common words (F1) from which a row is the text of the gold."""


def read_cases(shared: Path) -> list[Case]:
    """The pairs of inspections in `SHARED/gold/dev/threads`."""
    return [_read_case(shared, gold) for gold in _read_gold(shared) if "recommendations" in gold]


def read_labelled(shared: Path) -> list[Case]:
    """The pairs of inspections of `models/threads/labels.jsonl` whose files are in `SHARED/corpus`."""
    files = {file_sha256(p): p for p in sorted((shared / "corpus").rglob("*")) if p.is_file()}
    rows = [PairLabels.model_validate_json(line) for line in read_bytes("threads/labels.jsonl").splitlines()]
    return [_read_label(r, files[r.from_sha256], files[r.to_sha256]) for r in rows]


def read_paper_cases(shared: Path) -> list[PaperCase]:
    """The councils' papers in `SHARED/gold/dev/threads`."""
    return [_read_paper(shared, gold) for gold in _read_gold(shared) if "links" in gold]


def _read_gold(shared: Path) -> list[dict[str, Any]]:
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted((shared / "gold/dev/threads").glob("*.json"))]


@cache
def _read_items(path: Path) -> FileResult:
    return process_file(path, path.name, file_sha256(path), load_embedder(), "pdfium")


@cache
def _views_of(path: Path) -> tuple[list[View], list[View]]:
    """The views of the file's recommendations and of its findings, made once for all that is read against it."""
    result = _read_items(path)
    return _view_rows(result.recommendations), _view_rows(result.findings)


def _view_rows(rows: Sequence[Recommendation | Finding], headings: bool = False) -> list[View]:
    vectors = _encode([r.text for r in rows])
    return [
        view_item("", r.text, v, r.section if headings else None, r.cohorts if isinstance(r, Finding) else None)
        for r, v in zip(rows, vectors, strict=True)
    ]


def _view_texts(texts: Sequence[str]) -> list[View]:
    return [view_item("", t, v) for t, v in zip(texts, _encode(texts), strict=True)]


def _encode(texts: Sequence[str]) -> Any:
    embedder: Embedder = load_embedder()
    return embedder.encode(texts)


def is_same(a: str, b: str) -> bool:
    """Whether two texts are the same item, as the scorer sees it."""
    x, y = normalise(a).split(), normalise(b).split()
    same = sum((Counter(x) & Counter(y)).values())
    return 2 * same >= SAME * (len(x) + len(y))


def _marks(rows: Sequence[Iterable[str]], items: Sequence[View]) -> Any:
    return np.array([[any(is_same(t, v.text) for t in texts) for v in items] for texts in map(list, rows)]).reshape(
        len(rows), len(items)
    )


def _read_case(shared: Path, gold: dict[str, Any]) -> Case:
    path = shared / "corpus" / gold["to_file"]
    asked = gold["recommendations"]
    again, found = _views_of(path)
    repeats = _marks([r["repeats"] for r in asked], again)
    return _make_case(
        gold["council"],
        _view_texts([r["text"] for r in asked]),
        path,
        repeats=repeats,
        about=_marks([[e["text"] for e in r["evidence"]] for r in asked], found),
        outcomes=[r["outcome"] for r in asked],
        missing=sum(len(r["repeats"]) for r in asked) - int(repeats.sum()),
    )


def _read_label(row: PairLabels, earlier: Path, later: Path) -> Case:
    views, _ = _views_of(earlier)
    asked = [(v, label) for v in views if (label := row.recommendations.get(hash_sentence(v.text)))]

    def mark(wanted: Sequence[Sequence[str]], items: Sequence[View]) -> Any:
        keys = [hash_sentence(v.text) for v in items]
        return np.array([[key in hashes for key in keys] for hashes in wanted]).reshape(len(wanted), len(keys))

    again, found = _views_of(later)
    return _make_case(
        row.council,
        [v for v, _ in asked],
        later,
        repeats=mark([label.repeats for _, label in asked], again),
        about=mark([label.evidence for _, label in asked], found),
        outcomes=[label.outcome.value for _, label in asked],
        gold=False,
        later_council=row.later_council,
    )


def _make_case(council: str, asked: list[View], later: Path, **labels: Any) -> Case:
    again, found = _views_of(later)
    return Case(
        council=council,
        vectors=np.array([v.vector for v in asked], dtype=float),
        to_again=compare(asked, again),
        to_found=compare(asked, found),
        polarities=[f.polarity for f in _read_items(later).findings],
        **labels,
    )


def _read_paper(shared: Path, gold: dict[str, Any]) -> PaperCase:
    result = _read_items(shared / "corpus" / gold["to_file"])
    kinds: dict[str, DocType] = {d.document_id: d.doc_type for d in result.documents}
    papers = load_thread_rules().papers
    rows: list[Recommendation | Finding] = [
        r for r in result.recommendations if kinds[r.document_id] in papers and r.kind == RecommendationKind.ACTION
    ]
    rows += [f for f in result.findings if kinds[f.document_id] in papers]
    targets = _view_rows(rows, headings=True)
    actions = np.array([isinstance(r, Recommendation) for r in rows])
    sources = sorted({link["from"] for link in gold["links"]} | set(gold.get("findings_without_link", ())))

    def wanted(key: str) -> list[list[str]]:
        return [[t for link in gold["links"] if link["from"] == s for t in link.get(key, ())] for s in sources]

    to_actions, to_sentences = wanted("to_actions"), wanted("to_sentences")
    links = (_marks(to_actions, targets) & actions) | (_marks(to_sentences, targets) & ~actions)
    others = [
        a + b + c
        for a, b, c in zip(wanted("also_acceptable"), wanted("to_actions_in_appendix"), to_actions, strict=True)
    ]
    skip = _marks(others, targets) & ~links
    return PaperCase(
        council=str(next(d.council for d in result.documents if d.council)),
        sources=_view_texts(sources),
        targets=targets,
        actions=actions,
        links=links,
        skip=skip,
        missing_answers=max(0, sum(map(len, to_actions)) - int((links & actions).sum())),
        missing_reports=max(0, sum(map(len, to_sentences)) - int((links & ~actions).sum())),
    )
