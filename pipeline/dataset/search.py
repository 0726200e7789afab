"""Rows by words, by meaning, and narrowed by what they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.embed import Embedder
from pipeline.errors import InputFault
from pipeline.publish.vectors import read_vectors

ITEMS = """
SELECT i.item_id, i.item_type, i.council, i.date, i.kind, i.text, i.page, i.paragraph, i.title, i.source_url,
       i.theme_code, i.theme_code_2, f.cohorts, i.region, i.document_id, i.confidence
FROM items i LEFT JOIN findings f ON f.finding_id = i.item_id
UNION ALL
SELECT m.metric_id, 'metric', d.council, m.date, m.unit, m.quote, m.page, m.paragraph, d.title, d.source_url,
       NULL, NULL, NULL, d.region, m.document_id, m.confidence
FROM metrics m JOIN documents d USING (document_id)
ORDER BY date DESC NULLS LAST, document_id, item_id
"""
"""Every finding, recommendation and metric, the newest first."""

_TERMS = re.compile(r"[\"“]([^\"”]+)[\"”]|(\S+)")
_COLUMNS = {"theme": ("theme_code", "theme_code_2"), "cohort": ("cohorts",)}
"""Filters that are not a column of their own."""


@dataclass(frozen=True)
class Filters:
    """What a row must be: for each name one value or several (None: any), and the first and last day."""

    values: Mapping[str, str | Collection[str] | None]
    since: str | None
    until: str | None


class Meanings:
    """The unit vectors of findings and recommendations, and the model that made them.

    Those that the dataset does not hold in its file `path` are made now.
    """

    def __init__(self, items: pd.DataFrame, path: Path, embedder: Embedder) -> None:
        texts = items[items["item_type"] != "metric"].set_index("item_id")["text"]
        ids, vectors = read_vectors(path)
        missing = texts[~texts.index.isin(ids)]
        self._ids = [*ids, *missing.index]
        self._vectors = np.concatenate([vectors, embedder.encode(list(missing))])
        self._embedder = embedder

    def compare(self, meaning: str) -> pd.Series[float]:
        """The cosine of each item with the sentence, by item id."""
        return pd.Series(self._vectors @ self._embedder.encode([meaning])[0], index=self._ids, name="similarity")


def find_items(
    items: pd.DataFrame, words: str | None, similar: pd.Series[float] | None, filters: Filters, limit: int | None
) -> pd.DataFrame:
    """The rows of `items` that fit, in their order; with `similar` only those that it names, the nearest first.

    Raises InputFault where a filter names what no row has.
    """
    keep = _narrow(items, filters)
    if words:
        patterns = [_compile_term(quoted or plain) for quoted, plain in _TERMS.findall(words)]
        keep &= items["text"].map(lambda text: all(p.search(text) for p in patterns)).astype(bool)
    found = items[keep]
    if similar is not None:
        found = found.join(similar, on="item_id", how="inner").sort_values("similarity", ascending=False, kind="stable")
    return found.head(len(found) if limit is None else limit).reset_index(drop=True)


def _compile_term(term: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, term.split())), re.IGNORECASE)


def _narrow(items: pd.DataFrame, filters: Filters) -> pd.Series[bool]:
    keep = pd.Series(True, index=items.index)
    for name, value in filters.values.items():
        if value is not None:
            keep &= _has_any(items, name, {value} if isinstance(value, str) else set(value))
    for bound, day in (("since", filters.since), ("until", filters.until)):
        if day is not None:
            date = _read_day(bound, day)
            inside = items["date"] >= date if bound == "since" else items["date"] <= date
            keep &= inside.fillna(False).astype(bool)
    return keep


def _has_any(items: pd.DataFrame, name: str, values: set[str]) -> pd.Series[bool]:
    has = pd.Series(False, index=items.index)
    known: set[str] = set()
    for column in _COLUMNS.get(name, (name,)):
        cells = items[column].astype(object).map(_list_values)
        known.update(*cells)
        has |= cells.map(lambda cell: bool(cell & values)).astype(bool)
    if unknown := sorted(values - known):
        raise InputFault(f"No row has the {name} {', '.join(unknown)}; there are {', '.join(sorted(known)) or 'none'}.")
    return has


def _list_values(cell: Any) -> frozenset[str]:
    """The values of a cell that holds one, several, or none."""
    if isinstance(cell, str):
        return frozenset({cell})
    return frozenset(cell) if isinstance(cell, (list, np.ndarray)) else frozenset()


def _read_day(name: str, day: str) -> dt.date:
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        raise InputFault(f"{name} must be a date such as 2024-03-01, not {day}.") from None
