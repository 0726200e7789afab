"""The lines of a text file: decoded, cleaned, and each told for what it is on its own."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache
from itertools import groupby

from pipeline.errors import FileFault
from pipeline.read.sniff import is_wide
from pipeline.rules import Regex, RuleModel, read_yaml


class LayoutRule(RuleModel):
    """A pattern for a whole line, with lines that it must and must not match."""

    id: str
    pattern: Regex
    hit: tuple[str, ...]
    miss: tuple[str, ...]


class LayoutRules(RuleModel):
    """Schema of `models/text_layout.yml`."""

    page_stamps: tuple[LayoutRule, ...]
    image_marks: tuple[LayoutRule, ...]
    not_headings: tuple[LayoutRule, ...]
    finite_verbs: frozenset[str]
    dangling: frozenset[str]


@cache
def layout_rules() -> LayoutRules:
    """What the reader knows of the way converters lay text out."""
    return read_yaml("text_layout.yml", LayoutRules)


@cache
def compile_rules(name: str) -> re.Pattern[str]:
    """The patterns of one list of `models/text_layout.yml` as one, to be matched on a whole line."""
    rules: tuple[LayoutRule, ...] = getattr(layout_rules(), name)
    return re.compile("|".join(f"(?:{rule.pattern})" for rule in rules), re.IGNORECASE)


class LineKind(Enum):
    """What a line is on its own."""

    BLANK = auto()
    STAMP = auto()
    HEADING = auto()
    ITEM = auto()
    ROW = auto()
    PIPE_ROW = auto()
    RULE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. `text` is clean and lacks `label`; `width` is the printed line's length; `level` that of a
    heading, or the number of bullets before an item. `cells` are set wherever the line has tabs or pipes;
    `tops_page` tells of a form feed before it."""

    number: int
    kind: LineKind
    text: str = ""
    label: str | None = None
    level: int = 0
    indent: int = 0
    width: int = 0
    bold: bool = False
    cells: tuple[str, ...] = ()
    tops_page: bool = False


def decode_text(data: bytes) -> str:
    """The bytes as text: by their byte order mark, else UTF-8, UTF-16, Windows-1252 or Latin-1, whichever fits first.

    Raises FileFault (undecodable) where UTF-16 or UTF-8 is declared but broken.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif is_wide(data):
        encodings = ["utf-16-le" if data[1::2].count(0) > data[0::2].count(0) else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileFault("undecodable", "The text is damaged or in an unknown encoding: save it as UTF-8.")


_SPACES = re.compile(r"[\s\x00-\x1f\x7f\u200b\u2060]+")
_INVISIBLE = re.compile("[\u00ad\u200c\u200d\ufeff\u200e\u200f]")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+)>")
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=\S)([^*]+?)(?<=\S)\1(?![\w*])|(?<!\w)(_{1,3})(?=\S)([^_]+?)(?<=\S)\3(?!\w)"
)
_STRONG = re.compile(r"\*\*|__(?=\w)|(?<=\w)__")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~$&%])")


def clean_text(raw: str) -> str:
    """A run of text without Markdown marks, entities and invisible characters, with single spaces."""
    text = raw
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", _BREAK_TAG.sub(" ", text))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda m: m[2] or m[4], text)
        text = _STRONG.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    return clean_spaces(text)


def clean_spaces(raw: str) -> str:
    """A run of text from a format without marks: invisible characters left out, white space single."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", raw).replace("\ufffe", "-")).strip()


_GLYPH = "•◦▪◼■□●○➢➤►▶✓✔·∙‣⁃\ue000-\uf8ff"
_BULLET = re.compile(rf"(?:[{_GLYPH}](?=\s*\S)|[-*+–—>](?=\s+\S)|o(?=\s+[^\W\d_]))\s*")
_NUMBER = re.compile(
    r"(?P<label>"
    r"\d{1,2}(?:\.\d{1,3})+\.?(?=\s+[A-Z(“‘\"'])"  # 1.2
    r"|\d{1,3}\.(?=\s+[^\W\d_]|\s+[(“‘\"'£])"  # 14.
    r"|\d{1,3}(?=(?:\t|\s{2,})[A-Z])"  # 14, set apart
    r"|\(?\d{1,3}\)(?=\s+\S)"  # (1) 1)
    r"|\(?(?:[a-zA-Z]|[ivx]{2,4})\)(?=\s+\S)"  # (a) a) (iv)
    r"|(?:[a-z]|[ivx]{2,4})\.(?=\s+\S)"  # a. iv.
    r")\s+"
)
_BOLD_NUMBER = re.compile(r"\*\*(\(?[\w.]{1,6}[.)])\*\*\s+(?=\S)")
_MARKDOWN_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_WHOLE_BOLD = re.compile(r"\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*:?\s*$")
_PIPE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_BARE_ROWS = 2
"""Lines with as many pipes below each other that are rows though none of them begins or ends with a pipe."""
_RULE = re.compile(r"\s*([-=_*~])(?:\s*\1){2,}\s*$")


def split_lines(text: str) -> list[str]:
    """The lines as they are printed, with any of the three line ends."""
    return re.split(r"\r\n|\r|\n", text)


def read_lines(text: str) -> list[Line]:
    """The lines of a text, numbered from 1 as an editor numbers them."""
    printed = split_lines(text)
    lines = _mark_bare_rows([_read_line(number, raw) for number, raw in enumerate(printed, 1)], printed)
    return [
        replace(line, tops_page=True) if raw.startswith("\f") else line
        for line, raw in zip(lines, printed, strict=True)
    ]


def _mark_bare_rows(lines: list[Line], printed: list[str]) -> list[Line]:
    """The lines with runs of lines that have pipes between their cells only, and as many each, as rows."""
    marked: list[Line] = []
    for pipes, run in groupby(zip(lines, printed, strict=True), key=lambda pair: pair[1].count(" | ")):
        group = list(run)
        plain = all(line.kind in (LineKind.TEXT, LineKind.ITEM) for line, _ in group)
        if pipes < 2 or len(group) < _BARE_ROWS or not plain:
            marked += [line for line, _ in group]
            continue
        for line, raw in group:
            cells = tuple(clean_text(part) for part in raw.split("|"))
            marked.append(replace(line, kind=LineKind.PIPE_ROW, text=clean_text(raw), label=None, cells=cells))
    return marked


def _read_line(number: int, raw: str) -> Line:
    raw = raw.replace("\xa0", " ").replace("\f", "").rstrip(" ")
    bare = raw.strip()
    if not bare:
        return Line(number, LineKind.BLANK)
    clean = clean_text(bare)
    if not clean:
        return Line(number, LineKind.BLANK)
    if compile_rules("image_marks").fullmatch(bare):
        return Line(number, LineKind.STAMP, clean)
    if bare.count("|") >= 2 and _PIPE_RULE.match(bare):
        return Line(number, LineKind.RULE, clean)
    if bare.count("|") >= 2 and (bare.startswith("|") or bare.endswith(" |")):
        parts = re.split(r"(?<!\\)\|", bare.removeprefix("|").removesuffix("|"))
        return Line(number, LineKind.PIPE_ROW, clean, cells=tuple(clean_text(part) for part in parts))
    if compile_rules("page_stamps").fullmatch(clean) and not bare.startswith("#"):
        return Line(number, LineKind.STAMP, clean)
    if _RULE.match(raw):
        return Line(number, LineKind.RULE, clean)
    if heading := _MARKDOWN_HEADING.match(raw):
        title = clean_text(heading[2])
        label, rest = _split_number(title)
        return (
            Line(number, LineKind.HEADING, rest, label, len(heading[1]), bold=True)
            if title
            else Line(number, LineKind.BLANK)
        )
    cells = tuple(clean_text(cell) for cell in raw.split("\t")) if "\t" in raw else ()
    if _parts_cells(cells):
        return Line(number, LineKind.ROW, clean, cells=cells)
    words = _read_words(number, raw)
    no_words = words.kind is LineKind.TEXT and not any(c.isalnum() for c in words.text)
    return Line(number, LineKind.STAMP, clean) if no_words else replace(words, cells=cells)


def _parts_cells(cells: tuple[str, ...]) -> bool:
    """Whether tabs part cells by themselves, rather than stand after a label or for an indent."""
    filled = [cell for cell in cells if cell]
    labelled = len(filled) == 2 and (_NUMBER.match(" ".join(filled)) or _BULLET.match(" ".join(filled)))
    return len(filled) > 1 and not labelled


def _split_number(text: str) -> tuple[str | None, str]:
    found = _NUMBER.match(text)
    return (found["label"], text[found.end() :]) if found else (None, text)


def split_label(text: str) -> tuple[str | None, str]:
    """A typed bullet or number, as printed, and the text after it; None where there is neither."""
    label, rest = None, text.strip()
    while found := _BULLET.match(rest):
        label, rest = found[0].strip(), rest[found.end() :]
    number, rest = _split_number(rest)
    return number or label, rest


def _read_words(number: int, raw: str) -> Line:
    expanded = raw.expandtabs(4)
    indent = len(expanded) - len(expanded.lstrip())
    rest, label, bullets = raw.strip(), None, 0
    while found := _BULLET.match(rest):
        label, rest, bullets = found[0].strip(), rest[found.end() :], bullets + 1
    rest = _BOLD_NUMBER.sub(r"\1 ", rest, count=1) if rest.startswith("**") else rest
    whole_bold = _WHOLE_BOLD.match(rest)
    bold = bool(whole_bold) and "**" not in (whole_bold[1] if whole_bold else "")
    if numbered := _NUMBER.match(rest.removeprefix("**") if bold else rest):
        body = rest.removeprefix("**") if bold else rest
        label, rest = numbered["label"], body[numbered.end() :]
    text = clean_text(rest)
    if not text:
        return Line(number, LineKind.BLANK)
    kind = LineKind.ITEM if label else LineKind.TEXT
    return Line(number, kind, text, label, bullets, indent, len(raw), bold)
