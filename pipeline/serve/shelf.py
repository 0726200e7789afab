"""The dataset that is served, in memory: read once, and again after a run has put a new one in its place."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.embed import Embedder
from pipeline.errors import InputFault
from pipeline.plan import read_manifest
from pipeline.publish.datapackage import MARKER
from pipeline.publish.frames import read_tables
from pipeline.publish.report.gathering import Gathered, gather
from pipeline.publish.report.pages import make_site
from pipeline.publish.report.searching import Choice, list_choices
from pipeline.publish.report.site import ServedDoor, Site
from pipeline.publish.vectors import read_vectors
from pipeline.serve.search import SearchIndex


@dataclass(frozen=True)
class Loaded:
    """A dataset with its pages and its search. `files` gives the file of each SHA-256 that is still there."""

    gathered: Gathered
    site: Site
    search: SearchIndex
    choices: list[Choice]
    files: dict[str, Path]

    def warm(self) -> None:
        """Do before somebody waits for it what is done once: templates, rows by document, the sentence model."""
        self.site.warm()
        _ = self.gathered.rows, self.gathered.judgements, self.gathered.outcomes
        self.search.warm()
        gc.freeze()  # of this too


class Shelf:
    """The dataset in `out`. `load` gives the sentence model for search by meaning."""

    def __init__(self, out: Path, load: Callable[[], Embedder]) -> None:
        self.out = out
        self.load = load
        self._lock = threading.Lock()
        self._stamp, self._loaded = self._read_stamp(), self._read()

    def take(self) -> Loaded:
        """The dataset as it is now."""
        with self._lock:
            stamp = self._read_stamp()
            if stamp != self._stamp:
                self._stamp, self._loaded = stamp, self._read()
            return self._loaded

    def _read_stamp(self) -> tuple[int, int]:
        try:
            found = (self.out / MARKER).stat()
        except OSError as e:
            raise InputFault(f"There is no dataset in {self.out}.") from e
        return found.st_mtime_ns, found.st_ino

    def _read(self) -> Loaded:
        gc.unfreeze()
        loaded = self._load_dataset()
        gc.freeze()  # garbage collection would go through all rows while somebody waits
        return loaded

    def close(self) -> None:
        """Give the rows back to garbage collection."""
        gc.unfreeze()

    def _load_dataset(self) -> Loaded:
        gathered = gather(read_tables(self.out))
        files = {f["sha256"]: Path(f["path"]) for f in read_manifest(self.out).get("files", [])}
        files = {sha: path for sha, path in files.items() if path.is_file()}
        ids, vectors = read_vectors(self.out / "vectors.parquet")
        return Loaded(
            gathered=gathered,
            site=make_site(gathered, ServedDoor(frozenset(files))),
            search=SearchIndex(gathered.entries, ids, vectors, self.load),
            choices=list_choices(gathered),
            files=files,
        )
