"""What the rows of one published table say of those of another: read once from the files, small beside the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from xlsxwriter.url import Url

from pipeline.publish.frames import read_rows
from pipeline.publish.index import NO_COUNCIL
from pipeline.publish.labels import label_theme
from pipeline.records import Polarity, Run

Row = Mapping[str, Any]
_BATCH = 5_000
_ITEMS = {"findings": "finding_id", "recommendations": "recommendation_id"}


def iterate_rows(path: Path) -> Iterator[Row]:
    """The rows of a Parquet file, a few thousand in memory at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH):
            columns = [column.to_pylist() for column in batch.columns]
            yield from (dict(zip(batch.schema.names, row, strict=True)) for row in zip(*columns, strict=True))


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
        documents = {row["document_id"]: row for row in iterate_rows(dataset / "documents.parquet")}
        visits = {row["visit_id"]: row for row in iterate_rows(dataset / "visits.parquet")}
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

    def add(self, row: Row, name: str) -> str | None:
        """A cell of a column that the row's own table does not have."""
        match name:
            case "council":
                if "document_id" not in row:
                    return self.names.get(row["council_code"])
                council = self.council_of[row["document_id"]]
                return None if council == NO_COUNCIL else council
            case "document":
                title: str = self.documents[row["document_id"]]["title"]
                return title
            case "theme":
                return label_theme(row["theme_code"]) or None
            case "from_text":
                return self.words[row["from_id"]]
            case _:
                return self.words[row["to_id"]]

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


def _read_words(dataset: Path) -> dict[str, str]:
    threads = pq.read_table(dataset / "threads.parquet", columns=["from_id", "to_id"])
    ends = {*threads["from_id"].to_pylist(), *threads["to_id"].to_pylist()}
    words: dict[str, str] = {}
    for name, key in _ITEMS.items():
        with pq.ParquetFile(dataset / f"{name}.parquet") as file:
            for batch in file.iter_batches(_BATCH, columns=[key, "text"]):
                ids, texts = (column.to_pylist() for column in batch.columns)
                words |= {i: text for i, text in zip(ids, texts, strict=True) if i in ends}
    return words


class Concerns:
    """How many concerns each council has in each theme of the codebook, by first or second code."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def count(self, table: str, row: Row) -> None:
        """Count the row, where it is a recommendation, or a finding that is no mere strength, and has a theme."""
        if table not in _ITEMS or row.get("polarity") == Polarity.STRENGTH:
            return
        if codes := [c for c in (row["theme_code"], row["theme_code_2"]) if c]:
            self.counts[self._lookup.council_of[row["document_id"]]].update(codes)
