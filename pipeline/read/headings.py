"""Whether a line without a style reads as a heading, and a labelled one as a numbered paragraph."""

from __future__ import annotations

import re

from pipeline.read.text_lines import compile_rules, layout_rules

NUMBERED = re.compile(r"\d+(?:\.\d+)*\.?$")
"""A printed number of a paragraph or a section: "14.", "1.2"."""
_DECIMAL = re.compile(r"\d+(?:\.\d+)+\.?$")


def is_numbered_paragraph(label: str | None, text: str, after_lead: bool) -> bool:
    """Whether a text with a printed number is a paragraph rather than an item of a list.

    `after_lead` says that a list item or a colon stands before it.
    """
    if _DECIMAL.match(label or ""):
        return True
    prose = len(text.split()) >= 20 and text.rstrip("\"'”’").endswith(".")
    return bool(NUMBERED.match(label or "")) and prose and not after_lead


def dangles(text: str) -> bool:
    """Whether a text breaks off with a word that no paragraph ends with."""
    return any(word.lower() in layout_rules().dangling for word in text.rsplit(None, 1)[-1:])


def reads_as_heading(text: str, *, bold: bool) -> bool:
    """Whether a line that stands alone reads as a heading: short, no sentence, no date, name of a field or greeting."""
    first = text.lstrip("\"'“‘(")[:1]
    if not (first.isupper() or first.isdigit()) or text[-1] in ".;,!" or not re.search(r"[A-Za-z]{3}", text):
        return False
    if compile_rules("not_headings").fullmatch(text) or dangles(text) or re.search(r"[a-z]{3}[.!] [A-Z]", text):
        return False
    words = re.findall(r"[a-z]+", text.lower())
    asks, lead = text.endswith("?"), text.endswith(":")
    if len(words) > (14 if asks or bold else 7 if lead else 12):
        return False
    return asks or bold or text.isupper() or not layout_rules().finite_verbs & set(words)
