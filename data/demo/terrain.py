"""The ground of the demo district: hills, winding noise, river, lake and the plan of its places.

The local plane is metres east and north of the south-west corner; `to_lonlat` places it on the globe (WGS-84).
"""

from __future__ import annotations

from math import cos, exp, floor, radians, sin, tau
from typing import NamedTuple

from data.demo.curves import Curve, Point, distance, spline

WIDTH_M, HEIGHT_M = 27_000.0, 21_500.0
ORIGIN_LON, ORIGIN_LAT = 118.530, 31.220
METRES_PER_DEGREE = 111_320.0
_MIDDLE_LAT = ORIGIN_LAT + HEIGHT_M / METRES_PER_DEGREE / 2

RIVER = (
    (1500.0, 22500.0), (2600.0, 20300.0), (4700.0, 18900.0), (5000.0, 16700.0), (7000.0, 15300.0),
    (7300.0, 13300.0), (8800.0, 11700.0), (10300.0, 10300.0), (10900.0, 9000.0), (12900.0, 8100.0),
    (14200.0, 6400.0), (14400.0, 4800.0), (16300.0, 3700.0), (17100.0, 2100.0), (16500.0, 700.0), (17400.0, -900.0),
)  # fmt: skip
LAKE_CENTRE = (22600.0, 12300.0)
LAKE_RADIUS_M = 1150.0
TOWN_CENTRE = (9000.0, 9900.0)
HILLS = (
    (23800.0, 18300.0, 2900.0, 420.0), (2900.0, 3000.0, 2500.0, 330.0), (2500.0, 14600.0, 2300.0, 380.0),
    (12900.0, 17600.0, 1900.0, 240.0), (22600.0, 4200.0, 2300.0, 290.0), (11600.0, 2300.0, 1500.0, 190.0),
    (19900.0, 12000.0, 1000.0, 120.0),
)  # fmt: skip


class Settlement(NamedTuple):
    """A township or village: name, centre and radius in metres, and whether it is a township seat."""

    name: str
    x: float
    y: float
    radius_m: float
    seat: bool


SETTLEMENTS = (
    Settlement("东岗", 12900.0, 9300.0, 640.0, True),
    Settlement("梅坞", 4300.0, 9000.0, 720.0, True),
    Settlement("澄湖", 24100.0, 11700.0, 700.0, True),
    Settlement("砚塘", 21300.0, 2300.0, 690.0, True),
    Settlement("柳汀", 16900.0, 12900.0, 720.0, True),
    Settlement("北垣", 18900.0, 17600.0, 700.0, True),
    Settlement("松涧", 3900.0, 16700.0, 560.0, True),
    Settlement("云栖", 15900.0, 8800.0, 470.0, False),
    Settlement("竹篁", 8300.0, 3300.0, 560.0, True),
    Settlement("荻浦", 17900.0, 5600.0, 460.0, False),
    Settlement("沙洲", 13000.0, 13300.0, 450.0, False),
    Settlement("茶亭", 22200.0, 15400.0, 430.0, False),
    Settlement("槐荫", 4800.0, 4300.0, 430.0, False),
    Settlement("白蘋", 23300.0, 7000.0, 430.0, False),
    Settlement("石埠", 8300.0, 16900.0, 470.0, False),
    Settlement("鹤鸣", 12400.0, 4300.0, 400.0, False),
    Settlement("雁落", 19900.0, 7200.0, 350.0, False),
    Settlement("稻香", 1900.0, 11100.0, 400.0, False),
)


def to_lonlat(place: Point) -> tuple[float, float]:
    """Return longitude and latitude in degrees (WGS-84), rounded to 1e-7, of a plane point in metres."""
    lon = ORIGIN_LON + place[0] / (METRES_PER_DEGREE * cos(radians(_MIDDLE_LAT)))
    return round(lon, 7), round(ORIGIN_LAT + place[1] / METRES_PER_DEGREE, 7)


def _lattice(i: int, j: int, seed: int) -> float:
    mixed = (i * 374_761_393 + j * 668_265_263 + seed * 1_442_695_041) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1_274_126_177) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 16)) & 0xFFFF) / 32767.5 - 1.0


def noise(place: Point, wave_m: float, seed: int) -> float:
    """Return smooth noise in [-1, 1] with features about `wave_m` metres wide."""
    x, y = place[0] / wave_m, place[1] / wave_m
    i, j = floor(x), floor(y)
    fx, fy = x - i, y - j
    sx, sy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    low = _lattice(i, j, seed) * (1 - sx) + _lattice(i + 1, j, seed) * sx
    high = _lattice(i, j + 1, seed) * (1 - sx) + _lattice(i + 1, j + 1, seed) * sx
    return low * (1 - sy) + high * sy


def height_m(place: Point) -> float:
    """Return the height of the ground in metres."""
    hills = sum(h * exp(-((distance(place, (x, y)) / r) ** 2)) for x, y, r, h in HILLS)
    return hills * (1 + 0.35 * noise(place, 900.0, 5))


def wind(place: Point) -> Point:
    """Return the point displaced by the winding of country roads: more in the hills than in the plain."""
    rough = 1.0 + height_m(place) / 160.0
    dx = 110 * noise(place, 2100.0, 1) + 40 * rough * noise(place, 640.0, 2) + 9 * rough * noise(place, 260.0, 6)
    dy = 110 * noise(place, 2100.0, 3) + 40 * rough * noise(place, 640.0, 4) + 9 * rough * noise(place, 260.0, 7)
    return (place[0] + dx, place[1] + dy)


def river_curve() -> Curve:
    """Return the centreline of the river."""
    return Curve(RIVER)


def lake_shore() -> list[Point]:
    """Return the closed shore of the lake, first point not repeated."""
    control = []
    for k in range(30):
        angle = tau * k / 30
        way = (cos(angle), sin(angle))
        reach = LAKE_RADIUS_M * (1 + 0.5 * noise((way[0] * 900 + 50, way[1] * 900), 430.0, 9) + 0.22 * way[0] * way[1])
        control.append((LAKE_CENTRE[0] + 1.15 * reach * way[0], LAKE_CENTRE[1] + 0.85 * reach * way[1]))
    return spline(control, 60.0, closed=True)[:-1]
