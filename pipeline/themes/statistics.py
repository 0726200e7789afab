"""Shares with their intervals, and tests of trend.

Without scipy.stats, which takes longer to import than a year of letters to count; the tests hold this against it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with the share and its 95 % interval from 0 to 1; the three are None where `of` is 0."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def measure_share(hits: int, of: int) -> Share:
    """The share and its interval by Wilson (1927), which holds for few reports and for shares near 0 and 1."""
    if of == 0:
        return Share(hits, of, None, None, None)
    p, z2 = hits / of, _Z**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    low, high = max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))
    return Share(hits, of, round(p, 6), round(low, 6), round(high, 6))


@dataclass(frozen=True, slots=True)
class Slope:
    """A trend: change of the share in percentage points a year, and the two-sided p value."""

    points_a_year: float
    p_value: float


Stratum = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""Years, and for each the reports that name a theme and all reports, of one kind of visit."""


def find_trend(*strata: Stratum) -> Slope | None:
    """Whether the share of reports that name a theme changes with the year, within each kind of visit.

    The Cochran–Armitage test for linear trend (Cochran 1954, Armitage 1955) with Mantel's extension to strata (1963): a
    letter of four pages names fewer themes than an inspection of forty, so kinds of visit are only compared with
    themselves. z is the slope common to the strata over its standard deviation where there is no trend; reports are
    taken as independent. None where the normal approximation does not hold: fewer than three years with reports, or
    fewer than five reports with, or without, the theme.
    """
    named = sum(sum(hits) for _, hits, _ in strata)
    silent = sum(sum(of) for _, _, of in strata) - named
    seen = {year for years, _, of in strata for year, n in zip(years, of, strict=True) if n}
    if len(seen) < 3 or min(named, silent) < 5:
        return None
    moment = spread = variance = 0.0
    for table in strata:
        x, k, n = (np.asarray(v, dtype=np.float64) for v in table)
        x, k, n = x[n > 0], k[n > 0], n[n > 0]
        if not len(x):
            continue
        total, hits = n.sum(), k.sum()
        away = x - (n * x).sum() / total
        own = (n * away**2).sum()
        moment += float((away * k).sum())
        spread += float(own)
        variance += float(hits / total * (1 - hits / total) * own)
    if variance == 0:
        return None
    return Slope(round(100 * moment / spread, 4), math.erfc(abs(moment) / math.sqrt(2 * variance)))


def correct_for_many(p_values: Sequence[float]) -> list[float]:
    """The p values after Benjamini and Hochberg's correction (1995), which bounds the share of false discoveries."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(p[order] * len(p) / ranks)  # the largest p comes first, and stays as it is
    made: list[float] = q.tolist()
    return made
