"""BERT as an encoder, by the names that its published weights have.

Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding" (2019). The model is
that of the library transformers, whose import takes two seconds, as long as a letter: it brings what is needed to train
and to spread models of hundreds of kinds. The tests compare the vectors with the library's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    """The sizes of a model, by the names of its file `config.json`."""

    vocab_size: int
    type_vocab_size: int
    max_position_embeddings: int
    hidden_size: int
    intermediate_size: int
    num_attention_heads: int
    num_hidden_layers: int
    layer_norm_eps: float


class Embeddings(nn.Module):  # type: ignore[misc]  # PyTorch's types are not read
    """Tokens with their positions as vectors."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, size)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size, config.layer_norm_eps)

    def forward(self, ids: Tensor, positions: Tensor) -> Tensor:
        """From two of shape (rows, width) to (rows, width, hidden); every token is of the first type."""
        words = self.word_embeddings(ids) + self.token_type_embeddings.weight[0]
        made: Tensor = self.LayerNorm(words + self.position_embeddings(positions))
        return made


class SelfAttention(nn.Module):  # type: ignore[misc]
    """What each token takes from those that it sees."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.query, self.key, self.value = (nn.Linear(config.hidden_size, config.hidden_size) for _ in range(3))

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """From shape (rows, width, hidden) to the same; `mask` is added to the scores, shape (rows, 1, width, width) or
        (rows, 1, 1, width)."""
        parts = (
            part(hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        seen: Tensor = nn.functional.scaled_dot_product_attention(*parts, attn_mask=mask)
        return seen.transpose(1, 2).flatten(-2)


class Output(nn.Module):  # type: ignore[misc]
    """A linear map, and the sum with what was before."""

    def __init__(self, size: int, config: Config) -> None:
        super().__init__()
        self.dense = nn.Linear(size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)

    def forward(self, values: Tensor, before: Tensor) -> Tensor:
        """From shapes (rows, width, size) and (rows, width, hidden) to the latter."""
        made: Tensor = self.LayerNorm(self.dense(values) + before)
        return made


class Attention(nn.Module):  # type: ignore[misc]
    """The first half of a layer."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self, self.output = SelfAttention(config), Output(config.hidden_size, config)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """From shape (rows, width, hidden) to the same."""
        made: Tensor = self.output(self.self(hidden, mask), hidden)
        return made


class Intermediate(nn.Module):  # type: ignore[misc]
    """A linear map to the wider vectors between the halves, and GELU."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.activation: nn.Module = nn.GELU()

    def forward(self, hidden: Tensor) -> Tensor:
        """From shape (rows, width, hidden) to (rows, width, intermediate)."""
        made: Tensor = self.activation(self.dense(hidden))
        return made


class Layer(nn.Module):  # type: ignore[misc]
    """One of the layers that stand on each other."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention, self.intermediate = Attention(config), Intermediate(config)
        self.output = Output(config.intermediate_size, config)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """From shape (rows, width, hidden) to the same; for `mask` see `SelfAttention`."""
        seen = self.attention(hidden, mask)
        made: Tensor = self.output(self.intermediate(seen), seen)
        return made


class Layers(nn.Module):  # type: ignore[misc]
    """All layers, by the name that they have in the weights."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))


class Bert(nn.Module):  # type: ignore[misc]
    """The embeddings and the layers; what BERT was trained with on top is left out."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embeddings, self.encoder = Embeddings(config), Layers(config)

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        device: torch.device = self.embeddings.word_embeddings.weight.device
        return device


def load_bert(folder: Path) -> Bert:
    """The model in the folder, with `config.json` and `model.safetensors`, in evaluation mode.

    Raises OSError where a file is absent, ValueError where the model is of another kind, RuntimeError where weights are
    missing.
    """
    given = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind = given["model_type"], given["hidden_act"], given.get("position_embedding_type", "absolute")
    if kind != ("bert", "gelu", "absolute"):
        raise ValueError(f"{folder} holds a model of another kind: {kind}")
    with torch.device("meta"):  # without numbers, which would be made at random and thrown away
        bert = Bert(Config(**{name: given[name] for name in Config.__dataclass_fields__}))
    weights = load_file(folder / "model.safetensors")
    bert.load_state_dict({name: weights[name] for name in bert.state_dict() if name in weights}, assign=True)
    bert.requires_grad_(False)
    return bert.eval()  # type: ignore[no-any-return]


def load_tokenizer(folder: Path, most_tokens: int) -> Tokenizer:
    """The tokenizer in the folder, which ends a text after so many tokens and adds none for padding."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most_tokens)
    return tokenizer
