"""Names and keywords of themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from pipeline.themes.codebook import load_codebook, plain_words


def find_keywords(texts: Mapping[str, Sequence[str]], many: int = 8) -> dict[str, tuple[str, ...]]:
    """For each group of texts the words and pairs of words that set it apart, at most `many`, best first.

    A term scores what it adds to the divergence of the group's words from all words: its share of the group times the
    logarithm of how much larger that is than its share of all (Kullback and Leibler 1951).
    """
    names = sorted(texts)
    joined = [" ".join(plain_words(t) + " ." for t in texts[n]) for n in names]
    stop = sorted(ENGLISH_STOP_WORDS | set(load_codebook().common))
    counter = CountVectorizer(
        ngram_range=(1, 2), stop_words=stop, token_pattern=r"[a-z][a-z']+|\d\d", max_features=50000
    )
    try:
        counts = counter.fit_transform(joined)
    except ValueError:  # no words but common ones
        return dict.fromkeys(names, ())
    terms = counter.get_feature_names_out()
    shares = (np.asarray(counts.sum(axis=0)).ravel() + 1) / (counts.sum() + len(terms))
    return {n: _best_terms(counts[i], shares, terms, many) for i, n in enumerate(names)}


def _best_terms(row: Any, shares: NDArray[np.float64], terms: NDArray[np.object_], many: int) -> tuple[str, ...]:
    own = np.asarray(row.todense()).ravel() / max(1, row.sum())
    held = np.flatnonzero(own)
    score = dict(zip(held, (own[held] * np.log(own[held] / shares[held])).round(9), strict=True))
    order = sorted(held, key=lambda i: (-score[i], terms[i]))
    chosen: list[str] = []
    for i in order:
        if score[i] <= 0:
            break
        term = str(terms[i])
        if any(set(term.split()) & set(c.split()) for c in chosen):
            continue
        chosen.append(term)
        if len(chosen) == many:
            break
    return tuple(chosen)


def name_theme(code: str | None, keywords: Sequence[str], side: str, narrow: bool) -> str:
    """The theme's label: the codebook's where the theme is a whole code, with two keywords where it is part of one,
    keywords alone where it is outside the codebook."""
    tail = " (strengths)" if side == "strength" else ""
    if code is None:
        return (", ".join(keywords[:3]).capitalize() or "Other") + tail
    label = load_codebook()[code].label
    said = set(plain_words(label).split())
    telling = [k for k in keywords if not said & set(k.split())]
    if narrow and telling:
        label += ": " + " and ".join(telling[:2])
    return label + tail
