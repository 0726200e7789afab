"""What an evaluation found, kept in a small file, so that the next one can list the items gained and lost.

No text of a document is stored: an item is a hash of its document's name and its normalised words.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.calibration import bin_rows, calibration_error
from pipeline.errors import InputFault
from pipeline.evaluate import Evaluation, Item, State
from pipeline.ids import digest, normalise

NAME = "evaluation.json"
"""Name of the file in a dataset's hidden folder."""
_LABELLED = " with "  # in the names of tables that are scored with their labels
_DIGITS = 16  # of a hash: enough for a few thousand items


class Record(BaseModel):
    """An evaluation as it is kept.

    `scores` gives precision, recall and F1 by table and kind of document (`all` for all), `items` the keys of the items
    by table, document and state: `found` and `missed` are marked items, `extra` those of the dataset alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    documents: list[str]
    scores: dict[str, dict[str, tuple[float, float, float]]]
    calibration_error: float
    items: dict[str, dict[str, dict[State, list[str]]]]


@dataclass(frozen=True)
class Change:
    """An item that is in another state than in the last record: `gained`, `lost`, or an extra that is new or gone.

    `text` is None where the item stood only in the last record, which holds no text.
    """

    what: str
    table: str
    doc: str
    key: str
    text: str | None


def make_record(evaluation: Evaluation) -> Record:
    """The evaluation without its texts."""
    scores: dict[str, dict[str, tuple[float, float, float]]] = defaultdict(dict)
    rows = [((name, "all"), s) for name, s in evaluation.scores().items()] + list(evaluation.scores_by_kind().items())
    for (table, kind), s in rows:
        scores[table][kind] = (round(s.precision, 4), round(s.recall, 4), round(s.f1, 4))
    items: dict[str, dict[str, dict[State, list[str]]]] = {}
    for key, item in _name_items(evaluation):
        items.setdefault(item.table, {}).setdefault(item.doc, {}).setdefault(item.state, []).append(key)
    error = round(calibration_error(bin_rows(evaluation.confidences)), 4)
    documents = sorted(evaluation.kinds)
    return Record(documents=documents, scores=dict(scores), calibration_error=error, items=items)


def _name_items(evaluation: Evaluation) -> Iterator[tuple[str, Item]]:
    """Each item with its key; the nth of equal texts in a document has a key of its own."""
    seen: Counter[tuple[str, str, bool, str]] = Counter()
    for item in evaluation.items:
        words = normalise(item.text)
        seen[place := (item.table, item.doc, item.state is State.EXTRA, words)] += 1
        yield digest(item.doc, words, seen[place])[:_DIGITS], item


def read_record(path: Path) -> Record | None:
    """The record in a file, or None where there is none yet.

    Raises InputFault where the file is no record.
    """
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, ValidationError) as e:
        raise InputFault(f"{path} is no record of an evaluation; name another file, or delete it.") from e


def write_record(record: Record, path: Path) -> None:
    """Keep a record, in place of the one before.

    Raises InputFault where the file cannot be written.
    """
    body: dict[str, Any] = record.model_dump(mode="json")
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as e:
        raise InputFault(f"The record cannot be written to {path}: {e.strerror}.") from e


def list_changes(before: Record, evaluation: Evaluation) -> list[Change]:
    """What is gained and lost against an earlier record, in documents that both hold, by table and document.

    An item that is gained or lost altogether is not listed again where its label is scored too ("with polarity").
    """
    texts: dict[tuple[str, str, bool, str], str] = {}
    now: dict[tuple[str, str], dict[State, set[str]]] = defaultdict(lambda: {state: set() for state in State})
    for key, item in _name_items(evaluation):
        texts[item.table, item.doc, item.state is State.EXTRA, key] = item.text
        now[item.table, item.doc][item.state].add(key)
    changes: list[Change] = []
    told: dict[tuple[str, str, str], set[str]] = {}
    both = evaluation.kinds.keys() & set(before.documents)
    places = {(table, doc) for table, by_doc in before.items.items() for doc in by_doc} | set(now)
    for table, doc in sorted(place for place in places if place[1] in both):
        kept = before.items.get(table, {}).get(doc, {})
        then = {state: set(kept.get(state, ())) for state in State}
        made = now[table, doc]
        for what, keys, is_extra in (
            ("gained", made[State.FOUND] - then[State.FOUND], False),
            ("lost", then[State.FOUND] - made[State.FOUND], False),
            ("new extra", made[State.EXTRA] - then[State.EXTRA], True),
            ("extra gone", then[State.EXTRA] - made[State.EXTRA], True),
        ):
            told[what, table, doc] = keys
            listed = told.get((what, table.split(_LABELLED)[0], doc), set()) if _LABELLED in table else set()
            for key in sorted(keys - listed):
                changes.append(Change(what, table, doc, key, texts.get((table, doc, is_extra, key))))
    return changes
