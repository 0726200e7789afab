"""Vectors → groups, without chance: the same vectors in the same order always give the same groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Vectors

Rows = NDArray[np.intp]


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

    Leader clustering: the row with the most neighbours leads, ties go to the first. Neighbours are counted among the
    first 4,000 rows, which bounds the cost; later rows join the leader they are nearest to.
    """
    sample = vectors[:4000]
    close = sample @ sample.T >= near
    free = np.ones(len(sample), dtype=bool)
    leaders = []
    while True:
        counts = np.where(free, (close & free).sum(axis=1), 0)
        leader = int(np.argmax(counts)) if len(counts) else 0
        if not len(counts) or counts[leader] < least:
            break
        leaders.append(leader)
        free &= ~close[leader]
    if not leaders:
        return []
    likeness = vectors @ sample[leaders].T
    best = likeness.argmax(axis=1)
    inside = likeness.max(axis=1) >= near
    groups = [np.flatnonzero(inside & (best == i)) for i in range(len(leaders))]
    return [g for g in groups if len(g) >= least]


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
