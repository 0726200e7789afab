"""Themes of made-up items around made-up directions."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from pipeline.records import ItemType, Polarity
from pipeline.rules import read_yaml
from pipeline.themes import grouping
from pipeline.themes.clustering import ThemeInput, cluster_themes
from pipeline.themes.corrections import CorrectionLog
from pipeline.themes.describing import ThemeTables, describe_themes
from pipeline.themes.grouping import find_dense_groups, split_group
from pipeline.themes.naming import StopWords, find_keywords
from pipeline.themes.placing import load_limits
from pipeline.themes.standing import correct_themes
from pipeline.themes.state import load_state, save_state


def item(name: str, text: str, code: str | None, polarity: Polarity | None = None) -> ThemeInput:
    kind = ItemType.FINDING if polarity else ItemType.RECOMMENDATION
    council, visit = f"E{name[-1]}", f"v{name[-1]}"
    return ThemeInput(name, kind, text, polarity, code, council, visit, f"d{name[-1]}", dt.date(2020, 1, 1))


def around(direction: int, n: int, spread: float = 0.05) -> np.ndarray:
    made = np.zeros((n, 384), dtype=np.float32)
    made[:, direction] = 1
    for i in range(n):
        made[i, 100 + i % 50] = spread
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def publish(items, vectors, previous=None) -> ThemeTables:
    made = cluster_themes(items, vectors, previous)
    return describe_themes(made, correct_themes(made, CorrectionLog(())))


@pytest.fixture
def two_themes():
    items = [item(f"a{i}", f"Supervision number {i}", "management_oversight_supervision") for i in range(4)]
    items += [item(f"b{i}", f"Adoption number {i}", "adoption") for i in range(4)]
    return items, np.concatenate([around(0, 4), around(1, 4)])


def test_codes_keep_items_apart(two_themes):
    made = publish(*two_themes)
    assert sorted((t.theme_code, t.size) for t in made.themes) == [
        ("adoption", 4),
        ("management_oversight_supervision", 4),
    ]


def test_strengths_never_share_a_theme_with_weaknesses(two_themes):
    items, vectors = two_themes
    praise = [item(f"s{i}", f"Praise {i}", "adoption", Polarity.STRENGTH) for i in range(4)]
    made = publish([*items, *praise], np.concatenate([vectors, around(1, 4)]))
    sides = {t.theme_id: t.side for t in made.themes}
    assert {sides[r.theme_id] for r in made.theme_items if r.item_id[0] == "s"} == {"strength"}
    assert {sides[r.theme_id] for r in made.theme_items if r.item_id[0] != "s"} == {"weakness"}


def test_an_item_that_is_coded_or_judged_otherwise_leaves_its_theme(two_themes):
    items, vectors = two_themes
    state = cluster_themes(items, vectors).state
    turned = [item("a0", items[0].text, "adoption"), item("b0", items[4].text, "adoption", Polarity.STRENGTH)]
    again = cluster_themes([*turned, *items[1:4], *items[5:]], vectors[[0, 4, 1, 2, 3, 5, 6, 7]], state)
    of = {t.theme_id: (t.code, t.side) for t in again.state.themes}
    assert of.get(again.state.members.get("a0"), ("adoption", "weakness")) == ("adoption", "weakness")
    assert of.get(again.state.members.get("b0"), ("adoption", "strength")) == ("adoption", "strength")


def test_order_does_not_matter(two_themes):
    items, vectors = two_themes
    there, back = publish(items, vectors), publish(items[::-1], vectors[::-1])
    assert there == back


def test_the_items_are_measured_in_parts_as_in_one(two_themes, monkeypatch):
    items, _ = two_themes
    vectors = np.concatenate([around(direction, 1, spread / 10) for direction in (0, 1) for spread in range(1, 5)])
    whole = publish(items, vectors)
    assert len({i.similarity for i in whole.theme_items}) > 2
    monkeypatch.setattr("pipeline.themes.describing._TOGETHER", 3)
    assert publish(items, vectors) == whole


def test_topics_open_narrower_themes_with_names_of_their_own():
    letters = [item(f"l{i}", f"Later-life letters are late in team {i}", "life_story_work") for i in range(9)]
    books = [item(f"b{i}", f"Life story books are plain in team {i}", "life_story_work") for i in range(9)]
    made = publish([*letters, *books], np.concatenate([around(3, 9), around(4, 9)]))
    wide = next(t for t in made.themes if t.parent_id is None)
    narrow = {t.label: t for t in made.themes if t.parent_id == wide.theme_id}
    assert set(narrow) == {"Later-life letters", "Life-story books and work"}
    assert {t.size for t in narrow.values()} == {9}
    assert wide.size == 18
    assert set(made.theme_of.values()) == {wide.theme_id}
    assert len(made.theme_items) == 36


def test_a_theme_is_described_by_its_spread_and_a_sentence_of_its_own(two_themes):
    items, vectors = two_themes
    made = publish(items, vectors)
    theme = next(t for t in made.themes if t.theme_code == "adoption")
    assert theme.exemplar in {i.text for i in items if i.theme_code == "adoption"}
    assert (theme.reports, theme.of_reports, theme.councils, theme.of_councils) == (4, 4, 4, 4)
    assert theme.share_reports_low < theme.share_reports == 1.0


def test_themes_last_when_items_come(two_themes, tmp_path):
    items, vectors = two_themes
    first = cluster_themes(items[:6], vectors[:6])
    save_state(first.state, tmp_path / "state")
    again = cluster_themes(items, vectors, load_state(tmp_path / "state"))
    assert {t.theme_id: t.label for t in first.state.themes} == {t.theme_id: t.label for t in again.state.themes}
    assert first.state.members.items() <= again.state.members.items()
    assert len(again.state.members) == 8
    assert not again.born


def test_a_new_theme_appears_within_a_code_and_is_marked(two_themes):
    items, vectors = two_themes
    first = cluster_themes(items, vectors)
    assert not any(t.is_new for t in publish(items, vectors).themes)
    many = load_limits().dense_least
    news = [item(f"n{i}", f"Ponies are kept in yard {i}", "adoption") for i in range(many)]
    made = publish([*items, *news], np.concatenate([vectors, around(8, many)]), first.state)
    born = [t for t in made.themes if t.is_new]
    assert [(t.size, t.theme_code) for t in born] == [(many, "adoption")]
    assert "ponies" in born[0].label
    assert {r.item_id for r in made.theme_items if r.theme_id == born[0].theme_id} == {n.item_id for n in news}


def test_a_dense_group_outside_the_codebook_opens_a_theme_and_the_rest_is_counted():
    many = load_limits().dense_least
    items = [item(f"x{i}", f"School buses run late on route {i}", None) for i in range(many)]
    items.append(item("lone", "Something else altogether", None))
    made = publish(items, np.concatenate([around(7, many), around(9, 1)]))
    assert [t.size for t in made.themes] == [many]
    assert "buses" in " ".join(made.themes[0].keywords)
    assert [(c.items, c.in_themes, c.outliers) for c in made.coverage] == [(many + 1, many, 1)]


def test_more_outliers_where_the_file_asks_for_them(two_themes, monkeypatch):
    items, vectors = two_themes
    far = [item("far", "Adoption of something far away", "adoption")]
    both = np.concatenate([vectors, around(50, 1, 0.0)])
    assert sum(c.outliers for c in publish([*items, *far], both).coverage) == 0
    strict = load_limits().model_copy(update={"place": 0.9})
    monkeypatch.setattr("pipeline.themes.placing.load_limits", lambda: strict)
    assert "far" not in cluster_themes([*items, *far], both).state.members


def test_the_same_words_count_once():
    items = [item(f"x{i}", "School buses run late", None) for i in range(30)]
    assert not cluster_themes(items, around(7, 30, 0.0)).state.themes


@pytest.mark.parametrize("many", [0, 1, 2, 5])
def test_tiny_inputs(two_themes, many):
    items, vectors = two_themes
    made = publish(items[:many], vectors[:many])
    assert sum(t.size for t in made.themes) == len(made.theme_items)


def test_no_state_where_none_was_saved(tmp_path):
    assert load_state(tmp_path) is None


def test_a_group_of_two_minds_is_split():
    vectors = np.concatenate([around(0, 30), around(1, 30)])
    groups = split_group(vectors, 10, 0.04)
    assert sorted(sorted(g.tolist()) for g in groups) == [list(range(30)), list(range(30, 60))]


def test_a_group_of_one_mind_is_not():
    assert len(split_group(around(0, 60), 10, 0.04)) == 1


def test_dense_groups_leave_the_rest_out():
    groups = find_dense_groups(np.concatenate([around(0, 5), around(1, 2)]), 3, 0.8)
    assert [g.tolist() for g in groups] == [[0, 1, 2, 3, 4]]


def test_no_row_is_left_unseen_where_there_are_more_than_fit_a_cell(monkeypatch):
    monkeypatch.setattr(grouping, "CELL", 20)
    vectors = np.concatenate([around(0, 40), around(1, 40), around(2, 6)])
    groups = find_dense_groups(vectors, 5, 0.8)
    assert sorted(map(len, groups)) == [6, 40, 40]


def test_keywords_tell_groups_apart():
    words = find_keywords({"a": ["adoption panel", "adoption support"], "b": ["supervision of staff", "supervision"]})
    assert words["a"][0].startswith("adoption")
    assert words["b"][0].startswith("supervision")


def test_the_stop_words_are_those_of_scikit_learn():
    assert read_yaml("themes/stop_words.yml", StopWords).words == ENGLISH_STOP_WORDS
