"""Metrics read from sentences and tables about fictional councils."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.extract.metrics import extract_metrics
from pipeline.paper import Paper
from pipeline.read.blocks import Block, BlockKind, Cell, Piece
from pipeline.records import Direction, DocType, Document, Metric, Subject, Unit
from pipeline.split import Part, sentences


def make_block(text: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int = 0) -> Block:
    return Block(kind, text, (Piece(0, len(text), page=1),), level=level)


def make_table(rows: list[list[str]]) -> Block:
    cells, lines, at = [], [], 0
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            cells.append(Cell(r, c, text, at, at + len(text), header=r == 0))
            at += len(text) + 1
        lines.append("\t".join(row))
    text = "\n".join(lines)
    return Block(BlockKind.TABLE, text, (Piece(0, len(text), page=1),), cells=tuple(cells))


def read(*blocks: Block | str, doc_type: DocType = DocType.OTHER) -> list[Metric]:
    part = Part(1, tuple(make_block(b) if isinstance(b, str) else b for b in blocks))
    document = Document(
        document_id="doc_1", file_name="a.txt", file_sha256="0", media_type="text/plain", part=1, title="A",
        doc_type=doc_type, doc_type_confidence=1, published=dt.date(2022, 5, 31), words=1, text_source="native",
    )  # fmt: skip
    metrics = extract_metrics(Paper(document, None, part, sentences(part)))
    for m in metrics:
        assert part.text[m.char_start : m.char_end] == m.quote
    return metrics


def values(*blocks: Block | str) -> list[tuple[float, str]]:
    return [(m.value, m.unit.value) for m in read(*blocks)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There are 412 children in care in Anyshire.", [(412, "count")]),
        ("The council has invested £7 million in family help.", [(7_000_000, "gbp")]),
        ("Fares range from £50 to £80 a month.", [(50, "gbp"), (80, "gbp")]),
        ("Re-referral rates have stabilised between 19 -21%.", [(19, "percent"), (21, "percent")]),
        ("Nearly a third of children do not have a health review.", [(33.33, "percent")]),
        ("Over two thirds (67%) of plans name neglect.", [(67, "percent")]),
        ("One in ten care leavers live alone.", [(10, "percent")]),
        ("New pay scales have halved the use of agency staff.", [(50, "percent")]),
        ("The number of young people starting internships doubled.", [(2, "ratio")]),
        ("Families report a wait of over two years before an assessment.", [(2, "years")]),
        ("Most children stay only two to three days in the centre.", [(2, "days"), (3, "days")]),
        ("The ward is in the 10% most deprived in the country.", []),
        ("The team meets every two weeks and began a three-year programme.", []),
        ("Inspectors reviewed 32 case files.", []),
        ("Children aged 16 to 17 and those under 5 are seen by the 0 to 19 service.", []),
        ("On 14 May 2021 the committee considered item 6 under section 47.", []),
        ("The plan has 4 key areas, 8 ambitions and three overarching priorities.", []),
        ("In the last 12 months leaders have changed how they work.", []),
        ("One of the managers is new.", []),
        ("Anyshire Council, 10 Duke Street, Anytown AN2 1DH", []),
        ("Call 0300 123 4567 between 9am and 5pm.", []),
    ],
)  # fmt: skip
def test_values(text: str, expected: list[tuple[float, str]]) -> None:
    assert values(text) == expected


def test_digits_that_no_number_can_hold_are_no_metric() -> None:
    found = values(f"The service completed {'9' * 400} assessments in 2024, of which 85% were on time.")
    assert found == [(85.0, "percent")]
    with pytest.raises(ValueError, match="finite"):
        Metric(
            metric_id="m", document_id="d", quote="q", value=float("inf"), unit=Unit.COUNT, measure="assessments",
            char_start=0, char_end=1, rule_id="test.rule", confidence=1,
        )  # fmt: skip


def test_a_rise_names_both_values_and_gives_the_newer_the_direction() -> None:
    newer, older = read("Completed reviews increased from 159 in March 2019 to 176 in March 2020.")[::-1]
    assert (older.value, newer.value) == (159, 176)
    assert newer.direction is Direction.UP
    assert older.direction is None
    assert older.period_end == dt.date(2019, 3, 31)
    assert newer.period_start == dt.date(2020, 3, 1)


def test_a_sentence_that_refers_back_takes_the_measure_and_moves_the_direction() -> None:
    metrics = read(
        "At 31 December 2016, 176 children were subject to a plan (a rate of 46 per 10,000 children). "
        "This is an increase from 159 (42 per 10,000 children) at 31 March 2016."
    )
    assert [(m.value, m.unit) for m in metrics] == [
        (176, Unit.COUNT), (46, Unit.PER_10000), (159, Unit.COUNT), (42, Unit.PER_10000),
    ]  # fmt: skip
    assert metrics[2].measure == metrics[0].measure
    assert metrics[0].direction is Direction.UP
    assert metrics[1].period == "31 December 2016"
    assert metrics[3].period_end == dt.date(2016, 3, 31)


def test_items_hang_on_their_line() -> None:
    metrics = read(
        make_block(
            "At 1 June 2020, 262 children are looked after by the council. Of this number:", BlockKind.LIST_ITEM, 1
        ),
        make_block("23 live in children’s homes, of whom 57% live out of the area", BlockKind.LIST_ITEM, 2),
        make_block("none live in residential schools", BlockKind.LIST_ITEM, 2),
        make_block("In the last 12 months:", BlockKind.LIST_ITEM, 1),
        make_block("there have been 14 adoptions", BlockKind.LIST_ITEM, 2),
    )
    assert [m.value for m in metrics] == [262, 23, 57, 0, 14]
    assert metrics[1].measure == "children looked after who live in children’s homes"
    assert metrics[1].period_start == dt.date(2020, 6, 1)
    assert metrics[4].period == "In the last 12 months"
    assert metrics[4].period_start == dt.date(2021, 5, 31)


def test_the_national_average_is_not_the_councils() -> None:
    ours, theirs = read("The proportion of pupils who are absent is 12% (the national average is 15%).")
    assert (ours.subject, theirs.subject) == (Subject.COUNCIL, Subject.ENGLAND)
    assert theirs.measure.startswith(ours.measure)


def test_bounds_stand_in_the_measure() -> None:
    (metric,) = read("At 1 June 2020, fewer than five children lived in a private fostering arrangement.")
    assert metric.value == 5
    assert "fewer than" in metric.measure


def test_targets_are_marked() -> None:
    (metric,) = read("The campaign is close to its target of £25,000.")
    assert metric.is_target
    assert not read("The campaign raised £25,000.")[0].is_target


def test_numerator_and_denominator_belong_to_the_share() -> None:
    (metric,) = read("This year 77% (137/178) of our children were in a stable placement.")
    assert (metric.numerator, metric.denominator) == (137, 178)


def test_agendas_hold_no_metrics() -> None:
    assert read("There are 412 children in care.", doc_type=DocType.AGENDA) == []


def test_a_table_gives_a_metric_for_each_cell() -> None:
    metrics = read(
        make_table(
            [
                ["Ref", "Indicator", "Target", "Q1 2021/22", "England"],
                ["1", "% of assessments in 45 days", "90", "82", "84%"],
                ["2", "Children in care per 10,000", "", "70.5", ""],
            ]
        )
    )
    assert [(m.value, m.unit, m.is_target, m.subject) for m in metrics] == [
        (90, Unit.PERCENT, True, Subject.COUNCIL),
        (82, Unit.PERCENT, False, Subject.COUNCIL),
        (84, Unit.PERCENT, False, Subject.ENGLAND),
        (70.5, Unit.PER_10000, False, Subject.COUNCIL),
    ]
    assert metrics[1].measure == "% of assessments in 45 days"
    assert metrics[1].period_start == dt.date(2021, 4, 1)
    assert metrics[0].quote.startswith("1\t% of assessments")


def test_ids_repeat_and_do_not_collide() -> None:
    text = "There are 412 children in care in Anyshire."
    first, second = read(text, text)
    assert first.metric_id != second.metric_id
    assert [m.metric_id for m in read(text, text)] == [first.metric_id, second.metric_id]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Six in ten children said that they felt safe.", [(60, "percent")]),
        ("Around 1 in 5 children are often absent.", [(20, "percent")]),
        ("One pupil in eight is often absent, but in Anytown it is nearer one in four.", [(12.5, "percent"), (25, "percent")]),
        ("The new rota brought down sickness by a quarter and lifted morale.", [(25, "percent")]),
        ("There have been no late payments since May.", [(0, "count")]),
        ("No child was without a plan.", [(0, "count")]),
        ("Sarah asked what happens if there were no placements.", []),
        ("All but three children had a health check.", [(3, "count")]),
        ("This is a drop of six points.", [(6, "percent")]),
        ("Compliments: 41.", [(41, "count")]),
        ("Extension: 2211", []),
        ("Audit found that 7 of 20 files had no chronology.", [(7, "count"), (20, "count")]),
        ("Only 12 out of 15 audits were good.", [(12, "count"), (15, "count")]),
        ("There are 75 families on the list, 40 of them in the north.", [(75, "count"), (40, "count")]),
        ("Agency staff numbered 31, against 44 a year before.", [(31, "count"), (44, "count")]),
        ("Too many children (27) wait for a school.", [(27, "count")]),
        ("Ask the family of Bina (14) what they think.", []),
        ("The team holds 12.5 full-time equivalent vacancies.", [(12.5, "count")]),
        ("The council will set aside 15 two-bedroomed homes.", [(15, "count")]),
        ("Four members of staff have moved to the hub.", [(4, "count")]),
        ("The average caseload is 15 compared with 19 last year.", [(15, "count"), (19, "count")]),
        ("The team has grown from five to nine workers.", [(5, "count"), (9, "count")]),
        ("Each worker holds 14 to 18 cases.", [(14, "count"), (18, "count")]),
        ("Average time to a match – 401 days", [(401, "days")]),
        ("5 | Forward plan | AGREED", []),
        ("12 Date of Next Meeting", []),
        ("Minutes of the last meeting PDF 88 KB", []),
        ("Two young people then spoke about the film.", []),
        ("Site: 4 OLD MILL LANE, ANYTOWN", []),
        ("A key decision is one that costs more than £250,000.", []),
        ("The number of young people 16 - 18 who are out of work is not known.", []),
        ("There were two reports for noting.", []),
    ],
)  # fmt: skip
def test_values_in_council_papers(text: str, expected: list[tuple[float, str]]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("Agency – 31 FTE (Sept)", ["Agency, FTE"]),
        ("Caseloads: average 17.4", ["average Caseloads"]),
        ("Plans in time: 41% (England 50%)", ["Plans in time", "Plans in time, England"]),
        ("Turnover 18% (target 12%)", ["Turnover", "Turnover"]),
        ("Children in care – 388 (March 2024: 402)", ["Children in care", "Children in care"]),
        ("The Director said that 88 carers were approved and two resigned.", ["carers approved", "carers resigned"]),
        ("Of the 45 children, 12 live with relatives, nine in homes.",
         ["children", "children live with relatives", "children in homes"]),
        ("It reached only 22 children and its cost was high.", ["children"]),
        ("One-off costs of £95,000 would be met from reserves.", ["One-off costs"]),
        ("Supervision is the worry: it had dropped to 66% and records were poor.", ["Supervision"]),
        ("Contacts rose by 9%, from 2,140 to 2,333.", ["increase in Contacts", "Contacts", "Contacts"]),
        ("Two-thirds of plans (66%) were reviewed, down from 74%.", ["Two-thirds of plans reviewed"] * 2),
    ],
)  # fmt: skip
def test_measures_in_council_papers(text: str, measures: list[str]) -> None:
    assert [m.measure for m in read(text)] == measures


def test_a_figure_in_brackets_may_be_anothers_or_a_target() -> None:
    ours, theirs = read("Rate of child protection plans 45.3 per 10,000 (SN 50.1)")
    assert (ours.subject, theirs.subject, theirs.unit) == (
        Subject.COUNCIL, Subject.STATISTICAL_NEIGHBOURS, Unit.PER_10000,
    )  # fmt: skip
    assert [m.is_target for m in read("Turnover 18% (target 12%)")] == [False, True]


def test_a_sentence_refers_to_the_figure_before_it() -> None:
    metrics = read("The average weekly cost of a home was £6,150. A year ago it had been £5,480.")
    assert metrics[1].measure == metrics[0].measure


def test_a_line_names_the_bare_figures_below_it() -> None:
    metrics = read("Pathway plans judged good", "Now: 36%", "March 2030: 65%")
    assert [(m.value, m.measure) for m in metrics] == [
        (36, "Pathway plans judged good"), (65, "Pathway plans judged good"),
    ]  # fmt: skip


def test_minutes_are_read_below_their_headings() -> None:
    heading = make_block("Minutes", BlockKind.HEADING)
    assert [m.value for m in read(heading, "There are 412 children in care in Anyshire.")] == [412]
    present = make_block("Present", BlockKind.HEADING)
    assert [m.value for m in read(present, "The Head of Help said that 90 families had been seen.", "2 carers")] == [90]


def test_teams_and_years_are_named_by_the_line_above_the_table() -> None:
    teams = read(
        "Average caseloads are set out below.",
        make_table([["Team", "December 2021", "Standard"], ["Duty", "19.8", "18"]]),
    )
    assert [(m.measure, m.is_target) for m in teams] == [("Average caseloads, Duty", False), ("Duty, Standard", True)]
    years = read(
        "Table 2: Suspensions",
        make_table([["Year", "Primary", "Secondary"], ["2021/22", "110", "840"], ["2022/23", "98", "901"]]),
    )
    assert [(m.value, m.measure, m.period) for m in years] == [
        (110, "Suspensions, Primary", "2021/22"), (840, "Suspensions, Secondary", "2021/22"),
        (98, "Suspensions, Primary", "2022/23"), (901, "Suspensions, Secondary", "2022/23"),
    ]  # fmt: skip


def test_columns_say_whose_number_it_is() -> None:
    metrics = read(
        make_table(
            [
                ["Measure", "Actual", "SN", "North West", "National 2023/24"],
                ["Children seen", "71%", "80%", "79%", "82%"],
            ]
        )
    )
    assert [m.subject for m in metrics] == [
        Subject.COUNCIL, Subject.STATISTICAL_NEIGHBOURS, Subject.REGION, Subject.ENGLAND,
    ]  # fmt: skip
    assert metrics[0].measure == "Children seen"
