"""The pages in a real browser: as files and served, wide and narrow, by keyboard, without scripts, by axe's rules."""

from __future__ import annotations

import io
import runpy
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.publish.folder import publish

WIDE, NARROW = 1280, 320
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,  # its requests for style sheets are what the pages must not make
}


def list_kinds(report: Path) -> list[str]:
    """An address of each kind of page; of the council with most to tell, of the others one of middling size."""

    def pick(folder: str, share: float) -> str:
        pages = sorted(
            (p for p in (report / folder).glob("*.html") if p.name != "index.html"),
            key=lambda p: (p.stat().st_size, p.name),
        )
        return pages[int(share * (len(pages) - 1))].relative_to(report).as_posix()

    lists = ("themes", "councils", "compare", "search", "recommendations", "documents", "problems")
    picked = [pick(f, 0.5) for f in ("cells", "documents", "recommendations")]
    themes = [
        p.relative_to(report).as_posix() for p in sorted((report / "themes").glob("*.html")) if p.name != "index.html"
    ]
    return [
        "index.html",
        *(f"{name}/index.html" for name in lists),
        pick("councils", 1),
        themes[0],
        themes[-1],
        *picked,
    ]


def check_rules(page: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=_RULES).response["violations"]
    told = [f"{v['id']}: {n['html'][:200]}" for v in found for n in v["nodes"]]
    assert not told, (page.url, told[:5])


def fits(page: Any) -> bool:
    """Whether nothing makes the page as a whole scroll sideways (WCAG 2.2, 1.4.10)."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_every_page_opens_from_the_disk_fits_and_asks_for_nothing_elsewhere(report: Path, visit: Any) -> None:
    """On a narrow screen; on a wide one a page of each kind is tried with the server."""
    visitor = visit(NARROW)
    paths = sorted(report.rglob("*.html"))
    assert len(paths) > 50
    for path in paths:
        assert fits(visitor.go(path.as_uri())), path


def test_no_page_breaks_a_rule_of_wcag_2_2_aa(report: Path, visit: Any) -> None:
    """On a narrow screen; the same pages are checked on a wide one as the server gives them."""
    visitor = visit(NARROW)
    for address in list_kinds(report):
        page = visitor.go((report / address).as_uri())
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        check_rules(page)
    visitor.go((report / "search" / "index.html").as_uri() + "?q=plans")
    visitor.page.wait_for_selector("#results-list li")
    check_rules(visitor.page)


def test_no_served_page_breaks_a_rule_of_wcag_2_2_aa(server: str, report: Path, visit: Any) -> None:
    visitor = visit(WIDE)
    item = visitor.go(f"{server}/search/index.html?q=plans&mode=both").locator("a[href*='evidence/']").first
    evidence = item.evaluate("a => a.href")
    asked = [
        f"{server}/search/index.html?q=plans&mode=both", evidence, f"{evidence}?considered=1", f"{server}/sql/index.html",
        f"{server}/sql/index.html?q=FROM+documents", f"{server}/compare/index.html?council=aldermere&council=thornshire",
    ]  # fmt: skip
    for address in (f"{server}/{a}" for a in list_kinds(report)):
        page = visitor.go(address)
        assert fits(page), address
        check_rules(page)
    for address in asked:  # which only the server has
        page = visitor.go(address)
        for width in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            assert fits(page), address
            check_rules(page)


def test_by_keyboard_alone_one_gets_past_the_menu_and_through_it(report: Path, visit: Any) -> None:
    page = visit(WIDE).go((report / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("pathway")
    page.keyboard.press("Enter")
    page.wait_for_selector("#results-list li")
    assert "q=pathway" in page.url
    assert page.locator("#q").input_value() == "pathway"


def test_by_keyboard_alone_every_control_is_reached_and_seen(report: Path, visit: Any) -> None:
    page = visit(WIDE).go((report / "compare" / "index.html").as_uri())
    controls = page.evaluate(
        "document.querySelectorAll('a[href], button:not([hidden]), input, [tabindex=\"0\"]').length"
    )
    reached = 0
    for _ in range(controls + 5):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const e = document.activeElement; if (e === document.body) return null;
            const s = getComputedStyle(e);
            return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'; }"""
        )
        if told is None:
            break
        assert told, page.evaluate("document.activeElement.outerHTML")
        reached += 1
    assert reached == controls


def test_on_a_narrow_screen_the_menu_opens_by_keyboard(report: Path, visit: Any) -> None:
    page = visit(NARROW).go((report / "index.html").as_uri())
    menu, link = page.locator("button.govuk-service-navigation__toggle"), page.get_by_role("link", name="Compare")
    assert not link.first.is_visible()
    menu.focus()
    page.keyboard.press("Enter")
    assert link.first.is_visible()


def test_councils_are_compared_by_keyboard_and_the_address_keeps_it(report: Path, visit: Any) -> None:
    visitor = visit(WIDE)
    page = visitor.go((report / "compare" / "index.html").as_uri())
    for slug in ("aldermere", "wexcombe"):
        page.locator(f"#pick-{slug}").focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/index.html?council=aldermere&council=wexcombe")

    def heads(page: Any) -> list[str]:
        return [
            h.inner_text() for h in page.locator("section[aria-labelledby=judgements] thead th").all() if h.is_visible()
        ]

    assert heads(page) == ["Area", "Aldermere", "Wexcombe"]
    assert heads(visitor.go(page.url)) == ["Area", "Aldermere", "Wexcombe"]


def test_without_scripts_everything_is_there_but_the_search_which_says_so(report: Path, visit: Any) -> None:
    visitor = visit(NARROW, scripts=False)
    page = visitor.go((report / "index.html").as_uri())
    assert page.get_by_role("link", name="Compare").first.is_visible()
    page = visitor.go((report / "compare" / "index.html").as_uri())
    assert page.locator("section[aria-labelledby=judgements] thead th").count() == 4
    page = visitor.go((report / "search" / "index.html").as_uri())
    assert "This page searches by a small script" in page.locator("main").inner_text()
    page = visitor.go((report / "councils" / "aldermere.html").as_uri())
    folded = page.locator("section > details:not([open])")
    count = folded.count()
    page.locator("section > details:not([open]) > summary").first.click()
    assert folded.count() == count - 1


def test_without_scripts_the_server_searches_and_compares(server: str, visit: Any) -> None:
    visitor = visit(WIDE, scripts=False)
    page = visitor.go(f"{server}/search/index.html")
    page.locator("#q").fill("pathway")
    page.locator("#council").select_option("Aldermere")
    page.get_by_role("button", name="Apply filters").click()
    found = page.locator("ol.gt-items > li")
    found.first.wait_for()
    assert all("Aldermere" in text for text in found.all_inner_texts())
    page.locator("a", has_text="Evidence").first.click()
    assert "/evidence/" in page.url


def test_the_search_of_both_doors_finds_the_same(server: str, report: Path, visit: Any) -> None:
    visitor = visit(WIDE)
    for question in ("q=plans&polarity=weakness", "council=Thornshire&kind=recommendation", "q=social+workers&since=2024-01-01",
                     "q=%22care+leavers%22&until=2025-01-01&cohort=care_leavers", "kind=metric&region=Sample&q=agency"):  # fmt: skip
        page = visitor.go((report / "search" / "index.html").as_uri() + "?" + question)
        page.wait_for_function("/^[\\d,]+ result/.test(document.getElementById('results-title').textContent)")
        told = page.locator("#results-title").inner_text().split()[0]
        assert visitor.go(f"{server}/search/index.html?{question}").locator("#results").inner_text().split()[0] == told
        assert told != "0"


def test_the_picture_of_a_page_stands_beside_its_row(server: str, visit: Any) -> None:
    page = visit(WIDE).go(f"{server}/search/index.html?q=plans&kind=recommendation")
    links = [a.evaluate("a => a.href") for a in page.locator("a[href*='evidence/']").all()]
    for link in links:
        page.goto(link, wait_until="load")
        if page.locator("img.gt-page").count():
            assert page.locator("img.gt-page").evaluate("i => i.naturalWidth") > 500
            return
    raise AssertionError("no row of a PDF among the results")


@pytest.fixture(scope="module")
def hostile(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on documents that hold scripts, markup and formulas."""
    made: Any = runpy.run_path(str(project / "tests" / "publish" / "conftest.py"))["make_dataset"]()
    out = tmp_path_factory.mktemp("hostile") / "out"
    publish(made.tables, made.texts, out)
    return out / "report"


def test_what_documents_say_stays_text(hostile: Path, visit: Any) -> None:
    visitor = visit(WIDE)  # complains of a dialog
    for path in sorted(hostile.rglob("*.html")):
        page = visitor.go(path.as_uri())
        assert page.locator("main script, main b").count() == 0
    page = visitor.go((hostile / "search" / "index.html").as_uri() + "?q=calls&council=Northmoor")
    page.wait_for_selector("#results-list li")
    assert "<script>alert('x')</script> late." in page.locator("#results-list").inner_text()
    assert page.locator("#results-list script").count() == 0
    page = visitor.go((hostile / "search" / "index.html").as_uri() + "?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    page.wait_for_selector("#search-results > p:last-child")


def save(page: Any, button: str) -> Path:
    page.wait_for_selector("#results-list li")
    with page.expect_download() as started:
        page.locator(button).click()
    return Path(started.value.path())


def test_results_of_the_reports_search_as_csv_and_excel_hold_no_formula(hostile: Path, visit: Any) -> None:
    page = visit(WIDE).go((hostile / "search" / "index.html").as_uri() + "?kind=finding")
    told = save(page, "#results-csv").read_text(encoding="utf-8-sig")
    assert ",\"'=HYPERLINK(" in told
    assert ',"=' not in told
    book = openpyxl.load_workbook(io.BytesIO(save(page, "#results-xlsx").read_bytes()))
    head, *rows = book.active.iter_rows()
    names = [cell.value for cell in head]
    assert told.splitlines()[0] == ",".join(f'"{name}"' for name in names)
    assert len(rows) == 28
    assert book.active.freeze_panes == "A2"
    assert not [c for row in rows for c in row if c.data_type == "f"]
    text, day = names.index("text"), names.index("date")
    formula = next(row[text] for row in rows if str(row[text].value).startswith("=HYPERLINK("))
    assert formula.number_format == "@", "it stays a text when somebody edits it"
    assert {row[day].value.year for row in rows if row[day].is_date} == {2019, 2023}


def test_what_an_address_points_at_is_unfolded(report: Path, visit: Any) -> None:
    visitor = visit(NARROW)
    address = (report / "councils" / "aldermere.html").as_uri()
    folded = visitor.go(address).locator("details:not([open]) article").last.get_attribute("id")
    assert visitor.go(f"{address}#{folded}").locator(f"#{folded}").is_visible()


def test_a_large_result_becomes_an_excel_file_on_the_readers_machine(report: Path, visit: Any) -> None:
    page = visit(WIDE).go((report / "search" / "index.html").as_uri() + "?since=2000-01-01")
    assert save(page, "#results-xlsx").stat().st_size > 10_000
