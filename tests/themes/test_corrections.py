"""What people correct wins, is logged, and can be taken back; the file survives Excel and many writers."""

from __future__ import annotations

import multiprocessing

import numpy as np
import pytest

from pipeline.assemble import relabel
from pipeline.errors import InputFault
from pipeline.records import Polarity
from pipeline.themes.clustering import cluster_themes
from pipeline.themes.corrections import (
    COLUMNS,
    CorrectionLine,
    CorrectionLog,
    append_correction,
    corrections_digest,
    read_corrections,
)
from pipeline.themes.describing import describe_themes
from pipeline.themes.standing import correct_themes
from tests.themes.test_clustering import around, item
from tests.themes.test_trends import asked


def line(action: str, target: str = "", to: str = "", items: str = "", **more: str) -> CorrectionLine:
    return CorrectionLine(action, target, to, items, more.get("who", "A. Officer"), more.get("when", "2026-11-30"))


@pytest.fixture
def clustering():
    items = [item(f"a{i}", f"Supervision of team {i}", "management_oversight_supervision") for i in range(4)]
    items += [
        item(f"b{i}", f"Adoption by team {i} with ponies" if i > 1 else f"Adoption {i}", "adoption") for i in range(4)
    ]
    items += [item(f"s{i}", f"Praise of adoption {i}", "adoption", Polarity.STRENGTH) for i in range(4)]
    return cluster_themes(items, np.concatenate([around(0, 4), around(1, 4), around(2, 4)]))


def publish(clustering, *lines):
    log = CorrectionLog(lines)
    made = describe_themes(clustering, correct_themes(clustering, log))
    return {t.label: t for t in made.themes}, made.theme_of, log.records


def ids(clustering):
    return {(t.code, t.side): t.theme_id for t in clustering.state.themes}


ADOPTION, SUPERVISION, PRAISE = (
    ("adoption", "weakness"),
    ("management_oversight_supervision", "weakness"),
    ("adoption", "strength"),
)


def test_rename(clustering):
    themes, _, (record,) = publish(clustering, line("rename", ids(clustering)[ADOPTION], "Homes for good"))
    assert themes["Homes for good"].size == 4
    assert record.applied
    assert record.who == "A. Officer"


def test_merge_moves_all_and_later_lines_follow(clustering):
    known = ids(clustering)
    lines = [line("merge", known[SUPERVISION], known[ADOPTION]), line("rename", known[SUPERVISION], "Both")]
    themes, theme_of, records = publish(clustering, *lines)
    assert themes["Both"].size == 8
    assert theme_of["a0"] == known[ADOPTION]
    assert all(r.applied for r in records)


def test_strengths_are_never_merged_with_weaknesses(clustering):
    known = ids(clustering)
    lines = [line("merge", known[PRAISE], known[ADOPTION]), line("move", "", known[ADOPTION], "s0")]
    themes, theme_of, records = publish(clustering, *lines)
    assert not any(r.applied for r in records)
    assert "never" in records[0].result
    assert theme_of["s0"] == known[PRAISE]
    assert len(themes) == 3


@pytest.mark.parametrize("chosen", ["ponies", "b2; b3"])
def test_split_by_words_or_ids(clustering, chosen):
    known = ids(clustering)
    themes, _, (record,) = publish(clustering, line("split", known[ADOPTION], "Ponies in adoption", chosen))
    assert record.applied
    assert themes["Ponies in adoption"].size == 2
    assert themes["Ponies in adoption"].parent_id == known[ADOPTION]


def test_move(clustering):
    known = ids(clustering)
    _, theme_of, (record,) = publish(clustering, line("move", "", known[ADOPTION], "a0;a1"))
    assert record.applied
    assert theme_of["a0"] == theme_of["a1"] == known[ADOPTION]


def test_relabel_wins_and_says_who():
    rows = [asked(1, 2020, "adoption"), asked(2, 2020, "adoption")]
    log = CorrectionLog([line("relabel", to="early_help; adoption", items=rows[0].recommendation_id)])
    made = [*rows]
    relabel(made, log)
    assert (made[0].theme_code, made[0].theme_code_2, made[0].theme_confidence) == ("early_help", "adoption", 1.0)
    assert made[1] == rows[1]
    assert log.records[0].applied


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (line("rename", "theme_none", "New"), "no theme"),
        (line("dance", "x", "y"), "no action"),
        (line("rename", "x", "y", who=""), "Who and when"),
        (line("rename", "x", "y", when="soon"), "Who and when"),
        (line("rename", "x", "=cmd()"), "formula"),
        (line("move", "", "x", ""), "items is empty"),
        (line("split", "x", "y", ""), "items is empty"),
    ],
)
def test_what_cannot_be_applied_is_logged_with_the_reason(clustering, wrong, said):
    _, _, (record,) = publish(clustering, wrong)
    assert not record.applied
    assert said in record.result


def test_unknown_items_and_codes_are_refused(clustering):
    _, _, (record,) = publish(clustering, line("move", "", ids(clustering)[ADOPTION], "nobody"))
    assert not record.applied
    log = CorrectionLog([line("relabel", to="no_such_code", items="r1adoption")])
    relabel([asked(1, 2020, "adoption")], log)
    assert "no_such_code" in log.records[0].result


def test_a_correction_taken_out_is_undone(clustering):
    before, _, _ = publish(clustering)
    publish(clustering, line("merge", ids(clustering)[SUPERVISION], ids(clustering)[ADOPTION]))
    assert publish(clustering)[0] == before


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-8", "\t")])
def test_the_file_survives_excel(tmp_path, encoding, sign):
    path = tmp_path / "corrections.csv"
    rows = [
        sign.join(COLUMNS),
        sign.join(["Rename", "theme_1", "Zoë’s homes", "", "A. Officer", "30/11/2026 00:00", ""]),
    ]
    path.write_bytes("\r\n".join([*rows, sign * 6, ""]).encode(encoding))
    (read,) = read_corrections(path)
    assert (read.action, read.to, read.date.isoformat()) == ("rename", "Zoë’s homes", "2026-11-30")
    assert read.find_fault() is None


def test_no_file_no_corrections_and_a_wrong_head_is_said(tmp_path):
    path = tmp_path / "corrections.csv"
    assert read_corrections(path) == ()
    nothing = corrections_digest(path)
    path.write_text("this,that\n1,2\n")
    assert corrections_digest(path) != nothing
    with pytest.raises(InputFault, match="no column action"):
        read_corrections(path)


def test_appending_refuses_what_has_a_fault(tmp_path):
    with pytest.raises(InputFault, match="no action"):
        append_correction(tmp_path / "out" / "corrections.csv", line("dance", "x", "y"))
    assert not (tmp_path / "out").exists()


def _append(path, number):
    append_correction(path, line("rename", f"theme_{number}", f"Name {number}, with a comma"))


def test_many_writers_lose_nothing(tmp_path):
    path = tmp_path / "out" / "corrections.csv"
    path.parent.mkdir()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.starmap(_append, [(path, n) for n in range(24)])
    assert {c.target for c in read_corrections(path)} == {f"theme_{n}" for n in range(24)}
    assert [p.name for p in path.parent.iterdir()] == ["corrections.csv"]
