from __future__ import annotations

import pytest

from geo.doctor.carriageways import check_carriageways
from tests.geo.doctor.drawing import codes, survey

A = {"highway": "motorway", "oneway": "yes", "ref": "G15", "name": "沈海高速"}


def road(other: dict[str, str], *, apart: float = 25.0, back: str = "d c"):
    """Return a dual carriageway of 500 m whose second side carries other tags."""
    return survey({"a": (0, 0), "b": (500, 0), "c": (0, apart), "d": (500, apart)}, [("a b", A), (back, A | other)])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, {}),
        ({"name": "沈海"}, {"carriageway_names_differ": 2}),
        ({"ref": "G15W"}, {"carriageway_refs_differ": 2}),
        ({"ref": ""}, {"carriageway_refs_differ": 2}),
        ({"name": ""}, {}),
        ({"ref": "S2", "name": "水官高速"}, {}),
    ],
)
def test_tags_of_the_other_side(other, expected):
    """One number with two names, or one name with two numbers, is reported; two different roads are not."""
    assert codes(check_carriageways(road(other))) == expected


def test_order_of_two_numbers_does_not_matter():
    """``G15;G2`` and ``G2;G15`` are the same."""
    points = {"a": (0, 0), "b": (500, 0), "c": (0, 25), "d": (500, 25)}
    ways = [("a b", A | {"ref": "G15;G2"}), ("d c", A | {"ref": "G2; G15"})]
    assert check_carriageways(survey(points, ways)) == []


@pytest.mark.parametrize(("apart", "count"), [(44.0, 2), (46.0, 0)])
def test_how_far_apart(apart, count):
    """Sides up to 45 m apart are one road."""
    assert codes(check_carriageways(road({"name": "沈海"}, apart=apart))).get("carriageway_names_differ", 0) == count


def test_roads_in_the_same_direction():
    """Two one-way roads side by side in one direction are no two sides of one road."""
    assert check_carriageways(road({"name": "沈海"}, back="c d")) == []
