"""Publish a dataset: Parquet, DuckDB, CSV, texts, workbook and report, as one folder that changes as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.embed import Vectors
from pipeline.forks import run_beside
from pipeline.places import STATE
from pipeline.publish.check import check_tables
from pipeline.publish.citation import write_citation
from pipeline.publish.columns import RECORDS
from pipeline.publish.database import write_database
from pipeline.publish.datapackage import write_datapackage
from pipeline.publish.files import link_file, write_csv, write_parquet, write_texts
from pipeline.publish.frames import sort_rows
from pipeline.publish.provenance import write_provenance
from pipeline.publish.replace import replace_whole
from pipeline.publish.report import write_report
from pipeline.publish.vectors import write_vectors
from pipeline.publish.workbook import write_workbook
from pipeline.records import Record


def write_dataset(
    tables: Mapping[str, Sequence[Record]],
    texts: Mapping[str, str],
    folder: Path,
    *,
    vectors: Mapping[str, Vectors] | None = None,
    sources: Mapping[str, str] | None = None,
    kept: Path | None = None,
) -> None:
    """Write every published file into the empty folder. See `publish`; `sources` are addresses from `report/`."""
    rows = sort_rows(tables)
    dataset, sheets = folder / "dataset", folder / "csv"
    dataset.mkdir()
    sheets.mkdir()
    for name, record in RECORDS.items():
        write_parquet(record, rows[name], dataset / f"{name}.parquet")

    def write_others() -> None:
        write_database(dataset, folder / "goldenthread.duckdb")
        for name in RECORDS:
            write_csv(dataset / f"{name}.parquet", sheets / f"{name}.csv")
        write_datapackage(rows, dataset, ".parquet")
        write_datapackage(rows, sheets, ".csv")
        write_citation(rows, folder / "CITATION.cff")
        write_provenance(rows, folder)
        write_texts(texts, folder / "text")
        write_vectors(vectors or {}, folder / "vectors.parquet")
        write_report(rows, folder / "report", sources, kept)

    run_beside(write_others, lambda: write_workbook(dataset, folder / "goldenthread.xlsx", sources))


def publish(
    tables: Mapping[str, Sequence[Record]],
    texts: Mapping[str, str],
    out: Path,
    *,
    carry: Sequence[str] = (".cache",),
    write_state: Callable[[Path], None] = lambda folder: None,
    vectors: Mapping[str, Vectors] | None = None,
    sources: Mapping[str, Path] | None = None,
    kept: Path | None = None,
) -> None:
    """Put the dataset of these tables (by name) and texts (by document id) in the place of whatever is at `out`.

    `vectors` are unit vectors of items by id, for search by meaning; `sources` the files by SHA-256, for links to them;
    `kept` a folder for pages that need not be made again next time.

    `out` holds all of the old dataset until it holds all of the new. Entries named in `carry` may stand in a folder
    that holds no dataset yet, and like everything else there that is not part of a dataset they stay. `write_state`
    writes what the next run must know of this one into a folder that is replaced together with the dataset.

    Raises BrokenDataset where the tables contradict each other, OutputFault where `out` cannot be written or holds
    something else; `out` is then as it was.
    """
    check_tables(tables, texts)
    home = out.resolve() / "report"
    links = {sha: link_file(path, home) for sha, path in (sources or {}).items()}

    def write(folder: Path) -> None:
        write_dataset(tables, texts, folder, vectors=vectors, sources=links, kept=kept)
        (folder / STATE).mkdir()
        write_state(folder / STATE)

    replace_whole(out, write, carry)
