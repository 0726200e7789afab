"""Texts of one side and code → themes: by what they name, by nearness, and new ones where what is left is dense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.embed import Vectors
from pipeline.rules import RuleModel, read_yaml
from pipeline.themes.grouping import Rows, centre_of, find_dense_groups

NOWHERE = -1
Places = NDArray[np.intp]


class ClusteringThresholds(RuleModel):
    """`models/themes/clustering.yml`."""

    note: str
    least: int = Field(ge=1)
    topic_least: int = Field(ge=2)
    join: float = Field(ge=0, le=1)
    place: float = Field(ge=-1, le=1)
    dense_least: int = Field(ge=2)
    dense_near: float = Field(ge=0, le=1)
    outside_near: float = Field(ge=0, le=1)


@cache
def load_limits() -> ClusteringThresholds:
    """The thresholds of the clustering."""
    return read_yaml("themes/clustering.yml", ClusteringThresholds)


@dataclass(frozen=True, slots=True)
class Seat:
    """A theme of the group: its centre, the topic that it is about (None where it was found by density), whether it is
    the wider theme of the code, and for a new one the rows on which it was founded."""

    centre: Vectors
    topic: str | None = None
    is_wide: bool = False
    founders: Rows | None = None


@dataclass(frozen=True)
class Placing:
    """Where the texts of a group stand: `places` is the number of each one's seat, NOWHERE for outliers."""

    places: Places
    seats: tuple[Seat, ...]


def place_texts(
    points: Vectors, topics: Sequence[str | None], known: Sequence[Seat], kept: Sequence[int], has_code: bool
) -> Placing:
    """Place the texts of one side and code. `points` are their unit vectors, `topics` what they name, `known` the
    themes of the last run, `kept` the number of the theme in which each text stood then (NOWHERE for new texts).

    A text that is kept moves only from the wider theme into a narrower one that has opened.
    """
    limits = load_limits()
    seats, places = [*known], np.asarray(kept, dtype=np.intp)
    if has_code:
        wide = _open_wide(points, seats, limits.least)
        if wide == NOWHERE:
            return Placing(places, tuple(seats))
        _open_topics(points, topics, seats, limits.topic_least)
        settled = (places != NOWHERE) & (places != wide)
        about: dict[str | None, int] = {seat.topic: n for n, seat in enumerate(seats) if seat.topic}
        for row in np.flatnonzero(~settled).tolist():
            places[row] = about.get(topics[row], places[row])
        new = np.flatnonzero(places == NOWHERE)
        places[new] = find_nearest(points[new], seats, wide, limits.join, limits.place)
    else:
        wide = NOWHERE
        new = np.flatnonzero(places == NOWHERE)
        places[new] = find_nearest(points[new], seats, wide, limits.outside_near, limits.outside_near)
    left = np.flatnonzero((places == NOWHERE) | (places == wide))
    near = limits.dense_near if has_code else limits.outside_near
    for group in find_dense_groups(points[left], limits.dense_least, near):
        rows = left[group]
        places[rows] = len(seats)
        seats.append(Seat(centre_of(points[rows]), founders=rows))
    return Placing(places, tuple(seats))


def _open_wide(points: Vectors, seats: list[Seat], least: int) -> int:
    """The number of the wider theme, which is opened where there are enough texts; NOWHERE where there are not."""
    found = next((n for n, seat in enumerate(seats) if seat.is_wide), NOWHERE)
    if found == NOWHERE and len(points) >= least:
        seats.append(Seat(centre_of(points), is_wide=True, founders=np.arange(len(points))))
        return len(seats) - 1
    return found


def _open_topics(points: Vectors, topics: Sequence[str | None], seats: list[Seat], least: int) -> None:
    named: dict[str, list[int]] = {}
    for row, topic in enumerate(topics):
        if topic is not None:
            named.setdefault(topic, []).append(row)
    open_topics = {seat.topic for seat in seats}
    for topic, rows in sorted(named.items()):
        if topic not in open_topics and len(rows) >= least:
            seats.append(Seat(centre_of(points[rows]), topic=topic, founders=np.array(rows)))


def find_nearest(points: Vectors, seats: Sequence[Seat], wide: int, join: float, place: float) -> Places:
    """The seat of each point: the nearest narrow one from cosine `join`, else the wide one from cosine `place`, else
    NOWHERE. One matrix product: the texts of a document are placed in far less than a second."""
    if not len(points) or not seats:
        return np.full(len(points), NOWHERE, dtype=np.intp)
    likeness = points @ np.stack([seat.centre for seat in seats]).T
    at_wide = likeness[:, wide] >= place if wide != NOWHERE else np.zeros(len(points), dtype=bool)
    if wide != NOWHERE:
        likeness[:, wide] = -1.0
    best = likeness.argmax(axis=1)
    joins = likeness[np.arange(len(points)), best] >= join
    return np.where(joins, best, np.where(at_wide, wide, NOWHERE)).astype(np.intp)
