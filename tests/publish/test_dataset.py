"""The Python API: frames, SQL, search by words and meaning, threads, stories, and how to cite."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline import Dataset
from pipeline.embed import DIMENSIONS, Vectors
from pipeline.errors import InputFault
from pipeline.publish.columns import RECORDS
from pipeline.publish.database import VIEWS
from pipeline.publish.folder import publish
from pipeline.publish.vectors import write_vectors

WORDS = ("supervision", "homes", "calls", "register")


class Counter:
    """An embedder that counts a few words, so that nearness can be foretold."""

    name = "counter"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        made = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(made, texts, strict=True):
            row[: len(WORDS)] = [word in text.lower() for word in WORDS]
            row[len(WORDS)] = 0.1
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    def encode_both(self, texts: Sequence[str], adapter: Any) -> tuple[Vectors, Vectors]:
        raise NotImplementedError


@pytest.fixture(scope="module")
def data(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("dataset") / "out"
    publish(made.tables, made.texts, out)
    return Dataset.open(out, embedder=Counter())  # type: ignore[arg-type]


def test_importing_the_package_loads_no_library() -> None:
    program = "import sys, pipeline; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_folder_without_a_dataset_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="There is no dataset"):
        Dataset.open(tmp_path)


def test_every_table_and_view_is_a_frame(data: Dataset, made: Any) -> None:
    assert data.names == (*RECORDS, *VIEWS)
    for name in RECORDS:
        assert len(data.table(name)) == len(made.tables[name])
    for name in VIEWS:
        assert len(data.table(name))
    findings = data.table("findings")
    assert findings["date"].dt.year.tolist()[0] == 2019
    assert findings["extent"].isna().any()
    with pytest.raises(InputFault, match="there are documents, visits"):
        data.table("nothing")


def test_sql_reads_with_parameters_and_cannot_write(data: Dataset) -> None:
    assert data.sql("SELECT count(*) AS n FROM findings WHERE polarity = $p", {"p": "strength"})["n"].tolist() == [8]
    for query in ("DELETE FROM findings", "SELECT * FROM read_text('/etc/hostname')", "SELEC"):
        with pytest.raises(InputFault):
            data.sql(query)


def test_words_begin_a_word_and_quoted_words_stand_together(data: Dataset) -> None:
    assert set(data.search("SUPERVIS timely")["item_type"]) == {"finding"}
    assert data.search("upervision").empty
    assert len(data.search('"social workers fell"')) == 8
    assert data.search('"workers social"').empty
    assert set(data.search("Łódź")["kind"]) == {"mixed"}


def test_filters_narrow_and_the_newest_stand_first(data: Dataset) -> None:
    found = data.search(item_type=["finding", "recommendation"], council="Northmoor", since="2019-05-17")
    assert set(found["council"]) == {"Northmoor"}
    assert found["date"].is_monotonic_decreasing
    assert len(found) == 2 * (7 + 2)
    assert len(data.search(item_type="recommendation", until="2019-12-31")) == 4
    assert set(data.search(cohort="in_care")["item_type"]) == {"finding"}
    assert len(data.search(theme="placement_sufficiency_stability", item_type="recommendation")) == 4
    assert len(data.search(limit=3)) == 3


@pytest.mark.parametrize(
    "wrong", [{"council": "Nowhere"}, {"theme": "typo"}, {"item_type": "findings"}, {"since": "May"}]
)
def test_a_filter_that_nothing_fits_is_a_fault_not_an_empty_answer(data: Dataset, wrong: dict[str, str]) -> None:
    with pytest.raises(InputFault, match=next(iter(wrong))):
        data.search(**wrong)  # type: ignore[arg-type]


def test_meaning_ranks_and_words_choose(data: Dataset) -> None:
    near = data.search(meaning="supervision", limit=8)
    assert near["text"].str.lower().str.contains("supervision").all()
    assert near["similarity"].is_monotonic_decreasing
    assert near["similarity"].iloc[0] > 0.99
    both = data.search("near", meaning="homes")
    assert set(both["text"]) == {"=1+1 homes for children near Northmoor"}


def test_vectors_that_are_published_are_not_made_again(made: Any, tmp_path: Path) -> None:
    publish(made.tables, made.texts, tmp_path / "out")
    ids = Dataset.open(tmp_path / "out").table("items")["item_id"].tolist()
    write_vectors(
        {i: np.eye(DIMENSIONS, dtype=np.float32)[n] for n, i in enumerate(ids)}, tmp_path / "out/vectors.parquet"
    )
    counter = Counter()
    Dataset.open(tmp_path / "out", embedder=counter).search(meaning="homes")  # type: ignore[arg-type]
    assert counter.seen == ["homes"]


def test_threads_lead_both_ways(data: Dataset) -> None:
    forwards, backwards = data.threads("rec_000"), data.threads("rec_010")
    assert forwards["thread_id"].tolist() == backwards["thread_id"].tolist() == ["thread_00"]
    assert forwards[["from_id", "to_id", "relation"]].iloc[0].tolist() == ["rec_000", "rec_010", "repeats"]
    assert data.threads("find_000").empty
    with pytest.raises(InputFault, match="no finding or recommendation"):
        data.threads("rec_none")


def test_a_story_tells_a_council_in_order(data: Dataset) -> None:
    story = data.story("Northmoor")
    assert story["judgement"].tolist() == ["requires_improvement", "good"]
    assert story[["strengths", "weaknesses", "mixed", "recommendations"]].iloc[0].tolist() == [2, 3, 2, 2]
    assert story[["repeated", "improved"]].iloc[0].tolist() == [1, 1]
    pd.testing.assert_frame_equal(story, data.story("E06009001"))
    with pytest.raises(InputFault, match="Eastvale & Fenwick, Northmoor"):
        data.story("Nowhere")


def test_a_quote_is_found_in_its_text(data: Dataset) -> None:
    row = data.table("findings").iloc[0]
    assert data.text(row["document_id"])[row["char_start"] : row["char_end"]] == row["text"]
    with pytest.raises(InputFault, match="no document"):
        data.text("../goldenthread")


def test_the_citation_names_the_run(data: Dataset) -> None:
    assert data.cite().startswith("Golden Thread contributors (2026). Golden Thread:")
    assert "Version 0.1.0, run run_1 of 2026-01-05" in data.cite()


def test_the_package_offers_its_entry_to_completion() -> None:
    import pipeline

    assert "Dataset" in dir(pipeline)
