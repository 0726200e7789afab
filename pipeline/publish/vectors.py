"""The vectors of findings and recommendations beside the dataset, for search by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.embed import DIMENSIONS, Vectors
from pipeline.spool import take_vectors

_GROUP = 10_000
_SCHEMA = pa.schema({"item_id": pa.string(), "vector": pa.list_(pa.float16(), DIMENSIONS)})


def write_vectors(vectors: Mapping[str, Vectors], path: Path) -> None:
    """Write unit vectors by item id as one Parquet file: `item_id`, and `vector` in half precision.

    Half precision moves a cosine by less than 0.001 and halves the file; the numbers do not compress further.
    """
    ids = sorted(vectors)
    with pq.ParquetWriter(path, _SCHEMA, compression="none", use_dictionary=False, write_statistics=False) as writer:
        for start in range(0, max(len(ids), 1), _GROUP):
            part = ids[start : start + _GROUP]
            rows = take_vectors(vectors, part).reshape(-1).astype(np.float16)
            column = pa.FixedSizeListArray.from_arrays(pa.array(rows, type=pa.float16()), DIMENSIONS)
            writer.write_table(pa.Table.from_arrays([pa.array(part, type=pa.string()), column], schema=_SCHEMA))


def read_vectors(path: Path) -> tuple[list[str], Vectors]:
    """The ids and their vectors: float32, shape (len(ids), DIMENSIONS); none where there is no such file."""
    if not path.exists():
        return [], np.zeros((0, DIMENSIONS), np.float32)
    table = pq.read_table(path)
    flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return table["item_id"].to_pylist(), flat.reshape(-1, DIMENSIONS).astype(np.float32)
