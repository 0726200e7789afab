"""The codebook of `models/themes.yml`: themes and the words that name them."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from typing import Literal

from pydantic import Field

from pipeline.records import Area, CodebookTheme
from pipeline.rules import RuleModel, read_yaml


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
    areas: tuple[Area, ...] = Field(min_length=1)
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


@functools.lru_cache(maxsize=4096)
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


_GRAM = 4
"""Letters by which a literal is looked up."""


@functools.cache
def _by_gram() -> dict[str, tuple[tuple[str, int], ...]]:
    """The cues' literals, each with the number of its cue, by their first letters; those that are shorter under ""."""
    table: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for number, (_, _, literals) in enumerate(load_cues()):
        for literal in literals:
            table[literal[:_GRAM] if len(literal) >= _GRAM else ""].append((literal, number))
    return {gram: tuple(held) for gram, held in table.items()}


def sieve_cues(words: str) -> Iterator[tuple[Cue, re.Pattern[str]]]:
    """The cues that may match the words, in order, with their patterns: those of which a literal stands in them.

    Some 150 look-ups a sentence in place of a search for each of the codebook's literals.
    """
    table = _by_gram()
    grams = {"", *(words[i : i + _GRAM] for i in range(len(words) - _GRAM + 1))}
    near = {number for gram in grams & table.keys() for literal, number in table[gram] if literal in words}
    cues = load_cues()
    return (cues[number][:2] for number in sorted(near))


class _FrameworkNames(RuleModel):
    names: dict[str, dict[str, str]]


def publish_codebook() -> tuple[CodebookTheme, ...]:
    """The rows of the table `codebook`.

    Raises KeyError where a theme names an outcome or enabler that `models/national_framework.yml` does not know.
    """
    book, names = load_codebook(), read_yaml("national_framework.yml", _FrameworkNames).names
    return tuple(
        CodebookTheme(
            theme_code=theme.code,
            label=theme.label,
            theme_group=book.groups[theme.group],
            definition=theme.definition,
            boundary=theme.boundary,
            areas=theme.areas,
            framework=theme.framework,
            framework_names=tuple(names[kind][number] for kind, number in map(str.split, theme.framework)),
        )
        for theme in book.themes
    )
