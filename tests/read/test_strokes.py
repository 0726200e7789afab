"""Ruled lines from pdfium's paths, held against pdfwords' own reading of them, and the pages that can do without."""

from __future__ import annotations

from pathlib import Path

import pdfwords
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.read import pdfium
from pipeline.read.bench import find_pdfs
from pipeline.read.layout import build_blocks
from pipeline.read.page_text import THIN, Edge, Run, make_edge, rectangle_edges
from pipeline.read.plain_pages import find_plain_pages
from pipeline.read.rows import gather_rows
from pipeline.read.strokes import read_edges


def read_all(path: Path) -> list[list[Edge]]:
    return [read_edges(page) for page in pypdfium2.PdfDocument(path)]


def drawn_by_pdfwords(path: Path) -> list[list[Edge]]:
    pages = []
    with pdfwords.Document(str(path)) as document:
        for number in range(len(document)):
            edges: list[Edge] = []
            for drawing in document[number].get_drawings(rotated=True):
                white = drawing["type"] == "f" and min(drawing["fill"]) > 0.97
                for item in drawing["items"]:
                    if item[0] == "re" and not (white and min(item[1][3] - item[1][1], item[1][2] - item[1][0]) > THIN):
                        edges.extend(rectangle_edges(*item[1]))
                    elif item[0] == "l":
                        (ax, ay), (bx, by) = item[1:]
                        if abs(ax - bx) < 1 or abs(ay - by) < 1:
                            edges.append(make_edge(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
            pages.append(edges)
    return pages


def rounded(edges: list[Edge]) -> list[tuple[float, ...]]:
    return sorted((*(round(e[k], 2) for k in ("x0", "top", "x1", "bottom")), e["orientation"] == "h") for e in edges)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_strokes_stand_where_the_page_shows_them(tmp_path: Path, rotation: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(500, 800))
    canvas.setPageRotation(rotation)
    canvas.rect(50, 600, 200, 100)
    canvas.line(50, 650, 250, 650)
    canvas.line(10, 10, 200, 300)  # neither level nor upright
    canvas.circle(300, 300, 40)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(300, 500, 100, 100, stroke=0, fill=1)  # a white patch
    canvas.rect(300, 450, 100, 1, stroke=0, fill=1)  # a white line, which parts the cells of a shaded table
    canvas.beginForm("grid")
    canvas.rect(0, 0, 60, 30)
    canvas.endForm()
    canvas.translate(100, 200)
    canvas.scale(2, 1)
    canvas.doForm("grid")
    canvas.save()
    (edges,) = read_all(tmp_path / "a.pdf")
    assert len(edges) == 4 + 1 + 1 + 4
    assert rounded(edges) == rounded(*drawn_by_pdfwords(tmp_path / "a.pdf"))


def at(text: str, x0: float, base: float, size: float = 12) -> Run:
    return Run(text, x0, base - size, x0 + 0.5 * size * len(text), base, base, size, False)


PROSE = [at(f"{n}. The team meets every week and keeps good notes of", 72, 100 + 14 * n) for n in range(20)]
PLAIN = {
    "prose": PROSE,
    "items": [*PROSE, at("•", 72, 500), at("an item", 90, 500), at("17.", 72, 520), at("a paragraph", 100, 520)],
    "a number": [*PROSE, at("Inspection of Westmarsh, 3 May 2024", 72, 780), at("7", 510, 784)],
    "empty": [],
}
NOT_PLAIN = {
    "a narrow gap": [*PROSE, at("Judgement", 72, 500), at("Good", 136, 500)],
    "a column of numbers": [*PROSE, at("2", 72, 500), at("Meet the families", 90, 500)],
    "cells out of step": [*PROSE, at("Leadership", 72, 500), at("Good", 300, 507)],
    "a note": [*PROSE, at("1 The team that is named in the plan of the board", 72, 760, 8)],
}


@pytest.mark.parametrize(("runs", "plain"), [(r, True) for r in PLAIN.values()] + [(r, False) for r in NOT_PLAIN.values()],
                         ids=[*PLAIN, *NOT_PLAIN])  # fmt: skip
def test_only_plain_pages_do_without_strokes(runs: list[Run], plain: bool) -> None:
    assert find_plain_pages([gather_rows(runs)]) == ({0} if plain else set())


def test_small_type_that_runs_through_the_document_keeps_pages_plain() -> None:
    pages = [gather_rows([*PROSE, at(f"Inspection of Westmarsh, page {n}", 72, 780, 8)]) for n in (1, 2)]
    assert find_plain_pages(pages) == {0, 1}


def test_strokes_of_plain_pages_change_no_block(shared: Path) -> None:
    plain = 0
    for path in find_pdfs(shared / "corpus", 4):
        text = pdfium.read_pages(path)
        before = build_blocks(text.pages)
        chosen = find_plain_pages([p.rows or [] for p in text.pages])
        plain += len(chosen)
        with pypdfium2.PdfDocument(path) as document:
            for index in chosen:
                text.pages[index].edges = read_edges(document[index])
        assert build_blocks(text.pages) == before, path.name
    assert plain > 100


def test_strokes_equal_those_of_pdfwords(shared: Path) -> None:
    for path in find_pdfs(shared / "corpus", 8):
        mine, theirs = read_all(path), drawn_by_pdfwords(path)
        assert [rounded(e) for e in mine] == [rounded(e) for e in theirs], path.name
