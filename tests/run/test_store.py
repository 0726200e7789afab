import numpy as np
import pytest

from pipeline.embed import DIMENSIONS
from pipeline.records import DocType, Document, Problem, Recommendation, RecommendationKind, Severity
from pipeline.store import FileResult, ResultStore, result_key

DOCUMENT = Document(
    document_id="doc_1",
    file_name="Brief “an Ærø”.pdf",
    file_sha256="ab",
    media_type="application/pdf",
    part=1,
    title="Letter",
    doc_type=DocType.FOCUSED_VISIT,
    doc_type_confidence=1.0,
    words=3,
    text_source="native",
)
RECOMMENDATION = Recommendation(
    recommendation_id="rec_1",
    document_id="doc_1",
    char_start=0,
    char_end=5,
    bbox=(1.5, 2.0, 3.0, 4.0),
    rule_id="r.1",
    confidence=0.1 + 0.2,
    text="Plans",
    kind=RecommendationKind.ACTION,
    framework_refs=("outcome 1",),
)
PROBLEM = Problem(file_name="a", stage="read", error="x", message="m", severity=Severity.WARNING)


@pytest.fixture
def result():
    vectors = np.linspace(0, 1, DIMENSIONS, dtype=np.float32)[None]
    return FileResult(
        "Brief “an Ærø”.pdf",
        "ab",
        pages=2,
        documents=(DOCUMENT,),
        recommendations=(RECOMMENDATION,),
        problems=(PROBLEM,),
        texts={"doc_1": "Plans\ufffe\r\n"},
        vectors=vectors,
    )


def test_what_is_kept_comes_back_as_it_was(tmp_path, result):
    store = ResultStore(tmp_path)
    store.save("abc", result)
    loaded = store.load("abc")
    assert np.array_equal(loaded.vectors, result.vectors)
    for name in FileResult.__dataclass_fields__:
        if name != "vectors":
            assert getattr(loaded, name) == getattr(result, name), name


def test_a_damaged_result_counts_as_none(tmp_path, result):
    store = ResultStore(tmp_path)
    store.save("abc", result)
    (path,) = tmp_path.rglob("*.npz")
    path.write_bytes(path.read_bytes()[:200])
    assert store.load("abc") is None
    assert store.load("never saved") is None


def test_pruning_keeps_what_is_named(tmp_path, result):
    store = ResultStore(tmp_path)
    for key in ("aa1", "bb2", "cc3"):
        store.save(key, result)
    assert store.prune({"bb2"}) == 2
    assert [key in store for key in ("aa1", "bb2", "cc3")] == [False, True, False]


def test_the_key_changes_with_bytes_name_and_engine():
    keys = {result_key(*parts) for parts in (("a", "n", "e"), ("b", "n", "e"), ("a", "m", "e"), ("a", "n", "f"))}
    assert len(keys) == 4
