"""Themes of made-up items around made-up directions."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from pipeline.records import ItemType, Polarity
from pipeline.themes.clustering import ThemeInput, cluster_themes
from pipeline.themes.grouping import find_dense_groups, split_group
from pipeline.themes.naming import find_keywords
from pipeline.themes.state import load_state, save_state


def item(name: str, text: str, code: str | None, polarity: Polarity | None = None) -> ThemeInput:
    kind = ItemType.FINDING if polarity else ItemType.RECOMMENDATION
    return ThemeInput(name, kind, text, polarity, code, f"E{name[-1]}", f"v{name[-1]}", dt.date(2020, 1, 1))


def around(direction: int, n: int, spread: float = 0.05) -> np.ndarray:
    made = np.zeros((n, 384), dtype=np.float32)
    made[:, direction] = 1
    for i in range(n):
        made[i, 100 + i % 50] = spread
    return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.fixture
def two_themes():
    items = [item(f"a{i}", f"Supervision number {i}", "management_oversight_supervision") for i in range(4)]
    items += [item(f"b{i}", f"Adoption panel {i}", "adoption") for i in range(4)]
    return items, np.concatenate([around(0, 4), around(1, 4)])


def test_codes_keep_items_apart(two_themes):
    made = cluster_themes(*two_themes, None)
    assert sorted((t.theme_code, t.size) for t in made.themes) == [
        ("adoption", 4),
        ("management_oversight_supervision", 4),
    ]


def test_strengths_never_share_a_theme_with_weaknesses(two_themes):
    items, vectors = two_themes
    praise = [item(f"s{i}", f"Praise {i}", "adoption", Polarity.STRENGTH) for i in range(4)]
    made = cluster_themes([*items, *praise], np.concatenate([vectors, around(1, 4)]), None)
    theme_of = {r.item_id: r.theme_id for r in made.theme_items}
    assert theme_of["s0"] != theme_of["b0"]


def test_order_does_not_matter(two_themes):
    items, vectors = two_themes
    there, back = cluster_themes(items, vectors, None), cluster_themes(items[::-1], vectors[::-1], None)
    assert there.themes == back.themes
    assert there.theme_items == back.theme_items


def test_themes_last_when_items_come(two_themes, tmp_path):
    items, vectors = two_themes
    first = cluster_themes(items[:6], vectors[:6], None)
    save_state(first.state, tmp_path / "state")
    again = cluster_themes(items, vectors, load_state(tmp_path / "state"))
    before = {t.theme_id: t.label for t in first.themes}
    assert before.items() <= {t.theme_id: t.label for t in again.themes}.items()
    assert {r.item_id: r.theme_id for r in first.theme_items}.items() <= {
        r.item_id: r.theme_id for r in again.theme_items
    }.items()
    assert len(again.theme_items) == 8


def test_a_dense_group_outside_the_codebook_opens_a_theme():
    items = [item(f"x{i}", f"School buses run late on route {i}", None) for i in range(6)]
    items.append(item("lone", "Something else altogether", None))
    made = cluster_themes(items, np.concatenate([around(7, 6), around(9, 1)]), None)
    assert [t.size for t in made.themes] == [6]
    assert "lone" not in {r.item_id for r in made.theme_items}
    assert "buses" in " ".join(made.themes[0].keywords)


def test_the_same_words_count_once():
    items = [item(f"x{i}", "School buses run late", None) for i in range(9)]
    assert cluster_themes(items, around(7, 9, 0.0), None).themes == ()


@pytest.mark.parametrize("many", [0, 1, 2, 5])
def test_tiny_inputs(two_themes, many):
    items, vectors = two_themes
    made = cluster_themes(items[:many], vectors[:many], None)
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


def test_keywords_tell_groups_apart():
    words = find_keywords({"a": ["adoption panel", "adoption support"], "b": ["supervision of staff", "supervision"]})
    assert words["a"][0].startswith("adoption")
    assert words["b"][0].startswith("supervision")
