"""A dataset → a schema of a PostgreSQL database, with keys and comments. Readers see the old edition or the new, whole.

Everything happens in one transaction: rows that are gone go, rows that changed change, new ones come, the others are
not touched; a table without a key is written anew where any of its rows differs. Where the columns are no longer those
of this program, the tables are made anew in that transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql.base import PGDialect

from pipeline.errors import InputFault, OutputFault
from pipeline.extras import need
from pipeline.ids import digest
from pipeline.publish.columns import RECORDS, Column, Kind, describe_column, list_columns
from pipeline.publish.frames import make_cell
from pipeline.records import Record

SCHEMA = "goldenthread"
"""The schema of the database that holds the tables and nothing else."""
_MARK = "Dataset of Golden Thread, structure "
_LOCK = int(digest("goldenthread postgresql")[:15], 16)
"""Two publications wait for each other on this number."""
_ROWS = 5_000
"""Rows that are sent at once."""

_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: sa.Text(),
    Kind.INT: sa.BigInteger(),
    Kind.FLOAT: sa.Double(),
    Kind.BOOL: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.TIME: sa.TIMESTAMP(timezone=True),
    Kind.TEXTS: ARRAY(sa.Text()),
    Kind.FLOATS: ARRAY(sa.Double()),
}


def _declare(column: Column, record: type[Record]) -> sa.Column[Any]:
    """A column; references are checked at the end of the transaction, so that rows may come in any order."""
    keys = []
    if column.refers_to:
        target = ".".join((SCHEMA, *column.refers_to))
        keys = [sa.ForeignKey(target, deferrable=True, initially="DEFERRED")]
    own = column.name in record.key
    return sa.Column(
        column.name,
        _TYPES[column.kind],
        *keys,
        primary_key=own,
        nullable=column.nullable and not own,
        autoincrement=False,
        comment=describe_column(column),
    )


def make_metadata() -> sa.MetaData:
    """The tables of the dataset as SQLAlchemy knows them, with keys, references and comments."""
    metadata = sa.MetaData(schema=SCHEMA)
    for name, record in RECORDS.items():
        columns = [_declare(column, record) for column in list_columns(record)]
        sa.Table(name, metadata, *columns, comment=record.about)
    return metadata


class Target:
    """A database that a dataset is published to.

    Raises InputFault where the address is none of PostgreSQL, or what it needs is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            url = sa.make_url(address)
        except sa.exc.ArgumentError as e:
            raise InputFault(f"{address} is no address of a database; write postgresql://user@host/database.") from e
        if url.drivername not in ("postgresql", "postgres"):
            raise InputFault(f"{url} is no address of PostgreSQL; write postgresql://user@host/database.")
        need("postgresql", "--publish postgresql://")
        self.address = url.render_as_string(hide_password=True)
        self._engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool, connect_args={"connect_timeout": 10}
        )

    def check(self) -> None:
        """Raise OutputFault where the database cannot be reached, or its schema holds something else."""
        with self._begin() as connection:
            _read_structure(connection)

    def publish(self, tables: Mapping[str, Sequence[Record]]) -> None:
        """Put the dataset of these tables in the place of the one that is there.

        Raises OutputFault where the database refuses; it is then as it was.
        """
        with self._begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            metadata = make_metadata()
            _prepare(connection, metadata)
            for name, table in metadata.tables.items():
                _replace(connection, table, tables.get(name.removeprefix(f"{SCHEMA}."), ()))

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as e:
            said = (str(e.orig).strip() or str(e)).splitlines()[0].rstrip(".")
            raise OutputFault(f"PostgreSQL at {self.address} refuses: {said}.") from e


def _read_structure(connection: sa.Connection) -> str | None:
    """The structure of the dataset in the schema, None where there is no schema.

    Raises OutputFault where the schema holds anything that this program did not make.
    """
    found = connection.execute(
        sa.text("SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = :name"),
        {"name": SCHEMA},
    ).scalar()
    if found is None or found.startswith(_MARK):
        return None if found is None else str(found.removeprefix(_MARK))
    if sa.inspect(connection).get_table_names(SCHEMA):
        raise OutputFault(f"The schema {SCHEMA} holds tables that are no dataset; rename it, or name another database.")
    return ""


def _describe(metadata: sa.MetaData) -> str:
    """What tells one structure of the tables from another."""
    tables, dialect = metadata.sorted_tables, PGDialect()  # type: ignore[no-untyped-call]
    declared = [str(sa.schema.CreateTable(t).compile(dialect=dialect)) for t in tables]
    return digest(*declared, *(c.comment for t in tables for c in (t, *t.columns)))


def _prepare(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Make the schema and its tables, where they are not there as they should be."""
    before, structure = _read_structure(connection), _describe(metadata)
    if before == structure:
        return
    if before is None:
        connection.execute(sa.schema.CreateSchema(SCHEMA))
    old = sa.MetaData(schema=SCHEMA)
    old.reflect(connection, only=lambda name, _: name in RECORDS)
    old.drop_all(connection)
    metadata.create_all(connection)
    connection.execute(sa.text(f"COMMENT ON SCHEMA {SCHEMA} IS '{_MARK}{structure}'"))


def _replace(connection: sa.Connection, table: sa.Table, rows: Sequence[Record]) -> None:
    """Bring the table's rows to these, touching none that stays as it is."""
    incoming = sa.Table(
        f"incoming_{table.name}",
        sa.MetaData(),
        *(sa.Column(c.name, c.type) for c in table.columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    incoming.create(connection)
    cells = iter(_make_cells(table, rows))
    while some := list(islice(cells, _ROWS)):
        connection.execute(incoming.insert(), some)
    keys = [c.name for c in table.primary_key]
    names = [c.name for c in table.columns]
    put = insert(table).from_select(names, sa.select(incoming))
    if not keys:
        if _differ(connection, table, incoming):
            connection.execute(table.delete())
            connection.execute(put)
        return
    same = sa.and_(*(table.c[k] == incoming.c[k] for k in keys))
    connection.execute(table.delete().where(~sa.exists().where(same)))
    rest = {n: put.excluded[n] for n in names if n not in keys}
    changed = sa.or_(*(table.c[n].is_distinct_from(value) for n, value in rest.items()))
    connection.execute(put.on_conflict_do_update(index_elements=keys, set_=rest, where=changed))


def _differ(connection: sa.Connection, table: sa.Table, incoming: sa.Table) -> bool:
    """Whether one of two tables of the same columns has a row that the other lacks, or has it more often."""
    old, new = sa.select(table), sa.select(incoming)
    gone, come = (sa.except_all(a, b).subquery() for a, b in ((old, new), (new, old)))
    found = sa.or_(sa.exists().select_from(gone), sa.exists().select_from(come))
    return bool(connection.execute(sa.select(found)).scalar())


def _make_cells(table: sa.Table, rows: Sequence[Record]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {c.name: _clean(make_cell(getattr(row, c.name))) for c in table.columns}


def _clean(cell: Any) -> Any:
    """The cell; PostgreSQL holds no NUL character, so it becomes U+FFFD, one character for one."""
    if isinstance(cell, list):
        return [_clean(value) for value in cell]
    return cell.replace("\0", "\ufffd") if isinstance(cell, str) else cell
