"""A published dataset for those who compute with it: frames, SQL, search, threads, and how to cite it.

    from pipeline import Dataset

    data = Dataset.open("outputs/sample")
    data.table("findings")                                   # a pandas frame
    data.search(words="supervision", council="Aldermere")    # rows with page and source, the newest first
    data.threads("rec_1f0c2ab94e77d310")                     # what led to a recommendation and what came of it

Frames have the columns of the data dictionary (`outputs/README.md`) with Arrow types: dates are dates, and a null stays
a null. Nothing is written, and nothing is fetched.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.dataset import stories
from pipeline.dataset.search import ITEMS, Filters, Meanings, find_items
from pipeline.embed import Embedder, load_embedder
from pipeline.errors import InputFault
from pipeline.publish.citation import cite
from pipeline.publish.columns import RECORDS
from pipeline.publish.database import VIEWS
from pipeline.publish.frames import make_frame, read_runs
from pipeline.publish.replace import is_dataset

__all__ = ["Dataset"]


class Dataset:
    """The dataset in a folder that `goldenthread run` wrote. Open it with `Dataset.open`."""

    def __init__(self, out: Path, embedder: Embedder | None = None) -> None:
        self.out = out
        self._embedder = embedder

    @classmethod
    def open(cls, out: str | Path, *, embedder: Embedder | None = None) -> Dataset:
        """The dataset in the folder `out`.

        `embedder` stands in for the sentence model that `search(meaning=…)` loads when it is first needed.
        Raises InputFault where the folder holds no dataset.
        """
        folder = Path(out)
        if not is_dataset(folder):
            raise InputFault(f"There is no dataset in {folder}; `goldenthread run PATH… --out {folder}` makes one.")
        return cls(folder, embedder)

    def __repr__(self) -> str:
        return f"Dataset.open({str(self.out)!r})"

    @property
    def names(self) -> tuple[str, ...]:
        """What `table` takes: the published tables in reading order, then the views."""
        return (*RECORDS, *VIEWS)

    def table(self, name: str) -> pd.DataFrame:
        """A published table or view, a row each, in the published order. Raises InputFault for another name."""
        if name in VIEWS:
            return self.sql(f'SELECT * FROM "{name}"')
        if name not in RECORDS:
            raise InputFault(f"There is no table {name}; there are {', '.join(self.names)}.")
        return make_frame(pq.read_table(self.out / "dataset" / f"{name}.parquet"))

    def sql(self, query: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a query over the tables and views in DuckDB's SQL, opened for reading only.

        `?` or `$name` in the query stand for `parameters`. Raises InputFault where the query goes wrong.
        """
        return make_frame(self._ask(query, parameters))

    def search(
        self,
        words: str | None = None,
        meaning: str | None = None,
        *,
        item_type: str | Collection[str] | None = None,
        kind: str | Collection[str] | None = None,
        council: str | Collection[str] | None = None,
        region: str | Collection[str] | None = None,
        theme: str | Collection[str] | None = None,
        cohort: str | Collection[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = 100,
    ) -> pd.DataFrame:
        """Findings, recommendations and metrics, a row each, at most `limit` of them, with page and source.

        - `words`: every word must begin a word of the text, whatever its case; words in quotation marks stand together.
        - `meaning`: findings and recommendations by nearness to this sentence, the nearest first; the column
          `similarity` is the cosine of the two (-1 to 1). Together with `words`, words choose and meaning ranks.
        - `item_type`: `finding`, `recommendation`, `metric`. `kind`: the polarity of a finding, the kind of a
          recommendation, the unit of a metric. `theme`: a code of the codebook, first or second.
        - `since`, `until`: ISO dates, both included. Without `meaning` the newest stand first.

        Each filter takes one value or several. Raises InputFault for a value that the dataset does not hold.
        """
        filters = Filters(
            {"item_type": item_type, "kind": kind, "council": council, "region": region, "theme": theme,
             "cohort": cohort}, since, until,
        )  # fmt: skip
        similar = self._meanings.compare(meaning) if meaning else None
        return find_items(self._items, words, similar, filters, limit)

    def threads(self, item_id: str) -> pd.DataFrame:
        """What led to an item and what came of it, a row for each link, oldest first.

        Links are followed in both directions, from link to link: a recommendation that was repeated twice shows both.
        Columns: those of the view `thread_steps`, with the ids of both ends. Raises InputFault for an unknown id.
        """
        if not len(self.sql("SELECT item_id FROM items WHERE item_id = ?", [item_id])):
            raise InputFault(f"There is no finding or recommendation {item_id} in {self.out}.")
        return self.sql(stories.THREADS, {"item_id": item_id})

    def story(self, council: str) -> pd.DataFrame:
        """What happened in a council (name or GSS code), a row for each document, oldest first: its date and kind, the
        overall judgement, how many strengths, weaknesses and recommendations it has, and what became of these.

        Raises InputFault where the dataset does not hold the council.
        """
        found = self.sql(stories.STORY, {"council": council})
        if not len(found):
            known = self.table("documents")["council"].dropna().unique()
            raise InputFault(f"The dataset holds nothing of {council}; it holds {', '.join(sorted(known))}.")
        return found

    def text(self, document_id: str) -> str:
        """A document's text, which `char_start` and `char_end` point into. Raises InputFault for an unknown id."""
        path = self.out / "text" / f"{document_id}.txt"
        if not path.is_file():
            raise InputFault(f"There is no document {document_id} in {self.out}.")
        return path.read_bytes().decode()

    def cite(self) -> str:
        """The dataset in one line for a list of references; `CITATION.cff` in its folder says the same for programs."""
        runs = read_runs(self.out)
        if not runs:
            raise InputFault(f"The dataset in {self.out} does not say which run made it.")
        return cite(runs[-1])

    def _ask(self, query: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> pa.Table:
        try:
            path = str(self.out / "goldenthread.duckdb")
            with duckdb.connect(path, read_only=True, config={"enable_external_access": "false"}) as connection:
                found = connection.sql(query, params=parameters)
                if found is None:
                    raise InputFault("The query gives no rows; only reading is possible.")
                return found.to_arrow_table()
        except duckdb.Error as e:
            raise InputFault(str(e)) from e

    @functools.cached_property
    def _items(self) -> pd.DataFrame:
        return self.sql(ITEMS)

    @functools.cached_property
    def _meanings(self) -> Meanings:
        return Meanings(self._items, self.out / "vectors.parquet", self._embedder or load_embedder())
