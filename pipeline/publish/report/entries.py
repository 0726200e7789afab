"""The rows that search goes over: findings, recommendations and metrics in one shape, for both doors."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.publish.index import Index, get_id, list_codes
from pipeline.publish.labels import colour_code, label_code, label_theme
from pipeline.publish.report.showing import show_date, show_place, show_text, show_value
from pipeline.records import Finding, Metric, Recommendation

Row = Finding | Recommendation | Metric
SHARD = 5_000
"""Entries a file of the static site's search: each file is one script that a browser takes in at once."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the dataset as search shows and filters it. `kind` is a polarity, a kind of demand, or a unit."""

    item_id: str
    table: str
    kind: str
    text: str
    document_id: str
    council: str
    region: str
    date: dt.date | None
    codes: tuple[str, ...]
    cohorts: tuple[str, ...]
    place: str
    said: str


@dataclass(frozen=True)
class Facets:
    """What the rows that search goes over can be narrowed to; each value once, in order."""

    councils: tuple[str, ...]
    regions: tuple[str, ...]
    kinds: tuple[str, ...]
    codes: tuple[str, ...]
    cohorts: frozenset[str]


def _list_rows(index: Index) -> Iterator[Row]:
    yield from index.items.values()
    yield from index.metrics


def _classify(row: Row) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Kind, codes and cohorts."""
    if isinstance(row, Metric):
        return row.unit.value, (), ()
    codes = tuple(dict.fromkeys(list_codes(row)))
    if isinstance(row, Finding):
        return row.polarity.value, codes, tuple(c.value for c in row.cohorts)
    return row.kind.value, codes, ()


def list_facets(index: Index) -> Facets:
    """What the rows of the index can be narrowed to."""
    documents, kinds, codes, cohorts = set[str](), set[str](), set[str](), set[str]()
    for row in _list_rows(index):
        kind, row_codes, row_cohorts = _classify(row)
        documents.add(row.document_id)
        kinds.add(kind)
        codes.update(row_codes)
        cohorts.update(row_cohorts)
    regions = {index.documents[d].region or "" for d in documents} - {""}
    councils = {index.name_council(d) for d in documents}
    return Facets(
        councils=tuple(sorted(councils)),
        regions=tuple(sorted(regions)),
        kinds=tuple(sorted(kinds)),
        codes=tuple(sorted(codes)),
        cohorts=frozenset(cohorts),
    )


def list_entries(index: Index) -> Iterator[Entry]:
    """Every finding, recommendation and metric, in reading order within its table."""
    for row in _list_rows(index):
        kind, codes, cohorts = _classify(row)
        yield Entry(
            item_id=row.metric_id if isinstance(row, Metric) else get_id(row),
            table="metric" if isinstance(row, Metric) else "finding" if isinstance(row, Finding) else "recommendation",
            kind=kind,
            text=show_text(row.quote if isinstance(row, Metric) else row.text),
            document_id=row.document_id,
            council=index.name_council(row.document_id),
            region=index.documents[row.document_id].region or "",
            date=row.date,
            codes=codes,
            cohorts=cohorts,
            place=show_place(row),
            said=f"{show_text(row.measure)}: {show_value(row)}" if isinstance(row, Metric) else "",
        )


def write_scripts(index: Index, facets: Facets) -> Iterator[tuple[str, str]]:
    """The static site's search data by file name: `about.js` with what entries refer to by number, then the entries.

    A page that lies on a disk may not fetch a file, but it may run a script; so the data are scripts that call
    `goldenthread.about` and `goldenthread.add`. Texts in them are JSON, and the pages write them as text only.
    """
    entries = len(index.items) + len(index.metrics)
    about = {
        "documents": [
            [d, show_text(about.title), about.region or "", show_text(about.file_name), about.source_url or ""]
            for d, about in index.documents.items()
        ],
        "codes": [[c, label_theme(c)] for c in facets.codes],
        "kinds": [[k, label_code(k), colour_code(k)] for k in facets.kinds],
        "councils": facets.councils,
        "shards": -(-entries // SHARD),
        "entries": entries,
    }  # fmt: skip
    yield "about.js", f"goldenthread.about({_write(about)});\n"
    listed = (list(index.documents), facets.codes, facets.kinds, facets.councils)
    at_document, at_code, at_kind, at_council = map(_number, listed)
    left = list_entries(index)
    for n in range(-(-entries // SHARD)):
        rows = [
            [
                e.item_id, e.table[0], at_kind[e.kind], e.text, at_document[e.document_id], at_council[e.council],
                e.date.isoformat() if e.date else "", show_date(e.date), [at_code[c] for c in e.codes], list(e.cohorts),
                e.place, e.said,
            ]
            for e in itertools.islice(left, SHARD)
        ]  # fmt: skip
        yield f"entries-{n}.js", f"goldenthread.add({n}, {_write(rows)});\n"


def _number(names: Sequence[str]) -> dict[str, int]:
    return {name: n for n, name in enumerate(names)}


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\u2028", " ").replace("\u2029", " ")
