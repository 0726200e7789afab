"""What must hold of a dataset before it replaces another: unique ids, references that exist, quotes that match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.errors import GoldenThreadError
from pipeline.publish.columns import RECORDS, list_columns
from pipeline.records import Evidence, ItemType, Record

_EXAMPLES = 5


class BrokenDataset(GoldenThreadError):
    """The tables contradict each other: our fault, so nothing is published and the old dataset stays."""


def _find_repeated(name: str, rows: Sequence[Record]) -> Iterator[str]:
    key = RECORDS[name].key
    if not key:
        return
    counts = Counter(tuple(str(getattr(row, k)) for k in key) for row in rows)
    for values, count in counts.items():
        if count > 1:
            yield f"{name}: {' + '.join(key)} {' + '.join(values)} stands in {count} rows"


def _find_dangling(name: str, rows: Sequence[Record], ids: Mapping[tuple[str, str], set[str]]) -> Iterator[str]:
    references = [(c.name, c.refers_to) for c in list_columns(RECORDS[name]) if c.refers_to]
    for row in rows:
        for column, target in references:
            value = getattr(row, column)
            if value is not None and value not in ids[target]:
                yield f"{name}: {column} {value} is not in {target[0]}"


def _find_lost_items(tables: Mapping[str, Sequence[Record]], items: Mapping[str, set[str]]) -> Iterator[str]:
    for name, column, type_column in (
        ("theme_items", "item_id", "item_type"),
        ("threads", "from_id", "from_type"),
        ("threads", "to_id", "to_type"),
    ):
        for row in tables[name]:
            value, item_type = getattr(row, column), getattr(row, type_column)
            if value not in items[item_type]:
                yield f"{name}: {column} {value} is no {item_type}"
    for row in tables["claims"]:
        for column in ("claimed_strengths", "claimed_weaknesses", "found_strengths", "found_weaknesses"):
            for value in sorted(set(getattr(row, column)) - items[ItemType.FINDING]):
                yield f"claims: {column} {value} is no finding"
    for row in tables["themes"]:
        if not any(getattr(row, "exemplar_id") in known for known in items.values()):  # noqa: B009
            yield f"themes: exemplar_id {getattr(row, 'exemplar_id')} is no item"  # noqa: B009


def _find_misquotes(name: str, rows: Sequence[Record], texts: Mapping[str, str]) -> Iterator[str]:
    read, text = None, ""
    for row in rows:
        if not isinstance(row, Evidence):
            continue
        document_id: str = getattr(row, "document_id")  # noqa: B009
        if document_id != read:
            read, text = document_id, texts.get(document_id, "")
        quote = getattr(row, "text", getattr(row, "quote", None))
        where = f"{name}: {row.char_start}–{row.char_end} of {document_id}"
        if not row.char_start < row.char_end <= len(text):
            yield f"{where} is outside the text, which has {len(text)} characters"
        elif quote is not None and text[row.char_start : row.char_end] != quote:
            yield f"{where} is not the quote of {type(row).__name__.lower()} {getattr(row, row.key[0])}"


def find_faults(tables: Mapping[str, Sequence[Record]], texts: Mapping[str, str]) -> Iterator[str]:
    """Every contradiction in the tables, as a sentence. Tables that are not given count as empty."""
    unknown = sorted(set(tables) - set(RECORDS))
    if unknown:
        yield f"there is no table {', '.join(unknown)}"
    full = {name: tables.get(name, ()) for name in RECORDS}
    targets = {c.refers_to for r in RECORDS.values() for c in list_columns(r) if c.refers_to}
    ids = {target: {getattr(row, target[1]) for row in full[target[0]]} for target in sorted(targets)}
    items = {str(t): {getattr(row, f"{t}_id") for row in full[f"{t}s"]} for t in ItemType}
    for name, rows in full.items():
        yield from _find_repeated(name, rows)
        yield from _find_dangling(name, rows, ids)
        yield from _find_misquotes(name, rows, texts)
    yield from _find_lost_items(full, items)
    documents = ids["documents", "document_id"]
    for document_id in sorted(documents - set(texts)):
        yield f"documents: {document_id} has no text"
    for document_id in sorted(set(texts) - documents):
        yield f"texts: {document_id} is not in documents"


def check_tables(tables: Mapping[str, Sequence[Record]], texts: Mapping[str, str]) -> None:
    """Raise BrokenDataset, with the first few contradictions, where the tables contradict each other."""
    faults = list(find_faults(tables, texts))
    if faults:
        rest = f" … and {len(faults) - _EXAMPLES} more" if len(faults) > _EXAMPLES else ""
        raise BrokenDataset("the dataset contradicts itself; " + "; ".join(faults[:_EXAMPLES]) + rest)
