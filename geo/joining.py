"""Join lines that meet: ends and vertices within half a metre become one node, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOLERANCE_M = 0.5
"""Lines that meet within this distance, in metres, are joined."""

_GRID = 1e8
_NO_LEVEL, _MANY_LEVELS = -(10**6), 10**6
_MAX_PAIRS = 20_000_000
_FEW = 9
_SHORTEST_RING_M = 4 * TOLERANCE_M
_SEMI_MAJOR_M, _E2 = 6_378_137.0, 0.006_694_379_990_141_317


@dataclass(frozen=True)
class Joined:
    """Vertices put on nodes.

    Attributes
    ----------
    node
        int64 (vertices,), node of each vertex.
    lon, lat
        float64 (nodes,), WGS-84 degrees, ascending by (lon, lat).
    gap_m
        float64 (gaps,), metres bridged by each join of two places that were not the same.
    gap_node
        int64 (gaps,), the node of each such join.
    crowded
        Whether vertices lie so densely that only the nearest eight of each were looked at.
    """

    node: Ints
    lon: Floats
    lat: Floats
    gap_m: Floats
    gap_node: Ints
    crowded: bool


@dataclass(frozen=True)
class _Places:
    """Distinct places in ascending order: cell (places, 2) of the fine grid, level, and the vertices' places."""

    cell: Ints
    level: Ints
    of_vertex: Ints

    def __len__(self) -> int:
        return len(self.cell)


def join_vertices(
    lon: Floats, lat: Floats, *, line: Ints, is_end: npt.NDArray[np.bool_], level: Ints, line_m: Floats
) -> Joined:
    """Put vertices on nodes.

    Parameters
    ----------
    lon, lat
        float64 (vertices,), WGS-84 degrees.
    line
        int64 (vertices,), line of each vertex, ascending.
    is_end
        bool (vertices,), first or last vertex of its line.
    level
        int64 (lines,), level of each line: inner vertices of lines on different levels (a bridge over a road) are
        never joined.
    line_m
        float64 (lines,), length of each line in metres.

    Notes
    -----
    Places are joined nearest pair first, ties by place; a join that would put two vertices of one line on one
    node is left out (but for the ends of a ring), so that short lines and dense curves keep their shape.
    """
    places = _find_places(lon, lat, line=line, is_end=is_end, level=level)
    pairs, gap, crowded = _near_pairs(places)
    parent, joins = _join_pairs(places, pairs, line=line, is_end=is_end, line_m=line_m)
    root = np.array([_root(parent, i) for i in range(len(places))], dtype=np.int64) if len(joins) else parent
    leader, node_of_place = np.unique(root, return_inverse=True)
    cell = places.cell[leader]
    return Joined(
        node_of_place[places.of_vertex],
        cell[:, 0] / _GRID,
        cell[:, 1] / _GRID,
        gap[joins],
        node_of_place[pairs[joins, 0]],
        crowded,
    )


def _find_places(lon: Floats, lat: Floats, *, line: Ints, is_end: npt.NDArray[np.bool_], level: Ints) -> _Places:
    """Find the distinct places, one for each level where inner vertices of several levels coincide."""
    cell = np.rint(np.column_stack((lon, lat)) * _GRID).astype(np.int64)
    spot, spot_of = np.unique(cell, axis=0, return_inverse=True)
    spot_of = spot_of.reshape(-1)
    inner = ~is_end
    low = np.full(len(spot), _MANY_LEVELS)
    high = np.full(len(spot), _NO_LEVEL)
    np.minimum.at(low, spot_of[inner], level[line[inner]])
    np.maximum.at(high, spot_of[inner], level[line[inner]])
    own = level[line]
    # An end goes to the inner vertex of its own level where there is one, else to the lowest.
    pair = np.unique(np.column_stack((spot_of[inner], own[inner])), axis=0)
    known = _contains(pair, np.column_stack((spot_of, own)))
    several = (low < high)[spot_of]
    level_of = np.where(
        several, np.where(inner | known, own, low[spot_of]), np.where(low <= high, high, _NO_LEVEL)[spot_of]
    )
    key, of_vertex = np.unique(np.column_stack((cell, level_of)), axis=0, return_inverse=True)
    return _Places(key[:, :2], key[:, 2], of_vertex.reshape(-1))


def _contains(rows: Ints, wanted: Ints) -> npt.NDArray[np.bool_]:
    if len(rows) == 0:
        return np.zeros(len(wanted), dtype=bool)
    both, index = np.unique(np.concatenate((rows, wanted)), axis=0, return_inverse=True)
    present = np.zeros(len(both), dtype=bool)
    index = index.reshape(-1)
    present[index[: len(rows)]] = True
    return present[index[len(rows) :]]


def to_earth(lon: Floats, lat: Floats) -> Floats:
    """Return earth-centred coordinates in metres, (n, 3): straight distances between near points are true."""
    a, b = np.radians(lon), np.radians(lat)
    n = _SEMI_MAJOR_M / np.sqrt(1 - _E2 * np.sin(b) ** 2)
    return np.column_stack((n * np.cos(b) * np.cos(a), n * np.cos(b) * np.sin(a), n * (1 - _E2) * np.sin(b)))


def _near_pairs(places: _Places) -> tuple[Ints, Floats, bool]:
    """Return pairs of different places within the tolerance, nearest first, and their distances in metres."""
    from scipy.spatial import cKDTree

    empty = np.zeros((0, 2), dtype=np.int64)
    if len(places) < 2:  # noqa: PLR2004 - a pair
        return empty, np.zeros(0), False
    xyz = to_earth(places.cell[:, 0] / _GRID, places.cell[:, 1] / _GRID)
    tree = cKDTree(xyz)
    _, crowd = np.unique(np.floor(xyz / TOLERANCE_M).astype(np.int64), axis=0, return_counts=True)
    crowded = bool((crowd.astype(np.float64) ** 2).sum() > _MAX_PAIRS)
    if crowded:
        _, near = tree.query(xyz, k=_FEW, distance_upper_bound=TOLERANCE_M)
        pairs = np.column_stack((np.repeat(np.arange(len(xyz)), _FEW), near.reshape(-1)))
        pairs = np.unique(np.sort(pairs[pairs[:, 1] < len(xyz)], axis=1), axis=0)
    else:
        pairs = tree.query_pairs(TOLERANCE_M, output_type="ndarray").astype(np.int64)
        pairs = np.sort(pairs, axis=1)
    same_cell = (places.cell[pairs[:, 0]] == places.cell[pairs[:, 1]]).all(axis=1)
    first, second = places.level[pairs[:, 0]], places.level[pairs[:, 1]]
    apart = (first != second) & (first != _NO_LEVEL) & (second != _NO_LEVEL)
    pairs = pairs[~same_cell & ~apart]
    gap = np.linalg.norm(xyz[pairs[:, 0]] - xyz[pairs[:, 1]], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], np.rint(gap * 1e4)))
    return pairs[order], gap[order], crowded


def _join_pairs(
    places: _Places, pairs: Ints, *, line: Ints, is_end: npt.NDArray[np.bool_], line_m: Floats
) -> tuple[Ints, list[int]]:
    """Join pairs in order under the rule that a node holds one vertex of a line, or the two ends of a ring."""
    parent = np.arange(len(places), dtype=np.int64)
    joins: list[int] = []
    if len(pairs) == 0:
        return parent, joins
    lines_at = _lines_at(places, np.unique(pairs), line=line, is_end=is_end)
    for k, (a, b) in enumerate(pairs.tolist()):
        left, right = _root(parent, a), _root(parent, b)
        if left == right or not _may_meet(lines_at[left], lines_at[right], line_m):
            continue
        left, right = min(left, right), max(left, right)
        parent[right] = left
        lines_at[left] = {**lines_at[right], **lines_at[left]}
        joins.append(k)
    return parent, joins


def _lines_at(places: _Places, busy: Ints, *, line: Ints, is_end: npt.NDArray[np.bool_]) -> dict[int, dict[int, bool]]:
    """Return, for the places that have neighbours, the lines there and whether only their ends are."""
    chosen = np.zeros(len(places), dtype=bool)
    chosen[busy] = True
    at: dict[int, dict[int, bool]] = {int(place): {} for place in busy}
    rows = np.flatnonzero(chosen[places.of_vertex])
    for place, one, end in zip(
        places.of_vertex[rows].tolist(), line[rows].tolist(), is_end[rows].tolist(), strict=True
    ):
        at[place][one] = at[place].get(one, True) and end
    return at


def _may_meet(left: dict[int, bool], right: dict[int, bool], line_m: Floats) -> bool:
    few, many = (left, right) if len(left) < len(right) else (right, left)
    return all(few[k] and many[k] and line_m[k] >= _SHORTEST_RING_M for k in few if k in many)


def _root(parent: Ints, place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = int(parent[place])
    return place


def level_of_line(tags: Sequence[dict[str, str]]) -> Ints:
    """Return the level of each line: its ``layer``, else 1 for a bridge, -1 for a tunnel, 0 for the ground."""
    out = np.zeros(len(tags), dtype=np.int64)
    for row, tag in enumerate(tags):
        stated = tag.get("layer", "").lstrip("+")
        if stated.lstrip("-").isdecimal() and len(stated) < 4:  # noqa: PLR2004 - a level, not a year
            out[row] = int(stated)
        elif tag.get("bridge", "no") != "no":
            out[row] = 1
        elif tag.get("tunnel", "no") != "no":
            out[row] = -1
    return out
