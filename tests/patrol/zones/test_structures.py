from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.errors import InputError
from patrol.zones.bridges import bridge_size
from patrol.zones.crossings import find_crossings, levels
from patrol.zones.plane import Plane
from patrol.zones.rivers import Rivers
from patrol.zones.rules import zone_rules
from tests.patrol.zones.ground import degrees, draw, shape_at

TRUNK = {"highway": "trunk", "ref": "G205"}


def over_water(length_m=200.0, **more):
    """Return a trunk road along x with a bridge in its middle."""
    half = length_m / 2
    points = {1: (-900, 0), 2: (-half, 0), 3: (half, 0), 4: (900, 0)}
    bridge = TRUNK | {"bridge": "yes", "layer": "1"} | more
    return draw(points, [(1, [1, 2], TRUNK), (2, [2, 3], bridge), (3, [3, 4], TRUNK)])


def river(*points, half_m=np.nan):
    """Return one river through points in metres."""
    line = shapely.LineString([degrees(*p) for p in points])
    return Rivers(np.array([line], dtype=object), np.array([half_m]))


@pytest.mark.parametrize(
    ("length_m", "size"),
    [
        (29, "small"),
        (30, "small"),
        (31, "medium"),
        (99, "medium"),
        (100, "large"),
        (1000, "large"),
        (1001, "extra_large"),
    ],
)
def test_bridge_sizes(length_m, size):
    """Sizes by length as JTG D60 has them, on both sides of each limit."""
    assert bridge_size(length_m, zone_rules()) == size


def test_around_medium_bridges_only(zones_of):
    """Quarrying and dangerous goods keep 200 m from medium and larger bridges; a small bridge has no such zone."""
    zones = zones_of(over_water(200))
    for kind in ("bridge_quarry", "bridge_danger"):
        assert shape_at(zones, kind).bounds == pytest.approx((-305, -205, 305, 205), abs=1.0)
    assert zones.where(kinds={"bridge_quarry"}).ids == ("zbridge_quarry/w2/2-3",)
    assert "bridge_quarry" not in set(zones_of(over_water(20)).kind.tolist())
    assert "zone_bridge_size_by_length" in {f.code for f in zones.findings}


def test_without_rivers_the_reaches_are_reported_unknown(zones_of):
    """Sand-mining reaches need rivers: without them a finding names the bridges that may cross water."""
    zones = zones_of(over_water())
    (finding,) = [f for f in zones.findings if f.code == "zone_rivers_unknown"]
    assert finding.things == ("w2/2-3",)
    assert len(zones.where(kinds={"sand"})) == 0


def test_sand_reach_runs_along_the_river_in_the_direction_of_flow(zones_of):
    """500 m up and 2,000 m down of a large bridge, as wide as the river; a bend of the river is followed."""
    rivers = river((0, 4000), (0, -1000), (3000, -1000), half_m=40)
    zones = zones_of(over_water(200), rivers=rivers)
    (draft,) = zones.where(kinds={"sand"}).drafts
    shape = shape_at(zones, "sand")
    assert draft.row.id == "national/sand_downstream/large"
    assert shape.bounds == pytest.approx((-40, -1040, 1000, 500), abs=0.5)
    assert not {"zone_rivers_unknown", "zone_reach_cut_short", "zone_river_width_assumed"} & {
        f.code for f in zones.findings
    }


def test_a_river_drawn_in_two_parts_is_one(zones_of):
    """River lines that meet end to end in the direction of flow are followed as one; its width may be assumed."""
    parts = [[(0, 3000), (0, -500)], [(0, -500), (0, -3000)]]
    lines = np.array([shapely.LineString([degrees(*p) for p in part]) for part in parts], dtype=object)
    zones = zones_of(over_water(200), rivers=Rivers(lines, np.array([np.nan, np.nan])))
    assert shape_at(zones, "sand").bounds == pytest.approx((-25, -2000, 25, 500), abs=0.5)
    assert "zone_river_width_assumed" in {f.code for f in zones.findings}


def test_a_river_that_ends_early_is_reported(zones_of):
    """A reach cut short by the end of the river line is drawn as far as it goes and reported."""
    zones = zones_of(over_water(200), rivers=river((0, 300), (0, -3000), half_m=20))
    assert shape_at(zones, "sand").bounds[3] == pytest.approx(300, abs=0.5)
    assert "zone_reach_cut_short" in {f.code for f in zones.findings}


def test_rivers_and_widths_must_fit():
    """Rivers without as many widths are refused."""
    with pytest.raises(InputError, match="河宽"):
        Rivers(np.array([shapely.LineString([(0, 0), (1, 1)])], dtype=object), np.zeros(2))


def test_empty_rivers_give_no_reach(zones_of):
    """Rows without a line are passed over."""
    rivers = Rivers(np.array([None, shapely.Point(*degrees(0, 0))], dtype=object), np.array([np.nan, np.nan]))
    assert len(zones_of(over_water(200), rivers=rivers).where(kinds={"sand"})) == 0


def test_ferry_landings(zones_of):
    """Where a ferry meets a road, 200 m around are kept free; the far end without a road has no zone."""
    network = draw(
        {1: (0, 0), 2: (500, 0), 3: (900, 0)},
        [(1, [1, 2], {"highway": "secondary", "ref": "X261"}), (2, [2, 3], {"route": "ferry"})],
    )
    zones = zones_of(network).where(kinds={"ferry_quarry", "ferry_danger"})
    assert zones.ids == ("zferry_quarry/n2", "zferry_danger/n2")
    assert zones.drafts[0].group.road == "X261"
    assert shapely.area(shape_at(zones, "ferry_quarry")) == pytest.approx(np.pi * 200**2, rel=0.01)


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({}, 0),
        ({"bridge": "viaduct"}, 1),
        ({"tunnel": "yes"}, -1),
        ({"layer": "3"}, 3),
        ({"layer": "-2"}, -2),
        ({"layer": "high", "bridge": "yes"}, 1),
        ({"bridge": "no"}, 0),
    ],
)
def test_levels(tags, level):
    """The layer decides; without one a bridge is up and a tunnel down; a layer that is no number is not read."""
    network = draw({1: (0, 0), 2: (100, 0)}, [(1, [1, 2], {"highway": "primary"} | tags)])
    assert levels(network).tolist() == [level]


def test_a_shared_node_is_no_crossing():
    """A bridge whose end touches the road it meets does not cross it."""
    network = draw(
        {1: (-300, 0), 2: (0, 0), 3: (300, 0), 4: (0, 300)},
        [(1, [1, 2], TRUNK | {"bridge": "yes"}), (2, [2, 4], TRUNK), (3, [2, 3], TRUNK)],
    )
    crossings, findings = find_crossings(Plane.of(network))
    assert len(crossings.upper) == 0
    assert findings == []


def test_one_level_is_reported_not_guessed(zones_of):
    """Two bridges that cross on the same layer give no space under either, but a finding."""
    points = {1: (-300, 0), 2: (300, 0), 3: (0, -300), 4: (0, 300)}
    network = draw(
        points, [(1, [1, 2], TRUNK | {"bridge": "yes"}), (2, [3, 4], {"highway": "primary", "bridge": "yes"})]
    )
    zones = zones_of(network, kinds={"under_bridge"})
    assert "zone_same_level_crossing" in {f.code for f in zones.findings}
    assert not any(d.note == "从桥下道路进入" for d in zones.drafts)


@pytest.mark.parametrize(("length_m", "is_tunnel"), [(40, False), (160, True)])
def test_a_short_tunnel_under_a_road_is_a_passage(zones_of, length_m, is_tunnel):
    """Up to 100 m under another road a tunnel is a passage with land of its own; a longer one is a tunnel."""
    points = {1: (-400, 0), 2: (400, 0), 3: (0, -400), 4: (0, -length_m / 2), 5: (0, length_m / 2), 6: (0, 400)}
    below = {"highway": "secondary", "ref": "X261"}
    ways = [
        (1, [1, 2], TRUNK),
        (2, [3, 4], below),
        (3, [4, 5], below | {"tunnel": "yes", "layer": "-1"}),
        (4, [5, 6], below),
    ]
    zones = zones_of(draw(points, ways))
    assert ("tunnel_quarry" in set(zones.kind.tolist())) is is_tunnel
    assert ("zone_passage" in {f.code for f in zones.findings}) is not is_tunnel
    assert ("under_bridge" in set(zones.kind.tolist())) is not is_tunnel
