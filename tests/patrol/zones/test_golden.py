"""Zones of whole districts: the demo, whose truth the generator knows, and the Longgang clip of 2019."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import shapely

from data.demo import table_path
from geo.load import load_network
from geo.snapping import build_snap_index, snap_points
from jurisdiction.brigades import assign_agencies
from jurisdiction.splitting import split
from patrol.zones import KINDS, make_zones
from patrol.zones.plane import Plane


@pytest.fixture(scope="module")
def facts():
    """Return what the generator of the demo knows."""
    return json.loads(table_path("facts.json").read_text(encoding="utf-8"))


def test_demo_zones_are_valid_and_apart(demo):
    """Fault 37: every zone of the demo is valid in both coordinate systems, and none but land lies on land."""
    zones = demo.zones
    assert shapely.is_valid(zones.shape).all()
    assert shapely.is_valid(zones.degrees).all()
    assert (zones.area_m2 > 0).all()
    land = shapely.union_all(zones.shape[zones.kind == "land"])
    for kind in ("control_zone", "setback", "visible_range", "sight_junction"):
        cover = zones.shape[zones.kind == kind]
        assert shapely.area(shapely.intersection(cover, land)).sum() < 0.01


def test_demo_kinds_in_order(demo):
    """The demo has every kind but tunnels, bends and sand (it has none, and no rivers are supplied), in order."""
    found = list(dict.fromkeys(demo.zones.kind.tolist()))
    assert found == [k for k in KINDS if k in found]
    assert set(KINDS) - set(found) == {"sight_curve", "tunnel_quarry", "tunnel_danger", "sand"}
    assert len(set(demo.zones.ids)) == len(demo.zones)


def test_demo_expressways_have_expressway_zones(demo, facts):
    """Both expressways, S101 with its ordinary-looking number too, have 30 m; the urban fast road is none."""
    zones = demo.zones.where(kinds={"control_zone"})
    way = demo.network.ways.id[demo.network.segments.way]
    rules = {}
    for draft in zones.drafts:
        for row in draft.segments.tolist():
            rules.setdefault(int(way[row]), set()).add(draft.row.id)
    for route in ("G98", "S101"):
        ways = [w for w in facts["expressway_way_ids"][route] if w in rules]
        assert len(ways) > 0.9 * len(facts["expressway_way_ids"][route])
        assert {rule for w in ways for rule in rules[w]} == {"national/control_zone/expressway"}
    fast = {rule for w in facts["fast_road_way_ids"] + facts["fast_road_ramp_way_ids"] for rule in rules.get(w, ())}
    assert "national/control_zone/expressway" not in fast


def test_demo_owners_come_from_the_ledger(demo):
    """Each strip belongs to the one agency that the ledger gives all its segments."""
    for draft in demo.zones.drafts:
        if draft.kind in {"land", "control_zone", "setback", "quarry", "danger", "visible_range"}:
            assert {demo.agency[k] for k in draft.segments.tolist()} == {draft.group.agency}


def test_demo_metres_of_road_add_up(demo):
    """Highway land counts every metre of road that has a class once, to the millimetre."""
    land = [d for d in demo.zones.drafts if d.kind == "land"]
    rows = np.concatenate([d.segments for d in land])
    assert len(np.unique(rows)) == len(rows)
    assert sorted(rows.tolist()) == np.flatnonzero(demo.zones.roads.has_zone).tolist()


def test_demo_under_bridge_targets_are_found(demo):
    """Every under-bridge place the generator lists is found, with an ordinary road of access."""
    with table_path("targets.csv").open(encoding="utf-8", newline="") as file:
        known = [row for row in csv.DictReader(file) if row["kind"] == "under_bridge"]
    spaces = demo.zones.where(kinds={"under_bridge"})
    plane = Plane.of(demo.network)
    points = plane.to_plane(np.array([shapely.Point(float(r["lon"]), float(r["lat"])) for r in known], dtype=object))
    for row, point in zip(known, points, strict=True):
        near = np.flatnonzero(shapely.dwithin(spaces.shape, point, 40.0))
        assert len(near), row["name"]
        assert any(spaces.drafts[k].also == ("local",) and spaces.drafts[k].access >= 0 for k in near.tolist()), row[
            "name"
        ]


def test_demo_access_lies_on_an_ordinary_road(demo):
    """The place of every joint under-bridge space lies on the road that gives access, not on the deck."""
    drafts = [d for d in demo.zones.drafts if d.kind == "under_bridge" and d.access >= 0]
    usable = np.zeros(len(demo.network.segments), dtype=bool)
    usable[[d.access for d in drafts]] = True
    assert not (usable & demo.zones.roads.is_expressway).any()
    lon, lat = (np.array([d.place[k] for d in drafts]) for k in (0, 1))
    snapped = snap_points(demo.network, lon, lat, index=build_snap_index(demo.network, usable=usable))
    assert snapped.distance_m.max() < 0.1


def test_demo_says_what_it_cannot_know(demo):
    """Rivers, spans, classes from the map, passages and the visible range are findings, each with a sentence."""
    codes = {f.code: f for f in demo.zones.findings}
    assert set(codes) >= {
        "zone_rivers_unknown",
        "zone_bridge_size_by_length",
        "zone_class_from_map",
        "zone_passage",
        "zone_visible_assumed",
    }
    assert codes["zone_passage"].count == 7
    assert all(f.message and f.message_en for f in codes.values())


def test_longgang(shared_data):
    """The Longgang clip: valid zones, expressway land by the owners of the split, the S202 expressway at 30 m."""
    ownership = split(load_network(shared_data / "osm" / "shenzhen-longgang-heao-2019.osm.bz2"))
    network = ownership.network
    agency = assign_agencies(network, ownership.expressway)
    owner = [str(o) for o in ownership.owner]
    zones = make_zones(network, ownership.evidence, agency=agency, owner=owner, province="广东")
    assert shapely.is_valid(zones.shape).all()
    assert zones.epsg == 4547
    control = zones.where(kinds={"control_zone"})
    by_road = {d.group.road: d.row.distance_m for d in control.drafts}
    assert {by_road[road] for road in by_road if road in {"G15", "S202", "S28"}} == {30.0}
    setback = {d.group.admin: d.row.distance_m for d in zones.where(kinds={"setback"}).drafts}
    assert setback["expressway"] == 200
    assert {d.thing for d in zones.where(kinds={"plaza"}).drafts} == {"n653144238", "n1948589502"}
    assert set(zones.where(kinds={"plaza"}).agency.tolist()) == {"expressway", "local"}
    joint = [d for d in zones.drafts if d.kind == "under_bridge" and d.also]
    assert len(joint) == 14
    assert all("local" in d.also or d.group.agency == "local" for d in joint)
    assert {"zone_same_level_crossing", "zone_lanes_assumed"} <= {f.code for f in zones.findings}
