"""Measuring on the ellipsoid: distances and headings of WGS-84 coordinates."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import Geod

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG), for directions and rough distances only; lengths are geodesic."""


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def measure_steps(lon: Floats, lat: Floats) -> Floats:
    """Return the geodesic distance between successive points.

    Parameters
    ----------
    lon, lat
        float64 (n,), WGS-84 degrees.

    Returns
    -------
    float64 (n - 1,), metres; Karney's algorithm (2013) on the WGS-84 ellipsoid.
    """
    if len(lon) < 2:  # noqa: PLR2004 - a line has two points
        return np.zeros(0)
    _, _, step = _geod().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.asarray(step, dtype=np.float64)


def measure_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the geodesic distance in metres between two ``(lon, lat)`` places."""
    return float(measure_steps(np.array([a[0], b[0]]), np.array([a[1], b[1]]))[0])


def project_local(lon: Floats, lat: Floats, *, origin: tuple[float, float]) -> tuple[Floats, Floats]:
    """Project to a plane around ``origin`` (lon, lat): equirectangular, metres.

    Good for neighbourhoods and nearest-neighbour searches within one district (error below 0.1 % at 50 km),
    never for lengths that enter a ledger.
    """
    k = np.pi / 180 * EARTH_RADIUS_M
    return (lon - origin[0]) * k * np.cos(np.radians(origin[1])), (lat - origin[1]) * k


def middle_of(lon: Floats, lat: Floats) -> tuple[float, float]:
    """Return the centre of the bounding box as ``(lon, lat)``; (0, 0) where there is no point."""
    if len(lon) == 0:
        return 0.0, 0.0
    return float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2
