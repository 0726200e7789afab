"""Folders and files named on the command line, of this machine or of a storage → the files to read."""

from __future__ import annotations

import functools
import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePath

from pipeline.collect.manifest import read_addresses
from pipeline.collect.stored import Digests, list_stored
from pipeline.errors import InputFault
from pipeline.ids import file_sha256
from pipeline.records import Problem, Severity
from pipeline.rules import RuleModel, read_yaml
from pipeline.storage import Stored, is_address


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
    """A file to read: `place` is its absolute path or its address on a storage. `size` is in bytes; `source_url` is the
    address it was collected from, where it was."""

    place: str
    sha256: str
    size: int
    source_url: str | None = None

    @property
    def name(self) -> str:
        """The file's name in Unicode normal form C, so that a name typed on a Mac equals one typed elsewhere."""
        name = PurePath(self.place).name
        return unicodedata.normalize("NFC", name.encode(errors="surrogateescape").decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read in the order of their content's digest, each content once, and what went wrong."""

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def _problem(place: str | Path, error: str, message: str, severity: Severity, sha256: str | None = None) -> Problem:
    return Problem(
        file_name=SourceFile(str(place), "", 0).name,
        file_sha256=sha256,
        stage="collect",
        error=error,
        message=message,
        severity=severity,
    )


def _is_ignored(name: str) -> bool:
    return any(fnmatch(name.lower(), pattern) for pattern in _ignored())


def _walk(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def report(e: OSError) -> None:
        where = Path(e.filename or folder)
        problems.append(
            _problem(where, "unreadable_folder", f"The folder cannot be opened: {e.strerror}.", Severity.ERROR)
        )

    for parent, folders, names in os.walk(folder, onerror=report):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            if not _is_ignored(name):
                yield Path(parent, name)


def _find_local(paths: Iterable[Path], problems: list[Problem]) -> Iterator[SourceFile]:
    candidates: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise InputFault(f"There is no file or folder {path}.")
        candidates.update(_walk(path, problems) if path.is_dir() else [path])
    addresses = functools.cache(read_addresses)
    for path in candidates:
        try:
            address = addresses(path.parent).get(path.name)
            yield SourceFile(str(path), file_sha256(path), path.stat().st_size, address)
        except OSError as e:
            problems.append(_problem(path, "unreadable", f"The file cannot be opened: {e.strerror}.", Severity.ERROR))


def _find_stored(addresses: Iterable[str], digests: Digests, problems: list[Problem]) -> Iterator[SourceFile]:
    candidates: dict[str, Stored] = {}
    collected: dict[str, str] = {}
    for address in addresses:
        listed, known = list_stored(address)
        collected.update(known)
        named = [f for f in listed if f.address == address]
        candidates.update({f.address: f for f in named or listed if named or not _is_ignored(PurePath(f.address).name)})
    found = digests.find(list(candidates.values()))
    for place, file in candidates.items():
        digest = found[place]
        if isinstance(digest, OSError):
            problems.append(_problem(place, "unreadable", f"The file cannot be fetched: {digest}", Severity.ERROR))
        else:
            yield SourceFile(place, digest, file.size, collected.get(place))


def find_files(paths: Iterable[Path | str], digests: Digests | None = None) -> Found:
    """Every file under the paths and addresses: folders are searched through, files that were named are taken as they
    are. `digests` remembers what is known of files on storages.

    The same content under two names is read once, under the name that sorts first, and a warning says so. A folder
    or file that cannot be opened becomes a problem.

    Raises InputFault where a path does not exist or a storage cannot be asked.
    """
    problems: list[Problem] = []
    places = [str(path) for path in paths]
    files = [
        *_find_local([Path(p) for p in places if not is_address(p)], problems),
        *_find_stored([p for p in places if is_address(p)], digests or Digests(), problems),
    ]
    by_content: dict[str, SourceFile] = {}
    for file in sorted(files, key=lambda f: (PurePath(f.place).name, f.place)):
        first = by_content.setdefault(file.sha256, file)
        if first is not file:
            message = f"The same bytes as {first.name}; read once, under that name."
            problems.append(_problem(file.place, DUPLICATE, message, Severity.WARNING, file.sha256))
    return Found(tuple(by_content[sha] for sha in sorted(by_content)), tuple(problems))
