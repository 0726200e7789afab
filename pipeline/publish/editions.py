"""Old editions of a dataset: what a publication replaced is kept in `OUT/editions/`, as many as are asked for.

An edition is the folder as it stood, moved; files that do not change from one edition to the next are one file on the
disk (hard links, as rsync --link-dest makes them). Editions are numbered by the runs that made them, not by a clock.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

from pipeline.errors import InputFault
from pipeline.ids import digest
from pipeline.places import EDITIONS
from pipeline.publish.datapackage import MARKER
from pipeline.publish.frames import read_runs

_GOING = ".going-"


def name_edition(dataset: Path) -> str:
    """The name of the edition that a published folder is: the number of its run, the day, and the run's id."""
    runs = read_runs(dataset)
    if not runs:
        return f"00000_{digest((dataset / MARKER).read_bytes())[:16]}"
    return f"{len(runs):05d}_{runs[-1].finished:%Y-%m-%d}_{runs[-1].run_id.removeprefix('run_')}"


def keep_edition(old: Path, out: Path) -> None:
    """Move the folder that was replaced to the editions of `out`; what is no dataset is deleted."""
    place = out / EDITIONS / name_edition(old) if (old / MARKER).exists() else None
    if place is None or place.exists():
        shutil.rmtree(old)
        return
    place.parent.mkdir(exist_ok=True)
    old.rename(place)


def list_editions(out: Path) -> list[Path]:
    """The old editions of the dataset in `out`, oldest first."""
    folder = out / EDITIONS
    return sorted(p for p in folder.iterdir() if p.name[0] != ".") if folder.is_dir() else []


def prune_editions(out: Path, keep: int) -> None:
    """Delete the oldest editions beyond `keep`; one that was half deleted when a run was killed goes for good."""
    kept = list_editions(out)
    for edition in kept[: max(0, len(kept) - keep)]:
        edition.rename(edition.with_name(_GOING + edition.name))
    for going in (out / EDITIONS).glob(f"{_GOING}*"):
        shutil.rmtree(going)


def find_edition(out: Path, name: str) -> Path:
    """The dataset that a name means: `current`, `previous`, an edition by name or the first letters of it, or a folder.

    Raises InputFault where there is none, or more than one.
    """
    editions = list_editions(out)
    if name == "current" and (out / MARKER).exists():
        return out
    if name == "previous" and editions:
        return editions[-1]
    if (Path(name) / MARKER).exists():
        return Path(name)
    found = [e for e in editions if e.name.startswith(name)]
    if len(found) != 1:
        names = ", ".join(e.name for e in editions) or "none"
        raise InputFault(f"{len(found) or 'No'} editions are meant by {name}; there are current and: {names}.")
    return found[0]


def share_unchanged(new: Path, old: Path) -> None:
    """Make each file of `new` that equals the one of `old` the same file on the disk, where the disk can do that."""
    for path in sorted(p for p in new.rglob("*") if p.is_file()):
        twin = old / path.relative_to(new)
        if twin.is_file() and filecmp.cmp(twin, path, shallow=False):
            shared = path.with_name(f".{path.name}.shared")
            try:
                os.link(twin, shared)
            except OSError:  # no hard links here, or too many to one file
                return
            shared.replace(path)
