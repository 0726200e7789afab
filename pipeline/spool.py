"""What weighs most of a dataset while it is assembled, its texts and vectors, in files rather than in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import DIMENSIONS, VectorRows, Vectors
from pipeline.store import FileResult


class Spool(Mapping[str, str]):
    """Texts by document id, and the vectors of items in the order in which they came. The files have no names, so that
    they go with the process, however it ends.

    Raises OSError where the folder cannot be written; without one the system's folder for such files is taken.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._texts = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed when nobody needs it any more
        self._vectors = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._places: dict[str, tuple[int, int]] = {}

    def add(self, result: FileResult) -> None:
        """Take the texts and the vectors of a file."""
        for document_id, text in result.texts.items():
            written = text.encode("utf-8", "surrogatepass")
            self._places[document_id] = self._texts.tell(), len(written)
            self._texts.write(written)
        self._vectors.write(np.ascontiguousarray(result.vectors, dtype=np.float32).data)

    def end(self) -> SpooledVectors:
        """No more files come; the vectors of all that came."""
        self._texts.flush()
        self._vectors.flush()
        return SpooledVectors(self._vectors)

    def __getitem__(self, document_id: str) -> str:
        start, size = self._places[document_id]
        return os.pread(self._texts.fileno(), size, start).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


_FEW = 16
"""Rows that are read one by one, since mapping a file takes longer than that."""
_WINDOW = 1 << 16
"""Rows of the file that are mapped into memory at a time (96 MiB)."""


class SpooledVectors:
    """Rows of a matrix that lies in a file: float32, of DIMENSIONS columns."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __getitem__(self, rows: Sequence[int] | NDArray[np.intp]) -> Vectors:
        """The rows with these numbers, as an array of their own. For many the file is mapped into memory meanwhile, a
        window after the other: a page of it that is read stays there as long as its window."""
        read = np.empty((len(rows), DIMENSIONS), dtype=np.float32)
        size = DIMENSIONS * read.itemsize
        if len(rows) <= _FEW:
            for n, row in enumerate(rows):
                os.preadv(self._file.fileno(), [read[n].data], int(row) * size)
            return read
        wanted = np.asarray(rows)
        window = wanted // _WINDOW
        many = os.fstat(self._file.fileno()).st_size // size
        for number in np.unique(window).tolist():
            start = number * _WINDOW
            shape = (min(_WINDOW, many - start), DIMENSIONS)
            mapped = np.memmap(self._file, dtype=np.float32, mode="r", offset=start * size, shape=shape)
            inside = np.flatnonzero(window == number)
            read[inside] = mapped[wanted[inside] - start]
        return read


class ItemVectors(Mapping[str, Vectors]):
    """The rows of a matrix by the ids of the items that they belong to."""

    def __init__(self, ids: Sequence[str], rows: VectorRows) -> None:
        self._place = {item_id: n for n, item_id in enumerate(ids)}
        self._rows = rows

    def __getitem__(self, item_id: str) -> Vectors:
        row: Vectors = self._rows[[self._place[item_id]]][0]
        return row

    def take(self, item_ids: Sequence[str]) -> Vectors:
        """The rows of these items, at a fraction of the time of each by itself."""
        return self._rows[[self._place[item_id] for item_id in item_ids]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


def take_vectors(vectors: Mapping[str, Vectors], item_ids: Sequence[str]) -> Vectors:
    """The vectors of these items: float32, shape (len(item_ids), DIMENSIONS)."""
    if isinstance(vectors, ItemVectors):
        return vectors.take(item_ids)
    return np.array([vectors[item_id] for item_id in item_ids], dtype=np.float32).reshape(-1, DIMENSIONS)
