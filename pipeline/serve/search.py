"""Search over every finding, recommendation and metric: by words, by meaning, and narrowed by what they are."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Embedder, Vectors
from pipeline.publish.report.entries import Entry
from pipeline.publish.report.searching import Query

NEAREST = 200
"""How many a search by meaning gives: nearness has no natural end."""
_RANKED = 20_000
"""Matches beyond which words say too little for a ranking: the newest stand first."""
_FUSION = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""
_WORDS = re.compile(r"[\"“]([^\"”]+)[\"”]|([^\s\"“”]+)")

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """The numbers of the entries that a search found, best first, and a remark on them for the reader."""

    rows: Numbers
    note: str = ""


class SearchIndex:
    """Entries with an index of their words (SQLite FTS5, BM25) and the vectors of those that have one.

    `ids` and `vectors` (unit rows, shape (len(ids), 384)) are of findings and recommendations; `load` gives the
    sentence model that made them, and is called when somebody searches by meaning.
    """

    def __init__(
        self, entries: Sequence[Entry], ids: Sequence[str], vectors: Vectors, load: Callable[[], Embedder]
    ) -> None:
        self.entries = entries
        self._load = load
        self._lock, self._loading = threading.Lock(), threading.Lock()
        self._words = _index_words(entries)
        self._fields = _index_fields(entries)
        self._dates = np.array([e.date.toordinal() if e.date else 0 for e in entries], dtype=np.int64)
        number = {e.item_id: n for n, e in enumerate(entries)}
        kept = [n for n, item_id in enumerate(ids) if item_id in number]
        self._vectors = vectors[kept]
        self._owners = np.array([number[ids[n]] for n in kept], dtype=np.int64)

    @property
    def has_meaning(self) -> bool:
        """Whether the dataset holds vectors to search by."""
        return len(self._owners) > 0

    def find(self, query: Query) -> Found:
        """What fits the query: by words, by meaning, or both; without words all that fits, the newest first."""
        allowed = self._narrow(query)
        if not query.q:
            return Found(self._newest_first(np.flatnonzero(allowed)))
        if query.mode == "words" or not self.has_meaning:
            return self._find_words(query.q, allowed)
        near = self._find_near(query.q, allowed)
        note = f"The {NEAREST} sentences nearest in meaning, the nearest first. Metrics are not searched by meaning."
        if query.mode == "meaning":
            return Found(near, note)
        return Found(_fuse(self._find_words(query.q, allowed).rows, near), "Words and meaning together. " + note)

    def warm(self) -> None:
        """Load the sentence model, which takes seconds, before somebody waits for it."""
        if self.has_meaning:
            self._encode("")

    def _encode(self, words: str) -> Vectors:
        with self._loading:
            made: Vectors = self._load().encode([words])[0]
        return made

    def _narrow(self, query: Query) -> NDArray[np.bool_]:
        allowed = np.ones(len(self.entries), dtype=bool)
        for name in ("council", "region", "kind", "polarity", "theme", "cohort"):
            if value := getattr(query, name):
                mask = np.zeros(len(self.entries), dtype=bool)
                mask[self._fields.get((name, value), [])] = True
                allowed &= mask
        if query.since:
            allowed &= self._dates >= dt.date.fromisoformat(query.since).toordinal()
        if query.until:
            allowed &= (self._dates <= dt.date.fromisoformat(query.until).toordinal()) & (self._dates > 0)
        return allowed

    def _newest_first(self, rows: Numbers) -> Numbers:
        return rows[np.argsort(-self._dates[rows], kind="stable")]

    def _find_words(self, words: str, allowed: NDArray[np.bool_]) -> Found:
        match = _write_match(words)
        if not match:
            return Found(np.zeros(0, dtype=np.int64), "There is no word in what was typed.")
        rows = self._ask("SELECT rowid FROM words WHERE words MATCH ?", match)
        rows = rows[allowed[rows]]
        if len(rows) > _RANKED:
            return Found(self._newest_first(rows), "So many fit that the newest stand first.")
        ranked = self._ask("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank, rowid", match)
        return Found(ranked[allowed[ranked]])

    def _ask(self, sql: str, match: str) -> Numbers:
        with self._lock:
            return np.fromiter((row for (row,) in self._words.execute(sql, [match])), dtype=np.int64)

    def _find_near(self, words: str, allowed: NDArray[np.bool_]) -> Numbers:
        similarity = self._vectors @ self._encode(words)
        similarity[~allowed[self._owners]] = -2.0
        best = np.argpartition(-similarity, min(NEAREST, len(similarity)) - 1)[:NEAREST]
        best = best[np.argsort(-similarity[best], kind="stable")]
        return self._owners[best[similarity[best] > -2.0]]


def _write_match(words: str) -> str:
    """What was typed in the language of FTS5: every word, or words in quotation marks, at the start of a word."""
    terms = [" ".join(re.findall(r"\w+", quoted or plain)) for quoted, plain in _WORDS.findall(words)]
    return " AND ".join(f'"{term}"*' for term in terms if term)


def _fuse(*rankings: Numbers) -> Numbers:
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for place, row in enumerate(ranking[:_RANKED].tolist()):
            scores[row] += 1 / (_FUSION + place)
    return np.array(sorted(scores, key=lambda row: (-scores[row], row)), dtype=np.int64)


def _index_words(entries: Iterable[Entry]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute(
        "CREATE VIRTUAL TABLE words USING fts5(text, said, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    rows = ((n, e.text, e.said) for n, e in enumerate(entries))
    connection.executemany("INSERT INTO words (rowid, text, said) VALUES (?, ?, ?)", rows)
    return connection


def _index_fields(entries: Iterable[Entry]) -> dict[tuple[str, str], Numbers]:
    """For each field and value, the numbers of the entries that have it."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, e in enumerate(entries):
        found["council", e.council].append(n)
        found["region", e.region].append(n)
        found["kind", e.table].append(n)
        if e.table == "recommendation":
            found["kind", e.kind].append(n)
        if e.table == "finding":
            found["polarity", e.kind].append(n)
        for code in e.codes:
            found["theme", code].append(n)
        for cohort in e.cohorts:
            found["cohort", cohort].append(n)
    return {key: np.array(rows, dtype=np.int64) for key, rows in found.items()}
