"""Office packages (zip files of XML): sound before they are handed to the libraries, and what those raise if not."""

from __future__ import annotations

import io
import zipfile
import zlib

from docx.opc.exceptions import OpcError
from lxml import etree
from pptx.exc import PythonPptxError

from pipeline.errors import FileFault

MALFORMED = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, TypeError, ValueError,
    OpcError, PythonPptxError, etree.LxmlError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What python-docx and python-pptx raise on XML that lacks what they expect: they do not check it themselves."""

_MOST_BYTES = 1 << 30
"""Unpacked size above which a package is refused: the largest deck of a council seen is a tenth of it."""


def check_package(data: bytes, program: str) -> None:
    """Raises FileFault (damaged_office, too_large) unless the package unpacks, to no more than one GiB."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > _MOST_BYTES:
                raise FileFault(
                    "too_large", f"The file unpacks to {size >> 20} MiB: save a copy with smaller pictures."
                )
            broken = archive.testzip()
    except MALFORMED as e:
        raise damaged(program, e) from e
    if broken is not None:
        raise damaged(program, broken)


def damaged(program: str, why: object) -> FileFault:
    """The fault of a file that `program` would have to mend."""
    return FileFault(
        "damaged_office", f"The file is damaged ({why}): open it in {program} and save it again, or download it again."
    )
