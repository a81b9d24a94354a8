"""The exits of a map: stations, crossings of its outline, or the ends of main roads near its edge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.errors import InputError
from geo.network import Area
from patrol.exitsearch import find_exits
from tests.builders import make_network

NODES = {
    1: (116.0, 40.0),
    2: (116.05, 40.0),
    3: (116.1, 40.0),
    4: (116.05, 40.05),
    5: (116.051, 40.02),
    6: (116.05, 39.95),
}


def cross():
    """Return a main road from west to east, a one-way road that comes in from the south, and a lane to the north."""
    return make_network(
        NODES,
        [
            (1, [1, 2, 3], {"highway": "primary", "ref": "G1"}),
            (2, [6, 2], {"highway": "secondary", "ref": "S2", "oneway": "yes"}),
            (3, [2, 4], {"highway": "residential", "name": "巷"}),
            (4, [2, 5], {"highway": "secondary", "ref": "S3"}),
        ],
    )


def test_ends_of_main_roads_near_the_edge():
    """Without an outline the two ends of the main road are exits; a road one only comes in by, a lane, a spur are not."""
    found = find_exits(cross(), kinds=("border",))
    assert [(round(e.lon, 2), e.name, e.kind) for e in found] == [(116.0, "G1", "border"), (116.1, "G1", "border")]
    assert len({e.id for e in found}) == 2


def test_crossings_of_the_outline():
    """With an outline an exit lies where traffic leaves it; the coarsest level on the map counts."""
    ring = np.array([(116.01, 39.96), (116.09, 39.96), (116.09, 40.04), (116.01, 40.04), (116.01, 39.96)])
    small = 116.05 + (ring - 116.05) * 0.1
    areas = [
        Area("r1", "admin", "区", (ring,), {"admin_level": "6"}),
        Area("r2", "admin", "镇", (small,), {"admin_level": "9"}),
    ]
    found = find_exits(replace(cross(), areas=tuple(areas)), kinds=("border",))
    assert [(round(e.lon, 3), e.name) for e in found] == [(116.01, "G1"), (116.09, "G1")]


def test_a_road_that_leaves_twice_has_two_ids():
    """One segment that leaves, comes back and leaves again gives two exits with ids of their own."""
    ring = np.array([(116.01, 39.99), (116.02, 39.99), (116.02, 40.01), (116.01, 40.01), (116.01, 39.99)])
    other = ring + np.array([0.02, 0.0])
    areas = (Area("r1", "admin", "区", (ring, other), {"admin_level": "6"}),)
    one_way = make_network(
        {1: (116.0, 40.0), 2: (116.05, 40.0)}, [(1, [1, 2], {"highway": "primary", "oneway": "yes", "ref": "G1"})]
    )
    found = find_exits(replace(one_way, areas=areas), kinds=("border",))
    assert [round(e.lon, 3) for e in found] == [116.02, 116.04]
    assert len({e.id for e in found}) == 2


@pytest.mark.parametrize(("kinds", "problem"), [(("door",), "no kind of exit"), (("station",), "--exits")])
def test_no_exits(kinds, problem):
    """An unknown kind, and a map without exits of a kind, are refused in one sentence."""
    with pytest.raises(InputError, match=problem):
        find_exits(cross(), kinds=kinds)
