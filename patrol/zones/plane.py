"""The metric plane of a network: Gauss-Krüger by longitude inside China, UTM elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from geo.measure import middle_of
from geo.network import Network

if TYPE_CHECKING:
    from pyproj import Transformer

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

_CHINA = (73.5, 3.8, 135.1, 53.6)
"""West, south, east, north. Only the choice of a plane hangs on it, so a box does: either plane measures rightly."""
_FIRST_ZONE, _FIRST_MERIDIAN = 4534, 75
_DEGREES = 4490


def metric_epsg(lon: float, lat: float) -> int:
    """Return the EPSG code of the plane in which a place is measured.

    Examples
    --------
    >>> metric_epsg(114.2, 22.7), metric_epsg(11.6, 49.9), metric_epsg(-76.9, -40.3)
    (4547, 32632, 32718)
    """
    west, south, east, north = _CHINA
    if west <= lon <= east and south <= lat <= north:
        return _FIRST_ZONE + (3 * round(lon / 3) - _FIRST_MERIDIAN) // 3
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


@dataclass(frozen=True)
class Plane:
    """A network on its metric plane.

    Attributes
    ----------
    network
        The network.
    epsg
        Code of the plane.
    x, y
        float64 (nodes,), easting and northing in metres.
    """

    network: Network
    epsg: int
    x: Floats = field(repr=False)
    y: Floats = field(repr=False)

    @classmethod
    def of(cls, network: Network) -> Plane:
        """Project a network; CGCS2000 degrees are taken as WGS-84 degrees, they differ by centimetres."""
        lon, lat = network.nodes.lon, network.nodes.lat
        epsg = metric_epsg(*middle_of(lon, lat))
        x, y = _transformer(epsg).transform(lon, lat)
        return cls(network, epsg, np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))

    @cached_property
    def rank(self) -> npt.NDArray[np.int64]:
        """Place of each segment when sorted by way id, node ids and repeat: the same however the input is ordered."""
        seg, node = self.network.segments, self.network.nodes.id
        order = np.lexsort((seg.repeat, node[seg.v], node[seg.u], self.network.ways.id[seg.way]))
        rank = np.empty(len(seg), dtype=np.int64)
        rank[order] = np.arange(len(seg))
        return rank

    @cached_property
    def lines(self) -> Geometries:
        """The line of each segment, in way direction."""
        ptr, rows = self.network.line_rows()
        index = np.repeat(np.arange(len(self.network.segments)), np.diff(ptr))
        made = shapely.linestrings(np.column_stack((self.x[rows], self.y[rows])), indices=index)
        return np.asarray(made, dtype=np.object_)

    def to_plane(self, geometry: Geometries) -> Geometries:
        """Return geometries given in lon/lat WGS-84 degrees on the plane."""
        return _move(geometry, self.epsg, inverse=False)

    def to_degrees(self, geometry: Geometries) -> Geometries:
        """Return geometries of the plane in lon/lat WGS-84 degrees, repaired where rounding makes them touch."""
        return plane_to_degrees(geometry, self.epsg)


def plane_to_degrees(geometry: Geometries, epsg: int) -> Geometries:
    """Return geometries of a metric plane in lon/lat WGS-84 degrees, all valid."""
    moved = _move(geometry, epsg, inverse=True)
    bad = ~shapely.is_valid(moved)
    if bad.any():
        moved[bad] = keep_polygons(shapely.make_valid(moved[bad]))
    return moved


def _move(geometry: Geometries, epsg: int, *, inverse: bool) -> Geometries:
    if not len(geometry):
        return np.zeros(0, dtype=np.object_)
    points = shapely.get_coordinates(geometry)
    x, y = _transformer(epsg).transform(points[:, 0], points[:, 1], direction="INVERSE" if inverse else "FORWARD")
    return np.asarray(shapely.set_coordinates(geometry.copy(), np.column_stack((x, y))), dtype=np.object_)


def _transformer(epsg: int) -> Transformer:
    from pyproj import Transformer

    in_china = epsg < 5000  # noqa: PLR2004 - CGCS2000 planes are 4534 to 4554
    return Transformer.from_crs(_DEGREES if in_china else 4326, epsg, always_xy=True)


def keep_polygons(geometry: Geometries, *, smallest_m2: float = 0.0) -> Geometries:
    """Return multipolygons of what has an area; lines and points that an overlay leaves behind fall away.

    Parameters
    ----------
    geometry
        Geometries of any kind; None counts as empty.
    smallest_m2
        Parts no larger than this fall away as well.
    """
    result = np.full(len(geometry), shapely.MultiPolygon(), dtype=np.object_)
    parts, owner = shapely.get_parts(geometry, return_index=True)
    nested = shapely.get_type_id(parts) > 3  # noqa: PLR2004 - a collection inside a collection
    if nested.any():
        inner, inner_owner = shapely.get_parts(parts[nested], return_index=True)
        parts = np.concatenate((parts[~nested], inner))
        owner = np.concatenate((owner[~nested], owner[nested][inner_owner]))
        order = np.argsort(owner, kind="stable")
        parts, owner = parts[order], owner[order]
    good = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > smallest_m2)  # noqa: PLR2004 - polygon
    parts, owner = parts[good], owner[good]
    if len(parts):
        rows = np.unique(owner)
        result[rows] = shapely.multipolygons(parts, indices=np.searchsorted(rows, owner))
    return result
