"""Themes last when documents are added: on made-up items, and on the real ones where a run over them is present."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipeline.places import STATE
from pipeline.records import ItemType
from pipeline.themes.bench import Corpus, compare_clusterings, measure_stability, read_corpus
from pipeline.themes.clustering import ThemeInput, cluster_themes

CODES = ("adoption", "plan_quality", "early_help", None)
WORDS = ("panel", "timescales", "hubs", "letters", "matching", "core groups", "strategy", "parents", "ponies", "rivers")


def make_corpus(documents: int, seed: int) -> Corpus:
    """Items of documents that do not exist, around a few directions for each code."""
    chance = np.random.default_rng(seed)
    centres = chance.standard_normal((len(CODES) * len(WORDS), 384))
    items, vectors = [], []
    for document in range(documents):
        for n in range(20):
            which = int(chance.integers(len(centres)))
            code, word = CODES[which % len(CODES)], WORDS[which % len(WORDS)]
            name = f"{document}_{n}"
            text = f"The {word} of team {name}"
            items.append(
                ThemeInput(name, ItemType.RECOMMENDATION, text, None, code, "E1", f"v{document}", f"d{document}", None)
            )
            vectors.append(centres[which] + chance.standard_normal(384) * chance.choice([0.3, 0.8, 1.5]))
    stacked = np.array(vectors, dtype=np.float32)
    return Corpus(tuple(items), stacked / np.linalg.norm(stacked, axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(4))
def test_two_in_a_hundred_documents_move_little_and_rename_nothing(seed):
    change = measure_stability(make_corpus(100, seed), seed)
    assert change["new items"] > 0
    assert change["moved"] < 0.02
    assert change["renamed"] == 0


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(3))
def test_the_same_on_real_documents(shared, project, seed):
    out = project / "outputs" / "real"
    if not (out / STATE / "manifest.json").exists():
        pytest.skip("no run over the real documents; make evaluate makes one")
    change = measure_stability(read_corpus(out), seed)
    assert change["new items"] > 0
    assert change["moved"] < 0.02
    assert change["renamed"] == 0


def test_the_comparison_sees_what_moves_and_what_is_renamed():
    corpus = make_corpus(30, 0)
    before = cluster_themes(corpus.items, corpus.vectors)
    assert compare_clusterings(before, before)["moved"] == 0
    members = dict.fromkeys(before.state.members, before.state.themes[0].theme_id)
    themes = tuple(dataclasses.replace(t, label=t.label + "!") for t in before.state.themes)
    state = dataclasses.replace(before.state, members=members, themes=themes)
    change = compare_clusterings(before, dataclasses.replace(before, state=state))
    assert change["moved"] > 0.5
    assert change["renamed"] == len(themes)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_gives_the_same_themes(seed):
    corpus = make_corpus(40, 1)
    there = cluster_themes(corpus.items, corpus.vectors)
    order = np.random.default_rng(seed).permutation(len(corpus.items))
    back = cluster_themes([corpus.items[n] for n in order], corpus.vectors[order])
    assert there.state.themes == back.state.themes
    assert there.state.members == back.state.members
