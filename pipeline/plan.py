"""Looks for work: what lies under the paths now, what was published before, and what is left to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.collect.folder import SourceFile, find_files
from pipeline.collect.stored import Digests
from pipeline.errors import InputFault
from pipeline.places import KEEP, STATE
from pipeline.records import Problem, Severity
from pipeline.storage import Storage, is_address
from pipeline.store import ResultStore, program_digest, result_key
from pipeline.themes.corrections import NAME as CORRECTIONS
from pipeline.themes.corrections import corrections_digest

CACHE = ".cache"
"""Hidden folder in OUT that holds results by content."""


@dataclass(frozen=True)
class Options:
    """What a run is asked to do. `paths` may be addresses on a storage, `workers` is a number of processes, `editions`
    how many old editions are kept."""

    paths: tuple[Path | str, ...]
    out: Path
    engine: str = "pdfium"
    workers: int = 1
    editions: int = KEEP


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of the dataset: where it was found (a path or an address on a storage), and the key of its result. `size`
    is in bytes."""

    path: str
    name: str
    sha256: str
    size: int
    engine: str
    key: str
    source_url: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a run will do. `files` are all files of the dataset, `todo` those that have no result yet, `known` the
    digests of the files that were published last, `corrections` the digest of what people corrected. `current` says
    that there is nothing to do at all."""

    options: Options
    files: tuple[PlannedFile, ...]
    todo: tuple[PlannedFile, ...]
    known: frozenset[str]
    problems: tuple[Problem, ...]
    corrections: str
    current: bool

    @property
    def new(self) -> int:
        """How many files were not in the dataset before."""
        return sum(f.sha256 not in self.known for f in self.files)

    @property
    def manifest(self) -> dict[str, Any]:
        """What identifies the dataset that this plan leads to."""
        return {
            "program": program_digest(),
            "files": [asdict(f) for f in self.files],
            "problems": [p.as_json() for p in self.problems],
            "corrections": self.corrections,
        }


def results_of(out: Path) -> Path:
    """The folder of the results that are kept beside a dataset."""
    return out / CACHE / "results"


def store_of(out: Path) -> ResultStore:
    """The results that are kept beside a dataset."""
    return ResultStore(results_of(out))


def make_plan(options: Options) -> Plan:
    """What there is to do.

    What lies under the paths is taken as it is now; files that an earlier run read from elsewhere stay in the
    dataset, with their kept rows even where the file itself is gone (a warning says so).

    Raises InputFault where there is nothing to read.
    """
    found = find_files(options.paths, Digests(options.out / CACHE / "storages.json"))
    before = read_manifest(options.out)
    files = {f.sha256: _plan_file(f, options.engine) for f in found.files}
    kept, gone = _keep_others(before, options.paths, files)
    files.update(kept)
    if not files and not found.problems:
        raise InputFault(f"There is no document under {', '.join(map(str, options.paths))}.")
    problems = tuple(sorted({*found.problems, *gone}, key=lambda p: (p.file_name, p.error, p.message)))
    ordered = tuple(files[sha] for sha in sorted(files))
    store = store_of(options.out)
    todo = tuple(f for f in ordered if f.key not in store)
    known = frozenset(row["sha256"] for row in before.get("files", []))
    corrections = corrections_digest(options.out / CORRECTIONS)
    plan = Plan(options, ordered, todo, known, problems, corrections, current=False)
    published = (options.out / "dataset" / "datapackage.json").exists()
    current = published and not todo and before == plan.manifest
    return Plan(options, ordered, todo, known, problems, corrections, current)


def _plan_file(file: SourceFile, engine: str) -> PlannedFile:
    key = result_key(file.sha256, file.name, engine, file.source_url)
    return PlannedFile(_fix(file.place), file.name, file.sha256, file.size, engine, key, file.source_url)


def _fix(place: Path | str) -> str:
    """The place by a name that means the same from everywhere."""
    return str(place).rstrip("/") if is_address(place) else str(Path(place).resolve())


def _lies_under(place: str, roots: Iterable[str]) -> bool:
    return any(place == root or place.startswith(root.rstrip("/") + "/") for root in roots)


def _exists(place: str) -> bool:
    return Storage(place).exists() if is_address(place) else Path(place).exists()


def _keep_others(
    before: dict[str, Any], paths: Sequence[Path | str], found: Iterable[str]
) -> tuple[dict[str, PlannedFile], list[Problem]]:
    """The files of the last run that lie outside `paths`, and a warning for each that is gone."""
    roots = [_fix(p) for p in paths]
    kept: dict[str, PlannedFile] = {}
    gone: list[Problem] = []
    for row in before.get("files", []):
        file = PlannedFile(**row)
        if file.sha256 in found or _lies_under(file.path, roots):
            continue
        if _exists(file.path):
            key = result_key(file.sha256, file.name, file.engine, file.source_url)
            kept[file.sha256] = replace(file, key=key)
            continue
        kept[file.sha256] = file
        gone.append(
            Problem(
                file_name=file.name,
                file_sha256=file.sha256,
                stage="collect",
                error="source_gone",
                message="The file is no longer where it was read; its rows are kept from the run before.",
                severity=Severity.WARNING,
            )
        )
    return kept, gone


def read_manifest(out: Path) -> dict[str, Any]:
    """The manifest of the last run, empty where there is none or it cannot be understood."""
    try:
        found = json.loads((out / STATE / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_manifest(plan: Plan, folder: Path) -> None:
    """Keep the plan's manifest in `folder`, so that the next run can tell that nothing has changed."""
    text = json.dumps(plan.manifest, ensure_ascii=False, sort_keys=True)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
