"""Scores a published dataset against documents that expert readers marked.

An item of the dataset and one of the gold are the same where their words agree (token F1 of at least 0.75; for
metrics the value must be equal and the quotes share six words in ten); pairs are taken greedily from the best.
Precision, recall and F1 come with percentile intervals from a bootstrap over documents (Efron and Tibshirani,
"An Introduction to the Bootstrap", 1993), because sentences of one document are not independent.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from pipeline.errors import InputFault
from pipeline.ids import file_sha256

TEXT_MATCH = 0.75
MEASURE_MATCH = 0.4
QUOTE_OVERLAP = 0.6
BOOTSTRAPS = 1000
_STOP = frozenset({
    "the", "a", "an", "of", "in", "on", "at", "to", "for", "by", "with", "and", "or", "is", "are", "was", "were", "be",
    "been", "has", "have", "had", "this", "that", "it", "its", "as", "from", "who", "which", "their", "our", "we",
    "they", "not",
})  # fmt: skip

_TEXTS = ("recommendations", "findings", "metrics")
"""Tables whose missed and extra items are listed."""

A = TypeVar("A")
B = TypeVar("B")
Row = dict[str, Any]


def tokenise(text: str) -> list[str]:
    """Lower-case words and numbers, quote style and soft hyphens set aside."""
    plain = text.lower().replace("’", "'").replace("‘", "'").replace("\u00ad", "")
    return re.findall(r"[a-z0-9£%]+(?:'[a-z]+)?", plain)


def token_f1(a: Sequence[str], b: Sequence[str]) -> float:
    """Harmonic mean of the shares of each that the other holds, counted with repetition; from 0 to 1."""
    same = sum((Counter(a) & Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else 0.0


def match(gold: Sequence[A], found: Sequence[B], score: Callable[[A, B], float]) -> list[tuple[int, int]]:
    """Pairs of indices, one to one, taken greedily by falling score; a score of 0 may not match."""
    scored = ((score(g, f), i, j) for i, g in enumerate(gold) for j, f in enumerate(found))
    used_gold: set[int] = set()
    used_found: set[int] = set()
    pairs = []
    for value, i, j in sorted(scored, reverse=True):
        if value <= 0:
            break
        if i not in used_gold and j not in used_found:
            used_gold.add(i)
            used_found.add(j)
            pairs.append((i, j))
    return pairs


@dataclass(frozen=True, slots=True)
class Count:
    """What one document adds to a score: items found and marked, found only, marked only."""

    right: int = 0
    extra: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 with their 95 % intervals, and the numbers of items behind them."""

    precision: float
    recall: float
    f1: float
    f1_low: float
    f1_high: float
    gold: int
    found: int


def summarise(counts: Sequence[Count]) -> Score:
    """The score of these documents together; the interval is that of F1 over 1,000 draws of documents."""
    table = np.array([(c.right, c.extra, c.missed) for c in counts], dtype=float).reshape(-1, 3)
    right, extra, missed = table.sum(axis=0)
    draws = np.random.default_rng(0).integers(0, len(table), (BOOTSTRAPS, len(table)))
    drawn = table[draws].sum(axis=1)
    f1s = 2 * drawn[:, 0] / np.maximum(2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2], 1)
    low, high = np.percentile(f1s, [2.5, 97.5])
    precision = right / (right + extra) if right + extra else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    f1 = 2 * right / (2 * right + extra + missed) if right else 0.0
    return Score(precision, recall, f1, low, high, int(right + missed), int(right + extra))


class Places:
    """The words of a file with the page or line of each, to tell where a text starts."""

    def __init__(self, path: Path) -> None:
        self._words: list[str] = []
        self._where: list[int] = []
        for number, text in _read_plain(path):
            for word in tokenise(text):
                self._words.append(word)
                self._where.append(number)
        self._index: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i in range(len(self._words) - 3):
            self._index[tuple(self._words[i : i + 4])].append(i)

    def of(self, text: str) -> set[int]:
        """Every page or line on which the text starts."""
        words = tokenise(text)
        for skip in range(max(1, len(words) - 3)):
            hits = self._index.get(tuple(words[skip : skip + 4]), [])
            if hits:
                scored = [(token_f1(words[skip:], self._words[h : h + len(words) - skip]), h) for h in hits]
                top = max(s for s, _ in scored)
                return {self._where[h] for s, h in scored if s >= top - 0.05}
        return set()


def _read_plain(path: Path) -> list[tuple[int, str]]:
    if path.suffix.lower() == ".pdf":
        import pypdfium2

        pdf = pypdfium2.PdfDocument(path)
        return [(i + 1, pdf[i].get_textpage().get_text_range()) for i in range(len(pdf))]
    return list(enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1))


class State(StrEnum):
    """What became of an item: marked and in the dataset, marked only, in the dataset only."""

    FOUND = "found"
    MISSED = "missed"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a document as `table` scores it; `text` is the gold's, or the dataset's where it is extra."""

    table: str
    doc: str
    state: State
    text: str


@dataclass
class Evaluation:
    """Counts by table and document, single facts right and asked for, and what became of every item.

    `kinds` gives each document's kind; `missing` names the gold documents that are not in the dataset; `confidences`
    has each finding's confidence and whether it is right: marked, with that polarity.
    """

    counts: dict[str, dict[str, Count]] = field(default_factory=lambda: defaultdict(dict))
    facts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    kinds: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    confidences: list[tuple[float, bool]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def list_items(self, state: State) -> dict[str, list[str]]:
        """The items in that state as "document: text", by table, labels set aside."""
        listed: dict[str, list[str]] = defaultdict(list)
        for item in self.items:
            if item.state is state and item.table in _TEXTS:
                listed[item.table].append(f"{item.doc}: {item.text}")
        return listed

    def scores(self) -> dict[str, Score]:
        """The score of each table over all documents."""
        return {name: summarise(list(by_doc.values())) for name, by_doc in self.counts.items()}

    def scores_by_kind(self) -> dict[tuple[str, str], Score]:
        """The score of each table and kind of document."""
        groups: dict[tuple[str, str], list[Count]] = defaultdict(list)
        for name, by_doc in self.counts.items():
            for doc, count in by_doc.items():
                groups[name, self.kinds[doc]].append(count)
        return {key: summarise(groups[key]) for key in sorted(groups)}

    def note(self, fact: str, right: bool) -> None:
        """Count a single fact."""
        self.facts[fact][0] += right
        self.facts[fact][1] += 1


def evaluate(dataset: Path, gold_folder: Path, corpus: Path) -> Evaluation:
    """Score the Parquet tables in `dataset` against the gold files, whose sources lie under `corpus`.

    Raises InputFault where there is no gold file or no dataset.
    """
    golds = sorted(gold_folder.glob("*.json"))
    if not golds:
        raise InputFault(f"There is no gold file (*.json) in {gold_folder}.")
    if not (dataset / "documents.parquet").exists():
        raise InputFault(f"There is no dataset in {dataset}.")
    names = ("documents", "visits", "judgements", "recommendations", "findings", "metrics")
    tables = {name: pd.read_parquet(dataset / f"{name}.parquet") for name in names}
    evaluation = Evaluation()
    for path in golds:
        _score_document(json.loads(path.read_text(encoding="utf-8")), tables, corpus, evaluation)
    return evaluation


def _score_document(gold: Row, tables: dict[str, pd.DataFrame], corpus: Path, evaluation: Evaluation) -> None:
    doc = gold["doc"]
    evaluation.kinds[doc] = gold["doc_type"]
    source = corpus / gold["file"]
    documents = tables["documents"]
    mine = documents[documents.file_sha256 == file_sha256(source)] if source.exists() else documents.iloc[0:0]
    if mine.empty:
        evaluation.missing.append(doc)
    places = Places(source) if source.exists() else None

    def rows(name: str, text: str, scope: Any) -> list[Row]:
        table = tables[name]
        found = cast(list[Row], table[table.document_id.isin(mine.document_id)].to_dict("records"))
        return [r for r in found if scope is None or (places and _in_scope(scope, places.of(r[text])))]

    if not gold.get("part_only"):
        _score_facts(gold, mine, tables, evaluation)
    _score_texts(evaluation, gold, "recommendations", "kind", rows)
    if "findings" in gold:
        _score_texts(evaluation, gold, "findings", "polarity", rows)
    if "metrics" in gold:
        _score_metrics(evaluation, gold, rows("metrics", "quote", gold.get("metrics_scope")))


def _in_scope(scope: Sequence[int | Sequence[int]], places: set[int]) -> bool:
    spans = [(s, s) if isinstance(s, int) else (s[0], s[1]) for s in scope]
    return any(low <= place <= high for low, high in spans for place in places)


def _score_facts(gold: Row, mine: pd.DataFrame, tables: dict[str, pd.DataFrame], evaluation: Evaluation) -> None:
    marked = {(j["area"], j["grade"]) for j in gold.get("judgements") or []}
    judged = tables["judgements"]
    judged = judged[judged.document_id.isin(mine.document_id)]
    made = set(zip(judged.area, judged.grade, strict=True))
    wanted, given = (sorted(f"{area}: {grade}" for area, grade in judgements) for judgements in (marked, made))
    same = [(wanted.index(text), given.index(text)) for text in wanted if text in given]
    _count_pairs(evaluation, "judgements", gold["doc"], wanted, given, same)
    if "parts" in gold:
        for part in gold["parts"]:
            near = (mine.first_line - part["first_line"]).abs() <= 12
            evaluation.note("parts", bool(((mine.doc_type == part["doc_type"]) & near).any()))
        return
    for key in ("doc_type", "council"):
        made_values = set(mine[key].dropna())
        evaluation.note(key, made_values == {gold[key]} if gold.get(key) else not made_values)
    visits = tables["visits"]
    visits = visits[visits.visit_id.isin(mine.visit_id.dropna())]
    for key in ("visit_start", "visit_end"):
        if gold.get(key):
            evaluation.note("visit dates", gold[key] in {str(v)[:10] for v in visits[key]})


def _score_texts(
    evaluation: Evaluation, gold: Row, name: str, label: str, rows: Callable[[str, str, Any], list[Row]]
) -> None:
    marked: list[Row] = gold.get(name) or []
    found = rows(name, "text", gold.get(f"{name}_scope"))

    def score(a: list[str], b: list[str]) -> float:
        value = token_f1(a, b)
        return value if value >= TEXT_MATCH else 0.0

    pairs = match([tokenise(m["text"]) for m in marked], [tokenise(f["text"]) for f in found], score)
    same = [(i, j) for i, j in pairs if marked[i][label] == found[j][label]]
    texts = [m["text"] for m in marked], [f["text"] for f in found]
    _count_pairs(evaluation, name, gold["doc"], *texts, pairs)
    _count_pairs(evaluation, f"{name} with {label}", gold["doc"], *texts, same)
    if name == "findings":
        right = {j for _, j in same}
        evaluation.confidences += [(float(f["confidence"]), j in right) for j, f in enumerate(found)]


def _score_metrics(evaluation: Evaluation, gold: Row, found: list[Row]) -> None:
    marked: list[Row] = gold["metrics"]

    def content(text: str) -> list[str]:
        return [w for w in tokenise(text) if w not in _STOP]

    def score(a: Row, b: Row) -> float:
        if abs(a["value"] - b["value"]) > 1e-6 * max(1.0, abs(a["value"])):
            return 0.0
        first, second = set(tokenise(a["quote"])), set(tokenise(b["quote"]))
        overlap = len(first & second) / max(1, min(len(first), len(second)))
        return overlap + token_f1(content(a["measure"]), content(b["measure"])) if overlap >= QUOTE_OVERLAP else 0.0

    pairs = match(marked, found, score)
    same = [
        (i, j)
        for i, j in pairs
        if marked[i]["unit"] == found[j]["unit"]
        and token_f1(content(marked[i]["measure"]), content(found[j]["measure"])) >= MEASURE_MATCH
    ]
    texts = (
        [f"{float(m['value'])} {m['unit']}: {m['quote']}" for m in marked],
        [f"{float(f['value'])} {f['unit']}: {f['quote']}" for f in found],
    )
    _count_pairs(evaluation, "metrics", gold["doc"], *texts, pairs)
    _count_pairs(evaluation, "metrics with unit and measure", gold["doc"], *texts, same)


def _count_pairs(
    evaluation: Evaluation, table: str, doc: str, marked: list[str], found: list[str], pairs: list[tuple[int, int]]
) -> None:
    """Count the pairs, and note what became of each marked item and which items are extra."""
    evaluation.counts[table][doc] = Count(len(pairs), len(found) - len(pairs), len(marked) - len(pairs))
    right, taken = {i for i, _ in pairs}, {j for _, j in pairs}
    for i, text in enumerate(marked):
        evaluation.items.append(Item(table, doc, State.FOUND if i in right else State.MISSED, text))
    evaluation.items += [Item(table, doc, State.EXTRA, text) for j, text in enumerate(found) if j not in taken]
