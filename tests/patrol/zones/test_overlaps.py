from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from geo.errors import InputError
from patrol.zones.overlaps import Supplied, find_overlaps, shared_ground
from patrol.zones.supplied import read_polygons, read_rivers
from tests.patrol.zones.ground import degrees, draw, straight


def outline(*points):
    """Return a polygon of places in metres, in degrees."""
    return shapely.Polygon([degrees(*p) for p in points])


def box(left, low, right, high):
    """Return a rectangle in metres as a polygon in degrees."""
    return outline((left, low), (right, low), (right, high), (left, high))


def supply(*shapes):
    """Return polygons with ids b1, b2 and so on."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return Supplied(tuple(f"b{k + 1}" for k in range(len(shapes))), array)


@pytest.fixture
def zones(zones_of):
    """Return land and control zone of a straight trunk road: land to 9 m, control zone to 29 m."""
    return zones_of(straight({"highway": "trunk", "ref": "G205"}), kinds={"land", "control_zone"})


def test_a_building_is_measured_in_each_zone(zones):
    """A building that straddles the edge of land overlaps land and control zone, each with its own area."""
    found = find_overlaps(zones, supply(box(100, 5, 120, 19), box(300, 200, 320, 220)))
    rows = found.to_json()
    assert [(r["polygon"], r["zone_kind"]) for r in rows] == [("b1", "land"), ("b1", "control_zone")]
    assert [r["area_m2"] for r in rows] == pytest.approx([80, 200], abs=0.1)
    assert sum(r["share"] for r in rows) == pytest.approx(1, abs=1e-3)
    assert rows[0]["rule"] == "national/land/II"


def test_a_bow_tie_keeps_both_lobes(zones):
    """Fault 37: a polygon that crosses itself is repaired with all its area, and reported."""
    tie = outline((0, 10), (20, 10), (0, 28), (20, 28))
    found = find_overlaps(zones, supply(tie))
    assert found.area_m2.sum() == pytest.approx(180, rel=1e-3)
    (finding,) = found.findings
    assert (finding.code, finding.things) == ("zone_polygon_repaired", ("b1",))


def test_polygons_without_an_outline_are_told(zones):
    """Fault 37: missing, empty, endless or linear outlines are left out and named; the rest is compared."""
    endless = shapely.Polygon([(114, 22), (np.inf, 22), (114, 23)])
    bad = (None, shapely.Polygon(), endless, shapely.LineString([degrees(0, 0), degrees(50, 5)]))
    found = find_overlaps(zones, supply(*bad, box(100, 10, 120, 20)))
    assert [r["polygon"] for r in found.to_json()] == ["b5"]
    (finding,) = found.findings
    assert (finding.code, finding.things) == ("zone_polygon_unusable", ("b1", "b2", "b3", "b4"))


def test_a_touching_wall_is_no_overlap(zones):
    """What overlaps by less than a square metre is the width of a drawn line."""
    assert len(find_overlaps(zones, supply(box(0, 28.99, 50, 60)))) == 0
    assert len(find_overlaps(zones, supply(box(0, 28.9, 50, 60)))) == 1


def test_nothing_to_compare(zones):
    """No polygon, or no zone, gives no overlap."""
    assert len(find_overlaps(zones, supply())) == 0
    assert len(find_overlaps(zones.where(kinds={"sand"}), supply(box(0, 0, 1, 1)))) == 0


def test_ids_must_be_one_each():
    """Polygons with too few ids, or with one twice, are refused."""
    shapes = np.array([box(0, 0, 1, 1), box(2, 2, 3, 3)], dtype=object)
    with pytest.raises(InputError, match="1 个编号"):
        Supplied(("a",), shapes)
    with pytest.raises(InputError, match="重复"):
        Supplied(("a", "a"), shapes)


def test_shared_ground_adds_up(zones_of):
    """Fault 38: the areas by set of owners add up to the ground, what overlaps counted once."""
    points = {1: (-500, 0), 2: (500, 0), 3: (0, -500), 4: (0, 500)}
    network = draw(
        points,
        [
            (1, [1, 2], {"highway": "motorway", "ref": "G15", "bridge": "yes"}),
            (2, [3, 4], {"highway": "trunk", "ref": "G205"}),
        ],
    )
    zones = zones_of(network)
    for kind in ("land", "control_zone", "quarry"):
        parts = shared_ground(zones, kind)
        assert set(parts) == {("exp1",), ("local",), ("exp1", "local")}
        assert sum(parts.values()) == pytest.approx(zones.on_the_ground_m2()[kind], rel=1e-9)
        mine = zones.where(kinds={kind}, agencies={"exp1"})
        assert parts["exp1",] + parts["exp1", "local"] == pytest.approx(mine.area_m2.sum(), rel=1e-9)
    assert shared_ground(zones, "sand") == {}


def write(path, features):
    """Write features as GeoJSON."""
    body = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(g)} for p, g in features
        ],
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_polygons_from_a_file(tmp_path):
    """Polygons come with the ids of the file, or are counted; points among them have no outline."""
    file = write(
        tmp_path / "houses.geojson",
        [({"编号": "H7"}, box(0, 0, 9, 9)), ({"编号": None}, shapely.Point(*degrees(0, 0)))],
    )
    found = read_polygons(file)
    assert found.ids == ("H7", "#2")
    assert found.shape[1] is None
    assert shapely.equals_exact(found.shape[0], box(0, 0, 9, 9), 1e-6)
    assert read_polygons(write(tmp_path / "plain.geojson", [({"a": 1}, box(0, 0, 9, 9))])).ids == ("1",)


def test_rivers_from_a_file(tmp_path):
    """River lines carry half of their width; a width that is no number is not known."""
    line = shapely.LineString([degrees(0, 0), degrees(0, 900)])
    rows = [({"width_m": w}, line) for w in ("60", "wide", "-3")]
    rivers = read_rivers(write(tmp_path / "rivers.geojson", rows))
    assert rivers.half_m[0] == 30
    assert np.isnan(rivers.half_m[1:]).all()
    assert np.isnan(read_rivers(write(tmp_path / "r.geojson", [({}, line)])).half_m).all()


def test_files_without_what_is_asked_for_are_refused(tmp_path, repo_root):
    """A file without polygons, and a road map, are refused with what to give instead."""
    line = shapely.LineString([degrees(0, 0), degrees(0, 900)])
    with pytest.raises(InputError, match="没有面要素"):
        read_polygons(write(tmp_path / "lines.geojson", [({}, line)]))
    with pytest.raises(InputError, match="路网地图"):
        read_polygons(repo_root / "data" / "demo" / "district.osm.pbf")
