"""The codebook of `models/themes.yml`: themes, the words that name them, and where they stand among the vectors."""

from __future__ import annotations

import functools
import io
import re
from enum import IntEnum
from typing import Literal

import numpy as np
from pydantic import Field

from pipeline.embed import Vectors
from pipeline.ids import digest
from pipeline.rules import RuleModel, read_bytes, read_yaml

PROTOTYPES = "themes/prototypes.npz"


class Level(IntEnum):
    """How specific a mention is; of two mentions in a text the higher goes first."""

    HINT = 0
    GENERIC = 1
    CONTEXT = 2
    SPECIFIC = 3


class ThemeCode(RuleModel):
    """One theme of the codebook; the head of `models/themes.yml` says what its fields are."""

    code: str = Field(pattern=r"^[a-z0-9_]+$")
    label: str
    group: str
    level: Literal["generic", "context", "specific"]
    areas: tuple[str, ...]
    framework: tuple[str, ...] = Field(min_length=1)
    definition: str
    boundary: str
    seeds: tuple[str, ...] = Field(min_length=2)
    not_here: tuple[str, ...] = Field(min_length=1)
    cues: tuple[str, ...] = Field(min_length=1)
    weak: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class Codebook(RuleModel):
    """All of `models/themes.yml`."""

    groups: dict[str, str]
    common: tuple[str, ...]
    neutral: tuple[str, ...]
    themes: tuple[ThemeCode, ...]

    def __getitem__(self, code: str) -> ThemeCode:
        return next(t for t in self.themes if t.code == code)


class Cue(RuleModel):
    """A phrase that names a theme (`code`), or nobody's topic (None)."""

    code: str | None
    level: Level
    phrase: str


@functools.cache
def load_codebook() -> Codebook:
    """The codebook.

    Raises RuleFault where `models/themes.yml` does not fit the schema.
    """
    return read_yaml("themes.yml", Codebook)


def plain_words(text: str) -> str:
    """The text as cues see it: lower-case words with single spaces, without references in brackets."""
    text = re.sub(r"\((?:[^()]*\b(?:paragraphs?|pages?|enablers?|outcomes?)\b[^()]*)\)", " ", text.lower())
    text = text.replace("’", "'").replace("‘", "'")
    return " ".join(re.findall(r"[a-z0-9]+(?:'[a-z]*)?", text))


def phrase_pattern(phrase: str) -> str:
    """A cue's phrase as a regular expression over plain words that each end in a space.

    `*` is any ending, `..` up to four and `...` up to eight words between, (a|b) a choice, (a)? an option.
    """
    parts = []
    for token in re.findall(r"\([^()]*\)\??|\S+", phrase):
        if token in _GAPS:
            parts.append(f"(?:[a-z0-9']+ ){{0,{_GAPS[token]}}}?")
            continue
        choice = "|".join(f"{way.strip()} " for way in token.rstrip("?").strip("()").split("|"))
        parts.append(f"(?:{choice}){'?' if token.endswith('?') else ''}")
    return r"(?<![a-z0-9'])" + "".join(parts).replace("*", "[a-z0-9']*")


_GAPS = {"..": 4, "...": 8}


def find_literals(phrase: str) -> tuple[str, ...]:
    """Pieces of text of which every match of the phrase holds one: a quick test before the slow one."""
    choices = []
    for token in re.findall(r"\([^()]*\)\??|\S+", phrase):
        if token not in _GAPS and not token.endswith("?"):
            choices.append(tuple(max(way.strip().split("*"), key=len) for way in token.strip("()").split("|")))
    return max(choices, key=lambda ways: min(map(len, ways)))


@functools.cache
def load_cues() -> tuple[tuple[Cue, re.Pattern[str], tuple[str, ...]], ...]:
    """Every cue with its pattern, to be searched in plain words followed by one space, and its literals."""
    book = load_codebook()
    cues = [Cue(code=None, level=Level.HINT, phrase=p) for p in book.neutral]
    for theme in book.themes:
        level = Level[theme.level.upper()]
        cues += [Cue(code=theme.code, level=level, phrase=p) for p in theme.cues]
        cues += [Cue(code=theme.code, level=Level(level - 1), phrase=p) for p in theme.weak]
        cues += [Cue(code=theme.code, level=Level.HINT, phrase=p) for p in theme.hints]
    return tuple((cue, re.compile(phrase_pattern(cue.phrase)), find_literals(cue.phrase)) for cue in cues)


def codebook_digest() -> str:
    """Hex sha256 over the sentences that place the themes: says whether the prototypes are up to date."""
    return digest(*(s for t in load_codebook().themes for s in (t.code, *place_sentences(t))))


def place_sentences(theme: ThemeCode) -> tuple[str, ...]:
    """The sentences whose mean vector is the theme's place: its name, its definition and its seeds."""
    return (theme.label, theme.definition, *theme.seeds)


@functools.cache
def load_prototypes() -> Vectors:
    """Unit vectors of the themes, in the order of the codebook, shape (themes, dimensions).

    Made by `python -m pipeline.train.themes`. Raises RuleFault where the file is missing.
    """
    with np.load(io.BytesIO(read_bytes(PROTOTYPES))) as stored:
        vectors: Vectors = stored["vectors"].astype(np.float32)
    return vectors
