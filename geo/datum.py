"""Coordinate systems of Chinese maps: WGS-84, CGCS2000, GCJ-02 (Amap, Tencent) and BD-09 (Baidu).

All are lon, lat in degrees. CGCS2000 is taken as WGS-84: they differ by centimetres on the ground, far below what a
stake or a seam can tell. GCJ-02 and BD-09 shift places inside the outline of ``data/rules/datum.toml`` only, not
inside a box: Hong Kong, Macau, Taiwan and the neighbours keep their coordinates.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

if TYPE_CHECKING:
    from shapely import MultiPolygon

Floats = npt.NDArray[np.float64]

_ITERATIONS = 30
_EXACT_DEGREES = 1e-11
_BD_LON, _BD_LAT, _BD_TURN = 0.0065, 0.006, np.pi * 3000.0 / 180.0
_LARGEST_LON, _LARGEST_LAT = 180.0, 90.0


class Datum(StrEnum):
    """What coordinates are given in."""

    WGS84 = "WGS-84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


_NAMES: Mapping[Datum, tuple[str, ...]] = {
    Datum.WGS84: ("wgs84", "epsg4326", "gps", "osm"),
    Datum.CGCS2000: ("cgcs2000", "epsg4490", "国家2000", "2000国家大地坐标系", "天地图", "tianditu"),
    Datum.GCJ02: ("gcj02", "gcj", "火星", "火星坐标", "火星坐标系", "高德", "腾讯", "amap", "tencent"),
    Datum.BD09: ("bd09", "bd09ll", "bd", "百度", "baidu"),
}
_STATED: Mapping[Datum, str] = {
    Datum.WGS84: "WGS-84 (EPSG:4326)",
    Datum.CGCS2000: "CGCS2000 (EPSG:4490，此处视同 WGS-84 / taken as WGS-84)",
    Datum.GCJ02: "GCJ-02（加偏 / shifted）",
    Datum.BD09: "BD-09（加偏 / shifted）",
}


def read_datum(text: str) -> Datum:
    """Return the datum a word names.

    Raises
    ------
    InputError
        No datum of that name.

    Examples
    --------
    >>> read_datum("高德"), read_datum("EPSG:4490")
    (<Datum.GCJ02: 'GCJ-02'>, <Datum.CGCS2000: 'CGCS2000'>)
    """
    word = "".join(letter for letter in text.casefold() if letter.isalnum())
    for datum, names in _NAMES.items():
        if word in names:
            return datum
    known = "、".join(_NAMES)
    raise InputError(
        f"坐标系“{text[:40]}”不认识，可选：{known}。"
        f" / datum {text[:40]!r} is unknown, choose one of: {', '.join(_NAMES)}."
    )


def state_datum(datum: Datum) -> str:
    """Return how a datum is printed under a table or map."""
    return _STATED[datum]


def convert(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, source: Datum, target: Datum = Datum.WGS84
) -> tuple[Floats, Floats]:
    """Convert coordinates from one datum to another.

    Parameters
    ----------
    lon, lat
        Degrees in ``source``, float64 of shape (points,).
    source, target
        What they are given in, and what is wanted.

    Returns
    -------
    lon, lat
        float64 (points,), degrees in ``target``. There and back again stays below a millimetre, except within one
        shift (some 500 m, BD-09 some 1,400 m) of the outline's rim, where two places share one shifted coordinate.

    Raises
    ------
    InputError
        A coordinate is not finite, or lies outside -180 to 180 and -90 to 90 degrees.
    """
    lon, lat = _check_degrees(lon, lat)
    plain = {Datum.WGS84, Datum.CGCS2000}
    if source is target or {source, target} <= plain:
        return lon.copy(), lat.copy()
    if source is Datum.BD09:
        gcj = _undo(_bd_from_gcj, lon, lat)
        wgs = _undo(_gcj_from_wgs, *gcj)
    elif source is Datum.GCJ02:
        wgs = _undo(_gcj_from_wgs, lon, lat)
    else:
        wgs = (lon, lat)
    inside = is_shifted_place(*wgs)
    if source not in plain:
        wgs = (np.where(inside, wgs[0], lon), np.where(inside, wgs[1], lat))
    if target in plain:
        return wgs
    shifted = _gcj_from_wgs(*wgs)
    if target is Datum.BD09:
        shifted = _bd_from_gcj(*shifted)
    return np.where(inside, shifted[0], wgs[0]), np.where(inside, shifted[1], wgs[1])


def is_shifted_place(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return whether GCJ-02 shifts each place, bool (points,); ``lon``, ``lat`` in WGS-84 degrees."""
    import shapely

    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    inside: npt.NDArray[np.bool_] = shapely.contains_xy(_outline(), x, y)
    return inside


@cache
def datum_rules() -> dict[str, Any]:
    """Return the rule table of coordinate systems, as parsed."""
    return tomllib.loads(files("data.rules").joinpath("datum.toml").read_text(encoding="utf-8"))


@cache
def _outline() -> MultiPolygon:
    import shapely

    table = datum_rules()["outline"]
    land = shapely.MultiPolygon([shapely.Polygon(ring) for ring in table["shifted"]])
    spared = shapely.MultiPolygon([shapely.Polygon(ring) for ring in table["not_shifted"]])
    found = land.difference(spared)
    shapely.prepare(found)
    return found  # type: ignore[return-value]


def _check_degrees(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    good = np.isfinite(x) & np.isfinite(y) & (np.abs(x) <= _LARGEST_LON) & (np.abs(y) <= _LARGEST_LAT)
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise InputError(
            f"第 {row + 1} 个坐标（{x[row]:g}, {y[row]:g}）不是经纬度，请检查列是否颠倒或单位是否为度。"
            f" / coordinate {row + 1} ({x[row]:g}, {y[row]:g}) is no lon, lat in degrees;"
            " check for exchanged columns or metres."
        )
    return x, y


def _gcj_from_wgs(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Apply the published formula everywhere."""
    rules = datum_rules()["gcj02"]
    axis, flat = float(rules["semi_major_m"]), float(rules["eccentricity_squared"])
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    pi = np.pi
    wave = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - flat * np.sin(angle) ** 2
    north_degrees = north * 180.0 / (axis * (1.0 - flat) / (magic * np.sqrt(magic)) * pi)
    east_degrees = east * 180.0 / (axis / np.sqrt(magic) * np.cos(angle) * pi)
    return lon + east_degrees, lat + north_degrees


def _bd_from_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    reach = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return reach * np.cos(angle) + _BD_LON, reach * np.sin(angle) + _BD_LAT


def _undo(forward: Any, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Invert a shift by fixed-point iteration: the shift changes so slowly that each step gains two digits."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_ITERATIONS):
        to_x, to_y = forward(x, y)
        miss_x, miss_y = lon - to_x, lat - to_y
        x, y = x + miss_x, y + miss_y
        if max(np.abs(miss_x).max(initial=0.0), np.abs(miss_y).max(initial=0.0)) < _EXACT_DEGREES:
            break
    return x, y
