"""What is collected is whole, had once, and told with where it came from, whatever interrupts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.collect.fetch import Fetcher
from pipeline.collect.folder import find_files
from pipeline.collect.gather import TROUBLES, collect, name_file
from pipeline.collect.knowledge import load_knowledge
from pipeline.collect.manifest import NAME, Collected, Manifest, read_addresses
from pipeline.collect.sources import AddressSource, FolderSource, known_sources, name_sources, read_sources
from pipeline.collect.web import Link, join_address
from pipeline.embed import DIMENSIONS
from pipeline.errors import InputFault, OutputFault
from pipeline.identify.councils import guess_council, load_councils
from pipeline.identify.views import View
from pipeline.locks import locked
from pipeline.plan import Options, make_plan
from pipeline.process import process_file
from pipeline.store import result_key
from tests.collect.site import PDF, Answer, FakeClock

LETTER = "Aldermere\n\nFocused visit\n\nSocial workers know children well.\n"


def addresses(site, *paths):
    return AddressSource(
        kind="addresses", addresses=tuple(site.root + p for p in paths), licence="OGL", council="Aldermere"
    )


def test_the_manifest_tells_where_everything_came_from(site, ask, clock):
    site.routes["/a/letter.pdf"] = Answer(
        PDF, headers={"ETag": '"5"', "Last-Modified": "Mon, 02 Feb 2026 00:00:00 GMT"}
    )
    started = clock.now()
    report = ask(addresses(site, "/a/letter.pdf"))
    (line,) = (json.loads(x) for x in (report.folder / NAME).read_text().splitlines())
    assert line["address"] == f"{site.root}/a/letter.pdf"
    assert line["licence"] == "OGL"
    assert (line["media_type"], line["size"], line["council"]) == ("application/pdf", len(PDF), "Aldermere")
    assert line["fetched"] >= started.isoformat()[:19]
    (file,) = find_files([report.folder]).files
    assert (file.sha256, file.name, file.source_url) == (line["sha256"], line["file"], line["address"])


def test_formats_are_told_by_content(site, ask):
    site.routes |= {
        "/a.pdf": PDF,
        "/b": "<!DOCTYPE html><p>A page.</p>",
        "/c.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old",
        "/d.txt": LETTER,
    }
    report = ask(addresses(site, "/a.pdf", "/b", "/c.doc", "/d.txt"))
    assert report.troubles == ()
    assert sorted(p.suffix for p in report.folder.iterdir() if not p.name.startswith(".")) == [
        ".doc",
        ".html",
        ".pdf",
        ".txt",
    ]


@pytest.mark.parametrize("body", ["<!DOCTYPE html><html><body>Gone</body></html>", ""])
def test_what_is_no_document_is_not_kept(site, ask, body):
    site.routes["/a.pdf"] = body
    report = ask(addresses(site, "/a.pdf"))
    assert [t.error for t in report.troubles] in (["html_named_pdf"], ["empty_file"])
    assert find_files([report.folder]).files == ()
    assert json.loads((report.folder / TROUBLES).read_text())[0]["address"].endswith("/a.pdf")


def test_a_pdf_without_its_end_is_asked_for_again(site, ask):
    site.routes["/a.pdf"] = [PDF[:-7], PDF]
    report = ask(addresses(site, "/a.pdf"))
    assert [p.read_bytes() for p in report.folder.glob("*.pdf")] == [PDF]


def test_a_pdf_that_never_had_an_end_is_kept_as_it_is(site, ask):
    site.routes["/a.pdf"] = PDF[:-7]
    report = ask(addresses(site, "/a.pdf"))
    assert (report.new, [p.read_bytes() for p in report.folder.glob("*.pdf")]) == (1, [PDF[:-7]])


def test_the_same_bytes_without_an_etag_are_no_change(site, ask, clock):
    site.routes["/a.pdf"] = PDF
    ask(addresses(site, "/a.pdf"))
    clock.pass_days(8)
    report = ask(addresses(site, "/a.pdf"))
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)
    clock.pass_days(1)
    site.asked.clear()
    ask(addresses(site, "/a.pdf"))
    assert site.paths() == []


def test_a_clock_that_went_back_stops_nothing(site, ask, clock):
    site.routes["/a.pdf"] = PDF
    ask(addresses(site, "/a.pdf"))
    clock.pass_days(-400)
    site.routes["/a.pdf"] = PDF + b"\n"
    assert ask(addresses(site, "/a.pdf")).changed == 1


def test_a_file_that_somebody_deleted_comes_again(site, ask):
    site.routes["/a.pdf"] = Answer(PDF, headers={"ETag": '"1"'})
    report = ask(addresses(site, "/a.pdf"))
    next(report.folder.glob("*.pdf")).unlink()
    assert ask(addresses(site, "/a.pdf")).new == 1


def test_one_bad_address_stops_no_other(site, ask):
    site.routes["/b.pdf"] = PDF
    report = ask(addresses(site, "/gone.pdf", "/b.pdf"))
    assert ([t.error for t in report.troubles], report.new) == (["not_found"], 1)


def test_hosts_are_asked_beside_each_other_but_each_one_thing_at_a_time(site, tmp_path):
    def slow(asked):
        time.sleep(0.05)
        return PDF

    sources = {n: addresses(site, f"/{n}1.pdf", f"/{n}2.pdf") for n in "abc"}
    site.routes |= {f"/{n}{k}.pdf": slow for n in "abc" for k in (1, 2)}
    with Fetcher(load_knowledge().polite, FakeClock()) as fetcher:
        reports = collect(sources, tmp_path, fetcher, FakeClock())
    assert [r.new for r in reports] == [2, 2, 2]
    assert site.most_at_once == 1


def test_two_collections_into_one_folder_do_not_mix(site, tmp_path, fetcher):
    with locked(tmp_path), pytest.raises(OutputFault, match="Another run"):
        collect({"a": addresses(site)}, tmp_path, fetcher)


def test_a_full_disk_is_said_and_what_was_collected_is_kept(site, tmp_path, fetcher, monkeypatch):
    site.routes |= {"/a.pdf": PDF, "/b.pdf": PDF + b"b"}
    write, sizes = Path.write_bytes, iter([True, False])

    def fill(path, data):
        if path.name.endswith(".part") and not next(sizes):
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(OutputFault, match="No space left"):
        collect({"a": addresses(site, "/a.pdf", "/b.pdf")}, tmp_path, fetcher)
    assert len(read_addresses(tmp_path / "a")) == len(find_files([tmp_path]).files) == 1


def test_a_torn_last_line_costs_that_line_only(tmp_path):
    line = Collected(
        address="http://a.example/1", file="1.pdf", fetched="2026-01-01T00:00:00Z", checked="2026-01-01T00:00:00Z", sha256="x",
        size=1, media_type="application/pdf", licence="OGL", title="One", found_on="list",
    ).model_dump_json()  # fmt: skip
    (tmp_path / NAME).write_text(f"{line}\n{line.replace('/1', '/2')[:90]}")
    with Manifest(tmp_path) as manifest:
        assert list(manifest.documents) == ["http://a.example/1"]
    assert (tmp_path / NAME).read_text().count("\n") == 1


def test_killed_at_any_moment_it_goes_on_where_it_was(site, tmp_path):
    """SIGKILL after the first, second, … answer of the server."""
    paths = [f"/{n}.pdf" for n in range(4)]
    program = (
        "import sys; from pathlib import Path; from pipeline.collect import fetch, gather, knowledge, sources\n"
        "polite = knowledge.load_knowledge().polite.model_copy(update={'delay': 0})\n"
        "source = sources.AddressSource(kind='addresses', addresses=tuple(sys.argv[2:]))\n"
        "gather.collect({'a': source}, Path(sys.argv[1]), fetch.Fetcher(polite))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path), *(site.root + p for p in paths)]
    children: list[subprocess.Popen] = []

    def kill_after(path):
        def respond(asked):
            site.routes[path] = PDF + path.encode()
            os.kill(children[-1].pid, signal.SIGKILL)
            return Answer(PDF + path.encode())

        return respond

    site.routes |= {p: kill_after(p) for p in paths}
    for _ in range(5):
        children.append(subprocess.Popen(command))
        children[-1].wait(60)
    assert children[-1].returncode == 0
    found = find_files([tmp_path])
    assert sorted(f.source_url for f in found.files) == [site.root + p for p in paths]
    assert found.problems == ()
    assert len(read_addresses(tmp_path / "a")) == 4
    assert sum(p == "/0.pdf" for p in site.paths()) == 2


@pytest.mark.parametrize(
    ("base", "href", "address"),
    [
        ("https://a.gov.uk/x.aspx", "http://a.gov.uk/documents/s1/A b.pdf", "https://a.gov.uk/documents/s1/A%20b.pdf"),
        ("https://a.gov.uk/x.aspx", "http://other.gov.uk/b.pdf", "http://other.gov.uk/b.pdf"),
        ("http://a.gov.uk/x.aspx", " http://a.gov.uk/b.pdf#page=2 ", "http://a.gov.uk/b.pdf"),
        ("https://a.gov.uk/dir/x.aspx", "documents/b.pdf?T=1", "https://a.gov.uk/dir/documents/b.pdf?T=1"),
        ("https://a.gov.uk/", "http://[", ""),
    ],
)
def test_links(base, href, address):
    assert join_address(base, href) == address


def test_names_of_files_are_for_people_and_never_the_same():
    names = {
        name_file(Link(f"http://a.example/{n}", "Children’s/Report: 2025 <final>.PDF", ""), ".pdf") for n in range(50)
    }
    assert len(names) == 50
    assert all(n.startswith("Children s Report 2025 final_") and n.endswith(".pdf") for n in names)
    assert len(name_file(Link("http://a.example", "long " * 99, ""), ".pdf")) < 130
    assert name_file(Link("http://a.example", "../..", ""), ".pdf").startswith("document_")


def test_a_folder_is_read_where_it_lies(tmp_path, ask):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text(LETTER)
    report = ask(FolderSource(kind="folder", path=tmp_path / "letters"))
    assert (report.folder, report.unchanged) == (tmp_path / "letters", 1)
    with pytest.raises(InputFault, match="no folder"):
        ask(FolderSource(kind="folder", path=tmp_path / "nowhere"))


def test_words_of_the_command_line(tmp_path):
    (tmp_path / "list.txt").write_text("# mine\nhttps://a.example/1.pdf\n\nhttps://a.example/1.pdf\n")
    own = tmp_path / "own.yml"
    own.write_text("sources: {mine: {kind: folder, path: letters}}")
    words = ["ofsted", "mine", str(tmp_path), str(tmp_path / "list.txt"), "https://a.example/2.pdf"]
    found = name_sources(words, read_sources(own))
    assert sorted(s.kind for s in found.values()) == ["addresses", "addresses", "folder", "folder", "ofsted"]
    assert found["list.txt".removesuffix(".txt")].list_addresses() == ["https://a.example/1.pdf"]
    with pytest.raises(InputFault, match="no source nobody"):
        name_sources(["nobody"], {})


@pytest.mark.parametrize("text", ["sources: {a: {kind: balloon}}", "sources: [", "other: {}"])
def test_a_file_of_sources_that_cannot_be_understood_is_named(tmp_path, text):
    (tmp_path / "own.yml").write_text(text)
    with pytest.raises(InputFault, match=r"own\.yml"):
        read_sources(tmp_path / "own.yml")


COUNCILS = [(n, s) for n, s in known_sources().items() if getattr(s, "council", None)]


@pytest.mark.parametrize(("name", "source"), COUNCILS, ids=[n for n, _ in COUNCILS])
def test_a_councils_site_tells_whose_papers_they_are(name, source):
    address = f"{source.address}/documents/s80486/Report.pdf"  # 80486 is another council's number at Ofsted
    guess = guess_council(View((), "text/plain"), (), "Report.pdf", address)
    assert guess.council == load_councils()[source.council]


def test_the_command_collects_and_a_run_tells_the_address(site, tmp_path, monkeypatch):
    polite = load_knowledge().polite.model_copy(update={"delay": 0})
    knowledge = load_knowledge().model_copy(update={"polite": polite})
    monkeypatch.setattr("pipeline.collect.knowledge.load_knowledge", lambda: knowledge)
    site.routes["/letter.txt"] = LETTER
    into, address = tmp_path / "into", f"{site.root}/letter.txt"
    words, wide = ["collect", address, "--into", str(into)], {"COLUMNS": "200"}
    done = CliRunner().invoke(app, words, env=wide)
    assert done.exit_code == 0, done.output
    again = CliRunner().invoke(app, [*words, f"{site.root}/gone"], env=wide)
    assert again.exit_code == 3
    assert f"{site.root}/gone" in again.output

    class Nothing:
        name = "nothing"

        def encode(self, texts):
            return np.zeros((len(texts), DIMENSIONS), dtype=np.float32)

        def encode_both(self, texts, adapter):
            return self.encode(texts), self.encode(texts)

    (file,) = make_plan(Options((into,), tmp_path / "out")).todo
    result = process_file(Path(file.path), file.name, file.sha256, Nothing(), file.engine, file.source_url)
    assert [d.source_url for d in result.documents] == [address]
    assert result_key(file.sha256, file.name, file.engine) != file.key


def test_without_sources_the_known_ones_are_listed():
    done = CliRunner().invoke(app, ["collect"])
    assert done.exit_code == 0
    assert all(name in done.output for name in ("ofsted", "kent", "birmingham"))
