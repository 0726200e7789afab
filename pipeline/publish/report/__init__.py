"""Records → a folder of HTML pages that work from a file share, and the same pages for a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pipeline.garbage import set_aside
from pipeline.publish.report.entries import write_scripts
from pipeline.publish.report.gathering import gather
from pipeline.publish.report.kept import KeptPages
from pipeline.publish.report.pages import make_site
from pipeline.publish.report.site import FolderDoor, write_pages
from pipeline.records import Record

__all__ = ["list_static", "write_report"]


def list_static() -> dict[str, Traversable]:
    """The style sheets and scripts of the pages by their names."""
    folder = resources.files("pipeline.publish").joinpath("static")
    return {f.name: f for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith((".css", ".js"))}


def write_report(
    tables: Mapping[str, Sequence[Record]],
    folder: Path,
    sources: Mapping[str, str] | None = None,
    kept: Path | None = None,
) -> None:
    """Write the report of the sorted tables into `folder`, which must not exist.

    `sources` gives the file with each SHA-256 as an address from that folder. `kept` is a folder for pages that the
    next report may show again.
    """
    with set_aside():
        _write(tables, folder, sources or {}, KeptPages(kept))


def _write(tables: Mapping[str, Sequence[Record]], folder: Path, sources: Mapping[str, str], kept: KeptPages) -> None:
    gathered = gather(tables)
    for name, content in write_scripts(gathered.index, gathered.facets):
        target = folder / "search" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="\n")
    (folder / "static").mkdir()
    for name, source in list_static().items():
        (folder / "static" / name).write_bytes(source.read_bytes())
    write_pages(make_site(gathered, FolderDoor(sources)), folder, kept)
