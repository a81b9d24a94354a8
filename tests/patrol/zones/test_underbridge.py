from __future__ import annotations

import pytest
import shapely

from tests.patrol.zones.ground import degrees, draw, shape_at

DECK = {"highway": "motorway", "ref": "G15", "oneway": "yes", "lanes": "3", "bridge": "yes", "layer": "1"}
HALF = 15.75 / 2
SPACE = {"under_bridge"}


def viaduct(below, *, length_m=400.0, more=()):
    """Return two carriageways on bridges along x, and roads below as (way id, points in metres, tags)."""
    half = length_m / 2
    points = {1: (-half, -HALF), 2: (half, -HALF), 3: (half, HALF), 4: (-half, HALF)}
    ways = [(1, [1, 2], DECK), (2, [3, 4], DECK), *more]
    for way, places, tags in below:
        nodes = [10 * way + k for k in range(len(places))]
        points |= dict(zip(nodes, places, strict=True))
        ways.append((way, nodes, tags))
    return draw(points, ways)


def test_space_under_both_carriageways_is_one_joint_place(zones_of):
    """A county road under an expressway: one space under both decks, reached from that road, owned by the brigade."""
    zones = zones_of(viaduct([(9, [(0, -300), (0, 300)], {"highway": "secondary", "ref": "X261"})]), kinds=SPACE)
    over = [d for d in zones.drafts if d.note == "从桥下道路进入"]
    (draft,) = over
    network = zones.network
    assert (draft.group.agency, draft.also) == ("exp1", ("local",))
    assert network.segment_ids[draft.access] == "w9/90-91"
    assert draft.place == pytest.approx(degrees(0, -HALF), abs=1e-6)
    assert {network.segment_ids[k] for k in draft.segments.tolist()} == {"w1/1-2", "w2/3-4"}


def test_size_of_the_space(zones_of):
    """The space is the deck's width over the opening: the lower road's half width and one span on either side."""
    zones = zones_of(viaduct([(9, [(0, -300), (0, 300)], {"highway": "secondary", "ref": "X261"})]), kinds=SPACE)
    shape = zones.drafts[0].shape
    left, low, right, high = shapely.bounds(shape).tolist()
    assert right - left == pytest.approx(2 * (4.0 + 30.0), abs=0.01)
    assert high - low == pytest.approx(15.75 + 2 * 9.125, abs=0.01)
    assert zones.road_m[0] == pytest.approx(2 * 68, abs=0.1)


def test_the_rest_of_a_long_bridge_is_listed_too(zones_of):
    """Stretches of at least 60 m over no road are spaces of their own; they lead to the nearest ordinary road."""
    zones = zones_of(viaduct([(9, [(0, -300), (0, 300)], {"highway": "secondary"})]), kinds=SPACE)
    rest = [d for d in zones.drafts if d.note == "桥下无道路，就近进入"]
    assert len(rest) == 2
    assert {zones.network.segment_ids[d.access] for d in rest} == {"w9/90-91"}
    assert zones.ids[0] == "zunder_bridge/w1/1-2"
    assert len(set(zones.ids)) == 3


def test_short_bridges_have_no_rest(zones_of):
    """A bridge no longer than its opening has one space."""
    zones = zones_of(viaduct([(9, [(0, -300), (0, 300)], {"highway": "secondary"})], length_m=100), kinds=SPACE)
    assert len(zones) == 1
    assert shapely.bounds(zones.shape[0])[2] - shapely.bounds(zones.shape[0])[0] == pytest.approx(68, abs=0.1)


def test_a_slanted_crossing_opens_wider(zones_of):
    """Where the lower road passes at 30 degrees the opening is twice as long along the deck."""
    places = [(-520, -300), (520, 300)]
    square = zones_of(viaduct([(9, [(0, -300), (0, 300)], {"highway": "secondary"})]), kinds=SPACE)
    slanted = zones_of(viaduct([(9, places, {"highway": "secondary"})]), kinds=SPACE)
    widths = [d.road_m for z in (square, slanted) for d in z.drafts if d.note == "从桥下道路进入"]
    assert widths[1] > widths[0] + 12


def test_the_higher_road_gives_access_and_a_yard_comes_last(zones_of):
    """Among the roads beneath, a numbered road comes before a lane, and a lane before a yard."""
    below = [
        (7, [(-5, -300), (-5, 300)], {"highway": "service"}),
        (8, [(5, -300), (5, 300)], {"highway": "residential"}),
        (9, [(15, -300), (15, 300)], {"highway": "tertiary", "ref": "Y12"}),
    ]
    zones = zones_of(viaduct(below), kinds=SPACE)
    assert {zones.network.segment_ids[d.access] for d in zones.drafts if d.note == "从桥下道路进入"} == {"w9/90-91"}
    zones = zones_of(viaduct(below[:2]), kinds=SPACE)
    assert "w8/80-81" in {zones.network.segment_ids[d.access] for d in zones.drafts}


def test_expressway_over_expressway_is_reached_from_the_nearest_road(zones_of):
    """Where only another expressway passes beneath, the nearest ordinary road within 500 m gives access."""
    motorway = {"highway": "motorway", "ref": "G98", "oneway": "yes"}
    far = (9, [(300, -300), (300, 300)], {"highway": "secondary"})
    zones = zones_of(viaduct([(8, [(0, -300), (0, 300)], motorway), far], length_m=120), kinds=SPACE)
    assert {zones.network.segment_ids[d.access] for d in zones.drafts} == {"w9/90-91"}


def test_no_road_near_is_told(zones_of):
    """Without an ordinary road within 500 m the place stays on the deck and a finding lists it."""
    zones = zones_of(viaduct([(9, [(2000, -300), (2000, 300)], {"highway": "secondary"})], length_m=100), kinds=SPACE)
    (draft,) = zones.drafts
    assert (draft.access, draft.also, draft.note) == (-1, (), "附近没有普通公路")
    (finding,) = [f for f in zones.findings if f.code == "zone_no_access"]
    assert finding.things == ("w1/1-2",)


def test_the_deck_itself_gives_no_access(zones_of):
    """A bridge over a valley is not reached from its own deck."""
    road = {"highway": "primary", "ref": "S202"}
    points = {1: (-900, 0), 2: (-100, 0), 3: (100, 0), 4: (900, 0)}
    network = draw(points, [(1, [1, 2], road), (2, [2, 3], road | {"bridge": "yes"}), (3, [3, 4], road)])
    zones = zones_of(network, kinds=SPACE)
    (draft,) = zones.drafts
    assert zones.network.segment_ids[draft.access] in {"w1/1-2", "w3/3-4"}
    assert shapely.area(shape_at(zones, "under_bridge")) == pytest.approx(200 * 10, rel=0.01)
