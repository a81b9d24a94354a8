"""Take a graph of osmnx apart into nodes and ways: pair directions, undo merged tags, chain edges of one way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.measure import measure_steps
from geo.network import WAY_TAGS, Nodes
from geo.segmenting import RawWays

if TYPE_CHECKING:
    import networkx as nx

_NODE_KEYS = ("barrier", "highway", "amenity", "disused:barrier", "removed:barrier", "abandoned:barrier", "was:barrier")
_YES_IF_ANY = frozenset({"toll", "bridge", "tunnel"})


@dataclass(frozen=True)
class GraphParts:
    """Nodes and ways of a graph, and what was doubtful about it."""

    nodes: Nodes
    raw: RawWays
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """An edge, or the two edges of a two-way road: from ``u`` to ``v`` in way direction.

    ``inner`` are the points between, lon/lat; ``length_m`` is nan where the graph has none; ``key`` orders.
    """

    u: int
    v: int
    way: int
    tags: tuple[tuple[str, str], ...]
    inner: tuple[tuple[float, float], ...]
    length_m: float
    key: tuple[Any, ...]


def ways_of_graph(graph: nx.MultiDiGraph[Any], *, name: str) -> GraphParts:
    """Return the nodes and ways of a graph; see ``geo.interop.from_osmnx``."""
    place = _read_places(graph, name)
    merged: list[tuple[int, int]] = []
    pieces = sorted(_read_pieces(graph, merged), key=lambda p: p.key)
    if not pieces:
        raise InputError(
            f"{name}：图中没有汽车可走的道路，请检查下载范围和道路类型。 / "
            f"{name}: the graph has no road for cars; check the area and the network type."
        )
    chains = list(_chain(pieces))
    return _assemble(graph, place, chains, merged=merged)


def _read_places(graph: nx.MultiDiGraph[Any], name: str) -> dict[int, tuple[float, float]]:
    """Return lon/lat of each node in WGS-84."""
    nodes, x, y = [], [], []
    for node, data in graph.nodes(data=True):
        if not isinstance(node, (int, np.integer)):
            raise InputError(
                f"{name}：节点编号 {node!r} 不是整数，请用 osmnx 重新生成。 / "
                f"{name}: node id {node!r} is no whole number; make the graph with osmnx."
            )
        try:
            lon, lat = float(data["x"]), float(data["y"])
        except (KeyError, TypeError, ValueError):
            lon = lat = math.nan
        nodes.append(int(node))
        x.append(lon)
        y.append(lat)
    lon_all, lat_all = _to_wgs84(graph, np.array(x), np.array(y), name)
    on_edge = {node for node in nodes if graph.degree(node)}
    bad = [n for n, ok in zip(nodes, (np.isfinite(lon_all) & np.isfinite(lat_all)).tolist(), strict=True) if not ok]
    lost = sorted(on_edge.intersection(bad))
    if lost:
        raise InputError(
            f"{name}：{len(lost)} 个节点没有有效坐标（如 {lost[0]}），请检查地图文件。 / "
            f"{name}: {len(lost)} nodes have no valid coordinates (such as {lost[0]}); check the map file."
        )
    return dict(zip(nodes, zip(lon_all.tolist(), lat_all.tolist(), strict=True), strict=True))


def _to_wgs84(graph: nx.MultiDiGraph[Any], x: Any, y: Any, name: str) -> tuple[Any, Any]:
    from geo.grids import find_grid

    crs = graph.graph.get("crs", "EPSG:4326")
    grid = find_grid(str(crs), None, name=name)
    if grid.label == "EPSG:4326":
        wrong = (np.abs(x) > 180) | (np.abs(y) > 90)  # noqa: PLR2004 - degrees
        return np.where(wrong, math.nan, x), np.where(wrong, math.nan, y)
    return grid.to_wgs84(x, y)


def _read_pieces(graph: nx.MultiDiGraph[Any], merged: list[tuple[int, int]]) -> Iterator[_Piece]:
    """Yield one piece a road: edges that run both ways between the same nodes are paired."""
    twins: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for u, v, key, data in graph.edges(keys=True, data=True):
        osmids = tuple(sorted(int(i) for i in _as_list(data.get("osmid", 0))))
        length = _read_length(data)
        same = (min(u, v), max(u, v), osmids, -1.0 if math.isnan(length) else round(length, 3))
        twins[same].append((data.get("reversed") is True, u > v, u, v, key, osmids, length, data))
    for same in sorted(twins):
        edges = sorted(twins[same], key=lambda e: (e[0], e[1], str(e[4])))
        both = len({edge[1] for edge in edges}) > 1 or (same[0] == same[1] and len(edges) > 1)
        for edge in edges[: (len(edges) + 1) // 2] if both else edges:
            piece = _make_piece(graph, edge, both=both, merged=merged)
            if piece is not None:
                yield piece


def _make_piece(
    graph: nx.MultiDiGraph[Any], edge: tuple[Any, ...], *, both: bool, merged: list[tuple[int, int]]
) -> _Piece | None:
    is_reversed, _, u, v, key, osmids, length, data = edge
    tags = {tag: _flatten(tag, data[tag]) for tag in WAY_TAGS if tag != "oneway" and tag in data}
    if tags.get("highway") not in CLASS_OF_HIGHWAY and tags.get("route") != "ferry":
        return None
    if any(isinstance(data.get(tag), list) for tag in ("highway", "name", "ref", "lanes", "maxspeed")):
        merged.append((u, v))
    inner = _inner_points(graph, data)
    direction = data.get("direction") if isinstance(data.get("direction"), int) else None
    against = not both and is_reversed
    if against:
        u, v, inner = v, u, inner[::-1]
    if both:
        # osmnx reads an untagged motorway as two-way; without a word on it the reader's own rule decides.
        tags["oneway"] = "no" if direction == 0 else ""
    else:
        tags["oneway"] = "-1" if against else "yes"
    kept = tuple(sorted((tag, text) for tag, text in tags.items() if text))
    return _Piece(int(u), int(v), osmids[0], kept, inner, length, (osmids, kept, int(u), int(v), str(key)))


def _inner_points(graph: nx.MultiDiGraph[Any], data: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    line = data.get("geometry")
    if line is None:
        return ()
    points = np.asarray(line.coords)[1:-1, :2]
    if len(points) == 0:
        return ()
    lon, lat = _to_wgs84(graph, points[:, 0], points[:, 1], "geometry")
    good = np.isfinite(lon) & np.isfinite(lat)
    return tuple(zip(lon[good].tolist(), lat[good].tolist(), strict=True))


def _read_length(data: Mapping[str, Any]) -> float:
    try:
        length = float(data["length"])
    except (KeyError, TypeError, ValueError):
        return math.nan
    return length if math.isfinite(length) and length >= 0 else math.nan


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def _flatten(tag: str, value: Any) -> str:
    """Return one text for a tag that simplification may have merged into a list."""
    texts = sorted({str(v) for v in _as_list(value) if v is not None and v == v})  # noqa: PLR0124 - nan
    if len(texts) <= 1:
        return texts[0] if texts else ""
    if tag == "highway":
        return min(texts, key=lambda t: (CLASS_OF_HIGHWAY.get(t, 99), t))
    if tag == "maxspeed":
        return min(texts, key=lambda t: (float(t) if t.isdecimal() else math.inf, t))
    if tag in _YES_IF_ANY:
        return next((t for t in texts if t != "no"), "no")
    return ";".join(texts)


def _chain(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Yield runs of pieces of one way, with the same tags, that follow each other."""
    degree: dict[int, int] = defaultdict(int)
    for piece in pieces:
        degree[piece.u] += 1
        degree[piece.v] += 1
    groups: dict[tuple[Any, ...], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        groups[piece.key[0], piece.tags].append(piece)
    for group in groups.values():
        out: dict[int, list[_Piece]] = defaultdict(list)
        into: dict[int, int] = defaultdict(int)
        own: dict[int, int] = defaultdict(int)
        for piece in reversed(group):
            out[piece.u].append(piece)
            into[piece.v] += 1
            own[piece.u] += 1
            own[piece.v] += 1
        # A ring starts where it meets other roads, so that it is cut there and nowhere else.
        starts = [p.u for p in group if not into[p.u]] + sorted(
            (p.u for p in group if into[p.u]), key=lambda n: (degree[n] == own[n], n)
        )
        for start in starts:
            while out[start]:
                run, at = [], start
                while out[at]:
                    run.append(out[at].pop())
                    at = run[-1].v
                yield run


def _assemble(
    graph: nx.MultiDiGraph[Any],
    place: dict[int, tuple[float, float]],
    chains: Sequence[list[_Piece]],
    *,
    merged: Sequence[tuple[int, int]],
) -> GraphParts:
    """Lay nodes and ways out in columns; points that had no id get negative ones."""
    fresh = min([0, *place])
    ids: list[int] = []
    ptr, way, tags, step = [0], [], [], []
    unmeasured = 0
    for run in sorted(chains, key=lambda r: (r[0].way, r[0].key)):
        line = [run[0].u]
        for piece in run:
            points = [place[piece.u], *piece.inner, place[piece.v]]
            for point in piece.inner:
                fresh -= 1
                place[fresh] = point
                line.append(fresh)
            line.append(piece.v)
            unmeasured += math.isnan(piece.length_m)
            step += _share(points, piece.length_m)
        step.append(0.0)
        ids += line
        ptr.append(len(ids))
        way.append(run[0].way)
        tags.append(dict(run[0].tags))
    node_id, refs = np.unique(np.array(ids, dtype=np.int64), return_inverse=True)
    lonlat = np.array([place[i] for i in node_id.tolist()])
    key_tags = {row: t for row, i in enumerate(node_id.tolist()) if i in graph and (t := _node_tags(graph.nodes[i]))}
    nodes = Nodes(node_id, lonlat[:, 0].copy(), lonlat[:, 1].copy(), key_tags)
    raw = RawWays(
        np.array(way, dtype=np.int64), np.array(ptr, dtype=np.int32), refs.astype(np.int32), tags, np.array(step)
    )
    return GraphParts(nodes, raw, tuple(_report(nodes, place, merged, unmeasured)))


def _share(points: Sequence[tuple[float, float]], length_m: float) -> list[float]:
    """Share the length of a piece over its steps as they lie on the map, in whole millimetres that add up."""
    lon, lat = np.array(points).T
    step = measure_steps(lon, lat)
    if math.isnan(length_m):
        return [float(s) for s in step]
    along = np.cumsum(step)
    share = along / along[-1] if along[-1] > 0 else np.linspace(0, 1, len(step) + 1)[1:]
    return [float(s) for s in np.diff(np.rint(share * length_m * 1000), prepend=0.0) / 1000]


def _node_tags(data: Mapping[str, Any]) -> dict[str, str]:
    tags = {str(k): str(v) for k, v in data.items() if k not in {"x", "y", "street_count"} and isinstance(v, str) and v}
    return tags if any(key in tags for key in _NODE_KEYS) else {}


def _report(
    nodes: Nodes, place: Mapping[int, tuple[float, float]], merged: Sequence[tuple[int, int]], unmeasured: int
) -> Iterator[Finding]:
    if merged:
        yield Finding(
            "merged_tags", Severity.NOTE, len(merged),
            f"{len(merged)} 条边由简化合并而成，含多个取值；等级取最高、限速取最低，需要精确时请用未简化的图。",
            f"{len(merged)} edges were merged by simplification and carry several values; the highest class and the "
            "lowest limit are used: give the graph without simplification where it matters.",
            places=tuple(place[u] for u, _ in merged[:50]),
        )  # fmt: skip
    if unmeasured:
        yield Finding(
            "missing_length", Severity.WARNING, unmeasured,
            f"{unmeasured} 条边没有有效长度，已按坐标重新量算。",
            f"{unmeasured} edges have no valid length; they were measured again from their coordinates.",
        )  # fmt: skip
    if not any(tags.get("barrier") == "toll_booth" for tags in nodes.tags.values()):
        yield Finding(
            "no_booth_tags", Severity.NOTE, 1,
            "图中没有任何收费亭；若当地有收费站，请先把 barrier 加入 osmnx 的 useful_tags_node 再下载。",
            "the graph has no toll booth; where there are stations, add barrier to osmnx's useful_tags_node and "
            "download again.",
        )  # fmt: skip
