"""What a person reads of the commands of work: every one in lines, none as a Python value."""

from __future__ import annotations

import sys

import pytest

import cli
from views.console.summary import summarise
from views.console.worklines import work_lines

SAID = {
    ("cover", "--minutes", "3"): ("双方可达", "按乡镇 by town", "两个以上单元", "到不了 unreachable"),
    ("aid", "--minutes", "3"): ("时限内依法可达", "  1. 允许", "早 sooner"),
    ("incident", "--at", "{at}"): ("最先 first", "指挥 command"),
    ("incident", "--at", "{at}", "--head-start", "1"): ("来得及关", "对方"),
    ("checkpoints",): ("可设检查点",),
    ("zones", "--kind", "land"): ("公路用地", "km²"),
    ("targets", "--kind", "land"): ("巡查目标 targets", "公路用地"),
}


@pytest.fixture
def read(monkeypatch, capsys):
    """Return a function that runs a command and gives what a person reads."""

    def runner(*words):
        monkeypatch.setattr(sys, "argv", ["roadseam", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert (caught.value.code or 0) == 0
        return capsys.readouterr().out

    return runner


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_every_command_of_work_reads_well(words, read, place, units):
    """Each command names its findings in sentences, and no Python value shows."""
    at = ",".join(map(str, place[1]["n1"]))
    crews = () if words[0] in {"checkpoints", "zones", "targets"} else ("--units", units)
    out = read(words[0], place[0] / "map.osm", *crews, *(word.format(at=at) for word in words[1:]))
    for text in SAID[words]:
        assert text in out
    assert "{" not in out
    assert "None" not in out


def test_the_demo_has_exits_of_its_own(read):
    """Without a table the demo's exits are sealed; a fugitive who is gone leaves all of them open, and it is said."""
    out = read("seal", "demo")
    assert "出口1 ←" in out
    out = read("seal", "demo", "--from", "118.70,31.287", "--head-start", 60, "--faster", 3)
    assert "最慢 slowest –" in out
    assert "来不及 open: 出口1" in out


def test_what_is_missing_is_a_dash():
    """No car, no station and no time show as words or dashes; another document gives no line."""
    card = {
        "segment": "w1/2-3", "lon": 1.0, "lat": 2.0, "owner": "local", "first": None, "cars": [], "command": [],
        "turn_rounds": [{"direction": 1, "station": "", "lon": 1.0, "lat": 2.0, "time_s": None}],
        "close": [{"direction": -1, "divert_at": "", "divert_m": 0.0, "close_entries": []}],
        "detours": [{"direction": 7, "roads": [{"road": "", "length_m": 5.0}], "length_m": 5.0, "time_s": 60.0}],
    }  # fmt: skip
    lines = work_lines(card)
    assert lines[1].startswith("没有车能依法到达")
    assert "1.00000, 2.00000 · –" in lines[2]
    assert "关闭 close: – · 分流 divert at –" in lines[3]
    assert work_lines({"answers": []}) == []
    assert summarise({"x": 1}) == "x: 1"


def test_hours_checks_and_trucks_are_lines():
    """Coverage by the hour, a place asked for, and a truck with the station it goes to each have their line."""
    part = {"total_m": 2000.0, "share": None, "response_s": {"p50": None, "p90": None, "max": None}}
    length = {"both": 500.0, "local_only": 0.0, "expressway_only": 0.0, "none": 1500.0}
    cover = {
        "limit_s": 900.0, "length_m": length, "total_m": 2000.0, "share_within": 0.25, "unreachable": [],
        "by": {"agency": {"": part}, "class": {}, "town": {}}, "overlap": {"twice_m": 0.0, "duplication": 0.0},
        "hours": [{"hour": 3, "length_m": length, "total_m": 2000.0}],
    }  # fmt: skip
    lines = work_lines(cover)
    assert "  03:00 时限内 within 25.0 %" in lines
    assert any("未划定 none" in line and "p50 –" in line for line in lines)
    site = {"id": "n1", "name": "", "kind": "station"}
    checks = {
        "rule": "36", "allowed": [site], "weigh_stations": [site],
        "checked": [{"id": "x", "allowed": False, "message": "不可", "message_en": "no"}],
        "trucks": [{"id": "a", "over_t": 11.0, "station": None, "time_s": None}],
    }  # fmt: skip
    lines = work_lines(checks)
    assert "  x：不可 no · 不可 / no" in lines
    assert "  a：超限 over 11 t · 送 to – · –" in lines
