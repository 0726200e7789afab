"""The adapted sentence model: the same vectors as the library's beside it, changes where the adapter says, one training."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer

from pipeline.adapted import Adapter, run_layers
from pipeline.bert import load_bert
from pipeline.embed import DIMENSIONS, Precision, SentenceModel, choose_precision, find_weights, load_embedder
from pipeline.extract.findings.model import CLASSES, load_weights
from pipeline.packed import pack_layers
from pipeline.train import adapting
from pipeline.train.labelled import Sample, load_written

TEXTS = [row.text for row in load_written()[:80]]
ODD = ["", " ", "£1,200 – “naïve” ﬁt ½", "保护儿童 😀", "\ufffe\x00a\tb", "x" * 300, " ".join(TEXTS[:40])]
NOTHING = Adapter(3, {}, {})


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel(Precision.FP32)


def test_the_plain_vectors_are_those_of_sentence_transformers(model: SentenceModel) -> None:
    """The library's own way is the reference, for single precision and for bfloat16."""
    library = SentenceTransformer(str(find_weights()), device="cpu", local_files_only=True)
    texts = [*TEXTS, *ODD]
    reference = library.encode(texts, normalize_embeddings=True)
    assert np.abs(model.encode(texts) - reference).max() < 1e-5
    assert np.abs(model.encode_both(texts, NOTHING)[0] - reference).max() < 1e-5
    half = SentenceModel(Precision.BF16)
    assert (half.encode(texts) * reference).sum(axis=1).min() > 0.9995


@pytest.mark.parametrize(
    ("name", "value"), [("model_type", "roberta"), ("hidden_act", "relu"), ("position_embedding_type", "relative_key")]
)
def test_a_model_of_another_kind_is_refused(tmp_path: Path, name: str, value: str) -> None:
    config = json.loads((find_weights() / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, name: value}))
    with pytest.raises(ValueError, match=value):
        load_bert(tmp_path)


def test_a_model_without_all_its_weights_is_refused(tmp_path: Path) -> None:
    shutil.copy(find_weights() / "config.json", tmp_path)
    weights = load_file(find_weights() / "model.safetensors")
    del weights["encoder.layer.5.output.dense.bias"]
    save_file(weights, tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError, match=r"layer\.5\.output\.dense\.bias"):
        load_bert(tmp_path)


def test_an_empty_adapter_changes_nothing(model: SentenceModel) -> None:
    plain, adapted = model.encode_both(TEXTS, NOTHING)
    assert np.allclose(adapted / np.linalg.norm(adapted, axis=1, keepdims=True), plain, atol=1e-5)


def test_an_adapter_changes_the_second_model_only(model: SentenceModel) -> None:
    name = "5.output.dense"
    down, up = np.ones((1, 4 * DIMENSIONS), np.float32), np.linspace(-0.1, 0.1, DIMENSIONS, dtype=np.float32)[:, None]
    changed = Adapter(3, {name: down}, {name: up})
    plain, adapted = model.encode_both(TEXTS[:5], changed)
    before, _ = model.encode_both(TEXTS[:5], NOTHING)
    assert np.array_equal(plain, before)
    assert np.abs(adapted - model.encode_both(TEXTS[:5], NOTHING)[1]).max() > 0.01


def test_an_adapter_of_another_model_is_refused(model: SentenceModel) -> None:
    strange = Adapter(3, {"4.none": np.zeros((1, 2), np.float32)}, {"4.none": np.zeros((2, 1), np.float32)})
    with pytest.raises(AttributeError):
        model.encode_both(TEXTS[:1], strange)


def test_a_text_has_the_same_vectors_whoever_stands_in_its_row(model: SentenceModel) -> None:
    """Beside others in rows of every width, and alone."""
    texts = [*TEXTS[:40], " ".join(TEXTS[:6]), " ".join(TEXTS[:60])]
    together = model.encode_both(texts, load_weights().adapter)
    alone = [model.encode_both([text], load_weights().adapter) for text in texts]
    for n, vectors in enumerate(together):
        assert np.allclose(vectors, np.vstack([pair[n] for pair in alone]), atol=1e-5)


def test_no_texts_give_no_vectors(model: SentenceModel) -> None:
    assert [v.shape for v in model.encode_both([], load_weights().adapter)] == [(0, DIMENSIONS)] * 2


def test_a_fresh_training_gives_the_same_weights(model: SentenceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the first written sentences and two runs over them; the whole is the same with more."""
    monkeypatch.setattr(adapting, "EPOCHS", 2)
    rows = load_written()[:48]
    labels = np.array([CLASSES.index(row.label) for row in rows])
    noughts = np.zeros((len(rows), 2))
    sample = Sample(
        tuple(row.text for row in rows), ("", *(row.text for row in rows[:-1])), noughts, noughts, labels, np.array(["a"] * len(rows)),
        np.ones(len(rows)), np.ones(len(rows), dtype=bool),
    )  # fmt: skip
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        lower = adapting.run_lower(model.encoder, sample)
        first, second = (adapting.fit(model.encoder, lower, sample, np.arange(len(rows))) for _ in range(2))
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(first.head, second.head)
    assert sorted(first.adapter.down) == sorted(load_weights().adapter.down)
    for name, values in first.adapter.up.items():
        assert np.array_equal(values, second.adapter.up[name])
    assert any(np.abs(v).max() > 0 for v in first.adapter.up.values())


def test_packed_layers_are_those_of_the_library_within_the_precision_of_their_numbers(model: SentenceModel) -> None:
    """Each packed map beside the library's own, which rounds once more, between product and activation."""
    layers = copy.deepcopy(model.encoder.upper(3)).to(torch.bfloat16)
    packed = pack_layers(layers)
    if packed is layers:
        pytest.skip("this processor has no matrix product of bfloat16")
    values = torch.randn((2, 7, DIMENSIONS), generator=torch.Generator().manual_seed(1)).to(torch.bfloat16)
    seen = torch.tensor([[1.0] * 7, [1.0] * 5 + [0.0] * 2])
    mask = ((1 - seen) * torch.finfo(torch.bfloat16).min)[:, None, None].bfloat16()
    with torch.inference_mode():
        ours, library = (run_layers(way, values, mask).float()[:, :5] for way in (packed, layers))
        exact = run_layers(model.encoder.upper(3), values.float(), mask.float())[:, :5]
    assert (ours - exact).abs().mean() <= 1.1 * (library - exact).abs().mean()
    assert (library - exact).abs().mean() < 0.02 * exact.abs().mean()


def test_the_model_is_loaded_once_however_it_is_asked_for():
    assert load_embedder() is load_embedder(None) is load_embedder(choose_precision())
