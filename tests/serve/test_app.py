"""The server: the report's pages, search, SQL within bounds, evidence, and what keeps it to itself."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from starlette.testclient import TestClient

from pipeline.embed import Embedder
from pipeline.errors import InputFault
from pipeline.serve.app import make_app
from pipeline.serve.security import list_hosts
from pipeline.themes.corrections import NAME, read_corrections


def read(client: TestClient, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.text[:500])
    return BeautifulSoup(answer.text, "lxml")


def list_found(client: TestClient, question: str) -> list[str]:
    page = read(client, f"/search/index.html?{question}")
    return [str(a["href"]).split("/")[-1] for a in page.select("ol.gt-items a[href*=evidence]")]


def test_every_page_of_the_report_is_served_and_every_link_of_it_leads_somewhere(
    client: TestClient, served: Path
) -> None:
    report = served / "report"
    known: dict[str, int] = {}
    for path in sorted(report.rglob("*.html")):
        address = "/" + path.relative_to(report).as_posix()
        for node in read(client, address).find_all(["a", "link", "script", "img"]):
            link = str(node.get("href") or node.get("src") or "")
            if link.startswith(("http", "data:", "#")) or not link:
                continue
            target = str(client.base_url.join(address).join(link)).split("#")[0]
            if target not in known:
                known[target] = client.get(target).status_code
            assert known[target] == 200, (address, link)
    assert len(known) > 30


def test_charts_are_sent_as_pictures_that_run_nothing(client: TestClient) -> None:
    address = "/themes/management_oversight_supervision.html"
    picture = read(client, address).select_one("img")
    assert picture is not None
    answer = client.get(str(client.base_url.join(address).join(str(picture["src"]))))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "2 of 2" in answer.text


def test_what_is_not_there_is_said_in_a_page_that_keeps_its_styles(client: TestClient) -> None:
    for address in ("/councils/none.html", "/evidence/find_none", "/static/none.css", "/a/b/c/d", "/file/doc_none"):
        answer = client.get(address)
        assert answer.status_code == 404
        styles = BeautifulSoup(answer.text, "lxml").select_one("link[rel=stylesheet]")
        assert styles is not None
        assert client.get(str(client.base_url.join(address).join(str(styles["href"])))).status_code == 200


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("q=regularity", {"rec_000", "rec_010", "rec_100", "rec_110"}),
        ("q=regular", {"rec_000", "rec_010", "rec_100", "rec_110"}),
        ("q=egularity", set()),
        ("q=Zoe+of&council=Northmoor", {"find_002", "find_012"}),
        ("q=%22not+good+enough%22&since=2020-01-01&council=Northmoor", {"find_012"}),
        ("q=%22good+not%22", set()),
        ("q=agency+social+workers&until=2019-05-17", {"metric_000", "metric_001"}),
        ("kind=resolution", {"rec_minutes"}),
        ("kind=metric&region=East+of+England&since=2023-01-01", {"metric_110", "metric_111"}),
        ("q=regularity&region=North+East&theme=management_oversight_supervision&kind=recommendation", {"rec_000", "rec_010"}),
        ("polarity=weakness&cohort=in_care&council=Northmoor&until=2019-12-31", {"find_003"}),
        ("q=nothing+of+the+kind", set()),
        ("q=%22+AND+OR+%2A+NEAR%28", set()),
    ],
)  # fmt: skip
def test_search_by_words_and_filters(client: TestClient, question: str, expected: set[str]) -> None:
    assert set(list_found(client, question)) == expected


def test_search_by_meaning_finds_what_does_not_hold_the_word(client: TestClient) -> None:
    near = list_found(client, "q=Supervision&mode=meaning&council=Northmoor")
    assert set(near[:4]) == {"find_003", "find_013", "rec_000", "rec_010"}
    both = list_found(client, "q=supervision&mode=both&council=Northmoor")
    assert set(both[:4]) == {"find_003", "find_013", "rec_000", "rec_010"}
    assert not set(list_found(client, "q=supervision&mode=meaning&kind=metric"))


def test_the_form_keeps_what_was_asked_and_a_bad_date_is_said(client: TestClient) -> None:
    page = read(client, "/search/index.html?q=%3Cb%3E&council=Northmoor&since=soon")
    assert page.select_one("#q")["value"] == "<b>"  # type: ignore[index]
    assert page.select_one("#council option[selected]")["value"] == "Northmoor"  # type: ignore[index]
    assert "Enter a date such as 2024-03-31" in page.select_one("#since-error").get_text()  # type: ignore[union-attr]


def test_results_come_in_pages_with_addresses_of_their_own(client: TestClient) -> None:
    first = read(client, "/search/index.html?kind=finding")
    assert "28 results" in first.get_text()
    link = first.select_one("a[rel=next]")
    assert link is not None
    second = read(client, "/search/index.html" + str(link["href"]))
    assert len(first.select("ol.gt-items > li")) == 20
    assert len(second.select("ol.gt-items > li")) == 8


def test_results_as_csv_and_excel_hold_no_formula(client: TestClient) -> None:
    told = client.get("/search/results.csv?council=Northmoor").content
    assert told.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(told.decode("utf-8-sig"), newline="")))
    texts = {row["item_id"]: row["text"] for row in rows}
    assert len(rows) == len(texts) == 22
    assert texts["find_000"].startswith("'=HYPERLINK(")
    assert texts["find_001"].startswith("'+44 calls")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/search/results.xlsx?council=Northmoor").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert all(cell.data_type != "f" for cell in cells)
    formula = next(c for c in cells if str(c.value).startswith("=HYPERLINK("))
    assert formula.quotePrefix
    assert {c.value.year for c in cells if c.is_date} == {2019, 2023}


def test_two_councils_are_compared_and_more_than_six_are_not(client: TestClient) -> None:
    page = read(client, "/compare/index.html?council=eastvale-fenwick&council=northmoor")
    heads = [h.get_text() for h in page.select("#judgements-table")[0].find_parent("table").select("thead th")]  # type: ignore[union-attr]
    assert heads == ["Area", "Eastvale & Fenwick", "Northmoor"]
    assert "Choose at least two" in read(client, "/compare/index.html?council=northmoor").get_text()


def ask(client: TestClient, sql: str) -> tuple[int, str]:
    answer = client.get("/sql/index.html?q=" + quote(sql))
    return answer.status_code, BeautifulSoup(answer.text, "lxml").main.get_text(" ", strip=True)  # type: ignore[union-attr]


def test_sql_reads(client: TestClient) -> None:
    code, told = ask(client, "SELECT count(*) AS findings FROM findings WHERE council_code = 'E06009001'")
    assert code == 200
    assert "What the query gives findings 14" in told
    code, told = ask(client, "SELECT text FROM findings WHERE text LIKE '%<script>%' LIMIT 1")
    assert "<script>alert('x')</script> late." in told
    rows = client.get("/sql/results.csv?q=" + quote("SELECT text FROM findings WHERE text LIKE '=%' LIMIT 1"))
    assert rows.text.splitlines()[1].startswith("\"'=HYPERLINK(")
    assert "The first 1,000 rows" in ask(client, "SELECT * FROM range(1001)")[1]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM findings", "CREATE TEMP TABLE t AS SELECT 1", "SELECT 1; SELECT 2", "SET memory_limit = '9GB'",
        "COPY findings TO 'stolen.csv'", "ATTACH 'other.db'", "INSTALL httpfs", "LOAD httpfs", "CALL pragma_version()",
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/*')", "selekt", ";",
    ],
)  # fmt: skip
def test_sql_does_nothing_but_read_the_dataset(client: TestClient, sql: str) -> None:
    code, told = ask(client, sql)
    assert code == 400
    assert "What the query gives" not in told


def test_sql_is_stopped_at_its_bounds_and_goes_on_answering(served: Path) -> None:
    from pipeline.serve.sql import Desk, RefusedQuery

    desk = Desk(served / "goldenthread.duckdb")
    try:
        with pytest.raises(RefusedQuery, match=r"longer than 0\.5 seconds"):
            desk.ask("SELECT count(*) FROM range(100000000000) a, range(1000) b", seconds=0.5)
        with pytest.raises(RefusedQuery, match="memory"):
            desk.ask("SELECT repeat('x', 3000000000)")
        with pytest.raises(RefusedQuery, match="memory"):
            desk.ask("SELECT list(range) FROM range(1000000000)")
        assert desk.ask("SELECT 1").rows == ((1,),)
    finally:
        desk.close()


def test_evidence_shows_the_row_its_rule_its_text_and_its_page(client: TestClient) -> None:
    page = read(client, "/evidence/find_001")
    told = " ".join(page.get_text().split())
    assert "made.up" in told
    assert "80%" in told
    assert page.select_one("mark").get_text() == "+44 calls were answered <script>alert('x')</script> late."  # type: ignore[union-attr]
    picture = page.select_one("img")
    assert picture is not None
    answer = client.get(str(client.base_url.join("/evidence/find_001").join(str(picture["src"]))))
    with Image.open(io.BytesIO(answer.content)) as image:
        colours = image.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert any(r > 200 and g < 60 and b < 60 for _, (r, g, b) in colours), "a red frame around the words"
    assert read(client, "/evidence/metric_000").select_one("img")
    assert not read(client, "/evidence/rec_minutes").select_one("img")
    assert client.get("/pictures/rec_minutes.png").status_code == 404


def test_a_file_is_sent_as_pdf_or_to_be_saved(client: TestClient) -> None:
    answer = client.get("/file/doc_00")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert client.get("/file/doc_minutes").status_code == 404


def test_pages_may_run_nothing_but_the_servers_own_scripts(client: TestClient) -> None:
    for address in ("/index.html", "/search/index.html?q=homes", "/evidence/find_001", "/nothing"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"


def test_the_server_answers_only_to_its_own_names(served: Path, client: TestClient) -> None:
    assert client.get("/index.html", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/index.html", headers={"host": "localhost:8321"}).status_code == 200
    assert list_hosts("127.0.0.1") == ["127.0.0.1", "localhost", "::1", "[::1]"]
    assert list_hosts("192.0.2.1") == ["*"]


def test_nothing_outside_the_dataset_is_served(client: TestClient) -> None:
    for address in ("/.state/manifest.json", "/text/../.state/manifest.json", "/text/%2e%2e/.state/manifest.json",
                    "/dataset/%2e%2e%2f.state/manifest.json", "/goldenthread.duckdb"):  # fmt: skip
        assert client.get(address).status_code == 404


def test_a_new_run_is_taken_up(served: Path, load: Callable[[], Embedder], tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(served, out)
    with TestClient(make_app(out, load), base_url="http://127.0.0.1") as client:
        assert "Northmoor" in client.get("/index.html").text
        documents = out / "dataset" / "documents.parquet"
        table = pq.read_table(documents)
        at = table.column_names.index("title")
        pq.write_table(table.set_column(at, table.schema.field(at), [["Renamed"] * table.num_rows]), documents)
        marker = out / "dataset" / "datapackage.json"
        os.utime(marker, ns=(0, marker.stat().st_mtime_ns + 1))
        assert "Renamed" in client.get("/documents/index.html").text


def test_without_a_dataset_nothing_is_served(load: Callable[[], Embedder], tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="There is no dataset"):
        make_app(tmp_path, load)


def send(client: TestClient, form: dict[str, str], **headers: str) -> tuple[int, str]:
    sent = {"origin": "http://127.0.0.1", **headers}
    answer = client.post("/corrections/index.html", data=form, headers=sent)
    return answer.status_code, answer.text


def test_corrections_go_to_the_file_and_strange_ones_do_not(
    served: Path, load: Callable[[], Embedder], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(served, out)
    who = {"who": "Ada O’Neill", "note": "=1+1"}
    relabel = {"action": "relabel", "items": "find_001", "to": "placement_sufficiency_stability", **who}
    with TestClient(make_app(out, load), base_url="http://127.0.0.1") as client:
        assert send(client, relabel)[0] == 200
        assert send(client, {"action": "rename", "target": "theme_01", "to": "Supervision", **who})[0] == 200
        assert send(client, {"action": "merge", "target": "theme_01", "to": "theme_02", **who})[0] == 200
        assert send(client, {"action": "move", "items": "find_001", "to": "theme_02", **who})[0] == 200
        kept = read_corrections(out / NAME)
        assert [line.action for line in kept] == ["relabel", "rename", "merge", "move"]
        assert kept[0].items == "find_001"
        for wrong in ({"to": "no_code"}, {"items": "find_none"}, {"who": ""}, {"action": "burn"}, {"to": "=cmd()"}):
            assert send(client, {**relabel, **wrong})[0] == 400
        assert send(client, relabel, origin="http://evil.example")[0] == 403
        assert send(client, relabel, **{"sec-fetch-site": "cross-site"})[0] == 403
        assert send(client, {**relabel, "note": "x" * 20_000})[0] == 400
        assert client.get("/corrections/index.html").status_code in (404, 405)
        assert len(read_corrections(out / NAME)) == 4
