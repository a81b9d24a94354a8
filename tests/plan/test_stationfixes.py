"""Stations as persons corrected them: decisions, their table, and what follows from them."""

from __future__ import annotations

import pytest

from geo.errors import InputError
from geo.load import load_network
from geo.stationlanes import count_lanes
from geo.stations import StationKind
from plan.decisions import Decision
from plan.model import Plan
from plan.replay import anchor, replay
from plan.stationfixes import as_fixes, correct, correct_stations, list_stations, read_corrections
from tests.sketches import expressway_with_ramp

WHO = {"who": "张三", "when": "2026-11-25", "why": "现场核对"}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Return an expressway with one ramp station of two entry and two exit lanes."""
    return expressway_with_ramp().load(tmp_path_factory.mktemp("map"))


@pytest.fixture(scope="module")
def plan(network):
    """Return its plan."""
    return Plan(network)


def test_lanes_by_direction(network):
    """The lanes of a ramp station are told apart: onto the expressway and off it."""
    (station,) = network.stations
    assert count_lanes(network)[station.id] == {"entry": 2, "exit": 2}


def test_corrections_add_up_and_the_map_stays(plan):
    """Name, kind, place and lanes are corrected one by one, the latest word holds, and the map is as it was."""
    (station,) = plan.network.stations
    for value in ({"name": "旧名"}, {"lanes": 3}, {"name": "梅坞东"}, {"lon": 114.3, "lat": 22.8}):
        plan = plan.decide(correct(station.id, value, **WHO))
    (now,) = plan.stations
    assert (now.name, now.lanes, now.lon, now.lat) == ("梅坞东", 3, 114.3, 22.8)
    assert "梅坞收费站" in now.names
    assert plan.network.stations == (station,)
    assert plan.land.segment_ids == plan.network.segment_ids
    (row,) = list_stations(plan.land, plan.decisions)
    assert [c["fields"] for c in row["corrections"]] == [["name"], ["lanes"], ["name"], ["lat", "lon"]]
    assert row["corrections"][0]["who"] == "张三"
    assert plan.decide(Decision("correct_station", station.id)).stations == (station,)


def test_a_corrected_kind_moves_the_split(plan):
    """A station that a person calls a gate carries no seam any more; the split follows in the same plan."""
    (station,) = plan.network.stations
    gate = plan.decide(correct(station.id, {"kind": "门禁"}, **WHO))
    assert gate.stations[0].kind is StationKind.GATE
    before, after = ({(s.node, s.kind) for s in p.derived.ownership.seams} for p in (plan, gate))
    assert {kind for _, kind in before} == {"booth"}
    assert "booth" not in {kind for _, kind in after}
    assert "gate_not_station" in {f.code for f in gate.derived.findings}


def test_a_correction_of_a_station_that_is_gone_is_a_finding(plan):
    """A correction whose station the map no longer has is kept, not applied, and listed."""
    (station,) = plan.network.stations
    stale = plan.decide(correct("n999", {"name": "x"}, **WHO))
    assert stale.stations == (station,)
    assert "station_fix_stale" in {f.code for f in stale.derived.findings}


def test_what_cannot_be_read_is_left_out(network):
    """A correction of another program whose value is none changes nothing and stops nothing."""
    odd = [Decision("correct_station", "n1", {"lanes": "many"}), Decision("correct_station", "n1", {"colour": 1})]
    assert as_fixes(odd) == ()
    assert correct_stations(network, odd) is network


@pytest.mark.parametrize(
    ("value", "about", "problem"),
    [({"kind": "x"}, {}, "main_line"), ({"name": " "}, {}, "not empty"), ({"lon": 1.0}, {}, "both"),
     ({"lon": 22.7, "lat": 114.2}, {}, "exchanged"), ({"lanes": 0}, {}, "1 to 60"), ({"color": 1}, {}, "use name"),
     ({"lon": float("nan"), "lat": 1.0}, {}, "exchanged"), ({"name": "a"}, {"who": " "}, "add who"),
     ({"name": "a"}, {"when": "yesterday"}, "date")],
)  # fmt: skip
def test_corrections_are_checked(value, about, problem):
    """A correction says what, by whom and when, or is refused in one sentence (fault 32)."""
    with pytest.raises(InputError, match=problem):
        correct("n1", value, **(WHO | about))


def test_a_table_of_corrections(tmp_path, plan):
    """Rows name a station by id or name; person and day come from the row or from whoever imports."""
    (station,) = plan.network.stations
    file = tmp_path / "fixes.csv"
    file.write_text(
        "收费站,类型,经度,纬度,车道数,名称,核对人,日期,理由\n"
        f"{station.id},主线站,,,,,李四,2026-11-01,复核\n梅坞收费站,,114.3,22.8,5,,,,\nn77,,,,,新站,,,\n",
        encoding="utf-8",
    )
    one, two, three = read_corrections(file, plan.stations, who="张三", when="2026-11-25")
    assert (one.key, one.value, one.who, one.when, one.why) == (
        station.id,
        {"kind": "main_line"},
        "李四",
        "2026-11-01",
        "复核",
    )
    assert (two.key, dict(two.value), two.who) == (station.id, {"lon": 114.3, "lat": 22.8, "lanes": 5}, "张三")
    assert three.key == "n77"


@pytest.mark.parametrize(
    ("row", "problem"),
    [("n1,,,", "at least one"), (",a,,", "at least one"), ("n1,a,x,22", "both|exchanged"), ("n1,a,,", "add who")],
)
def test_rows_that_correct_nothing(tmp_path, plan, row, problem):
    """A row without a station, a value or a person is refused with its line."""
    file = tmp_path / "fixes.csv"
    file.write_text(f"station,name,lon,lat\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"line 2.*({problem})"):
        read_corrections(file, plan.stations, who="" if "who" in problem else "张三", when="2026-11-25")


def test_two_stations_of_one_name_are_asked_about(tmp_path, plan):
    """A name that two stations carry is refused with both ids."""
    from dataclasses import replace

    (station,) = plan.network.stations
    file = tmp_path / "fixes.csv"
    file.write_text("station,lanes\n梅坞收费站,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"give an id.*n5"):
        read_corrections(file, (station, replace(station, id="n5")), who="张三", when="2026-11-25")


def test_corrections_go_to_a_new_map(plan, tmp_path):
    """On a new map whose booths have other ids a correction finds its station by place."""
    (station,) = plan.network.stations
    made = anchor(plan, correct(station.id, {"lanes": 9}, **WHO))
    assert as_fixes([made])
    moved = expressway_with_ramp()
    moved.points = {name: (number + 5000, *rest) for name, (number, *rest) in moved.points.items()}
    again = replay(plan.decide(made), load_network(moved.write(tmp_path / "new.osm")))
    assert again.rows[0].fate == "moved"
    assert again.plan.stations[0].lanes == 9


def test_a_booth_is_added_at_a_node_and_no_row_moves(plan):
    """A booth that the map lacks stands at a node: its station has it, no road is cut, an unknown node is stale."""
    (station,) = plan.network.stations
    network = plan.network
    free = next(k for k in range(len(network.nodes)) if k in network.segments.u and k not in station.booths)
    node = int(network.nodes.id[free])
    grown = plan.decide(correct(station.id, {"booths": [node]}, **WHO))
    assert grown.land.segment_ids == network.segment_ids
    assert free in grown.stations[0].booths
    assert grown.derived.ownership.network.booth_mask()[free]
    fresh = plan.decide(correct(f"n{node}", {"booths": [node]}, **WHO))
    assert {s.id for s in fresh.stations} == {station.id, f"n{node}"}
    lost = plan.decide(correct(station.id, {"booths": [-1]}, **WHO))
    assert "station_fix_stale" in {f.code for f in lost.land.findings}
    broken = plan.decide(Decision("correct_station", station.id, {"booths": "n1"}))
    assert broken.stations == plan.stations
    with pytest.raises(InputError, match="booths"):
        correct(station.id, {"booths": [1.5]}, **WHO)
