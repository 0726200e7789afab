"""Tokens of many texts in batches of few shapes: short texts stand one after another in a row, and see only themselves.

Krell et al., "Efficient Sequence Packing without Cross-contamination" (2021). Padded to the longest of a batch, a fifth
of all tokens was padding, and each batch had a shape of its own, for which the processor's library makes a program.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

WIDTHS = (64, 128, 256)
"""Tokens of a row; a text stands in one of the narrowest that it fits. The processor's attention likes these."""
TOKENS_A_BATCH = 2048
"""Most tokens, padding counted, that go through the model together."""
_ROWS = 4
"""Batches have a number of rows that this divides."""


@dataclass(frozen=True)
class Batch:
    """Rows of tokens: `ids`, their `positions` in their text and the `owner` of each, a place in `texts`, which holds
    numbers of texts; tokens of padding have the owner len(texts). Each of shape (rows, width), int64."""

    texts: list[int]
    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    owner: NDArray[np.int64]

    def mask(self, dtype: torch.dtype, device: torch.device | str = "cpu") -> torch.Tensor:
        """0 where one token sees another and the smallest number where it does not, shape (rows, 1, width, width)."""
        import torch

        owner = torch.from_numpy(self.owner).to(device)
        apart = owner[:, :, None] != owner[:, None, :]
        wide = torch.zeros(apart.shape, dtype=dtype, device=device).masked_fill(apart, torch.finfo(dtype).min)
        return wide[:, None]

    def pool(self, hidden: torch.Tensor) -> torch.Tensor:
        """The mean over the tokens of each text, float32, shape (len(texts), hidden)."""
        import torch

        owner = torch.from_numpy(self.owner.reshape(-1)).to(hidden.device)
        flat = hidden.reshape(len(owner), -1).float()
        sums = torch.zeros((len(self.texts) + 1, flat.shape[1]), device=hidden.device).index_add_(0, owner, flat)
        counts = torch.bincount(owner, minlength=len(sums))[:, None]
        return (sums / counts)[:-1]


def make_batches(ids: Sequence[Sequence[int]]) -> Iterator[Batch]:
    """Every text once, given the ids of its tokens, at most as many as the widest row has.

    Raises ValueError where a text has more.
    """
    by_width: dict[int, list[int]] = {width: [] for width in WIDTHS}
    for number, tokens in enumerate(ids):
        if len(tokens) > WIDTHS[-1]:
            raise ValueError(f"a text of {len(tokens)} tokens; a row has {WIDTHS[-1]}")
        by_width[WIDTHS[bisect_left(WIDTHS, len(tokens))]].append(number)
    for width, numbers in by_width.items():
        rows = fill_rows([(len(ids[n]), n) for n in numbers], width)
        most = TOKENS_A_BATCH // width
        for start in range(0, len(rows), most):
            yield _make_batch(ids, rows[start : start + most], width)


def fill_rows(sized: Sequence[tuple[int, int]], width: int) -> list[list[int]]:
    """The numbers of the texts, given as (size, number), in rows of at most so many tokens: the longest first, each
    where it leaves the least room (best fit decreasing, Johnson 1974)."""
    rows: list[list[int]] = []
    with_room: list[list[int]] = [[] for _ in range(width + 1)]
    for size, number in sorted(sized, key=lambda s: (-s[0], s[1])):
        room = next((r for r in range(size, width + 1) if with_room[r]), None)
        if room is None:
            place, room = len(rows), width
            rows.append([])
        else:
            place = with_room[room].pop()
        rows[place].append(number)
        with_room[room - size].append(place)
    return rows


def _make_batch(ids: Sequence[Sequence[int]], rows: Sequence[Sequence[int]], width: int) -> Batch:
    texts = [number for row in rows for number in row]
    shape = (-(-len(rows) // _ROWS) * _ROWS, width)
    token, position = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    owner = np.full(shape, len(texts), dtype=np.int64)
    place = 0
    for n, row in enumerate(rows):
        start = 0
        for number in row:
            end = start + len(ids[number])
            token[n, start:end], position[n, start:end] = ids[number], range(end - start)
            owner[n, start:end] = place
            place, start = place + 1, end
    return Batch(texts, token, position, owner)
