"""Files that lie, are broken or are nothing: each is refused by name, with words that say what to do, or is read."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pptx
import pytest
from reportlab.lib import pdfencrypt
from reportlab.pdfgen import canvas

from pipeline.errors import FileFault
from pipeline.read import read_file

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def _pdf(password: str | None = None) -> bytes:
    buffer = io.BytesIO()
    lock = pdfencrypt.StandardEncryption(password, ownerPassword="owner") if password else None
    page = canvas.Canvas(buffer, encrypt=lock)
    page.drawString(72, 700, "The council of Millford has reviewed its plans.")
    page.save()
    return buffer.getvalue()


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def _empty_deck() -> bytes:
    buffer = io.BytesIO()
    pptx.Presentation().save(buffer)
    return buffer.getvalue()


BAD = {
    "empty": ("report.pdf", b"", "empty_file", "download"),
    "blank": ("notes.txt", b" \r\n\t\n", "empty_file", ""),
    "truncated pdf": ("report.pdf", _pdf()[:300], "truncated_pdf", "download"),
    "encrypted pdf": ("report.pdf", _pdf("secret"), "encrypted_pdf", "password"),
    "html named pdf": ("report.pdf", b"\n<!DOCTYPE html><html><body>404</body></html>", "html_named_pdf", "web page"),
    "image named pdf": ("report.pdf", PNG, "image_named_pdf", "image"),
    "image": ("photo.png", PNG, "unknown_format", "image"),
    "binary": ("report.dat", bytes(range(256)) * 8, "unknown_format", "PDF, Word"),
    "text named pdf": ("report.pdf", b"Service unavailable", "unknown_format", "not a PDF"),
    "old office": ("report.doc", OLE, "legacy_office", ".docx"),
    "encrypted office": ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted_office", "password"),
    "zip": ("papers.zip", _zip("a.txt"), "unknown_format", "unpack"),
    "workbook": ("data.xlsx", _zip("xl/workbook.xml"), "unknown_format", "Excel"),
    "hollow docx": ("a.docx", _zip("word/document.xml"), "damaged_office", "Word"),
    "hollow pptx": ("a.pptx", _zip("ppt/presentation.xml"), "damaged_office", "PowerPoint"),
    "cut zip": ("a.docx", _zip("word/document.xml")[:40], "truncated_office", "download"),
    "no slides": ("deck.pptx", _empty_deck(), "no_pages", "slides"),
    "broken utf-16": ("notes.txt", b"\xff\xfeP\x00\x00\xd8P", "undecodable", "UTF-8"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file_is_refused_by_name(case: str, tmp_path: Path) -> None:
    name, data, error, words = BAD[case]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FileFault) as caught:
        read_file(path)
    assert (caught.value.stage, caught.value.error) == ("read", error)
    assert words in caught.value.message


@pytest.mark.parametrize(
    "name", ["a report 'final' \"v2\".txt", "Añadir – Küche 東京.txt", "100% (copy) #1.md", "none"]
)
def test_name_does_not_matter(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("The council of Millford has reviewed its plans.", encoding="utf-8")
    assert read_file(path).blocks[0].text == "The council of Millford has reviewed its plans."


def test_odd_name_of_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "Añadir 'final' 東京.docx"
    path.write_bytes(_pdf())
    reading = read_file(path)
    assert (reading.media_type, reading.pages) == ("application/pdf", 1)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "latin-1"])
def test_text_in_another_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes("Café Müller costs £4 a visit.".encode(encoding))
    assert read_file(path).blocks[0].text == "Café Müller costs £4 a visit."


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.txt"
    path.write_text("Plans are clear.")
    path.chmod(0)
    if os.access(path, os.R_OK):  # the super-user may read everything

        def deny(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(FileFault) as caught:
        read_file(path)
    assert caught.value.error == "unreadable"
    assert "permission" in caught.value.message.lower()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileFault) as caught:
        read_file(tmp_path / "gone.pdf")
    assert caught.value.error == "unreadable"
