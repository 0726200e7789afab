"""Every rule of identification runs its own examples."""

import pytest

from pipeline.extract.judgements import compile_pattern, load_rules, read_area
from pipeline.identify.kinds import Cue, load_kinds
from pipeline.identify.visits import Place, load_places


@pytest.mark.parametrize("cue", load_kinds().cues, ids=lambda c: c.id)
def test_a_cue_hits_and_misses_its_examples(cue: Cue) -> None:
    assert [t for t in cue.hit if cue.search(t) is None] == []
    assert [t for t in cue.miss if cue.search(t) is not None] == []


PLACES = [(name, place) for name in ("visit", "published", "meeting") for place in getattr(load_places(), name)]


@pytest.mark.parametrize(("name", "place"), PLACES, ids=lambda v: v if isinstance(v, str) else v.after[:30])
def test_a_place_finds_the_date_in_its_examples(name: str, place: Place) -> None:
    assert [t for t in place.hit if place.find(t) is None] == []
    assert [t for t in place.miss if place.find(t) is not None] == []


@pytest.mark.parametrize("rule", load_rules().areas, ids=lambda r: r.id)
def test_an_area_is_read_from_its_labels(rule) -> None:  # type: ignore[no-untyped-def]
    assert {read_area(t).area for t in rule.hit} == {rule.area}  # type: ignore[union-attr]
    assert all((found := read_area(t)) is None or found.area is not rule.area for t in rule.miss)


@pytest.mark.parametrize("rule", [*load_rules().sentences, *load_rules().outcomes], ids=lambda r: r.id)
def test_a_graded_sentence_hits_and_misses_its_examples(rule) -> None:  # type: ignore[no-untyped-def]
    assert [t for t in rule.hit if compile_pattern(rule.pattern).search(t) is None] == []
    assert [t for t in rule.miss if compile_pattern(rule.pattern).search(t) is not None] == []
