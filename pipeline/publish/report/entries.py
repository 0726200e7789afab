"""The rows that search goes over: findings, recommendations and metrics in one shape, for both doors."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.publish.index import Index, get_id, list_codes
from pipeline.publish.labels import colour_code, label_code, label_theme
from pipeline.publish.report.showing import show_date, show_place, show_text, show_value
from pipeline.records import Finding, Metric, Recommendation

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


def _fields(row: Finding | Recommendation | Metric) -> tuple[str, str, str, str, tuple[str, ...], tuple[str, ...]]:
    """Id, table, kind, what is said besides, codes and cohorts."""
    if isinstance(row, Metric):
        return row.metric_id, "metric", row.unit.value, f"{show_text(row.measure)}: {show_value(row)}", (), ()
    codes = tuple(dict.fromkeys(list_codes(row)))
    if isinstance(row, Finding):
        return get_id(row), "finding", row.polarity.value, "", codes, tuple(c.value for c in row.cohorts)
    return get_id(row), "recommendation", row.kind.value, "", codes, ()


def list_entries(index: Index) -> Iterator[Entry]:
    """Every finding, recommendation and metric, in reading order within its table."""
    rows: list[Sequence[Finding | Recommendation | Metric]] = [list(index.items.values()), index.metrics]
    for table in rows:
        for row in table:
            item_id, name, kind, said, codes, cohorts = _fields(row)
            yield Entry(
                item_id=item_id,
                table=name,
                kind=kind,
                text=show_text(row.quote if isinstance(row, Metric) else row.text),
                document_id=row.document_id,
                council=index.name_council(row.document_id),
                region=index.documents[row.document_id].region or "",
                date=row.date,
                codes=codes,
                cohorts=cohorts,
                place=show_place(row),
                said=said,
            )


def write_scripts(index: Index, entries: Sequence[Entry]) -> dict[str, str]:
    """The static site's search data by file name: `about.js` with what entries refer to by number, then the entries.

    A page that lies on a disk may not fetch a file, but it may run a script; so the data are scripts that call
    `goldenthread.about` and `goldenthread.add`. Texts in them are JSON, and the pages write them as text only.
    """
    documents = list(index.documents)
    codes = sorted({c for e in entries for c in e.codes})
    kinds = sorted({e.kind for e in entries})
    councils = sorted({e.council for e in entries})
    at_document, at_code, at_kind, at_council = map(_number, (documents, codes, kinds, councils))
    shards = [entries[i : i + SHARD] for i in range(0, len(entries), SHARD)]
    about = {
        "documents": [
            [d, show_text(about.title), about.region or "", show_text(about.file_name), about.source_url or ""]
            for d, about in index.documents.items()
        ],
        "codes": [[c, label_theme(c)] for c in codes],
        "kinds": [[k, label_code(k), colour_code(k)] for k in kinds],
        "councils": councils,
        "shards": len(shards),
        "entries": len(entries),
    }  # fmt: skip
    files = {"about.js": f"goldenthread.about({_write(about)});\n"}
    for n, shard in enumerate(shards):
        rows = [
            [
                e.item_id, e.table[0], at_kind[e.kind], e.text, at_document[e.document_id], at_council[e.council],
                e.date.isoformat() if e.date else "", show_date(e.date), [at_code[c] for c in e.codes], list(e.cohorts),
                e.place, e.said,
            ]
            for e in shard
        ]  # fmt: skip
        files[f"entries-{n}.js"] = f"goldenthread.add({n}, {_write(rows)});\n"
    return files


def _number(names: Sequence[str]) -> dict[str, int]:
    return {name: n for n, name in enumerate(names)}


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\u2028", " ").replace("\u2029", " ")
