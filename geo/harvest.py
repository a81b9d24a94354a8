"""What one pass over an OSM file collects, kept as flat arrays so that a province fits in memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import InputError
from geo.network import WAY_TAGS
from geo.outlines import Outline

MAX_POINTS = 20_000_000
"""Most road points we take in: a province; beyond it memory or time would pass what we promise."""

FREE_POINTS = 1_000_000
BYTES_A_POINT = 3
"""A map may have this many road points, and one more for each so many bytes of its file: real ones take six bytes and
more, whatever packs them, and a small file of millions of points is made to hurt."""

KEY_NODES: dict[str, tuple[str, ...]] = {
    "barrier": ("toll_booth", "gate", "lift_gate", "swing_gate", "sliding_gate", "border_control"),
    "highway": ("toll_gantry", "motorway_junction", "services", "rest_area", "milestone", "turning_circle"),
    "amenity": ("weighbridge",),
    "disused:barrier": ("toll_booth",),
    "removed:barrier": ("toll_booth",),
    "abandoned:barrier": ("toll_booth",),
    "was:barrier": ("toll_booth",),
}
"""Node tags that are kept: booths present and removed, gantries, junctions, barriers, milestones, weigh stations."""

AREA_TAGS: dict[str, tuple[str, ...]] = {
    "highway": ("services", "rest_area"),
    "building": ("toll_booth",),
    "barrier": ("toll_booth",),
    "boundary": ("administrative",),
    "disused:barrier": ("toll_booth",),
    "removed:barrier": ("toll_booth",),
}
"""Way and relation tags of outlines that are kept."""

WANTED_WAYS: dict[str, tuple[str, ...]] = {
    **AREA_TAGS,
    "highway": tuple(sorted({*CLASS_OF_HIGHWAY, *AREA_TAGS["highway"], "construction"})),
    "route": ("ferry",),
}
"""Way tags that are looked at: roads, outlines, ferries, roads under construction."""

RELATION_TAGS: dict[str, tuple[str, ...]] = {
    "boundary": ("administrative",),
    "highway": ("services", "rest_area"),
    "type": ("restriction",),
}
"""Relation tags that are kept: outlines and turn restrictions."""

_KEPT = frozenset(WAY_TAGS)
_NO_CAR = frozenset({"no", "agricultural", "forestry"})

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Members = Sequence[tuple[str, int, str]]
"""Members of a relation: kind (``n``, ``w``, ``r``), id, role."""


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
        self.id.append(ident)
        self.count.append(len(refs))
        self.refs.extend(refs)
        self.tags.append(self.share(tags))
        self.parts.append(places)

    def extend(self, ident: Ints, count: Ints, *, refs: Ints, tags: list[Mapping[str, str]]) -> None:
        """Add ways without their places: int64 ids, number of points, node ids one way after the other."""
        for column, values in ((self.id, ident), (self.count, count), (self.refs, refs)):
            column.frombytes(np.ascontiguousarray(values, dtype=np.int64).tobytes())
        self.tags += tags

    def share(self, tags: Mapping[str, str]) -> Mapping[str, str]:
        """Return the one object that stands for these tags."""
        return self.pool.setdefault(tuple(tags.items()), tags)

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
    relations: list[tuple[int, Mapping[str, str], list[int]]] = field(default_factory=list)
    restrictions: list[tuple[int, Mapping[str, str], Members]] = field(default_factory=list)
    construction: list[int] = field(default_factory=list)
    closed_to_cars: int = 0
    newest: str = ""

    def take_relation(self, ident: int, tags: Mapping[str, str], members: Members) -> None:
        """Keep a relation with a tag of ``RELATION_TAGS``: an outline, a turn restriction."""
        if tags.get("type") == "restriction":
            self.restrictions.append((ident, tags, members))
        if any(tags.get(key) in RELATION_TAGS[key] for key in ("boundary", "highway")):
            ways = [ref for kind, ref, role in members if kind == "w" and role != "inner"]
            self.relations.append((ident, tags, ways))


def judge_road(tags: Mapping[str, str], *, ring: bool) -> bool | None:
    """Return whether a way is a road for cars, ``None`` where it is a road that is closed to them.

    Parameters
    ----------
    tags
        Its tags.
    ring
        The way ends where it began, with three corners or more.
    """
    highway = tags.get("highway", "")
    if highway not in CLASS_OF_HIGHWAY and tags.get("route") != "ferry":
        return False
    is_outline = ring and tags.get("area") != "no" and highway in {"services", "rest_area"}
    if is_outline or tags.get("area") == "yes":
        return False
    if tags.get("motor_vehicle") in _NO_CAR or (tags.get("access") == "no" and "motor_vehicle" not in tags):
        return None
    return True


def keep_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of ``WAY_TAGS`` among these."""
    return {key: value for key, value in tags.items() if key in _KEPT}


def point_limit(file_bytes: int) -> int:
    """Return how many road points we take in from a file of that size."""
    return min(MAX_POINTS, FREE_POINTS + file_bytes // BYTES_A_POINT)


def check_points(points: int, most: int) -> None:
    """Raise ``InputError`` where there are more road points than ``most``."""
    if points > most:
        msg = (
            f"道路点超过 {most / 10**6:.1f} 百万个，超出这种大小的地图应有的数量，请先裁剪到本区范围或重新下载。"
            f" / more than {most / 10**6:.1f} million road points, too many for a map file of this size: cut the map to"
            " your district, or download it again."
        )
        raise InputError(msg)


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
    drawn = np.count_nonzero(np.diff(way)) + 1 if len(way) else 0
    return Runs(chosen[way], ptr, point[keep], len(chosen), len(chosen) - int(drawn))
