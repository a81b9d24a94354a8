from __future__ import annotations

import pytest

from geo.doctor.ramps import check_ramps
from tests.geo.doctor.drawing import codes, survey

POINTS = {
    "m1": (0, 0), "m2": (2000, 0), "m3": (4000, 0), "m4": (6000, 0),
    "p": (2000, 200), "q": (4000, 200), "s1": (2000, 400), "s2": (4000, 400), "s3": (8000, 400),
}  # fmt: skip
MAIN = ("m1 m2 m3 m4", {"highway": "motorway", "ref": "G15"})
LINK = {"highway": "motorway_link"}
ORDINARY = ("s1 s2 s3", {"highway": "secondary"})
INTERCHANGES = [("m2 p s1", LINK), ("m3 q s2", LINK)]


def test_ramp_without_a_booth_on_a_tolled_road():
    """Where one interchange of an expressway has its booth, another without is reported with its metres."""
    found = check_ramps(survey(POINTS, [MAIN, *INTERCHANGES, ORDINARY], booths={"p": "n5"}))
    assert codes(found) == {"ramp_without_booth": 1}
    assert found[0].things == ("w103/3-8",)
    assert found[0].length_m == pytest.approx(400, rel=1e-2)


def test_every_ramp_has_a_booth():
    """An interchange with a booth on its ramp is fine."""
    assert check_ramps(survey(POINTS, [MAIN, *INTERCHANGES, ORDINARY], booths={"p": "n5", "q": "n6"})) == []


def test_toll_free_expressway():
    """An expressway without any booth is toll-free: its ramps need none, whatever another expressway has."""
    other = {"x1": (0, 3000), "x2": (2000, 3000), "y": (2000, 3200), "z": (2000, 3400), "w": (8000, 3400)}
    ways = [
        MAIN,
        *INTERCHANGES,
        ORDINARY,
        ("x1 x2", {"highway": "motorway", "ref": "S2"}),
        ("x2 y z", LINK),
        ("z w", {"highway": "primary"}),
    ]
    assert check_ramps(survey(POINTS | other, ways, booths={"y": "n10"})) == []


def test_ramps_between_expressways():
    """Ramps that meet no ordinary road need no booth."""
    points = POINTS | {"x1": (2000, 900), "x2": (4000, 900)}
    ways = [MAIN, *INTERCHANGES[:1], ORDINARY, ("m3 q x2", LINK), ("x1 x2", {"highway": "motorway", "ref": "S2"})]
    assert check_ramps(survey(points, ways, booths={"p": "n5"})) == []
