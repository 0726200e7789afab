"""Whether a line carries on the block above it."""

from __future__ import annotations

import re

from pipeline.read.drafts import Draft, Style
from pipeline.read.headings import dangles
from pipeline.read.lines import Line
from pipeline.read.reading_rules import names_field, reading_rules, stands_alone

ENDED = re.compile(r"[.!?:;…][\"'’”)\]]*\d{0,2}$")
_DASHES = frozenset("–—-−")


def carries_number(block: Draft, n: Line, style: Style) -> bool:
    """Whether a line's number is no label but part of the sentence that the line above leaves open."""
    above = block.last
    aligned = abs(n.left - above.x0) <= (20 if above.glued else 9)
    if ENDED.search(above.text) or n.base - above.base > 1.5 * max(style.pitch, n.size) or not aligned:
        return False
    full = above.x1 + n.lead + 3 * n.size > (n.right or style.right)
    if not full or above.bold != n.bold or abs(above.size - n.size) > 0.6:
        return False
    if n.bullet:
        return n.label != block.label and n.label in _DASHES
    return _number(n.label) != _number(block.label) + 1


def _number(label: str | None) -> int:
    digits = re.findall(r"\d+", label or "")
    return int(digits[-1]) if digits else -9


def continues(block: Draft, n: Line, style: Style) -> bool:
    """Whether a line carries on the block above it."""
    limits = reading_rules().thresholds
    above = block.last
    step = n.base - above.base
    if step <= 0 and n.right > above.right > 0 and n.text[:1].islower() and not ENDED.search(above.text):
        return True  # from the foot of one column to the head of the next
    if step <= 0 or n.page != above.page or n.alone or above.alone:
        return False
    if _stands_apart(block, n, style):
        return False
    if n.box != above.box and ENDED.search(above.text):
        return False
    hanging = block.lines[0].hang and abs(n.x0 - block.lines[0].hang) <= limits.indent
    pitch = block.lines[-1].base - block.lines[-2].base if len(block.lines) > 1 else _pitch(n.size, style)
    if abs(n.size - above.size) > 0.6:
        return False
    if step > limits.paragraph_gap * max(pitch, 1.15 * n.size):
        return False
    if step > limits.heading_pitch * n.size and _stacked(above, n, style):
        return False
    if hanging and abs(n.base - above.base) <= limits.paragraph_gap * max(style.pitch, 1.2 * n.size):
        return True
    if n.hang and above.hang and abs(n.hang - above.hang) < 4:
        return False
    if n.size > style.size + 2 * limits.heading_step:
        return abs(n.x0 - above.x0) <= limits.indent or abs((n.x0 + n.x1) - (above.x0 + above.x1)) < 12
    if n.bold != above.bold and not n.text[:1].islower() and ENDED.search(above.text):
        return False
    if above.bold and not n.bold and not n.first_bold and not n.text[:1].islower():
        return False
    if n.bold and not above.bold and len(n.text) > 3 and not n.text[:1].islower():
        return False
    # where the lines stand further apart than the paragraph's, a line is short as soon as the next word had fitted
    slack = 0.0 if step > limits.loose_gap * pitch else 2 * n.size
    if above.x1 + n.lead + slack < max(n.right or style.right, n.x1) and ENDED.search(above.text) and _opens(n.text):
        return False
    if abs(n.x0 - above.x0) <= limits.indent or (above.glued and above.left - 2 <= n.x0 <= above.x0 + 20):
        return True
    indented = len(block.lines) == 1 and block.label is None and limits.indent < above.x0 - n.x0 < 4 * n.size
    if indented and above.x1 + n.lead + 2 * n.size > (n.right or style.right):
        return True
    # centred lines, and lines after a label that hang or do not
    centre = abs((n.x0 + n.x1) - (above.x0 + above.x1)) < 8
    if centre:
        return True
    if block.label is not None and len(block.lines) == 1:
        return n.x0 >= above.left - 2 and (n.x0 < above.x0)
    return False


def _stands_apart(block: Draft, n: Line, style: Style) -> bool:
    """Whether a line is a date, a field or a heading in capitals that only stands under another line."""
    above = block.last
    right = n.right or style.right
    full = above.x1 + n.lead + 2 * n.size > right
    if names_field(n.text) and names_field(block.lines[0].text):
        return not full or above.bold == n.bold
    if dangles(above.text):
        return False
    if stands_alone(n.text) or (len(block.lines) == 1 and stands_alone(above.text)):
        return not full
    capitals = n.bold and above.bold and n.text.isupper() and above.text.isupper()
    large = n.size >= style.size + reading_rules().thresholds.heading_step
    # where the next word would have fitted, the line above did not wrap: two headings
    return capitals and large and above.x1 - above.x0 + n.lead < right - style.left


def _stacked(above: Line, n: Line, style: Style) -> bool:
    """Whether two lines of heading type are two headings: the first ends short of where the second's first word
    would have fitted, and on no word or sign that carries it on."""
    large = n.size > style.size + reading_rules().thresholds.heading_step
    if not ((above.bold and n.bold) or large) or n.text[:1].islower():
        return False
    if dangles(above.text) or above.text.endswith((",", "-", "–", "—", "&", "/")):
        return False
    return above.x1 + n.lead < (n.right or style.right)


def _opens(text: str) -> bool:
    """Whether a sentence may start with this text."""
    return not text[:1].islower()


def _pitch(size: float, style: Style) -> float:
    return style.pitch * size / style.size if size > style.size else max(style.pitch, 1.2 * size)
