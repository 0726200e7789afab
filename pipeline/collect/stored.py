"""The files under an address on a storage: which there are, and what their bytes are."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.collect.manifest import NAME, read_addresses
from pipeline.errors import InputFault
from pipeline.ids import file_sha256
from pipeline.storage import Storage, StorageError, Stored, local_copy

_AT_ONCE = 16


def list_stored(address: str) -> tuple[list[Stored], dict[str, str]]:
    """The files under the address but for hidden ones, and the addresses that those were collected from, where a
    collection was copied there.

    Raises InputFault where there is nothing, or the storage cannot be asked.
    """
    try:
        found = Storage(address).list_files()
        collected = {}
        for file in found:
            folder, _, name = file.address.rpartition("/")
            if name == NAME:
                with local_copy(file.address) as copy:
                    collected.update({f"{folder}/{n}": a for n, a in read_addresses(copy.parent).items()})
    except OSError as e:
        raise InputFault(str(e)) from e
    start = len(address.rstrip("/"))
    shown = [f for f in found if not any(part.startswith(".") for part in f.address[start:].split("/"))]
    return shown, collected


class Digests:
    """The SHA-256 of files on storages. In a file, where one is named, it is remembered by address and version, so that
    what has not changed is not fetched again."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, list[str]] = {}
        if path:
            with contextlib.suppress(OSError, ValueError):
                self._known = json.loads(path.read_text(encoding="utf-8"))

    def find(self, files: Sequence[Stored]) -> dict[str, str | OSError]:
        """The digest of each file by address, or why it cannot be had."""
        digests: dict[str, str | OSError] = {
            f.address: self._known[f.address][1] for f in files if self._known.get(f.address, [None])[0] == f.version
        }
        new = [f for f in files if f.address not in digests]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for file, made in zip(new, pool.map(_digest, new), strict=True):
                digests[file.address] = made
                if file.version and isinstance(made, str):
                    self._known[file.address] = [file.version, made]
        if new and self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_suffix(".part")
            temporary.write_text(json.dumps(self._known, ensure_ascii=False, sort_keys=True), encoding="utf-8")
            temporary.replace(self._path)
        return digests


def _digest(file: Stored) -> str | OSError:
    try:
        with local_copy(file.address) as copy:
            return file_sha256(copy)
    except (FileNotFoundError, StorageError) as e:
        return e
