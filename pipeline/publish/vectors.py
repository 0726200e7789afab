"""The vectors of findings and recommendations beside the dataset, for search by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.embed import DIMENSIONS, Vectors


def write_vectors(vectors: Mapping[str, Vectors], path: Path) -> None:
    """Write unit vectors by item id as one Parquet file: `item_id`, and `vector` in half precision.

    Half precision moves a cosine by less than 0.001 and halves the file; the numbers do not compress further.
    """
    ids = sorted(vectors)
    flat = np.concatenate([np.zeros(0, np.float16), *(vectors[i].astype(np.float16) for i in ids)])
    column = pa.FixedSizeListArray.from_arrays(pa.array(flat, type=pa.float16()), DIMENSIONS)
    table = pa.table({"item_id": pa.array(ids, type=pa.string()), "vector": column})
    pq.write_table(table, path, compression="none", use_dictionary=False)


def read_vectors(path: Path) -> tuple[list[str], Vectors]:
    """The ids and their vectors: float32, shape (len(ids), DIMENSIONS); none where there is no such file."""
    if not path.exists():
        return [], np.zeros((0, DIMENSIONS), np.float32)
    table = pq.read_table(path)
    flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return table["item_id"].to_pylist(), flat.reshape(-1, DIMENSIONS).astype(np.float32)
