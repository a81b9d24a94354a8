from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from jurisdiction.towns import (
    geometry_of,
    locate_in_towns,
    make_town,
    overlap_findings,
    read_towns,
    refused_finding,
    town_from,
    towns_of_map,
)
from tests.builders import make_network

SQUARE = [[0, -1], [0.05, -1], [0.05, 1], [0, 1], [0, -1]]
BOW_TIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
FLAT = [[0, 0], [1, 1], [0, 0], [1, 1], [0, 0]]
ROAD = {"highway": "primary"}


def town(name, west, east, agency=""):
    """Return a town between two meridians."""
    ring = [[west, -1], [east, -1], [east, 1], [west, 1], [west, -1]]
    return make_town(name, name, [ring], agency=agency)[0]


def test_a_bow_tie_is_mended_and_told():
    """Fault 66: an outline that crosses itself is mended, and the caller learns it."""
    made, was_mended = make_town("t", "镇", [BOW_TIE])
    assert was_mended
    assert shapely.is_valid(made.shape)
    assert shapely.area(made.shape) == pytest.approx(0.5)
    assert not make_town("t", "镇", [SQUARE])[1]


@pytest.mark.parametrize(
    "rings", [[FLAT], [[[0, 0], [1, 1]]], [[["x", 0]] * 4], [[[float("nan"), 0]] * 4], [], [[[1]]]]
)
def test_an_outline_that_encloses_nothing_is_refused(rings):
    """Fault 66: an outline without area, with too few points or without numbers is refused in one sentence."""
    with pytest.raises(InputError, match=r"镇.* / "):
        make_town("t", "镇", rings)


def test_decisions_hold_rings_or_a_geometry():
    """An outline comes back from its decision value, holes included."""
    ring = shapely.Polygon(SQUARE, [[[0.01, 0], [0.02, 0], [0.02, 0.1], [0.01, 0.1], [0.01, 0]]])
    made, _ = town_from("t", {"name": "镇", "geometry": json.loads(shapely.to_geojson(ring)), "agency": "local"})
    again, _ = town_from("t", {"name": "镇", "geometry": geometry_of(made)})
    assert again.shape.equals(made.shape)
    assert made.agency == "local"
    assert town_from("t", {"rings": [SQUARE]})[0].name == "t"
    with pytest.raises(InputError, match="t"):
        town_from("t", {"geometry": {"type": "Nonsense"}})


def test_a_road_belongs_where_its_longer_part_lies():
    """A road over a border belongs to the town with the longer part; one mostly outside every town to none."""
    places = {k: (x, 0.0) for k, x in enumerate((0.01, 0.02, 0.06, 0.065, 0.2, 0.3))}
    ways = [(10, [0, 1], ROAD), (11, [1, 2], ROAD), (12, [1, 3], ROAD), (13, [3, 4], ROAD), (14, [4, 5], ROAD)]
    network = make_network(places, ways)
    found = locate_in_towns(network, [town("a", 0, 0.05), town("b", 0.05, 0.07)])
    by_way = dict(zip(network.ways.id[network.segments.way].tolist(), found.tolist(), strict=True))
    assert by_way == {10: 0, 11: 0, 12: 0, 13: -1, 14: -1}
    assert (locate_in_towns(network, []) == -1).all()


@given(st.lists(st.floats(-0.2, 0.4, allow_nan=False), min_size=3, max_size=8))
def test_each_road_has_one_town_or_none(edges):
    """Whatever the outlines, each road gets exactly one of them or none, the one with most of it."""
    marks = sorted({round(e, 3) for e in edges})
    towns = [town(str(k), a, b) for k, (a, b) in enumerate(itertools.pairwise(marks))]
    places = {k: (-0.1 + 0.045 * k, 0.0) for k in range(9)}
    network = make_network(places, [(10 + k, [k, k + 1], ROAD) for k in range(8)])
    found = locate_in_towns(network, towns)
    for row, number in enumerate(found.tolist()):
        line = network.points(row)
        share = [max(0.0, min(line[-1, 0], b) - max(line[0, 0], a)) for a, b in itertools.pairwise(marks)]
        outside = (line[-1, 0] - line[0, 0]) - sum(share)
        best = max([*share, outside])
        assert (share[number] if number >= 0 else outside) == pytest.approx(best, abs=1e-6)


def test_outlines_that_overlap_are_named():
    """Towns that cover the same ground are named in pairs; neighbours that share a border are not."""
    (finding,) = overlap_findings([town("a", 0, 0.05), town("b", 0.04, 0.07), town("c", 0.07, 0.1)])
    assert finding.things == ("a/b",)
    assert overlap_findings([town("a", 0, 0.05), town("c", 0.05, 0.1)]) == []
    assert overlap_findings([]) == []
    assert refused_finding(["x"]).severity == "error"


def feature(ring, **properties):
    """Return a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_a_file_of_towns(tmp_path):
    """A GeoJSON file gives towns with names and agencies; bow-ties are mended, empty outlines named, lines refused."""
    path = tmp_path / "towns.geojson"
    moved = [[[x + 100, y + 20] for x, y in ring] for ring in (SQUARE, BOW_TIE)]
    rows = [feature(moved[0], 名称="东镇", 单位="local"), feature(moved[1], 名称="西镇")]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    towns, findings = read_towns(path)
    assert [(t.name, t.agency) for t in towns] == [("东镇", "local"), ("西镇", "")]
    assert {f.code for f in findings} >= {"outline_mended"}
    line = {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [line]}), encoding="utf-8")
    with pytest.raises(InputError, match="polygon"):
        read_towns(path)


def test_towns_of_the_map_are_its_finest_outlines():
    """Of nested administrative outlines the finest level names the towns."""
    from dataclasses import replace

    from geo.network import Area

    network = make_network({1: (0.0, 0.0), 2: (0.01, 0.0)}, [(10, [1, 2], ROAD)])
    ring = np.array(SQUARE, dtype=float)
    areas = (
        Area("r1", "admin", "区", (ring,), {"admin_level": "6"}),
        Area("r2", "admin", "镇", (ring,), {"admin_level": "8"}),
        Area("r3", "admin", "", (ring,), {"admin_level": "9"}),
        Area("r4", "services", "服务区", (ring,), {}),
    )
    assert [t.name for t in towns_of_map(replace(network, areas=areas))] == ["镇"]
    assert towns_of_map(network) == ()
