from __future__ import annotations

import pytest
import shapely

from geo.stations import StationKind
from tests.patrol.zones.ground import degrees, draw, shape_at

BOOTH = {"barrier": "toll_booth"}
RAMP = {"highway": "motorway_link", "oneway": "yes"}


def plaza(kind=StationKind.RAMP):
    """Return a ramp through a booth at the origin, and the connector to an ordinary road."""
    points = {1: (-400, 0), 2: (0, 0), 3: (400, 0), 4: (400, -500), 5: (400, 500)}
    ways = [
        (1, [1, 2], RAMP),
        (2, [2, 3], {"highway": "secondary", "name": "梅坞连接线"}),
        (3, [4, 3, 5], {"highway": "primary", "ref": "S202"}),
    ]
    return draw(points, ways, stations={"n2": [2]}, kind=kind)


def test_plaza_is_split_at_the_booth(zones_of):
    """A plaza has one zone an owner, each 60 m long and square at the booth, and names the other owner."""
    zones = zones_of(plaza(), kinds={"plaza"})
    assert zones.ids == ("zplaza/n2", "zplaza/n2~2")
    assert zones.agency.tolist() == ["exp1", "local"]
    assert [d.also for d in zones.drafts] == [("local",), ("exp1",)]
    assert zones.area_m2.tolist() == pytest.approx([600, 600], rel=1e-3)
    assert shape_at(zones, "plaza", agencies={"exp1"}).bounds[2] == pytest.approx(0, abs=1e-6)
    assert zones.drafts[0].place == pytest.approx(degrees(0, 0), abs=1e-9)
    assert zones.road_m.tolist() == pytest.approx([60, 60], rel=1e-3)


def test_campus_gates_have_no_plaza(zones_of):
    """A gate is no toll station and has no plaza."""
    assert len(zones_of(plaza(StationKind.GATE), kinds={"plaza"})) == 0


def test_plaza_lanes_side_by_side(zones_of):
    """Lanes that join the same two ends in parallel are all part of the plaza."""
    points = {1: (-300, 0), 2: (-40, 0), 3: (0, 8, BOOTH), 4: (0, -8, BOOTH), 5: (40, 0), 6: (300, 0)}
    lane = {"highway": "service"}
    ways = [(1, [1, 2], RAMP), (2, [2, 3, 5], lane), (3, [2, 4, 5], lane), (4, [5, 6], {"highway": "secondary"})]
    zones = zones_of(draw(points, ways, stations={"n3": [3, 4]}), kinds={"plaza"})
    covered = shape_at(zones, "plaza")
    assert covered.contains(shapely.Point(-20, 4))
    assert covered.contains(shapely.Point(-20, -4))
    assert not covered.contains(shapely.Point(200, 0))


def test_connectors_by_name_and_beyond_the_last_station(zones_of):
    """A road named 连接线 is a connector, and so is a ramp that the ledger gives to the local agency."""
    network = plaza()
    zones = zones_of(network, kinds={"connector"})
    assert zones.ids == ("zconnector/w2/2-3",)
    agency = ["local"] * len(network.segments)
    both = zones_of(network, kinds={"connector"}, agency=agency, owner=["ordinary"] * len(agency))
    assert both.ids == ("zconnector/w1/1-2", "zconnector/w2/2-3")
    assert zones.area_m2[0] == pytest.approx(400 * 2 * zones.drafts[0].group.edge_m, rel=1e-3)


def test_demo_plazas_and_connectors(demo):
    """Every toll station of the demo has its plaza, every connector the generator knows is found."""
    import json

    from data.demo import table_path

    facts = json.loads(table_path("facts.json").read_text(encoding="utf-8"))
    ours = {s.id for s in demo.network.stations if s.kind not in {StationKind.GATE, StationKind.BORDER}}
    assert {d.thing for d in demo.zones.drafts if d.kind == "plaza"} == ours
    way = demo.network.ways.id[demo.network.segments.way]
    found = {int(way[k]) for d in demo.zones.drafts if d.kind == "connector" for k in d.segments.tolist()}
    assert set(facts["connector_way_ids"]) <= found
