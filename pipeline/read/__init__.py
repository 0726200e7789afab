"""Files to blocks: one module a format, one function `read_file` for all."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import FileFault
from pipeline.read.blocks import Reading
from pipeline.read.sniff import Format, sniff_format


def read_file(path: Path, *, engine: str = "pdfium") -> Reading:
    """The file as blocks, by the reader for what its content is, whatever its name says.

    `engine` chooses the PDF reader, `pdfium` or `pdfplumber`. Raises FileFault where the file cannot be read as a
    document: its message says what to do.
    """
    try:
        data = path.read_bytes()
    except (PermissionError, FileNotFoundError, IsADirectoryError) as e:
        raise FileFault("unreadable", f"The file cannot be opened ({e.strerror}): check its permissions.") from e
    match sniff_format(data, path.suffix):
        case Format.PDF:
            from pipeline.read.pdf import read_pdf

            return read_pdf(path, engine=engine)
        case Format.DOCX:
            from pipeline.read.docx import read_docx

            return read_docx(data)
        case Format.PPTX:
            from pipeline.read.pptx import read_pptx

            return read_pptx(data)
        case Format.HTML:
            from pipeline.read.html import read_html

            return read_html(data)
        case Format.MARKDOWN | Format.TEXT as kind:
            from pipeline.read.text import read_text

            return read_text(data, markdown=kind is Format.MARKDOWN)
