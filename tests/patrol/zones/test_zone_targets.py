from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.errors import InputError
from geo.snapping import snap_points
from patrol.zones.overlaps import Supplied, find_overlaps
from patrol.zones.targets import TARGET_KINDS, make_targets
from tests.patrol.zones.ground import agencies_of, degrees, draw

G15 = {"highway": "motorway", "ref": "G15", "oneway": "yes", "lanes": "2"}


@pytest.fixture
def valley():
    """Return an expressway of 9 km with a bridge over a county road, and a lane beside it."""
    points = {
        1: (0, 0),
        2: (4450, 0),
        3: (4550, 0),
        4: (9000, 0),
        5: (4500, -800),
        6: (4500, 800),
        7: (1000, 150),
        8: (2000, 150),
    }
    ways = [
        (1, [1, 2], G15),
        (2, [2, 3], G15 | {"bridge": "yes", "layer": "1"}),
        (3, [3, 4], G15),
        (4, [5, 6], {"highway": "secondary", "ref": "X261"}),
        (5, [7, 8], {"highway": "unclassified", "name": "小路"}),
    ]
    return draw(points, ways)


@pytest.fixture
def zones(zones_of, valley):
    """Return its zones."""
    return zones_of(valley)


def by_kind(found, kind):
    """Return the targets of one kind."""
    return [t for t in found if t.target.kind == kind]


def test_places_lie_on_roads_and_ids_are_unique(zones, valley):
    """Every target has an id of its own and a place on the segment it names."""
    found = make_targets(zones, agency=agencies_of(valley))
    assert len({t.target.id for t in found}) == len(found)
    lon, lat = (np.array([getattr(t.target, axis) for t in found]) for axis in ("lon", "lat"))
    # A straight line of the plane and one of degrees part by centimetres on an edge of four kilometres.
    assert snap_points(valley, lon, lat).distance_m.max() < 0.5
    assert {t.access for t in found} <= set(valley.segment_ids)


def test_a_road_gives_a_target_every_three_kilometres(zones, valley):
    """An expressway of 9 km gives three targets, whatever its widths; the county road of 1,600 m gives one."""
    found = make_targets(zones, agency=agencies_of(valley), kinds={"land"})
    assert [t.zone for t in found] == ["zland/w1/1-2", "zland/w1/1-2", "zland/w1/1-2", "zland/w4/5-6"]
    assert [t.target.name for t in found] == ["G15公路用地1", "G15公路用地2", "G15公路用地3", "X261公路用地1"]
    assert [round(t.target.lon, 3) for t in found[:3]] == [round(degrees(x, 0)[0], 3) for x in (1500, 4500, 7500)]


def test_under_the_bridge_both_must_come(zones, valley):
    """The space under the expressway bridge is a joint target on the county road, 15 minutes, twice a week."""
    (space,) = by_kind(make_targets(zones, agency=agencies_of(valley)), "under_bridge")
    assert (space.target.agency, space.priority, space.access) == ("joint", 1, "w4/5-6")
    assert (space.target.service_s, space.target.visits_per_week) == (900, 2)
    assert (space.target.lon, space.target.lat) == pytest.approx(degrees(4500, 0), abs=1e-6)


def test_visible_range_is_seen_from_an_ordinary_road_where_there_is_one(zones, valley):
    """Near the lane or the county road the visible range is looked at from there by both, else by the brigade."""
    found = by_kind(make_targets(zones, agency=agencies_of(valley)), "visible_range")
    assert [(t.access, t.target.agency) for t in found] == [
        ("w5/7-8", "joint"),
        ("w4/5-6", "joint"),
        ("w3/3-4", "exp1"),
    ]


def test_overlaps_come_first(zones, valley):
    """A building in a zone is one target with priority 0, named after the zone that holds most of it."""
    house = shapely.Polygon([degrees(*p) for p in ((1500, 20), (1540, 20), (1540, 60), (1500, 60))])
    overlaps = find_overlaps(zones, Supplied(("H1",), np.array([house], dtype=object)))
    first, *rest = make_targets(zones, agency=agencies_of(valley), overlaps=overlaps)
    assert (first.priority, first.polygon, first.target.id) == (0, "H1", "tbuilding/H1")
    assert first.target.kind in {"visible_range", "control_zone"}
    assert all(t.priority > 0 for t in rest)
    assert [t.priority for t in rest] == sorted(t.priority for t in rest)
    only = make_targets(zones, agency=agencies_of(valley), overlaps=overlaps, most_urgent=0)
    assert only == (first,)


def test_the_building_is_reached_by_the_nearer_road(zones, valley):
    """A building beside the lane is reached by the lane, so both agencies come; one beside the deck is not."""
    at = {"lane": (1500, 130), "deck": (6000, 30)}
    shapes = [
        shapely.Polygon([degrees(x + a, y + b) for a, b in ((0, 0), (9, 0), (9, 9), (0, 9))]) for x, y in at.values()
    ]
    overlaps = find_overlaps(zones, Supplied(tuple(at), np.array(shapes, dtype=object)))
    found = {t.polygon: t for t in make_targets(zones, agency=agencies_of(valley), overlaps=overlaps, most_urgent=0)}
    assert (found["lane"].access, found["lane"].target.agency) == ("w5/7-8", "joint")
    assert (found["deck"].access, found["deck"].target.agency) == ("w3/3-4", "exp1")


def test_filters(zones, valley):
    """Kinds and owners choose targets; an unknown kind is refused."""
    agency = agencies_of(valley)
    assert {t.target.kind for t in make_targets(zones, agency=agency, kinds={"land", "under_bridge"})} == {
        "land",
        "under_bridge",
    }
    assert {t.target.agency for t in make_targets(zones, agency=agency, owners={"local"})} == {"local"}
    with pytest.raises(InputError, match="quarry"):
        make_targets(zones, agency=agency, kinds={"quarry"})


def test_a_map_without_ordinary_roads(zones_of):
    """Where there is no ordinary road at all, the visible range is looked at from the expressway."""
    network = draw({1: (0, 0), 2: (900, 0)}, [(1, [1, 2], G15)])
    found = make_targets(zones_of(network), agency=["exp1"], kinds={"visible_range"})
    assert [(t.access, t.target.agency) for t in found] == [("w1/1-2", "exp1")]


def test_demo_targets(demo):
    """The demo gives targets of every kind, one plaza a station, and joint ones only where two agencies meet."""
    found = make_targets(demo.zones, agency=demo.agency)
    assert {t.target.kind for t in found} == set(TARGET_KINDS)
    assert len(by_kind(found, "plaza")) == 7
    assert all(t.target.agency in {"local", "exp1", "exp2", "joint"} for t in found)
    assert {t.target.agency for t in by_kind(found, "plaza")} == {"joint", "exp2"}
