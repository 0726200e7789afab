"""Where a dataset came from, as W3C PROV-JSON: the run used these files and made these, by this program and models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.publish.citation import TITLE, get_last_run
from pipeline.records import Document, Record, Run

_PREFIXES = {"gt": "urn:goldenthread:", "sha256": "urn:sha256:", "pypi": "https://pypi.org/project/"}
_LIBRARIES = (
    "beautifulsoup4", "numpy", "pandas", "pdfplumber", "pdfwords", "pypdfium2", "python-docx", "python-pptx",
    "scikit-learn", "tokenizers", "spacy", "torch",
)  # fmt: skip
"""The packages whose versions decide what is read and found, beside those of the models, which the run names."""


def _describe_files(documents: Sequence[Document]) -> dict[str, dict[str, Any]]:
    """The files that gave a document, by their hash."""
    files: dict[str, dict[str, Any]] = {}
    for document in documents:
        file = files.setdefault(f"sha256:{document.file_sha256}", {"prov:label": document.file_name})
        if document.source_url:
            file["prov:atLocation"] = document.source_url
    return dict(sorted(files.items()))


def _describe_made(folder: Path) -> dict[str, dict[str, Any]]:
    """The tables that the run published, by their hash."""
    paths = sorted((folder / "dataset").glob("*.parquet"))
    return {
        f"sha256:{hashlib.sha256(p.read_bytes()).hexdigest()}": {"prov:label": p.relative_to(folder).as_posix()}
        for p in paths
    }


def describe_provenance(run: Run, documents: Sequence[Document], folder: Path) -> dict[str, Any]:
    """The provenance of the dataset in `folder`, whose tables must be written, as a PROV-JSON document."""
    activity, dataset, program = f"gt:{run.run_id}", "gt:dataset", "pypi:goldenthread"
    files, made = _describe_files(documents), _describe_made(folder)
    libraries = {f"pypi:{name}": {"gt:version": metadata.version(name)} for name in _LIBRARIES}
    software = {"prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"}}
    return {
        "prefix": _PREFIXES,
        "entity": {dataset: {"prov:label": TITLE}, **files, **made, **libraries},
        "activity": {
            activity: {
                "prov:startTime": run.started.isoformat(),
                "prov:endTime": run.finished.isoformat(),
                "gt:parameters": run.parameters,
                "gt:models": list(run.models),
            }
        },
        "agent": {program: software | {"gt:version": run.version}},
        "used": {
            f"_:used{n}": {"prov:activity": activity, "prov:entity": e} for n, e in enumerate([*files, *libraries])
        },
        "wasGeneratedBy": {
            f"_:made{n}": {"prov:entity": e, "prov:activity": activity} for n, e in enumerate([dataset, *made])
        },
        "hadMember": {f"_:part{n}": {"prov:collection": dataset, "prov:entity": e} for n, e in enumerate(made)},
        "wasAssociatedWith": {"_:by0": {"prov:activity": activity, "prov:agent": program}},
    }


def write_provenance(tables: Mapping[str, Sequence[Record]], folder: Path) -> None:
    """Write `provenance.json` beside the dataset of the tables; nothing where they name no run."""
    run = get_last_run(tables)
    if run:
        documents = [d for d in tables.get("documents", ()) if isinstance(d, Document)]
        text = json.dumps(describe_provenance(run, documents, folder), ensure_ascii=False, indent=1)
        (folder / "provenance.json").write_text(text + "\n", encoding="utf-8")
