"""Pages kept between runs: one letter more changes few of the pages of a thousand documents."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection
from pathlib import Path

from pipeline.store import program_digest

_FAST = 1


class KeptPages:
    """A folder of pages and pictures, each with a digest of all that it shows, or none, which keeps nothing.

    What is damaged, or was made of something else or by another version of the program, is made again.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def take(self, path: str, shows: bytes, make: Callable[[], str]) -> str:
        """The page at this address; `make` makes it, where what is kept does not show the same.

        Raises OSError where the folder cannot be written, and what `make` raises.
        """
        if self._folder is None:
            return make()
        place = self._folder / f"{path}.z"
        digest = hashlib.sha256(program_digest().encode() + shows).digest()
        try:
            kept = place.read_bytes()
            if kept[: len(digest)] == digest:
                return zlib.decompress(kept[len(digest) :]).decode()
        except (FileNotFoundError, ValueError, zlib.error):
            pass
        made = make()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(digest + zlib.compress(made.encode(), _FAST))
        return made

    def prune(self, paths: Collection[str]) -> None:
        """Drop what is kept of pages that are no longer there."""
        if self._folder is not None:
            known = {self._folder / f"{path}.z" for path in paths}
            for place in list(self._folder.rglob("*.z")):
                if place not in known:
                    place.unlink()
