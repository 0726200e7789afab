"""Adapts the upper layers of the sentence model, and fits the linear layer above them, to labelled sentences.

The lower layers do not change, so what they make of each sentence is worked out once. Everything random follows from
one seed; with one thread on one kind of processor a fresh training gives the same weights.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from torch.nn import functional

from pipeline.adapted import Adapter, Encoder, run_layers
from pipeline.extract.findings.model import CLASSES, Matrix
from pipeline.train.labelled import Sample

log = logging.getLogger(__name__)

FIRST_LAYER = 3
RANK, ALPHA = 16, 32
EPOCHS, BATCH = 3, 32
RUN, ROWS_TOGETHER = 8, 12
"""Neighbours of one text in a batch; texts of like length that go through the layers together."""
RATE_FACTORS, RATE_HEAD = 1e-3, 2e-3
WARM_UP = 0.1
DECAY = 0.05
DROPOUT = 0.1
SMOOTHING = 0.03
AVERAGED_FROM = 0.6
"""Share of the training after which the weights are averaged (Izmailov et al. 2018)."""
SEED = 0


@dataclass(frozen=True)
class Fitted:
    """The adapter, and the linear layer: a row for each column of `join_features`, a column for each class."""

    adapter: Adapter
    head: Matrix


@dataclass(frozen=True)
class Lower:
    """What the lower layers make of each distinct text, float16, shape (tokens, hidden), and the number of the text of
    each sentence of the sample and of the one before it, -1 where there is none."""

    states: list[torch.Tensor]
    own: NDArray[np.intp]
    before: NDArray[np.intp]


def run_lower(encoder: Encoder, sample: Sample) -> Lower:
    """Every text through the layers that stay as they are."""
    known = {text: i for i, text in enumerate(dict.fromkeys([*sample.texts, *sample.before]))}
    states: list[torch.Tensor] = [torch.empty(0)] * len(known)
    with torch.inference_mode():
        for batch in encoder.batches(list(known)):
            hidden, _ = encoder.run_lower(batch, FIRST_LAYER)
            for place, number in enumerate(batch.texts):
                states[number] = hidden[torch.from_numpy(batch.owner == place)].half().clone()
    before = [known[text] if text else -1 for text in sample.before]
    return Lower(states, np.array([known[text] for text in sample.texts]), np.array(before))


def fit(encoder: Encoder, lower: Lower, sample: Sample, rows: NDArray[np.intp]) -> Fitted:
    """Fit to the `rows` of the sample."""
    torch.manual_seed(SEED)
    layers = inject_adapter_in_model(
        LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["query", "key", "value", "dense"]),
        copy.deepcopy(encoder.upper(FIRST_LAYER)),
    ).eval()
    static = torch.from_numpy(np.hstack([sample.features, sample.headings])).float()
    labels, weights = torch.from_numpy(sample.labels), torch.from_numpy(sample.weights).float()
    head = torch.nn.Linear(2 * lower.states[0].shape[1] + static.shape[1], len(CLASSES))
    factors = [p for p in layers.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": factors, "lr": RATE_FACTORS, "weight_decay": 0.0}, {"params": head.parameters(), "lr": RATE_HEAD}],
        weight_decay=DECAY,
    )
    batches = [batch for epoch in range(EPOCHS) for batch in _make_batches(rows, epoch)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _scale_rate(step / len(batches)))
    average = _Average([*factors, *head.parameters()])
    for step, batch in enumerate(batches):
        seen = torch.hstack([*_run_upper(layers, lower, batch), static[batch]])
        scores = head(functional.dropout(seen, DROPOUT))
        losses = functional.cross_entropy(scores, labels[batch], reduction="none", label_smoothing=SMOOTHING)
        loss = (losses * weights[batch]).sum() / weights[batch].sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(factors, 1.0)
        optimiser.step()
        schedule.step()
        if step >= AVERAGED_FROM * len(batches):
            average.add()
        if step % 50 == 0:
            log.info("step %d of %d, loss %.3f", step, len(batches), loss.item())
    average.put_back()
    return Fitted(_take_factors(layers), _take_head(head))


def _run_upper(layers: Any, lower: Lower, batch: NDArray[np.intp]) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of the batch's sentences and of those before them, noughts where there is none."""
    wanted = np.unique(np.concatenate([lower.own[batch], lower.before[batch]]))
    wanted = wanted[wanted >= 0]
    ordered = wanted[np.argsort([len(lower.states[i]) for i in wanted], kind="stable")]
    vectors = []
    for part in np.array_split(ordered, max(1, len(ordered) // ROWS_TOGETHER)):
        states = [lower.states[i].float() for i in part]
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones(len(s)) for s in states], batch_first=True)
        hidden = torch.nn.utils.rnn.pad_sequence(states, batch_first=True)
        vectors.append(_pool(run_layers(layers, hidden, _extend_mask(mask, hidden.dtype)), mask))
    table = torch.vstack([*vectors, torch.zeros(1, vectors[0].shape[1])])
    place = {number: row for row, number in enumerate(ordered)} | {-1: len(ordered)}
    own, before = ([place[i] for i in numbers[batch]] for numbers in (lower.own, lower.before))
    return table[own], table[before]


def _extend_mask(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """0 where a token counts and the smallest number where it is padding, shape (batch, 1, 1, tokens)."""
    wide = torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(mask == 0, torch.finfo(dtype).min)
    return wide[:, None, None, :]


def _pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over the tokens that count, float32, shape (batch, hidden)."""
    counted = mask[:, :, None].float()
    return (hidden.float() * counted).sum(dim=1) / counted.sum(dim=1)


def _scale_rate(done: float) -> float:
    return min(done / WARM_UP, 1 - done) if done < WARM_UP else (1 - done) / (1 - WARM_UP)


def _make_batches(rows: NDArray[np.intp], epoch: int) -> Iterator[NDArray[np.intp]]:
    """The rows in random batches of runs of neighbours, which mostly hold the sentences before their own."""
    rng = np.random.default_rng((SEED, epoch))
    runs = np.array_split(np.sort(rows), max(1, len(rows) // RUN))
    mixed = [runs[i] for i in rng.permutation(len(runs))]
    for start in range(0, len(mixed), BATCH // RUN):
        yield np.concatenate(mixed[start : start + BATCH // RUN])


class _Average:
    """The mean of parameters over steps."""

    def __init__(self, parameters: list[torch.nn.Parameter]) -> None:
        self._parameters, self._count = parameters, 0
        self._sums = [torch.zeros_like(p) for p in parameters]

    def add(self) -> None:
        self._count += 1
        for total, parameter in zip(self._sums, self._parameters, strict=True):
            total += parameter.detach()

    def put_back(self) -> None:
        for total, parameter in zip(self._sums, self._parameters, strict=True):
            parameter.data = total / self._count


def _take_factors(layers: Any) -> Adapter:
    down, up = {}, {}
    for name, module in layers.named_modules():
        if hasattr(module, "lora_A"):
            number, _, inner = name.partition(".")
            key = f"{int(number) + FIRST_LAYER}.{inner}"
            down[key] = module.lora_A["default"].weight.detach().numpy().astype(np.float16)
            up[key] = (module.lora_B["default"].weight * module.scaling["default"]).detach().numpy().astype(np.float16)
    return Adapter(FIRST_LAYER, down, up)


def _take_head(head: torch.nn.Linear) -> Matrix:
    fitted = np.vstack([head.weight.detach().numpy().T, head.bias.detach().numpy()])
    return fitted.astype(np.float16).astype(np.float64)
