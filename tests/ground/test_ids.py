from hypothesis import given
from hypothesis import strategies as st

from pipeline.ids import ItemIds, digest, make_id, normalise


def test_parts_are_kept_apart():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a", None) != digest("a", "")
    assert digest("a") != digest("a", None)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_parts_give_different_digests(a, b):
    assert (digest(*a) == digest(*b)) == (a == b)


def test_the_same_words_twice_in_a_document_are_two_items():
    ids = ItemIds("doc_1")
    first, second = ids.make("find", "Plans are clear."), ids.make("find", "Plans are clear.")
    again = ItemIds("doc_1")
    assert first != second
    assert [again.make("find", "plans  are clear"), again.make("find", "Plans are clear.")] == [first, second]


def test_an_item_is_named_after_its_document():
    assert ItemIds("doc_1").make("find", "Plans are clear.") != ItemIds("doc_2").make("find", "Plans are clear.")


def test_ids_name_their_table():
    assert make_id("doc", b"bytes").startswith("doc_")


def test_normalise_keeps_what_a_better_reader_would_not_change():
    assert normalise("Child\ufffecentred  “plans”, 20%") == normalise("child centred plans 20%")
