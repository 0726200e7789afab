"""Places the themes among the sentence vectors, and measures coding and clustering against gold codes.

`python -m pipeline.train.themes --write` makes `models/themes/prototypes.npz` from the codebook's own sentences (no
gold is read). `python -m pipeline.train.themes SHARED [OUT]` prints figures for `SHARED/gold/dev/themes_dev.jsonl`;
with OUT, the folder of a published run, also how its themes agree with the codes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.embed import Embedder, Vectors, load_embedder
from pipeline.ids import normalise
from pipeline.records import ItemType
from pipeline.themes.clustering import ThemeInput, cluster_themes
from pipeline.themes.codebook import PROTOTYPES, codebook_digest, load_codebook, place_sentences
from pipeline.themes.coding import Coding, assign_codes


def place_themes(embedder: Embedder) -> Vectors:
    """Unit vectors of the themes in the order of the codebook: the mean of their sentences."""
    rows = []
    for theme in load_codebook().themes:
        mean = embedder.encode(place_sentences(theme)).mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    return np.asarray(rows, dtype=np.float32)


def measure_bcubed(groups: Mapping[str, Hashable], codes: Mapping[str, Hashable]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of the groups against the codes (Bagga and Baldwin 1998).

    Every item counts the same; an item alone in its group is right about itself only.
    """
    both = Counter((groups[i], codes[i]) for i in codes)
    of_group, of_code = Counter(groups[i] for i in codes), Counter(codes.values())
    precision = sum(both[groups[i], codes[i]] / of_group[groups[i]] for i in codes) / len(codes)
    recall = sum(both[groups[i], codes[i]] / of_code[codes[i]] for i in codes) / len(codes)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main(arguments: Sequence[str]) -> None:
    """Write the prototypes, or print the figures."""
    embedder = load_embedder()
    if "--write" in arguments:
        path = Path(__file__).resolve().parents[2] / "models" / PROTOTYPES
        np.savez(path, vectors=place_themes(embedder), digest=np.array(codebook_digest()))
        return
    lines = (Path(arguments[0]) / "gold/dev/themes_dev.jsonl").read_text(encoding="utf-8").splitlines()
    gold = [json.loads(line) for line in lines]
    vectors = embedder.encode([g["text"] for g in gold])
    codings = assign_codes([g["text"] for g in gold], vectors)
    _measure_codes(gold, codings)
    made = cluster_themes(_inputs(gold, codings), vectors)
    codes = {g["id"]: g["theme"] for g in gold}
    _say_bcubed("themes of these items alone", {i: made.state.members.get(i, i) for i in codes}, codes)
    if len(arguments) > 1:
        _measure_run(Path(arguments[1]), gold)


def _measure_codes(gold: Sequence[Mapping[str, Any]], codings: Sequence[Coding]) -> None:
    right = [c.code in {g["theme"], g["theme2"]} - {None} for g, c in zip(gold, codings, strict=True)]
    first = [c.code == g["theme"] for g, c in zip(gold, codings, strict=True)]
    _say(f"codes: right {np.mean(right):.3f}, first theme {np.mean(first):.3f} of {len(gold)}")
    for name in sorted({c.rule_id.rsplit(".", 1)[-1] for c in codings}):
        chosen = [r for r, c in zip(right, codings, strict=True) if c.rule_id.endswith(name)]
        said = [c.confidence for c in codings if c.rule_id.endswith(name)]
        _say(f"  {name:10} right {np.mean(chosen):.3f}, said {np.mean(said):.3f}, of {len(chosen)}")


def _inputs(gold: Sequence[Mapping[str, Any]], codings: Sequence[Coding]) -> list[ThemeInput]:
    return [
        ThemeInput(g["id"], ItemType.RECOMMENDATION, g["text"], None, c.code, g["council"], g["file"], None)
        for g, c in zip(gold, codings, strict=True)
    ]


def _measure_run(out: Path, gold: Sequence[Mapping[str, Any]]) -> None:
    import pandas as pd

    rows = pd.read_parquet(out / "dataset" / "recommendations.parquet")
    theme_of = {normalise(str(r["text"])): r["theme_id"] or r["recommendation_id"] for r in rows.to_dict("records")}
    codes = {g["id"]: g["theme"] for g in gold if normalise(g["text"]) in theme_of}
    groups = {g["id"]: theme_of[normalise(g["text"])] for g in gold if g["id"] in codes}
    _say_bcubed(f"themes of the run, {len(codes)} of {len(gold)} items found", groups, codes)


def _say_bcubed(name: str, groups: Mapping[str, Hashable], codes: Mapping[str, Hashable]) -> None:
    precision, recall, f1 = measure_bcubed(groups, codes)
    _say(f"{name}: B-cubed P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
