"""Whether confidence means what it says: of the rows with confidence 0.8, are 80 in 100 right?

Expected calibration error as in Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using
Bayesian Binning" (2015), and the reliability plot of Guo et al., "On Calibration of Modern Neural Networks" (2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10
_SIZE, _EDGE = 320, 44  # of the plot's square and its margin, in pixels


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose confidence lies in `low` to `high` (included): how many, their mean confidence, the share right.

    The means are 0 where there is no row.
    """

    low: float
    high: float
    rows: int
    confidence: float
    right: float


def bin_rows(rows: Sequence[tuple[float, bool]], bins: int = BINS) -> list[Bin]:
    """Rows (confidence, whether it is right) in bins of equal width from 0 to 1; a confidence of 0 is in the first."""
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, right in rows:
        at = next(i for i in range(bins) if confidence <= (i + 1) / bins or i == bins - 1)
        groups[at].append((confidence, right))
    return [
        Bin(
            i / bins,
            (i + 1) / bins,
            len(group),
            sum(c for c, _ in group) / len(group) if group else 0.0,
            sum(r for _, r in group) / len(group) if group else 0.0,
        )
        for i, group in enumerate(groups)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between confidence and share right, weighted by rows; 0 where there are none."""
    rows = sum(b.rows for b in bins)
    return sum(b.rows * abs(b.confidence - b.right) for b in bins) / rows if rows else 0.0


def write_table(bins: Sequence[Bin]) -> str:
    """The bins that hold rows, as a Markdown table."""
    lines = ["| confidence | rows | mean | right |", "|---|---|---|---|"]
    lines += [
        f"| {b.low:.1f} to {b.high:.1f} | {b.rows} | {b.confidence:.3f} | {b.right:.3f} |" for b in bins if b.rows
    ]
    return "\n".join(lines)


def draw_plot(bins: Sequence[Bin], title: str) -> str:
    """The reliability plot as SVG: a bar a bin up to the share right, with its rows, against the diagonal of perfect
    calibration. A dot marks a bin's mean confidence and share right.
    """

    def x(value: float) -> float:
        return round(_EDGE + value * _SIZE, 1)

    def y(value: float) -> float:
        return round(_EDGE + (1 - value) * _SIZE, 1)

    side, middle = _SIZE + 2 * _EDGE, _EDGE + _SIZE / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {side} {side}"'
        f' font-family="sans-serif" font-size="11" text-anchor="middle" role="img"><title>{_escape(title)}</title>',
        f'<rect width="{side}" height="{side}" fill="white"/>',
        f'<text x="{middle}" y="20" font-size="13">{_escape(title)}</text>',
    ]
    for b in (b for b in bins if b.rows):
        width = round((b.high - b.low) * _SIZE - 2, 1)
        height = round(b.right * _SIZE, 1)
        parts.append(f'<rect x="{x(b.low) + 1}" y="{y(b.right)}" width="{width}" height="{height}" fill="#9ecae1"/>')
        parts.append(f'<text x="{x((b.low + b.high) / 2)}" y="{_EDGE + _SIZE - 4}" fill="#333">{b.rows}</text>')
        parts.append(f'<circle cx="{x(b.confidence)}" cy="{y(b.right)}" r="3" fill="#08519c"/>')
    parts.append(f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#999" stroke-dasharray="4 3"/>')
    parts.append(f'<rect x="{_EDGE}" y="{_EDGE}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#333"/>')
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        parts.append(f'<text x="{x(tick)}" y="{_EDGE + _SIZE + 14}">{tick:.1f}</text>')
        parts.append(f'<text x="{_EDGE - 6}" y="{y(tick) + 4}" text-anchor="end">{tick:.1f}</text>')
    parts.append(f'<text x="{middle}" y="{side - 10}">confidence (numbers: rows)</text>')
    parts.append(f'<text transform="translate(13 {middle}) rotate(-90)">share right</text>')
    return "\n".join([*parts, "</svg>", ""])


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
