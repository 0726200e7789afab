"""The workbook: every row and column, real dates and numbers, text that stays text, sheets that split."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from pipeline.publish import workbook
from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.files import write_parquet
from pipeline.publish.frames import sort_rows
from pipeline.publish.workbook import write_workbook
from pipeline.publish.workbook.rows import count_days
from pipeline.publish.workbook.sheets import LEFT_OUT

SHEETS = {name: record for name, record in RECORDS.items() if name not in LEFT_OUT}
NASTY_FORMULA = '=HYPERLINK("http://example.test";"click") is what the clerk typed.'


def write(tables: Any, path: Path, sources: Any = None) -> None:
    dataset = path.with_name("dataset")
    dataset.mkdir()
    rows = sort_rows(tables)
    for name, record in RECORDS.items():
        write_parquet(record, rows[name], dataset / f"{name}.parquet")
    write_workbook(dataset, path, sources)


@pytest.fixture(scope="module")
def book(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("workbook") / "goldenthread.xlsx"
    write(made.tables, path)
    return openpyxl.load_workbook(path)


def read_sheet(sheet: Any) -> list[dict[str, Any]]:
    rows = list(sheet.iter_rows())
    names = [cell.value for cell in rows[0]]
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


def test_a_sheet_for_each_table_with_all_columns(book: Any, made: Any) -> None:
    assert book.sheetnames == ["About", "council_themes", *SHEETS, "dictionary"]
    for name, record in SHEETS.items():
        sheet = book[name]
        header = [cell.value for cell in sheet[1]]
        assert {c.name for c in list_columns(record)} <= set(header)
        assert len(header) == len(set(header))
        assert sheet.max_row == len(made.tables[name]) + 1
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref


def test_what_people_look_for_comes_first(book: Any) -> None:
    assert [c.value for c in book["findings"][1]][:6] == ["council", "date", "document", "page", "paragraph", "text"]


def test_cells_have_their_types(book: Any) -> None:
    row = read_sheet(book["findings"])[0]
    assert row["date"].value == dt.datetime(2019, 5, 18)
    assert row["date"].is_date
    assert row["page"].value == 1
    assert row["confidence"].value == 0.8
    assert row["extent"].value is None
    assert read_sheet(book["metrics"])[0]["is_target"].value is False


def test_no_cell_is_a_formula(book: Any, made: Any) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    rows = read_sheet(book["findings"])
    assert [r["text"].value for r in rows][1] == sort_rows(made.tables)["findings"][1].text
    assert any(r["text"].value.startswith("The register lists 20-25 children") for r in rows)
    guarded = [r["text"] for r in rows if r["text"].value.startswith(("=", "+", "-", "@"))]
    assert guarded
    assert all(cell.quotePrefix for cell in guarded)


def test_documents_link_to_their_source(book: Any) -> None:
    links = {r["document_id"].value: r["document"].hyperlink for r in read_sheet(book["findings"])}
    assert links["doc_00"].target == "text/doc_00.txt"
    assert {r["document"].value for r in read_sheet(book["metrics"])} == {
        f"Inspection of {name} <b>local authority</b>" for name in ("Northmoor", "Eastvale & Fenwick")
    }
    assert links["doc_10"].target.startswith("https://example.test/1/0.pdf")


def test_a_file_that_lies_beside_the_dataset_is_linked_at_its_page(made: Any, tmp_path: Path) -> None:
    sources = {d.file_sha256: "../../letters/a%20letter.pdf" for d in made.tables["documents"] if not d.source_url}
    write(made.tables, tmp_path / "b.xlsx", sources)
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    links = {r["document_id"].value: r["document"].hyperlink for r in read_sheet(book["recommendations"])}
    assert links["doc_00"].target == "../letters/a%20letter.pdf#page=3"
    assert links["doc_minutes"].target == "../letters/a%20letter.pdf"
    assert links["doc_10"].target.startswith("https://example.test/1/0.pdf")


def test_only_web_addresses_are_linked(made: Any, tmp_path: Path) -> None:
    documents = [d.replace(source_url="javascript:alert(1)") for d in made.tables["documents"]]
    write({**made.tables, "documents": documents}, tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["documents"]
    assert {row["title"].hyperlink.target.split("/")[0] for row in read_sheet(sheet)} == {"text"}


def test_the_pivot_counts_what_is_to_be_put_right(book: Any, made: Any) -> None:
    rows = [[c.value for c in row] for row in book["council_themes"].iter_rows(min_row=2)]
    assert rows[0][:3] == ["council", "documents", "all themes"]
    by_council = {row[0]: row for row in rows[1:]}
    # of seven findings a visit two are strengths; two visits, two recommendations each
    assert by_council["Northmoor"][1:3] == [2, 2 * (7 - 2 + 2)]
    assert by_council["all councils"][1:3] == [2 * n for n in by_council["Northmoor"][1:3]]


def test_what_is_printed_are_the_columns_for_people(book: Any) -> None:
    sheet = book["findings"]
    last = next(c for c in sheet[1] if c.value == "confidence")
    assert sheet.print_area == f"'findings'!$A$1:${last.column_letter}${sheet.max_row}"


def test_the_front_sheet_gives_long_words_the_height_that_they_need(book: Any) -> None:
    sheet = book["About"]
    long = [row[2] for row in sheet.iter_rows() if len(str(row[2].value or "")) > 100]
    assert long
    assert all(sheet.row_dimensions[cell.row].height >= 27 and cell.alignment.wrap_text for cell in long)


def test_the_front_sheet_counts_the_rows(book: Any, made: Any) -> None:
    counts = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert {name: counts[name] for name in RECORDS} == {name: len(rows) for name, rows in made.tables.items()}


def test_a_table_that_is_too_long_goes_on_in_another_sheet(
    made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 11)
    write(made.tables, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    parts = [n for n in book.sheetnames if n.startswith("findings")]
    assert parts == ["findings", "findings_2", "findings_3"]
    ids = [r["finding_id"].value for name in parts for r in read_sheet(book[name])]
    assert ids == [f.finding_id for f in sort_rows(made.tables)["findings"]]
    about = {row[0].value: row[2].value for row in book["About"].iter_rows()}
    assert "findings_2, findings_3" in about["findings"]


def test_where_links_end_the_front_sheet_says_so(made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_LINKS", 20)
    write(made.tables, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    linked = [row["document"].hyperlink is not None for row in read_sheet(book["findings"])]
    assert linked == [True] * 20 + [False] * 8
    about = {row[0].value: row[2].value for row in book["About"].iter_rows()}
    assert "Links to the source end at row 21" in about["findings"]
    assert "Links" not in about["recommendations"]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_reads_it_without_a_fault(made: Any, tmp_path: Path) -> None:
    write(made.tables, tmp_path / "b.xlsx")
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "b.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    for name, record in SHEETS.items():
        with (tmp_path / f"b-{name}.csv").open(encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        assert len(rows) == len(made.tables[name]), name
        assert {c.name for c in list_columns(record)} <= set(rows[0])
        assert not any(cell.startswith(("#", "Err:")) for row in rows for cell in row.values())
    texts = {row["text"] for row in csv.DictReader((tmp_path / "b-findings.csv").open(encoding="utf-8", newline=""))}
    assert NASTY_FORMULA in texts, "a formula was computed or changed"


def test_a_text_too_long_for_a_cell_says_so(made: Any, tmp_path: Path) -> None:
    problem = made.tables["problems"][0].replace(message="x" * 40_000)
    write({**made.tables, "problems": [problem]}, tmp_path / "b.xlsx")
    row = read_sheet(openpyxl.load_workbook(tmp_path / "b.xlsx")["problems"])[0]
    assert row["message"].value.endswith("(cut here: the Parquet file has all of it)")


def test_the_dictionary_explains_every_column(book: Any) -> None:
    told = {(row["table"].value, row["column"].value) for row in read_sheet(book["dictionary"])}
    for name in SHEETS:
        assert {(name, cell.value) for cell in book[name][1]} <= told


def test_what_has_no_sheet_is_told_of_on_the_front_sheet(book: Any) -> None:
    told = {row[0].value: row for row in book["About"].iter_rows()}
    assert not LEFT_OUT & set(book.sheetnames)
    for name in LEFT_OUT:
        assert f"csv/{name}.csv has it" in told[name][2].value
        assert told[name][0].hyperlink is None


def test_every_character_comes_out_as_xlsxwriter_writes_it(made: Any, tmp_path: Path) -> None:
    nasty = [
        "\x00 \x07 \x0b \x1f \r", "_x0041_ _x41_ _X0041_", "a & b < c > d \"e\" 'f'", " before", "after ",
        "two\nlines\tand a tab", "\ufffe lost \uffff", "\ud800".encode("utf-16-le", "surrogatepass").hex(), "😀 £ –", "'",
    ]  # fmt: skip
    problem = made.tables["problems"][0]
    problems = [problem.replace(message=text, error=f"{n:02}") for n, text in enumerate(nasty)]
    write({**made.tables, "problems": problems}, tmp_path / "b.xlsx")
    theirs = xlsxwriter.Workbook(str(tmp_path / "theirs.xlsx"), {"constant_memory": True, "strings_to_formulas": False})
    for text in nasty:
        theirs.add_worksheet().write_string(0, 0, text.replace("\ufffe", "-"))
    theirs.close()
    expected = [sheet["A1"].value for sheet in openpyxl.load_workbook(tmp_path / "theirs.xlsx")]
    rows = read_sheet(openpyxl.load_workbook(tmp_path / "b.xlsx")["problems"])
    found = {row["error"].value: row["message"].value for row in rows}
    assert [found[f"{n:02}"] for n in range(len(nasty))] == expected


def test_a_text_in_tags_is_text(made: Any, tmp_path: Path) -> None:
    problem = made.tables["problems"][0].replace(message="<r>that XlsxWriter takes for markup</r>")
    write({**made.tables, "problems": [problem]}, tmp_path / "b.xlsx")
    row = read_sheet(openpyxl.load_workbook(tmp_path / "b.xlsx")["problems"])[0]
    assert row["message"].value == problem.message


def test_times_and_dates_are_excels() -> None:
    assert count_days(dt.datetime(1900, 3, 1)) == 61
    assert count_days(dt.datetime(2026, 11, 30, 18)) == pytest.approx(46356.75)


def test_a_sheet_says_how_many_rows_it_has_also_where_it_has_none(made: Any, tmp_path: Path) -> None:
    write({**made.tables, "corrections": []}, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx", read_only=True)  # which believes what the sheet says
    assert [book["corrections"].max_row, book["findings"].max_row] == [1, len(made.tables["findings"]) + 1]
    book.close()
