"""SQL for reading, within bounds: one statement, so much memory, so many rows, so long.

DuckDB stops most queries by itself. A process of its own, which the system limits and which can be ended, stops the
rest.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import GoldenThreadError

SECONDS = 10.0
MEMORY = "512MB"
ROWS = 1_000
_ADDRESS_SPACE = 2 * 2**30
_GRACE = 2.0
_START = 60.0
_CHILD = (
    "import sys; from pathlib import Path; from multiprocessing.connection import Connection; "
    "from pipeline.serve.sql import answer; answer(Connection(int(sys.argv[1])), Path(sys.argv[2]))"
)
_CELL = 5_000
_READING = {"SELECT", "EXPLAIN"}
_LOCKED = {
    "access_mode": "read_only",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": MEMORY,
    "max_temp_directory_size": "0MB",
    "threads": "1",
}


_TOO_LARGE = "The query needs more memory than it may have and was stopped."


def _say_slow(seconds: float) -> str:
    return f"The query took longer than {seconds:g} seconds and was stopped."


class RefusedQuery(GoldenThreadError):
    """The query is no reading, goes wrong, or leaves its bounds; the message says which."""


@dataclass(frozen=True)
class Rows:
    """What a query gives: names, rows, and whether there were more than are here."""

    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool


def ask(path: Path, sql: str, *, rows: int = ROWS, seconds: float = SECONDS) -> Rows:
    """The first rows that one reading statement gives.

    The database is opened for reading only, without access to files, network or extensions; its settings are locked.
    Raises RefusedQuery.
    """
    try:
        with duckdb.connect(str(path), read_only=True, config=_LOCKED) as connection:  # type: ignore[arg-type]
            connection.execute("SET enable_progress_bar = false")
            connection.execute("SET lock_configuration = true")
            _check(connection, sql)
            with _limit_time(connection, seconds):
                cursor = connection.execute(sql)
                found = cursor.fetchmany(rows + 1)
                names = tuple(str(column[0]) for column in cursor.description or ())
    except duckdb.InterruptException:
        raise RefusedQuery(_say_slow(seconds)) from None
    except duckdb.OutOfMemoryException:
        raise RefusedQuery(_TOO_LARGE) from None
    except duckdb.Error as e:
        raise RefusedQuery(str(e)) from e
    except MemoryError:
        raise RefusedQuery(_TOO_LARGE) from None
    return Rows(names, tuple(tuple(map(_shorten, row)) for row in found[:rows]), len(found) > rows)


def _shorten(cell: Any) -> Any:
    return f"{cell[:_CELL]} …" if isinstance(cell, str) and len(cell) > _CELL else cell


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedQuery("Write one statement.")
    kind = statements[0].type.name.removeprefix("StatementType.")
    if kind not in _READING:
        raise RefusedQuery(f"Only SELECT and EXPLAIN are answered, not {kind}.")


@contextlib.contextmanager
def _limit_time(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Desk:
    """Asks the database in a process of its own, one query at a time; ends the process where it leaves its bounds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def ask(self, sql: str, *, rows: int = ROWS, seconds: float = SECONDS) -> Rows:
        """The first rows that one reading statement gives. Raises RefusedQuery."""
        with self._lock:
            line = self._open()
            line.send((sql, rows, seconds))
            try:
                if not line.poll(seconds + _GRACE):
                    self._end()
                    raise RefusedQuery(_say_slow(seconds))
                answer = line.recv()
            except EOFError:
                self._end()
                raise RefusedQuery(_TOO_LARGE) from None
        if isinstance(answer, str):
            raise RefusedQuery(answer)
        found: Rows = answer
        return found

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _open(self) -> Connection:
        if self._line is None or self._process is None or self._process.poll() is not None:
            self._end()
            self._line, other = multiprocessing.Pipe()
            command = [sys.executable, "-c", _CHILD, str(other.fileno()), str(self._path)]
            self._process = subprocess.Popen(command, pass_fds=[other.fileno()], stdin=subprocess.DEVNULL)
            other.close()
            if not self._line.poll(_START):  # a busy machine takes its time to start it; the query's time begins after
                self._end()
                raise RefusedQuery("The database did not open in time; try again.")
            self._line.recv()
        return self._line

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None


def answer(line: Connection, path: Path) -> None:
    """The life of the process: queries in, rows or a message out."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    line.send("ready")
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            sql, rows, seconds = line.recv()
            try:
                line.send(ask(path, sql, rows=rows, seconds=seconds))
            except RefusedQuery as e:
                line.send(str(e))
            except Exception as e:  # what cannot be sent, say
                line.send(f"{type(e).__name__}: {e}")
