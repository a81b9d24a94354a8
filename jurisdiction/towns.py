"""Districts and towns: outlines that name a road's town, and give ordinary roads to their agency.

A road belongs to the outline in which the longer part of it lies; a road of which the longer part lies in none is
outside. So no road is cut at an outline and metres add up to the millimetre.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.network import Network
from geo.segmentlines import segment_lines

Ints = npt.NDArray[np.int64]
Ring = Sequence[Sequence[float]]

_POLYGONS = (3, 6)
_NAMES = ("name", "NAME", "Name", "名称", "乡镇", "镇街", "区县", "town", "district")
_AGENCIES = ("agency", "单位", "单位编号", "管辖单位")
_OVERLAP_SHARE = 0.001
RULE_ZH, RULE_EN = "按较长部分归属", "a road belongs where its longer part lies"


@dataclass(frozen=True)
class Town:
    """An outline: its id, its name, its area (valid polygons, WGS-84 degrees), and the agency of its ordinary roads."""

    id: str
    name: str
    shape: shapely.Geometry
    agency: str = ""


def make_town(ident: str, name: str, rings: Iterable[Ring], *, agency: str = "") -> tuple[Town, bool]:
    """Make an outline of closed rings, lon/lat; the second value tells whether it had to be mended.

    Raises
    ------
    InputError
        No ring encloses anything, or a coordinate is none.
    """
    refused = InputError(
        f"边界“{(name or ident)[:30]}”不是有效的面，请改正后重新导入。"
        f" / the outline {(name or ident)[:30]!r} encloses no area: correct it and import it again."
    )
    polygons = []
    try:
        for ring in rings:
            points = np.array([[float(p[0]), float(p[1])] for p in ring], dtype=np.float64).reshape(-1, 2)
            if len(points) < 4 or not np.isfinite(points).all():  # noqa: PLR2004 - a closed ring has four points
                raise refused
            polygons.append(shapely.Polygon(points))
    except (TypeError, ValueError, IndexError, shapely.errors.GEOSException) as error:
        raise refused from error
    return mend_town(ident, name, polygons, agency=agency)


def mend_town(ident: str, name: str, polygons: Sequence[shapely.Geometry], *, agency: str = "") -> tuple[Town, bool]:
    """Make an outline of polygons; one that crosses itself (a bow-tie) is mended, and told.

    Raises
    ------
    InputError
        Nothing is enclosed.
    """
    valid = all(bool(shapely.is_valid(polygon)) for polygon in polygons)
    whole = shapely.union_all([shapely.make_valid(polygon) for polygon in polygons])
    parts = [part for part in shapely.get_parts(whole) if shapely.get_type_id(part) in _POLYGONS]
    shape = shapely.union_all(parts)
    if shapely.is_empty(shape) or float(shapely.area(shape)) <= 0:
        raise InputError(
            f"边界“{(name or ident)[:30]}”没有围出面积，请改正后重新导入。"
            f" / the outline {(name or ident)[:30]!r} encloses no area: correct it and import it again."
        )
    return Town(ident, name, shape, agency), not valid


def mended_finding(names: Sequence[str]) -> Finding:
    """Return the finding about outlines that crossed themselves."""
    listed = "、".join(names[:5])
    return Finding(
        "outline_mended",
        Severity.WARNING,
        len(names),
        f"{len(names)} 个边界自相交（{listed}），已自动修复，请核对。",
        f"{len(names)} outlines cross themselves ({listed}) and were mended: please check them.",
        things=tuple(names[:50]),
    )


def towns_of_map(network: Network) -> tuple[Town, ...]:
    """Return the towns that the map itself has: administrative outlines of the finest level that is complete."""
    levels: dict[int, list[Town]] = {}
    for area in network.areas:
        level = area.tags.get("admin_level", "")
        if area.kind != "admin" or not level.isdigit() or not area.name:
            continue
        try:
            town, _ = make_town(area.id, area.name, [ring.tolist() for ring in area.rings])
        except InputError:
            continue
        levels.setdefault(int(level), []).append(town)
    return tuple(levels[max(levels)]) if levels else ()


def overlap_findings(towns: Sequence[Town]) -> list[Finding]:
    """Return a finding about outlines that cover the same ground; the first listed has it."""
    shapes = np.array([town.shape for town in towns], dtype=np.object_)
    if len(shapes) < 2:  # noqa: PLR2004 - two overlap
        return []
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = []
    for a, b in sorted({(int(i), int(j)) for i, j in zip(first, second, strict=True) if i < j}):
        shared = float(shapely.area(shapely.intersection(shapes[a], shapes[b])))
        if shared > _OVERLAP_SHARE * min(float(shapely.area(shapes[a])), float(shapely.area(shapes[b]))):
            pairs.append(f"{towns[a].name or towns[a].id}/{towns[b].name or towns[b].id}")
    if not pairs:
        return []
    listed = "、".join(pairs[:5])
    return [
        Finding(
            "towns_overlap",
            Severity.WARNING,
            len(pairs),
            f"{len(pairs)} 对边界互相重叠（{listed}），重叠处归先列者，请核对。",
            f"{len(pairs)} pairs of outlines overlap ({listed}); the first listed has what they share: please check.",
            things=tuple(pairs[:50]),
        )
    ]


def locate_in_towns(network: Network, towns: Sequence[Town]) -> Ints:
    """Return the outline of each segment, int64 (segments,), -1 where its longer part lies in none."""
    size = len(network.segments)
    result = np.full(size, -1, dtype=np.int64)
    if not towns or size == 0:
        return result
    seg, nodes = network.segments, network.nodes
    shapes = np.array([town.shape for town in towns], dtype=np.object_)
    starts = np.unique(seg.u)
    point, inside = shapely.STRtree(shapes).query(shapely.points(nodes.lon[starts], nodes.lat[starts]), "intersects")
    order = np.lexsort((-inside, point))
    at = np.full(len(nodes), -1, dtype=np.int64)
    at[starts[point[order]]] = inside[order]
    result = at[seg.u]
    lines = segment_lines(network)
    border, crossing = shapely.STRtree(lines).query(shapely.boundary(shapes), predicate="intersects")
    seen: dict[int, list[int]] = {}
    for k, row in zip(border.tolist(), crossing.tolist(), strict=True):
        seen.setdefault(row, []).append(k)
    for row, touched in seen.items():
        result[row] = _longer_part(network.points(row), towns, sorted({*touched, int(result[row])} - {-1}))
    return result


def _longer_part(line: npt.NDArray[np.float64], towns: Sequence[Town], seen: Sequence[int]) -> int:
    """Return the outline that holds most of a line; of equal parts the outline listed first."""
    scale = np.array([np.cos(np.radians(line[0, 1])), 1.0])
    path = shapely.LineString(line)
    rest: shapely.Geometry = path
    share: list[tuple[float, int]] = []
    for k in seen:
        inside = shapely.intersection(rest, towns[k].shape)
        rest = shapely.difference(rest, towns[k].shape)
        share.append((_length(inside, scale), k))
    share.append((_length(path, scale) - sum(length for length, _ in share), len(towns)))
    _, best = min((-round(length, 12), k) for length, k in share)
    return best if best < len(towns) else -1


def _length(shape: shapely.Geometry, scale: npt.NDArray[np.float64]) -> float:
    return float(shapely.length(shapely.transform(shape, lambda points: points * scale)))


def read_towns(path: str | Path, *, crs: str | None = None) -> tuple[tuple[Town, ...], list[Finding]]:
    """Read outlines of a GeoJSON, GeoPackage, Shapefile, FlatGeobuf or GeoParquet file.

    The name comes from a column ``name`` (名称, 乡镇), the agency of its ordinary roads from ``agency`` (单位), which
    may be missing.

    Parameters
    ----------
    path
        The file.
    crs
        Its coordinate system, used only where the file states none.

    Raises
    ------
    InputError
        The file cannot be used, or holds no usable outline.
    """
    from geo.grids import check_scale, find_grid
    from geo.intake import admit_file
    from geo.layerfile import list_layers, read_table

    admitted = admit_file(path)
    towns: list[Town] = []
    refused: list[str] = []
    mended: list[str] = []
    for layer in list_layers(admitted):
        table = read_table(admitted, layer.name)
        rows = np.flatnonzero(np.isin(shapely.get_type_id(table.geometry), _POLYGONS))
        if len(rows) == 0:
            continue
        grid = find_grid(table.crs, crs, name=admitted.name)
        shape = table.geometry[rows]
        points = shapely.get_coordinates(shape)
        check_scale(grid, points[:, 0], points[:, 1], name=admitted.name)
        moved = shapely.set_coordinates(shape.copy(), np.column_stack(grid.to_wgs84(points[:, 0], points[:, 1])))
        for row, area in zip(rows.tolist(), moved, strict=True):
            name, agency = _cell(table.columns, _NAMES, row), _cell(table.columns, _AGENCIES, row)
            ident = name or f"{layer.name}#{row + 1}"
            try:
                town, was_mended = mend_town(ident, name or ident, [area], agency=agency)
            except InputError:
                refused.append(ident)
                continue
            towns.append(town)
            mended += [ident] if was_mended else []
        break
    if not towns:
        raise InputError(
            f"{admitted.name}：没有可用的面要素。 / {admitted.name}: it holds no usable polygon: give a layer of areas."
        )
    findings = [mended_finding(mended)] if mended else []
    if refused:
        findings.append(refused_finding(refused))
    return tuple(towns), [*findings, *overlap_findings(towns)]


def refused_finding(names: Sequence[str]) -> Finding:
    """Return the finding about outlines that enclose nothing."""
    listed = "、".join(names[:5])
    return Finding(
        "outline_refused",
        Severity.ERROR,
        len(names),
        f"{len(names)} 个边界没有围出面积（{listed}），未使用，请改正后重新导入。",
        f"{len(names)} outlines enclose no area ({listed}) and are not used: correct and import them again.",
        things=tuple(names[:50]),
    )


def geometry_of(town: Town) -> dict[str, Any]:
    """Return an outline as a GeoJSON geometry, lon/lat rounded to 7 decimals."""
    rounded = shapely.transform(town.shape, lambda points: np.round(points, 7))
    made: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return made


def town_from(key: str, value: Mapping[str, Any]) -> tuple[Town, bool]:
    """Make the outline of a ``set_town`` decision: ``rings`` (outer rings) or ``geometry`` (GeoJSON), name, agency.

    Raises
    ------
    InputError
        It encloses nothing.
    """
    name, agency = str(value.get("name", "") or key), str(value.get("agency", "") or "")
    geometry = value.get("geometry")
    if geometry is None:
        return make_town(key, name, value.get("rings", ()), agency=agency)
    try:
        shape = shapely.from_geojson(json.dumps(geometry, default=dict))
    except (TypeError, ValueError, shapely.errors.GEOSException):
        shape = shapely.Polygon()
    return mend_town(key, name, [shape], agency=agency)


def _cell(columns: Any, names: Sequence[str], row: int) -> str:
    for name in names:
        if name in columns:
            value = columns[name][row]
            return "" if value is None or value != value else str(value).strip()  # noqa: PLR0124 - not a number
    return ""
