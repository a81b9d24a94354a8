from __future__ import annotations

import json

import pytest

from plan.demo import demo_plan
from plan.model import Plan
from plan.results import leaks_json, load_json, split_json
from tests.sketches import expressway_with_ramp

SPLIT_KEYS = {"network", "length_m", "stations", "seams", "leaks", "findings"}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan with one station and a leak: a ramp without a booth beside it."""
    sketch = expressway_with_ramp()
    sketch.put(z=(2000, 15), o2=(2000, 600))
    sketch.ways[0] = (101, ["n0", "x1", "z", "n1"], sketch.ways[0][2])
    sketch.way("r o2", "primary")
    sketch.way("o2 z", "motorway_link", oneway="yes")
    return Plan(sketch.load(tmp_path_factory.mktemp("results")), (), "梅坞")


def plain(document):
    """Return a document after a trip through strict JSON."""
    return json.loads(json.dumps(document, allow_nan=False, ensure_ascii=False))


def test_load_document(plan):
    """``load`` tells source, size and findings with the promised keys."""
    body = plain(load_json(plan.network))
    assert {"name", "sha256", "format"} <= set(body["source"])
    assert set(body["network"]) == {"segments", "nodes", "length_m"}
    assert body["network"]["length_m"] == plan.network.length_mm / 1000
    assert all({"code", "count", "message"} <= set(f) for f in body["findings"])


def test_split_document(plan):
    """``split`` has the promised keys, its metres add up, and its ids are OSM's."""
    body = plain(split_json(plan))
    assert set(body) >= SPLIT_KEYS
    assert set(body["length_m"]) == {"expressway", "ordinary", "none", "contested"}
    assert sum(body["length_m"].values()) == pytest.approx(plan.network.length_mm / 1000, abs=1e-6)
    assert sum(body["agency_length_m"].values()) == pytest.approx(plan.network.length_mm / 1000, abs=1e-6)
    (station,) = body["stations"]
    assert {"id", "name", "kind", "lon", "lat", "booths"} <= set(station)
    assert len(station["booths"]) == 4
    for seam in body["seams"]:
        assert {"id", "kind", "osm_node", "lon", "lat", "station", "margin_m", "reason"} <= set(seam)
        assert seam["osm_node"] in plan.network.nodes.id


def test_leaks_document(plan):
    """A leak tells its place, its path as segments and ways without repeats, and its repair."""
    (leak,) = plain(leaks_json(plan.derived))
    assert leak["osm_node"] == leak["repair"]["osm_node"]
    assert all(name in plan.network.row_of_segment for name in leak["path"])
    assert leak["ways"] == list(dict.fromkeys(leak["ways"]))
    assert leak["length_m"] > 0
    assert isinstance(leak["drivable"], bool)
    repairs = leak["repairs"]
    assert leak["repair"] == repairs[0]
    assert [r["cost_m"] for r in repairs] == sorted(r["cost_m"] for r in repairs)
    assert {r["action"] for r in repairs} >= {"agree_seam", "override_class"}
    assert all(r["segment"] in plan.network.row_of_segment for r in repairs if r["segment"])


def test_a_missing_booth_is_the_cheapest_repair():
    """Where a lane of a plaza lacks its booth on the map, adding it closes the leak and contradicts nothing."""
    (leak,) = leaks_json(demo_plan().derived)
    assert leak["repair"]["action"] == "add_booth"
    assert leak["repair"]["cost_m"] == 0
    assert leak["repair"]["segment"] in leak["path"]
