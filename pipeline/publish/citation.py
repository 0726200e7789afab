"""How a dataset is cited: one line for people, CITATION.cff for programs (Citation File Format 1.2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipeline.records import Record, Run

TITLE = "Golden Thread: findings, recommendations and metrics on children’s services in England"
"""What the dataset is called where it is cited or described."""

_AUTHOR = {"name": "Golden Thread contributors"}


def get_last_run(tables: Mapping[str, Sequence[Record]]) -> Run | None:
    """The run that published the tables, None where they do not tell."""
    runs = [row for row in tables.get("runs", ()) if isinstance(row, Run)]
    return max(runs, key=lambda r: (r.finished, r.run_id), default=None)


def cite(run: Run) -> str:
    """The dataset of that run in one line for a list of references."""
    return (
        f"{_AUTHOR['name']} ({run.finished.year}). {TITLE} [dataset]. Version {run.version}, run {run.run_id} of "
        f"{run.finished:%Y-%m-%d}: {run.documents} documents from {run.files_seen} files."
    )


def _describe_citation(run: Run) -> dict[str, Any]:
    return {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below; the run fixes documents, rules and models.",
        "type": "dataset",
        "title": TITLE,
        "authors": [_AUTHOR],
        "version": run.version,
        "date-released": run.finished.date(),
        "identifiers": [
            {"type": "other", "value": run.run_id, "description": "The run that published it; see provenance.json."}
        ],
        "license": "OGL-UK-3.0",
        "abstract": f"{run.documents} documents from {run.files_seen} files, {run.files_failed} of which could not be "
        "read. Ofsted’s reports are Crown copyright under the Open Government Licence v3.0; councils’ papers are the "
        "councils’ own and are quoted with the place of every quote.",
        "references": [
            {
                "type": "software",
                "title": "Golden Thread",
                "authors": [_AUTHOR],
                "version": run.version,
                "license": "MIT",
                "notes": "; ".join(run.models),
            }
        ],
    }


def write_citation(tables: Mapping[str, Sequence[Record]], path: Path) -> None:
    """Write `CITATION.cff` for the run that published the tables; nothing where they do not name one."""
    run = get_last_run(tables)
    if run:
        text = yaml.safe_dump(_describe_citation(run), allow_unicode=True, sort_keys=False, width=120)
        path.write_text(text, encoding="utf-8")
