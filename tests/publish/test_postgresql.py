"""PostgreSQL as a target, on a real server of its own in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pipeline.errors import GoldenThreadError, InputFault, OutputFault
from pipeline.publish import postgresql
from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.frames import make_cell
from pipeline.publish.postgresql import SCHEMA, Target

SUPERUSER = "postgres"


def find_programs() -> Path:
    """The folder of the server's programs, newest first; skips where there are none."""
    found = [shutil.which("initdb"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), reverse=True)]
    for path in filter(None, found):
        return Path(path).parent
    pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that listens on a socket in a temporary folder; as the superuser it refuses to run."""
    programs, folder, prefix = find_programs(), Path(tempfile.mkdtemp(prefix="goldenthread-pg-")), []
    data = folder / "data"
    if os.geteuid() == 0:
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as the superuser, and there is no user postgres")
        prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        os.chown(folder, user.pw_uid, user.pw_gid)

    def call(program: str, *arguments: str) -> None:
        command = [*prefix, str(programs / program), *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    (folder / "word").write_text("right")
    (folder / "word").chmod(0o644)
    call(
        "initdb",
        "-D",
        str(data),
        "-U",
        SUPERUSER,
        "--auth=scram-sha-256",
        f"--pwfile={folder / 'word'}",
        "-N",
        "-E",
        "UTF8",
    )
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://{SUPERUSER}:right@/postgres?host={folder}"
    finally:
        call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def address(server: str) -> str:
    """The server, without our schema."""
    with psycopg.connect(server) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return server


def ask(address: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(address, options=f"-c search_path={SCHEMA} -c timezone=UTC") as connection:
        return connection.execute(query).fetchall()


def read(address: str, name: str) -> list[tuple[Any, ...]]:
    return sorted(ask(address, f'SELECT * FROM "{name}"'), key=str)


def read_all(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every table, over one connection."""
    with psycopg.connect(address, options=f"-c search_path={SCHEMA} -c timezone=UTC") as connection:
        return {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=str) for name in RECORDS}


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

    before = dict(ask(address, "SELECT finding_id, xmin::text FROM findings"))
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
