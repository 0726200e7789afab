"""Agenda packs come apart: a file's blocks → its documents, by summed evidence that a new one starts.

The evidence and its weights stand in `models/seams.yml`: front sheets and letterheads, what closes a document,
printed page numbers that start again, running feet that change, bookmarks.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass, replace

from pydantic import Field

from pipeline.identify.dates import read_dates
from pipeline.identify.kinds import guess_kind
from pipeline.identify.views import View, line_gap
from pipeline.read.blocks import Block, BlockKind, Bookmark, Reading
from pipeline.records import DocType
from pipeline.rules import Regex, RuleModel, read_yaml
from pipeline.split import Part

_AHEAD, _BEHIND = 45, 4  # blocks that the patterns see
_NEAR = 12  # blocks of text without pages within which two seams are one
_FOOT_WORDS = 4  # a running foot with the page's number in it has more; "Question 6" is none
_WIDE_GAP = 3  # blank lines
_FRONT_PAGES, _FRONT_BLOCKS = 2, 25  # within which an agenda stands that makes its file a pack
_MONTHS = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"


class Evidence(RuleModel):
    """A pattern that speaks for a seam."""

    id: str = Field(pattern=r"^(start|end)\.[a-z_]+$")
    weight: float
    pattern: Regex
    note: str
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)

    def search(self, text: str) -> bool:
        """Whether the pattern holds for these blocks, one a line, whose dates `mark_dates` has marked."""
        return bool(_compile(self.pattern).search(text))


class SeamWeights(RuleModel):
    """What page numbers, running feet, bookmarks and gaps weigh."""

    bookmark: float
    number_one: float
    number_breaks: float
    number_goes_on: float
    number_skips: float
    foot_changes: float
    foot_stays: float
    foot_starts: float
    gap: float
    follows: float
    runs_over: float
    pack_number_goes_on: float
    pack_foot_stays: float


class Seams(RuleModel):
    """`models/seams.yml`."""

    least: float
    starts: list[Evidence]
    ends: list[Evidence]
    follows: list[str]
    cover_words: int
    scrap_words: int
    front_sheet_words: int
    heads: list[str]
    packs: list[str]
    pack_sheets: int
    pack_sheet_weight: float
    bookmarks: list[str]
    weights: SeamWeights


@functools.cache
def load_seams() -> Seams:
    """The evidence and its weights, validated."""
    return read_yaml("seams.yml", Seams)


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    pattern = pattern.replace("MONTH", rf"\b{_MONTHS} (?:19|20)\d\d\b").replace("DATE", "⟨date⟩")
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def mark_dates(text: str) -> str:
    """The text with every line that ends in a date, and is little more, marked ⟨date⟩ at its end."""
    lines = []
    for line in text.split("\n"):
        spans = read_dates(line) if len(line) < 160 else []
        lines.append(line + "⟨date⟩" if spans and len(line) - (spans[-1].end - spans[0].start) < 110 else line)
    return "\n".join(lines)


def split_parts(reading: Reading) -> tuple[Part, ...]:
    """The documents of a file, in order; one part where nothing says that the file holds several.

    Parts are runs of the reading's blocks and cover all of them.
    """
    blocks = tuple(b for block in reading.blocks for b in _cut_head(block))
    if "presentation" in reading.media_type:  # a deck is one document, whatever its slides say
        return (Part(1, blocks),)
    scored = _score_pages(blocks, reading) if reading.pages is not None else _score_blocks(blocks)
    seams = [0, *(index for index, score in sorted(scored.items()) if index and score >= load_seams().least)]
    runs = [blocks[a:b] for a, b in zip(seams, [*seams[1:], len(blocks)], strict=True)]
    runs = _join_front_sheets(_join_scraps(runs), reading.media_type)
    return tuple(Part(n, run) for n, run in enumerate(runs, 1))


Run = tuple[Block, ...]


def _count_words(run: Run) -> int:
    return sum(len(b.text.split()) for b in run if b.kind is not BlockKind.FURNITURE)


def _join_scraps(runs: list[Run]) -> list[Run]:
    """The runs, where one that holds but a few words is joined to the run after it, whose cover it is.

    The last is joined to the run before: what is left at the end of a file is the end of a document.
    """
    joined: list[Run] = []
    cover: Run = ()
    for run in runs:
        if _count_words(run) < load_seams().cover_words and run is not runs[-1]:
            cover += run
        else:
            joined.append(cover + run)
            cover = ()
    if len(joined) > 1 and _count_words(joined[-1]) < load_seams().scrap_words:
        joined[-2:] = [joined[-2] + joined[-1]]
    return joined


def _join_front_sheets(runs: list[Run], media_type: str) -> list[Run]:
    """The runs, with the pages of an agenda in one, and a note that sends out a single paper joined to that paper."""
    if len(runs) < 2:
        return runs
    joined: list[tuple[Run, bool]] = []
    for run in runs:
        is_agenda = guess_kind(View(run, media_type)).kind is DocType.AGENDA
        if joined and is_agenda and joined[-1][1]:
            joined[-1] = (joined[-1][0] + run, True)
        else:
            joined.append((run, is_agenda))
    if len(joined) == 2 and joined[0][1] and _count_words(joined[0][0]) < load_seams().front_sheet_words:
        return [joined[0][0] + joined[1][0]]
    return [run for run, _ in joined]


def _text(blocks: tuple[Block, ...]) -> str:
    labelled = (f"{b.label} {b.text}" if b.label and b.label[0].isalnum() else b.text for b in blocks)
    return "\n".join(t.replace("\t", "\n") for t in labelled)


def _score_start(after: tuple[Block, ...]) -> float:
    """The weight of the heaviest thing that says these blocks start a document; less than 0 for what never does."""
    rules = load_seams()
    after = after[:_AHEAD]
    content = tuple(b for b in after if b.kind is not BlockKind.FURNITURE)
    texts = [mark_dates(_text(blocks)[:2500]) for blocks in ((after, content) if content != after else (after,))]
    if any(_compile(p).search(text) for p in rules.follows for text in texts):
        return rules.weights.follows
    return max((e.weight for e in rules.starts if any(e.search(text) for text in texts)), default=0.0)


def _score_end(before: tuple[Block, ...]) -> float:
    """The weight of the heaviest thing that says these blocks end a document."""
    behind = _text(before[-_BEHIND:])[-600:]
    return max((e.weight for e in load_seams().ends if e.search(behind)), default=0.0)


def _cut_head(block: Block) -> tuple[Block, ...]:
    """The block, cut in two where it runs over and what runs over is the head of a document.

    That is a date alone, at the head of a letter after the signature of another, or the first row of a front table.
    """
    over = [p for p in block.pieces if p.page != block.page]
    if not over or block.cells:
        return (block,)
    at = over[0].start
    tail = block.text[at:]
    dates = read_dates(tail)
    is_date = bool(dates) and not tail[: dates[0].start].strip() and not tail[dates[0].end :].strip()
    if not is_date and not any(_compile(p).search(tail) for p in load_seams().heads):
        return (block,)
    pieces = tuple(p for p in block.pieces if p.end <= at)
    moved = tuple(replace(p, start=p.start - at, end=p.end - at) for p in over)
    return (
        replace(block, text=block.text[:at].rstrip(), pieces=pieces),
        replace(block, text=tail, pieces=moved, label=None),
    )


# Files with pages: a document starts at the top of a page. -----------------------------------------------------------


@dataclass(frozen=True)
class _Page:
    number: int  # in the file
    first: int  # index of its first block
    blocks: tuple[Block, ...]
    printed: int | None
    foot: str


def _pages(blocks: tuple[Block, ...]) -> list[_Page]:
    """The pages that start a block, with their printed number and their running foot without it."""
    runs: dict[int, list[int]] = {}
    for index, block in enumerate(blocks):
        if block.page is not None:
            runs.setdefault(block.page, []).append(index)
    pages = []
    for number, indices in sorted(runs.items()):
        held = tuple(blocks[i] for i in indices)
        printed, foot = _read_edges(held)
        pages.append(_Page(number, min(indices), held, printed, foot))
    return pages


_PAGE_NUMBER = re.compile(r"^\W*(?:page\s*)?(\d{1,3})(?:\s*(?:of|/)\s*\d{1,3})?\W*$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"^(.*\D)\s+(\d{1,3})\W*$|^\W*(\d{1,3})\s+(\D.*)$", re.DOTALL)


def _read_edges(blocks: tuple[Block, ...]) -> tuple[int | None, str]:
    """The printed page number and the words of the running head and foot."""
    edges = [b.text for b in blocks if b.kind is BlockKind.FURNITURE]
    is_furniture = bool(edges)
    if not is_furniture:  # a number may stand there, but words are the page's own
        edges = [b.text for b in (blocks[-1], blocks[0]) if len(b.text) < 90]
    printed: int | None = None
    words: list[str] = []
    for text in edges:
        if m := _PAGE_NUMBER.match(text):
            printed = printed if printed is not None else int(m[1])
        elif (m := _LAST_NUMBER.match(text)) and len(text.split()) > _FOOT_WORDS:
            if printed is None and not re.search(r"(?:19|20)\d\d\W*$", text):
                printed = int(m[2] or m[3])
            words.append(m[1] or m[4])
        else:
            words.append(text)
    foot = " ".join(re.findall(r"[a-z]{2,}", " ".join(words).lower()))
    return printed, foot if is_furniture else ""


def _score_pages(blocks: tuple[Block, ...], reading: Reading) -> dict[int, float]:
    weights = load_seams().weights
    pages = _pages(blocks)
    is_pack = _is_pack(reading, pages)
    if is_pack:  # its pages are stamped through: numbers that go on and feet that stay say little
        on, stays = weights.pack_number_goes_on, weights.pack_foot_stays
        weights = weights.model_copy(update={"number_goes_on": on, "number_skips": on, "foot_stays": stays})
    marked = _bookmarked_pages(reading.outline) if is_pack else set()
    scores: dict[int, float] = {}
    for i in range(1, len(pages)):
        before, page = pages[i - 1], pages[i]
        after = pages[i + 1] if i + 1 < len(pages) else None
        start = _score_start(_words(page)) + (weights.bookmark if page.number in marked else 0.0)
        numbers = _score_numbers(before, page, after, weights)
        score = start + numbers + _score_feet(before, page, weights)
        if start > 0 or numbers > 0:  # how something ended does not say that what follows is new
            score += _score_end(tuple(b for b in before.blocks if not _is_number(b)))
        if any(b.last_page == page.number for b in before.blocks):
            score += weights.runs_over
        scores[page.first] = score
    return scores


def _words(page: _Page) -> tuple[Block, ...]:
    return tuple(b for b in page.blocks if not _is_number(b))


def _is_number(block: Block) -> bool:
    return bool(_PAGE_NUMBER.match(block.text))


def _score_numbers(before: _Page, page: _Page, after: _Page | None, weights: SeamWeights) -> float:
    if page.printed is not None and before.printed is not None:
        if page.printed == before.printed + 1:
            return weights.number_goes_on
        if page.printed < before.printed:
            return weights.number_one if page.printed == 1 else weights.number_breaks
        return 0.0
    if page.printed is not None:
        return weights.number_one if page.printed == 1 else 0.0
    if after is not None and after.printed is not None:
        if before.printed is not None and after.printed == before.printed + 2:
            return weights.number_skips
        if after.printed == 2:
            return weights.number_one
    return 0.0


def _score_feet(before: _Page, page: _Page, weights: SeamWeights) -> float:
    if before.foot and page.foot:
        return weights.foot_stays if before.foot == page.foot else weights.foot_changes
    return weights.foot_starts if before.foot or page.foot else 0.0


def _is_pack(reading: Reading, pages: list[_Page]) -> bool:
    """Whether an agenda stands at the head of the file, by its title, its first bookmark or its first pages.

    A pack that has lost its agenda begins with a front sheet, and several pages more are front sheets.
    """
    names = [reading.title or "", *(b.title for b in reading.outline[:1])]
    if any(_compile(p).search(name) for p in load_seams().packs for name in names):
        return True
    heads = (View(page.blocks[:_FRONT_BLOCKS], reading.media_type) for page in pages[:_FRONT_PAGES])
    if any(guess_kind(head).kind is DocType.AGENDA for head in heads):
        return True
    sheets = (page for page in pages if _score_start(_words(page)) >= load_seams().pack_sheet_weight)
    first = list(itertools.islice(sheets, load_seams().pack_sheets))
    return len(first) == load_seams().pack_sheets and first[0] is pages[0]


def _bookmarked_pages(outline: tuple[Bookmark, ...]) -> set[int]:
    """Pages that the bookmarks of an agenda pack point to."""
    patterns = [_compile(p) for p in load_seams().bookmarks]
    return {b.page for b in outline if any(p.search(b.title) for p in patterns)}


# Text without pages: a document starts with a block. -----------------------------------------------------------------


def _score_blocks(blocks: tuple[Block, ...]) -> dict[int, float]:
    """The score of each block that leads its neighbourhood: of starts close together, the heaviest, then the first."""
    weights = load_seams().weights
    scores: dict[int, float] = {}
    for index in range(1, len(blocks)):
        if (start := _score_start(blocks[index : index + _AHEAD])) <= 0:
            continue  # how something ended does not say that what follows is new
        wide = line_gap(blocks[index - 1], blocks[index]) >= _WIDE_GAP
        scores[index] = start + _score_end(blocks[max(0, index - _BEHIND) : index]) + (weights.gap if wide else 0.0)
    kept: dict[int, float] = {0: 0.0}
    for index, score in sorted(scores.items(), key=lambda s: (-s[1], s[0])):
        if all(abs(index - other) > _NEAR for other in kept):
            kept[index] = score
    return kept
