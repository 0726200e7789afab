"""The Frictionless Data Packages that describe the Parquet and the CSV files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.publish.citation import TITLE, get_last_run
from pipeline.publish.columns import RECORDS, Column, Kind, list_columns
from pipeline.records import DocType, Document, Record

NAME = "goldenthread"
MARKER = Path("dataset") / "datapackage.json"
"""The file by which an output folder is known as a dataset of this program."""

_TYPES: dict[Kind, str] = {
    Kind.TEXT: "string",
    Kind.INT: "integer",
    Kind.FLOAT: "number",
    Kind.BOOL: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "datetime",
    Kind.TEXTS: "array",
    Kind.FLOATS: "array",
}
_OGL = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
_OFSTED = frozenset(
    {
        DocType.ILACS_INSPECTION,
        DocType.SIF_INSPECTION,
        DocType.FOCUSED_VISIT,
        DocType.MONITORING_VISIT,
        DocType.JTAI_LETTER,
        DocType.AREA_SEND_INSPECTION,
    }
)


def _describe_field(column: Column, *, flat: bool) -> dict[str, Any]:
    """A field of a table schema; in `flat` files (CSV) a list is one text."""
    listed = column.kind in (Kind.TEXTS, Kind.FLOATS)
    field: dict[str, Any] = {"name": column.name, "type": _TYPES[column.kind], "description": column.about}
    if flat and listed:
        field["type"] = "string"
        field["description"] += " Values are joined by “; ”."
    constraints: dict[str, Any] = {}
    if not column.nullable and not (flat and (listed or column.kind is Kind.TEXT)):
        constraints["required"] = True
    if column.values and not listed:
        constraints["enum"] = list(column.values)
    if constraints:
        field["constraints"] = constraints
    return field


def _describe_schema(record: type[Record], *, flat: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_describe_field(c, flat=flat) for c in list_columns(record)]}
    if record.key:
        schema["primaryKey"] = list(record.key)
    keys = [c for c in list_columns(record) if c.refers_to]
    if keys:
        schema["foreignKeys"] = [
            {
                "fields": [c.name],
                "reference": {
                    "resource": "" if c.refers_to[0] == record.table else c.refers_to[0],
                    "fields": [c.refers_to[1]],
                },
            }
            for c in keys
            if c.refers_to
        ]
    return schema


def _describe_resource(record: type[Record], file: Path) -> dict[str, Any]:
    """A resource. Parquet is declared as a file, whose bytes and hash are checked: the Frictionless reader turns
    nullable integers into floats and lists into arrays of its own, and would call right rows wrong."""
    flat = file.suffix == ".csv"
    resource: dict[str, Any] = {
        "name": record.table,
        "type": "table" if flat else "file",
        "path": file.name,
        "title": record.table.replace("_", " ").capitalize(),
        "description": record.about,
        "format": file.suffix[1:],
        "mediatype": "text/csv" if flat else "application/vnd.apache.parquet",
        "bytes": file.stat().st_size,
        "hash": "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest(),
        "schema": _describe_schema(record, flat=flat),
    }
    if flat:
        resource |= {"encoding": "utf-8-sig", "dialect": {"delimiter": ",", "lineTerminator": "\r\n"}}
    return resource


def _list_sources(documents: Sequence[Record]) -> list[dict[str, Any]]:
    kinds = {d.doc_type for d in documents if isinstance(d, Document)}
    sources: list[dict[str, Any]] = []
    if kinds & _OFSTED:
        sources.append(
            {
                "title": "Ofsted: reports and letters on children’s services. Crown copyright, "
                "Open Government Licence v3.0",
                "path": "https://reports.ofsted.gov.uk/",
                "licenses": [_OGL],
            }
        )
    if kinds - _OFSTED:
        sources.append(
            {
                "title": "Papers of councils and their committees. Copyright of each council; quoted here as evidence, "
                "with the place of every quote. The table documents names each file and, where known, its address.",
            }
        )
    return sources


def _describe_package(tables: Mapping[str, Sequence[Record]], files: Sequence[Path]) -> dict[str, Any]:
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": NAME,
        "title": TITLE,
        "description": "Every finding, recommendation and metric in the documents read, with the page it stands on, "
        "grouped into themes; and what became of each recommendation. Every row names its place in the source.",
        "keywords": ["children’s services", "Ofsted", "England", "recommendations", "scrutiny"],
        "licenses": [_OGL],
        "sources": _list_sources(tables.get("documents", ())),
        "resources": [_describe_resource(RECORDS[f.stem], f) for f in files],
    }
    last = get_last_run(tables)
    if last:
        package |= {
            "version": last.version,
            "created": last.finished.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "run": {"run_id": last.run_id, "models": list(last.models), "parameters": last.parameters},
        }
    return {k: v for k, v in package.items() if v != []}


def write_datapackage(tables: Mapping[str, Sequence[Record]], folder: Path, suffix: str) -> None:
    """Write `datapackage.json` beside the tables' files (`<table><suffix>`, which must exist) in `folder`."""
    files = [folder / f"{name}{suffix}" for name in RECORDS]
    text = json.dumps(_describe_package(tables, files), ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")
