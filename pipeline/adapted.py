"""The sentence model and a second one beside it that was adapted to a task: low-rank changes of its upper layers.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021). Both models share the lower layers, which run
once for both. In bfloat16 on a processor the layers run with packed weights (`pipeline/packed.py`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.sequences import Batch, make_batches

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from pipeline.bert import Bert

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Adapter:
    """What is added to the weights of the layers from `first_layer` on.

    `down` and `up` hold two matrices by the name of a linear map, such as `3.attention.self.query`, of shapes
    (rank, in) and (out, rank); their product is added to its weight.
    """

    first_layer: int
    down: Mapping[str, Vectors]
    up: Mapping[str, Vectors]


class Encoder:
    """A BERT encoder cut in two: the lower layers, and the upper ones in one or two versions.

    It computes in the precision of `bert`'s weights, on its device; means over tokens in single precision.
    """

    def __init__(self, bert: Bert, tokenizer: Tokenizer) -> None:
        self._bert, self._tokenizer = bert, tokenizer
        self._layers = _prepare(bert.encoder.layer)

    def adapt(self, adapter: Adapter) -> Any:
        """A copy of the upper layers with the adapter's changes added.

        Raises AttributeError where it names a map that is none of theirs.
        """
        import torch

        layers = copy.deepcopy(self._bert.encoder.layer[adapter.first_layer :])
        with torch.no_grad():
            for name, down in adapter.down.items():
                number, _, inner = name.partition(".")
                change = torch.from_numpy(adapter.up[name].astype(np.float32) @ down.astype(np.float32))
                weight = layers[int(number) - adapter.first_layer].get_submodule(inner).weight
                weight.copy_(weight.float() + change.to(weight.device))
        return _prepare(layers)

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        """The tokens of the texts, of each as many as the tokenizer gives."""
        yield from make_batches([made.ids for made in self._tokenizer.encode_batch(list(texts))])

    def run_lower(self, batch: Batch, first_layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What the layers below `first_layer` make, shape (rows, width, hidden), and the mask that layers take."""
        import torch

        ids, positions = (torch.from_numpy(a).to(self._bert.device) for a in (batch.ids, batch.positions))
        hidden = self._bert.embeddings(ids, positions)
        wide = batch.mask(hidden.dtype, hidden.device)
        return run_layers(self._layers[:first_layer], hidden, wide), wide

    def upper(self, first_layer: int) -> Any:
        """The layers from `first_layer` on as they came."""
        return self._layers[first_layer:]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), hidden)."""
        import torch

        made = np.zeros((len(texts), self._bert.config.hidden_size), dtype=np.float32)
        with torch.inference_mode():
            for batch in self.batches(texts):
                hidden, _ = self.run_lower(batch, len(self._layers))
                made[batch.texts] = torch.nn.functional.normalize(batch.pool(hidden)).cpu().numpy()
        return made

    def encode_both(self, texts: Sequence[str], layers: Any, first_layer: int) -> tuple[Vectors, Vectors]:
        """Unit vectors as they came and mean vectors of the adapted `layers`, float32, shape (len(texts), hidden)."""
        import torch

        size = self._bert.config.hidden_size
        plain, adapted = (np.zeros((len(texts), size), dtype=np.float32) for _ in range(2))
        with torch.inference_mode():
            for batch in self.batches(texts):
                hidden, wide = self.run_lower(batch, first_layer)
                mean = batch.pool(run_layers(self.upper(first_layer), hidden, wide))
                plain[batch.texts] = torch.nn.functional.normalize(mean).cpu().numpy()
                adapted[batch.texts] = batch.pool(run_layers(layers, hidden, wide)).cpu().numpy()
        return plain, adapted


def _prepare(layers: Any) -> Any:
    from pipeline.packed import pack_layers  # takes seconds: only when there is work

    return pack_layers(layers)


def run_layers(layers: Any, hidden: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """The hidden states after all `layers`, in the shape in which they came."""
    for layer in layers:
        hidden = layer(hidden, wide)
    return hidden
