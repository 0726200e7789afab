"""How fast PDFs become blocks, and whether the two engines read the same words.

    python -m pipeline.read.bench FOLDER [--every N] [--words] [--files N]

prints pages a second of processor time to blocks, the same for plain `pdfplumber` text over the same pages, and the
ratio. With `--words` it compares the words of both engines page by page, and the cells of their tables file by file,
and prints the classes of difference. With `--files` it reads as many files, over and over, and prints how the peak of
memory grows.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import pdfplumber

from pipeline.errors import FileFault
from pipeline.read import pdfium, plumber
from pipeline.read.columns import order_lines
from pipeline.read.page_text import PageText
from pipeline.read.pdf import check_pdf, read_pdf


def find_pdfs(folder: Path, every: int) -> list[Path]:
    """Every n-th PDF of the folder that is one."""
    found = []
    for path in sorted(folder.rglob("*.pdf"))[::every]:
        try:
            check_pdf(path)
        except FileFault:
            continue
        found.append(path)
    return found


def time_blocks(paths: list[Path]) -> tuple[int, float]:
    """Pages, and seconds of processor time to read them into blocks."""
    start = time.process_time()
    pages = sum(read_pdf(path).pages or 0 for path in paths)
    return pages, time.process_time() - start


def time_plumber(paths: list[Path]) -> tuple[int, float]:
    """Pages, and seconds of processor time of pdfplumber's plain text of them."""
    start, pages = time.process_time(), 0
    for path in paths:
        with pdfplumber.open(path) as document:
            for page in document.pages:
                page.extract_text()
                page.close()
                pages += 1
    return pages, time.process_time() - start


def count_words(page: PageText) -> Counter[str]:
    """The words of a page's lines, whatever their order."""
    lines = order_lines(page.runs, page.number)
    return Counter(word for n in lines for word in f"{n.label or ''} {n.text} {n.raised}".split())


def name_difference(only_first: Counter[str], only_second: Counter[str]) -> str:
    """Why two engines' words of one page differ: `cut` (same letters, other word borders) or `text`."""
    first, second = ("".join(sorted("".join(c.elements()))) for c in (only_first, only_second))
    return "cut" if first == second else "text"


def compare_words(paths: list[Path]) -> tuple[Counter[str], list[str]]:
    """Pages by class (`same`, `cut`, `text`), and a line for each page that differs."""
    classes: Counter[str] = Counter()
    shown = []
    for path in paths:
        for a, b in zip(pdfium.read_pages(path).pages, plumber.read_pages(path).pages, strict=True):
            first, second = count_words(a), count_words(b)
            kind = "same" if first == second else name_difference(first - second, second - first)
            classes[kind] += 1
            if kind != "same":
                left, right = sorted((first - second).elements()), sorted((second - first).elements())
                shown.append(f"{kind} {path.name} page {a.number}: {left[:6]} | {right[:6]}")
    return classes, shown


def compare_cells(paths: list[Path]) -> tuple[Counter[str], list[str]]:
    """Cells of ruled and unruled tables by class (`same`, `differs`: text, row or column), and a line for each file
    whose cells differ."""
    classes: Counter[str] = Counter()
    shown = []
    for path in paths:
        first, second = (
            Counter((b.page, c.row, c.column, c.text) for b in read_pdf(path, engine=engine).blocks for c in b.cells)
            for engine in ("pdfium", "pdfplumber")
        )
        differ = (first - second) + (second - first)
        classes["same"] += (first & second).total()
        classes["differs"] += max((first - second).total(), (second - first).total())
        if differ:
            shown.append(f"cells {path.name}: {sorted(differ, key=str)[:4]}")
    return classes, shown


def measure_memory(paths: list[Path], files: int) -> list[tuple[int, float]]:
    """Peaks of resident memory in MiB after one round of the files, after half of `files` and after all of them."""
    marks = sorted({min(len(paths), files), files // 2, files})
    peaks = []
    for number, path in enumerate(itertools.islice(itertools.cycle(paths), files), 1):
        read_pdf(path)
        if number in marks:
            peaks.append((number, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    return peaks


def main(arguments: list[str]) -> None:
    """Run the benchmark and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="read every n-th file only")
    parser.add_argument("--words", action="store_true", help="compare the engines' words as well")
    parser.add_argument("--files", type=int, default=0, help="measure the peak of memory over so many files")
    chosen = parser.parse_args(arguments)
    paths = find_pdfs(chosen.folder, chosen.every)
    peaks = measure_memory(paths, chosen.files) if chosen.files else []
    pages, seconds = time_blocks(paths)
    slow_pages, slow_seconds = time_plumber(paths)
    fast, slow = pages / seconds, slow_pages / slow_seconds
    out = [
        f"{len(paths)} files, {pages} pages",
        f"blocks through pdfium: {fast:.0f} pages/s",
        f"plain pdfplumber text: {slow:.1f} pages/s",
        f"ratio: {fast / slow:.0f}",
    ]
    out += [f"peak memory after {number} files: {mebibytes:.0f} MiB" for number, mebibytes in peaks]
    if chosen.words:
        classes, shown = compare_words(paths)
        out += [f"words, pages by class: {dict(sorted(classes.items()))}", *shown]
        classes, shown = compare_cells(paths)
        out += [f"cells by class: {dict(sorted(classes.items()))}", *shown]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
