"""The coordinate system of a layer: what it is, whether it measures, and how to get from it to WGS-84."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Floats = npt.NDArray[np.float64]

MAX_PLACES = 50
_WORLD_LON, _WORLD_LAT = 180.0, 90.0
_DRIFT_M = 1.0


@dataclass(frozen=True)
class Grid:
    """A coordinate system.

    Attributes
    ----------
    crs
        The system, horizontal part.
    label
        Its code or name, for people.
    is_measure
        Whether planar lengths in it are an agency's own measure: transverse Mercator (Gauss-Krüger, UTM) in metres.
    """

    crs: CRS
    label: str
    is_measure: bool

    @property
    def is_degrees(self) -> bool:
        """Whether coordinates are longitude and latitude."""
        return bool(self.crs.is_geographic)

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude in WGS-84 degrees; nan where a coordinate is none, or lies outside."""
        way = _transformer(self.crs.to_wkt())
        with np.errstate(invalid="ignore"):
            lon, lat = way.transform(x, y)
            lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
            bad = ~(np.abs(lon) <= _WORLD_LON) | ~(np.abs(lat) <= _WORLD_LAT) | ((x == 0) & (y == 0))
            if not self.is_degrees:
                # A projection answers nonsense with a place of its own; only what comes back lies within it.
                back_x, back_y = way.transform(lon, lat, direction="INVERSE")
                bad |= ~(np.hypot(back_x - x, back_y - y) <= _DRIFT_M)
        if self.is_degrees:
            bad |= ~(np.abs(x) <= _WORLD_LON) | ~(np.abs(y) <= _WORLD_LAT)
        return np.where(bad, np.nan, lon), np.where(bad, np.nan, lat)

    def places_of(self, geometry: npt.NDArray[np.object_]) -> tuple[tuple[float, float], ...]:
        """Return one lon/lat for each of the first geometries that have a usable point, 50 at most."""
        import shapely

        some = geometry[: 20 * MAX_PLACES]
        points, owner = shapely.get_coordinates(some, return_index=True)
        lon, lat = self.to_wgs84(points[:, 0], points[:, 1])
        good = np.isfinite(lon)
        _, first = np.unique(owner[good], return_index=True)
        lon, lat = lon[good][first], lat[good][first]
        return tuple(zip(lon[:MAX_PLACES].tolist(), lat[:MAX_PLACES].tolist(), strict=True))

    def points_of(self, geometry: npt.NDArray[np.object_]) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
        """Return lon, lat and row of the first usable point of each geometry; rows without one are left out."""
        import shapely

        points, owner = shapely.get_coordinates(geometry, return_index=True)
        lon, lat = self.to_wgs84(points[:, 0], points[:, 1])
        good = np.isfinite(lon)
        row, first = np.unique(owner[good], return_index=True)
        return lon[good][first], lat[good][first], row.astype(np.int64)


@lru_cache(maxsize=16)
def _transformer(crs: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(crs, 4326, always_xy=True)


def find_grid(stated: str | None, given: str | int | None, *, name: str) -> Grid:
    """Return the coordinate system of a layer.

    Parameters
    ----------
    stated
        What the file states, None or an unknown local system where it states nothing.
    given
        What a person says; used only where the file states nothing.
    name
        The file, for the sentence.

    Raises
    ------
    InputError
        Nobody states a system, or the one stated is unknown or local.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    crs = None
    for text in (stated, given):
        if text is None or text == "":
            continue
        try:
            crs = CRS.from_user_input(text)
        except CRSError as error:
            if text is given:
                raise InputError(
                    f"{name}：坐标系 {given} 无法识别，请用 EPSG 代码，例如 EPSG:4490 或 EPSG:4547。 / "
                    f"{name}: unknown coordinate system {given}; give an EPSG code such as EPSG:4490 or EPSG:4547."
                ) from error
            continue
        crs = _horizontal(crs)
        if crs.is_geographic or crs.is_projected:
            break
        crs = None
    if crs is None:
        raise InputError(
            f"{name}：没有注明坐标系，请指定（经纬度一般为 EPSG:4490 或 EPSG:4326，"
            "3° 高斯投影为 EPSG:4534–4554，如 EPSG:4547）。 / "
            f"{name}: it states no coordinate system; give one (degrees: EPSG:4490 or EPSG:4326; Gauss-Krüger: "
            "EPSG:4534-4554, such as EPSG:4547)."
        )
    code = crs.to_epsg()
    return Grid(crs, f"EPSG:{code}" if code else crs.name, _is_measure(crs))


def _horizontal(crs: CRS) -> CRS:
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    return crs.source_crs if crs.is_bound and crs.source_crs is not None else crs


def _is_measure(crs: CRS) -> bool:
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    in_metres = all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info)
    return bool(crs.is_projected) and method.startswith("Transverse Mercator") and in_metres


def check_scale(grid: Grid, x: Floats, y: Floats, *, name: str) -> None:
    """Refuse coordinates that cannot be in the system the layer states.

    Raises
    ------
    InputError
        Most coordinates are metres where degrees are stated, or degrees where metres are stated.
    """
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any():
        return
    size = float(np.median(np.maximum(np.abs(x[good]), np.abs(y[good]))))
    if grid.is_degrees and size > 2 * _WORLD_LON:
        raise InputError(
            f"{name}：注明的坐标系 {grid.label} 是经纬度，但坐标像是以米为单位，请改正坐标系。 / "
            f"{name}: {grid.label} means degrees, but the coordinates look like metres; correct the coordinate system."
        )
    if not grid.is_degrees and size <= _WORLD_LON:
        raise InputError(
            f"{name}：注明的坐标系 {grid.label} 是平面坐标，但坐标像是经纬度，请改正坐标系。 / "
            f"{name}: {grid.label} means metres, but the coordinates look like degrees; correct the coordinate system."
        )
