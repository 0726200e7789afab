"""What a file is, by its content: names lie."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from pipeline.errors import FileFault


class Format(StrEnum):
    """The formats that can be read; the value is the media type."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"


_IMAGES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|p|h[1-6]|table|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_PDF_WITHIN = 1024
"""Readers accept a PDF header anywhere in the first 1,024 bytes (PDF 1.7, Annex H)."""


def sniff_format(data: bytes, suffix: str = "") -> Format:
    """The format of a file's bytes; `suffix` (".pdf") only tells Markdown from text and words the fault.

    Raises FileFault: empty_file, legacy_office, encrypted_office, html_named_pdf, image_named_pdf, truncated_office
    or unknown_format.
    """
    suffix = suffix.lower()
    if not data.strip(b"\x00 \t\r\n\x0c\xef\xbb\xbf"):
        raise FileFault("empty_file", "The file is empty: download it again.")
    if data.startswith(_OLE):
        raise _fault_ole(data)
    if data.startswith(b"PK"):
        return _sniff_zip(data)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return Format.PDF
    image = _name_image(data)
    if image:
        error = "image_named_pdf" if suffix == ".pdf" else "unknown_format"
        raise FileFault(error, f"The file is an image ({image}), not a document: find the document itself.")
    text = _peek(data)
    if _HTML.match(text) or (suffix in (".htm", ".html") and b"<" in text):
        if suffix == ".pdf":
            raise FileFault(
                "html_named_pdf",
                "The file is a web page, probably an error page, not a report: download the report again.",
            )
        return Format.HTML
    if suffix == ".pdf":
        raise FileFault("unknown_format", "The file is named .pdf but is not a PDF: download it again.")
    if not _is_text(data):
        raise FileFault(
            "unknown_format",
            "The format is not known: PDF, Word (.docx), PowerPoint (.pptx), HTML and text can be read.",
        )
    return Format.MARKDOWN if suffix in (".md", ".markdown") else Format.TEXT


def _fault_ole(data: bytes) -> FileFault:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return FileFault("encrypted_office", "The file is protected by a password: save a copy without it.")
    return FileFault(
        "legacy_office",
        "The file has the format of Word, PowerPoint or Excel before 2007: open it and save it as .docx or .pptx.",
    )


def _sniff_zip(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as e:
        raise FileFault("truncated_office", "The file is a damaged zip or office file: download it again.") from e
    if "word/document.xml" in names:
        return Format.DOCX
    if "ppt/presentation.xml" in names:
        return Format.PPTX
    if "xl/workbook.xml" in names:
        raise FileFault("unknown_format", "The file is an Excel workbook, which is not read.")
    raise FileFault("unknown_format", "The file is a zip archive, not a document: unpack it.")


def _name_image(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    for signature, name in _IMAGES.items():
        if data.startswith(signature) and (name != "BMP" or b"\x00" in data[:16]):
            return name
    return None


def _peek(data: bytes) -> bytes:
    """The first characters as ASCII, whatever the encoding."""
    head = data[:4096]
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return head.replace(b"\x00", b"")


_CONTROLS = frozenset(range(0x20)) - {0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F} | {0x7F}
_MOST_CONTROLS = 0.003
"""Share of control bytes above which bytes are no text: converters leave a stray one, a binary has one in ten."""


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or is_wide(data):
        return True
    sample = data[:65536]
    return sum(byte in _CONTROLS for byte in sample) <= _MOST_CONTROLS * len(sample)


def is_wide(data: bytes) -> bool:
    """Whether bytes without a byte order mark look like UTF-16: every other byte is nearly always zero."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return False
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    return max(odd, even) > 0.4 * len(sample) and min(odd, even) < 0.05 * len(sample)
