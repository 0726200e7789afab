"""What the rows of one published table say of those of another: read once from the files, small beside the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from xlsxwriter.url import Url

from pipeline.publish.frames import read_rows
from pipeline.publish.index import NO_COUNCIL
from pipeline.publish.labels import label_theme
from pipeline.records import Polarity, Run

Row = Mapping[str, Any]
_BATCH = 5_000
_ITEMS = {"findings": "finding_id", "recommendations": "recommendation_id"}


def iterate_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """A Parquet file, a few thousand rows in memory at a time."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(_BATCH, columns=columns)


def _iterate_rows(path: Path) -> Iterator[Row]:
    for batch in iterate_batches(path):
        yield from batch.to_pylist()


@dataclass(frozen=True)
class Lookup:
    """Documents by id with the name of the council of each, councils by code, the words of the items at the ends of
    threads by id, the last run, and the names of all councils."""

    documents: Mapping[str, Row]
    council_of: Mapping[str, str]
    names: Mapping[str, str]
    words: Mapping[str, str]
    run: Run | None
    councils: frozenset[str]

    @classmethod
    def read(cls, dataset: Path) -> Lookup:
        """What the Parquet files in the folder hold."""
        documents = {row["document_id"]: row for row in _iterate_rows(dataset / "documents.parquet")}
        visits = {row["visit_id"]: row for row in _iterate_rows(dataset / "visits.parquet")}
        council_of = {i: visits.get(row["visit_id"], row)["council"] or NO_COUNCIL for i, row in documents.items()}
        runs = [row for row in read_rows(dataset / "runs.parquet", Run) if isinstance(row, Run)]
        return cls(
            documents,
            council_of,
            {row["council_code"]: row["council"] for row in visits.values()},
            _read_words(dataset),
            runs[-1] if runs else None,
            frozenset({*council_of.values(), *(row["council"] for row in visits.values())} - {NO_COUNCIL}),
        )

    def add(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        """The cells of a column that the rows' own table does not have."""
        match name:
            case "council" if "document_id" in batch.schema.names:
                return _map(batch["document_id"], lambda i: _unless_none(self.council_of[i]))
            case "council":
                return _map(batch["council_code"], self.names.get)
            case "document":
                return _map(batch["document_id"], lambda i: self.documents[i]["title"])
            case "theme":
                return _map(batch["theme_code"], lambda code: label_theme(code) or None)
            case _:
                return _map(batch["from_id" if name == "from_text" else "to_id"], self.words.__getitem__)

    def link(self, sources: Mapping[str, str], document_id: str, page: int | None) -> Url:
        """Where the source can be read: its address, else the file, both at the page where there is one, else its text
        beside the workbook."""
        document = self.documents[document_id]
        url = document["source_url"]
        if url and url.startswith(("https://", "http://")) and len(url) < 2000:
            return Url(f"{url}#page={page}" if page and "#" not in url else url)
        target = f"text/{document_id}.txt"
        if document["file_sha256"] in sources:
            target = sources[document["file_sha256"]].removeprefix("../")  # from the folder above `report/`
            target += f"#page={page}" if page and document["media_type"] == "application/pdf" else ""
        file = Url(f"external:{target}")
        file._relationship_link = target  # it writes backslashes, which only Windows follows
        return file


def _map(values: pa.Array, name: Callable[[str], str | None]) -> pa.Array:
    """What each text of the column is called, null for null; each text is asked for once."""
    known = values.dictionary_encode()
    return pa.array([name(value) for value in known.dictionary.to_pylist()], pa.string()).take(known.indices)


def _unless_none(council: str) -> str | None:
    return None if council == NO_COUNCIL else council


def _read_words(dataset: Path) -> dict[str, str]:
    threads = pq.read_table(dataset / "threads.parquet", columns=["from_id", "to_id"])
    ends = {*threads["from_id"].to_pylist(), *threads["to_id"].to_pylist()}
    words: dict[str, str] = {}
    for name, key in _ITEMS.items():
        for batch in iterate_batches(dataset / f"{name}.parquet", [key, "text"]):
            ids, texts = (column.to_pylist() for column in batch.columns)
            words |= {i: text for i, text in zip(ids, texts, strict=True) if i in ends}
    return words


class Concerns:
    """How many concerns each council has in each theme of the codebook, by first or second code."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def count(self, table: str, batch: pa.RecordBatch) -> None:
        """Count the rows that are recommendations, or findings that are no mere strengths, and have a theme."""
        if table not in _ITEMS:
            return
        if table == "findings":
            batch = batch.filter(pc.not_equal(batch["polarity"], Polarity.STRENGTH.value))
        names = ("document_id", "theme_code", "theme_code_2")
        for document_id, *codes in zip(*(batch[name].to_pylist() for name in names), strict=True):
            if given := [code for code in codes if code]:
                self.counts[self._lookup.council_of[document_id]].update(given)
