"""How fast the command is from end to end, beside other tools in the same run.

    python -m pipeline.bench FOLDER [--sizes 100 1000 10000] [--every N]

runs the command over the PDFs of FOLDER, then over as many copies of them as each size says (`copies.py`): from
nothing, again without a change, and with one more letter. Then it takes the same pages' text out with plain pdfplumber,
with as many processes, and groups the same texts with BERTopic. Prints a table in Markdown. Seconds are by the clock,
so run it on an idle machine; processor time stands beside them.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.bench.copies import make_copies
from pipeline.bench.peers import Fits, time_fits, time_plumber_text
from pipeline.bench.runs import Measured, measure_run
from pipeline.read.bench import find_pdfs


@dataclass(frozen=True)
class Load:
    """The runs over a number of files with a number of pages: from nothing, without a change, with one more letter
    (None where there is none to add)."""

    name: str
    files: int
    pages: int
    cold: Measured
    warm: Measured
    added: Measured | None


def measure_folder(folder: Path, pages: int, out: Path) -> Load:
    """The runs over a folder of PDFs as it is."""
    files = sum(path.is_file() for path in folder.rglob("*"))
    return Load("PDFs", files, pages, measure_run(folder, out), measure_run(folder, out), None)


def measure_copies(paths: Sequence[Path], many: int, room: Path) -> Load:
    """The runs over so many copies of the PDFs, made in `room`, and one more."""
    folder, out = room / "files", room / "out"
    copies = make_copies(paths, folder)
    pages = sum(page_count for _, page_count in itertools.islice(copies, many))
    cold, warm = measure_run(folder, out), measure_run(folder, out)
    next(copies)
    return Load("copies", many, pages, cold, warm, measure_run(folder, out))


def describe_loads(loads: Sequence[Load]) -> Iterator[str]:
    """A table in Markdown, a row a load."""
    yield (
        "| files | pages | cold, s | pages/s | processor s a file | peak MiB | no change, s | peak MiB | one more, s "
        "| peak MiB |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for load in loads:
        added = (f"{load.added.seconds:.1f}", f"{load.added.mebibytes:.0f}") if load.added else ("", "")
        cells = (
            f"{load.files:,} {load.name}",
            f"{load.pages:,}",
            f"{load.cold.seconds:.0f}",
            f"{load.pages / load.cold.seconds:.1f}",
            f"{load.cold.processor / load.files:.2f}",
            f"{load.cold.mebibytes:.0f}",
            f"{load.warm.seconds:.1f}",
            f"{load.warm.mebibytes:.0f}",
            *added,
        )
        yield "| " + " | ".join(cells) + " |"


def describe_peers(load: Load, plumber: tuple[int, float], fits: Fits) -> Iterator[str]:
    """The other tools' figures and the ratios to those of the same run."""
    pages, seconds = plumber
    ratio = (load.pages / load.cold.seconds) / (pages / seconds)
    yield f"pdfplumber, plain text alone: {pages / seconds:.1f} pages/s; the whole run makes {ratio:.2f} times as many"
    yield (
        f"BERTopic over the same {fits.texts:,} texts and vectors: {fits.bertopic:.1f} s of processor time; the themes "
        f"take {fits.own:.1f} s, a ratio of {fits.bertopic / fits.own:.1f}"
    )


def main(arguments: list[str]) -> None:
    """Run the benchmark and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000], help="numbers of copies to run over")
    parser.add_argument("--every", type=int, default=1, help="copies of, and pdfplumber over, every n-th PDF only")
    chosen = parser.parse_args(arguments)
    paths = find_pdfs(chosen.folder, chosen.every)
    plumber = time_plumber_text(paths, os.cpu_count() or 1)
    loads = []
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        loads.append(measure_folder(chosen.folder, count_pages(chosen.folder), room / "out"))
        fits = time_fits(room / "out")
        for many in chosen.sizes:
            (room / str(many)).mkdir()
            loads.append(measure_copies(paths, many, room / str(many)))
    lines = [*describe_loads(loads), "", *describe_peers(loads[0], plumber, fits)]
    sys.stdout.write("\n".join(lines) + "\n")


def count_pages(folder: Path) -> int:
    """The pages of all PDFs of the folder."""
    import pypdfium2

    return sum(len(pypdfium2.PdfDocument(path)) for path in find_pdfs(folder, 1))


if __name__ == "__main__":
    main(sys.argv[1:])
