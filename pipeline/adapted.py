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

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]

TOKENS_A_BATCH = 2048
"""Most tokens, padding counted, that go through the model together."""


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

    def __init__(self, bert: Any, tokenizer: Any, most_tokens: int) -> None:
        self._bert, self._tokenizer, self._most_tokens = bert, tokenizer, most_tokens
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

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
        """Rows, token ids and mask of texts of like length, shapes (batch,), (batch, tokens), (batch, tokens)."""
        if not texts:
            return
        made = self._tokenizer(list(texts), truncation=True, max_length=self._most_tokens, return_token_type_ids=False)
        ids = made["input_ids"]
        order = sorted(range(len(texts)), key=lambda i: (len(ids[i]), i))
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end - start + 1) * len(ids[order[end]]) <= TOKENS_A_BATCH:
                end += 1
            rows = order[start:end]
            padded = self._tokenizer.pad({"input_ids": [ids[i] for i in rows]}, return_tensors="pt")
            yield rows, padded["input_ids"].to(self._bert.device), padded["attention_mask"].to(self._bert.device)
            start = end

    def run_lower(self, ids: torch.Tensor, mask: torch.Tensor, first_layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What the layers below `first_layer` make, shape (batch, tokens, hidden), and the mask that layers take."""
        hidden = self._bert.embeddings(input_ids=ids)
        wide = extend_mask(mask, hidden.dtype)
        return run_layers(self._layers[:first_layer], hidden, wide), wide

    def upper(self, first_layer: int) -> Any:
        """The layers from `first_layer` on as they came."""
        return self._layers[first_layer:]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), hidden)."""
        import torch

        made = np.zeros((len(texts), self._bert.config.hidden_size), dtype=np.float32)
        with torch.inference_mode():
            for rows, ids, mask in self.batches(texts):
                hidden, _ = self.run_lower(ids, mask, len(self._layers))
                made[rows] = torch.nn.functional.normalize(pool(hidden, mask)).cpu().numpy()
        return made

    def encode_both(self, texts: Sequence[str], layers: Any, first_layer: int) -> tuple[Vectors, Vectors]:
        """Unit vectors as they came and mean vectors of the adapted `layers`, float32, shape (len(texts), hidden)."""
        import torch

        size = self._bert.config.hidden_size
        plain, adapted = (np.zeros((len(texts), size), dtype=np.float32) for _ in range(2))
        with torch.inference_mode():
            for rows, ids, mask in self.batches(texts):
                hidden, wide = self.run_lower(ids, mask, first_layer)
                mean = pool(run_layers(self.upper(first_layer), hidden, wide), mask)
                plain[rows] = torch.nn.functional.normalize(mean).cpu().numpy()
                adapted[rows] = pool(run_layers(layers, hidden, wide), mask).cpu().numpy()
        return plain, adapted


def _prepare(layers: Any) -> Any:
    from pipeline.packed import pack_layers  # takes seconds: only when there is work

    return pack_layers(layers)


def extend_mask(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """0 where a token counts and the smallest number where it is padding, shape (batch, 1, 1, tokens)."""
    import torch

    wide = torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(mask == 0, torch.finfo(dtype).min)
    return wide[:, None, None, :]


def run_layers(layers: Any, hidden: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """The hidden states after all `layers`, in the shape in which they came."""
    for layer in layers:
        hidden = layer(hidden, wide)
    return hidden


def pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over the tokens that count, float32, shape (batch, hidden)."""
    counted = mask[:, :, None].float()
    return (hidden.float() * counted).sum(dim=1) / counted.sum(dim=1)
