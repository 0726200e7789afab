"""Web pages: content kept, furniture left out, Word's HTML understood."""

from __future__ import annotations

import pytest

from pipeline.errors import FileFault
from pipeline.read.blocks import BlockKind
from pipeline.read.html import read_html

PAGE = """<!DOCTYPE html>
<html><head><title>Agenda item - Visits</title><style>p {}</style></head><body class="nav-open">
<div id="cookie-banner"><p>We use cookies.</p></div>
<nav><ul><li>Home</li></ul></nav>
<div class="mgContent">
<h1>Visits to children</h1>
<script>var x = "<p>no</p>";</script>
<table class="mgItemTable"><tr><td><p>12.</p></td><td><h2>Update on visits</h2>
<p>Plans are <b>clear</b>. Visits<br>are late.</p></td></tr></table>
<ol><li>note the report<ul><li>twice</li></ul></li><li><p>ask for another</p></li></ol>
<table><tr><th>Measure</th><th>Value</th></tr><tr><td>Audits</td><td>42</td></tr></table>
<p><strong>Next steps</strong></p><p>A plan will follow.</p>
<h3></h3><p>Signed.</p>
</div>
<div class="footer"><p>Millford Council</p></div></body></html>"""


def test_content_of_a_meeting_page() -> None:
    reading = read_html(PAGE.encode())
    assert [(b.kind.value, b.level, b.label, b.text) for b in reading.blocks] == [
        ("heading", 1, None, "Visits to children"),
        ("heading", 2, "12.", "Update on visits"),
        ("paragraph", 0, None, "Plans are clear. Visits are late."),
        ("list_item", 1, "1.", "note the report"),
        ("list_item", 2, "•", "twice"),
        ("list_item", 1, "2.", "ask for another"),
        ("table", 0, None, "Measure\tValue\nAudits\t42"),
        ("heading", 4, None, "Next steps"),
        ("paragraph", 0, None, "A plan will follow."),
        ("paragraph", 0, None, "Signed."),
    ]
    assert reading.title == "Agenda item - Visits"
    assert reading.blocks[0].line == 6


def test_words_html_is_read_also_where_it_is_escaped() -> None:
    words = (
        '<p class="MsoNormal"><span style="x">RESOLVED:</span></p>'
        '<p class="MsoList">(1)<span>  </span>That it be noted.</p>'
    )
    escaped = words.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    for body in (words, escaped):
        blocks = read_html(f"<html><body><div>{body}</div></body></html>".encode()).blocks
        assert [(b.kind, b.label, b.text) for b in blocks] == [
            (BlockKind.PARAGRAPH, None, "RESOLVED:"),
            (BlockKind.LIST_ITEM, "(1)", "That it be noted."),
        ]


def test_declared_encoding() -> None:
    page = '<html><head><meta charset="windows-1252"></head><body><p>The council’s plan</p></body></html>'
    assert read_html(page.encode("cp1252")).blocks[0].text == "The council’s plan"


def test_deep_nesting_is_read() -> None:
    page = "<html><body>" + "<div>" * 1000 + "<p>Deep.</p>" + "</div>" * 1000
    assert [b.text for b in read_html(page.encode()).blocks] == ["Deep."]


def test_page_filled_in_by_a_script_is_the_files_fault() -> None:
    with pytest.raises(FileFault) as caught:
        read_html(b"<html><body><script>render()</script><nav>Home</nav></body></html>")
    assert caught.value.error == "empty_file"


def test_a_cell_over_several_rows_keeps_the_other_columns_in_place() -> None:
    page = """<html><body><table>
<tr><th>Area</th><th>Action</th><th>Lead</th></tr>
<tr><td rowspan="2">Courts</td><td>Train managers</td><td>A Moss</td></tr>
<tr><td>Track letters</td><td>B Reed</td></tr>
<tr><td>Homes</td><td>Find carers</td><td>C Low</td></tr></table></body></html>"""
    (table,) = (b for b in read_html(page.encode()).blocks if b.kind is BlockKind.TABLE)
    assert [(c.row, c.column) for c in table.cells if c.text in ("Track letters", "B Reed", "C Low")] == [
        (2, 1),
        (2, 2),
        (3, 2),
    ]
