"""What English councils and inspectorates publish, by kind: short papers written for these tests."""

from __future__ import annotations

from types import ModuleType

import pytest

from pipeline.records import Severity

# id → (text, kind, council, dates): dates are the visit's first and last day, or the day of the meeting
PAPERS: dict[str, tuple[str, str, str | None, list[str]]] = {
    "first monitoring visit": (
        """23 June 2021
Robin Vale, Executive Director
Northamptonshire Children's Trust
One Angel Square
Dear Robin
Monitoring visit to West Northamptonshire children’s services
This letter summarises the findings of the monitoring visit to West Northamptonshire on 18 and 19 May 2021.
This was the
first monitoring visit since the local authority was judged inadequate in July 2019.
Yours sincerely
Anna Birch
Her Majesty’s Inspector""",
        "monitoring_visit",
        "West Northamptonshire",
        ["2021-05-18", "2021-05-19"],
    ),
    "seventh monitoring visit of a trust": (
        """Ofsted
Piccadilly Gate
5 July 2018
Dear Robin
Monitoring visit to Sandwell Metropolitan Borough Council children’s services
This letter contains the findings of the seventh monitoring visit to Sandwell Children's Trust on 5 and 6 June
2018, which
took place since the council was judged inadequate. The inspectors were Anna Birch HMI and Tom Elm HMI.""",
        "monitoring_visit",
        "Sandwell",
        ["2018-06-05", "2018-06-06"],
    ),
    "monitoring visit under the single framework": (
        """17 August 2016
Mr Robin Vale
Director of Children's Services
Dear Robin
Monitoring visit of Cambridgeshire children’s services
This letter contains the findings from your recent monitoring visit on 19 and 20 July 2016. It was the first since the
inspection under the single inspection framework.""",
        "monitoring_visit",
        "Cambridgeshire",
        ["2016-07-19", "2016-07-20"],
    ),
    "focused visit in a royal borough": (
        """14 March 2019
Robin Vale, Director of Children's Services
Royal Borough of Greenwich
The Woolwich Centre
Dear Robin
Focused visit to Royal Borough of Greenwich local authority children’s services
This letter sets out the findings of a focused visit to the Royal Borough of Greenwich on 12 February 2019.""",
        "focused_visit",
        "Greenwich",
        ["2019-02-12", "2019-02-12"],
    ),
    "assurance visit": (
        """9 December 2020
Dear Robin
Focused visit to Bournemouth, Christchurch and Poole children’s services
This letter summarises the findings of a focused visit to Bournemouth, Christchurch and Poole children’s services on
3 to 5 November 2020. Inspectors looked at decisions during the pandemic.""",
        "focused_visit",
        "Bournemouth, Christchurch and Poole",
        ["2020-11-03", "2020-11-05"],
    ),
    "short inspection": (
        """Wokingham Borough Council
Inspection of children’s social care services
Inspection dates: 3 June 2019 to 7 June 2019
Lead inspector: Anna Birch
Judgement Grade
The impact of leaders on social work practice with children and families Good
Overall effectiveness Good""",
        "ilacs_inspection",
        "Wokingham",
        ["2019-06-03", "2019-06-07"],
    ),
    "full inspection of a city": (
        """Inspection of City of York local authority children’s services
Inspection dates: 7 to 18 March 2022
Lead inspector: Anna Birch, Her Majesty’s Inspector
Overall effectiveness: requires improvement to be good""",
        "ilacs_inspection",
        "York",
        ["2022-03-07", "2022-03-18"],
    ),
    "single inspection of a royal borough": (
        """Royal Borough of Windsor and Maidenhead
Inspection of services for children in need of help and protection
and
Review of the effectiveness of the Local Safeguarding Children Board
Inspection date: 3 March 2015 – 26 March 2015
Report published: 20 May 2015
The overall judgement is that children’s services require improvement.""",
        "sif_inspection",
        "Windsor and Maidenhead",
        ["2015-03-03", "2015-03-26"],
    ),
    "joint inspection of 2016": (
        """8 June 2016
To: Robin Vale, Director of Children's Services, Croydon
Dear local partnership
Joint targeted area inspection of the multi-agency response to abuse and neglect in Croydon
Between 9 May 2016 and 13 May 2016, Ofsted and three other inspectorates undertook
a joint inspection of how agencies answer abuse and neglect in Croydon.""",
        "jtai_letter",
        "Croydon",
        ["2016-05-09", "2016-05-13"],
    ),
    "joint inspection on domestic abuse": (
        """14 December 2016
Dear local partnership
Joint targeted area inspection of the multi-agency response to children living with domestic abuse in Hounslow
Between 17 and 21 October 2016, Ofsted and others undertook a joint inspection of the multi-agency response to
domestic
abuse in Hounslow.""",
        "jtai_letter",
        "Hounslow",
        ["2016-10-17", "2016-10-21"],
    ),
    "joint inspection of the front door": (
        """9 May 2022
Dear Solihull Local Safeguarding Children Partnership
Joint targeted area inspection of Solihull
This letter outlines the findings from the joint targeted area inspection (JTAI) of how agencies in Solihull
identify need and risk. This inspection took place from 10 to 14 January 2022.""",
        "jtai_letter",
        "Solihull",
        ["2022-01-10", "2022-01-14"],
    ),
    "joint inspection on serious youth violence": (
        """The multi-agency response to serious youth violence in Coventry
Joint targeted area inspection
Inspection dates: 22 to 26 April 2024
This report outlines the findings of the joint targeted area inspection (JTAI) in Coventry.""",
        "jtai_letter",
        "Coventry",
        ["2024-04-22", "2024-04-26"],
    ),
    "SEND letter of 2019": (
        """15 August 2019
Ms Anna Birch
Dear Ms Birch and Mr Vale
Joint local area SEND inspection in Cheshire East
Between 18 June 2019 and 22 June 2019, Ofsted and the CQC came to look at the local area of
Cheshire East. As a result a written statement of action is required.""",
        "area_send_inspection",
        "Cheshire East",
        ["2019-06-18", "2019-06-22"],
    ),
    "SEND revisit of 2021": (
        """3 December 2021
Dear Mr Vale
Joint area SEND revisit in Rochdale
Between 11 October 2021 and 13 October 2021, Ofsted and the Care Quality Commission revisited the area of
Rochdale.""",
        "area_send_inspection",
        "Rochdale",
        ["2021-10-11", "2021-10-13"],
    ),
    "SEND inspection of 2024": (
        """Area SEND inspection of Torbay Local Area Partnership
Inspection dates: 5 to 9 February 2024
Date of previous inspection: 8 November 2021
Inspection outcome
The local area partnership’s arrangements lead to inconsistent experiences and outcomes.""",
        "area_send_inspection",
        "Torbay",
        ["2024-02-05", "2024-02-09"],
    ),
    "minutes of a corporate parenting panel": (
        """Nottingham City Council
Corporate Parenting Board
Minutes of the meeting held at Loxley House on 18 January 2021 from 2.30 pm to 4.10 pm
Membership
Present
Councillor Anna Birch
1 Apologies for absence
Councillor Robin Vale
2 Declarations of interests
None.
The Board noted the report.""",
        "minutes",
        "Nottingham",
        ["2021-01-18"],
    ),
    "notes of an improvement board": (
        """Slough Children First
Children's Services Improvement Board
Minutes
Date: Thursday 9 June 2022
Attendees: Anna Birch (Chair), Robin Vale
Apologies: Tom Elm
1. Welcome and introductions
The Chair welcomed everyone.
2. Minutes of the last meeting
Agreed as accurate.
Actions: Robin Vale to circulate the dashboard.""",
        "minutes",
        "Slough",
        ["2022-06-09"],
    ),
    "minutes of a health and wellbeing board": (
        """Minutes of a meeting of the Health and Wellbeing Board held on Tuesday 5 March 2024 in the Council
Chamber, Shirehall
Present: Councillor Birch (Chair)
Shropshire Council
12. Children's Trust update
Resolved: that the report be noted.
The meeting closed at 11.40 am.""",
        "minutes",
        "Shropshire",
        ["2024-03-05"],
    ),
    "an agenda": (
        """Tameside Metropolitan Borough
CHILDREN'S SERVICES SCRUTINY PANEL
Day: Wednesday
Date: 7 September 2022
Time: 6.00 pm
Place: Committee Room 1, Tameside One
Item No. AGENDA Page No
1. APOLOGIES FOR ABSENCE
2. DECLARATIONS OF INTEREST
3. MINUTES 1 - 4
4. OFSTED UPDATE 5 - 20""",
        "agenda",
        "Tameside",
        ["2022-09-07"],
    ),
    "an officer's report to scrutiny": (
        """Report to: CHILDREN'S SERVICES SCRUTINY PANEL
Date: 7 September 2022
Executive Member: Councillor Birch
Reporting Officer: Robin Vale, Director of Children's Services, Tameside Council
Subject: IMPROVEMENT PLAN UPDATE
Report Summary: The report tells what was done on the improvement plan.""",
        "scrutiny_report",
        "Tameside",
        ["2022-09-07"],
    ),
    "a plan": (
        """Devon County Council
Children's Services Improvement Plan 2024-2026
Our response to the inspection
Priority 1: leadership
What we will do
By when""",
        "improvement_report",
        "Devon",
        [],
    ),
    "a public notice": (
        """Dorset Council
PUBLIC NOTICE
Proposed discontinuance of Elm Primary School
Notice is given in accordance with section 15(1) of the Education and Inspections Act 2006 that Dorset Council
intends to
discontinue the school on 31 August 2025.""",
        "other",
        "Dorset",
        [],
    ),
    "a policy": (
        """Leicester City Council
Staying Put Policy
Children's Social Care
1. Introduction
This policy explains how young people may stay with their carers after they turn 18.""",
        "other",
        "Leicester",
        [],
    ),
    "a self-evaluation by its abbreviation": (
        """Buckinghamshire Council
Children's Services
SEF 2023
What do we know about the quality of our practice?
Our strengths""",
        "self_assessment",
        "Buckinghamshire",
        [],
    ),
    "self evaluation": (
        """Children's Social Care
Self Evaluation
June 2022
City of Wolverhampton Council
How do we know it?""",
        "self_assessment",
        "Wolverhampton",
        [],
    ),
    "cabinet minutes": (
        """CITY OF BRADFORD METROPOLITAN DISTRICT COUNCIL
MINUTES of the proceedings of the Executive held on Tuesday 5 April 2022 in City Hall, Bradford
PRESENT
Councillor Birch
75. OFSTED REPORT
RESOLVED - that the report be noted.""",
        "minutes",
        "Bradford",
        ["2022-04-05"],
    ),
    "minutes of a London borough": (
        """London Borough of Barnet
Children, Education & Safeguarding Committee
6 June 2019
Members Present:-
Councillor David Vale (Chairman)
1. MINUTES OF PREVIOUS MEETING
RESOLVED that the minutes be agreed.""",
        "minutes",
        "Barnet",
        ["2019-06-06"],
    ),
    "minutes with a front table": (
        """Minutes
Corporate Parenting Advisory Committee
Date: 17 January 2023
Time: 5.30 pm
Present: Councillors Birch and Elm
Islington Council
1. Apologies
None""",
        "minutes",
        "Islington",
        ["2023-01-17"],
    ),
    "minutes of a commission": (
        """Minutes of the Children and Young People Scrutiny Commission
Held: WEDNESDAY, 12 October 2022 at 5:30 pm
P R E S E N T :
Councillor Birch (Chair)
Leicester City Council
Also in attendance: Robin Vale
19. APOLOGIES FOR ABSENCE""",
        "minutes",
        "Leicester",
        ["2022-10-12"],
    ),
    "report to cabinet": (
        """CABINET - 14 March 2023
REPORT OF THE DIRECTOR OF CHILDREN'S SERVICES
Leicestershire County Council
PART A
Purpose of the report
1. The purpose of this report is to seek approval of the placements strategy.
Recommendations
2. It is recommended that Cabinet approve the strategy.""",
        "other",
        "Leicestershire",
        ["2023-03-14"],
    ),
    "a report under the committee's day": (
        """CHILDREN AND FAMILIES OVERVIEW AND SCRUTINY COMMITTEE: 5 SEPTEMBER 2023
OUTCOME OF THE OFSTED FOCUSED VISIT
REPORT OF THE DIRECTOR OF CHILDREN AND FAMILY SERVICES
Leicestershire County Council
Purpose of Report
1. The purpose of this report is to inform the Committee of the outcome.""",
        "scrutiny_report",
        "Leicestershire",
        ["2023-09-05"],
    ),
    "a report to a select committee": (
        """Children and Young People Select Committee
9 January 2024
Improving the front door
Purpose of report: to tell the Select Committee about the front door.
Surrey County Council
Introduction:
1. This report""",
        "scrutiny_report",
        "Surrey",
        ["2024-01-09"],
    ),
    "a report in a pack": (
        """Agenda Item 7
Report to Children's Services Overview and Scrutiny Panel
Subject: Ofsted ILACS action plan
Meeting date: 4 December 2024
Report of: Corporate Director
Plymouth City Council""",
        "scrutiny_report",
        "Plymouth",
        ["2024-12-04"],
    ),
    "slides for an improvement board": (
        """Children's Improvement Board
12 May 2023
Progress against the improvement plan
Herefordshire Council
Priority 1: leadership""",
        "improvement_report",
        "Herefordshire",
        ["2023-05-12"],
    ),
    "an update on improvement": (
        """Worcestershire County Council
Improvement Journey Update
Children's Services, July 2019""",
        "improvement_report",
        "Worcestershire",
        [],
    ),
    "SEND monitoring inspection": (
        """Area SEND monitoring inspection of Hertfordshire Local Area Partnership
Inspection dates: 10 to 12 June 2025
Inspectors found that the partnership had taken effective action.""",
        "area_send_inspection",
        "Hertfordshire",
        ["2025-06-10", "2025-06-12"],
    ),
    "SEND full inspection": (
        """Area SEND full inspection of Warrington Local Area Partnership
Inspection dates: 10 to 14 June 2024
Dates of previous inspection: none""",
        "area_send_inspection",
        "Warrington",
        ["2024-06-10", "2024-06-14"],
    ),
    "SEND letter of 2016": (
        """29 July 2016
Ms Birch, Director, Bury
Dear Ms Birch
Joint local area special educational needs and disabilities inspection in Bolton
From 13 to 17 June 2016, Ofsted and the CQC conducted a joint inspection of the local area of Bolton.""",
        "area_send_inspection",
        "Bolton",
        ["2016-06-13", "2016-06-17"],
    ),
    "joint inspection of 2025": (
        """Joint targeted area inspection of the multi-agency response to domestic
abuse in Cumberland
Inspection dates: 3 to 7 March 2025
Headline findings""",
        "jtai_letter",
        "Cumberland",
        ["2025-03-03", "2025-03-07"],
    ),
    "joint inspection on sexual abuse": (
        """29 April 2019
Dear local partnership
Joint targeted area inspection of the multi-agency response to sexual abuse in the family in Shropshire
Between 11 and 15 March 2019, Ofsted, the commission and the inspectorates of police and probation came
together to look at how agencies work""",
        "jtai_letter",
        "Shropshire",
        ["2019-03-11", "2019-03-15"],
    ),
    "joint inspection by its abbreviation": (
        """Dear Southend Local Safeguarding Partnership
JTAI of the multi-agency response to criminal exploitation in Southend-on-Sea
This letter summarises the findings about the effectiveness of partnership working from the joint targeted
area inspection of criminal exploitation in Southend-on-Sea, which took place from 11 to 15 July 2022.""",
        "jtai_letter",
        "Southend-on-Sea",
        ["2022-07-11", "2022-07-15"],
    ),
    "joint inspection with the council first": (
        """Leicester: joint targeted area inspection of serious youth violence
Inspection dates: 22 to 26 January 2024
The multi-agency response""",
        "jtai_letter",
        "Leicester",
        ["2024-01-22", "2024-01-26"],
    ),
    "third monitoring visit of a city": (
        """Ofsted
Piccadilly Gate
12 March 2018
Dear Ms Birch
Monitoring visit of Birmingham City Council children’s services
This letter summarises the findings of the third monitoring visit of Birmingham children’s services on 30 and
31 January 2018. The visit was carried out by Anna Birch HMI.""",
        "monitoring_visit",
        "Birmingham",
        ["2018-01-30", "2018-01-31"],
    ),
    "monitoring visit with the month told twice": (
        """Dear Mr Vale
Monitoring visit to Croydon children’s services
This letter summarises the findings of the monitoring visit to Croydon children’s services on 8 July and 9
July 2018.""",
        "monitoring_visit",
        "Croydon",
        ["2018-07-08", "2018-07-09"],
    ),
    "focused visit of 2026": (
        """9 February 2026
Robin Vale, Executive Director
City of Doncaster Council
Dear Robin
Focused visit to City of Doncaster children’s services
This letter summarises the findings of the focused visit to Doncaster on 7 and 8 January 2026. His Majesty’s
Inspectors for this visit were Anna Birch and Tom Elm.""",
        "focused_visit",
        "Doncaster",
        ["2026-01-07", "2026-01-08"],
    ),
    "reinspection": (
        """City and County of Stoke-on-Trent
Re-inspection of services for children in need of help and protection
Inspection date: 8 to 30 October 2016""",
        "sif_inspection",
        "Stoke-on-Trent",
        ["2016-10-08", "2016-10-30"],
    ),
    "an agenda that opens with the invitation": (
        """A meeting of the Children's Services Overview and Scrutiny Committee will be held on Tuesday 5
March 2024 at 10.00 am in the Council Chamber, Shire Hall
Oxfordshire County Council
AGENDA
1 Apologies for Absence
2 Declarations of Interest
3 Minutes (Pages 1 - 8)""",
        "agenda",
        "Oxfordshire",
        ["2024-03-05"],
    ),
    "notice of a decision": (
        """Notice of Key Decision
Hampshire County Council
Decision maker: Executive Lead Member for Children's Services
Date: 5 May 2024""",
        "other",
        "Hampshire",
        ["2024-05-05"],
    ),
    "a strategy": (
        """Sufficiency Strategy 2023-2026
Children in Care and Care Leavers
Cornwall Council""",
        "other",
        "Cornwall",
        [],
    ),
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_what_its_reader_would_say(papers: ModuleType, name: str) -> None:
    text, kind, council, dates = PAPERS[name]
    (found,) = papers.identify_all(text)
    document, visit = found.document, found.visit
    days = [visit.visit_start, visit.visit_end] if visit else [document.meeting_date]
    assert (document.doc_type, document.council) == (kind, council)
    assert [str(d) for d in days if d] == dates
    assert {p.severity for p in found.problems} <= {Severity.WARNING}
