"""PostgreSQL as a target, on a real server of its own in a temporary folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from pipeline.errors import GoldenThreadError, InputFault, OutputFault
from pipeline.publish import postgresql
from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.elsewhere import Elsewhere
from pipeline.publish.folder import write_dataset
from pipeline.publish.frames import make_cell
from pipeline.publish.postgresql import SCHEMA, Target
from tests.publish.databases import Server, ask, read_all


@pytest.fixture
def address(postgresql: Server) -> str:
    """The server, without our schema."""
    with psycopg.connect(postgresql.address) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return postgresql.address


def read(address: str, name: str) -> list[tuple[Any, ...]]:
    return sorted(ask(address, f'SELECT * FROM "{name}"'), key=str)


def cells(made_tables: Any, name: str) -> list[tuple[Any, ...]]:
    names = [c.name for c in list_columns(RECORDS[name])]
    return sorted((tuple(make_cell(getattr(row, n)) for n in names) for row in made_tables[name]), key=str)


def change(made: Any) -> dict[str, Any]:
    """The dataset after another run: a sentence is read anew, a document's metrics are gone, a problem is solved."""
    tables = dict(made.tables)
    first, *rest = tables["findings"]
    tables["findings"] = [first.replace(section="Anew\0", cohorts=("carers",)), *rest]
    tables["metrics"] = list(tables["metrics"])[1:]
    tables["problems"] = list(tables["problems"])[1:]
    tables["visits"] = list(reversed(tables["visits"]))
    return tables


def test_every_row_is_there_and_a_second_edition_changes_what_changed(address: str, made: Any) -> None:
    Target(address).publish(made.tables)
    found = read_all(address)
    for name in RECORDS:
        assert found[name] == cells(made.tables, name), name

    before, writers = dict(ask(address, "SELECT finding_id, xmin::text FROM findings")), read_all(address, "xmin::text")
    tables = change(made)
    Target(address).publish(tables)
    found = read_all(address)
    for name in set(RECORDS) - {"findings"}:
        assert found[name] == cells(tables, name), name
    changed = tables["findings"][0].finding_id
    anew = ask(address, f"SELECT section, cohorts FROM findings WHERE finding_id = '{changed}'")
    assert anew == [("Anew\ufffd", ["carers"])]
    after = dict(ask(address, "SELECT finding_id, xmin::text FROM findings"))
    assert {i for i in after if after[i] != before[i]} == {changed}  # no other row was written
    after_all = read_all(address, "xmin::text")
    assert {n for n in RECORDS if set(after_all[n]) - set(writers[n])} == {"findings", "problems"}


def test_the_schema_has_keys_references_and_comments(address: str, made: Any) -> None:
    Target(address).publish(made.tables)
    query = """
        SELECT c.conrelid::regclass::text, c.contype::text, array_agg(a.attname::text ORDER BY k.n), c.confrelid::regclass::text
        FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k(attnum, n)
        JOIN pg_attribute a ON a.attnum = k.attnum
        WHERE a.attrelid = c.conrelid AND c.contype IN ('p', 'f') GROUP BY c.oid, c.conrelid, c.contype, c.confrelid
    """
    found = {(table, kind, *columns, to if kind == "f" else "") for table, kind, columns, to in ask(address, query)
             if table in RECORDS}  # fmt: skip
    expected = {
        (n, "p", *sorted(r.key, key=[c.name for c in list_columns(r)].index), "") for n, r in RECORDS.items() if r.key
    }
    expected |= {(n, "f", c.name, c.refers_to[0]) for n, r in RECORDS.items() for c in list_columns(r) if c.refers_to}
    assert found == expected
    comments = ask(address, "SELECT obj_description('documents'::regclass), col_description('findings'::regclass, 1)")
    assert comments == [(RECORDS["documents"].about, list_columns(RECORDS["findings"])[0].about)]
    kinds = dict(
        ask(address, "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'runs'")
    )
    assert (kinds["started"], kinds["models"], kinds["files_seen"]) == ("timestamp with time zone", "ARRAY", "bigint")


def test_a_reader_in_the_middle_sees_the_old_edition_and_a_failure_leaves_it(
    address: str, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Target(address).publish(made.tables)
    old = read_all(address)
    seen = []
    replace = postgresql._replace

    def watched(connection: Any, table: Any, rows: Any) -> None:
        seen.append(read_all(address) == old)
        if len(seen) == len(RECORDS):
            raise RuntimeError("the power goes")
        replace(connection, table, rows)

    monkeypatch.setattr(postgresql, "_replace", watched)
    with pytest.raises(RuntimeError, match="the power goes"):
        Target(address).publish(change(made))
    assert seen == [True] * len(RECORDS)
    assert read_all(address) == old


def test_a_damaged_table_is_not_published_as_one_without_rows(address: str, made: Any, tmp_path: Path) -> None:
    write_dataset(made.tables, made.texts, tmp_path)
    places = Elsewhere(tmp_path, address)
    assert list(places.publish(0)) == [f"In {Target(address).address}: schema goldenthread."]
    stands = read_all(address)
    assert stands["findings"] == cells(made.tables, "findings")
    (tmp_path / "dataset" / "findings.parquet").write_bytes(b"damaged")
    with pytest.raises(OutputFault, match=r"findings\.parquet is gone or damaged"):
        list(places.publish(0))
    assert read_all(address) == stands


def test_a_row_that_points_nowhere_is_refused_whole(address: str, made: Any) -> None:
    Target(address).publish(made.tables)
    with pytest.raises(OutputFault, match="visits_previous_visit_id_fkey"):
        Target(address).publish({**change(made), "visits": made.tables["visits"][1:]})
    assert read(address, "visits") == cells(made.tables, "visits")


def test_tables_of_another_version_are_made_anew_and_what_is_not_ours_is_left(address: str, made: Any) -> None:
    Target(address).publish(made.tables)
    with psycopg.connect(address) as connection:
        connection.execute(f"ALTER TABLE {SCHEMA}.problems DROP COLUMN severity")
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'Dataset of Golden Thread, structure of last year'")
        connection.execute(f"CREATE TABLE {SCHEMA}.mine (n int)")
    Target(address).publish(made.tables)
    assert read(address, "problems") == cells(made.tables, "problems")
    assert read(address, "mine") == []
    with psycopg.connect(address) as connection:
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'ledgers'")
    with pytest.raises(OutputFault, match="no dataset"):
        Target(address).check()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("right", "wrong"), "password authentication failed"),
        (("/postgres?", "/nowhere?"), "nowhere"),
        (("goldenthread-pg", "absent"), "refuses"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_the_password(address: str, change: Any, words: str) -> None:
    wrong = address.replace(*change)
    with pytest.raises(OutputFault, match=words) as raised:
        Target(wrong).check()
    assert "wrong@" not in str(raised.value)
    assert "right@" not in str(raised.value)


@pytest.mark.parametrize("address", ["nonsense", "mysql://user@host/base", "/folder/file.duckdb"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(InputFault, match="postgresql://"):
        Target(address)


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extras.find_spec", lambda name: None)
    with pytest.raises(GoldenThreadError, match=r"goldenthread\[postgresql\]"):
        Target("postgresql://localhost/base")
