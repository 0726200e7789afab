"""The rules of page layout, as `models/reading.yml` states them."""

from __future__ import annotations

import functools
import re

from pydantic import Field

from pipeline.rules import RuleModel, read_yaml


class Thresholds(RuleModel):
    """Lengths and ratios; `models/reading.yml` says what each means."""

    column_gap: float
    word_gap: float
    superscript_size: float
    heading_step: float
    heading_pitch: float
    paragraph_gap: float
    loose_gap: float
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
    lone_lines: list[str] = Field(min_length=1)
    field_line: str
    furniture: list[str] = Field(min_length=1)


@functools.cache
def reading_rules() -> ReadingRules:
    """The rules of page layout."""
    return read_yaml("reading.yml", ReadingRules)


@functools.cache
def _lone() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in reading_rules().lone_lines), re.I)


@functools.cache
def _field() -> re.Pattern[str]:
    return re.compile(reading_rules().field_line)


def stands_alone(text: str) -> bool:
    """Whether a printed line is one that no paragraph is built from, such as a date."""
    return bool(_lone().fullmatch(text))


def names_field(text: str) -> bool:
    """Whether a printed line starts with the name of a field: "Report to: the panel"."""
    return ":" in text and bool(_field().match(text))
