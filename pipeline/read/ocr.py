"""Pages without a text layer → runs, through the `tesseract` command where it is installed."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw

from pipeline.read.page_text import PageText, Run

DPI = 300
COVERED = 0.3
"""Share of the page that an image must cover for its page to count as scanned; a logo is no scan."""
SURE = 20.0
"""Words that tesseract is less sure of, in per cent, are specks."""


def has_tesseract() -> bool:
    """Whether the `tesseract` command can be found."""
    return shutil.which("tesseract") is not None


def find_scans(path: Path, numbers: Sequence[int]) -> list[int]:
    """Those of the pages (1-based) that an image covers."""
    found = []
    with pypdfium2.PdfDocument(path) as document:
        for number in numbers:
            try:
                page = document[number - 1]
                width, height = page.get_size()
                images = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
                area = max(((r - x) * (t - b) for x, b, r, t in (image.get_bounds() for image in images)), default=0.0)
            except pypdfium2.PdfiumError:  # a damaged page shows nothing that OCR could read
                continue
            if area >= COVERED * width * height:
                found.append(number)
    return found


def read_scans(path: Path, numbers: Sequence[int]) -> list[tuple[PageText, float]]:
    """The pages (1-based) as tesseract reads them at 300 dpi, each with tesseract's mean confidence in its words, from
    0 to 1; pages in which it finds no words are left out.

    Raises subprocess.CalledProcessError where tesseract fails.
    """
    pages = []
    with pypdfium2.PdfDocument(path) as document:
        for number in numbers:
            page = document[number - 1]
            width, height = page.get_size()
            image = io.BytesIO()
            page.render(scale=DPI / 72, grayscale=True).to_pil().save(image, "PNG")
            done = subprocess.run(
                ["tesseract", "stdin", "stdout", "-l", "eng", "--dpi", str(DPI), "--psm", "3", "tsv"],
                input=image.getvalue(), capture_output=True, check=True,
            )  # fmt: skip
            runs, confidence = parse_tsv(done.stdout.decode())
            if runs:
                pages.append((PageText(number, width, height, runs, []), confidence))
    return pages


def parse_tsv(tsv: str) -> tuple[list[Run], float]:
    """The words of tesseract's TSV output as runs, and their mean confidence by letters, from 0 to 1.

    Size and baseline are those of the whole printed line.
    """
    lines: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and row["text"].strip() and float(row["conf"]) >= SURE:
            key = (row["block_num"], row["par_num"], row["line_num"])
            lines.setdefault(key, []).append(row)
    kept = [word for words in lines.values() for word in words]
    letters = sum(len(w["text"]) for w in kept)
    confidence = sum(float(w["conf"]) * len(w["text"]) for w in kept) / (100 * letters) if letters else 0.0
    scale = 72 / DPI
    runs = []
    for words in lines.values():
        bottoms = sorted(int(w["top"]) + int(w["height"]) for w in words)
        heights = sorted(int(w["height"]) for w in words)
        base = bottoms[len(bottoms) // 2] * scale
        # capitals and ascenders reach about 0.73 em above the baseline
        size = round(heights[len(heights) * 3 // 4] * scale / 0.85)
        for w in words:
            x0, top = int(w["left"]) * scale, int(w["top"]) * scale
            x1, bottom = x0 + int(w["width"]) * scale, top + int(w["height"]) * scale
            runs.append(Run(w["text"], x0, top, x1, bottom, base, float(max(size, 6)), False, "ocr"))
    return runs, confidence
