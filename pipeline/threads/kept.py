"""Threads council by council, kept beside the dataset: a council about which nothing is new is not compared again."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter
from threadpoolctl import threadpool_limits

from pipeline.embed import Vectors
from pipeline.forks import run_shared
from pipeline.records import Document, Finding, Recommendation, Thread, Visit
from pipeline.spool import take_vectors
from pipeline.store import program_digest
from pipeline.threads.linking import OutcomeOf, Threads, item_id, link_threads, sort_threads


@dataclass
class _Council:
    """What is known of a council: its visits, and all rows of every file that speaks of it."""

    documents: list[Document] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    recommendations: list[Recommendation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def items(self) -> list[Recommendation | Finding]:
        return [*self.recommendations, *self.findings]


_COUNCIL, _THREADS = TypeAdapter(_Council), TypeAdapter(Threads)


class KeptThreads:
    """A folder of threads and outcomes, a file for each council that has any, named by all that they depend on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def link(
        self,
        documents: Sequence[Document],
        visits: Sequence[Visit],
        recommendations: Sequence[Recommendation],
        findings: Sequence[Finding],
        vectors: Mapping[str, Vectors],
    ) -> Threads:
        """What `link_threads` makes of the rows. Councils that are compared anew are shared among processes.

        Raises OSError where the folder cannot be written.
        """
        councils = _part(documents, visits, recommendations, findings)
        paths = {self._locate(council, vectors): council for council in councils}
        self._folder.mkdir(parents=True, exist_ok=True)
        for gone in set(self._folder.iterdir()) - set(paths):
            gone.unlink()
        made = {path: _read(path) for path in paths}
        new = sorted((p for p in paths if made[p] is None), key=lambda p: len(paths[p].findings), reverse=True)
        with threadpool_limits(1):  # there is a process a processor
            run_shared([], [partial(_keep, path, paths[path], vectors) for path in new])
        threads: dict[str, Thread] = {}
        outcomes: dict[str, OutcomeOf] = {}
        for path in paths:
            own = made[path] or _THREADS.validate_json(path.read_bytes())
            threads |= {t.thread_id: t for t in own.threads}
            outcomes |= own.outcomes
        return Threads(sort_threads(threads.values()), dict(sorted(outcomes.items())))

    def _locate(self, council: _Council, vectors: Mapping[str, Vectors]) -> Path:
        h = hashlib.sha256(program_digest().encode())
        h.update(_COUNCIL.dump_json(council))
        h.update(np.ascontiguousarray(take_vectors(vectors, [item_id(row) for row in council.items])).data)
        return self._folder / f"{h.hexdigest()}.json"


def _read(path: Path) -> Threads | None:
    """What is kept; None where nothing is, or what is cannot be understood."""
    try:
        return _THREADS.validate_json(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _keep(path: Path, council: _Council, vectors: Mapping[str, Vectors]) -> None:
    made = link_threads(council.documents, council.visits, council.recommendations, council.findings, vectors)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_bytes(_THREADS.dump_json(made))
    temporary.replace(path)


def _part(
    documents: Sequence[Document],
    visits: Sequence[Visit],
    recommendations: Sequence[Recommendation],
    findings: Sequence[Finding],
) -> Iterator[_Council]:
    """The councils that have items, in the order of their codes. A file that speaks of two counts for both, so that
    each has all that any of its threads depends on."""
    council_of = {v.visit_id: v.council_code for v in visits}
    file_of = {d.document_id: d.file_sha256 for d in documents}
    named: dict[str, set[str]] = defaultdict(set)
    rows: tuple[Document | Recommendation | Finding, ...] = (*documents, *recommendations, *findings)
    for row in rows:
        codes = {row.council_code, council_of.get(row.visit_id or "")}
        named[file_of[row.document_id]].update(code for code in codes if code)
    councils: dict[str, _Council] = defaultdict(_Council)
    for document in sorted(documents, key=lambda d: d.document_id):
        for code in named[document.file_sha256]:
            councils[code].documents.append(document)
    for asked in sorted(recommendations, key=item_id):
        for code in named[file_of[asked.document_id]]:
            councils[code].recommendations.append(asked)
    for finding in sorted(findings, key=item_id):
        for code in named[file_of[finding.document_id]]:
            councils[code].findings.append(finding)
    for visit in sorted(visits, key=lambda v: v.visit_id):
        councils[visit.council_code].visits.append(visit)
    return (council for _, council in sorted(councils.items()) if council.items)
