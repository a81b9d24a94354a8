from __future__ import annotations

import pytest

from tests.sketch import Sketch

PLAZA = {"highway": "motorway_link", "oneway": "yes"}


def plaza(**area: str) -> Sketch:
    """Return three lanes side by side under one booth building 20 m wide."""
    sketch = Sketch()
    for k in range(3):
        sketch.put(**{f"a{k}": (-150, 5 * k), f"b{k}": (150, 5 * k)})
    sketch.put(s=(-400, 5), e=(400, 5), c1=(-10, -5), c2=(10, -5), c3=(10, 15), c4=(-10, 15))
    for k in range(3):
        sketch.way(f"s a{k} b{k} e", **PLAZA)
    sketch.outline("c1 c2 c3 c4", **(area or {"building": "toll_booth"}))
    return sketch


def booths(network):
    """Return the booth nodes' rows."""
    return network.nodes.rows_with("barrier", "toll_booth")


def test_each_lane_gets_a_booth(tmp_path):
    """A building over lanes without booth nodes puts one booth on each, in its middle, and says so."""
    network = plaza().load(tmp_path)
    rows = booths(network)
    assert len(rows) == 3
    assert network.nodes.lon[rows] == pytest.approx([114.2] * 3, abs=2e-7)
    assert [f.count for f in network.findings if f.code == "booth_from_area"] == [3]
    assert len(network.segments) == 6


def test_station_knows_its_building(tmp_path):
    """The station made of a building names the outline and takes its name."""
    network = plaza(building="toll_booth", name="青石收费站").load(tmp_path)
    (station,) = network.stations
    assert station.name == "青石收费站"
    assert station.areas == ("w104",)
    assert station.lanes == 3


def test_own_point_inside_is_used(tmp_path):
    """Where a lane has a point inside the outline, that point becomes the booth and none is inserted."""
    sketch = plaza()
    sketch.put(m=(3, 0))
    sketch.ways[0] = (101, ["s", "a0", "m", "b0", "e"], PLAZA)
    network = sketch.load(tmp_path)
    ids = network.nodes.id[booths(network)].tolist()
    assert sketch.id("m") in ids
    assert sum(i < 0 for i in ids) == 2


def test_outline_with_a_booth_node_adds_nothing(tmp_path):
    """Within 60 m of a booth node an outline adds no booth."""
    sketch = plaza()
    sketch.point("booth", 40, 0, barrier="toll_booth")
    sketch.ways[0] = (101, ["s", "a0", "booth", "b0", "e"], PLAZA)
    network = sketch.load(tmp_path)
    assert network.nodes.id[booths(network)].tolist() == [sketch.id("booth")]


@pytest.mark.parametrize(
    ("tags", "count"),
    [
        ({"highway": "motorway_link", "bridge": "yes"}, 2),
        ({"highway": "motorway_link", "tunnel": "yes"}, 2),
        ({"highway": "motorway_link", "bridge": "no"}, 3),
        ({"highway": "primary"}, 3),
    ],
)
def test_roads_on_another_level_have_no_booth(tmp_path, tags, count):
    """A bridge or tunnel under or over the building gets no booth; other roads do."""
    sketch = plaza()
    sketch.ways[1] = (102, sketch.ways[1][1], tags)
    assert len(booths(sketch.load(tmp_path))) == count


def test_new_points_keep_their_ids(tmp_path):
    """The id of an inserted booth depends on its way alone: another plaza in the file changes nothing."""
    alone = plaza().load(tmp_path)
    sketch = plaza()
    sketch.put(f=(-900, 900), g=(-700, 900), d1=(-810, 890), d2=(-790, 890), d3=(-790, 910), d4=(-810, 910))
    first = sketch.way("f g", **PLAZA)
    sketch.ways = [(50, points, tags) if way == first else (way, points, tags) for way, points, tags in sketch.ways]
    sketch.outline("d1 d2 d3 d4", building="toll_booth")
    both = sketch.load(tmp_path)
    assert set(alone.nodes.id[booths(alone)].tolist()) < set(both.nodes.id[booths(both)].tolist())
    assert set(alone.segment_ids) < set(both.segment_ids)


def test_two_buildings_over_one_step(tmp_path):
    """Two buildings over one straight lane put their booths in driving order, so that the lane keeps its length."""
    sketch = Sketch()
    sketch.put(s=(-400, 0), e=(400, 0))
    for name, x in (("p", 200), ("q", -200)):
        sketch.put(**{f"{name}1": (x - 9, -5), f"{name}2": (x + 9, -5), f"{name}3": (x + 9, 5), f"{name}4": (x - 9, 5)})
    sketch.way("s e", **PLAZA)
    for name in ("p", "q"):
        sketch.outline(f"{name}1 {name}2 {name}3 {name}4", building="toll_booth")
    network = sketch.load(tmp_path)
    assert len(network.segments) == 3
    assert network.length_mm == pytest.approx(800_000, rel=0.005)


def test_ways_that_only_end_there_or_pass_by(tmp_path):
    """A way whose box meets the outline but whose line does not cross it gets no booth."""
    sketch = plaza()
    sketch.put(x=(-50, -60), y=(60, 5), z=(60, -60))
    sketch.way("x z y", highway="primary")
    assert len(booths(sketch.load(tmp_path))) == 3
