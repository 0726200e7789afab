"""Sites that answer like ModernGov, by web service and by pages, and like CMIS."""

import datetime as dt
from pathlib import Path

import pytest

from pipeline.collect import moderngov_api as api
from pipeline.collect import moderngov_pages as pages
from pipeline.collect.papers import PaperKind
from pipeline.collect.sources import SiteSource
from tests.collect.site import PDF, Answer

CHILDREN, CABINET, PLANNING = ("279", "Children &amp; Young People Scrutiny"), ("162", "Cabinet"), ("192", "Planning")


def committees(*rows):
    items = "".join(
        f"<committee><committeeid>{i}</committeeid><committeetitle>{t}</committeetitle><committeedeleted>False</committeedeleted>"
        f"<committeeexpired>False</committeeexpired></committee>"
        for i, t in rows
    )
    return f'<?xml version="1.0"?><committees><committeescount> {len(rows)}</committeescount>{items}</committees>'


def meetings(*rows):
    items = "".join(
        f"<meeting><meetingid>{i}</meetingid><meetingdate>{d}</meetingdate><meetingstatus>{s}</meetingstatus></meeting>"
        for i, d, s in rows
    )
    return (
        f'<?xml version="1.0"?><getmeetings><meetingscount> {len(rows)}</meetingscount><committee><committeemeetings>{items}'
        "</committeemeetings></committee></getmeetings>"
    )


def meeting(*papers):
    items = "".join(
        f"<agendaitem><agendaitemtitle>{item}</agendaitemtitle><isrestricted>False</isrestricted><linkeddocuments><linkeddoc>"
        f"<title>{title}</title><isurl>False</isurl><url>{url}</url><isrestricted>{secret}</isrestricted></linkeddoc>"
        "</linkeddocuments></agendaitem>"
        for item, title, url, secret in papers
    )
    return f'<?xml version="1.0"?><meeting><agendaitems>{items}</agendaitems></meeting>'


def page(*links):
    rows = "".join(f'<tr><td>{row}<a href="{href}">{text}</a></td></tr>' for row, href, text in links)
    return f'<html><body><table class="mgItemTable">{rows}</table></body></html>'


@pytest.fixture
def council(site):
    """A children's committee with two meetings, the cabinet with one, and committees of no interest."""

    def service(asked):
        path, _, query = asked.path.partition("?")
        call = path.rsplit("/", 1)[-1]
        if call == "GetMeetings":
            cid = query.split("lCommitteeId=")[1].split("&")[0]
            return {
                # the older and the far-off one are sent although nobody asked for them
                "279": meetings(
                    ("41", "03/11/2025", "Confirmed"),
                    ("42", "16/02/2026", "Confirmed"),
                    ("43", "20/02/2026", "Cancelled"),
                    ("1", "16/02/2009", "Confirmed"),
                ),
                "162": meetings(("51", "12/02/2026", "Confirmed")),
            }[cid]
        return {
            "lMeetingId=41": meeting(
                ("Apologies", "Apologies for absence", f"{site.root}/documents/s1/Apologies.pdf", "False"),
                ("Fostering", "Fostering annual report", f"{site.root}/mgConvert2PDF.aspx?ID=11", "False"),
                ("Secret", "Children in secure homes", f"{site.root}/documents/s12/Secret.pdf", "True"),
            ),
            "lMeetingId=42": meeting(
                ("Minutes", "2025 11 03 Minutes", f"{site.root}/documents/s21/2025 11 03 Minutes.pdf", "False"),
                ("Ofsted", "Ofsted Focused Visit", f"{site.root}/documents/s22/Ofsted Focused Visit.pdf", "False"),
            ),
            "lMeetingId=51": meeting(
                ("Highways", "Resurfacing", f"{site.root}/documents/s31/Resurfacing.pdf", "False"),
                (
                    "Children, Young People &amp; Education",
                    "Capital programme",
                    f"{site.root}/documents/s32/Capital.pdf",
                    "False",
                ),
            ),
        }[query]

    def by_page(asked):
        mid = asked.path.split("MId=")[1].split("&")[0]
        printed = [
            ("", f"/documents/g{mid}/Agenda frontsheet x.pdf?T=0", "Agenda frontsheet PDF 200 KB"),
            ("", f"/documents/g{mid}/Public reports pack x.pdf?T=10", "Agenda reports pack PDF 9 MB"),
        ]
        if mid == "41":
            printed.append(("", f"/documents/g{mid}/Printed minutes x.pdf?T=1", "Printed minutes PDF 90 KB"))
        return page(*printed)

    root = "/mgWebService.asmx"
    site.routes[f"{root}/GetCommittees"] = committees(CHILDREN, CABINET, PLANNING)
    for cid in ("279", "162"):
        for first, last in (("01/02/2023", "28/04/2026"), ("01/08/2023", "28/10/2026")):
            site.routes[f"{root}/GetMeetings?lCommitteeId={cid}&sFromDate={first}&sToDate={last}"] = service
    for mid, cid in (("41", "279"), ("42", "279"), ("51", "162")):
        site.routes[f"{root}/GetMeeting?lMeetingId={mid}"] = service
        site.routes[f"/ieListDocuments.aspx?CId={cid}&MId={mid}&Ver=4"] = by_page
    for path in (
        "/mgConvert2PDF.aspx?ID=11",
        "/documents/s21/2025 11 03 Minutes.pdf",
        "/documents/s22/Ofsted Focused Visit.pdf",
        "/documents/s32/Capital.pdf",
        *(f"/documents/g{m}/Agenda frontsheet x.pdf?T=0" for m in (41, 42, 51)),
        *(f"/documents/g{m}/Public reports pack x.pdf?T=10" for m in (41, 42, 51)),
        "/documents/g41/Printed minutes x.pdf?T=1",
    ):
        site.routes[path] = PDF + path.encode()
    return SiteSource(kind="moderngov", address=site.root, council="Aldermere")


def names(report):
    return sorted(p.name.rsplit("_", 1)[0] for p in report.folder.glob("*.pdf"))


COLLECTED = [
    "2025-11-03 Children & Young People Scrutiny - Agenda frontsheet",
    "2025-11-03 Children & Young People Scrutiny - Fostering annual report",
    "2025-11-03 Children & Young People Scrutiny - Printed minutes",
    "2026-02-12 Cabinet - Capital programme",
    "2026-02-16 Children & Young People Scrutiny - Agenda frontsheet",
    "2026-02-16 Children & Young People Scrutiny - Ofsted Focused Visit",
]


def test_papers_on_childrens_services_are_collected_and_none_twice(council, ask, site):
    report = ask(council)
    assert report.troubles == ()
    assert names(report) == COLLECTED
    assert not any("192" in p or "lMeetingId=43" in p or "lMeetingId=1" in p.split("&") for p in site.paths())


def test_minutes_of_the_meeting_before_are_taken_where_they_were_not_printed(council, ask, site):
    site.routes["/ieListDocuments.aspx?CId=279&MId=41&Ver=4"] = page(
        ("", "/documents/g41/Agenda frontsheet x.pdf?T=0", "Agenda")
    )
    assert "2026-02-16 Children & Young People Scrutiny - 2025 11 03 Minutes" in names(ask(council))


def test_a_pack_is_taken_where_there_are_no_single_papers(council, ask, site):
    site.routes["/mgWebService.asmx/GetMeeting?lMeetingId=42"] = meeting()
    found = names(ask(council))
    assert "2026-02-16 Children & Young People Scrutiny - Agenda reports pack" in found
    assert "2026-02-16 Children & Young People Scrutiny - Agenda frontsheet" not in found


@pytest.mark.parametrize(
    "refusal", [Answer("", 403), Answer("<html><body>Access denied</body></html>"), Answer("", 404), Answer("<a>", 200)]
)
def test_where_the_web_service_refuses_the_pages_are_read(council, ask, site, refusal):
    for path in list(site.routes):
        if "mgWebService" in path:
            site.routes[path] = refusal
    rows = [("", f"mgCommitteeDetails.aspx?ID={i}", t) for i, t in (CHILDREN, CABINET, PLANNING)]
    site.routes["/mgListCommittees.aspx?bcr=1"] = page(*rows)
    site.routes["/ieListMeetings.aspx?CId=279&Year=0"] = page(
        ("", "ieListDocuments.aspx?CId=279&amp;MId=42&amp;Ver=4", "16 Feb 2026 6.00 pm"),
        ("CANCELLED ", "ieListDocuments.aspx?CId=279&amp;MId=43&amp;Ver=4", "20 Feb 2026 6.00 pm"),
        ("", "ieListDocuments.aspx?CId=279&amp;MId=1&amp;Ver=4", "16 Feb 2009 6.00 pm"),
    )
    site.routes["/ieListMeetings.aspx?CId=162&Year=0"] = page(
        ("", "ieListDocuments.aspx?CId=162&amp;MId=51", "12 Feb 2026")
    )
    site.routes["/ieListDocuments.aspx?CId=279&MId=42&Ver=4"] = page(
        ("", "/documents/g42/Agenda frontsheet x.pdf?T=0", "Agenda frontsheet PDF 200 KB"),
        ("Ofsted ", "/documents/s22/Ofsted Focused Visit.pdf", "Ofsted Focused Visit PDF 1 MB"),
    )
    site.routes["/ieListDocuments.aspx?CId=162&MId=51"] = page(
        ("Highways ", "/documents/s31/Resurfacing.pdf", "Resurfacing"),
        ("Children, Young People and Education ", "/documents/s32/Capital.pdf", "Capital"),
    )
    report = ask(council)
    assert report.troubles == ()
    assert names(report) == [
        "2026-02-12 Cabinet - Capital",
        "2026-02-16 Children & Young People Scrutiny - Agenda frontsheet",
        "2026-02-16 Children & Young People Scrutiny - Ofsted Focused Visit",
    ]


def test_an_answer_shorter_than_its_count_is_not_believed(council, ask, site):
    short = committees(CHILDREN, CABINET).replace(" 2<", " 3<")
    site.routes["/mgWebService.asmx/GetCommittees"] = short
    assert [t.error for t in ask(council).troubles] == ["not_found"]


def test_a_site_without_committees_is_an_error(council, ask, site):
    site.routes["/mgWebService.asmx/GetCommittees"] = committees()
    report = ask(council)
    assert [t.error for t in report.troubles] == ["layout_changed"]


def test_a_meeting_that_came_to_rest_is_not_asked_again(council, ask, site, clock):
    assert ask(council).new == 6
    clock.pass_days(180)
    ask(council)
    site.asked.clear()
    clock.pass_days(8)
    report = ask(council)
    assert not any("MId=41" in p or "lMeetingId=41" in p or "Fostering" in p for p in site.paths())
    assert (report.new, report.changed) == (0, 0)
    assert names(report) == COLLECTED


def test_a_meeting_whose_paper_could_not_be_had_does_not_come_to_rest(council, ask, site, clock):
    clock.pass_days(180)
    paper = "/mgConvert2PDF.aspx?ID=11"
    there, site.routes[paper] = site.routes[paper], Answer("", 500)
    assert ask(council).new == 5
    site.routes[paper] = there
    assert ask(council).new == 1


def test_recorded_answers(shared):
    folder = shared / "web_shapes"
    found = api.read_committees((folder / "committees.xml").read_bytes(), "a")
    assert [i for i, _ in found] == ["312", "163", "144"]
    site = "https://democracy.example.gov.uk"
    held = api.read_meetings((folder / "meetings.xml").read_bytes(), "a", site, "144")
    assert [(m.id, m.date) for m in held] == [("4967", dt.date(2026, 2, 10))]
    papers = api.read_papers((folder / "meeting_with_minutes.xml").read_bytes(), "a", site)
    assert [p.address.rsplit("=", 1)[-1] for p in papers] == ["60860", "60909"]
    assert api.read_papers((folder / "meeting_no_minutes.xml").read_bytes(), "a", site) == ()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/documents/g4065/Agenda%20frontsheet%2010th-Feb.pdf?T=0", PaperKind.FRONTSHEET),
        ("/documents/g4065/Public%20reports%20pack.pdf?T=10", PaperKind.PACK),
        ("/documents/g4065/Printed%20minutes.pdf?T=1", PaperKind.MINUTES),
        ("/documents/g4065/Decisions.pdf?T=2", PaperKind.DECISIONS),
        ("/documents/s32382/Reforms.pdf", PaperKind.REPORT),
    ],
)
def test_what_an_address_says_of_a_paper(address, kind):
    assert pages.sort_paper(address) is kind


LIST = """<html><body><table><tr><td><a href="/town/Meetings/tabid/70/ctl/ViewMeetingPublic/mid/397/Meeting/{id}/Committee/{cid}/SelectedTab/Documents/Default.aspx">
{text}</a></td></tr></table></body></html>"""


def test_cmis(site, ask):
    path = (
        "/town/Meetings/tabid/70/ctl/ViewMeetingPublic/mid/397/Meeting/7/Committee/4/SelectedTab/Documents/Default.aspx"
    )
    site.routes["/town/Meetings.aspx"] = LIST.format(id=7, cid=4, text="9 Jul 2026 11:00 - Children's Scrutiny")
    site.routes["/town/Meetings.aspx"] += LIST.format(id=8, cid=5, text="9 Jul 2026 11:00 - Planning Committee")
    site.routes[path] = page(
        ("", "/town/Document.ashx?abc", "Final minutes 16042026"),
        ("", "/town/Document.ashx?id=d", "Youth Justice Plan"),
    )
    site.routes |= {"/town/Document.ashx?abc": PDF + b"1", "/town/Document.ashx?id=d": PDF + b"2"}
    report = ask(SiteSource(kind="cmis", address=f"{site.root}/town/Meetings.aspx"))
    assert report.troubles == ()
    assert names(report) == [
        "2026-07-09 Children's Scrutiny - Final minutes 16042026",
        "2026-07-09 Children's Scrutiny - Youth Justice Plan",
    ]


def test_recorded_pages_of_cmis(shared, monkeypatch):
    import lxml.html

    from pipeline.collect.cmis import read_papers

    def read(name):
        return lxml.html.document_fromstring(Path(shared, "web_shapes", name).read_bytes())

    papers = read_papers(read("cmis_detail_with_minutes.html"), "https://town.cmis.uk.com/town/x.aspx")
    assert [(p.kind, p.address.split("?")[-1]) for p in papers] == [("minutes", "id=abc123"), ("pack", "id=def456")]
    assert len(read_papers(read("cmis_meeting_summary.html"), "https://town.cmis.uk.com/town/x.aspx")) == 1
