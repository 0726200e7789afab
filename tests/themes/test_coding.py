"""The conventions of the codebook, pinned one by one."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pipeline.themes.codebook import (
    codebook_digest,
    load_codebook,
    load_cues,
    load_prototypes,
    phrase_pattern,
    plain_words,
)
from pipeline.themes.coding import assign_codes, find_mentions

NOWHERE = np.zeros((1, 384), dtype=np.float32)


def code(text: str) -> tuple[str | None, str | None]:
    made = assign_codes([text], NOWHERE)[0]
    return made.code, made.code_2


def test_there_are_34_themes_each_in_a_group():
    book = load_codebook()
    assert len({t.code for t in book.themes}) == 34
    assert {t.group for t in book.themes} == set(book.groups)


def test_literals_never_hide_a_match():
    for sentence in (s for theme in load_codebook().themes for s in (*theme.seeds, *theme.not_here)):
        words = plain_words(sentence) + " "
        for cue, pattern, literals in load_cues():
            if pattern.search(words):
                assert any(literal in words for literal in literals), cue.phrase


def test_phrases_mean_what_the_head_of_the_file_says():
    def fits(phrase, words):
        return bool(re.search(phrase_pattern(phrase), words + " "))

    assert fits("assess*", "assessing need")
    assert not fits("assess", "assessing need")
    assert fits("voice* of .. child*", "voice of the young child")
    assert not fits("voice of .. child", "voice of one two three four five child")
    assert fits("care leaver ... health", "care leaver one two three four five six seven eight health")
    assert fits("return (home )?interview*", "return interviews")
    assert not fits("plan", "explan plane")


def test_a_cue_belongs_to_one_theme():
    phrases = [cue.phrase for cue, _, _ in load_cues()]
    assert len(phrases) == len(set(phrases))


def test_prototypes_are_those_of_this_codebook():
    import io

    from pipeline.rules import read_bytes

    with np.load(io.BytesIO(read_bytes("themes/prototypes.npz"))) as stored:
        assert str(stored["digest"]) == codebook_digest(), "run python -m pipeline.train.themes"
    assert load_prototypes().shape == (34, 384)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("Management oversight of pre-proceedings.", "pre_proceedings_plo", "management_oversight_supervision"),
        ("Oversight of private fostering.", "private_fostering", "management_oversight_supervision"),
        ("The quality of plans and assessments.", "plan_quality", "assessment_quality"),
        ("The quality of assessments and plans.", "assessment_quality", "plan_quality"),
        ("Initial health assessments for children in care and care leavers.", "health_emotional_wellbeing", None),
        ("The involvement of health partners in strategy meetings.", "strategy_meetings_cp_enquiries", None),
    ],
)
def test_conventions(text, first, second):
    made = code(text)
    assert made[0] == first
    assert second is None or made[1] == second


def test_a_longer_cue_hides_the_shorter_one_inside():
    assert "plan_quality" not in {m.code for m in find_mentions("Personal education plans are weak.")}


def test_nothing_named_and_nothing_near_has_no_code():
    assert code("Tea was served at noon.") == (None, None)


def test_nearness_codes_what_names_nothing():
    codes = [t.code for t in load_codebook().themes]
    row = load_prototypes()[codes.index("adoption")][None, :]
    assert assign_codes(["Tea was served at noon."], row)[0].code == "adoption"


def test_no_texts_no_codes():
    assert assign_codes([], np.zeros((0, 384), dtype=np.float32)) == []


def test_references_in_brackets_are_dropped():
    assert plain_words("Strengthen plans (paragraphs 3, 4).") == "strengthen plans"
