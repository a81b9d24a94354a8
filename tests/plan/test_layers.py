from __future__ import annotations

import itertools
import json

import numpy as np
import pyogrio
import pytest
import shapely

from geo.measure import measure_steps
from geo.segmentlines import segment_lines
from plan.decisions import Decision
from plan.layers import make_layers, seam_reason
from plan.model import Plan
from plan.planfile import save_plan
from tests.builders import make_network
from tests.sketches import expressway_with_ramp

DESIGN_COLUMNS = ["segment", "way", "from_m", "to_m", "length_m", "owner", "agency", "reason"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan with a plaza."""
    return Plan(expressway_with_ramp().load(tmp_path_factory.mktemp("layers")), (), "梅坞")


def rows_of(plan, name):
    """Return a layer's rows as mappings."""
    layer = next(x for x in make_layers(plan) if x.name == name)
    return [dict(zip(layer.columns, row, strict=True)) for row in layer.rows], layer.geometry


def test_owners_has_the_columns_of_the_design(plan, tmp_path):
    """The saved layer ``owners`` has the columns the design promises, one row a carriageway interval."""
    save_plan(tmp_path / "a.gpkg", plan)
    frame = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="owners")
    assert list(frame.columns)[: len(DESIGN_COLUMNS)] == DESIGN_COLUMNS
    assert len(frame) == len(plan.derived.network.segments)
    names = sorted(name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg") if not name.startswith("roadseam"))
    assert names == ["layer_styles", "owners", "seams", "stations"]


def test_intervals_tile_each_segment(plan):
    """Fault 68: the intervals of each segment run from 0 to its length without gap or overlap."""
    segment = plan.network.segment_ids[0]
    length = float(plan.network.segments.length_m[0])
    cut = plan.decide(Decision("place_seam", "p1", {"segment": segment, "offset_m": length / 3}))
    rows, _ = rows_of(cut, "owners")
    by_segment: dict[str, list] = {}
    for row in rows:
        by_segment.setdefault(row["segment"], []).append(row)
    assert len(by_segment[segment]) == 2
    for name, parts in by_segment.items():
        parts.sort(key=lambda row: row["from_m"])
        whole = float(plan.network.segments.length_m[plan.network.row_of_segment[name]])
        assert parts[0]["from_m"] == 0.0
        assert parts[-1]["to_m"] == pytest.approx(whole, abs=1e-9)
        assert all(a["to_m"] == b["from_m"] for a, b in itertools.pairwise(parts))
        assert all(row["length_m"] == pytest.approx(row["to_m"] - row["from_m"], abs=1e-9) for row in parts)


def test_lines_are_the_roads(plan):
    """Each line has its segment's points and geodesic length."""
    lines = segment_lines(plan.network)
    for k, line in enumerate(lines):
        points = shapely.get_coordinates(line)
        assert points.tolist() == plan.network.points(k).tolist()
        assert measure_steps(points[:, 0], points[:, 1]).sum() == pytest.approx(
            plan.network.segments.length_m[k], abs=0.001
        )


def test_seams_and_stations_have_their_place(plan):
    """Each seam and station is a point at its own coordinates, with its reason as JSON."""
    rows, places = rows_of(plan, "seams")
    for row, place, seam in zip(rows, places, plan.derived.ownership.seams, strict=True):
        assert (place.x, place.y) == (seam.lon, seam.lat)
        assert json.loads(row["reason"])[0]["vote"] == "price"
    rows, places = rows_of(plan, "stations")
    assert [(p.x, p.y) for p in places] == [(s.lon, s.lat) for s in plan.network.stations]
    assert rows[0]["name"] == "梅坞收费站"


def test_a_seam_reason_has_both_sides(plan):
    """A seam's reason names its price and the vote of every segment at it."""
    seam = plan.derived.ownership.seams[0]
    reason = seam_reason(plan.derived, 0)
    assert reason[0] == {"vote": "price", "kind": "booth", "price_m": 0.0, "convention": "toll_island"}
    assert {r["for"] for r in reason[1:]} == {"expressway", "ordinary"}
    assert len(reason) == 1 + len(seam.expressway) + len(seam.ordinary)


def test_no_seam_no_station():
    """A plan without seams and stations has empty layers."""
    network = make_network({1: (0.0, 0.0), 2: (0.01, 0.0)}, [(10, [1, 2], {"highway": "primary"})])
    layers = {layer.name: layer for layer in make_layers(Plan(network))}
    assert (len(layers["owners"].rows), len(layers["seams"].rows), len(layers["stations"].rows)) == (1, 0, 0)
    assert layers["seams"].geometry.dtype == np.object_
