"""PDF files → blocks."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2

from pipeline.errors import FileFault
from pipeline.read import ocr, pdfium
from pipeline.read.blocks import Note, Reading
from pipeline.read.layout import build_blocks
from pipeline.read.page_text import PdfText

_NO_TITLE = re.compile(
    r"\.(docx?|pdf|pptx?|indd|rtf)\b|^Microsoft (Word|PowerPoint)|\btemplate\b|\b(la|council) name\b|\bdraft\b|"
    r"^the report$",
    re.I,
)
MEDIA_TYPE = "application/pdf"


def read_pdf(path: Path, *, engine: str = "pdfium") -> Reading:
    """A PDF as blocks in reading order; `engine` is `pdfium` or `pdfplumber`, which give the same blocks.

    Raises FileFault (empty_file, html_named_pdf, image_named_pdf, unknown_format, truncated_pdf, damaged_pdf,
    encrypted_pdf, no_pages) where there is no PDF to read.
    """
    check_pdf(path)
    text = _read_text(path, engine)
    if not text.pages:
        raise FileFault("no_pages", f"{path.name} is a PDF without pages; ask its publisher for a complete copy")
    if len(text.unread) == len(text.pages):
        raise FileFault("damaged_pdf", f"{path.name} is damaged: none of its pages can be opened; download it again")
    notes, legible = _read_blank_pages(path, text)
    if text.unread:
        shown = ", ".join(map(str, text.unread))
        notes += (Note("damaged_page", f"page {shown} of {path.name} is damaged and was not read; download it again"),)
    return Reading(
        MEDIA_TYPE, build_blocks(text.pages), pages=len(text.pages), outline=text.outline, legible=legible,
        title=_sensible(text.title), notes=notes,
    )  # fmt: skip


def _read_blank_pages(path: Path, text: PdfText) -> tuple[tuple[Note, ...], dict[int, float]]:
    """Put the text of scanned pages into `text`; what a person should know of it, and how sure OCR is of each page."""
    blank = [p.number for p in text.pages if not p.runs and p.number not in text.unread]
    scans = ocr.find_scans(path, blank) if blank else []
    if not scans:
        return (), {}
    shown = ", ".join(map(str, scans))
    if not ocr.has_tesseract():
        message = f"no text layer on page {shown} of {path.name}: install tesseract to read scanned pages"
        return (Note("no_text_layer", message),), {}
    read_pages = ocr.read_scans(path, scans)
    found = {p.number: p for p, _ in read_pages}
    text.pages = [found.get(p.number, p) for p in text.pages]
    if not found:
        return (Note("no_text_layer", f"page {shown} of {path.name} is an image in which no words were found"),), {}
    read = ", ".join(map(str, found))
    note = Note("read_by_ocr", f"page {read} of {path.name} is scanned: its words were read by OCR and may hold errors")
    return (note,), {p.number: confidence for p, confidence in read_pages}


def _sensible(title: str | None) -> str | None:
    """The metadata's title, unless it is a file name, a template's name or empty."""
    shown = " ".join((title or "").split())
    if len(shown) < 8 or " " not in shown or _NO_TITLE.search(shown):
        return None
    return shown


def _read_text(path: Path, engine: str) -> PdfText:
    if engine not in ("pdfium", "pdfplumber"):
        raise ValueError(f"no PDF engine {engine!r}: pdfium or pdfplumber")
    try:
        if engine == "pdfium":
            return pdfium.read_pages(path)
        pypdfium2.PdfDocument(path).close()  # the same faults whichever engine reads
    except RuntimeError as e:  # pdfium's own fault, or what pdfwords makes of it
        raise _fault_of(path, str(e)) from e
    from pdfplumber.utils.exceptions import PdfminerException

    from pipeline.read import plumber  # imports seconds' worth of modules that the usual run does not need

    try:
        return plumber.read_pages(path)
    except PdfminerException as e:
        raise _fault_of(path, str(e)) from e


def _fault_of(path: Path, message: str) -> FileFault:
    if "password" in message.lower():
        return FileFault("encrypted_pdf", f"{path.name} is locked with a password; save an unlocked copy and run again")
    tail = path.read_bytes()[-2048:]
    if b"%%EOF" not in tail:
        return FileFault("truncated_pdf", f"{path.name} is cut off before its end; download it again")
    return FileFault("damaged_pdf", f"{path.name} is damaged and cannot be opened; download it again")


IMAGES = {
    b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"II*\x00": "TIFF", b"MM\x00*": "TIFF", b"BM": "BMP",
}  # fmt: skip


def check_pdf(path: Path) -> None:
    """Pass a file that starts like a PDF.

    Raises FileFault (empty_file, html_named_pdf, image_named_pdf, unknown_format) that says what the file is instead.
    """
    with path.open("rb") as file:
        head = file.read(2048)
    if not head.strip(b"\0 \r\n\t"):
        raise FileFault("empty_file", f"{path.name} is empty; download it again")
    if b"%PDF-" in head[:1024]:
        return
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        raise FileFault(
            "html_named_pdf",
            f"{path.name} is a web page saved under the name of a PDF, most likely an error page of the site it was "
            "downloaded from; download the PDF again",
        )
    for magic, name in IMAGES.items():
        if head.startswith(magic):
            raise FileFault("image_named_pdf", f"{path.name} is a {name} image, not a PDF; run it through OCR first")
    raise FileFault("unknown_format", f"{path.name} is not a PDF, whatever its name says; open it to see what it is")
