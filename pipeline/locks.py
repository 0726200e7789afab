"""One at a time: a folder that is being written is kept from every other writer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import OutputFault


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other run away from the folder meanwhile, by whatever path or link they name it.

    The lock stands beside the folder, which may be replaced as a whole, and goes with its process however that ends.
    Raises OutputFault where one is at work there, or what is to hold the folder cannot be written.
    """
    import fcntl

    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = (folder.parent / f".{folder.name}.lock").open("w")
    except OSError as e:
        raise OutputFault(f"{folder} cannot be written: {e.strerror}.") from e
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise OutputFault(f"Another run is writing {folder}; wait for it to end.") from e
        yield
