"""A dataset that contradicts itself is not published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.check import BrokenDataset, check_tables, find_faults
from pipeline.publish.folder import publish


def change(made: Any, table: str, number: int = 0, **update: Any) -> dict[str, Any]:
    rows = list(made.tables[table])
    rows[number] = rows[number].replace(**update)
    return {**made.tables, table: rows}


def test_a_sound_dataset_has_no_faults(made: Any) -> None:
    assert list(find_faults(made.tables, made.texts)) == []


@pytest.mark.parametrize(
    ("table", "update", "fault"),
    [
        ("findings", {"document_id": "doc_none"}, "document_id doc_none is not in documents"),
        ("findings", {"visit_id": "visit_none"}, "visit_id visit_none is not in visits"),
        ("findings", {"theme_id": "theme_none"}, "theme_id theme_none is not in themes"),
        ("recommendations", {"outcome_visit_id": "visit_none"}, "outcome_visit_id visit_none is not in visits"),
        ("visits", {"previous_visit_id": "visit_none"}, "previous_visit_id visit_none is not in visits"),
        ("documents", {"visit_id": "visit_none"}, "visit_id visit_none is not in visits"),
        ("theme_items", {"item_id": "find_none"}, "item_id find_none is no finding"),
        ("themes", {"exemplar_id": "find_none"}, "exemplar_id find_none is no item"),
        ("themes", {"parent_id": "theme_none"}, "parent_id theme_none is not in themes"),
        ("threads", {"from_id": "rec_none"}, "from_id rec_none is no recommendation"),
        ("threads", {"to_type": "finding"}, "is no finding"),
        ("claims", {"found_strengths": ("find_none",)}, "claims: found_strengths find_none is no finding"),
        ("claims", {"visit_id": "visit_none"}, "visit_id visit_none is not in visits"),
        ("findings", {"text": "Other words."}, "is not the quote of finding find_000"),
        ("metrics", {"quote": "Other words."}, "is not the quote of metric metric_000"),
        ("judgements", {"char_end": 10**6}, "is outside the text"),
        ("judgements", {"char_start": 5, "char_end": 5}, "is outside the text"),
        ("findings", {"finding_id": "find_001"}, "finding_id find_001 stands in 2 rows"),
    ],
)
def test_each_fault_is_found(made: Any, table: str, update: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in find_faults(change(made, table, **update), made.texts))


def test_texts_and_documents_belong_together(made: Any) -> None:
    texts = {**made.texts, "doc_other": ""}
    del texts["doc_00"]
    faults = list(find_faults(made.tables, texts))
    assert "documents: doc_00 has no text" in faults
    assert "texts: doc_other is not in documents" in faults


def test_an_unknown_table_is_a_fault(made: Any) -> None:
    assert any("no table issues" in f for f in find_faults({**made.tables, "issues": []}, made.texts))


def test_a_broken_dataset_is_not_published(made: Any, tmp_path: Path) -> None:
    with pytest.raises(BrokenDataset, match="doc_none"):
        publish(change(made, "findings", document_id="doc_none"), made.texts, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_message_stays_short(made: Any) -> None:
    with pytest.raises(BrokenDataset, match="more") as caught:
        check_tables({**made.tables, "documents": []}, made.texts)
    assert len(str(caught.value)) < 1000
