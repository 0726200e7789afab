"""Identifiers from content: the same bytes give the same id on every run and machine."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from pathlib import Path


def digest(*parts: str | bytes | int | None) -> str:
    """Hex sha256 over length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ. None is a part of its own."""
    h = hashlib.sha256()
    for part in parts:
        if part is None:
            h.update(b"-1:")
            continue
        data = part if isinstance(part, bytes) else str(part).encode()
        h.update(b"%d:" % len(data))
        h.update(data)
    return h.hexdigest()


def make_id(prefix: str, *parts: str | bytes | int | None) -> str:
    """An identifier such as `find_3f9a0c12b4de7788`: the prefix names the table, 16 hex digits the content."""
    return f"{prefix}_{digest(*parts)[:16]}"


def file_sha256(path: Path) -> str:
    """Hex sha256 of the file's bytes, read in blocks of one MiB."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def normalise(text: str) -> str:
    """Text reduced to what survives a change of reader: lower-case letters and digits with single spaces between."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return " ".join(re.findall(r"[a-z0-9£%]+", plain))


class ItemIds:
    """Gives the items of one document their ids: from the document and the item's words, counted where they repeat.

    The id does not depend on offsets, so a better reading of the page around an item does not rename it.
    """

    def __init__(self, document_id: str) -> None:
        self._document_id = document_id
        self._seen: Counter[tuple[str, ...]] = Counter()

    def make(self, prefix: str, *parts: str) -> str:
        """The id of the next item with these parts (its text first); the nth repetition gets an id of its own."""
        key = (prefix, *(normalise(p) for p in parts))
        self._seen[key] += 1
        return make_id(prefix, self._document_id, *key[1:], self._seen[key])
