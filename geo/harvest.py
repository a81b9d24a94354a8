"""What one pass over an OSM file collects, kept as flat arrays so that a province fits in memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import osmium
from osmium import osm

from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import InputError
from geo.network import WAY_TAGS
from geo.outlines import Outline, kind_of_area

MAX_POINTS = 20_000_000
"""Most road points we take in: a province; beyond it memory or time would pass what we promise."""

_KEPT = frozenset(WAY_TAGS)
_NO_CAR = frozenset({"no", "agricultural", "forestry"})
_UNKNOWN = 2**31 - 1
_WKB_HEAD = 9

Floats = npt.NDArray[np.float64]


@dataclass
class Ways:
    """Ways in the order of the file; places are lon/lat in degrees, nan where a node is not known (yet)."""

    id: array[int] = field(default_factory=lambda: array("q"))
    count: array[int] = field(default_factory=lambda: array("q"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    tags: list[Mapping[str, str]] = field(default_factory=list)
    parts: list[Floats] = field(default_factory=list)
    pool: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = field(default_factory=dict)

    def add(self, ident: int, tags: Mapping[str, str], *, refs: list[int], places: Floats) -> None:
        """Add a way; equal sets of tags are stored once."""
        key = tuple(tags.items())
        self.id.append(ident)
        self.count.append(len(refs))
        self.refs.extend(refs)
        self.tags.append(self.pool.setdefault(key, tags))
        self.parts.append(places)

    def ref_array(self) -> npt.NDArray[np.int64]:
        """Return the node ids of all points, int64."""
        return np.array(self.refs, dtype=np.int64)

    def place_array(self) -> Floats:
        """Return the places of all points, float64 (points, 2)."""
        return np.concatenate(self.parts) if self.parts else np.zeros((0, 2))


@dataclass
class Harvest:
    """Everything that is kept of a file."""

    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    node_place: dict[int, tuple[float, float]] = field(default_factory=dict)
    roads: Ways = field(default_factory=Ways)
    outlines: Ways = field(default_factory=Ways)
    relations: list[tuple[int, dict[str, str], list[int]]] = field(default_factory=list)
    construction: list[int] = field(default_factory=list)
    closed_to_cars: int = 0
    newest: str = ""
    _factory: osmium.geom.WKBFactory = field(default_factory=osmium.geom.WKBFactory)
    _latest: float = 0.0

    def take_node(self, node: osm.Node) -> None:
        """Keep a node with a key tag."""
        self.node_tags[node.id] = dict(node.tags)
        if node.location.valid():
            self.node_place[node.id] = (node.location.lon, node.location.lat)

    def take_way(self, way: osm.Way) -> None:
        """Keep a way that is a road for cars, an outline, or a road under construction.

        Raises
        ------
        InputError
            The file has more road points than we can take in.
        """
        tags = dict(way.tags)
        self._date(way)
        kind = kind_of_area(tags)
        if tags.get("highway") == "construction":
            self.construction.append(way.id)
        is_road = self._is_road(tags, ring=way.is_closed() and len(way.nodes) > 3)  # noqa: PLR2004 - three corners
        if not (kind or is_road):
            return
        refs = [node.ref for node in way.nodes]
        places = self._places(way, len(refs))
        if kind:
            self.outlines.add(way.id, tags, refs=refs, places=places)
        if is_road:
            kept = {k: v for k, v in tags.items() if k in _KEPT}
            self.roads.add(way.id, kept, refs=refs, places=places)
            if len(self.roads.refs) > MAX_POINTS:
                msg = (
                    f"道路点超过 {MAX_POINTS // 10**6} 百万个，请先裁剪到本区范围。"
                    f" / more than {MAX_POINTS // 10**6} million road points: cut the map to your district first."
                )
                raise InputError(msg)

    def _is_road(self, tags: Mapping[str, str], *, ring: bool) -> bool:
        highway = tags.get("highway", "")
        if highway not in CLASS_OF_HIGHWAY and tags.get("route") != "ferry":
            return False
        is_outline = ring and tags.get("area") != "no" and highway in {"services", "rest_area"}
        if is_outline or tags.get("area") == "yes":
            return False
        if tags.get("motor_vehicle") in _NO_CAR or (tags.get("access") == "no" and "motor_vehicle" not in tags):
            self.closed_to_cars += 1
            return False
        return True

    def _date(self, way: osm.Way) -> None:
        stamp = way.timestamp
        seconds = stamp.timestamp()
        if seconds > self._latest:
            self._latest = seconds
            self.newest = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _places(self, way: osm.Way, count: int) -> Floats:
        """Return the places of a way's points, float64 (count, 2); WKB is the quick way out of C++."""
        if count > 1:
            try:
                text = self._factory.create_linestring(way, osmium.geom.use_nodes.ALL)
            except (RuntimeError, osmium.InvalidLocationError):
                pass
            else:
                flat = np.frombuffer(bytes.fromhex(text), dtype="<f8", offset=_WKB_HEAD)
                return flat.reshape(-1, 2)
        pairs = [(node.x, node.y) if node.x != _UNKNOWN else (np.nan, np.nan) for node in way.nodes]
        return np.array(pairs, dtype=np.float64).reshape(-1, 2) * 1e-7


def fill_places(ways: Ways, found: Mapping[int, tuple[float, float]]) -> None:
    """Put places that were found later into ways that lack them."""
    start = 0
    for k, (count, places) in enumerate(zip(ways.count, ways.parts, strict=True)):
        rows = np.flatnonzero(np.isnan(places[:, 0]))
        if len(rows):
            whole = places.copy()
            for row in rows.tolist():
                whole[row] = found.get(ways.refs[start + row], (np.nan, np.nan))
            ways.parts[k] = whole
        start += count


def unplaced(ways: Ways) -> set[int]:
    """Return the ids of nodes whose place is not known."""
    if not any(np.isnan(part).any() for part in ways.parts):
        return set()
    return set(ways.ref_array()[np.isnan(ways.place_array()[:, 0])].tolist())


def whole_outlines(ways: Ways) -> Iterable[Outline]:
    """Yield the outlines; one that lacks a node cannot be drawn, so that its relation does not close either."""
    start = 0
    for ident, count, tags, places in zip(ways.id, ways.count, ways.tags, ways.parts, strict=True):
        refs = tuple(ways.refs[start : start + count])
        start += count
        if not np.isnan(places).any():
            yield Outline(ident, tags, refs, places)


@dataclass(frozen=True)
class Runs:
    """Ways cut at missing nodes, sorted by way id; the last of ways that share an id counts.

    Attributes
    ----------
    way
        int64 (runs,), position in the harvest.
    ptr
        int64 (runs + 1,), points of run ``i`` are ``point[ptr[i]:ptr[i + 1]]``.
    point
        int64, positions in the harvest's points; no node twice in a row.
    ways, short
        How many ways there are, and how many of them have no run of two points.
    """

    way: npt.NDArray[np.int64]
    ptr: npt.NDArray[np.int64]
    point: npt.NDArray[np.int64]
    ways: int
    short: int


def find_runs(ways: Ways) -> Runs:
    """Cut ways at missing nodes and drop points that repeat the one before."""
    ident, count = np.array(ways.id, dtype=np.int64), np.array(ways.count, dtype=np.int64)
    first = np.cumsum(count) - count
    order = np.argsort(ident, kind="stable")
    last = np.append(ident[order][1:] != ident[order][:-1], True)[: len(order)]
    chosen = order[last]
    size = count[chosen]
    number = np.repeat(np.arange(len(chosen)), size)
    point = np.repeat(first[chosen] - (np.cumsum(size) - size), size) + np.arange(int(size.sum()))
    refs = ways.ref_array()[point]
    known = ~np.isnan(ways.place_array()[point, 0])
    follows = np.concatenate(([False], number[1:] == number[:-1]))[: len(point)]
    after_known = follows & np.concatenate(([False], known[:-1]))[: len(point)]
    repeats = after_known & np.concatenate(([False], refs[1:] == refs[:-1]))[: len(point)]
    run = np.cumsum(~after_known)
    keep = known & ~repeats
    length = np.bincount(run[keep], minlength=int(run.max()) + 1 if len(run) else 1)
    keep &= length[run] > 1
    starts = np.flatnonzero(np.diff(run[keep], prepend=-1))
    ptr = np.append(starts, int(keep.sum()))
    way = number[keep][starts]
    return Runs(chosen[way], ptr, point[keep], len(chosen), len(chosen) - len(np.unique(way)))
