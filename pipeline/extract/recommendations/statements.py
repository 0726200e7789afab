"""Whether an item states something, as a finding does, or only names what must improve."""

from __future__ import annotations

from spacy.tokens import Token

from pipeline.language import load_language

_READ = 400
"""Characters of an item that are parsed: its first sentence decides."""


def makes_statement(text: str) -> bool:
    """Whether the first sentence of the text has a main verb with a subject."""
    first = next(load_language()(text[:_READ]).sents)
    verbs = [w for w in first if w.dep_ == "ROOT" and w.pos_ in ("VERB", "AUX")]
    return any(_states(w, fragment=not text.endswith(".")) for w in verbs)


def _states(verb: Token, *, fragment: bool) -> bool:
    """Whether a main verb has a subject and is finite or has an auxiliary.

    In a fragment without a full stop a noun is easily taken for a verb ("pathway plans that are clear").
    """
    children = {c.dep_ for c in verb.children}
    mistaken = fragment and verb.pos_ == "VERB" and verb.tag_ == "VBZ"
    finite = verb.tag_ in ("VBZ", "VBP", "VBD") or bool(children & {"aux", "auxpass"})
    return finite and not mistaken and bool(children & {"nsubj", "nsubjpass", "expl"})
