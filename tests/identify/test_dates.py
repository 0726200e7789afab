"""Every shape in which dates of visits are printed."""

import datetime as dt

import pytest

from pipeline.identify.dates import read_dates, read_months

D = dt.date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("23 January 2017 – 16 February 2017", D(2017, 1, 23), D(2017, 2, 16)),
        ("11 to 15 September 2023", D(2023, 9, 11), D(2023, 9, 15)),
        ("8 June 2026 to 19 June 2026", D(2026, 6, 8), D(2026, 6, 19)),
        ("on 30 September and 1 October 2025", D(2025, 9, 30), D(2025, 10, 1)),
        ("10 and 11 March 2021", D(2021, 3, 10), D(2021, 3, 11)),
        ("Between 23 and 27 September 2019", D(2019, 9, 23), D(2019, 9, 27)),
        ("on 5 December 2018.", D(2018, 12, 5), D(2018, 12, 5)),
        ("8 – 12 July 2013", D(2013, 7, 8), D(2013, 7, 12)),
        ("25 September to 19 October 2017", D(2017, 9, 25), D(2017, 10, 19)),
        ("28th & 29th September 2021", D(2021, 9, 28), D(2021, 9, 29)),
        ("12 December to 6 January 2023", D(2022, 12, 12), D(2023, 1, 6)),
        ("30 September, 1 and 2 October 2020", D(2020, 9, 30), D(2020, 10, 2)),
        ("from Monday 8 to Friday 12 July 2019", D(2019, 7, 8), D(2019, 7, 12)),
        ("Thursday, 13th March, 2025", D(2025, 3, 13), D(2025, 3, 13)),
        ("13th-Mar-2025", D(2025, 3, 13), D(2025, 3, 13)),
        ("15/07/2022", D(2022, 7, 15), D(2022, 7, 15)),
        ("2022-07-15", D(2022, 7, 15), D(2022, 7, 15)),
    ],
)
def test_a_printed_range_gives_its_first_and_last_day(text: str, first: dt.date, last: dt.date) -> None:
    (span,) = read_dates(text)
    assert (span.first, span.last) == (first, last)
    assert str(last.day) in text[span.start : span.end]


@pytest.mark.parametrize(
    "text",
    ["July 2022", "the 3 year plan of 2023", "decision 24/00093", "31 June 2020", "section 17 of the 1989 Act", ""],
)
def test_what_is_no_full_date_gives_none(text: str) -> None:
    assert read_dates(text) == []


def test_several_dates_come_in_order_with_their_places() -> None:
    text = "seen on 30 June 2026; again on 3-4 July 2026"
    first, second = read_dates(text)
    assert text[first.start : first.end] == "30 June 2026"
    assert text[second.start : second.end] == "3-4 July 2026"


def test_months_without_days() -> None:
    assert read_months("Date: July 2022, before May 2023") == [(2022, 7), (2023, 5)]
