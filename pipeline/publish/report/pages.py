"""Every page by its address: which template it has, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from pipeline.publish.report.charts import SHOWN, Spec, plan_series, plan_trend
from pipeline.publish.report.gathering import Gathered
from pipeline.publish.report.heat import Cell
from pipeline.publish.report.profiles import find_neighbours
from pipeline.publish.report.searching import Query, list_choices
from pipeline.publish.report.series import Series, make_series
from pipeline.publish.report.site import Door, Site
from pipeline.publish.report.stories import Story
from pipeline.publish.report.themes import ThemePage
from pipeline.records import Area, Document, Severity

_SHOWN = TypeAdapter(list[Any])
AREAS = (
    Area.OVERALL_EFFECTIVENESS, Area.LEADERS, Area.HELP_AND_PROTECTION, Area.IN_CARE, Area.CARE_LEAVERS,
    Area.IN_CARE_AND_CARE_LEAVERS, Area.ADOPTION, Area.LSCB, Area.AREA_SEND,
)  # fmt: skip


def make_site(gathered: Gathered, door: Door) -> Site:
    """All pages that can be listed; what a server answers to a question of its own comes on top."""
    site = Site(gathered.index, gathered.stories, door)
    site.add("index.html", "index.html", partial(_overview, gathered))
    themes = {"heat": gathered.heat, "codes": gathered.codes, "found": gathered.found}
    site.add("themes/index.html", "themes.html", partial(dict, themes))
    if gathered.found:
        site.add("themes/found.html", "found.html", partial(dict, themes))
    for page in [*gathered.codes, *gathered.found]:
        site.add(f"themes/{page.slug}.html", "theme.html", partial(_theme, gathered, page))
    for page in gathered.codes:
        site.add_chart(_chart_path(page), partial(_plan_theme, page))
    for heat in gathered.heat:
        for code, cells in heat.rows.items():
            for cell in cells:
                if cell.items:
                    site.add(f"cells/{code}.{cell.slug}.html", "cell.html", partial(_cell, gathered, code, cell))
    listed = {"profiles": gathered.profiles, "stories": gathered.stories}
    site.add("councils/index.html", "councils.html", partial(dict, listed))
    for story in gathered.stories:
        site.add(f"councils/{story.slug}.html", "council.html", partial(_council, gathered, story))
        site.add_chart(_chart_path(story), partial(_plan_council, story))
    site.add("compare/index.html", "compare.html", partial(compare, gathered, None))
    empty = {"query": Query(), "answer": None}
    site.add("search/index.html", "search.html", lambda: {"choices": list_choices(gathered), **empty})
    counted = {"kinds": gathered.outcomes, "years": gathered.years}
    site.add("recommendations/index.html", "recommendations.html", partial(dict, counted))
    for year, told in gathered.years.items():
        values = {"year": year, "rows": told}
        site.add(f"recommendations/{year}.html", "recommendations_year.html", partial(dict, values))
    site.add("documents/index.html", "documents.html", lambda: {"index": gathered.index, "rows": gathered.rows})
    slugs = {story.council: story.slug for story in gathered.stories}
    for document in gathered.index.documents.values():
        path, shows = f"documents/{document.document_id}.html", partial(_show_document, gathered, door, slugs, document)
        site.add(path, "document.html", partial(_document, gathered, document), shows)
    site.add("problems/index.html", "problems.html", lambda: {"problems": gathered.problems})
    return site


def _chart_path(shown: Story | ThemePage) -> str:
    return f"charts/{'council' if isinstance(shown, Story) else 'theme'}-{shown.slug}.svg"


def _has_trend(page: ThemePage) -> bool:
    return any(cell.with_theme for cell in page.trend)


def _plan_theme(page: ThemePage) -> Spec | None:
    return plan_trend(page.trend) if _has_trend(page) else None


def _list_series(story: Story) -> list[Series]:
    return make_series(m for c in story.chapters for m in c.metrics)


def _plan_council(story: Story) -> Spec | None:
    series = _list_series(story)
    return plan_series(series) if series else None


def _overview(gathered: Gathered) -> dict[str, Any]:
    errors = [p for p in gathered.problems if p.severity is Severity.ERROR]
    return {
        "index": gathered.index,
        "stories": gathered.stories,
        "newest": gathered.newest,
        "kinds": gathered.kinds,
        "codes": gathered.codes,
        "errors": errors,
        "warnings": gathered.warnings,
        "added": gathered.added,
        "outcomes": gathered.outcomes,
    }


def _theme(gathered: Gathered, page: ThemePage) -> dict[str, Any]:
    years, regions = gathered.heat
    known = {p.slug for p in gathered.codes}
    coded = page.slug in known
    return {
        "page": page,
        "index": gathered.index,
        "known": known,
        "chart": _chart_path(page) if coded and _has_trend(page) else None,
        "years": years.rows[page.slug] if coded else page.trend,
        "regions": regions.rows.get(page.slug, ()),
        "themes": [pair for pair in gathered.names if pair[0] != page.slug],
        "coded": coded,
    }


def _document(gathered: Gathered, document: Document) -> dict[str, Any]:
    return {
        "document": document,
        "rows": gathered.rows.get(document.document_id, []),
        "judgements": gathered.judgements.get(document.document_id, []),
    }


def _show_document(gathered: Gathered, door: Door, slugs: Mapping[str, str], document: Document) -> bytes:
    """All that the page of a document depends on; a row's place in the file follows from the file's address."""
    council = gathered.index.name_council(document.document_id)
    file = door.locate_file(document, None)
    return _SHOWN.dump_json([council, slugs[council], file, _document(gathered, document)])


def _cell(gathered: Gathered, code: str, cell: Cell) -> dict[str, Any]:
    councils: dict[str, dict[str, list[Any]]] = {}
    for item in cell.items:
        council = councils.setdefault(gathered.index.name_council(item.document_id), {})
        council.setdefault(item.document_id, []).append(item)
    return {"code": code, "cell": cell, "councils": dict(sorted(councils.items())), "index": gathered.index}


def _council(gathered: Gathered, story: Story) -> dict[str, Any]:
    chapters = story.chapters
    series = _list_series(story)
    graded = [c for c in story.visits if c.judgements]
    given = {j.area for c in graded for j in c.judgements}
    profile = gathered.profiles.get(story.council)
    near, absent = find_neighbours(profile, gathered.profiles) if profile else ([], [])
    return {
        "index": gathered.index,
        "story": story,
        "profile": profile,
        "graded": graded,
        "areas": [a for a in AREAS if a in given],
        "papers": [c for c in chapters if not c.visit],
        "series": series,
        "drawn": SHOWN,
        "chart": _chart_path(story) if series else None,
        "claims": gathered.list_claims(story),
        "neighbours": near,
        "absent": absent,
        "themes": _compare_themes(profile.themes if profile else {}, near),
    }


def _compare_themes(own: Mapping[str, Cell], near: list[Any]) -> list[tuple[str, Cell, Cell]]:
    """For each theme the council's cell and that of its neighbours together, what is named most often first."""
    rows = []
    for code, cell in own.items():
        cells = [n.themes[code] for n in near if code in n.themes]
        together = Cell("neighbours", sum(c.with_theme for c in cells), sum(c.documents for c in cells))
        rows.append((code, cell, together))
    return sorted((r for r in rows if r[1].with_theme), key=lambda r: (-r[1].with_theme, -r[2].percent, r[0]))


def compare(gathered: Gathered, chosen: list[str] | None) -> dict[str, Any]:
    """The councils side by side: those with the slugs chosen, in that order; all where none is chosen."""
    profiles = list(gathered.profiles.values())
    if chosen is not None:
        by_slug = {p.slug: p for p in profiles}
        profiles = [by_slug[slug] for slug in chosen if slug in by_slug]
    return {
        "all": list(gathered.profiles.values()),
        "profiles": profiles,
        "chosen": chosen,
        "areas": [a for a in AREAS if any(a in p.grades for p in profiles)],
        "codes": [p.slug for p in gathered.codes],
    }
