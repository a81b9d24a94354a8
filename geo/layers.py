"""Read an agency's line layer into a network: its columns, its own measure, its lines joined where they meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.grids import Grid, find_grid
from geo.intake import Admitted, admit_file
from geo.joining import Joined, join_vertices, level_of_line
from geo.layerfile import LayerName, LayerTable, list_fields, list_layers, read_table
from geo.lines import LineIndex, Lines, find_tees, insert_vertices, place_points
from geo.mapping import ColumnMapping, as_text, find_columns, read_mapping, read_tags
from geo.network import Network, Nodes, Source
from geo.segmenting import RawWays, build_network
from geo.sniff import LAYER_FORMATS
from geo.untangle import LineRows, drop_duplicates, explode_lines

BOOTH_LAYERS = ("booths", "toll_booths", "stations", "toll_stations", "收费站", "收费亭")
"""Names under which a GeoPackage may carry its toll booths as points."""
BOOTH_REACH_M = 15.0
"""A booth point this near to a line, in metres, is put on it."""

_POINT_TYPES = frozenset({"POINT", "MULTIPOINT"})
_NOT_FOR_CARS = frozenset({
    "footway", "path", "cycleway", "pedestrian", "steps", "track", "bridleway", "corridor", "construction",
    "proposed", "platform", "bus_stop", "raceway", "elevator", "busway", "abandoned", "razed",
})  # fmt: skip


@dataclass(frozen=True)
class _Roads:
    """Lines kept for the network, in canonical order, with their tags and ids."""

    lines: Lines
    tags: list[dict[str, str]]
    ids: npt.NDArray[np.int64]


def read_line_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    mapping: Mapping[str, str] | ColumnMapping | str | Path | None = None,
    crs: str | int | None = None,
    booths: str | None = None,
) -> Network:
    """Read a line layer into a network without stations.

    Parameters
    ----------
    path
        A local file: GeoPackage, Shapefile, file geodatabase (a folder), GeoJSON, FlatGeobuf or GeoParquet.
    layer
        Layer of a GeoPackage or geodatabase; the one layer with lines and a ``highway`` column when None.
    mapping
        Our column names to theirs, as a dictionary or a TOML file (``geo.mapping.read_mapping``).
    crs
        Coordinate system to use where the file states none, e.g. ``4490`` or ``"EPSG:4547"``.
    booths
        Point layer of toll booths in the same GeoPackage; the one named as in ``BOOTH_LAYERS`` when None.

    Returns
    -------
    Network
        Coordinates in WGS-84. Lengths are the layer's own where it lies in a transverse Mercator grid in metres
        (Gauss-Krüger, UTM), geodesic otherwise. Node ids are negative, in the order of place; way ids are those
        of the column ``id``, ``osm_id``, ``osmid``, ``way_id`` or ``fid``, or count from 1 in the order of place.

    Raises
    ------
    InputError
        Not such a file, damaged, no ``highway`` column, no coordinate system, or no usable line.
    """
    return read_admitted_layer(
        admit_file(path, accept=LAYER_FORMATS), layer=layer, mapping=mapping, crs=crs, booths=booths
    )


def read_admitted_layer(
    admitted: Admitted,
    *,
    layer: str | None = None,
    mapping: Mapping[str, str] | ColumnMapping | str | Path | None = None,
    crs: str | int | None = None,
    booths: str | None = None,
) -> Network:
    """Do the work of ``read_line_layer`` for a file that ``geo.intake`` has let in already."""
    said = read_mapping(mapping)
    layers = list_layers(admitted)
    chosen = _choose_layer(layers, layer, said, name=admitted.name)
    found = find_columns(list_fields(admitted, chosen), said, name=admitted.name)
    table = read_table(admitted, chosen, wanted=frozenset(found.values()))
    grid = find_grid(table.crs, crs, name=admitted.name)
    findings: list[Finding] = []
    roads = _read_roads(table, found, said, grid=grid, name=admitted.name, findings=findings)
    index = LineIndex(roads.lines)
    new = find_tees(roads.lines, index)
    points = _read_booths(admitted, layers, booths, chosen=chosen, crs=crs, findings=findings)
    more, places = place_points(roads.lines, index, lon=points.lon, lat=points.lat, within_m=BOOTH_REACH_M)
    lines = insert_vertices(roads.lines, [*new, *more])
    level = level_of_line(roads.tags)
    joined = join_vertices(
        lines.lon, lines.lat, line=lines.line_of_vertex, is_end=lines.is_end, level=level, line_m=lines.length_m
    )
    findings += _report_joins(joined, len(new))
    nodes = _make_nodes(lines, joined, points, places, findings)
    raw = RawWays(roads.ids, lines.ptr.astype(np.int32), joined.node.astype(np.int32), roads.tags, lines.step_m())
    source = Source(admitted.name, admitted.sha256, str(admitted.format))
    if grid.is_measure:
        findings.append(_report_grid(grid, admitted.name))
    return build_network(source, nodes, raw, findings=[*admitted.findings, *findings])


def _choose_layer(layers: Sequence[LayerName], wanted: str | None, mapping: ColumnMapping, *, name: str) -> str:
    names = [one.name for one in layers]
    listed = "、".join(names) or "—"
    if wanted is not None:
        if names != [""] and wanted not in names:
            raise InputError(
                f"{name}：没有名为 {wanted} 的图层（现有：{listed}），请改正图层名。 / "
                f"{name}: there is no layer {wanted} (found: {listed}); correct the name."
            )
        return wanted if names != [""] else ""
    lines = [one for one in layers if one.has_lines]
    column = mapping.columns.get("highway", "highway").lower()
    with_class = [one for one in lines if column in one.columns]
    best = with_class or lines
    if len(best) == 1:
        return best[0].name
    if not best:
        raise InputError(
            f"{name}：没有线图层（现有图层：{listed}），请导出含道路线的图层。 / "
            f"{name}: there is no layer of lines (layers: {listed}); export the one with the roads."
        )
    several = "、".join(one.name for one in best)
    raise InputError(
        f"{name}：有多个道路图层（{several}），请指明用哪一个。 / "
        f"{name}: several layers may be roads ({several}); name one."
    )


def _read_roads(
    table: LayerTable,
    found: Mapping[str, str],
    mapping: ColumnMapping,
    *,
    grid: Grid,
    name: str,
    findings: list[Finding],
) -> _Roads:
    tags = read_tags(table.columns, found, mapping)
    findings += _report_text(tags)
    kept = _keep_roads(table, tags, grid=grid, name=name, findings=findings)
    ids = _read_ids(table, found, findings)
    rows = explode_lines(table.geometry, kept, grid=grid, name=name, findings=findings)
    if len(rows.lines) == 0:
        raise InputError(
            f"{name}：没有可用的道路线（几何为空或坐标超出范围），请检查坐标系以及经纬度是否颠倒。 / "
            f"{name}: no usable line (empty, or coordinates out of range); check the coordinate system and whether "
            "longitude and latitude are swapped."
        )
    rows = _order_rows(rows, tags, ids)
    rows = drop_duplicates(rows, tags, findings=findings)
    return _Roads(rows.lines, [tags[row] for row in rows.feature.tolist()], _way_ids(rows, ids))


def _report_text(tags: Sequence[Mapping[str, str]]) -> list[Finding]:
    """Report texts with letters that could not be read, by what is left of them."""
    odd = sorted({text for row in tags for text in row.values() if "\N{REPLACEMENT CHARACTER}" in text})
    if not odd:
        return []
    count = sum("\N{REPLACEMENT CHARACTER}" in text for row in tags for text in row.values())
    shown = "、".join(text[:30] for text in odd[:5])
    return [Finding(
        "unreadable_text", Severity.WARNING, count,
        f"{count} 处文字有认不出或被截断的字（{shown}），请按 UTF-8 或 GB18030 重新导出，字段宽度要够。",
        f"{count} texts hold letters that are unreadable or cut off ({shown}): export in UTF-8 or GB18030 with wide "
        "enough fields.",
        things=tuple(odd[:50]),
    )]  # fmt: skip


def _keep_roads(
    table: LayerTable, tags: Sequence[Mapping[str, str]], *, grid: Grid, name: str, findings: list[Finding]
) -> npt.NDArray[np.int64]:
    """Return the rows whose ``highway`` is a class we know; report the others."""
    value = [row.get("highway", "") for row in tags]
    is_road = np.array([v in CLASS_OF_HIGHWAY for v in value], dtype=bool)
    is_ferry = np.array([row.get("route") == "ferry" for row in tags], dtype=bool)
    known = is_road | is_ferry
    is_path = ~known & np.array([v in _NOT_FOR_CARS for v in value], dtype=bool)
    odd = ~known & ~is_path
    shown = "、".join(sorted({v or "（空）" for v, o in zip(value, odd.tolist(), strict=True) if o})[:10])
    if not known.any():
        what = shown or "、".join(sorted(set(value))[:10]) or "—"
        raise InputError(
            f"{name}：没有汽车可走的道路，highway 的取值为：{what}；请用字段对照表的 [values.highway] 指明道路等级。 / "
            f"{name}: no road for cars; highway holds: {what}; say what they mean in [values.highway] of the mapping."
        )
    if odd.any():
        n = int(odd.sum())
        findings.append(Finding(
            "unknown_highway", Severity.WARNING, n,
            f"{n} 个要素的道路等级无法识别（{shown}），未计入路网，请用字段对照表的 [values.highway] 指明。",
            f"{n} features have an unknown highway value ({shown}) and are left out; say what it means in "
            "[values.highway] of the mapping.",
            places=grid.places_of(table.geometry[odd]),
        ))  # fmt: skip
    if is_path.any():
        n = int(is_path.sum())
        findings.append(Finding(
            "not_for_cars", Severity.NOTE, n,
            f"{n} 个要素不是汽车可走的道路（步道、在建等），未计入路网。",
            f"{n} features are no roads for cars (paths, construction …) and are left out.",
        ))  # fmt: skip
    return np.flatnonzero(known)


def _read_ids(table: LayerTable, found: Mapping[str, str], findings: list[Finding]) -> npt.NDArray[np.int64] | None:
    """Return feature ids as int64 (features,) where they are whole, positive and all different."""
    column = found.get("id")
    if column is None:
        return table.fid if table.fid is not None and (table.fid > 0).all() else None
    texts = [as_text(value) for value in table.columns[column]]
    good = all(text.isdecimal() and text.isascii() and 0 < int(text) < 2**63 for text in texts)
    if good and len(set(texts)) == len(texts):
        return np.array([int(text) for text in texts], dtype=np.int64)
    findings.append(Finding(
        "unusable_ids", Severity.NOTE, len(texts),
        f"字段 {column} 的编号不是互不相同的正整数，改用按位置排列的顺序号；地图更新后编号可能变化。",
        f"the ids in column {column} are not different positive whole numbers; numbers in the order of place are used "
        "and may change with the next map.",
    ))  # fmt: skip
    return None


def _order_rows(rows: LineRows, tags: Sequence[Mapping[str, str]], ids: npt.NDArray[np.int64] | None) -> LineRows:
    """Put lines in an order that does not depend on the order of the rows: by id, else by place, then by tags."""
    cell = np.rint(np.column_stack((rows.lines.lon, rows.lines.lat)) * 1e7).astype(">i8")
    ptr = rows.lines.ptr.tolist()
    keys = []
    for k, feature in enumerate(rows.feature.tolist()):
        points = cell[ptr[k] : ptr[k + 1]]
        first = (int(points[0, 0]), int(points[0, 1]), points.tobytes())
        text = tuple(sorted(tags[feature].items()))
        keys.append(((int(ids[feature]) if ids is not None else 0), *first, text, k))
    return rows.take(np.array([key[-1] for key in sorted(keys)], dtype=np.int64))


def _way_ids(rows: LineRows, ids: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
    """Return one id a line; further parts of a feature count on from the largest id."""
    count = len(rows.lines)
    if ids is None:
        return np.arange(1, count + 1, dtype=np.int64)
    out = ids[rows.feature]
    _, first = np.unique(rows.feature, return_index=True)
    later = np.setdiff1d(np.arange(count), first)
    out[later] = int(ids.max()) + 1 + np.arange(len(later))
    return out


@dataclass(frozen=True)
class _Points:
    """Booth points in canonical order."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    tags: list[dict[str, str]]


def _read_booths(
    admitted: Admitted,
    layers: Sequence[LayerName],
    wanted: str | None,
    *,
    chosen: str,
    crs: str | int | None,
    findings: list[Finding],
) -> _Points:
    names = [one.name for one in layers if one.name != chosen]
    if wanted is not None and wanted not in names:
        raise InputError(
            f"{admitted.name}：没有名为 {wanted} 的收费站点图层（现有：{'、'.join(names) or '—'}），请改正图层名。 / "
            f"{admitted.name}: there is no point layer {wanted} (found: {', '.join(names) or '—'}); correct the name."
        )
    points = {one.name.lower(): one.name for one in layers if one.geometry.upper() in _POINT_TYPES}
    name = wanted or next((points[n] for n in BOOTH_LAYERS if n in points), None)
    if name is None:
        return _Points(np.zeros(0), np.zeros(0), [])
    table = read_table(admitted, name)
    grid = find_grid(table.crs, crs, name=f"{admitted.name} ({name})")
    lon, lat, row = grid.points_of(table.geometry)
    by_lower = {column.lower(): column for column in table.columns}
    read = [k for k in ("name", "operator", "ref", "barrier", "highway", "lanes") if k in by_lower]
    keyed = []
    for x, y, k in zip(lon.tolist(), lat.tolist(), row.tolist(), strict=True):
        tags = {one: text for one in read if (text := as_text(table.columns[by_lower[one]][k]))}
        if "barrier" not in tags and "highway" not in tags:
            tags["barrier"] = "toll_booth"
        keyed.append((round(x, 7), round(y, 7), tuple(sorted(tags.items())), x, y))
    lost = len(table.geometry) - len(row)
    if lost:
        findings.append(Finding(
            "bad_booth_point", Severity.WARNING, lost,
            f"收费站图层 {name} 中有 {lost} 个点没有有效坐标，已略去，请补正。",
            f"{lost} points of the booth layer {name} have no valid place and are left out; correct them.",
        ))  # fmt: skip
    keyed.sort()
    return _Points(
        np.array([key[3] for key in keyed]), np.array([key[4] for key in keyed]), [dict(key[2]) for key in keyed]
    )


def _make_nodes(
    lines: Lines,
    joined: Joined,
    points: _Points,
    places: Sequence[tuple[float, float] | None],
    findings: list[Finding],
) -> Nodes:
    """Make nodes with the tags of the booths that lie on them."""
    vertex_at = {}
    if points.tags:
        cells = np.rint(np.column_stack((lines.lon, lines.lat)) * 1e8).astype(np.int64).tolist()
        vertex_at = {(x, y): k for k, (x, y) in reversed(list(enumerate(cells)))}
    tags: dict[int, dict[str, str]] = {}
    lost = []
    for k, place in enumerate(places):
        if place is None:
            lost.append((float(points.lon[k]), float(points.lat[k])))
            continue
        node = int(joined.node[vertex_at[round(place[0] * 1e8), round(place[1] * 1e8)]])
        tags[node] = {**points.tags[k], **tags.get(node, {})}
    if lost:
        findings.append(Finding(
            "booth_off_road", Severity.WARNING, len(lost),
            f"{len(lost)} 个收费站点 {BOOTH_REACH_M:g} 米内没有道路，未使用，请移到道路上。",
            f"{len(lost)} booth points have no road within {BOOTH_REACH_M:g} m and are not used; move them.",
            places=tuple(lost[:50]),
        ))  # fmt: skip
    ids = -np.arange(1, len(joined.lon) + 1, dtype=np.int64)
    return Nodes(ids, joined.lon, joined.lat, dict(sorted(tags.items())))


def _report_joins(joined: Joined, tees: int) -> list[Finding]:
    found = []
    if len(joined.gap_m):
        n, widest = len(joined.gap_m), float(joined.gap_m.max())
        at = joined.gap_node[np.argsort(-joined.gap_m, kind="stable")[:50]]
        found.append(Finding(
            "joined_gaps", Severity.NOTE, n,
            f"{n} 处道路端点或折点未严格重合（最大 {widest:.2f} 米），已自动连接，请抽查。",
            f"{n} ends or vertices did not quite coincide (up to {widest:.2f} m) and were joined; check some.",
            places=tuple(zip(joined.lon[at].tolist(), joined.lat[at].tolist(), strict=True)),
        ))  # fmt: skip
    if tees:
        found.append(Finding(
            "joined_tees", Severity.NOTE, tees,
            f"{tees} 处道路终止于另一条道路中间而该处没有折点，已补点连接。",
            f"{tees} lines end on another line where it has no vertex; a vertex was added and they were joined.",
        ))  # fmt: skip
    if joined.crowded:
        found.append(Finding(
            "crowded_vertices", Severity.WARNING, 1,
            "图层折点过密，只比较了每点最近的 8 个点，可能有道路未连接；请先抽稀。",
            "vertices lie so densely that only the nearest eight of each were compared; roads may be unjoined: thin "
            "the layer first.",
        ))  # fmt: skip
    return found


def _report_grid(grid: Grid, name: str) -> Finding:
    return Finding(
        "grid_lengths", Severity.NOTE, 1,
        f"{name}：里程按图层自身的平面坐标系 {grid.label} 计算，与本单位台账一致。",
        f"{name}: lengths are measured in the layer's own grid {grid.label}, as in the agency's books.",
    )  # fmt: skip
