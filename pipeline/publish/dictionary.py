"""The data dictionary: every table, column, type, meaning, key and vocabulary, written from `pipeline.records`.

`python -m pipeline.publish.dictionary` writes `outputs/README.md`.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.publish.columns import RECORDS, describe_column, list_columns
from pipeline.publish.database import VIEWS
from pipeline.records import Record

_HEAD = """\
# The data dictionary

Written by `python -m pipeline.publish.dictionary` from `pipeline/records.py`; edit the descriptions there.

A run publishes these files in its output folder:

| file | what it is |
|---|---|
| `dataset/<table>.parquet` | the tables, typed; `pandas.read_parquet("dataset/findings.parquet")` |
| `dataset/datapackage.json` | schema, sources, licences, versions of code and models (Frictionless Data Package) |
| `goldenthread.duckdb` | the same tables, with keys, comments and the views below |
| `vectors.parquet` | a vector for each finding and recommendation, for search by meaning: `item_id`, `vector` |
| `goldenthread.xlsx` | the same tables (but `theme_counts`) as sheets, with a pivot of councils and themes |
| `csv/<table>.csv`, `csv/datapackage.json` | the same tables as CSV |
| `text/<document_id>.txt` | each document's text, which `char_start` and `char_end` point into |
| `CITATION.cff`, `provenance.json` | how to cite it; what it was made from, and by which versions (PROV-JSON) |
| `report/index.html` | the report for reading in a browser |

How values are written:

- Null (an empty cell) means "the document does not say"; it never stands for an error.
- Parquet and DuckDB hold every text exactly. In CSV, a text that a spreadsheet would take for a formula (it starts
  with `=`, `+`, `-`, `@`, a tab or a line break) has an apostrophe before it; in the workbook such a text is a text
  cell with the quote prefix set, so its characters are unchanged. U+FFFE, which stands for a hyphen lost at a line's
  end, is a hyphen in workbook and report.
- CSV is UTF-8 with a byte-order mark (`encoding="utf-8-sig"` in pandas), because Excel misreads it without one. Lists
  are joined by "; ".
- Texts are UTF-8 without translation of line ends: read them with `open(path, encoding="utf-8", newline="")` and
  `text[char_start:char_end]` is the quote. Offsets count characters (code points).
- Times are UTC, dates ISO 8601 (`2024-03-01`).
- "list" columns hold zero or more values. "?" marks a column that may be null.
"""


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _describe_table(record: type[Record]) -> str:
    key = ", ".join(f"`{k}`" for k in record.key) or "none"
    lines = [f"## {record.table}", "", record.about, f"Key: {key}.", "", "| column | type | meaning |", "|---|---|---|"]
    for column in list_columns(record):
        kind = column.kind.value + ("?" if column.nullable else "")
        lines.append(f"| {column.name} | {kind} | {_escape(describe_column(column))} |")
    return "\n".join(lines) + "\n"


def make_dictionary() -> str:
    """The data dictionary in Markdown."""
    views = ["## Views of goldenthread.duckdb", "", "| view | what it shows |", "|---|---|"]
    views += [f"| {name} | {_escape(about)} |" for name, (about, _) in VIEWS.items()]
    return "\n".join([_HEAD, *(_describe_table(r) for r in RECORDS.values()), *views]) + "\n"


def write_dictionary(path: Path) -> None:
    """Write the data dictionary to `path`."""
    path.write_text(make_dictionary(), encoding="utf-8")


if __name__ == "__main__":
    write_dictionary(Path(__file__).resolve().parents[2] / "outputs" / "README.md")
