"""What weighs most of a dataset while it is assembled, its texts and vectors, in files rather than in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from pipeline.embed import DIMENSIONS, Vectors
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
        self._rows = 0

    def add(self, result: FileResult) -> None:
        """Take the texts and the vectors of a file."""
        for document_id, text in result.texts.items():
            written = text.encode("utf-8", "surrogatepass")
            self._places[document_id] = self._texts.tell(), len(written)
            self._texts.write(written)
        self._vectors.write(np.ascontiguousarray(result.vectors, dtype=np.float32).data)
        self._rows += len(result.vectors)

    def read_vectors(self) -> Vectors:
        """All vectors: float32, shape (rows, DIMENSIONS). The system keeps in memory what is used of them."""
        self._vectors.flush()
        if not self._rows:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        mapped = np.memmap(self._vectors, dtype=np.float32, mode="r", shape=(self._rows, DIMENSIONS))
        return mapped.view(np.ndarray)

    def __getitem__(self, document_id: str) -> str:
        start, size = self._places[document_id]
        self._texts.flush()
        return os.pread(self._texts.fileno(), size, start).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class ItemVectors(Mapping[str, Vectors]):
    """The rows of a matrix by the ids of the items that they belong to."""

    def __init__(self, ids: Sequence[str], rows: Vectors) -> None:
        self._place = {item_id: n for n, item_id in enumerate(ids)}
        self._rows = rows

    def __getitem__(self, item_id: str) -> Vectors:
        row: Vectors = self._rows[self._place[item_id]]
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)
