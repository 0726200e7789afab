"""Shares with their intervals, and tests of trend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control, norm

_Z = float(norm.ppf(0.975))


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


def find_trend(years: Sequence[int], hits: Sequence[int], of: Sequence[int]) -> Slope | None:
    """Whether the share `hits / of` changes with the year, by the Cochran–Armitage test for linear trend.

    Cochran (1954), Armitage (1955): z is the slope of the weighted regression of the shares on the years, over its
    standard deviation where there is no trend; reports are taken as independent. None where the normal approximation
    does not hold: fewer than three years with reports, or fewer than five reports with, or without, the theme.
    """
    x, k, n = (np.asarray(v, dtype=np.float64) for v in (years, hits, of))
    x, k, n = x[n > 0], k[n > 0], n[n > 0]
    total = n.sum()
    if len(x) < 3 or min(k.sum(), total - k.sum()) < 5:
        return None
    p = k.sum() / total
    away = x - (n * x).sum() / total
    spread = (n * away**2).sum()
    slope = (away * k).sum() / spread
    z = slope * math.sqrt(spread / (p * (1 - p)))
    return Slope(round(100 * slope, 4), float(2 * norm.sf(abs(z))))


def correct_for_many(p_values: Sequence[float]) -> list[float]:
    """The p values after Benjamini and Hochberg's correction (1995), which bounds the share of false discoveries."""
    return [float(q) for q in false_discovery_control(p_values)] if p_values else []
