"""The road network in memory: columns for nodes, ways and segments.

Everything is a numpy array of one row per thing; rows point at rows. GeoDataFrames and networkx graphs are made
from these columns at the border (``geo.interop``) and only when asked for. Coordinates are WGS-84 degrees
(EPSG:4326), lengths are whole millimetres on the ellipsoid, so that every total is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.findings import Finding

if TYPE_CHECKING:
    from geo.restrictions import Restrictions
    from geo.stations import Station

WAY_TAGS: tuple[str, ...] = (
    "highway",
    "name",
    "ref",
    "oneway",
    "maxspeed",
    "lanes",
    "toll",
    "operator",
    "bridge",
    "tunnel",
    "layer",
    "service",
    "access",
    "motor_vehicle",
    "junction",
    "route",
    "destination",
    "network",
    "barrier",
)
"""OSM way tags kept as columns of ``Ways.text``."""


@dataclass(frozen=True)
class Nodes:
    """Points of the network, shape (nodes,) each; only nodes on kept ways or with a key tag.

    Attributes
    ----------
    id
        int64, OSM node id (own negative ids for agency layers).
    lon, lat
        float64, WGS-84 degrees.
    tags
        Row to tags, for nodes with a key tag only (booths, gantries, junctions, milestones, barriers, …).
    """

    id: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    tags: Mapping[int, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.id)

    def rows_with(self, key: str, value: str) -> npt.NDArray[np.int32]:
        """Return the rows, ascending, of the nodes that carry ``key=value``."""
        return np.array(sorted(row for row, tags in self.tags.items() if tags.get(key) == value), dtype=np.int32)


@dataclass(frozen=True)
class Ways:
    """OSM ways a car may use, shape (ways,) each.

    Attributes
    ----------
    id
        int64, OSM way id.
    ptr, refs
        int32; the node rows of way ``i`` are ``refs[ptr[i]:ptr[i + 1]]``.
    text
        Tag name to text column, for every name in ``WAY_TAGS``.
    road_class
        uint8, ``geo.classes.RoadClass``.
    direction
        int8: 1 one-way along the way, -1 one-way against it, 0 both ways.
    """

    id: npt.NDArray[np.int64]
    ptr: npt.NDArray[np.int32]
    refs: npt.NDArray[np.int32]
    text: Mapping[str, TextColumn]
    road_class: npt.NDArray[np.uint8]
    direction: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Segments:
    """Pieces of one way between two junctions, booths or way ends, shape (segments,) each.

    Attributes
    ----------
    way
        int32, row of the way.
    u, v
        int32, node rows of the first and last point in way direction.
    start, end
        int32, positions in ``Ways.refs``: the points are ``refs[start:end + 1]``.
    length_mm
        int64, geodesic length in whole millimetres (the sum of all is the network, exactly).
    repeat
        int16, 0, or the how-manieth piece of the same way between the same two nodes this is.
    """

    way: npt.NDArray[np.int32]
    u: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    length_mm: npt.NDArray[np.int64]
    repeat: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.way)

    @property
    def length_m(self) -> npt.NDArray[np.float64]:
        """Length of each segment in metres, float64."""
        return self.length_mm / 1000.0


@dataclass(frozen=True, slots=True)
class Area:
    """A closed outline of the map.

    Attributes
    ----------
    id
        ``w<way>`` or ``r<relation>``.
    kind
        ``services``, ``rest_area``, ``toll_booth`` or ``admin``.
    name
        Its name, or ``""``.
    rings
        Outer rings, each float64 of shape (points, 2), lon/lat in WGS-84 degrees, closed.
    tags
        Its tags.
    """

    id: str
    kind: str
    name: str
    rings: tuple[npt.NDArray[np.float64], ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a network came from: ``name`` without folder, SHA-256, format, newest edit (``""`` if unknown)."""

    name: str
    sha256: str
    format: str
    newest_edit: str = ""


@dataclass(frozen=True)
class Network:
    """A road network with its stations and findings; never changed after it is built."""

    source: Source
    nodes: Nodes
    ways: Ways
    segments: Segments
    areas: tuple[Area, ...] = ()
    stations: tuple[Station, ...] = ()
    findings: tuple[Finding, ...] = ()
    restrictions: Restrictions | None = None

    @property
    def length_mm(self) -> int:
        """Length of the whole network in millimetres: the sum over all segments."""
        return int(self.segments.length_mm.sum())

    @cached_property
    def segment_class(self) -> npt.NDArray[np.uint8]:
        """Road class of each segment, uint8."""
        return self.ways.road_class[self.segments.way]

    @cached_property
    def forward(self) -> npt.NDArray[np.bool_]:
        """Whether a car may drive each segment from ``u`` to ``v``."""
        return self.ways.direction[self.segments.way] >= 0

    @cached_property
    def backward(self) -> npt.NDArray[np.bool_]:
        """Whether a car may drive each segment from ``v`` to ``u``."""
        return self.ways.direction[self.segments.way] <= 0

    @cached_property
    def segment_ids(self) -> tuple[str, ...]:
        """Stable id of each segment: ``w<way>/<from node>-<to node>``, ``#n`` appended to repeats."""
        seg, node = self.segments, self.nodes.id
        columns = (self.ways.id[seg.way], node[seg.u], node[seg.v], seg.repeat)
        rows = zip(*(c.tolist() for c in columns), strict=True)
        return tuple(f"w{w}/{a}-{b}#{k}" if k else f"w{w}/{a}-{b}" for w, a, b, k in rows)

    @cached_property
    def row_of_segment(self) -> Mapping[str, int]:
        """Segment id to row."""
        return {text: row for row, text in enumerate(self.segment_ids)}

    def booth_mask(self) -> npt.NDArray[np.bool_]:
        """Return bool (nodes,): the node is a booth of a toll station that is ours (no campus gate)."""
        mask = np.zeros(len(self.nodes), dtype=bool)
        for station in self.stations:
            if station.kind != "gate":
                mask[list(station.booths)] = True
        return mask

    def text(self, tag: str, segment: int) -> str:
        """Return the text of a way tag for one segment, ``""`` where the way lacks it."""
        return self.ways.text[tag][int(self.segments.way[segment])]

    def points(self, segment: int) -> npt.NDArray[np.float64]:
        """Return the line of one segment in way direction, float64 (points, 2), lon/lat WGS-84 degrees."""
        rows = self.ways.refs[self.segments.start[segment] : self.segments.end[segment] + 1]
        return np.column_stack((self.nodes.lon[rows], self.nodes.lat[rows]))

    def line_rows(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return all lines at once.

        Returns
        -------
        ptr
            int32 (segments + 1,).
        rows
            int32, node rows; the line of segment ``i`` is ``rows[ptr[i]:ptr[i + 1]]``.
        """
        count = self.segments.end - self.segments.start + 1
        ptr = np.concatenate(([0], np.cumsum(count, dtype=np.int64))).astype(np.int32)
        offset = np.arange(ptr[-1], dtype=np.int64) - np.repeat(ptr[:-1], count)
        return ptr, self.ways.refs[np.repeat(self.segments.start, count) + offset]

    def with_stations(self, stations: tuple[Station, ...], findings: tuple[Finding, ...]) -> Network:
        """Return the same network with stations and findings attached."""
        return replace(self, stations=stations, findings=findings)
