"""The rules of page layout, as `models/reading.yml` states them."""

from __future__ import annotations

import functools

from pydantic import Field

from pipeline.rules import RuleModel, read_yaml


class Thresholds(RuleModel):
    """Lengths and ratios; `models/reading.yml` says what each means."""

    column_gap: float
    word_gap: float
    superscript_size: float
    heading_step: float
    paragraph_gap: float
    indent: float
    margin_zone: float
    footnote_size: float
    heading_words: int
    repeats: int


class ReadingRules(RuleModel):
    """Schema of `models/reading.yml`."""

    bullets: str
    dashes: str
    symbol_fonts: list[str]
    glyphs: dict[str, str]
    thresholds: Thresholds
    furniture: list[str] = Field(min_length=1)


@functools.cache
def reading_rules() -> ReadingRules:
    """The rules of page layout."""
    return read_yaml("reading.yml", ReadingRules)
