from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.patrol.zones.ground import draw, shape_at, straight

SIGHT = {"sight_curve", "sight_junction", "sight_interchange"}
COUNTY = {"highway": "secondary", "ref": "X261", "maxspeed": "60"}


def bend(radius_m, *, leg_m=200.0):
    """Return a county road that turns right by a quarter circle between two straight legs."""
    angle = np.linspace(np.pi / 2, 0, 19)
    arc = [(radius_m * np.cos(a), radius_m * np.sin(a)) for a in angle]
    xy = [(-leg_m, radius_m), *arc, (radius_m, -leg_m)]
    points = {k + 1: place for k, place in enumerate(xy)}
    return draw(points, [(1, list(points), COUNTY)])


def test_inside_of_a_tight_bend_is_a_sight_zone(zones_of):
    """A bend of 40 m radius at 60 km/h needs room on its inside beyond highway land, and none on its outside."""
    zones = zones_of(bend(40), kinds=SIGHT)
    (draft,) = zones.drafts
    assert (draft.kind, draft.row.id, draft.row.distance_m) == ("sight_curve", "national/sight/60", 75)
    inside, outside = shapely.Point(20, 20), shapely.Point(45, 45)
    shape = shape_at(zones, "sight_curve")
    assert shape.contains(inside)
    assert not shape.contains(outside)
    assert zones.road_m[0] < 250


def test_depth_of_the_sight_zone_is_that_of_the_formula(zones_of):
    """In the middle of a long curve the zone is R (1 - cos(S / 2R)) deep, within 2 % (JTG D20)."""
    radius, sight = 60.0, 75.0
    angle = np.linspace(0, np.pi, 181)
    points = {k + 1: (radius * np.cos(a), radius * np.sin(a)) for k, a in enumerate(angle)}
    zones = zones_of(draw(points, [(1, list(points), COUNTY)]), kinds=SIGHT)
    ray = shapely.LineString([(0, 0), (0, radius)])
    found = shapely.intersection(shape_at(zones, "sight_curve"), ray)
    deepest = radius - found.bounds[1]
    assert deepest == pytest.approx(radius * (1 - np.cos(sight / (2 * radius))), rel=0.02)


def test_wide_bends_and_straight_roads_need_none(zones_of):
    """Where the chord stays on highway land there is no sight zone."""
    assert len(zones_of(bend(400), kinds=SIGHT)) == 0
    assert len(zones_of(straight(COUNTY), kinds=SIGHT)) == 0
    assert len(zones_of(straight(COUNTY, length_m=4), kinds=SIGHT)) == 0


def test_a_slower_limit_shortens_the_sight(zones_of):
    """The posted limit sets the sight distance: at 20 km/h the same bend needs nothing."""
    network = bend(40)
    slow = draw(
        {k + 1: (k * 60.0, 0.0 if k < 2 else 60.0) for k in range(3)}, [(1, [1, 2, 3], COUNTY | {"maxspeed": "20"})]
    )
    assert len(zones_of(network, kinds=SIGHT)) == 1
    assert len(zones_of(slow, kinds=SIGHT)) == 0


def crossing(**tags):
    """Return two roads that cross at grade, the second of another class."""
    arms = {1: (0, 0), 2: (-500, 0), 3: (500, 0), 4: (0, 500), 5: (0, -500)}
    first = {"highway": "primary", "ref": "S202", "maxspeed": "80"}
    second = {"highway": "tertiary", "ref": "Y12", "maxspeed": "40"} | tags
    return draw(arms, [(1, [2, 1, 3], first), (2, [4, 1, 5], second)])


def test_junction_has_a_triangle_in_each_corner(zones_of):
    """At a crossing of S and Y four triangles of 110 by 40 m are kept free, the zone is the higher road's."""
    zones = zones_of(crossing(), kinds=SIGHT)
    (draft,) = zones.drafts
    assert (zones.ids[0], draft.kind, draft.group.road) == ("zsight_junction/n1", "sight_junction", "S202")
    shape = shape_at(zones, "sight_junction")
    assert shapely.get_num_geometries(shape) == 4
    bare = shapely.Polygon([(0, 0), (110, 0), (0, 40)])
    land = shapely.union_all([shapely.box(-500, -9, 500, 9), shapely.box(-5.25, -500, 5.25, 500)])
    assert shapely.area(shape) == pytest.approx(4 * shapely.area(shapely.difference(bare, land)), rel=1e-3)


def test_two_owners_at_a_junction_are_both_named(zones_of):
    """A junction zone names the agency of the lower road beside its owner."""
    network = crossing()
    agency = ["a" if network.text("ref", k) == "S202" else "b" for k in range(len(network.segments))]
    (draft,) = zones_of(network, kinds=SIGHT, agency=agency).drafts
    assert (draft.group.agency, draft.also) == ("a", ("b",))


def test_town_streets_and_through_roads_have_no_triangles(zones_of):
    """No number at the junction, or one road that only changes its way there: no sight triangle."""
    arms = {1: (0, 0), 2: (-500, 0), 3: (500, 0), 4: (0, 500)}
    street = {"highway": "secondary", "name": "中山路"}
    town = draw(arms, [(1, [2, 1, 3], street), (2, [4, 1], {"highway": "tertiary", "name": "人民路"})])
    assert len(zones_of(town, kinds=SIGHT)) == 0
    assert len(zones_of(straight(COUNTY, parts=3), kinds=SIGHT)) == 0


def test_a_diverge_is_an_interchange_zone(zones_of):
    """Where a ramp leaves the main line, the wedge between both beyond highway land is an interchange zone."""
    network = draw(
        {1: (-500, 0), 2: (0, 0), 3: (500, 0), 4: (200, -160)},
        [
            (1, [1, 2, 3], {"highway": "motorway", "ref": "G15", "lanes": "2", "oneway": "yes"}),
            (2, [2, 4], {"highway": "motorway_link", "oneway": "yes"}),
        ],
    )
    zones = zones_of(network, kinds=SIGHT)
    assert set(zones.kind.tolist()) == {"sight_interchange"}
    assert shape_at(zones, "sight_interchange").bounds[3] < 0
