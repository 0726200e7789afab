"""A scanned letter: its rows are no surer than OCR is of their page."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.embed import load_embedder
from pipeline.process import process_file

LINES = (
    "14 May 2024",
    "Dear Anna Birch",
    "Focused visit to Trafford Council children’s services",
    "This letter summarises the findings of the focused visit to Trafford children’s services on 16 and 17 April 2024.",
    "Children are seen regularly and alone, and social workers know them well.",
    "Plans for children are not clear enough, and too many of them drift.",
    "Supervision is reflective and helps social workers to improve their practice.",
)


def draw_letter(path: Path, scan: bool) -> Path:
    buffer = io.BytesIO()
    letter = Canvas(buffer, pagesize=(595, 842))
    for i, line in enumerate(LINES):
        letter.setFont("Helvetica", 9)
        letter.drawString(60, 760 - 40 * i, line)
    letter.save()
    path.write_bytes(buffer.getvalue())
    if scan:
        image = pypdfium2.PdfDocument(path)[0].render(scale=2.4).to_pil()
        copy = Canvas(str(path), pagesize=(595, 842))
        copy.drawImage(ImageReader(image), 0, 0, 595, 842)
        copy.save()
    return path


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")
def test_rows_of_a_scan_are_less_sure_and_its_document_says_so(tmp_path: Path) -> None:
    results = [
        process_file(draw_letter(tmp_path / name, scan), name, "0" * 64, load_embedder(), "pdfium")
        for name, scan in (("native.pdf", False), ("scan.pdf", True))
    ]
    assert [r.documents[0].text_source for r in results] == ["native", "ocr"]
    assert [r.documents[0].doc_type for r in results] == ["focused_visit"] * 2
    sure = [{f.text: f.confidence for f in r.findings} for r in results]
    same = set(sure[0]) & set(sure[1])
    assert same
    assert all(sure[1][text] < sure[0][text] for text in same)
    assert [p.error for p in results[1].problems if p.stage == "read"] == ["read_by_ocr"]
