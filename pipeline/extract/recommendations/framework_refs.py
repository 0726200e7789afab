"""References to the Children's Social Care National Framework, as Ofsted prints them in brackets since 2024."""

from __future__ import annotations

import functools
import re

from pipeline.ids import normalise
from pipeline.rules import RuleModel, read_yaml

_BRACKET = re.compile(r"\(([^()]*\b(?:outcome|enabler|principle|national framework)[^()]*)\)", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(outcome|enabler|principle)s?\s+(\d(?:\s*(?:,|and|&)\s*\d)*)", re.IGNORECASE)


class Framework(RuleModel):
    """`models/national_framework.yml`: the wording of each outcome, enabler and principle by its number."""

    names: dict[str, dict[str, str]]


@functools.cache
def load_framework() -> Framework:
    """The vocabulary of the framework."""
    return read_yaml("national_framework.yml", Framework)


def find_framework_refs(text: str) -> tuple[str, ...]:
    """References such as `outcome 2` or `enabler 1`, each once, in the order of the text.

    Only brackets are read, and of a word without a number ("enabler: leaders drive ...") the name decides.
    """
    refs: list[str] = []
    for bracket in _BRACKET.finditer(text):
        inner = bracket.group(1)
        found = [(m.start(), m.group(1).lower(), m.group(2)) for m in _NUMBERED.finditer(inner)]
        refs += [f"{word} {n}" for _, word, numbers in found for n in re.findall(r"\d", numbers)]
        if not found:
            refs += _named(inner)
    return tuple(dict.fromkeys(refs))


def _named(inner: str) -> list[str]:
    words = normalise(inner)
    return [
        f"{kind} {number}"
        for kind, names in load_framework().names.items()
        if kind in words
        for number, name in names.items()
        if normalise(name) in words
    ]
