"""Measures the clustering: `python -m pipeline.themes.bench SHARED --out OUT`, OUT being a run over SHARED/corpus.

- Agreement of the run's themes with the first codes of `SHARED/gold/dev/themes_dev.jsonl` (B-cubed), and of BERTopic
  (Grootendorst 2022; `pip install '.[bench]'`) on the same items and vectors, in several settings with three seeds.
- Stability: how many old items move, and how many themes are renamed, when 2 in 100 documents are added.

`--scale FILE` measures instead how time and memory grow up to a million made-up items, and draws it (`scaling.py`).
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.embed import Vectors
from pipeline.ids import normalise
from pipeline.places import STATE
from pipeline.records import ItemType, Side
from pipeline.store import ResultStore
from pipeline.themes.agreement import measure_bcubed
from pipeline.themes.clustering import Clustering, ThemeInput, cluster_themes
from pipeline.themes.scaling import draw_growth, measure_growth

SEEDS = (0, 1, 2)
TOPIC_SIZES = (10, 20, 40)
SPLITS = 6
ADDED = 0.02


@dataclass(frozen=True)
class Corpus:
    """The items of a run and their unit vectors, in one order."""

    items: tuple[ThemeInput, ...]
    vectors: Vectors


def read_corpus(out: Path) -> Corpus:
    """The items of the run in `out` with the vectors that are kept beside it."""
    manifest = json.loads((out / STATE / "manifest.json").read_text(encoding="utf-8"))
    store = ResultStore(out / ".cache" / "results")
    results = [r for f in manifest["files"] if (r := store.load(f["key"])) is not None]
    items = []
    for result in results:
        items += [ThemeInput.of(row) for row in result.recommendations]
        items += [ThemeInput.of(row) for row in result.findings]
    return Corpus(tuple(items), np.concatenate([r.vectors for r in results]))


def read_gold(shared: Path, items: Sequence[ThemeInput]) -> dict[str, str]:
    """The first code of each coded recommendation that is among the items, by the item's id."""
    ids = {normalise(i.text): i.item_id for i in items if i.item_type is ItemType.RECOMMENDATION}
    lines = (shared / "gold/dev/themes_dev.jsonl").read_text(encoding="utf-8").splitlines()
    gold = [json.loads(line) for line in lines]
    return {ids[key]: g["theme"] for g in gold if (key := normalise(g["text"])) in ids}


def score_groups(groups: Mapping[str, Hashable], codes: Mapping[str, str]) -> dict[str, float]:
    """B-cubed figures; an item in no group is alone."""
    precision, recall, f1 = measure_bcubed({i: groups.get(i, i) for i in codes}, codes)
    return {"precision": round(precision, 3), "recall": round(recall, 3), "F1": round(f1, 3)}


def find_wide(clustering: Clustering) -> dict[str, str]:
    """The widest theme of each item, as the column theme_id gives it."""
    parents = {t.theme_id: t.parent_id or t.theme_id for t in clustering.state.themes}
    return {item: parents[theme] for item, theme in clustering.state.members.items()}


def run_bertopic(corpus: Corpus) -> Iterator[tuple[str, dict[str, Hashable]]]:
    """The topics of BERTopic by settings and seed: on its own, with its outliers given to the nearest topic, and merged
    into as many topics as the codebook has. UMAP is fitted once a seed, which changes no topic."""
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from hdbscan import HDBSCAN
    from umap import UMAP

    texts, ids = [i.text for i in corpus.items], [i.item_id for i in corpus.items]
    for seed in SEEDS:
        reduce = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1)
        reduced = reduce.fit_transform(corpus.vectors)
        for size, merged in itertools.product(TOPIC_SIZES, (None, 35)):
            model = BERTopic(
                umap_model=BaseDimensionalityReduction(),
                hdbscan_model=HDBSCAN(min_cluster_size=size, metric="euclidean", prediction_data=True),
                nr_topics=merged,
            )
            topics, _ = model.fit_transform(texts, reduced)
            name = f"size {size}{', merged to 34' if merged else ''}, seed {seed}"
            yield name, {i: t for i, t in zip(ids, topics, strict=True) if t >= 0}
            near = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=reduced)
            yield f"{name}, outliers placed", dict(zip(ids, near, strict=True))


def measure_stability(corpus: Corpus, seed: int) -> dict[str, Any]:
    """What becomes of the old items and themes when a random 2 in 100 of the documents are added."""
    documents = sorted({i.document_id for i in corpus.items})
    added = set(random.Random(seed).sample(documents, max(1, round(ADDED * len(documents)))))
    rows = [n for n, i in enumerate(corpus.items) if i.document_id not in added]
    before = cluster_themes([corpus.items[n] for n in rows], corpus.vectors[rows])
    after = cluster_themes(corpus.items, corpus.vectors, before.state)
    return compare_clusterings(before, after)


def compare_clusterings(before: Clustering, after: Clustering) -> dict[str, Any]:
    """Shares of the old items whose narrowest and whose widest theme is another, and themes that are renamed."""
    old, wide = before.state.members, find_wide(before)
    new, new_wide = after.state.members, find_wide(after)
    labels = {t.theme_id: t.label for t in after.state.themes}
    return {
        "old items": len(old),
        "new items": len(new) - len(old),
        "moved": sum(new.get(i) != t for i, t in old.items()) / max(1, len(old)),
        "moved in the wider theme": sum(new_wide.get(i) != t for i, t in wide.items()) / max(1, len(old)),
        "renamed": sum(labels.get(t.theme_id) != t.label for t in before.state.themes),
        "new themes": len(after.born),
    }


def _say(name: str, values: Mapping[str, Any]) -> None:
    said = [f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items()]
    sys.stdout.write(f"{name:52} {'  '.join(said)}\n")
    sys.stdout.flush()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="folder with gold/dev/themes_dev.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="a run over the documents of that folder")
    parser.add_argument("--scale", type=Path, help="measure the growth and draw it into this SVG file")
    parser.add_argument("--most", type=int, default=1_000_000, help="most items of the growth")
    arguments = parser.parse_args()
    corpus = read_corpus(arguments.out)
    if arguments.scale:
        growth = []
        for point in measure_growth(corpus.items, corpus.vectors, arguments.most):
            _say(f"{point.items} items", point.as_dict())
            growth.append(point)
        arguments.scale.write_text(draw_growth(growth), encoding="utf-8")
        return
    for seed in range(SPLITS):
        _say(f"2 in 100 documents added, split {seed}", measure_stability(corpus, seed))
    made = cluster_themes(corpus.items, corpus.vectors)
    codes = read_gold(arguments.shared, corpus.items)
    _say(f"themes (theme_id), {len(codes)} coded items", score_groups(find_wide(made), codes))
    _say("narrower themes", score_groups(made.state.members, codes))
    rows = [n for n, i in enumerate(corpus.items) if i.side is Side.WEAKNESS]
    same = Corpus(tuple(corpus.items[n] for n in rows), corpus.vectors[rows])
    for name, topics in run_bertopic(same):
        _say(f"BERTopic, {name}", score_groups(topics, codes))


if __name__ == "__main__":
    main()
