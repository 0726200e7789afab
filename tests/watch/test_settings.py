import pytest

from pipeline.errors import InputFault
from pipeline.watch.settings import read_watch

GOOD = """
sources: [ofsted, letters]
out: data/national
schedule: {cron: "15 6 * * 1-5", timezone: Europe/London}
editions: 4
tell:
  north-west: {councils: [Manchester], themes: [placement_sufficiency_stability], webhook: "https://example.org/x"}
  officer: {command: [sh, -c, cat]}
"""


def test_settings_are_read_and_paths_count_from_their_file(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "watch.yml").write_text(GOOD)
    found = read_watch(tmp_path / "watch.yml")
    assert found.out == tmp_path / "data" / "national"
    assert {s.kind for s in found.list_sources().values()} == {"ofsted", "folder"}
    assert found.tell["officer"].command == ("sh", "-c", "cat")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"15 6 * * 1-5"', '"15 6 * *"', "no cron expression"),
        ("Europe/London", "Europe/Londinium", "no time zone"),
        ("[Manchester]", "[Mancunia]", "Mancunia is no council"),
        ("placement_sufficiency_stability", "balloons", "balloons is no council"),
        ("command: [sh, -c, cat]", "councils: []", "either a webhook or a command"),
        ("editions: 4", "editons: 4", "editons"),
        ("sources: [ofsted, letters]", "sources: []", "sources"),
        ("https://example.org", "file://example.org", "webhook"),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path, old, new, said):
    assert old in GOOD
    (tmp_path / "watch.yml").write_text(GOOD.replace(old, new))
    with pytest.raises(InputFault, match=said):
        read_watch(tmp_path / "watch.yml")


def test_an_unknown_source_and_an_absent_file_are_named(tmp_path):
    (tmp_path / "watch.yml").write_text(GOOD.replace("letters", "nobody"))
    with pytest.raises(InputFault, match="nobody"):
        read_watch(tmp_path / "watch.yml").list_sources()
    with pytest.raises(InputFault, match="cannot be read"):
        read_watch(tmp_path / "absent.yml")
