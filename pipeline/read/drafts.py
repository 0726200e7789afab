"""Blocks in the making, and how they end up as blocks: lines joined, hyphens repaired, pieces kept."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from pipeline.read.blocks import Block, BlockKind, Cell, Piece
from pipeline.read.lines import Line


@dataclass(slots=True)
class Draft:
    """A block in the making."""

    kind: BlockKind
    lines: list[Line]
    label: str | None = None
    bullet: bool = False
    level: int = 0
    table: list[tuple[int, int, list[Line]]] | None = None
    edges: tuple[float, ...] = ()
    page: int = 0
    last_page: int = 0
    order: float = 0.0

    @property
    def last(self) -> Line:
        """The line that it ends with so far."""
        return self.lines[-1]


@dataclass(slots=True)
class Style:
    """The document's ordinary type: size, line pitch and the edges of its text."""

    size: float
    pitch: float
    left: float
    right: float

    @classmethod
    def of(cls, lines: list[Line]) -> Style:
        """The style in which most of the lines are set."""
        sizes: Counter[float] = Counter()
        for n in lines:
            sizes[round(n.size * 2) / 2] += len(n.text)
        size = sizes.most_common(1)[0][0] if sizes else 12.0
        lefts: Counter[float] = Counter(round(n.left / 4) * 4 for n in lines if abs(n.size - size) < 0.6)
        rights: Counter[float] = Counter(round(n.x1 / 4) * 4 for n in lines if abs(n.size - size) < 0.6)
        left = min((x for x, count in lefts.items() if count >= 0.02 * len(lines)), default=0.0)
        right = max((x for x, count in rights.items() if count >= 0.02 * len(lines)), default=0.0)
        steps: Counter[float] = Counter()
        wrapped: Counter[float] = Counter()
        for a, b in itertools.pairwise(lines):
            step = b.base - a.base
            if a.page == b.page and abs(a.size - size) < 0.6 and abs(b.size - size) < 0.6 and 0 < step < 2.6 * size:
                steps[round(step, 0)] += 1
                # only where a sentence wraps is the step sure to be the pitch: others may be gaps between paragraphs
                if b.label is None and b.text[:1].islower() and a.x1 + b.lead > (a.right or right):
                    wrapped[round(step, 0)] += 1
        # where nothing wraps, the commonest step may be a gap, and no line is set wider than this
        steps = wrapped or Counter({min(step, 1.4 * size): count for step, count in steps.items()})
        pitch = steps.most_common(1)[0][0] if steps else 1.2 * size
        return cls(size, pitch, left, right)


class Vocabulary:
    """The document's words, to tell a hyphen of the word from one of the line."""

    def __init__(self, pages: list[list[Line]]) -> None:
        self._pages = pages
        self._words: set[str] | None = None

    def __contains__(self, word: str) -> bool:
        if self._words is None:
            text = "\n".join(n.text for lines in self._pages for n in lines)
            self._words = set(re.findall(r"[\w’'-]+", text.lower()))
        return word.lower() in self._words


def join_lines(texts: list[str], words: Vocabulary) -> tuple[str, list[tuple[int, int]]]:
    """Printed lines as one text, and where each line's run stands in it."""
    out = ""
    spans: list[tuple[int, int]] = []
    for text in texts:
        if out.endswith("\u00ad"):
            out = _repair(out[:-1], text, words)
            if spans:
                spans[-1] = (spans[-1][0], len(out))
        elif out.endswith("-") and not out.endswith(" -") and text[:1].isalnum():
            out = _repair(out[:-1], text, words)
            spans[-1] = (spans[-1][0], len(out))
        elif out and text:
            out += " "
        spans.append((len(out), len(out) + len(text)))
        out += text
    return out.replace("\u00ad", "-"), spans


def _repair(before: str, after: str, words: Vocabulary) -> str:
    """The text up to a line-end hyphen: without the hyphen only where the document has the joined word and not
    the hyphened one."""
    head, tail = before.rsplit(" ", 1)[-1], re.match(r"[\w’']*", after)
    tail_word = tail.group() if tail else ""
    if head.isalpha() and tail_word.isalpha() and f"{head}{tail_word}" in words and f"{head}-{tail_word}" not in words:
        return before
    return before + "-"


def finish_draft(d: Draft, words: Vocabulary) -> Block:
    """The block that a draft ends up as; `words` are the document's, for hyphens at line ends."""
    if d.table is not None:
        return _finish_table(d, words)
    lines = [n for n in d.lines if n.text] or d.lines[:1]
    text, spans = join_lines([n.text for n in lines], words)
    pieces = tuple(Piece(start, end, page=n.page, bbox=n.bbox) for (start, end), n in zip(spans, lines, strict=True))
    label = d.label
    if d.kind is BlockKind.FURNITURE and d.lines[0].label:
        label = d.lines[0].label
    return Block(
        d.kind, text, pieces, label=label, level=d.level,
        bold=all(n.bold for n in lines), size=round(lines[0].size, 1),
    )  # fmt: skip


def _finish_table(d: Draft, words: Vocabulary) -> Block:
    assert d.table is not None
    cells = d.table
    text = ""
    pieces: list[Piece] = []
    out: list[Cell] = []
    before = 0
    for row, column, lines in cells:
        if out:
            text += "\t" if row == before else "\n"
        before = row
        start = len(text)
        shown = [f"{n.label} {n.text}".strip() if n.label else n.text for n in lines]
        joined, spans = join_lines(shown, words)
        pieces.extend(
            Piece(start + a, start + b, page=n.page, bbox=n.bbox) for (a, b), n in zip(spans, lines, strict=True)
        )
        text += joined
        bold = bool(lines) and all(n.bold for n in lines)
        out.append(Cell(row, column, joined, start, len(text), header=row == 0 and bold))
    return Block(BlockKind.TABLE, text, tuple(pieces), cells=tuple(out))
