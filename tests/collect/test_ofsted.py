"""A site that answers like Ofsted's reports site."""

import lxml.html
import pytest

from pipeline.collect.knowledge import load_knowledge
from pipeline.collect.ofsted import read_label
from pipeline.collect.sources import SiteSource
from pipeline.identify.councils import Council
from tests.collect.site import PDF, Answer, document

SEARCH = load_knowledge().ofsted.search.replace("%5B%5D", "[]")


def report(number, label, day="20 May 2025"):
    return (
        f'<li class="timeline__day"><time>{day}</time><a class="publication-link" href="https://files.example/v1/file/{number}">'
        f'<span class="nonvisual">{label}</span></a></li>'
    )


def provider(*reports):
    return f"<html><body><h1>A council</h1><ol>{''.join(reports)}</ol></body></html>"


def results(*urns, following=None):
    items = "".join(f'<li><h3><a href="/provider/44/{u}">Council {u}</a></h3></li>' for u in urns)
    pager = f'<ul class="pagination"><li class="next"><a href="{following}">Next</a></li></ul>' if following else ""
    return f"<html><body><ul>{items}</ul>{pager}</body></html>"


@pytest.fixture
def ofsted(site, monkeypatch):
    councils = {
        name: Council(name=name, code=f"X{n}", region="Sample", urn=urn)
        for n, (name, urn) in enumerate([("Aldermere", "90001"), ("Thornshire", "90002")])
    }
    monkeypatch.setattr("pipeline.collect.ofsted.load_councils", lambda: councils)
    site.routes |= {
        SEARCH: results("90001", following="/search?start=100"),
        "/search?start=100": results("90002"),
        "/provider/44/90001": provider(
            report(50000001, "children's services focused visit - 20 may 2025, pdf"),
            report(50000002, "Children’s services inspection, pdf - 27 March 2015"),
        ).replace("https://files.example", ""),
        "/provider/44/90002": provider(report(50000003, "Area SEND full inspection", "01 Dec 2024")).replace(
            "https://files.example", ""
        ),
        **{f"/v1/file/5000000{n}": document(PDF + str(n).encode(), f'"{n}"') for n in range(1, 6)},
    }
    return SiteSource(kind="ofsted", address=site.root, recheck=30)


def names(report):
    return sorted(p.name.rsplit("_", 1)[0] for p in report.folder.glob("*.pdf"))


def test_the_reports_of_every_council_are_collected(ofsted, ask):
    report = ask(ofsted)
    assert (report.new, report.changed, report.unchanged, report.troubles) == (3, 0, 0, ())
    assert names(report) == [
        "90001 Aldermere children's services focused visit 2025-05-20",
        "90001 Aldermere children's services inspection 2015-03-27",
        "90002 Thornshire area send full inspection 2024-12-01",
    ]


def test_a_second_round_asks_for_pages_only(ofsted, ask, site):
    ask(ofsted)
    site.asked.clear()
    report = ask(ofsted)
    assert (report.new, report.unchanged) == (0, 3)
    assert not any("/v1/file" in p for p in site.paths())


def test_after_a_while_documents_are_asked_for_with_their_etag(ofsted, ask, site, clock):
    ask(ofsted)
    site.routes["/v1/file/50000002"] = document(PDF + b"corrected", '"new"')
    clock.pass_days(31)
    site.asked.clear()
    report = ask(ofsted)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    files = [a for a in site.asked if "/v1/file" in a.path]
    assert len(files) == 3
    assert all("if-none-match" in a.headers for a in files)


def test_other_services_are_passed_over_and_unknown_kinds_reported(ofsted, ask, site):
    site.routes["/provider/44/90002"] = provider(
        report(50000003, "fostering service inspection - 1 May 2020, pdf"),
        report(50000004, "balloon inspection - 1 May 2020, pdf"),
    ).replace("https://files.example", "")
    report_ = ask(ofsted)
    assert report_.new == 2
    assert [(t.error, "balloon inspection" in t.message) for t in report_.troubles] == [("unknown_report", True)]


def test_a_provider_that_is_not_known_is_collected_and_reported(ofsted, ask, site):
    site.routes["/search?start=100"] = results("90002", "90003")
    site.routes["/provider/44/90003"] = provider(report(50000004, "children's services inspection - 1 May 2025, pdf"))
    site.routes["/provider/44/90003"] = site.routes["/provider/44/90003"].replace("https://files.example", "")
    report_ = ask(ofsted)
    assert [t.error for t in report_.troubles] == ["unknown_provider"]
    assert report_.new == 4


def test_no_link_where_there_were_some_is_an_error_until_somebody_looks(ofsted, ask, site):
    ask(ofsted)
    site.routes["/provider/44/90001"] = "<html><body><div>The new design</div></body></html>"
    for _ in range(2):
        assert [(t.error, t.address) for t in ask(ofsted).troubles] == [
            ("layout_changed", f"{site.root}/provider/44/90001")
        ]


def test_a_search_without_results_is_an_error_and_the_known_councils_are_asked(ofsted, ask, site):
    site.routes[SEARCH] = "<html><body><div>The new design</div></body></html>"
    report_ = ask(ofsted)
    assert [t.error for t in report_.troubles] == ["layout_changed"]
    assert report_.new == 3


def test_far_fewer_links_than_before_are_told(ofsted, ask, site):
    many = [report(n, "children's services inspection - 1 May 2025, pdf") for n in range(60000000, 60000012)]
    site.routes["/provider/44/90002"] = provider(*many).replace("https://files.example", "")
    site.routes |= {f"/v1/file/{n}": PDF for n in range(60000000, 60000012)}
    ask(ofsted)
    site.routes["/provider/44/90002"] = provider(*many[:3]).replace("https://files.example", "")
    assert [t.error for t in ask(ofsted).troubles] == ["fewer_links"]


def test_a_page_instead_of_a_report_is_no_document(ofsted, ask, site, clock):
    site.routes["/v1/file/50000001"] = "<!DOCTYPE html><html><body>We use cookies</body></html>"
    report_ = ask(ofsted)
    assert [t.error for t in report_.troubles] == ["html_named_pdf"]
    assert report_.new == 2
    site.routes["/v1/file/50000001"] = PDF
    assert ask(ofsted).new == 1


def test_a_report_that_was_had_stays_when_the_server_sends_a_page(ofsted, ask, site, clock):
    before = {p.name: p.read_bytes() for p in ask(ofsted).folder.glob("*.pdf")}
    site.routes["/v1/file/50000001"] = Answer("<!DOCTYPE html><html><body>Not found</body></html>")
    clock.pass_days(31)
    report_ = ask(ofsted)
    assert [t.error for t in report_.troubles] == ["html_named_pdf"]
    assert {p.name: p.read_bytes() for p in report_.folder.glob("*.pdf")} == before


def test_one_council_alone(ofsted, ask, site):
    report_ = ask(ofsted.model_copy(update={"council": "Thornshire"}))
    assert names(report_) == ["90002 Thornshire area send full inspection 2024-12-01"]
    assert not any(p.startswith("/search") for p in site.paths())


@pytest.mark.parametrize(
    ("label", "kind", "day"),
    [
        ("children's services focused visit - 20 may 2025, pdf", "children's services focused visit", "2025-05-20"),
        ("Children's services inspection,  pdf - 23 august 2013", "children's services inspection", "2013-08-23"),
        (
            "Joint area child protection inspection - 18 Jul 2024, PDF",
            "joint area child protection inspection",
            "2024-07-18",
        ),
        ("Monitoring visit, pdf", "monitoring visit", None),
    ],
)
def test_labels(label, kind, day):
    element = lxml.html.fragment_fromstring(f"<a>{label}</a>")
    read = read_label(label, element)
    assert (read[0], read[1] and read[1].isoformat()) == (kind, day)
