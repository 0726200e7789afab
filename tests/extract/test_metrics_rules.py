"""Numbers and periods read as documented."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.extract.metrics.numbers import find_numbers, load_words, read_value
from pipeline.extract.metrics.periods import find_periods


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,339", 1339), ("twenty-three", 23), ("two hundred and six", 206), ("7.2 million", 7_200_000)],
)  # fmt: skip
def test_read_value(text: str, value: float) -> None:
    assert read_value(text) == value


def test_numbers_keep_their_place_and_bound() -> None:
    text = "fewer than five children and £750k"
    five, money = find_numbers(text)
    assert (text[five.start : five.end], five.bound, five.spelled) == ("five", "fewer than", True)
    assert (text[money.start : money.end], money.value) == ("£750k", 750_000)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("at 31 March 2016", dt.date(2016, 3, 31), dt.date(2016, 3, 31)),
        ("in 2013–14", dt.date(2013, 4, 1), dt.date(2014, 3, 31)),
        ("in the academic year 2014/15", dt.date(2014, 9, 1), dt.date(2015, 8, 31)),
        ("(Jan 21–Dec 21)", dt.date(2021, 1, 1), dt.date(2021, 12, 31)),
        ("between 1 April and 30 June 2016", dt.date(2016, 4, 1), dt.date(2016, 6, 30)),
        ("Q4 2021/22", dt.date(2022, 1, 1), dt.date(2022, 3, 31)),
        ("in the last two years", dt.date(2018, 5, 31), dt.date(2020, 5, 31)),
        ("in Quarter 3", None, None),
    ],
)
def test_periods(text: str, first: dt.date | None, last: dt.date | None) -> None:
    (period,) = find_periods(text, dt.date(2020, 5, 31))
    assert (period.first, period.last) == (first, last)


def test_words_are_singular_and_lower_case() -> None:
    words = load_words()
    assert not set(words.list_nouns) & set(words.service_nouns)
    assert all(w == w.lower() for w in (*words.list_nouns, *words.service_nouns))
