"""The metric grid of a district: a CGCS2000 3-degree Gauss-Krüger zone in China, UTM elsewhere; never EPSG:3857.

A district across two zones is measured in one of them, that of its middle. Beyond the rim the scale error grows slowly
and is stated; lengths of the ledger are geodesic and do not depend on the grid at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.datum import datum_rules, is_shifted_place
from geo.errors import InputError
from geo.measure import EARTH_RADIUS_M

if TYPE_CHECKING:
    from pyproj import Transformer

Floats = npt.NDArray[np.float64]

_GK_WIDTH, _UTM_WIDTH = 3.0, 6.0
_UTM_SCALE = 0.9996
_WIDEST_DEGREES = 12.0


@dataclass(frozen=True, slots=True)
class MetricGrid:
    """A plane in metres for one district.

    Attributes
    ----------
    epsg
        Its EPSG code.
    name
        Its name, for the foot of a table.
    central_meridian
        Degrees east.
    zones
        EPSG codes of all zones the data lie in, ascending; more than one where a district lies across a rim.
    worst_scale_error
        Largest relative error of a length measured in the grid over the data (0.0003 = 0.3 m per km).
    """

    epsg: int
    name: str
    central_meridian: float
    zones: tuple[int, ...]
    worst_scale_error: float

    def to_metres(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return easting and northing in metres of WGS-84 (= CGCS2000) degrees."""
        x, y = _transformer(self.epsg, inverse=False).transform(
            np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        )
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def to_degrees(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return WGS-84 lon, lat in degrees of easting and northing in metres."""
        lon, lat = _transformer(self.epsg, inverse=True).transform(
            np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        )
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def choose_grid(lon: npt.ArrayLike, lat: npt.ArrayLike) -> MetricGrid:
    """Choose the grid for data.

    Parameters
    ----------
    lon, lat
        float64 (points,), WGS-84 degrees; the rim of a district is enough.

    Raises
    ------
    InputError
        No finite coordinate, or the data span more than 12 degrees of longitude: no single plane is true for them.

    Examples
    --------
    >>> choose_grid([114.19, 114.23], [22.67, 22.70]).epsg
    4547
    """
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    good = np.isfinite(x) & np.isfinite(y) & (np.abs(x) <= 180) & (np.abs(y) <= 90)  # noqa: PLR2004 - degrees
    x, y = x[good], y[good]
    if len(x) == 0:
        raise InputError(
            "没有有效的经纬度，无法选择投影带，请检查坐标列。"
            " / there is no usable lon, lat to choose a metric grid from; check the coordinate columns."
        )
    if x.max() - x.min() > _WIDEST_DEGREES:
        raise InputError(
            f"数据跨经度 {x.max() - x.min():.1f}°，超过 {_WIDEST_DEGREES:.0f}°，没有适用的投影带；"
            "请剔除错误坐标或按区县分开。"
            f" / the data span {x.max() - x.min():.1f} degrees of longitude, more than {_WIDEST_DEGREES:.0f};"
            " remove wrong coordinates or split the data by district."
        )
    middle = (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)
    if is_shifted_place(x, y).mean() >= 0.5:  # noqa: PLR2004 - most of the data
        return _gauss_kruger(middle[0], x, y)
    return _utm(middle, x, y)


def _gauss_kruger(middle: float, lon: Floats, lat: Floats) -> MetricGrid:
    rules = datum_rules()["grids"]
    first, last, epsg = int(rules["first_meridian"]), int(rules["last_meridian"]), int(rules["first_epsg"])
    numbers = np.clip(np.floor((lon - first) / _GK_WIDTH + 0.5), 0, (last - first) / _GK_WIDTH).astype(int)
    number = int(np.clip(np.floor((middle - first) / _GK_WIDTH + 0.5), 0, (last - first) / _GK_WIDTH))
    meridian = first + _GK_WIDTH * number
    return MetricGrid(
        epsg + number,
        f"CGCS2000 / 3° Gauss-Krüger CM {meridian:.0f}E (EPSG:{epsg + number})",
        meridian,
        tuple(epsg + k for k in sorted(set(numbers.tolist()))),
        _worst_error(lon, lat, meridian, scale=1.0),
    )


def _utm(middle: tuple[float, float], lon: Floats, lat: Floats) -> MetricGrid:
    base = 32600 if middle[1] >= 0 else 32700
    numbers = np.clip(np.floor((lon + 180.0) / _UTM_WIDTH), 0, 59).astype(int) + 1
    number = min(int((middle[0] + 180.0) // _UTM_WIDTH), 59) + 1
    meridian = -183.0 + _UTM_WIDTH * number
    return MetricGrid(
        base + number,
        f"WGS 84 / UTM zone {number}{'N' if middle[1] >= 0 else 'S'} (EPSG:{base + number})",
        meridian,
        tuple(base + k for k in sorted(set(numbers.tolist()))),
        _worst_error(lon, lat, meridian, scale=_UTM_SCALE),
    )


def _worst_error(lon: Floats, lat: Floats, meridian: float, *, scale: float) -> float:
    """Return the largest |k - 1|; k of a transverse Mercator to second order (Snyder 1987, eq. 8-10)."""
    east_m = np.radians(lon - meridian) * np.cos(np.radians(lat)) * EARTH_RADIUS_M
    k = scale * (1.0 + (east_m / EARTH_RADIUS_M) ** 2 / 2.0)
    return float(np.abs(k - 1.0).max())


@cache
def _transformer(epsg: int, *, inverse: bool) -> Transformer:
    from pyproj import Transformer

    plane = f"EPSG:{epsg}"
    # The degrees of the grid's own datum: CGCS2000 is taken as WGS-84, so no shift may creep in.
    degrees = "EPSG:4490" if epsg < 32_000 else "EPSG:4326"  # noqa: PLR2004 - UTM codes begin there
    return (
        Transformer.from_crs(plane, degrees, always_xy=True)
        if inverse
        else Transformer.from_crs(degrees, plane, always_xy=True)
    )
