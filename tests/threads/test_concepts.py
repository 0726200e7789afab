"""Concepts: what a recommendation and a later sentence both name."""

import numpy as np
import pytest

from pipeline.themes.codebook import plain_words
from pipeline.threads.comparing import FEATURES, compare
from pipeline.threads.concepts import _read, find_concepts, load_concepts
from pipeline.threads.views import view_item
from pipeline.train.rarity import count_rarity, weigh_stems


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The designated officer tracks allegations well.", {"lado"}),
        ("Return-home interviews are offered late.", {"rhi"}),
        ("Strategy meetings lack the police.", {"strategy", "police"}),
        ("Tea was served at noon.", set()),
    ],
)
def test_a_concept_is_found_by_each_of_its_names(text, named):
    assert named <= find_concepts(text)
    assert bool(find_concepts(text)) == bool(named)


def test_a_star_stands_for_any_ending_of_that_word_only():
    assert "lado" in find_concepts("Two allegations were made.")
    assert "lado" not in find_concepts("They alleged nothing.")
    assert "conferences" not in find_concepts("He chaired it.")


def test_every_phrase_is_in_plain_words_and_can_be_found():
    for concept in _read().concepts:
        assert len(set(concept.phrases)) == len(concept.phrases), concept.name
        for phrase in concept.phrases:
            assert plain_words(phrase.replace("*", "")) == phrase.replace("*", ""), phrase
            assert concept.name in find_concepts(f"before {phrase.replace('*', '')} after"), phrase
    assert len(load_concepts()) == len(_read().concepts)


def test_other_words_for_one_matter_are_a_common_concept():
    nowhere = np.zeros(384, dtype=np.float32)
    asked = view_item("a", "Improve the work of the LADO.", nowhere)
    same = view_item("b", "The designated officer responds well.", nowhere)
    other = view_item("c", "Foster carers are trained well.", nowhere)
    shared = dict(zip(FEATURES, np.moveaxis(compare([asked], [same, other])[0], 1, 0), strict=True))
    assert shared["words_of_earlier"].max() < 0.1
    assert shared["concepts_of_earlier"].tolist() == [1.0, 0.0]
    assert shared["no_common_concept"].tolist() == [0.0, 1.0]
    assert shared["rarest_concept"][0] == load_concepts()["lado"]


def test_rarity_is_counted_in_texts_not_in_words():
    texts = ["LADO and LADO.", "A designated officer.", "The tea.", "Tea and tea."]
    assert count_rarity(texts, find_concepts)["lado"] == pytest.approx(np.log(2))
    with pytest.raises(ValueError, match="no findings"):
        count_rarity([], find_concepts)


def test_words_too_rare_to_count_share_one_rarity():
    weights = weigh_stems(["tea"] * 8 + ["tea cake"] * 5 + ["tea biscuit"])
    assert weights["tea"] == 0
    assert weights["cake"] == weights[""] == round(float(np.log(14 / 5)), 2)
    assert "biscuit" not in weights
