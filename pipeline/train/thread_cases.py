"""Gold threads beside what the pipeline reads from the same files: the examples that the models learn from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.embed import Embedder, load_embedder
from pipeline.ids import normalise
from pipeline.process import process_file
from pipeline.records import DocType, Finding, Recommendation, RecommendationKind
from pipeline.store import FileResult
from pipeline.threads.rules import load_thread_rules
from pipeline.threads.views import View, view_item
from pipeline.train.threads import Case, PaperCase

SAME = 0.75
"""Share of common words (F1) from which a row is the text of the gold."""


def read_cases(shared: Path) -> list[Case]:
    """The pairs of inspections in `SHARED/gold/dev/threads`."""
    return [_read_case(shared, gold) for gold in _read_gold(shared) if "recommendations" in gold]


def read_paper_cases(shared: Path) -> list[PaperCase]:
    """The councils' papers in `SHARED/gold/dev/threads`."""
    return [_read_paper(shared, gold) for gold in _read_gold(shared) if "links" in gold]


def _read_gold(shared: Path) -> list[dict[str, Any]]:
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted((shared / "gold/dev/threads").glob("*.json"))]


@cache
def _read_items(path: Path) -> FileResult:
    return process_file(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), load_embedder(), "pdfium")


def _view_rows(rows: Sequence[Recommendation | Finding], headings: bool = False) -> list[View]:
    vectors = _encode([r.text for r in rows])
    return [view_item("", r.text, v, r.section if headings else None) for r, v in zip(rows, vectors, strict=True)]


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
    result = _read_items(shared / "corpus" / gold["to_file"])
    asked = gold["recommendations"]
    again, found = _view_rows(result.recommendations), _view_rows(result.findings)
    repeats = _marks([r["repeats"] for r in asked], again)
    return Case(
        council=gold["council"],
        asked=_view_texts([r["text"] for r in asked]),
        again=again,
        found=found,
        polarities=[f.polarity for f in result.findings],
        about=_marks([[e["text"] for e in r["evidence"]] for r in asked], found),
        repeats=repeats,
        outcomes=[r["outcome"] for r in asked],
        missing=sum(len(r["repeats"]) for r in asked) - int(repeats.sum()),
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
