"""How time and memory of the clustering grow with the number of items."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from pipeline.embed import Vectors
from pipeline.ids import make_id
from pipeline.themes.clustering import ThemeInput, cluster_themes
from pipeline.themes.corrections import CorrectionLog
from pipeline.themes.describing import describe_themes
from pipeline.themes.standing import correct_themes

STEPS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
NOISES = (0.0, 0.2, 0.4, 0.6)
"""Length of the noise that is added to a real unit vector: what is made lies near to, and far from, what is real."""
DOCUMENT = 200
"""Items of the one new document: as many as a full inspection report yields."""


@dataclass(frozen=True)
class Growth:
    """Seconds of processor time (one thread, so the time of an idle machine) to cluster and describe so many items from
    nothing, peak memory of the process in MiB, and seconds to place one new document among the themes."""

    items: int
    themes: int
    seconds: float
    mebibytes: float
    document_seconds: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name."""
        return {k: round(v, 3) for k, v in asdict(self).items() if k != "items"}


def measure_growth(items: Sequence[ThemeInput], vectors: Vectors, most: int) -> Iterator[Growth]:
    """Cluster ever more items that are made of the real ones: each a real vector with noise and a text of its own."""
    for many in (s for s in STEPS if s <= most):
        made, points = make_items(items, vectors, many)
        start = time.process_time()
        clustering = cluster_themes(made, points)
        tables = describe_themes(clustering, correct_themes(clustering, CorrectionLog(())))
        seconds = time.process_time() - start
        new, places = make_items(items[:DOCUMENT], vectors[:DOCUMENT], DOCUMENT, seed=1)
        start = time.process_time()
        cluster_themes(new, places, clustering.state)
        document = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Growth(many, len(tables.themes), seconds, peak, document)


def make_items(
    items: Sequence[ThemeInput], vectors: Vectors, many: int, seed: int = 0
) -> tuple[list[ThemeInput], Vectors]:
    """So many items and unit vectors: the real ones over and over, with noise of several lengths and other ids."""
    chance = np.random.default_rng(seed)
    rows = np.arange(many) % len(items)
    made = np.empty((many, vectors.shape[1]), dtype=np.float32)
    for start in range(0, many, 50_000):
        part = rows[start : start + 50_000]
        noise = chance.standard_normal((len(part), vectors.shape[1]), dtype=np.float32)
        noise *= (chance.choice(NOISES, len(part)) / np.linalg.norm(noise, axis=1)).astype(np.float32)[:, None]
        noise += vectors[part]
        made[start : start + 50_000] = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    new = [
        replace(items[row], item_id=make_id("made", seed, n), text=f"{items[row].text} {n}")
        for n, row in enumerate(rows.tolist())
    ]
    return new, made


def draw_growth(growth: Sequence[Growth]) -> str:
    """Seconds and memory against items, both axes logarithmic, as an SVG picture."""
    width, height, edge = 640, 360, 56
    xs = np.log10([g.items for g in growth])
    lines = {
        "seconds": ([g.seconds for g in growth], "#1d70b8"),
        "MiB of memory": ([g.mebibytes for g in growth], "#d4351c"),
        "seconds for one new document": ([g.document_seconds for g in growth], "#00703c"),
    }
    low, high = -2.0, 4.0

    def place(x: float, value: float) -> tuple[float, float]:
        across = (x - xs[0]) / max(1e-9, float(xs[-1] - xs[0]))
        up = (np.log10(max(value, 10**low)) - low) / (high - low)
        return edge + across * (width - 2 * edge), height - edge - up * (height - 2 * edge)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for power in range(int(low), int(high) + 1):
        _, y = place(float(xs[0]), 10.0**power)
        parts.append(f'<path d="M{edge} {y:.1f}H{width - edge}" stroke="#ddd"/>')
        parts.append(f'<text x="{edge - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for g, x in zip(growth, xs, strict=True):
        at, _ = place(float(x), 1.0)
        parts.append(f'<text x="{at:.1f}" y="{height - edge + 18}" text-anchor="middle">{g.items:,}</text>')
    for n, (name, (values, colour)) in enumerate(lines.items()):
        points = [place(float(x), v) for x, v in zip(xs, values, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{edge + 8 + 150 * n}" y="24" fill="{colour}">{name}</text>')
        parts += [
            f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle" fill="{colour}">{v:.3g}</text>'
            for (x, y), v in zip(points, values, strict=True)
        ]
    parts.append(f'<text x="{width / 2}" y="{height - 8}" text-anchor="middle">items that are clustered</text></svg>')
    return "\n".join(parts) + "\n"
