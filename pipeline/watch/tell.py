"""Tell of new findings: those of documents that a receiver was not told of yet.

What was told is kept by file in `OUT/.cache/told.json` after the receiver took it, so that a killed round or a
receiver that was away tells it the next time: at least once, and with the same `id`, by which a receiver knows it
again. Findings of documents that were there before a receiver was named are not new, nor are those of the first
dataset of all, nor those that a better rule finds in a document already told of.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq

from pipeline.ids import digest
from pipeline.plan import CACHE
from pipeline.publish.frames import make_cell
from pipeline.watch.settings import Tell

_TOLD = "told.json"
_TIMEOUT = 60.0


@dataclass(frozen=True)
class Told:
    """What came of telling one receiver: how many findings, and why it failed, where it did."""

    name: str
    findings: int
    fault: str | None = None


def mark_known(out: Path, tell: Mapping[str, Tell]) -> None:
    """Before a run: whoever is named for the first time knows all that is there."""
    told, there = _read_told(out), _list_files(out)
    new = {name: there for name in tell if name not in told}
    if new and there:
        _write_told(out, {**told, **new})


def tell_new(out: Path, tell: Mapping[str, Tell], client: httpx.Client | None = None) -> list[Told]:
    """After a run: tell every receiver the findings that are new to it; a receiver that fails is told next time."""
    told, there, results = _read_told(out), _list_files(out), []
    for name, receiver in tell.items():
        if name not in told:  # the first dataset of all: everything in it would be new
            _write_told(out, told := {**told, name: there})
            continue
        findings = _find_new(out, receiver, set(there) - set(told.get(name, ())))
        fault = _deliver(receiver, make_message(name, findings), client) if findings else None
        results.append(Told(name, len(findings), fault))
        if fault is None:
            told[name] = there
            _write_told(out, told)
    return results


def make_message(name: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """What a receiver gets: an id (the same for the same findings), its name, and the findings."""
    return {"id": digest(name, *(f["finding_id"] for f in findings))[:16], "receiver": name, "findings": findings}


def _find_new(out: Path, receiver: Tell, files: set[str]) -> list[dict[str, Any]]:
    documents = {d["document_id"]: d for d in _read(out, "documents") if d["file_sha256"] in files}
    found = []
    for row in _read(out, "findings"):
        document = documents.get(row["document_id"])
        if document is None or (receiver.councils and document["council"] not in receiver.councils):
            continue
        if receiver.themes and not {row["theme_code"], row["theme_code_2"]} & set(receiver.themes):
            continue
        columns = ("finding_id", "text", "polarity", "theme_code", "date", "page", "paragraph", "confidence")
        about = ("council", "title", "doc_type", "file_name", "source_url")
        found.append({**{c: row[c] for c in columns}, **{c: document[c] for c in about}})
    return found


def _deliver(receiver: Tell, message: dict[str, Any], client: httpx.Client | None) -> str | None:
    """None where the receiver took it, else what went wrong."""
    body = json.dumps(message, ensure_ascii=False, default=lambda v: str(make_cell(v))).encode()
    try:
        if receiver.webhook:
            headers = {"Content-Type": "application/json", "Idempotency-Key": message["id"]}
            with client or httpx.Client(timeout=_TIMEOUT) as asking:
                asking.post(receiver.webhook, content=body, headers=headers).raise_for_status()
        elif receiver.command:
            subprocess.run(receiver.command, input=body, check=True, capture_output=True, timeout=_TIMEOUT * 10)
    except (httpx.HTTPError, OSError, subprocess.SubprocessError) as e:
        return f"{type(e).__name__}: {e}"
    return None


def _read(out: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(out / "dataset" / f"{table}.parquet").to_pylist()
    return rows


def _list_files(out: Path) -> list[str]:
    if not (out / "dataset" / "documents.parquet").exists():
        return []
    return sorted({d["file_sha256"] for d in _read(out, "documents")})


def _read_told(out: Path) -> dict[str, list[str]]:
    try:
        found = json.loads((out / CACHE / _TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_told(out: Path, told: Mapping[str, list[str]]) -> None:
    path = out / CACHE / _TOLD
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(told), encoding="utf-8")
    temporary.replace(path)
