"""The conventions of the codebook, pinned one by one."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pipeline.records import Area
from pipeline.rules import read_jsonl
from pipeline.themes.codebook import load_codebook, load_cues, phrase_pattern, plain_words, publish_codebook
from pipeline.themes.coding import (
    NO_THEME,
    assign_codes,
    choose_codes,
    describe_texts,
    find_chances,
    find_mentions,
    load_thresholds,
    load_weights,
    name_codes,
)
from pipeline.train.themes import FileCodes

NOWHERE = np.zeros((1, 384), dtype=np.float32)


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
    named = name_codes(text)
    assert named[0] == first
    assert second is None or named[1] == second


def test_a_longer_cue_hides_the_shorter_one_inside():
    assert "plan_quality" not in {m.code for m in find_mentions("Personal education plans are weak.")}


def test_nothing_named_tells_the_classifier_nothing_but_the_vector():
    assert not describe_texts(["Tea was served at noon."], NOWHERE).any()


@pytest.mark.parametrize(
    ("text", "code"),
    [("Private fostering.", "private_fostering"), ("Life-story work.", "life_story_work"), ("Adopters.", "adoption")],
)
def test_naming_a_theme_makes_it_likelier(text, code):
    weights = load_weights()
    silent, named = find_chances(describe_texts(["Tea was served.", text], np.repeat(NOWHERE, 2, axis=0)), weights)
    at = weights.classes.index(code)
    assert named[at] > 3 * silent[at]


def test_codes_follow_the_chances():
    classes = load_weights().classes
    limits = load_thresholds()
    row = np.zeros((3, len(classes)))
    row[0, :2] = 0.7, 0.3
    row[1, 0], row[1, 1] = 1 - limits.second / 2, limits.second / 2
    row[2, 0], row[2, -1] = 1 - limits.none, limits.none
    both, one, none = choose_codes(row, classes)
    assert (both.code, both.code_2, both.confidence) == (classes[0], classes[1], 0.7)
    assert (one.code, one.code_2) == (classes[0], None)
    assert (none.code, none.code_2) == (None, None)


def test_weights_know_every_theme_and_no_other():
    assert list(load_weights().classes) == [*(t.code for t in load_codebook().themes), NO_THEME]


def test_labels_name_themes_of_the_codebook():
    codes = {t.code for t in load_codebook().themes}
    given = [given for row in read_jsonl("themes/labels.jsonl", FileCodes) for given in row.codes.values()]
    assert len(given) > 1000
    assert {c for pair in given for c in pair} == codes
    assert all(len(pair) <= 2 for pair in given)


def test_every_theme_maps_onto_areas_and_the_national_framework():
    rows = publish_codebook()
    assert [r.theme_code for r in rows] == [t.code for t in load_codebook().themes]
    assert all(r.areas and r.framework and len(r.framework) == len(r.framework_names) for r in rows)
    named = {ref for r in rows for ref in r.framework}
    assert named == {"outcome 1", "outcome 2", "outcome 3", "outcome 4", "enabler 1", "enabler 2", "enabler 3"}
    graded = {Area.LEADERS, Area.HELP_AND_PROTECTION, Area.IN_CARE, Area.CARE_LEAVERS}
    assert graded <= {area for r in rows for area in r.areas}


def test_no_texts_no_codes():
    assert assign_codes([], np.zeros((0, 384), dtype=np.float32)) == []


def test_references_in_brackets_are_dropped():
    assert plain_words("Strengthen plans (paragraphs 3, 4).") == "strengthen plans"
