"""One frozen type for each published table. Names, order, types and descriptions of every schema come from here."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

Score = Annotated[float, Field(ge=0, le=1)]


class DocType(StrEnum):
    """Kinds of document."""

    ILACS_INSPECTION = "ilacs_inspection"
    SIF_INSPECTION = "sif_inspection"
    FOCUSED_VISIT = "focused_visit"
    MONITORING_VISIT = "monitoring_visit"
    JTAI_LETTER = "jtai_letter"
    AREA_SEND_INSPECTION = "area_send_inspection"
    SELF_ASSESSMENT = "self_assessment"
    SCRUTINY_REPORT = "scrutiny_report"
    IMPROVEMENT_REPORT = "improvement_report"
    MINUTES = "minutes"
    AGENDA = "agenda"
    PRESENTATION = "presentation"
    OTHER = "other"


class VisitType(StrEnum):
    """Kinds of inspection or visit."""

    ILACS_INSPECTION = "ilacs_inspection"
    SIF_INSPECTION = "sif_inspection"
    FOCUSED_VISIT = "focused_visit"
    MONITORING_VISIT = "monitoring_visit"
    JTAI = "jtai"
    AREA_SEND = "area_send"


class Area(StrEnum):
    """What a judgement is about."""

    OVERALL_EFFECTIVENESS = "overall_effectiveness"
    LEADERS = "leaders"
    HELP_AND_PROTECTION = "help_and_protection"
    IN_CARE = "in_care"
    CARE_LEAVERS = "care_leavers"
    IN_CARE_AND_CARE_LEAVERS = "in_care_and_care_leavers"
    ADOPTION = "adoption"
    LSCB = "lscb"
    AREA_SEND = "area_send"


class Grade(StrEnum):
    """Ofsted's four grades, and the three outcomes of an area SEND inspection."""

    OUTSTANDING = "outstanding"
    GOOD = "good"
    REQUIRES_IMPROVEMENT = "requires_improvement"
    INADEQUATE = "inadequate"
    POSITIVE = "positive"
    INCONSISTENT = "inconsistent"
    SYSTEMIC_FAILINGS = "systemic_failings"


class Polarity(StrEnum):
    """Which way a finding evaluates."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"
    MIXED = "mixed"


class Extent(StrEnum):
    """How widely a finding holds, by the quantifier that the inspectors used."""

    ALL = "all"
    MOST = "most"
    MANY = "many"
    SOME = "some"
    FEW = "few"
    NONE = "none"


class Cohort(StrEnum):
    """Whom a finding is about."""

    HELP_AND_PROTECTION = "help_and_protection"
    IN_CARE = "in_care"
    CARE_LEAVERS = "care_leavers"
    DISABLED_CHILDREN = "disabled_children"
    WORKFORCE = "workforce"
    CARERS = "carers"
    PARENTS = "parents"


class RecommendationKind(StrEnum):
    """What kind of demand or commitment it is: see the annotation guide."""

    AREA_FOR_IMPROVEMENT = "area_for_improvement"
    PRIORITY_ACTION = "priority_action"
    RECOMMENDATION = "recommendation"
    RESOLUTION = "resolution"
    ACTION = "action"


class Unit(StrEnum):
    """Units of metrics."""

    PERCENT = "percent"
    COUNT = "count"
    PER_10000 = "per_10000"
    GBP = "gbp"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    HOURS = "hours"
    RATIO = "ratio"
    SCORE = "score"
    RANK = "rank"


class Direction(StrEnum):
    """Where the text says that a value went."""

    UP = "up"
    DOWN = "down"
    STABLE = "stable"


class Subject(StrEnum):
    """Whose number it is."""

    COUNCIL = "council"
    ENGLAND = "england"
    REGION = "region"
    STATISTICAL_NEIGHBOURS = "statistical_neighbours"


class Outcome(StrEnum):
    """What the same council's next full inspection says of a recommendation."""

    REPEATED = "repeated"
    IMPROVED = "improved"
    PARTLY_IMPROVED = "partly_improved"
    NOT_MENTIONED = "not_mentioned"


class Relation(StrEnum):
    """How a later item relates to a recommendation."""

    QUOTES = "quotes"
    ANSWERS = "answers"
    REPORTS_ON = "reports_on"
    REPEATS = "repeats"
    RESOLVES = "resolves"


class Verdict(StrEnum):
    """How an inspection's view of a subject compares with the council's own."""

    SHARED_STRENGTH = "shared_strength"
    SHARED_WEAKNESS = "shared_weakness"
    OVERCLAIMED = "overclaimed"
    UNDERCLAIMED = "underclaimed"
    DIVIDED = "divided"


class ItemType(StrEnum):
    """The tables whose rows can stand in a theme or a thread."""

    FINDING = "finding"
    RECOMMENDATION = "recommendation"


class Side(StrEnum):
    """Which way a theme points: what is praised, or what is to be put right. No theme is both."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"


class Slice(StrEnum):
    """Which part of the dataset a count is about."""

    ALL = "all"
    COUNCIL = "council"
    REGION = "region"
    FRAMEWORK = "framework"


class TrendDirection(StrEnum):
    """Where the share of reports that name a theme goes from year to year."""

    RISING = "rising"
    FALLING = "falling"
    LEVEL = "level"
    TOO_FEW = "too_few"


class CorrectionAction(StrEnum):
    """What a person can correct."""

    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    RELABEL = "relabel"


class Severity(StrEnum):
    """An error keeps a file out of the dataset, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


Row = TypeVar("Row")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def record(schema: type[Row]) -> type[Row]:
    """Make the class a frozen dataclass whose values are checked when it is made. Its slots take a third of the memory
    of a model, and a dataset holds millions of rows."""
    made: Any = dataclass(
        schema, frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False)
    )
    return made  # type: ignore[no-any-return]


class Record:
    """Base of the published rows. `table` is the table's name, `about` its sentence in the data dictionary,
    `key` the columns that identify a row."""

    __slots__ = ()
    table: ClassVar[str]
    about: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    __pydantic_fields__: ClassVar[dict[str, FieldInfo]]

    @classmethod
    def fields(cls) -> dict[str, FieldInfo]:
        """What is declared of each column: type, default and description."""
        return cls.__pydantic_fields__

    def replace(self, **changes: Any) -> Self:
        """The row with other values in some columns, which are taken as they are; raises AttributeError where there is
        no such column."""
        made = object.__new__(type(self))
        for name in self.fields():
            object.__setattr__(made, name, getattr(self, name))
        for name, value in changes.items():
            object.__setattr__(made, name, value)
        return made

    def as_json(self) -> dict[str, Any]:
        """The row by columns, with values that JSON has: dates and words as text, lists as lists."""
        made: dict[str, Any] = to_jsonable_python(self)
        return made


@record
class Evidence(Record):
    """The columns that say where a row was taken from: base of judgements, findings, recommendations, metrics."""

    page: int | None = Field(default=None, description="Page or slide of the file on which the text starts, from 1.")
    line: int | None = Field(default=None, description="Line of the file, from 1, for files without pages.")
    paragraph: str | None = Field(default=None, description="Printed number of the paragraph, such as 14.")
    section: str | None = Field(default=None, description="The heading above the text.")
    char_start: int = Field(ge=0, description="Start of the quote in text/<document_id>.txt, in characters.")
    char_end: int = Field(ge=0, description="End of the quote in text/<document_id>.txt, in characters.")
    bbox: tuple[float, float, float, float] | None = Field(
        default=None, description="Box of the text on that page: x0, top, x1, bottom in PDF points from the top left."
    )
    rule_id: str = Field(description="The rule, or model@version, that made the row.")
    confidence: Score = Field(description="Probability that the row is right.")


@record
class Document(Record):
    """A document: a file, or one part of an agenda pack."""

    table: ClassVar[str] = "documents"
    about: ClassVar[str] = "One row per document, after agenda packs are taken apart."
    key: ClassVar[tuple[str, ...]] = ("document_id",)
    document_id: str = Field(description="Stable: the same bytes give the same id on every run and machine.")
    file_name: str = Field(description="Name of the file it came from.")
    file_sha256: str = Field(description="SHA-256 of that file's bytes.")
    media_type: str = Field(description="Media type of the file, found from its content.")
    source_url: str | None = Field(default=None, description="Where the file was collected from.")
    part: int = Field(ge=1, description="Position within the file, from 1; 1 where the file holds one document.")
    title: str = Field(description="Title as printed, or the file's name where none is.")
    doc_type: DocType = Field(description="Kind of document.")
    doc_type_confidence: Score = Field(description="Probability that the kind is right.")
    council: str | None = Field(default=None, description="Local authority, by the name in the list of authorities.")
    council_code: str | None = Field(default=None, description="GSS code of the local authority.")
    region: str | None = Field(default=None, description="Region of the local authority.")
    visit_id: str | None = Field(default=None, description="The inspection or visit that the document reports.")
    published: dt.date | None = Field(default=None, description="Date of publication, or the date at a letter's head.")
    meeting_date: dt.date | None = Field(
        default=None, description="Date of the meeting that it was written for or records."
    )
    committee: str | None = Field(default=None, description="The committee of that meeting.")
    first_page: int | None = Field(default=None, description="First page or slide in the file.")
    last_page: int | None = Field(default=None, description="Last page or slide in the file.")
    first_line: int | None = Field(default=None, description="First line in the file, for files without pages.")
    last_line: int | None = Field(default=None, description="Last line in the file, for files without pages.")
    words: int = Field(ge=0, description="Number of words, furniture excluded.")
    text_source: str = Field(description="native, or ocr where the text was recognised from an image.")


@record
class Visit(Record):
    """An inspection or visit of a council."""

    table: ClassVar[str] = "visits"
    about: ClassVar[str] = "One row per inspection or visit of a council."
    key: ClassVar[tuple[str, ...]] = ("visit_id",)
    visit_id: str = Field(description="Stable id of the visit, from council, type and dates.")
    council: str = Field(description="Local authority.")
    council_code: str = Field(description="GSS code of the local authority.")
    visit_type: VisitType = Field(description="Kind of inspection or visit.")
    visit_start: dt.date | None = Field(default=None, description="First day on site.")
    visit_end: dt.date | None = Field(default=None, description="Last day on site.")
    published: dt.date | None = Field(default=None, description="Date on which its report was published.")
    ordinal: int | None = Field(default=None, description="3 for the third monitoring visit.")
    lead_inspector: str | None = Field(default=None, description="Lead inspector as printed.")
    framework: str = Field(description="Inspection framework: ILACS, SIF, JTAI, area SEND or an older one.")
    previous_visit_id: str | None = Field(
        default=None, description="The same council's visit before it in the dataset."
    )


@record
class Judgement(Evidence):
    """A grade that a report gives."""

    table: ClassVar[str] = "judgements"
    about: ClassVar[str] = "One row per graded judgement of an inspection."
    key: ClassVar[tuple[str, ...]] = ("document_id", "area")
    document_id: str = Field(description="The document that gives the judgement.")
    visit_id: str | None = Field(default=None, description="The inspection.")
    area: Area = Field(description="What was judged.")
    grade: Grade = Field(description="The grade, or the outcome of an area SEND inspection.")


@record
class Finding(Evidence):
    """A sentence that evaluates."""

    table: ClassVar[str] = "findings"
    about: ClassVar[str] = "One row per sentence that says how good or bad a service, practice or experience is."
    key: ClassVar[tuple[str, ...]] = ("finding_id",)
    finding_id: str = Field(description="Stable id of the finding.")
    document_id: str = Field(description="The document it stands in.")
    visit_id: str | None = Field(default=None, description="The visit that the document reports.")
    council_code: str | None = Field(default=None, description="GSS code of the local authority.")
    date: dt.date | None = Field(default=None, description="End of the visit, else publication, else meeting date.")
    text: str = Field(description="The sentence, verbatim.")
    polarity: Polarity = Field(description="Strength, weakness, or both with some weight.")
    extent: Extent | None = Field(default=None, description="How widely it holds, by the quantifier used.")
    cohorts: tuple[Cohort, ...] = Field(default=(), description="Whom it is about.")
    theme_code: str | None = Field(default=None, description="First theme of the codebook.")
    theme_code_2: str | None = Field(default=None, description="Second theme, where it carries real weight.")
    theme_confidence: Score | None = Field(default=None, description="Probability that the first theme is right.")
    theme_id: str | None = Field(default=None, description="Theme found by clustering.")


@record
class Recommendation(Evidence):
    """A demand or a commitment to act."""

    table: ClassVar[str] = "recommendations"
    about: ClassVar[str] = "One row per recommendation, area for improvement, priority action, resolution or action."
    key: ClassVar[tuple[str, ...]] = ("recommendation_id",)
    recommendation_id: str = Field(description="Stable id of the recommendation.")
    document_id: str = Field(description="The document it stands in.")
    visit_id: str | None = Field(default=None, description="The visit that the document reports.")
    council_code: str | None = Field(default=None, description="GSS code of the local authority.")
    date: dt.date | None = Field(default=None, description="End of the visit, else publication, else meeting date.")
    number: str | None = Field(default=None, description="Number as printed, such as 1.2.")
    text: str = Field(description="The item, verbatim.")
    kind: RecommendationKind = Field(description="Kind of demand or commitment.")
    framework_refs: tuple[str, ...] = Field(
        default=(), description="Outcomes and enablers of the Children's Social Care National Framework it cites."
    )
    addressee: str | None = Field(default=None, description="The body that is told to act, where named.")
    owner: str | None = Field(default=None, description="The person or team responsible, where named.")
    due: str | None = Field(default=None, description="When it is due, as written.")
    due_date: dt.date | None = Field(default=None, description="When it is due, as a date.")
    status: str | None = Field(default=None, description="RAG rating or words on progress, as written.")
    theme_code: str | None = Field(default=None, description="First theme of the codebook.")
    theme_code_2: str | None = Field(default=None, description="Second theme, where it carries real weight.")
    theme_confidence: Score | None = Field(default=None, description="Probability that the first theme is right.")
    theme_id: str | None = Field(default=None, description="Theme found by clustering.")
    outcome: Outcome | None = Field(
        default=None, description="What the same council's next full inspection says of it; null where there is none."
    )
    outcome_visit_id: str | None = Field(default=None, description="That next full inspection.")


@record
class Metric(Evidence):
    """A number that measures the service."""

    table: ClassVar[str] = "metrics"
    about: ClassVar[str] = "One row per number that measures the service, the workforce, children or money."
    key: ClassVar[tuple[str, ...]] = ("metric_id",)
    metric_id: str = Field(description="Stable id of the metric.")
    document_id: str = Field(description="The document it stands in.")
    visit_id: str | None = Field(default=None, description="The visit that the document reports.")
    council_code: str | None = Field(default=None, description="GSS code of the local authority.")
    date: dt.date | None = Field(default=None, description="End of the visit, else publication, else meeting date.")
    quote: str = Field(description="The sentence or table row, verbatim.")
    value: float = Field(description="The number.")
    unit: Unit = Field(description="Its unit.")
    measure: str = Field(description="What is measured, in the document's words as far as they go.")
    period: str | None = Field(default=None, description="The date or period that it refers to, as written.")
    period_start: dt.date | None = Field(default=None, description="First day of that period.")
    period_end: dt.date | None = Field(default=None, description="Last day of that period.")
    is_target: bool = Field(default=False, description="True for a target rather than a measurement.")
    direction: Direction | None = Field(default=None, description="Whether the text says that it rose, fell or held.")
    numerator: float | None = Field(default=None, description="Numerator, where given.")
    denominator: float | None = Field(default=None, description="Denominator, where given.")
    subject: Subject = Field(default=Subject.COUNCIL, description="Whose number it is.")


@record
class Theme(Record):
    """A theme found by clustering."""

    table: ClassVar[str] = "themes"
    about: ClassVar[str] = "One row per theme found by clustering recommendations and findings."
    key: ClassVar[tuple[str, ...]] = ("theme_id",)
    theme_id: str = Field(description="Stable from run to run.")
    parent_id: str | None = Field(default=None, description="The wider theme it belongs to.")
    label: str = Field(description="Name of the theme.")
    keywords: tuple[str, ...] = Field(description="Words that set it apart.")
    size: int = Field(description="Number of items.")
    councils: int = Field(description="Number of councils among them.")
    visits: int = Field(description="Number of visits among them.")
    first_seen: dt.date | None = Field(default=None, description="Date of its earliest item.")
    last_seen: dt.date | None = Field(default=None, description="Date of its latest item.")
    exemplar_id: str = Field(description="The finding or recommendation nearest its centre.")
    theme_code: str | None = Field(default=None, description="Nearest theme of the codebook.")
    side: Side = Field(description="Strengths, or all that asks for improvement: weaknesses, mixed, recommendations.")
    exemplar: str = Field(description="The words of exemplar_id.")
    is_new: bool = Field(description="True where the run before did not have it; false for all in a first run.")
    reports: int = Field(description="Reports of visits that name it.")
    of_reports: int = Field(description="Reports of visits that have any finding or recommendation.")
    share_reports: Score | None = Field(default=None, description="reports / of_reports.")
    share_reports_low: Score | None = Field(default=None, description="Lower end of its 95 % Wilson interval.")
    share_reports_high: Score | None = Field(default=None, description="Upper end of its 95 % Wilson interval.")
    of_councils: int = Field(description="Councils that have any finding or recommendation.")
    share_councils: Score | None = Field(default=None, description="councils / of_councils.")
    share_councils_low: Score | None = Field(default=None, description="Lower end of its 95 % Wilson interval.")
    share_councils_high: Score | None = Field(default=None, description="Upper end of its 95 % Wilson interval.")


@record
class ThemeItem(Record):
    """Membership of an item in a theme."""

    table: ClassVar[str] = "theme_items"
    about: ClassVar[str] = "One row per item and theme it belongs to."
    key: ClassVar[tuple[str, ...]] = ("theme_id", "item_id")
    theme_id: str = Field(description="The theme.")
    item_type: ItemType = Field(description="Table of the item.")
    item_id: str = Field(description="The finding or recommendation.")
    similarity: float = Field(description="Cosine similarity of the item to the theme's centre.")


@record
class CodebookTheme(Record):
    """A theme of the codebook and where it stands in Ofsted's and the Department's frameworks."""

    table: ClassVar[str] = "codebook"
    about: ClassVar[str] = "One row per theme of the codebook, with Ofsted's areas and the National Framework."
    key: ClassVar[tuple[str, ...]] = ("theme_code",)
    theme_code: str = Field(description="The code.")
    label: str = Field(description="Its name.")
    theme_group: str = Field(description="The wider theme, for reading.")
    definition: str = Field(description="What belongs to it.")
    boundary: str = Field(description="What belongs elsewhere.")
    areas: tuple[Area, ...] = Field(description="Judgement areas of Ofsted's inspections under which it falls.")
    framework: tuple[str, ...] = Field(
        description="Outcomes and enablers of the Children's Social Care National Framework, such as outcome 3."
    )
    framework_names: tuple[str, ...] = Field(description="The same in words.")


@record
class ThemeCoverage(Record):
    """How many items of a code stand in a theme, and how many in none."""

    table: ClassVar[str] = "theme_coverage"
    about: ClassVar[str] = "One row per side and theme of the codebook: items in a theme, and those left out."
    key: ClassVar[tuple[str, ...]] = ()
    side: Side = Field(description="Strengths, or all that asks for improvement.")
    theme_code: str | None = Field(default=None, description="Theme of the codebook; null for items without one.")
    items: int = Field(description="Findings and recommendations.")
    in_themes: int = Field(description="Those that stand in a theme found by clustering.")
    outliers: int = Field(description="Those that stand in none; models/themes/clustering.yml says how many may.")


@record
class ThemeCount(Record):
    """How often a theme is named in a part of the dataset."""

    table: ClassVar[str] = "theme_counts"
    about: ClassVar[str] = (
        "One row per theme, side, part of the dataset (all, a council, a region, an inspection framework) and year in "
        "which that part has reports of visits; parts that never name the theme are left out. Themes found by "
        "clustering are counted where they are the narrowest of an item, and not by council."
    )
    key: ClassVar[tuple[str, ...]] = ()
    theme_code: str | None = Field(default=None, description="Theme of the codebook, as first or second code.")
    theme_id: str | None = Field(default=None, description="Theme found by clustering; null where a code is counted.")
    side: Side = Field(description="Strengths, or all that asks for improvement.")
    part: Slice = Field(description="What part_name is.")
    part_name: str = Field(description="GSS code of the council, the region, the framework, or all.")
    year: int | None = Field(default=None, description="Year of the visits; null for all years together.")
    items: int = Field(description="Findings and recommendations that name it.")
    reports: int = Field(description="Reports of visits that name it.")
    of_reports: int = Field(description="Reports of visits of that part and year.")
    share: Score | None = Field(default=None, description="reports / of_reports.")
    share_low: Score | None = Field(default=None, description="Lower end of its 95 % Wilson interval.")
    share_high: Score | None = Field(default=None, description="Upper end of its 95 % Wilson interval.")


@record
class ThemeTrend(Record):
    """Whether a theme rises or falls."""

    table: ClassVar[str] = "theme_trends"
    about: ClassVar[str] = "One row per theme, side and part of the dataset: is it rising or falling over the years?"
    key: ClassVar[tuple[str, ...]] = ()
    theme_code: str | None = Field(default=None, description="Theme of the codebook, as first or second code.")
    theme_id: str | None = Field(default=None, description="Theme found by clustering; null where a code is counted.")
    side: Side = Field(description="Strengths, or all that asks for improvement.")
    part: Slice = Field(description="What part_name is.")
    part_name: str = Field(description="The region, the framework, or all.")
    first_year: int = Field(description="First year with reports.")
    last_year: int = Field(description="Last year with reports.")
    reports: int = Field(description="Reports of visits that name it.")
    of_reports: int = Field(description="Reports of visits of that part.")
    points_a_year: float | None = Field(
        default=None, description="Change of the share in percentage points a year, common to the kinds of visit."
    )
    p_value: Score | None = Field(
        default=None,
        description="Two-sided p of the Cochran–Armitage test for trend within kinds of visit; null where too few.",
    )
    q_value: Score | None = Field(
        default=None, description="The same after Benjamini and Hochberg's correction for the number of themes."
    )
    direction: TrendDirection = Field(
        description="rising or falling where q_value is below 0.05; else level or too_few."
    )


@record
class ThemeRecurrence(Record):
    """How long a theme has stood at a council."""

    table: ClassVar[str] = "theme_recurrence"
    about: ClassVar[str] = (
        "One row per council, theme of the codebook and side: how long it has stood, over which visits."
    )
    key: ClassVar[tuple[str, ...]] = ("council_code", "theme_code", "side")
    council_code: str = Field(description="GSS code of the local authority.")
    theme_code: str = Field(description="Theme of the codebook, as first or second code.")
    side: Side = Field(description="Strengths, or all that asks for improvement.")
    visits: int = Field(description="Visits whose reports name it.")
    of_visits: int = Field(description="Visits of the council in the dataset that have any finding or recommendation.")
    first_visit_id: str = Field(description="The first visit that named it.")
    last_visit_id: str = Field(description="The last visit that named it.")
    first_seen: dt.date | None = Field(default=None, description="Date of the first.")
    last_seen: dt.date | None = Field(default=None, description="Date of the last.")
    days: int = Field(description="Days between the two.")
    run: int = Field(description="How many visits in a row named it, up to the last that did.")
    is_current: bool = Field(description="Whether the council's latest visit names it.")


@record
class Correction(Record):
    """What a person corrected, and whether it could be applied."""

    table: ClassVar[str] = "corrections"
    about: ClassVar[str] = "One row per line of corrections.csv: who corrected what, when, and what came of it."
    key: ClassVar[tuple[str, ...]] = ("number",)
    number: int = Field(description="Position in the file, from 1.")
    action: str = Field(description="rename, merge, split, move or relabel, as written.")
    target: str = Field(description="The theme that is corrected, as written.")
    to: str = Field(description="The new name, theme or code, as written.")
    items: str = Field(description="The items concerned, as written.")
    who: str = Field(description="Who corrected.")
    when: dt.date | None = Field(default=None, description="When.")
    note: str = Field(description="Why, as written.")
    applied: bool = Field(description="Whether it was applied in this run.")
    result: str = Field(description="What was done, or why nothing was.")


@record
class Thread(Record):
    """A link from a recommendation to what became of it."""

    table: ClassVar[str] = "threads"
    about: ClassVar[str] = "One row per link from a recommendation to a later item that quotes, answers or judges it."
    key: ClassVar[tuple[str, ...]] = ("thread_id",)
    thread_id: str = Field(description="Stable id of the link.")
    council_code: str = Field(description="GSS code of the local authority.")
    from_id: str = Field(description="The recommendation (or finding) that is followed.")
    from_type: ItemType = Field(description="Table of that item.")
    to_id: str = Field(description="The later item.")
    to_type: ItemType = Field(description="Table of the later item.")
    relation: Relation = Field(description="How the later item relates to the recommendation.")
    score: Score = Field(description="Probability that the link is right.")
    days: int = Field(description="Days between the two dates.")


@record
class Claim(Record):
    """A council's own view of a subject beside that of the next inspection."""

    table: ClassVar[str] = "claims"
    about: ClassVar[str] = (
        "One row per theme of the codebook on which both a council's self-assessment and its next full inspection "
        "hold findings: where it claimed strength and the inspectors found weakness."
    )
    key: ClassVar[tuple[str, ...]] = ("claim_id",)
    claim_id: str = Field(description="Stable id of the comparison.")
    council_code: str = Field(description="GSS code of the local authority.")
    theme_code: str = Field(description="Theme of the codebook: the first one of the findings.")
    document_id: str = Field(description="The self-assessment.")
    visit_id: str = Field(description="The council's next full inspection after it.")
    days: int = Field(
        description="Days from the self-assessment, or where it bears no day from the meeting that it was put before, "
        "to the end of the inspection."
    )
    verdict: Verdict = Field(
        description="Whether each side sees more strength or more weakness; `overclaimed` where the council saw "
        "strength and the inspectors weakness, `underclaimed` the other way round, `divided` where a side is even."
    )
    claimed_strengths: tuple[str, ...] = Field(default=(), description="finding_id of the council's strengths.")
    claimed_weaknesses: tuple[str, ...] = Field(default=(), description="finding_id of the weaknesses it owns up to.")
    found_strengths: tuple[str, ...] = Field(default=(), description="finding_id of the inspectors' strengths.")
    found_weaknesses: tuple[str, ...] = Field(
        default=(), description="finding_id of the inspectors' weaknesses. Mixed findings stand on neither side."
    )


@record
class Problem(Record):
    """Something that could not be read or understood."""

    table: ClassVar[str] = "problems"
    about: ClassVar[str] = "What could not be read or understood, and why."
    key: ClassVar[tuple[str, ...]] = ()
    file_name: str = Field(description="Name of the file.")
    file_sha256: str | None = Field(default=None, description="SHA-256 of its bytes, where they could be read.")
    stage: str = Field(description="The step at which it happened.")
    error: str = Field(description="Short code of the problem.")
    message: str = Field(description="What happened and what can be done, in words.")
    severity: Severity = Field(description="An error keeps the file out of every other table, a warning does not.")


@record
class Run(Record):
    """A run of the pipeline."""

    table: ClassVar[str] = "runs"
    about: ClassVar[str] = "One row per run that published this dataset, newest last."
    key: ClassVar[tuple[str, ...]] = ("run_id",)
    run_id: str = Field(description="Id of the run.")
    started: dt.datetime = Field(description="When it started, UTC.")
    finished: dt.datetime = Field(description="When it published, UTC.")
    files_seen: int = Field(description="Files that were found.")
    files_new: int = Field(description="Files that were not known from the run before.")
    files_failed: int = Field(description="Files with an error.")
    documents: int = Field(description="Documents in the dataset.")
    version: str = Field(description="Version of the program.")
    models: tuple[str, ...] = Field(description="Names, versions and digests of rules and models.")
    parameters: str = Field(description="What the run was asked to do, as JSON.")


TABLES: tuple[type[Record], ...] = (
    Document, Visit, Judgement, Finding, Recommendation, Metric, Theme, ThemeItem, ThemeCount, ThemeTrend,
    ThemeRecurrence, ThemeCoverage, CodebookTheme, Thread, Claim, Correction, Problem, Run,
)  # fmt: skip
"""The published tables, in the order in which people read them."""
