"""A dataset at an address on a storage, such as s3://bucket/out: made in a folder of this machine, then put there.

Storages cannot exchange folders, so that a reader sees the old edition or the new by what stands under the address:

- `current.json` names the edition that holds; it is written last and in one step,
- `editions/<name>/` are whole datasets, which never change,
- `results/` is what was made of each file, by content: the next run, on whichever machine, does not read it again,
- `corrections.csv` is yours.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from pipeline.errors import OutputFault
from pipeline.ids import digest
from pipeline.plan import CACHE, read_manifest, store_of
from pipeline.publish.editions import name_edition
from pipeline.publish.frames import read_runs
from pipeline.publish.replace import OURS
from pipeline.storage import Storage
from pipeline.themes.corrections import NAME as CORRECTIONS

POINTER = "current.json"
_PROBE = ".writing"


def _find_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "goldenthread"


class RemoteOut:
    """The dataset at an address, and the `folder` of this machine in which its editions are made.

    Raises InputFault where no library is installed for the address.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._storage = Storage(self.address)
        name = self.address.rsplit("/", 1)[-1]
        self.folder = _find_home() / f"{name}-{digest(self.address)[:12]}"
        self._seen: dict[str, Any] = {}

    def fetch(self) -> None:
        """Bring the folder to what stands at the address, unless it follows from that: then a run was killed before it
        had put its edition there, and the next goes on from it. Nobody else may be writing the folder.

        Raises OutputFault or StorageError where the address cannot be written or read.
        """
        try:
            self._storage.write(_PROBE, b"")
            self._storage.remove([_PROBE])
        except FileNotFoundError as e:
            raise OutputFault(f"{self.address} cannot be written: its bucket does not exist; create it first.") from e
        self._seen = self._read_pointer()
        if self._seen and self._seen["run_id"] not in self._list_runs():
            self._take_over(self._seen["edition"])
        self._fetch_results()
        corrections = self._storage.read(CORRECTIONS)
        if corrections is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / CORRECTIONS).write_bytes(corrections)

    def publish(self, keep: int) -> None:
        """Put the dataset in the folder at the address, where it is not there yet, and delete the oldest editions
        beyond `keep`, but never the one before: somebody may be reading it.

        Raises OutputFault where another run published there meanwhile, StorageError where the storage fails; what
        `current.json` names is then as it was.
        """
        runs = self._list_runs()
        if not runs or runs[-1] == self._seen.get("run_id"):
            return
        edition = name_edition(self.folder)
        self._put_results()
        files = [p for name in sorted(OURS) for p in _list_files(self.folder / name)]
        self._storage.put({f"editions/{edition}/{p.relative_to(self.folder).as_posix()}": p for p in files})
        if self._read_pointer() != self._seen:
            raise OutputFault(f"Another run has published to {self.address} meanwhile; run again to take it up.")
        self._seen = {"edition": edition, "run_id": runs[-1]}
        self._storage.write(POINTER, json.dumps(self._seen).encode())
        self._prune(max(1, keep))

    def _read_pointer(self) -> dict[str, Any]:
        found = self._storage.read(POINTER)
        return json.loads(found) if found else {}

    def _list_runs(self) -> list[str]:
        return [run.run_id for run in read_runs(self.folder)]

    def _list(self, folder: str) -> list[str]:
        """The names of the files in a folder under the address."""
        place = f"{self.address}/{folder}"
        try:
            return [f.address.removeprefix(f"{place}/") for f in Storage(place).list_files()]
        except FileNotFoundError:
            return []

    def _take_over(self, edition: str) -> None:
        """Put an edition from the address in the place of what is in the folder; the results in it stay."""
        fetched = self.folder.with_name(f".{self.folder.name}.fetched")
        shutil.rmtree(fetched, ignore_errors=True)
        source = f"editions/{edition}"
        self._storage.get({f"{source}/{name}": fetched / name for name in self._list(source)})
        if (self.folder / CACHE).exists():
            (self.folder / CACHE).rename(fetched / CACHE)
        shutil.rmtree(self.folder, ignore_errors=True)
        fetched.rename(self.folder)

    def _list_keys(self) -> set[str]:
        return {row["key"] for row in read_manifest(self.folder).get("files", [])}

    def _fetch_results(self) -> None:
        store = store_of(self.folder)
        missing = {key for key in self._list_keys() if key not in store}
        names = [n for n in self._list("results") if Path(n).stem in missing] if missing else []
        self._storage.get({f"results/{n}": self.folder / CACHE / "results" / n for n in names})

    def _put_results(self) -> None:
        home, there, keys = self.folder / CACHE / "results", set(self._list("results")), self._list_keys()
        names = {p.relative_to(home).as_posix(): p for p in _list_files(home) if p.stem in keys}
        self._storage.put({f"results/{n}": path for n, path in names.items() if n not in there})
        self._storage.remove([f"results/{n}" for n in sorted(there - set(names))])

    def _prune(self, keep: int) -> None:
        editions = sorted({name.partition("/")[0] for name in self._list("editions")})
        old = [name for name in editions if name < self._seen["edition"]]
        self._storage.remove([f"editions/{name}" for name in old[: max(0, len(old) - keep)]])


def _list_files(place: Path) -> list[Path]:
    return sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place] if place.exists() else []
