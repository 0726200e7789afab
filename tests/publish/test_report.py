"""The report: sound links, no script and no network, accessible structure, and evidence beside every quote."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from pipeline.publish import publish
from pipeline.publish.report import show_dates, show_number, show_text
from pipeline.publish.stories import make_slug
from pipeline.publish.trends import Cell

Pages = dict[Path, BeautifulSoup]


@pytest.fixture(scope="module")
def out(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "out"
    publish(made.tables, made.texts, folder)
    return folder


@pytest.fixture(scope="module")
def pages(out: Path) -> Pages:
    return {p: BeautifulSoup(p.read_text(encoding="utf-8"), "lxml") for p in sorted((out / "report").rglob("*.html"))}


def test_there_is_a_page_for_each_council_and_theme(pages: Pages, out: Path) -> None:
    names = {str(p.relative_to(out / "report")) for p in pages}
    assert {
        "index.html", "documents.html", "problems.html", "recommendations/index.html", "recommendations/2019.html",
        "councils/northmoor.html", "councils/eastvale-fenwick.html", "councils/no-council-named.html",
        "themes/theme_01.html", "themes/management_oversight_supervision.html",
    } <= names  # fmt: skip


def list_links(pages: Pages) -> Iterator[tuple[Path, str]]:
    for path, page in pages.items():
        for node in page.find_all(["a", "link"], href=True):
            yield path, str(node["href"])


def test_every_link_leads_somewhere(pages: Pages) -> None:
    ids = {path.resolve(): {str(n["id"]) for n in page.find_all(id=True)} for path, page in pages.items()}
    for path, link in list_links(pages):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in ("https", "http")
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        assert target.is_file(), (path.name, link)
        if parts.fragment:
            assert parts.fragment in ids[target], (path.name, link)


def test_no_script_and_nothing_from_the_network(pages: Pages, out: Path) -> None:
    for page in pages.values():
        assert not page.find_all(["script", "iframe", "object", "embed", "img"])
        assert not page.find_all(style=True)
        for node in page.find_all(True):
            assert not [name for name in node.attrs if name.startswith("on")]
        assert all(not str(n["href"]).startswith("http") for n in page.find_all("link"))
    assert "http" not in (out / "report" / "static" / "report.css").read_text()


def test_markup_in_texts_is_shown_as_text(pages: Pages, out: Path) -> None:
    page = next(p for path, p in pages.items() if path.name == "northmoor.html")
    assert page.find("b") is None
    assert "<script>alert('x')</script> late." in page.get_text()


def test_structure_for_assistive_technology(pages: Pages) -> None:
    titles = set()
    for path, page in pages.items():
        assert page.html is not None
        assert page.html["lang"] == "en-GB"
        titles.add(page.title.get_text() if page.title else "")
        assert len(page.find_all("h1")) == 1, path
        assert len(page.find_all("main")) == 1
        first = page.find("a")
        assert first is not None
        assert first["href"] == "#main"
        assert page.find("header")
        assert page.find("footer")
        assert all(nav.has_attr("aria-label") for nav in page.find_all("nav"))
        ids = [n["id"] for n in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), path
        for node in page.find_all(attrs={"aria-labelledby": True}):
            assert node["aria-labelledby"] in ids
        levels = [int(h.name[1]) for h in page.find_all(re.compile("^h[1-6]$"))]
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), (path, levels)
        for table in page.find_all("table"):
            assert table.caption is not None
            assert table.caption.get_text(strip=True)
            assert all(th.has_attr("scope") for th in table.find_all("th"))
        for link in page.find_all("a"):
            assert link.get_text(strip=True), (path, link)
    assert len(titles) == len(pages), "each page has a title of its own"


def test_every_quote_says_where_it_stands(pages: Pages) -> None:
    quotes = [figure for page in pages.values() for figure in page.find_all("figure")]
    assert quotes
    for figure in quotes:
        told = figure.figcaption.get_text()
        assert "Inspection of" in told or "Minutes" in told
        assert re.search(r"(page|line) \d+, paragraph \d+", told)
        assert figure.figcaption.find("a", href=re.compile(r"text/doc_\w+\.txt$"))


def test_a_recommendation_shows_its_outcome_and_what_came_after(pages: Pages) -> None:
    page = next(p for path, p in pages.items() if path.name == "northmoor.html")
    item = page.find(id="rec_000")
    assert item is not None
    told = " ".join(item.get_text().split())
    assert "Outcome: Repeated" in told
    assert "Repeated by the recommendation of 17 May 2023, 1,461 days later (probability 75%)" in told
    assert item.find("a", href="../councils/northmoor.html#rec_010")
    later = page.find(id="rec_010")
    assert later is not None
    assert "Repeats the recommendation of 17 May 2019" in " ".join(later.get_text().split())


def test_the_heat_table_shows_shares_with_denominators(pages: Pages, out: Path) -> None:
    page = pages[out / "report" / "index.html"]
    cells = [" ".join(c.get_text(" ").split()) for c in page.find_all("td", class_="heat")]
    assert cells == ["100% 2 of 2"] * 4
    assert page.find("td", class_="heat-few"), "two reports a year are too few for colour"
    assert [Cell(2020, n, 5).heat for n in range(6)] == list("012345")


def test_problems_stand_on_the_first_page(pages: Pages, out: Path) -> None:
    told = pages[out / "report" / "index.html"].get_text()
    assert "1 file could not be read" in told
    assert "The file needs a password." in told
    assert "No council is named <here>." in told


def test_examples_come_from_different_councils(pages: Pages) -> None:
    page = next(p for path, p in pages.items() if path.name == "theme_01.html")
    section = page.find(attrs={"aria-labelledby": "weaknesses"})
    assert section is not None
    first = [cap.a.get_text() for cap in section.find_all("figcaption")][:2]
    assert sorted(first) == ["Eastvale & Fenwick", "Northmoor"]


def test_a_document_without_council_stands_under_its_visit(made: Any, tmp_path: Path) -> None:
    documents = [d.model_copy(update={"council": None}) for d in made.tables["documents"]]
    documents[1] = documents[1].model_copy(update={"council": "Elsewhere"})
    publish({**made.tables, "documents": documents}, made.texts, tmp_path / "out")
    names = {p.stem for p in (tmp_path / "out" / "report" / "councils").iterdir()}
    assert names == {"index", "northmoor", "eastvale-fenwick", "no-council-named"}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_have_contrast(out: Path) -> None:
    css = (out / "report" / "static" / "report.css").read_text()
    names = dict(re.findall(r"(--\w+): (#[0-9a-f]+)", css))

    def read(value: str) -> str:
        return names[value[4:-1]] if value.startswith("var(") else value

    checked = 0
    for body in re.findall(r"\{([^{}]*)\}", css):
        background = re.search(r"background: (#[0-9a-f]+|var\(--\w+\))", body)
        colour = re.search(r"(?<![-\w])color: (#[0-9a-f]+|var\(--\w+\))", body)
        if background or colour:
            dark = luminance(read(colour.group(1)) if colour else names["--ink"])
            light = luminance(read(background.group(1)) if background else "#fff")
            if not colour and dark > light:  # a dark ground whose words are coloured by another rule
                continue
            if colour and not background and read(colour.group(1)) == "#fff":  # white words of the dark header
                light = luminance(names["--navy"])
            ratio = (max(dark, light) + 0.05) / (min(dark, light) + 0.05)
            if "border-bottom: 4px" in body:
                continue
            assert ratio >= 4.5, (body, ratio)
            checked += 1
    assert checked > 10


def test_ways_of_showing() -> None:
    assert show_text("20\ufffe25\x00 children\n in  care") == "20-25 children in care"
    assert show_dates(dt.date(2024, 3, 4), dt.date(2024, 3, 8)) == "4 to 8 March 2024"
    assert show_dates(dt.date(2024, 2, 26), dt.date(2024, 3, 8)) == "26 February 2024 to 8 March 2024"
    assert show_dates(None, dt.date(2024, 3, 8)) == "8 March 2024"
    assert show_number(7_000_000.0) == "7,000,000"
    assert show_number(31.5) == "31.5"
    assert make_slug("Łódź & Köln, City of") == "odz-koln-city-of"
    assert make_slug("市") == "unnamed"
