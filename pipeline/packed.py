"""Layers of BERT for bfloat16 on a processor: packed weights, and bias and activation in one step with the product.

The library multiplies, adds the bias and takes GELU one after another, each over the whole batch in memory, and brings
the weights into the order of the processor's matrix instructions anew for each batch. oneDNN, which it comes with, does
all of it at once (https://uxlfoundation.github.io/oneDNN/dev_guide_attributes_post_ops.html).
"""

from __future__ import annotations

import copy
from typing import Any

from torch import Tensor, bfloat16, nn, ops
from torch.backends import mkldnn


class PackedLinear(nn.Module):  # type: ignore[misc]  # PyTorch's types are not read
    """A linear map, followed by GELU where `activation` is "gelu" and by nothing where it is "none"."""

    def __init__(self, linear: nn.Linear, activation: str = "none") -> None:
        super().__init__()
        self._weight, self._bias = linear.weight.detach().to_mkldnn(), linear.bias.detach()
        self._after: tuple[str, list[float], str] = (activation, [], "none" if activation == "gelu" else "")

    def forward(self, values: Tensor) -> Tensor:
        """From shape (batch, tokens, in) to (batch, tokens, out)."""
        made: Tensor = ops.mkldnn._linear_pointwise(values, self._weight, self._bias, *self._after)
        return made


def _can_pack() -> bool:
    return bool(mkldnn.is_available() and ops.mkldnn._is_mkldnn_bf16_supported())


def pack_layers(layers: Any) -> Any:
    """A packed copy of BERT's layers where they compute in bfloat16 on a processor; else the layers as they are."""
    first = next(layers.parameters(), None)
    if first is None or first.dtype is not bfloat16 or first.device.type != "cpu" or not _can_pack():
        return layers
    packed = copy.deepcopy(layers)
    for layer in packed:
        attention = layer.attention.self
        for name in ("query", "key", "value"):
            setattr(attention, name, PackedLinear(getattr(attention, name)))
        layer.attention.output.dense = PackedLinear(layer.attention.output.dense)
        layer.intermediate.dense = PackedLinear(layer.intermediate.dense, "gelu")
        layer.intermediate.activation = nn.Identity()
        layer.output.dense = PackedLinear(layer.output.dense)
    return packed
