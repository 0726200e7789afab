"""A council's metrics over time: the same measure in the same unit at two dates or more."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.records import Metric, Subject, Unit

_SPACE = re.compile(r"[\s‐-―-]+")
_LEADING = re.compile(r"^(?:the|a|an|percentage of|proportion of|number of|rate of)\s+")


@dataclass(frozen=True)
class Point:
    """A value at a date: the end of its period, else the date of its document."""

    date: dt.date
    metric: Metric


@dataclass(frozen=True)
class Series:
    """One measure of a council: its values by date, and what the same papers say of England and of others."""

    measure: str
    unit: Unit
    points: tuple[Point, ...]
    others: tuple[Point, ...]

    @property
    def dates(self) -> int:
        """How many dates it has values for."""
        return len({p.date for p in self.points})


def _key(metric: Metric) -> tuple[str, str]:
    words = _SPACE.sub(" ", metric.measure.casefold().replace("’", "'")).strip()
    return _LEADING.sub("", words), metric.unit.value


def make_series(metrics: Iterable[Metric]) -> list[Series]:
    """The measures with values at two dates or more, those with the most dates first; targets are left out.

    Where several papers give a value for the same date, the one with the highest confidence stands.
    """
    own: dict[tuple[str, str], dict[dt.date, Metric]] = defaultdict(dict)
    others: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for metric in metrics:
        date = metric.period_end or metric.date
        if date is None or metric.is_target:
            continue
        if metric.subject is not Subject.COUNCIL:
            others[_key(metric)].append(Point(date, metric))
        elif (known := own[_key(metric)].get(date)) is None or metric.confidence > known.confidence:
            own[_key(metric)][date] = metric
    series = [
        Series(
            measure=max(values.values(), key=lambda m: (m.confidence, m.metric_id)).measure,
            unit=Unit(unit),
            points=tuple(Point(d, m) for d, m in sorted(values.items())),
            others=tuple(sorted(others[measure, unit], key=lambda p: (p.date, p.metric.metric_id))),
        )
        for (measure, unit), values in own.items()
    ]
    long = [s for s in series if s.dates > 1]
    return sorted(long, key=lambda s: (-s.dates, s.measure, s.unit.value))
