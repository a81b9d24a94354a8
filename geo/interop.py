"""The border with geopandas, networkx and osmnx: made from the columns only when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.drivers import guard_gdal
from geo.graphways import ways_of_graph
from geo.measure import measure_steps
from geo.network import WAY_TAGS, Network, Source
from geo.segmenting import build_network
from geo.speeds import SpeedTable, read_speeds

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

SEGMENT_COLUMNS: dict[str, tuple[str, str, str]] = {
    "segment": ("str", "", "stable id, w<way>/<from node>-<to node>"),
    "way": ("int64", "", "OSM way id"),
    "u": ("int64", "", "id of the first node in way direction"),
    "v": ("int64", "", "id of the last node in way direction"),
    "length_m": ("float64", "m", "length, whole millimetres"),
    "road_class": ("str", "", "geo.classes.RoadClass in lower case"),
    "direction": ("int8", "", "1 one-way from u to v, -1 one-way from v to u, 0 both ways"),
    **{tag: ("str", "", f"OSM tag {tag} of the way, empty where it has none") for tag in WAY_TAGS},
    "geometry": ("geometry", "degree", "LineString from u to v, EPSG:4326"),
}
"""Columns of ``to_geodataframe``: dtype, unit, meaning."""

OSMNX_WAY_TAGS: tuple[str, ...] = (*WAY_TAGS, "area", "width", "est_width")
"""What to put into ``osmnx.settings.useful_tags_way`` before a graph is made for ``from_osmnx``."""
OSMNX_NODE_TAGS: tuple[str, ...] = (
    "barrier", "highway", "amenity", "junction", "railway", "name", "ref", "operator", "distance", "lanes",
    "disused:barrier", "removed:barrier", "abandoned:barrier", "was:barrier",
)  # fmt: skip
"""The same for ``useful_tags_node``; osmnx forgets toll booths without ``barrier``."""


def to_geodataframe(network: Network) -> gpd.GeoDataFrame:
    """Return the segments as a GeoDataFrame, one row a segment, in the order of the network.

    Returns
    -------
    GeoDataFrame
        Columns as in ``SEGMENT_COLUMNS``; EPSG:4326; index 0 … n - 1, the segment rows.
    """
    guard_gdal()
    import geopandas as gpd
    import shapely

    seg = network.segments
    ptr, rows = network.line_rows()
    points = np.column_stack((network.nodes.lon[rows], network.nodes.lat[rows]))
    columns: dict[str, Any] = {
        "segment": list(network.segment_ids),
        "way": network.ways.id[seg.way],
        "u": network.nodes.id[seg.u],
        "v": network.nodes.id[seg.v],
        "length_m": seg.length_m,
        "road_class": [RoadClass(code).name.lower() for code in network.segment_class.tolist()],
        "direction": network.ways.direction[seg.way],
        **{tag: network.ways.text[tag].take(seg.way).tolist() for tag in WAY_TAGS},
    }
    lines = shapely.linestrings(points, indices=np.repeat(np.arange(len(seg)), np.diff(ptr)))
    return gpd.GeoDataFrame(columns, geometry=lines, crs=4326)


def to_networkx(network: Network, *, speeds: SpeedTable | None = None) -> nx.MultiDiGraph[int]:
    """Return the driving graph: one edge for each allowed direction of each segment.

    Parameters
    ----------
    network
        The network.
    speeds
        Speeds of the segments; read off the network when None.

    Returns
    -------
    MultiDiGraph
        Nodes are OSM ids with ``lon``, ``lat`` (WGS-84) and their tags; edge keys are segment ids; edges carry
        ``length`` (m), ``time`` (s, free flow, no turn rules), ``highway``, ``name``, ``ref`` and ``way``.
    """
    import networkx as nx

    seg, node = network.segments, network.nodes
    kmh = (read_speeds(network) if speeds is None else speeds).kmh
    time_s = seg.length_m / (kmh / 3.6)
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4326")
    for row in np.unique(np.concatenate((seg.u, seg.v))).tolist():
        tags = {key: value for key, value in node.tags.get(row, {}).items() if key not in {"lon", "lat"}}
        place: dict[str, Any] = {"lon": float(node.lon[row]), "lat": float(node.lat[row])}
        graph.add_node(int(node.id[row]), **(tags | place))
    u, v, way = node.id[seg.u].tolist(), node.id[seg.v].tolist(), network.ways.id[seg.way].tolist()
    names = {tag: network.ways.text[tag].take(seg.way).tolist() for tag in ("highway", "name", "ref")}
    forward, backward = network.forward.tolist(), network.backward.tolist()
    for k, segment in enumerate(network.segment_ids):
        about: dict[str, Any] = {tag: texts[k] for tag, texts in names.items()}
        about |= {"length": float(seg.length_m[k]), "time": float(time_s[k]), "way": way[k]}
        if forward[k]:
            graph.add_edge(u[k], v[k], key=segment, **about)
        if backward[k]:
            graph.add_edge(v[k], u[k], key=segment, **about)
    return graph


def to_osmnx(network: Network) -> nx.MultiDiGraph[int]:
    """Return the graph that osmnx would have made without simplification: one straight edge between map points.

    Good for ``osmnx.simplify_graph``, ``osmnx.plot_graph``, ``osmnx.nearest_nodes`` and ``from_osmnx``.

    Returns
    -------
    MultiDiGraph
        Graph ``crs`` EPSG:4326; nodes with ``x``, ``y``, ``street_count`` and tags; edges with ``osmid``, ``length``
        (m; the edges of a segment add up to its whole millimetres), ``oneway``, ``reversed``, ``direction`` (1, -1
        or 0: how the way may be driven) and the tags of the way that it has.
    """
    import networkx as nx

    node, ways = network.nodes, network.ways
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326", created_with="Roadseam")
    streets = _count_streets(network)
    for row in np.unique(ways.refs).tolist():
        tags: dict[str, Any] = {k: v for k, v in node.tags.get(row, {}).items() if k not in {"x", "y", "street_count"}}
        place = {"x": float(node.lon[row]), "y": float(node.lat[row]), "street_count": int(streets[row])}
        graph.add_node(int(node.id[row]), **(tags | place))
    ids = node.id[ways.refs].tolist()
    step_m = _steps_of(network)
    about = [
        {"osmid": int(ways.id[way])}
        | {tag: text for tag in WAY_TAGS if tag != "oneway" and (text := ways.text[tag][way])}
        for way in range(len(ways))
    ]
    seg = network.segments
    for way, start, end in zip(seg.way.tolist(), seg.start.tolist(), seg.end.tolist(), strict=True):
        direction = int(ways.direction[way])
        common = about[way] | {"oneway": direction != 0, "direction": direction}
        for k in range(start, end):
            edge = common | {"length": float(step_m[k])}
            if direction >= 0:
                graph.add_edge(ids[k], ids[k + 1], reversed=False, **edge)
            if direction <= 0:
                graph.add_edge(ids[k + 1], ids[k], reversed=True, **edge)
    return graph


def _count_streets(network: Network) -> npt.NDArray[np.int64]:
    """Return how many pieces of road meet at each node, as osmnx counts them."""
    refs, ptr = network.ways.refs, network.ways.ptr
    inside = np.ones(len(refs), dtype=bool)
    inside[ptr[1:] - 1] = False
    ends = np.concatenate((refs[inside], refs[np.flatnonzero(inside) + 1]))
    return np.bincount(ends, minlength=len(network.nodes))


def _steps_of(network: Network) -> npt.NDArray[np.float64]:
    """Return the metres of each step of ``Ways.refs``; those of a segment add up to its millimetres exactly."""
    refs, seg = network.ways.refs, network.segments
    step = np.append(measure_steps(network.nodes.lon[refs], network.nodes.lat[refs]), 0.0)
    out = np.zeros(len(refs))
    for start, end, whole in zip(seg.start.tolist(), seg.end.tolist(), seg.length_mm.tolist(), strict=True):
        along = np.cumsum(step[start:end])
        share = along / along[-1] if along[-1] > 0 else np.linspace(0, 1, end - start + 1)[1:]
        out[start:end] = np.diff(np.rint(share * whole), prepend=0.0) / 1000
    return out


def from_osmnx(graph: nx.MultiDiGraph[Any], *, name: str = "osmnx") -> Network:
    """Make a network (without stations) of a graph of osmnx, simplified or not.

    Parameters
    ----------
    graph
        With ``x`` and ``y`` on nodes and ``osmid`` on edges; ``length`` (m) and ``geometry`` are used where there
        are any; any ``crs``. Toll booths are found only if ``osmnx.settings.useful_tags_node`` held ``barrier``
        when it was made (``OSMNX_NODE_TAGS``).
    name
        Name to record as the source.

    Returns
    -------
    Network
        Edges of one OSM way that follow each other are one way again; the two directions of a road are one
        segment. Findings tell of lists of tags merged by simplification, lengths that were none, and booths lost.

    Raises
    ------
    InputError
        The graph has no edge a car may use, or nodes without coordinates.
    """
    import hashlib

    parts = ways_of_graph(graph, name=name)
    digest = hashlib.sha256()
    for column in (parts.nodes.id, parts.nodes.lon, parts.nodes.lat, parts.raw.id, parts.raw.ptr, parts.raw.refs):
        digest.update(np.ascontiguousarray(column).tobytes())
    digest.update(repr([sorted(tags.items()) for tags in parts.raw.tags]).encode())
    return build_network(Source(name, digest.hexdigest(), "osmnx"), parts.nodes, parts.raw, findings=parts.findings)
