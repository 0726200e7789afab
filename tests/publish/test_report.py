"""The report as files: sound links, nothing from the network, accessible structure, evidence beside every quote."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from pipeline.publish.folder import publish
from pipeline.publish.report.heat import Cell
from pipeline.publish.report.showing import show_dates, show_number, show_text
from pipeline.publish.report.stories import Follow, Told, make_slug
from pipeline.records import Area, Thread

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
        "index.html", "documents/index.html", "documents/doc_minutes.html", "problems/index.html",
        "recommendations/index.html", "recommendations/2019.html", "compare/index.html", "search/index.html",
        "cells/management_oversight_supervision.2019.html", "cells/management_oversight_supervision.north-east.html",
        "councils/northmoor.html", "councils/eastvale-fenwick.html", "councils/no-council-named.html",
        "themes/theme_01.html", "themes/management_oversight_supervision.html",
    } <= names  # fmt: skip


def list_links(pages: Pages) -> Iterator[tuple[Path, str]]:
    for path, page in pages.items():
        for node in page.find_all(["a", "link", "img"]):
            yield path, str(node.get("href") or node["src"])


def test_every_link_leads_somewhere(pages: Pages) -> None:
    ids = {path.resolve(): {str(n["id"]) for n in page.find_all(id=True)} for path, page in pages.items()}
    for path, link in list_links(pages):
        parts = urlsplit(link)
        if parts.scheme:
            if link == "data:,":  # no icon
                continue
            assert parts.scheme in ("https", "http")
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        assert target.is_file(), (path.name, link)
        if parts.fragment:
            assert parts.fragment in ids[target], (path.name, link)


def test_every_script_is_the_pages_own_and_nothing_comes_from_the_network(pages: Pages, out: Path) -> None:
    for page in pages.values():
        assert not page.find_all(["iframe", "object", "embed"])
        assert all(str(n["src"]).startswith("../charts/") for n in page.find_all("img"))
        assert not page.find_all(style=True)
        for node in page.find_all(True):
            assert not [name for name in node.attrs if name.startswith("on")]
        for image in page.find_all("img"):
            assert image["alt"]
        for script in page.find_all("script"):
            assert str(script["src"]).removeprefix("../").startswith("static/")
            assert not script.get_text()
        assert all(not str(n["href"]).startswith("http") for n in page.find_all("link"))
    charts = [p.read_text(encoding="utf-8") for p in (out / "report" / "charts").iterdir()]
    assert charts
    assert not [c for c in charts if "<script" in c or "<image" in c or "<a " in c]
    for path in (out / "report" / "static").glob("*.css"):
        assert "url(http" not in path.read_text(encoding="utf-8")
        assert "@import" not in path.read_text(encoding="utf-8")
        assert "GDS Transport" not in path.read_text(encoding="utf-8"), "the typeface is for gov.uk only"


def test_markup_in_texts_is_shown_as_text(pages: Pages) -> None:
    for page in pages.values():
        assert page.find("b") is None
    page = next(p for path, p in pages.items() if path.name == "doc_00.html")
    assert "<script>alert('x')</script> late." in page.get_text()


def test_the_search_data_hold_texts_as_texts(out: Path) -> None:
    told = (out / "report" / "search" / "entries-0.js").read_text(encoding="utf-8")
    rows = json.loads(told.removeprefix("goldenthread.add(0, ").removesuffix(");\n"))
    about = (out / "report" / "search" / "about.js").read_text(encoding="utf-8")
    known = json.loads(about.removeprefix("goldenthread.about(").removesuffix(");\n"))
    found = {row[0]: row for row in rows}
    assert found["find_001"][3] == "+44 calls were answered <script>alert('x')</script> late."
    assert known["councils"][found["find_001"][5]] == "Northmoor"
    assert known["codes"][found["find_001"][8][0]][0] == "placement_sufficiency_stability"
    assert found["metric_000"][11] == "agency social workers: 31.5%"
    assert ["area_for_improvement", "Area for improvement", "blue"] in known["kinds"]
    assert ["weakness", "Weakness", "red"] in known["kinds"]
    assert known["entries"] == len(rows)


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
        assert first["href"] == "#main-content"
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
    quotes = [figure for page in pages.values() for figure in page.find_all("figure", class_="gt-quote")]
    assert quotes
    for figure in quotes:
        told = figure.figcaption.get_text()
        assert "Inspection of" in told or "Minutes" in told
        assert re.search(r"(page|line) \d+, paragraph \d+", told)
        assert figure.figcaption.find("a", href=re.compile(r"documents/doc_\w+\.html#\w+$"))


def test_a_recommendation_shows_its_outcome_and_what_came_after(pages: Pages) -> None:
    page = next(p for path, p in pages.items() if path.name == "northmoor.html")
    item = page.find(id="rec_000")
    assert item is not None
    told = " ".join(item.get_text().split())
    assert "Outcome: Repeated" in told
    assert "Repeated by the area for improvement of 17 May 2023, 1,461 days later (probability 75%)" in told
    assert item.find("a", href="../documents/doc_01.html#rec_010")
    later = page.find(id="rec_010")
    assert later is not None
    assert "Repeats the area for improvement of 17 May 2019" in " ".join(later.get_text().split())


def test_what_was_asked_at_each_visit_is_counted_by_outcome(pages: Pages) -> None:
    page = next(p for path, p in pages.items() if path.name == "northmoor.html")
    table = page.find(id="asked")
    assert table is not None
    rows = [
        [" ".join(c.get_text(" ").split()) for c in tr.find_all(["th", "td"])] for tr in table.parent.find_all("tr")
    ]
    assert rows[0][1:] == ["Asked", "Answered in its papers", "Improved", "Partly improved", "Repeated",
                           "Not mentioned again", "Not known yet"]  # fmt: skip
    assert rows[1] == ["ILACS inspection 13 to 17 May 2023", "2", "0", "0", "0", "0", "0", "2"]
    assert rows[2] == ["ILACS inspection 13 to 17 May 2019", "2", "0", "1", "0", "1", "0", "0"]
    first = page.find(id="rec_000")
    assert first is not None
    assert first.find_parent("details").has_attr("open"), "the newest visit with an outcome is unfolded"


def test_where_no_overall_grade_is_given_that_of_leaders_stands_for_the_visit(made: Any, tmp_path: Path) -> None:
    newest = "visit_01"
    renamed = {"overall_effectiveness": "leaders"}
    judgements = [
        j.replace(area=Area(renamed.get(j.area, j.area))) if j.visit_id == newest else j
        for j in made.tables["judgements"]
    ]
    publish({**made.tables, "judgements": judgements}, made.texts, tmp_path / "out")
    told = {}
    for name in ("councils/northmoor.html", "councils/index.html", "index.html"):
        page = BeautifulSoup((tmp_path / "out" / "report" / name).read_text("utf-8"), "lxml")
        told[name] = " ".join(page.get_text(" ").split())
    assert "Newest impact of leaders Good May 2023" in told["councils/northmoor.html"]
    assert "Good impact of leaders May 2023" in told["councils/index.html"]
    assert "Good impact of leaders" in told["index.html"]


def test_an_answer_stands_before_a_paper_that_only_repeats_the_words(made: Any) -> None:
    asked = made.tables["recommendations"][0]
    ends = [r for r in made.tables["recommendations"] if r.visit_id is None] * 2
    links = [
        Thread(thread_id=f"t{n}", council_code="E06009001", from_id="rec_000", from_type="recommendation", score=score,
               to_id=ends[n].recommendation_id, to_type="recommendation", relation=relation, days=9)
        for n, (relation, score) in enumerate((("quotes", 1.0), ("answers", 0.6)))
    ]  # fmt: skip
    follows = [Follow(link, end) for link, end in zip(links, ends, strict=True)]
    told = Told(asked, None, tuple(follows), ())
    assert [f.thread.relation for f in told.answers] == ["answers", "quotes"]
    assert told.answered
    assert not Told(asked, None, (follows[0],), ()).answered


def test_claims_are_those_of_the_table(pages: Pages, made: Any) -> None:
    told = {p.stem: page for p, page in pages.items() if p.parent.name == "councils"}
    assert told["eastvale-fenwick"].find(id="claims") is None
    section = told["northmoor"].find(attrs={"aria-labelledby": "claims"})
    assert section is not None
    row = section.find("tbody").find("tr")
    words = " ".join(row.get_text(" ").split())
    assert "Claimed a strength where inspectors found weakness" in words
    claim = made.tables["claims"][0]
    links = [str(a["href"]).split("#")[-1] for a in row.find_all("a", href=re.compile("documents/"))]
    assert links == [*claim.claimed_strengths, *claim.found_weaknesses]


def test_the_heat_map_shows_shares_with_denominators_and_opens_the_sentences(pages: Pages, out: Path) -> None:
    page = pages[out / "report" / "themes" / "index.html"]
    by_year = page.find(attrs={"aria-labelledby": "heat-years"})
    assert by_year is not None
    cells = by_year.find_all("td", class_="gt-heat")
    assert [" ".join(c.get_text(" ").split()).split(": ")[1] for c in cells] == ["100% 2 of 2"] * 4
    assert by_year.find("td", class_="gt-heat-few"), "two reports a year are too few for colour"
    assert [Cell("2020", n, 10).heat for n in range(11)] == [str(n) for n in range(11)]
    assert [Cell("2020", n, 4).heat for n in range(5)] == ["few"] * 5
    link = cells[0].a
    assert link is not None
    behind = pages[(out / "report" / "themes" / str(link["href"])).resolve()]
    assert {h.get_text() for h in behind.find_all("h2")} == {"Northmoor", "Eastvale & Fenwick"}
    assert "2 of 2 visit reports (100%) name it as something to be put right, in" in behind.get_text()


def test_problems_stand_on_the_first_page(pages: Pages, out: Path) -> None:
    told = " ".join(pages[out / "report" / "index.html"].get_text().split())
    assert "1 file could not be read" in told
    assert "The file needs a password." in told
    assert "To look at: no council (1)." in told
    assert "No council is named <here>." in pages[out / "report" / "problems" / "index.html"].get_text()


def test_what_the_last_run_added_stands_on_the_first_page(made: Any, tmp_path: Path) -> None:
    added = {"added": [made.tables["documents"][0].file_sha256]}
    runs = [made.tables["runs"][0].replace(parameters=json.dumps(added))]
    publish({**made.tables, "runs": runs}, made.texts, tmp_path / "out")
    page = BeautifulSoup((tmp_path / "out" / "report" / "index.html").read_text(encoding="utf-8"), "lxml")
    section = page.find(attrs={"aria-labelledby": "added"})
    assert section is not None
    assert [str(a["href"]) for a in section.find_all("a")] == ["documents/doc_00.html"]


def test_the_file_is_linked_at_the_page(made: Any, tmp_path: Path) -> None:
    source = tmp_path / "in" / "Northmoor 2019 #1.pdf"
    sha = made.tables["documents"][0].file_sha256
    publish(made.tables, made.texts, tmp_path / "out", sources={sha: source})
    page = BeautifulSoup((tmp_path / "out" / "report" / "documents" / "doc_00.html").read_text("utf-8"), "lxml")
    row = page.find(id="find_001")
    assert row is not None
    link = row.find("a", href=re.compile("page="))
    assert link is not None
    assert link["href"] == "../../../in/Northmoor%202019%20%231.pdf#page=2"


def test_examples_come_from_different_councils(pages: Pages) -> None:
    page = next(p for path, p in pages.items() if path.name == "theme_01.html")
    section = page.find(attrs={"aria-labelledby": "weaknesses"})
    assert section is not None
    first = [item.a.get_text() for item in section.find_all("li", class_="gt-item")][:2]
    assert sorted(first) == ["Eastvale & Fenwick", "Northmoor"]


def test_a_document_without_council_stands_under_its_visit(made: Any, tmp_path: Path) -> None:
    documents = [d.replace(council=None) for d in made.tables["documents"]]
    documents[1] = documents[1].replace(council="Elsewhere")
    publish({**made.tables, "documents": documents}, made.texts, tmp_path / "out")
    names = {p.stem for p in (tmp_path / "out" / "report" / "councils").iterdir()}
    assert names == {"index", "northmoor", "eastvale-fenwick", "no-council-named"}


def test_ways_of_showing() -> None:
    assert show_text("20\ufffe25\x00 children\n in  care") == "20-25 children in care"
    assert show_dates(dt.date(2024, 3, 4), dt.date(2024, 3, 8)) == "4 to 8 March 2024"
    assert show_dates(dt.date(2024, 2, 26), dt.date(2024, 3, 8)) == "26 February 2024 to 8 March 2024"
    assert show_dates(None, dt.date(2024, 3, 8)) == "8 March 2024"
    assert show_number(7_000_000.0) == "7,000,000"
    assert show_number(31.5) == "31.5"
    assert make_slug("Łódź & Köln, City of") == "odz-koln-city-of"
    assert make_slug("市") == "unnamed"
