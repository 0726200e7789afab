"""New findings are told once to whoever asked for them, and again only where they were not taken."""

import json

import httpx
import pytest

from pipeline.publish.folder import publish
from pipeline.watch.settings import Tell
from pipeline.watch.tell import mark_known, tell_new
from tests.publish.conftest import make_dataset


@pytest.fixture
def grow(tmp_path):
    """Publishes the dataset of the first so many documents."""
    made = make_dataset()

    def run(count):
        documents = made.tables["documents"][:count]
        ids = {d.document_id for d in documents}
        tables = dict.fromkeys(made.tables, ()) | {"runs": made.tables["runs"], "documents": documents}
        tables["visits"] = [v.replace(previous_visit_id=None) for v in made.tables["visits"]]
        tables["findings"] = [f.replace(theme_id=None) for f in made.tables["findings"] if f.document_id in ids]
        publish(tables, {i: made.texts[i] for i in ids}, tmp_path / "out")
        return tmp_path / "out"

    return run


class Receiver:
    def __init__(self):
        self.status, self.got = 200, []

    def client(self):
        def answer(request):
            self.got.append((json.loads(request.content), request.headers))
            return httpx.Response(self.status)

        return httpx.Client(transport=httpx.MockTransport(answer))


HOOK = "https://example.org/hook"


def test_only_what_is_new_is_told_and_once(grow):
    tell, receiver = {"all": Tell(webhook=HOOK)}, Receiver()
    out = grow(1)
    assert tell_new(out, tell, receiver.client()) == []
    out = grow(2)
    mark_known(out, tell)
    (told,) = tell_new(out, tell, receiver.client())
    assert (told.findings, told.fault) == (7, None)
    ((message, headers),) = receiver.got
    assert {f["file_name"] for f in message["findings"]} == {make_dataset().tables["documents"][1].file_name}
    assert {"council", "text", "polarity", "theme_code", "page"} <= set(message["findings"][0])
    assert headers["idempotency-key"] == message["id"]
    assert [t.findings for t in tell_new(out, tell, receiver.client())] == [0]
    assert len(receiver.got) == 1


def test_a_receiver_that_is_away_is_told_next_time_with_the_same_id(grow):
    tell, receiver = {"all": Tell(webhook=HOOK)}, Receiver()
    mark_known(grow(1), tell)
    out = grow(2)
    receiver.status = 503
    assert "503" in tell_new(out, tell, receiver.client())[0].fault
    receiver.status = 200
    assert tell_new(out, tell, receiver.client())[0].fault is None
    assert receiver.got[0][0] == receiver.got[1][0]


def test_a_round_that_was_killed_after_publishing_is_told_by_the_next(grow):
    tell, receiver = {"all": Tell(webhook=HOOK)}, Receiver()
    mark_known(grow(1), tell)
    out = grow(2)  # killed here
    mark_known(out, tell)
    assert tell_new(out, tell, receiver.client())[0].findings == 7


def test_councils_and_themes_are_chosen(grow, monkeypatch):
    monkeypatch.setattr(
        "pipeline.watch.settings.load_councils", lambda: {"Northmoor": None, "Eastvale & Fenwick": None}
    )
    code = make_dataset().tables["findings"][0].theme_code
    receiver = Receiver()
    tell = {
        "one": Tell(webhook=HOOK, councils=("Eastvale & Fenwick",), themes=(code,)),
        "none": Tell(webhook=HOOK, councils=("Northmoor",)),
    }
    mark_known(grow(2), tell)
    out = grow(4)
    assert [t.findings for t in tell_new(out, tell, receiver.client())] == [8, 0]
    assert {f["council"] for f in receiver.got[0][0]["findings"]} == {"Eastvale & Fenwick"}
    assert {f["theme_code"] for f in receiver.got[0][0]["findings"]} == {code}


def test_a_command_gets_the_findings_on_its_input(grow, tmp_path):
    tell = {"officer": Tell(command=("sh", "-c", f"cat > {tmp_path}/got.json"))}
    mark_known(grow(1), tell)
    assert tell_new(grow(2), tell)[0].fault is None
    assert len(json.loads((tmp_path / "got.json").read_text())["findings"]) == 7


@pytest.mark.parametrize("command", [("sh", "-c", "exit 3"), ("no-such-program",)])
def test_a_command_that_fails_is_said_and_tried_again(grow, command):
    tell = {"officer": Tell(command=command)}
    mark_known(grow(1), tell)
    out = grow(2)
    assert [bool(tell_new(out, tell)[0].fault) for _ in range(2)] == [True, True]


def test_a_damaged_record_of_what_was_told_floods_nobody(grow):
    tell, receiver = {"all": Tell(webhook=HOOK)}, Receiver()
    out = grow(2)
    (out / ".cache").mkdir()
    (out / ".cache" / "told.json").write_text("{")
    mark_known(out, tell)
    assert tell_new(out, tell, receiver.client())[0].findings == 0
