"""Reading the user's polygons and river lines from a vector file, through the same gate as every other input."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError
from geo.grids import check_scale, find_grid
from geo.intake import admit_file
from geo.layerfile import LayerTable, list_layers, read_table
from geo.sniff import OSM_FORMATS
from patrol.zones.overlaps import Supplied
from patrol.zones.rivers import Rivers

_ID_COLUMNS = ("id", "ID", "编号", "gid", "osm_id", "OBJECTID")
_KIND_COLUMNS = ("kind", "类型")
_WIDTH_COLUMNS = ("width_m", "width", "河宽")
_LINES, _POLYGONS = (1, 5), (3, 6)
_WIDEST_M = 20_000.0


def read_polygons(path: Path, *, crs: str | None = None, kind: str = "building") -> Supplied:
    """Read polygons of a GeoPackage, Shapefile, GeoJSON, FlatGeobuf or GeoParquet file.

    Parameters
    ----------
    path
        The file; ids are taken from a column ``id`` (编号), else rows are counted from 1.
    crs
        Its coordinate system, used only where the file states none.
    kind
        What the polygons are.

    Raises
    ------
    InputError
        The file cannot be used, or holds no polygon.
    """
    table, shape = _read(path, crs, wanted=_POLYGONS, what=("面", "polygon"))
    return Supplied(_ids(table), shape, kind)


def read_rivers(path: Path, *, crs: str | None = None) -> Rivers:
    """Read river lines, drawn in the direction of flow, and their width from a column ``width_m`` (河宽).

    Raises
    ------
    InputError
        The file cannot be used, or holds no line.
    """
    table, shape = _read(path, crs, wanted=_LINES, what=("线", "line"))
    column = next((table.columns[name] for name in _WIDTH_COLUMNS if name in table.columns), None)
    half = np.full(len(shape), np.nan)
    if column is not None:
        half = np.array([_read_width(value) / 2 for value in column.tolist()], dtype=np.float64)
    return Rivers(shape, half)


def _read_width(value: object) -> float:
    try:
        width = float(str(value))
    except ValueError:
        return float("nan")
    return width if 0 < width <= _WIDEST_M else float("nan")


def _read(
    path: Path, crs: str | None, *, wanted: Collection[int], what: tuple[str, str]
) -> tuple[LayerTable, npt.NDArray[np.object_]]:
    admitted = admit_file(path)
    if admitted.format in OSM_FORMATS:
        raise InputError(
            f"{admitted.name}：这是路网地图，请给出{what[0]}图层（GeoPackage、Shapefile、GeoJSON）。 / "
            f"{admitted.name}: this is a road map; give a layer of {what[1]}s."
        )
    for layer in list_layers(admitted):
        table = read_table(admitted, layer.name)
        kinds = shapely.get_type_id(table.geometry)
        if not np.isin(kinds, list(wanted)).any():
            continue
        shape = table.geometry.copy()
        shape[~np.isin(kinds, list(wanted))] = None
        return table, _to_degrees(shape, table.crs, crs, name=admitted.name)
    raise InputError(f"{admitted.name}：没有{what[0]}要素。 / {admitted.name}: it holds no {what[1]}.")


def _to_degrees(
    shape: npt.NDArray[np.object_], stated: str | None, given: str | None, *, name: str
) -> npt.NDArray[np.object_]:
    grid = find_grid(stated, given, name=name)
    points = shapely.get_coordinates(shape)
    check_scale(grid, points[:, 0], points[:, 1], name=name)
    lon, lat = grid.to_wgs84(points[:, 0], points[:, 1])
    moved: npt.NDArray[np.object_] = shapely.set_coordinates(shape.copy(), np.column_stack((lon, lat)))
    return moved


def _ids(table: LayerTable) -> tuple[str, ...]:
    column = next((table.columns[name] for name in _ID_COLUMNS if name in table.columns), None)
    count = len(table.geometry)
    if column is None:
        return tuple(str(k + 1) for k in range(count))
    return tuple(str(v) if v not in {None, ""} else f"#{k + 1}" for k, v in enumerate(column.tolist()))
