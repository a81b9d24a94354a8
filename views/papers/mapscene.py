"""What a map sheet shows, in metres of a projection that is true to scale: roads, seams, stations, stake ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.columns import TextColumn
from geo.segmentlines import segment_lines
from plan.model import Plan
from views.map.palette import RANKS, LineStyle
from views.papers.seamrows import seam_rows
from views.papers.stakes import ticks_of
from views.papers.text import clean
from views.pictures.base import tag_column
from views.pictures.owners import owner_codes, owner_styles

Floats = npt.NDArray[np.float64]
_CHINA_LON, _CHINA_LAT = (73.5, 136.5), (3.0, 54.0)
_FIRST_ZONE, _FIRST_MERIDIAN = 4534, 75


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with a text: a seam (its number in the annex), a station, a stake tick."""

    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class Scene:
    """A plan, projected.

    Attributes
    ----------
    lines
        shapely lines, metres east and north, one a segment.
    code, rank
        uint8 (segments,): row of ``styles``, row of `views.map.palette.RANKS`.
    styles
        Owner styles in legend order, with letters.
    length_mm
        int64 (styles,): millimetres of road a style.
    names, refs
        Road names and numbers.
    main_line
        bool (segments,): expressway main line, whose shield is green.
    seams, stations, ticks
        Marks; ticks come in the order of their stakes.
    epsg, crs
        The projection: its EPSG code, and its name for people.
    """

    lines: npt.NDArray[np.object_]
    code: npt.NDArray[np.uint8]
    rank: npt.NDArray[np.uint8]
    styles: tuple[LineStyle, ...]
    length_mm: npt.NDArray[np.int64]
    names: TextColumn
    refs: TextColumn
    main_line: npt.NDArray[np.bool_]
    seams: tuple[Mark, ...]
    stations: tuple[Mark, ...]
    ticks: tuple[Mark, ...]
    epsg: int
    crs: str

    @cached_property
    def boxes(self) -> Floats:
        """float64 (segments, 4): least x, least y, greatest x, greatest y of each line."""
        return np.asarray(shapely.bounds(self.lines), dtype=np.float64).reshape(-1, 4)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y of all lines, metres."""
        if not len(self.lines):
            return (0.0, 0.0, 1_000.0, 1_000.0)
        low, high = self.boxes[:, :2].min(axis=0), self.boxes[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def to_degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude (WGS-84) of a place in metres."""
        lon, lat = _transformer(self.epsg).transform(x, y, direction="INVERSE")
        return float(lon), float(lat)


def choose_projection(lon: float, lat: float) -> tuple[int, str]:
    """Return EPSG code and name of the projection for a place: CGCS2000 3° Gauss-Krüger in China, UTM elsewhere.

    Examples
    --------
    >>> choose_projection(118.65, 31.27)
    (4549, 'CGCS2000 3°高斯-克吕格投影，中央经线 120°E（EPSG:4549）')
    """
    if _CHINA_LON[0] <= lon < _CHINA_LON[1] and _CHINA_LAT[0] <= lat <= _CHINA_LAT[1]:
        meridian = math.floor(lon / 3 + 0.5) * 3
        code = _FIRST_ZONE + (meridian - _FIRST_MERIDIAN) // 3
        return code, f"CGCS2000 3°高斯-克吕格投影，中央经线 {meridian}°E（EPSG:{code}）"
    zone = min(60, int((lon + 180) // 6) + 1)
    code = (32600 if lat >= 0 else 32700) + zone
    return code, f"WGS-84 UTM {zone}{'N' if lat >= 0 else 'S'}（EPSG:{code}）"


def make_scene(plan: Plan) -> Scene:
    """Project a plan for map sheets."""
    network = plan.derived.network
    lon, lat = network.nodes.lon, network.nodes.lat
    middle = (float((lon.min() + lon.max()) / 2), float((lat.min() + lat.max()) / 2)) if len(lon) else (0.0, 0.0)
    epsg, crs = choose_projection(*middle)
    way = _transformer(epsg)
    lines = shapely.transform(segment_lines(network), lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))
    styles, _ = owner_styles(plan.agencies)
    code = owner_codes(plan)
    length = np.zeros(len(styles), dtype=np.int64)
    np.add.at(length, code, network.segments.length_mm)

    def _mark(lon: float, lat: float, text: str, kind: str) -> Mark:
        x, y = way.transform(lon, lat)
        return Mark(float(x), float(y), text, kind)

    kinds = {s.id: "booth" if s.kind in {"booth", "plaza"} else "other" for s in plan.derived.ownership.seams}
    ticks = ticks_of(plan)
    return Scene(
        np.asarray(lines, dtype=np.object_),
        code,
        np.minimum(network.segment_class, len(RANKS) - 1).astype(np.uint8),
        styles,
        length,
        tag_column(network, "name"),
        tag_column(network, "ref"),
        plan.derived.ownership.evidence.main_line,
        tuple(_mark(r.lon, r.lat, str(r.number), kinds[r.id]) for r in seam_rows(plan)),
        tuple(_mark(s.lon, s.lat, clean(s.name, limit=20), "station") for s in network.stations if s.kind != "gate"),
        tuple(_mark(t.lon, t.lat, f"K{t.mm // 1_000_000}", clean(t.route, limit=8)) for t in ticks),
        epsg,
        crs,
    )


@lru_cache(maxsize=8)
def _transformer(epsg: int) -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(4326, epsg, always_xy=True)
