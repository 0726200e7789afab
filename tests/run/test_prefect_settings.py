"""The database that temporary Prefect servers begin with: kept after a run that went well, without that run."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.prefect_settings import keep_home


def make_home(folder: Path, state: str) -> Path:
    """A home as a server leaves it, with one run."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "prefect.db")) as database:
        database.executescript(
            f"""CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('newest');
            CREATE TABLE flow_run (parameters TEXT, state_type TEXT); INSERT INTO flow_run VALUES ('paths', '{state}');
            CREATE TABLE block_type (name TEXT); INSERT INTO block_type VALUES ('secret');"""
        )
    (folder / "memo_store.toml").write_text("[blocks]\n")
    return folder


def test_the_tables_are_kept_and_nothing_of_the_run(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "kept"
    keep_home(make_home(tmp_path / "home", "COMPLETED"), kept)
    with contextlib.closing(sqlite3.connect(kept / "prefect.db")) as database:
        assert database.execute("SELECT * FROM alembic_version").fetchall() == [("newest",)]
        assert database.execute("SELECT * FROM block_type").fetchall() == [("secret",)]
        assert database.execute("SELECT * FROM flow_run").fetchall() == []
    assert b"paths" not in (kept / "prefect.db").read_bytes()
    assert (kept / "memo_store.toml").exists()
    assert [p.name for p in kept.parent.iterdir()] == ["kept"]


def test_nothing_is_kept_where_no_run_went_well(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    keep_home(tmp_path / "empty", tmp_path / "cache" / "kept")
    keep_home(make_home(tmp_path / "home", "FAILED"), tmp_path / "cache" / "kept")
    (tmp_path / "home" / "prefect.db").write_bytes(b"no database" * 100)
    with pytest.raises(sqlite3.Error):
        keep_home(tmp_path / "home", tmp_path / "cache" / "kept")
    assert list((tmp_path / "cache").iterdir()) == []


def test_two_runs_that_keep_it_at_once_leave_one_that_is_whole(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "kept"
    home = make_home(tmp_path / "home", "COMPLETED")
    keep_home(home, kept)
    with pytest.raises(OSError, match=r"not empty|exists"):
        keep_home(home, kept)
    assert [p.name for p in kept.parent.iterdir()] == ["kept"]
    assert sorted(p.name for p in kept.iterdir()) == ["memo_store.toml", "prefect.db"]


def test_hosts_that_are_reached_without_a_proxy_stay_so() -> None:
    code = "from pipeline.prefect_settings import configure_prefect as c; c(); c(); import os; print(os.environ['NO_PROXY'])"
    for name, found in ((None, "127.0.0.1"), ("NO_PROXY", "a.example,127.0.0.1"), ("no_proxy", "a.example,127.0.0.1")):
        environment = {n: v for n, v in os.environ.items() if n.lower() != "no_proxy"}
        environment |= {name: "a.example"} if name else {}
        said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the folder cannot be named by XDG_CACHE_HOME")
def test_the_next_process_begins_with_what_the_last_one_left(tmp_path: Path) -> None:
    """What each finds in its own folder before anything else; what it leaves there is gone when it has ended."""
    left = make_home(tmp_path / "left", "COMPLETED")
    code = f"""
import os, shutil
from pipeline.prefect_settings import configure_prefect
configure_prefect()
home = os.environ["PREFECT_HOME"]
print(home, os.path.exists(home + "/prefect.db"))
shutil.copytree({str(left)!r}, home, dirs_exist_ok=True)
"""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("PREFECT_")}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    found = []
    for _ in range(2):
        said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        home, there = said.stdout.split()
        assert not Path(home).exists()
        found.append(there)
    assert found == ["False", "True"]
