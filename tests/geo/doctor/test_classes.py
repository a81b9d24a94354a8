from __future__ import annotations

import pytest

from geo.doctor.classes import check_class_breaks
from tests.geo.doctor.drawing import codes, survey

POINTS = {"a": (0, 0), "b": (6000, 0), "c": (7000, 0), "d": (13000, 0)}


def along(first: str, middle: str, last: str, *, ref: str = "G98", middle_m: float = 1000.0):
    """Return one road of three stretches under one number."""
    points = POINTS | {"c": (6000 + middle_m, 0), "d": (12000 + middle_m, 0)}
    classes = zip(("a b", "b c", "c d"), (first, middle, last), strict=True)
    return survey(points, [(line, {"highway": highway, "ref": ref, "oneway": "yes"}) for line, highway in classes])


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("motorway", "trunk", "motorway"), {"class_break": 1}),
        (("trunk", "motorway", "trunk"), {"class_break": 1}),
        (("primary", "secondary", "primary"), {"class_break_ordinary": 1}),
        (("motorway", "motorway", "trunk"), {}),
        (("motorway", "trunk", "primary"), {}),
    ],
)
def test_breaks(classes, expected):
    """A stretch between two of another class is a break; a road that changes its class once is not."""
    found = check_class_breaks(along(*classes))
    assert codes(found) == expected
    if found:
        assert found[0].things == ("w102/2-3",)
        assert found[0].length_m == pytest.approx(1000, rel=1e-2)


@pytest.mark.parametrize(("middle_m", "count"), [(4900.0, 1), (5100.0, 0)])
def test_a_long_stretch_is_no_break(middle_m, count):
    """A stretch of more than 5 km is how the road is built."""
    assert (
        codes(check_class_breaks(along("motorway", "trunk", "motorway", middle_m=middle_m))).get("class_break", 0)
        == count
    )


def test_concurrent_numbers():
    """A break on two routes at once counts once, and a stretch that only shares one number is judged by it."""
    assert codes(check_class_breaks(along("motorway", "trunk", "motorway", ref="G98;S2"))) == {"class_break": 1}


def test_roads_without_a_number():
    """Without a number nothing says that stretches are one road."""
    assert check_class_breaks(along("motorway", "trunk", "motorway", ref="")) == []
