"""A PostgreSQL server on this machine for tests, and what stands in the dataset that was published there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pipeline.publish.columns import RECORDS
from pipeline.publish.postgresql import SCHEMA

SUPERUSER = "postgres"

Rows = dict[str, list[tuple[Any, ...]]]
"""The rows of each table, in an order that only depends on them."""


def find_programs() -> Path:
    """The folder of the server's programs, newest first; skips where there are none."""
    found = [shutil.which("initdb"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), reverse=True)]
    for path in filter(None, found):
        return Path(path).parent
    pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")


def find_user() -> pwd.struct_passwd | None:
    """Who the server runs as where the tests run as the superuser of the system, as whom it refuses to."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as the superuser, and there is no user postgres")


@dataclass(frozen=True)
class Server:
    """A server that listens on a socket in its folder; `user` starts its programs as somebody else."""

    folder: Path
    programs: Path
    user: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"postgresql://{SUPERUSER}:right@/postgres?host={self.folder}"

    def call(self, program: str, *arguments: object) -> None:
        command = [*self.user, self.programs / program, "-D", self.folder / "data", *arguments]
        done = subprocess.run(
            list(map(str, command)), cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self.call("pg_ctl", "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        self.call("pg_ctl", "-w", "-m", "fast", "stop")


@contextmanager
def serve_postgresql() -> Iterator[Server]:
    """A server of its own in a temporary folder."""
    programs, user = find_programs(), find_user()
    folder = Path(tempfile.mkdtemp(prefix="goldenthread-pg-"))
    server = Server(folder, programs, ())
    if user:
        server = Server(
            folder, programs, ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
        )
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        (folder / "word").write_text("right")
        (folder / "word").chmod(0o644)
        server.call(
            "initdb", "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={folder / 'word'}", "-N", "-E", "UTF8"
        )
        server.start()
        try:
            yield server
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                server.call("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def ask(address: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(address, options=f"-c search_path={SCHEMA} -c timezone=UTC") as connection:
        return connection.execute(query).fetchall()


def read_all(address: str, what: str = "*") -> Rows:
    """Every table, over one connection."""
    with psycopg.connect(address, options=f"-c search_path={SCHEMA} -c timezone=UTC") as connection:
        return {
            name: sorted(connection.execute(f'SELECT {what} FROM "{name}"').fetchall(), key=str) for name in RECORDS
        }
