"""Parquet files → one DuckDB file with keys, comments and views."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.publish.columns import RECORDS, Column, Kind, list_columns
from pipeline.records import Record

_SQL: dict[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.INT: "BIGINT",
    Kind.FLOAT: "DOUBLE",
    Kind.BOOL: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIME: "TIMESTAMP",  # in UTC; with a zone, Python needs one more package to fetch it
    Kind.TEXTS: "VARCHAR[]",
    Kind.FLOATS: "DOUBLE[]",
}

VIEWS: dict[str, tuple[str, str]] = {
    "items": (
        "Findings and recommendations under one another, with council, document, page and theme in words: "
        "the first thing to query.",
        """
        SELECT i.*, d.council, d.region, d.doc_type, d.title, d.file_name, d.source_url, t.label AS theme
        FROM (
            SELECT finding_id AS item_id, 'finding' AS item_type, document_id, visit_id, council_code, date,
                   polarity AS kind, text, page, line, paragraph, section, theme_code, theme_code_2, theme_id,
                   confidence
            FROM findings
            UNION ALL
            SELECT recommendation_id, 'recommendation', document_id, visit_id, council_code, date,
                   kind, text, page, line, paragraph, section, theme_code, theme_code_2, theme_id,
                   confidence
            FROM recommendations
        ) i
        JOIN documents d USING (document_id)
        LEFT JOIN themes t USING (theme_id)
        """,
    ),
    "recommendation_outcomes": (
        "Each recommendation with the visit that made it, its outcome, and the visit that shows the outcome.",
        """
        SELECT r.recommendation_id, d.council, r.kind, r.text, r.theme_code, r.date, v.visit_type, r.outcome,
               o.visit_type AS outcome_visit_type, coalesce(o.visit_end, o.published) AS outcome_date,
               date_diff('day', r.date, coalesce(o.visit_end, o.published)) AS days, d.title, r.page
        FROM recommendations r
        JOIN documents d USING (document_id)
        LEFT JOIN visits v ON v.visit_id = r.visit_id
        LEFT JOIN visits o ON o.visit_id = r.outcome_visit_id
        """,
    ),
    "thread_steps": (
        "Each thread with the words, page and document at both of its ends.",
        """
        SELECT t.thread_id, a.council, t.relation, t.score, t.days,
               a.date AS from_date, a.kind AS from_kind, a.text AS from_text, a.title AS from_title,
               a.page AS from_page,
               b.date AS to_date, b.kind AS to_kind, b.text AS to_text, b.title AS to_title, b.page AS to_page
        FROM threads t
        JOIN items a ON a.item_id = t.from_id
        JOIN items b ON b.item_id = t.to_id
        """,
    ),
    "theme_years": (
        "For each theme of the codebook and year: in how many of the year's visit reports it stands as a weakness, "
        "mixed finding or recommendation, and the share of the visit reports that have any item.",
        """
        WITH reports AS (SELECT * FROM items WHERE visit_id IS NOT NULL AND date IS NOT NULL),
             years AS (SELECT year(date) AS year, count(DISTINCT document_id) AS documents FROM reports GROUP BY ALL),
             coded AS (
                 SELECT theme_code AS code, document_id, date, kind FROM reports
                 UNION ALL
                 SELECT theme_code_2, document_id, date, kind FROM reports
             )
        SELECT code AS theme_code, year(date) AS year, count(DISTINCT document_id) AS with_theme,
               any_value(y.documents) AS documents, count(DISTINCT document_id) / any_value(y.documents) AS share
        FROM coded JOIN years y ON y.year = year(date)
        WHERE code IS NOT NULL AND kind <> 'strength'
        GROUP BY ALL ORDER BY ALL
        """,
    ),
    "grades": (
        "One row per visit with each judgement in a column of its own.",
        """
        SELECT v.visit_id, v.council, v.visit_type, v.visit_end, v.published,
               any_value(j.grade) FILTER (j.area = 'overall_effectiveness') AS overall_effectiveness,
               any_value(j.grade) FILTER (j.area = 'leaders') AS leaders,
               any_value(j.grade) FILTER (j.area = 'help_and_protection') AS help_and_protection,
               any_value(j.grade) FILTER (j.area IN ('in_care', 'in_care_and_care_leavers')) AS in_care,
               any_value(j.grade) FILTER (j.area = 'care_leavers') AS care_leavers,
               any_value(j.grade) FILTER (j.area = 'area_send') AS area_send
        FROM visits v JOIN judgements j USING (visit_id)
        GROUP BY ALL ORDER BY v.council, v.visit_end
        """,
    ),
}
"""Views by name: what each is for, and its query."""


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _declare(column: Column, record: type[Record]) -> str:
    required = "" if column.nullable and column.name not in record.key else " NOT NULL"
    return f'"{column.name}" {_SQL[column.kind]}{required}'


def _create_table(record: type[Record]) -> str:
    lines = [_declare(c, record) for c in list_columns(record)]
    if record.key:
        lines.append("PRIMARY KEY (" + ", ".join(f'"{k}"' for k in record.key) + ")")
    return f'CREATE TABLE "{record.table}" (' + ", ".join(lines) + ")"


def write_database(dataset: Path, path: Path) -> None:
    """Write the Parquet files in the folder `dataset`, with keys and comments, and `VIEWS` into a new DuckDB file.

    Raises OSError where the disk refuses.
    """
    try:
        _write(dataset, path)
    except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException) as e:
        raise OSError(str(e)) from e


def _write(dataset: Path, path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, record in RECORDS.items():
            connection.execute(_create_table(record))
            connection.execute(
                f'INSERT INTO "{name}" SELECT * FROM read_parquet(?)', [str(dataset / f"{name}.parquet")]
            )
            connection.execute(f'COMMENT ON TABLE "{name}" IS {_quote(record.about)}')
            for column in list_columns(record):
                connection.execute(f'COMMENT ON COLUMN "{name}"."{column.name}" IS {_quote(column.about)}')
        for name, (about, query) in VIEWS.items():
            connection.execute(f'CREATE VIEW "{name}" AS {query}')
            connection.execute(f'COMMENT ON VIEW "{name}" IS {_quote(about)}')
        connection.execute("CHECKPOINT")
