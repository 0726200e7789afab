"""Replace a folder as a whole: whoever looks, and whatever is killed, it holds all of the old or all of the new.

The new folder is written beside the old one and the two are exchanged in one system call where there is one
(Linux `renameat2` with RENAME_EXCHANGE, macOS `renamex_np` with RENAME_SWAP), otherwise by two renames. A mark in the
new folder says that it is complete; `recover` tells from the mark where a killed replacement stopped, and ends or
undoes it. Whatever in the old folder this program did not make is carried over; the rest becomes an old edition.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.errors import OutputFault
from pipeline.places import STATE
from pipeline.publish.datapackage import MARKER, NAME
from pipeline.publish.editions import keep_edition, share_unchanged

OURS = frozenset(
    {
        "dataset", "csv", "text", "report", "goldenthread.duckdb", "goldenthread.xlsx", "vectors.parquet",
        "CITATION.cff", "provenance.json", STATE,
    }
)  # fmt: skip
"""What a dataset consists of, at the top of its folder; a new one leaves none of it behind."""
_COMPLETE = ".complete"
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def _staging(out: Path) -> Path:
    return out.with_name(f".{out.name}.new")


def _retired(out: Path) -> Path:
    return out.with_name(f".{out.name}.old")


def is_dataset(folder: Path) -> bool:
    """Whether the folder holds a dataset that this program published."""
    try:
        package = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("name") == NAME


def check_writable(out: Path, carry: Sequence[str] = (".cache",)) -> None:
    """Raise OutputFault where a dataset cannot or must not be put at `out`.

    It may hold a dataset of this program, the entries named in `carry`, or nothing.
    """
    out = out.absolute()
    parent = out.resolve().parent
    if out.exists() and not out.is_dir():
        raise OutputFault(f"{out} is a file; name a folder.")
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputFault(f"{parent} is a file; name another output folder.")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputFault(f"{parent} cannot be written, and the new dataset is made there beside the old one.")
    if not out.exists():
        return
    if not os.access(out, os.R_OK | os.W_OK | os.X_OK):
        raise OutputFault(f"{out} cannot be written.")
    if out.is_mount():
        raise OutputFault(f"{out} is a mount point, which cannot be replaced as a whole; name a folder inside it.")
    foreign = sorted(p.name for p in out.iterdir() if p.name not in carry)
    if foreign and not is_dataset(out):
        raise OutputFault(f"{out} holds something that is no dataset ({foreign[0]}); name an empty or a new folder.")


def _exchange_call() -> Callable[[bytes, bytes], int] | None:
    """The system call that exchanges two paths, or None where the C library has none."""
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        at_cwd, exchange = -100, 2
        return lambda a, b: int(library.renameat2(at_cwd, a, at_cwd, b, ctypes.c_uint(exchange)))
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        swap = 2
        return lambda a, b: int(library.renamex_np(a, b, ctypes.c_uint(swap)))
    return None


def exchange(a: Path, b: Path) -> bool:
    """Exchange two folders in one step; False, with nothing done, where system or file system cannot.

    Raises OSError where it could, but may not.
    """
    call = _exchange_call()
    if call is None:
        return False
    if call(os.fsencode(a), os.fsencode(b)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(a))


def _carry_over(old: Path, new: Path) -> None:
    """Move what is not ours from the old folder to the new."""
    for entry in sorted(old.iterdir()):
        if entry.name not in OURS and entry.name != _COMPLETE and not os.path.lexists(new / entry.name):
            entry.rename(new / entry.name)


def _retire(old: Path, out: Path) -> None:
    if old.exists():
        _carry_over(old, out)
        keep_edition(old, out)


def _finish(out: Path) -> None:
    """Bring a replacement to its end, once the new folder stands at `out`."""
    _retire(_staging(out), out)
    _retire(_retired(out), out)
    (out / _COMPLETE).unlink()


def recover(out: Path) -> None:
    """End or undo a replacement of `out` that was killed; does nothing where none was.

    Raises OutputFault where the folders cannot be moved.
    """
    out = out.resolve()
    staging, retired = _staging(out), _retired(out)
    try:
        if not out.exists() and retired.exists():
            retired.rename(out)
        if (out / _COMPLETE).exists():
            _finish(out)
        elif staging.exists():
            shutil.rmtree(staging)
    except OSError as e:
        raise OutputFault(f"{out} was left half replaced and cannot be put right: {e}") from e


def replace_whole(out: Path, write: Callable[[Path], None], carry: Sequence[str] = (".cache",)) -> None:
    """Let `write` fill a new folder, then put it in the place of `out`.

    Where `write` raises, `out` stays as it is and the error goes on. Raises OutputFault as `check_writable` does, and
    where the disk refuses.
    """
    check_writable(out, carry)
    recover(out)
    out = out.resolve()
    staging = _staging(out)
    try:
        staging.mkdir(parents=True)
        try:
            write(staging)
            share_unchanged(staging, out)
            (staging / _COMPLETE).touch()
            _swap(staging, out)
        except BaseException:
            recover(out)
            raise
        _finish(out)
    except OSError as e:
        raise OutputFault(f"The dataset cannot be written to {out}: {e}") from e


def _swap(staging: Path, out: Path) -> None:
    if hasattr(os, "sync"):
        os.sync()  # the new files reach the disk before their folder takes the name
    if not out.exists():
        staging.rename(out)
        return
    shutil.copymode(out, staging)
    if not exchange(staging, out):
        out.rename(_retired(out))
        staging.rename(out)
