"""The server: the pages of the report, and what a folder of files cannot answer."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import datetime as dt
import functools
import io
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.consider import consider_item, describe_maker
from pipeline.embed import Embedder
from pipeline.errors import InputFault
from pipeline.explain import describe_item, draw_evidence
from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.database import VIEWS
from pipeline.publish.files import write_field
from pipeline.publish.labels import read_theme_names
from pipeline.publish.report import list_static
from pipeline.publish.report.entries import Entry
from pipeline.publish.report.pages import compare
from pipeline.publish.report.searching import read_query
from pipeline.publish.report.site import item_id_of
from pipeline.serve.corrections import LONGEST, is_own_request, make_line, read_form
from pipeline.serve.results import SHEET_ROWS, make_sheet, stream_csv
from pipeline.serve.search import Found
from pipeline.serve.security import SecurityHeaders, list_hosts
from pipeline.serve.shelf import Loaded, Shelf
from pipeline.serve.sql import ROWS, Desk, RefusedQuery
from pipeline.themes.corrections import NAME, append_correction

PAGE = 20
"""Results a page."""
_MOST = 2_000
"""Characters of a query that are read."""


@dataclass(frozen=True)
class Answer:
    """A page of results."""

    total: int
    entries: list[Entry]
    page: int
    pages: int
    note: str
    faults: dict[str, str]

    @property
    def first(self) -> int:
        """The number of the first result on the page."""
        return (self.page - 1) * PAGE + 1


class Pages:
    """Answers requests from the dataset on the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._desk = Desk(shelf.out / "goldenthread.duckdb")
        self._picture = functools.lru_cache(maxsize=200)(self._draw)

    def close(self) -> None:
        """End what the server has started."""
        self._desk.close()

    def list_routes(self) -> list[Route | Mount]:
        """The routes, those of a server's own before the pages that the report has as well."""
        folders = ("text", "csv", "dataset")
        return [
            Route("/", lambda _: RedirectResponse("/index.html")),
            Route("/static/{name}", self.send_static),
            Route("/search/index.html", self.search),
            Route("/search/results.csv", self.send_csv),
            Route("/search/results.xlsx", self.send_sheet),
            Route("/compare/index.html", self.compare),
            Route("/sql/index.html", self.sql),
            Route("/sql/results.csv", self.send_rows),
            Route("/evidence/{item_id}", self.show_evidence),
            Route("/corrections/index.html", self.correct, methods=["POST"]),
            Route("/pictures/{item_id}.png", self.send_picture),
            Route("/file/{document_id}", self.send_file),
            Route("/goldenthread.xlsx", lambda _: FileResponse(self._shelf.out / "goldenthread.xlsx")),
            *(Mount(f"/{name}", StaticFiles(directory=self._shelf.out / name)) for name in folders),
            Mount("/charts", StaticFiles(directory=self._shelf.out / "report" / "charts", check_dir=False)),
            Route("/{path:path}", self.show_page),
        ]

    def show_page(self, request: Request) -> Response:
        """A page that the report has as well."""
        try:
            return HTMLResponse(self._shelf.take().site.render(request.path_params["path"]))
        except KeyError:
            raise HTTPException(404) from None

    def send_static(self, request: Request) -> Response:
        """A style sheet or a script."""
        name = request.path_params["name"]
        found = list_static().get(name)
        if found is None:
            raise HTTPException(404)
        return Response(found.read_bytes(), media_type="text/css" if name.endswith(".css") else "text/javascript")

    def compare(self, request: Request) -> Response:
        """Councils side by side."""
        loaded = self._shelf.take()
        chosen = request.query_params.getlist("council")
        return self._fill(loaded, "compare/index.html", "compare.html", **compare(loaded.gathered, chosen))

    def search(self, request: Request) -> Response:
        """The form of the search, and a page of what it found."""
        loaded = self._shelf.take()
        query, faults = read_query(request.query_params)
        answer = None
        if query.asked:
            found, page = loaded.search.find(query), _read_page(request)
            pages = max(1, -(-len(found.rows) // PAGE))
            page = min(page, pages)
            rows = found.rows[(page - 1) * PAGE : page * PAGE]
            entries = [loaded.gathered.entries[row] for row in rows]
            answer = Answer(len(found.rows), entries, page, pages, _remark(found), faults)
        return self._fill(
            loaded, "search/index.html", "search.html", choices=loaded.choices, query=query, answer=answer
        )

    def _find_entries(self, request: Request) -> tuple[Loaded, list[Entry]]:
        loaded = self._shelf.take()
        query, _ = read_query(request.query_params)
        found = loaded.search.find(query)
        return loaded, [loaded.gathered.entries[row] for row in found.rows]

    def send_csv(self, request: Request) -> Response:
        """All results as CSV."""
        loaded, entries = self._find_entries(request)
        return _attach(
            StreamingResponse(stream_csv(loaded.gathered.index, entries), media_type="text/csv"), "results.csv"
        )

    def send_sheet(self, request: Request) -> Response:
        """The results as an Excel file."""
        loaded, entries = self._find_entries(request)
        made = make_sheet(loaded.gathered.index, entries)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return _attach(Response(made, media_type=kind), "results.xlsx")

    def sql(self, request: Request) -> Response:
        """A query in SQL and what it gives."""
        asked = request.query_params.get("q", "")[:_MOST].strip()
        rows, fault = None, None
        if asked:
            try:
                rows = self._desk.ask(asked)
            except RefusedQuery as e:
                fault = str(e)
        tables = {name: [c.name for c in list_columns(record)] for name, record in RECORDS.items()}
        views = {name: about for name, (about, _) in VIEWS.items()}
        values = {"asked": asked, "rows": rows, "fault": fault, "tables": tables, "views": views, "most": ROWS}
        return self._fill(self._shelf.take(), "sql/index.html", "sql.html", 400 if fault else 200, **values)

    def send_rows(self, request: Request) -> Response:
        """What a query in SQL gives, as CSV."""
        try:
            found = self._desk.ask(request.query_params.get("q", "")[:_MOST], rows=100_000)
        except RefusedQuery as e:
            raise HTTPException(400, str(e)) from None
        made = io.StringIO(newline="")
        writer = csv.writer(made)
        writer.writerow(map(write_field, found.names))
        writer.writerows(map(write_field, row) for row in found.rows)
        return _attach(Response("\ufeff" + made.getvalue(), media_type="text/csv"), "rows.csv")

    def show_evidence(self, request: Request) -> Response:
        """A row beside the picture of its page."""
        loaded, item_id = self._shelf.take(), request.path_params["item_id"]
        try:
            described = describe_item(self._shelf.out, item_id)
        except InputFault:
            raise HTTPException(404) from None
        weigh = "considered" in request.query_params
        index = loaded.gathered.index
        document = index.documents[described["document_id"]]
        row = next(r for r in loaded.gathered.rows[document.document_id] if item_id_of(r) == item_id)
        values: dict[str, Any] = {
            "row": row,
            "described": described,
            "document": document,
            "maker": describe_maker(described["rule_id"]),
            "codes": [(code, theme.label) for code, theme in read_theme_names().items()],
            "themes": loaded.gathered.names,
            "considered": consider_item(described, self._shelf.load) if weigh else None,
            "pictured": row.page is not None and row.bbox is not None and document.file_sha256 in loaded.files
            and document.media_type == "application/pdf",
        }  # fmt: skip
        return self._fill(loaded, f"evidence/{item_id}", "evidence.html", **values)

    async def correct(self, request: Request) -> Response:
        """Keep a correction."""
        if not is_own_request(request.headers):
            raise HTTPException(403, "Corrections are taken from the pages of this server only.")
        body = await request.body() if int(request.headers.get("content-length", LONGEST + 1)) <= LONGEST else b""
        return await run_in_threadpool(self._keep, read_form(body))

    def _keep(self, form: dict[str, str]) -> Response:
        loaded = self._shelf.take()
        line, fault = make_line(form, loaded.gathered, dt.date.today())
        if fault is None:
            try:
                append_correction(self._shelf.out / NAME, line)
            except InputFault as e:
                fault = str(e)
        values = {"told": dataclasses.asdict(line), "fault": fault}
        return self._fill(loaded, "corrections/index.html", "corrections.html", 400 if fault else 200, **values)

    def send_picture(self, request: Request) -> Response:
        """The page of a row as a picture, its words marked."""
        try:
            return Response(self._picture(request.path_params["item_id"]), media_type="image/png")
        except InputFault:
            raise HTTPException(404) from None

    def _draw(self, item_id: str) -> bytes:
        made = io.BytesIO()
        draw_evidence(self._shelf.out, describe_item(self._shelf.out, item_id), made)
        return made.getvalue()

    def send_file(self, request: Request) -> Response:
        """The file of a document: a PDF to be looked at; anything else, which might hold a script, to be saved."""
        loaded = self._shelf.take()
        document = loaded.gathered.index.documents.get(request.path_params["document_id"])
        path = loaded.files.get(document.file_sha256) if document else None
        if document is None or path is None:
            raise HTTPException(404)
        if document.media_type == "application/pdf":
            return FileResponse(path, media_type="application/pdf", content_disposition_type="inline")
        return FileResponse(path, media_type="application/octet-stream", filename=document.file_name)

    def _fill(self, loaded: Loaded, path: str, template: str, code: int = 200, **values: Any) -> Response:
        return HTMLResponse(loaded.site.fill(path, template, **values), code)

    def say(self, request: Request, fault: Exception) -> Response:
        """A page on what went wrong."""
        code = fault.status_code if isinstance(fault, HTTPException) else 500
        path = request.url.path.removeprefix("/")
        told = fault.detail if isinstance(fault, HTTPException) else ""
        return self._fill(self._shelf.take(), path, "fault.html", code, status=code, told=told)


def _remark(found: Found) -> str:
    cut = f" The Excel file holds the first {SHEET_ROWS:,}." if len(found.rows) > SHEET_ROWS else ""
    return found.note + cut


def _read_page(request: Request) -> int:
    try:
        return max(1, int(request.query_params.get("page", "1")))
    except ValueError:
        return 1


def _attach(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def make_app(out: Path, load: Callable[[], Embedder], host: str = "127.0.0.1") -> Starlette:
    """The application that serves the dataset in `out`; `load` gives the sentence model, when it is needed.

    Raises InputFault where there is no dataset.
    """
    shelf = Shelf(out, load)
    pages = Pages(shelf)

    @contextlib.asynccontextmanager
    async def live(_: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=shelf.take().warm, daemon=True).start()
        yield
        pages.close()
        shelf.close()

    return Starlette(
        lifespan=live,
        routes=pages.list_routes(),
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list_hosts(host)),
        ],
        exception_handlers={HTTPException: pages.say, 500: pages.say},
    )
