"""Vectors → groups, without chance: the same vectors in the same order always give the same groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Vectors

Rows = NDArray[np.intp]

CELL = 4000
"""Rows among which neighbours are counted exactly; larger sets are first cut into cells of at most that many."""


def centre_of(vectors: Vectors) -> Vectors:
    """The unit vector in the middle of `vectors`, shape (dimensions,)."""
    mean = vectors.mean(axis=0)
    made: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return made


def split_group(vectors: Vectors, least: int, gain: float) -> list[Rows]:
    """Rows of `vectors` in one or more groups, the largest first.

    Halves a group along its main direction and refines the halves by spherical 2-means (bisecting k-means: Steinbach,
    Karypis and Kumar 2000; start by principal direction: Boley 1998), as long as both halves hold `least` rows and
    the mean cosine to the centre rises by at least `gain`.
    """
    todo, done = [np.arange(len(vectors))], []
    while todo:
        rows = todo.pop()
        halves = _halve(vectors[rows]) if len(rows) >= 2 * least else None
        if halves is None or min(len(h) for h in halves) < least:
            done.append(rows)
            continue
        before = _cohesion(vectors[rows])
        after = sum(_cohesion(vectors[rows[h]]) * len(h) for h in halves) / len(rows)
        if after - before < gain:
            done.append(rows)
        else:
            todo += [rows[h] for h in halves]
    return sorted(done, key=lambda r: (-len(r), int(r[0])))


def find_dense_groups(vectors: Vectors, least: int, near: float) -> list[Rows]:
    """Groups of at least `least` rows around one of them, all within cosine `near` of it; the rest is left out.

    Leader clustering (Hartigan 1975), by density: the row with the most neighbours leads, ties go to the first, and a
    later row joins the leader it is nearest to. Neighbours are counted within cells of at most CELL rows, into which
    more are cut by halving, so that the cost grows with the number of rows and no row is left unseen.
    """
    if len(vectors) < least:
        return []
    leaders = np.concatenate([_find_leaders(vectors, cell, least, near) for cell in _cut(vectors)])
    if not len(leaders):
        return []
    likeness = vectors @ vectors[leaders].T
    best = likeness.argmax(axis=1)
    inside = likeness.max(axis=1) >= near
    groups = [np.flatnonzero(inside & (best == i)) for i in range(len(leaders))]
    return sorted((g for g in groups if len(g) >= least), key=lambda g: (-len(g), int(g[0])))


def _cut(vectors: Vectors) -> list[Rows]:
    todo, done = [np.arange(len(vectors))], []
    while todo:
        rows = todo.pop()
        if len(rows) <= CELL:
            done.append(rows)
            continue
        halves = _halve(vectors[rows])
        if halves is None:  # all alike: any cut will do
            halves = np.arange(len(rows) // 2), np.arange(len(rows) // 2, len(rows))
        todo += [rows[h] for h in halves]
    return sorted(done, key=lambda r: int(r[0]))


def _find_leaders(vectors: Vectors, rows: Rows, least: int, near: float) -> Rows:
    points = vectors[rows]
    close = points @ points.T >= near
    counts = close.sum(axis=1)
    free = np.ones(len(rows), dtype=bool)
    leaders: list[int] = []
    while True:
        leader = int(np.argmax(np.where(free, counts, 0)))
        if not free[leader] or counts[leader] < least:
            return rows[leaders]
        leaders.append(leader)
        taken = np.flatnonzero(close[leader] & free)
        free[taken] = False
        counts = counts - close[:, taken].sum(axis=1)


def _cohesion(vectors: Vectors) -> float:
    return float((vectors @ centre_of(vectors)).mean())


def _halve(vectors: Vectors) -> tuple[Rows, Rows] | None:
    spread = vectors - vectors.mean(axis=0)
    direction = spread[int(np.argmax((spread**2).sum(axis=1)))]
    for _ in range(20):
        direction = spread.T @ (spread @ direction)
        length = float(np.linalg.norm(direction))
        if length < 1e-9:
            return None
        direction = direction / length
    side = spread @ direction > 0
    for _ in range(20):
        if side.all() or not side.any():
            return None
        moved = vectors @ centre_of(vectors[side]) > vectors @ centre_of(vectors[~side])
        if (moved == side).all():
            break
        side = moved
    return np.flatnonzero(side), np.flatnonzero(~side)
