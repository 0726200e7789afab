"""Parquet, DuckDB, CSV, texts and data packages: the same rows in each, typed, and the same bytes every time."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import os
import random
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.database import VIEWS
from pipeline.publish.dictionary import make_dictionary
from pipeline.publish.files import guard_formula
from pipeline.publish.folder import publish, write_dataset
from pipeline.publish.frames import make_frame, make_table, read_runs, sort_rows
from pipeline.records import Finding


@pytest.fixture(scope="session")
def out(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publish") / "out"
    publish(made.tables, made.texts, folder)
    return folder


def plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return value


def test_parquet_holds_the_records(made: Any, out: Path) -> None:
    for name, rows in sort_rows(made.tables).items():
        table = pq.read_table(out / "dataset" / f"{name}.parquet")
        assert table.column_names == [c.name for c in list_columns(RECORDS[name])]
        assert table.to_pylist() == [{c: plain(getattr(row, c)) for c in table.column_names} for row in rows]


def test_types(out: Path) -> None:
    schema = pq.read_schema(out / "dataset" / "findings.parquet")
    assert schema.field("date").type == pa.date32()
    assert schema.field("page").type == pa.int64()
    assert schema.field("page").nullable
    assert not schema.field("char_start").nullable
    assert schema.field("cohorts").type == pa.list_(pa.string())
    assert schema.field("bbox").type == pa.list_(pa.float64())
    assert schema.field("bbox").nullable
    assert schema.field("polarity").type == pa.string()
    assert schema.field("text").metadata[b"description"] == b"The sentence, verbatim."
    assert pq.read_schema(out / "dataset" / "runs.parquet").field("started").type == pa.timestamp("us", tz="UTC")


def test_order_of_columns_is_ids_evidence_rest() -> None:
    names = [c.name for c in list_columns(Finding)]
    assert names[:6] == ["finding_id", "document_id", "visit_id", "council_code", "date", "page"]
    assert names.index("confidence") + 1 == names.index("text")


def test_an_empty_dataset_keeps_its_schema(tmp_path: Path) -> None:
    publish({}, {}, tmp_path / "out")
    for name, record in RECORDS.items():
        table = pq.read_table(tmp_path / "out" / "dataset" / f"{name}.parquet")
        assert table.num_rows == 0
        assert table.schema.equals(make_table(record, ()).schema, check_metadata=False)
    assert frictionless.validate(str(tmp_path / "out/csv/datapackage.json")).valid
    assert (tmp_path / "out/report/index.html").exists()


def test_frame_keeps_integers_where_some_are_null(made: Any) -> None:
    frame = make_frame(make_table(RECORDS["recommendations"], made.tables["recommendations"]))
    assert pd.api.types.is_integer_dtype(frame["page"].dtype)
    assert frame["page"].isna().sum() == 1


def digest_files(folder: Path) -> dict[str, str]:
    """Hashes of the files whose bytes are promised to be the same."""
    changing = {"goldenthread.duckdb", "goldenthread.xlsx"}
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in changing
    }


def test_same_rows_in_any_order_give_the_same_bytes(made: Any, out: Path, tmp_path: Path) -> None:
    mixed = {name: random.Random(3).sample(list(rows), len(rows)) for name, rows in reversed(made.tables.items())}
    texts = dict(reversed(made.texts.items()))
    publish(mixed, texts, tmp_path / "out")
    assert digest_files(tmp_path / "out") == digest_files(out)
    assert read_database(tmp_path / "out") == read_database(out)


def test_another_process_with_another_hash_seed_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    program = (
        "import runpy, sys; from pathlib import Path; from pipeline.publish.folder import publish;"
        "made = runpy.run_path(sys.argv[1])['make_dataset'](); publish(made.tables, made.texts, Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).with_name("conftest.py")), str(tmp_path / "out")]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "1"})
    assert digest_files(tmp_path / "out") == digest_files(out)


def read_database(out: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(out / "goldenthread.duckdb"), read_only=True) as connection:
        return {name: connection.sql(f'SELECT * FROM "{name}"').fetchall() for name in RECORDS}


def add_zone(value: Any) -> Any:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def test_database_holds_the_same_rows(out: Path) -> None:
    for name, rows in read_database(out).items():
        table = pq.read_table(out / "dataset" / f"{name}.parquet")
        told = [dict(zip(table.column_names, map(add_zone, row), strict=True)) for row in rows]
        assert told == table.to_pylist()


def test_database_has_keys_comments_and_views(out: Path, made: Any) -> None:
    with duckdb.connect(str(out / "goldenthread.duckdb"), read_only=True) as connection:
        comments = dict(connection.sql("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        assert comments == {name: record.about for name, record in RECORDS.items()}
        columns = connection.sql("SELECT table_name, column_name, comment FROM duckdb_columns()").fetchall()
        known = {(r.table, c.name): c.about for r in RECORDS.values() for c in list_columns(r)}
        assert {(t, c): about for t, c, about in columns if t in RECORDS} == known
        keyed = connection.sql("SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'")
        assert {name for (name,) in keyed.fetchall()} == {n for n, r in RECORDS.items() if r.key}
        for view in VIEWS:
            assert connection.sql(f"SELECT * FROM {view}").fetchall(), view
        count = connection.sql("SELECT count(*) FROM items").fetchall()
        assert count == [(len(made.tables["findings"]) + len(made.tables["recommendations"]),)]
        shares = connection.sql("SELECT with_theme, documents, share FROM theme_years WHERE year = 2019").fetchall()
        assert shares == [(2, 2, 1.0), (2, 2, 1.0)]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def test_csv_is_for_spreadsheets(made: Any, out: Path) -> None:
    path = out / "csv" / "findings.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read_csv(path)
    texts = [row.text for row in sort_rows(made.tables)["findings"]]
    assert [row["text"] for row in rows] == [guard_formula(t) for t in texts]
    assert not any(value.startswith(("=", "+", "@", "\t", "\r")) for row in rows for value in row.values())
    assert rows[1]["cohorts"] == "in_care; workforce"
    assert rows[0]["extent"] == ""
    assert rows[0]["date"] == "2019-05-18"
    assert {row["is_target"] for row in read_csv(out / "csv" / "metrics.csv")} == {"false"}
    assert read_csv(out / "csv" / "runs.csv")[0]["started"] == "2026-01-05T09:00:00Z"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1"])
def test_formulas_are_guarded(text: str) -> None:
    assert guard_formula(text) == "'" + text


def test_plain_words_and_negative_numbers_are_not_guarded(tmp_path: Path, made: Any) -> None:
    assert guard_formula("A = B") == "A = B"
    metric = made.tables["metrics"][0].replace(value=-5.0)
    from pipeline.publish.files import write_csv, write_parquet

    write_parquet(RECORDS["metrics"], [metric], tmp_path / "m.parquet")
    write_csv(tmp_path / "m.parquet", tmp_path / "m.csv")
    assert read_csv(tmp_path / "m.csv")[0]["value"] == "-5.0"


def test_offsets_hold_in_the_published_text(out: Path) -> None:
    for name, quoted in (("findings", "text"), ("recommendations", "text"), ("metrics", "quote")):
        for row in pq.read_table(out / "dataset" / f"{name}.parquet").to_pylist():
            with (out / "text" / f"{row['document_id']}.txt").open(encoding="utf-8", newline="") as f:
                assert f.read()[row["char_start"] : row["char_end"]] == row[quoted]


def test_a_lone_surrogate_neither_stops_the_run_nor_moves_an_offset(made: Any, tmp_path: Path) -> None:
    texts = dict(made.texts, doc_00=made.texts["doc_00"].replace("Ü", "\ud800"))
    publish(made.tables, texts, tmp_path / "out")
    assert len((tmp_path / "out/text/doc_00.txt").read_bytes().decode()) == len(texts["doc_00"])


@pytest.mark.parametrize("folder", ["dataset", "csv"])
def test_data_packages_are_valid(out: Path, folder: str) -> None:
    report = frictionless.validate(str(out / folder / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "note"])[:5]
    package = frictionless.Package(str(out / folder / "datapackage.json"))
    assert [r.name for r in package.resources] == list(RECORDS)
    for resource in package.resources:
        assert [f.name for f in resource.schema.fields] == [c.name for c in list_columns(RECORDS[resource.name])]
        assert all(f.description for f in resource.schema.fields)
    assert package.custom["run"]["models"] == ["rules sha256:00", "en_core_web_sm 3.8.0"]
    assert {s["title"].split(":")[0].split(" ")[0] for s in package.sources} == {"Ofsted", "Papers"}


def test_a_changed_file_is_told_from_its_data_package(out: Path, tmp_path: Path, made: Any) -> None:
    write_dataset(made.tables, made.texts, tmp_path)
    with (tmp_path / "dataset" / "visits.parquet").open("ab") as f:
        f.write(b"x")
    assert not frictionless.validate(str(tmp_path / "dataset/datapackage.json")).valid


def test_runs_are_read_back(made: Any, out: Path, tmp_path: Path) -> None:
    assert read_runs(out) == tuple(made.tables["runs"])
    assert read_runs(tmp_path) == ()
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "runs.parquet").write_bytes(b"damaged")
    assert read_runs(tmp_path) == ()


def test_times_without_zone_are_utc(made: Any) -> None:
    run = made.tables["runs"][0].replace(started=dt.datetime(2026, 1, 5, 9))
    assert make_table(RECORDS["runs"], [run]).to_pylist()[0]["started"] == dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def test_the_data_dictionary_is_up_to_date(project: Path) -> None:
    written = (project / "outputs" / "README.md").read_text(encoding="utf-8")
    assert written == make_dictionary(), "run: python -m pipeline.publish.dictionary"
