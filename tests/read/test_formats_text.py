"""Plain text and Markdown as converters leave them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FileFault
from pipeline.read.blocks import Block, BlockKind, Reading
from pipeline.read.text import read_text
from pipeline.split import Part, sentences


def _read(text: str) -> Reading:
    return read_text(text.encode())


def _kinds(reading: Reading) -> list[tuple[str, str | None, str]]:
    return [(b.kind.value, b.label, b.text) for b in reading.blocks]


def _content(text: str) -> list[Block]:
    return [b for b in _read(text).blocks if b.kind is not BlockKind.FURNITURE]


def test_blocks_of_a_converted_report() -> None:
    text = """Quality of plans

1. Introduction

1.1 Plans in Millford are clear and the board has seen them.

The panel asked for:

- a yearly report
  on visits
- > a named lead
(a) first
• second

RESOLVED:

1) That the report be noted.
"""
    assert _kinds(_read(text)) == [
        ("heading", None, "Quality of plans"),
        ("heading", "1.", "Introduction"),
        ("paragraph", "1.1", "Plans in Millford are clear and the board has seen them."),
        ("paragraph", None, "The panel asked for:"),
        ("list_item", "-", "a yearly report on visits"),
        ("list_item", ">", "a named lead"),
        ("list_item", "(a)", "first"),
        ("list_item", "•", "second"),
        ("paragraph", None, "RESOLVED:"),
        ("list_item", "1)", "That the report be noted."),
    ]


@pytest.mark.parametrize(
    "between",
    ["\n\n", "\n\n=== PAGE 4 ===\n\n", "\n\nPage 3 of 9\n\n", "\n\n12\n", "\nDocument Pack Page 7\n\n", "\n\n\f\n"],
)
def test_sentence_goes_on_over_blank_lines_and_page_stamps(between: str) -> None:
    first, second = "Leaders in Millford have reviewed how visits to", "children are recorded. They act on it."
    block = _content(f"{first}{between}{second}")[0]
    assert block.text == f"{first} {second}"
    assert [p.line for p in block.pieces] == [1, 1 + between.count("\n")]


def test_running_head_inside_sentences_is_furniture() -> None:
    page = (
        "The team in Millford has grown and visits to\n\nMillford Scrutiny 2031\n\nchildren are more regular now.\n\n"
    )
    reading = _read(page * 3)
    assert [b.text for b in reading.blocks if b.kind is BlockKind.FURNITURE] == ["Millford Scrutiny 2031"] * 3
    assert {b.text for b in reading.blocks if b.kind is BlockKind.PARAGRAPH} == {
        "The team in Millford has grown and visits to children are more regular now."
    }


def test_foot_of_two_lines_beside_page_numbers_is_furniture() -> None:
    foot = "\n\nMillford Council\n3 to 7 May 2031\n\n{0}\n\n\x0c"
    page = "Visits by the {0} teams of the town are" + foot + "more regular than {0} years ago. Plans are clear.\n\n"
    reading = _read("".join(page.format(n) for n in range(1, 7)))
    assert [b.text for b in reading.blocks if b.kind is not BlockKind.FURNITURE] == [
        f"Visits by the {n} teams of the town are more regular than {n} years ago. Plans are clear."
        for n in range(1, 7)
    ]


def _rows(block: Block) -> list[list[str]]:
    return [row.split("\t") for row in block.text.split("\n")]


def test_a_table_with_a_cell_a_line_is_put_together_by_its_numbers() -> None:
    cells = ["Ref", "Action", "Lead", "1", "Open", "Reed", "2", "Close", "Moss", "3", "Mend", "Reed"]
    above, table, below = _content(
        "The plan of Millford.\n\n" + "\n\n".join(cells) + "\n\nMeasures are set out below.\n"
    )
    assert (above.line, table.line, below.line) == (1, 3, 27)
    assert _rows(table) == [
        ["Ref", "Action", "Lead"],
        ["1", "Open", "Reed"],
        ["2", "Close", "Moss"],
        ["3", "Mend", "Reed"],
    ]


def test_a_table_with_a_cell_a_line_is_put_together_by_blank_lines() -> None:
    rows = ["Action\nLead\nDate", "Open\nReed\nMay 2031", "Close\nMoss\nJune 2031", "Mend\nReed\nJuly 2031"]
    table, _ = _content("\n\n".join(rows) + "\n\nThe board of Millford meets monthly.\n")
    assert _rows(table) == [row.split("\n") for row in rows]


def test_measures_of_three_lines_are_no_table() -> None:
    measures = "\n\n".join(f"Visits {n}\nNow: 4\nThen: 9" for n in "abcde")
    assert BlockKind.TABLE not in {b.kind for b in _content(measures)}


def test_rows_with_pipes_between_their_cells_only() -> None:
    (table,) = _content("Action | Lead | Date\nOpen the hub | Reed | May\nClose the hub | Moss | June\n")
    assert _rows(table)[1] == ["Open the hub", "Reed", "May"]
    assert [b.kind for b in _content("Home | News | Contact\n\nThe hub has opened.\n")] != [BlockKind.TABLE]


def test_columns_that_only_spaces_part_with_cells_that_wrap() -> None:
    text = """
Ref   Action                        Lead          By when
1.1   Recruit a chair for           Director      June
      the board of Millford
1.2   Publish the guide             Principal     July
                                    Worker

The board has met since then and its members are content with what has been done.
"""
    table, below = _content(text)
    assert _rows(table)[1:] == [
        ["1.1", "Recruit a chair for the board of Millford", "Director", "June"],
        ["1.2", "Publish the guide", "Principal Worker", "July"],
    ]
    assert (table.line, below.line) == (2, 8)


def test_hard_wrapped_lines_are_joined_and_hyphens_mended() -> None:
    lines = [
        "The council of Millford has been slow to see what its own audits say and improve-",
        "ment has been patchy. Some work, improvement of plans above all, is multi-",
        "agency and well led. Senior leaders know which teams are under pressure, and the",
        "board asks for evidence. Children say that they are listened to by adults whom",
        "they have known for long, which is a strength of the service.",
        "",
        "A second paragraph starts here and goes on for more than one line of the text so",
        "that the reader can tell.",
    ]
    first, second = _content("\n".join(lines))
    assert "improvement has been patchy" in first.text
    assert "multi-agency and well led" in first.text
    assert second.line == 7
    assert [first.text[p.start : p.end] for p in first.pieces][1].startswith("ment has")


def test_one_paragraph_a_line_is_not_joined() -> None:
    lines = [f"Paragraph {n} says that visits in Millford are {'more ' * 30}regular." for n in range(6)]
    assert [b.text for b in _content("\n".join(lines))] == lines


def test_tables_by_tab_and_by_pipe() -> None:
    (tabbed,) = _content("Area\tAction\tBy when\nFront door\tTrain staff\tMay 2031\n\tCheck work\t")
    assert [[c.text for c in tabbed.cells if c.row == r] for r in range(3)] == [
        ["Area", "Action", "By when"],
        ["Front door", "Train staff", "May 2031"],
        ["", "Check work", ""],
    ]
    assert all(tabbed.text[c.start : c.end] == c.text for c in tabbed.cells)
    assert [c.header for c in tabbed.cells][:4] == [True, True, True, False]
    assert [p.line for p in tabbed.pieces] == [1, 2, 3]
    (piped,) = _content("| Area | Action |\n|---|:--|\n| **Front** door | Train<br>staff |")
    assert [c.text for c in piped.cells] == ["Area", "Action", "Front door", "Train staff"]


def test_number_before_a_tab_is_a_label() -> None:
    (block,) = _content("1.1\tPlans in Millford are clear and the board has seen them.")
    assert (block.kind, block.label) == (BlockKind.PARAGRAPH, "1.1")


def test_markdown_marks_are_not_text() -> None:
    blocks = _content(
        "## What *needs* to improve\n\nThe **quality** of [plans](https://example.org/a_(b)) &amp; visits.\n"
    )
    assert (blocks[0].kind, blocks[0].level, blocks[0].text) == (BlockKind.HEADING, 2, "What needs to improve")
    assert blocks[1].text == "The quality of plans & visits."


@pytest.mark.parametrize(
    "line", ["Dear Ms Reed", "9 May 2031", "N/A", "Date: July 2031", "Visits are late", "The Board is asked to:"]
)
def test_short_lines_that_head_nothing(line: str) -> None:
    assert _content(f"{line}\n\nThe council of Millford has written a plan for this.")[0].kind is BlockKind.PARAGRAPH


def test_nested_items() -> None:
    blocks = _content("- one\n  - two\n  - three\n- four\n1. five\n(a) six\n(b) seven\n2. eight")
    assert [b.level for b in blocks] == [1, 2, 2, 1, 1, 2, 2, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "The council’s plan – “Brighter” – costs £4 million a year.\n"
    assert read_text(text.encode(encoding)).blocks[0].text == text.strip()


def test_broken_utf_16_is_the_files_fault() -> None:
    with pytest.raises(FileFault) as caught:
        read_text("Plans".encode("utf-16") + b"\x00\xd8\x00")
    assert caught.value.error == "undecodable"


ODD_LINES = r"""
-
- x
1.
1. Plan
(a) x
===
## Plan
**
**Plan**
=== PAGE 2 ===
12
Visits to the
children are late.
improve-
ment
o x
> y
_ .
Plan:
&lt;p&gt;
- 1) x
| a | b |
|---|
"""
LINE = st.sampled_from([*ODD_LINES.split("\n"), "\t", "a\tb", "\ta\t", "\x0c", "\uf0b7 x"])


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE | st.text(max_size=40), max_size=30).map("\n".join) | st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        reading = read_text(text.encode("utf-8", "ignore"))
    except FileFault:
        return
    for block in reading.blocks:
        ends = [0, *(p.end for p in block.pieces)]
        assert all(end <= p.start <= p.end for end, p in zip(ends, block.pieces, strict=False))
        assert ends[-1] == len(block.text)
        covered = {i for p in block.pieces for i in range(p.start, p.end)}
        assert all(c.isspace() for i, c in enumerate(block.text) if i not in covered)
        assert all(block.text[c.start : c.end] == c.text for c in block.cells)
    lines = [block.line or 0 for block in reading.blocks if block.kind is not BlockKind.FURNITURE]
    assert lines == sorted(lines)
    part = Part(1, reading.blocks)
    assert all(part.text[s.char_start : s.char_end] == s.text and s.text for s in sentences(part))
