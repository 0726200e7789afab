"""Folders and files named on the command line → the files to read."""

from __future__ import annotations

import functools
import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from pipeline.collect.manifest import read_addresses
from pipeline.errors import InputFault
from pipeline.ids import file_sha256
from pipeline.records import Problem, Severity
from pipeline.rules import RuleModel, read_yaml


class IgnoredFiles(RuleModel):
    """Schema of `models/ignored_files.yml`."""

    patterns: tuple[str, ...]


@functools.cache
def _ignored() -> tuple[str, ...]:
    return read_yaml("ignored_files.yml", IgnoredFiles).patterns


DUPLICATE = "duplicate_file"
"""Code of the problem of a file whose content stands under another name too."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `size` is in bytes; `source_url` is the address it was collected from, where it was."""

    path: Path
    sha256: str
    size: int
    source_url: str | None = None

    @property
    def name(self) -> str:
        """The file's name in Unicode normal form C, so that a name typed on a Mac equals one typed elsewhere."""
        return unicodedata.normalize("NFC", self.path.name.encode(errors="surrogateescape").decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read in the order of their content's digest, each content once, and what went wrong."""

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def _problem(path: Path, error: str, message: str, severity: Severity, sha256: str | None = None) -> Problem:
    return Problem(
        file_name=SourceFile(path, "", 0).name,
        file_sha256=sha256,
        stage="collect",
        error=error,
        message=message,
        severity=severity,
    )


def _walk(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def report(e: OSError) -> None:
        where = Path(e.filename or folder)
        problems.append(
            _problem(where, "unreadable_folder", f"The folder cannot be opened: {e.strerror}.", Severity.ERROR)
        )

    for parent, folders, names in os.walk(folder, onerror=report):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            if not any(fnmatch(name.lower(), pattern) for pattern in _ignored()):
                yield Path(parent, name)


def find_files(paths: Iterable[Path]) -> Found:
    """Every file under the paths: folders are searched through, files that were named are taken as they are.

    The same content under two names is read once, under the name that sorts first, and a warning says so. A folder
    or file that cannot be opened becomes a problem.

    Raises InputFault where a path does not exist.
    """
    problems: list[Problem] = []
    candidates: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise InputFault(f"There is no file or folder {path}.")
        candidates.update(_walk(path, problems) if path.is_dir() else [path])

    addresses = functools.cache(read_addresses)
    by_content: dict[str, SourceFile] = {}
    for path in sorted(candidates, key=lambda p: (p.name, str(p))):
        try:
            address = addresses(path.parent).get(path.name)
            file = SourceFile(path, file_sha256(path), path.stat().st_size, address)
        except OSError as e:
            message = f"The file cannot be opened: {e.strerror}."
            problems.append(_problem(path, "unreadable", message, Severity.ERROR))
            continue
        first = by_content.setdefault(file.sha256, file)
        if first is not file:
            message = f"The same bytes as {first.name}; read once, under that name."
            problems.append(_problem(path, DUPLICATE, message, Severity.WARNING, file.sha256))
    return Found(tuple(by_content[sha] for sha in sorted(by_content)), tuple(problems))
