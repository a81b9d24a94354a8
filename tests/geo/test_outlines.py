from __future__ import annotations

import numpy as np
import pytest

from geo.outlines import Outline, find_areas, kind_of_area

ADMIN = {"boundary": "administrative", "name": "东岗区"}


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "services"}, "services"),
        ({"highway": "rest_area"}, "rest_area"),
        ({"building": "toll_booth"}, "toll_booth"),
        ({"barrier": "toll_booth"}, "toll_booth"),
        ({"disused:barrier": "toll_booth"}, "removed_toll_booth"),
        ({"removed:barrier": "toll_booth", "building": "yes"}, "removed_toll_booth"),
        ({"boundary": "administrative"}, "admin"),
        ({"highway": "primary"}, ""),
        ({}, ""),
    ],
)
def test_kind_of_area(tags, kind):
    """Tags say what an outline encloses."""
    assert kind_of_area(tags) == kind


def part(way, refs, tags=None):
    """Return an outline through the corners 1 to 4 of the square (5 is outside)."""
    corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (9, 9)}
    return Outline(way, tags or {}, tuple(refs), np.array([corners[r] for r in refs], dtype=float))


def test_closed_way_is_an_area():
    """A closed way with the tags of an area is one, an open one is none."""
    closed = part(7, [1, 2, 3, 4, 1], {"highway": "services", "name": "青石服务区"})
    open_way = part(8, [1, 2, 3], {"highway": "services"})
    areas, findings = find_areas([closed, open_way], [])
    assert [(a.id, a.kind, a.name) for a in areas] == [("w7", "services", "青石服务区")]
    assert findings == []


def test_relation_is_joined_from_its_ways():
    """Ways in any order and direction join to the ring of a relation."""
    ways = [part(1, [1, 2]), part(2, [4, 3]), part(3, [2, 3]), part(4, [4, 1])]
    areas, findings = find_areas(ways, [(50, ADMIN, [2, 1, 4, 3])])
    (area,) = areas
    assert (area.id, area.kind, area.name) == ("r50", "admin", "东岗区")
    ring = area.rings[0]
    assert ring[0].tolist() == ring[-1].tolist()
    assert len(ring) == 5
    assert findings == []


def test_relation_with_two_rings():
    """A relation of two closed ways has two rings."""
    ways = [part(1, [1, 2, 3, 1]), part(2, [1, 3, 4, 1])]
    areas, _ = find_areas(ways, [(50, ADMIN, [1, 2])])
    assert len(areas[0].rings) == 2


@pytest.mark.parametrize("members", [[1, 2, 3, 77], [1, 2, 3], []])
def test_broken_relation_is_reported(members):
    """Fault 37: a relation that lacks a way, does not close or is empty is a finding and no area."""
    ways = [part(1, [1, 2]), part(2, [4, 3]), part(3, [2, 3]), part(4, [4, 1])]
    areas, (finding,) = find_areas(ways, [(50, ADMIN, members)])
    assert areas == ()
    assert (finding.code, finding.things) == ("open_outline", ("r50",))
