"""From the road to tables: which site reaches which piece of directed road in time, and how long it takes.

Demand is every direction traffic may drive. A road is cut at most ``piece_m`` apart and where a site stands; a
piece counts as covered when the car has driven all of it within the limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.nearest import extend
from geo.snapping import SnapIndex, Snapped
from geo.times import Starts, find_seeds, find_starts
from geo.travel import Floats, Ints, TravelGraph
from geo.turns import allowed_arcs
from patrol.authority import may_work
from patrol.places import require_on_network, snap_places
from patrol.posts.covers import Cover, merge_rows
from patrol.posts.places import Site

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PIECE_M = 1_000.0
"""Longest piece of road that counts as one."""

_GRID = 64.0
_HALF_MM = 0.5
_DENSE_CELLS = 8_000_000
_MOST_CELLS = 60_000_000


@dataclass(frozen=True)
class Demand:
    """Pieces of directed road, shape (pieces,) each, sorted by arc, then position.

    Attributes
    ----------
    arc
        int64.
    from_mm, to_mm
        int64, along the arc in driving direction.
    pace
        float64, milliseconds per millimetre; inf where the arc is closed.
    weight
        float64, metres (whole millimetres / 1000) that count.
    """

    arc: Ints
    from_mm: Ints
    to_mm: Ints
    pace: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.arc)


@dataclass(frozen=True)
class Reach:
    """Sites on the road, ready to be asked what they reach.

    Attributes
    ----------
    graph
        The travel graph.
    sites
        The sites, as given.
    places
        Where they are on the network.
    starts
        How they enter the arcs, times on the grid of the travel graph.
    """

    graph: TravelGraph
    sites: tuple[Site, ...]
    places: Snapped
    starts: Starts

    def demand(
        self, *, piece_m: float = PIECE_M, owners: Sequence[str] | None = None, agency: str | None = None
    ) -> Demand:
        """Return the road to be covered.

        Parameters
        ----------
        piece_m
            Longest piece, metres; inf cuts only where a site stands.
        owners
            Owner label of each segment; needed with ``agency``.
        agency
            Count only roads where this agency may work; ``None`` counts all.

        Raises
        ------
        InputError
            Where the labels do not fit the network, or nothing is left to be covered.
        """
        graph = self.graph
        arcs = np.flatnonzero(allowed_arcs(graph.network)).astype(np.int64)
        if agency is not None:
            if owners is None or len(owners) != len(graph.network.segments):
                raise InputError("give one owner label for each segment of this network")
            mine = np.array([may_work(agency, owner) for owner in owners])
            arcs = arcs[mine[arcs >> 1]]
        length = graph.network.segments.length_mm[arcs >> 1]
        arcs, length = arcs[length > 0], length[length > 0]
        if len(arcs) == 0:
            raise InputError(
                f"单位 {agency or ''} 没有管辖的道路，无需驻点。"
                f" / no road counts for {agency or 'anybody'}; choose another agency or another map"
            )
        row, low, high = _cut(arcs, length, self.starts, piece_m)
        arc = arcs[row]
        closed = graph.arc_ms[arc] < 0
        pace = np.where(closed, np.inf, np.maximum(graph.arc_ms[arc], 0.0) / length[row])
        return Demand(arc, low, high, pace, (high - low) / 1000.0)

    def cover(self, demand: Demand, limit_s: float, *, wide_s: float | None = None) -> Cover:
        """Return the merged cover table within a limit, and within a second longer one.

        Raises
        ------
        InputError
            Where a limit is not positive, or the second is not longer.
        """
        for limit in (limit_s, *(() if wide_s is None else (wide_s,))):
            if not (np.isfinite(limit) and limit > 0):
                raise InputError(f"时限应为正数（分钟）。 / the time limit is {limit:g} s; give a positive number")
        if wide_s is not None and wide_s <= limit_s:
            raise InputError(
                "第二时限应长于第一时限。"
                f" / the second limit ({wide_s:g} s) must be longer than the first ({limit_s:g} s)"
            )
        near = self._table(demand, limit_s * 1000.0)
        wide = None if wide_s is None else self._table(demand, wide_s * 1000.0)
        return merge_rows(near, np.rint(demand.weight * 1000.0), wide=wide)

    def _table(self, demand: Demand, limit_ms: float) -> csr_array:
        """Return which site covers which piece, sparse (pieces, sites)."""
        from scipy.sparse import csr_array

        first = np.searchsorted(demand.arc, np.arange(len(self.graph.arc_ms) + 1))
        rows, cols = [], []
        for site, arc, tail_ms, at_mm in (*self._driven(limit_ms), self._standing()):
            count = first[arc + 1] - first[arc]
            piece = np.repeat(first[arc] - (np.cumsum(count) - count), count) + np.arange(count.sum())
            start = np.repeat(at_mm, count)
            with np.errstate(invalid="ignore"):
                done = np.repeat(tail_ms, count) + (demand.to_mm[piece] - start) * demand.pace[piece]
            inside = (demand.from_mm[piece] >= start - _HALF_MM) & (done <= limit_ms + 1e-6)
            rows.append(piece[inside])
            cols.append(np.repeat(site, count)[inside])
        row, col = np.concatenate(rows), np.concatenate(cols)
        code = np.unique(row * len(self.sites) + col)
        row, col = np.divmod(code, max(len(self.sites), 1))
        return csr_array((np.ones(len(row), dtype=np.int8), (row, col)), shape=(len(demand), len(self.sites)))

    def _driven(self, limit_ms: float) -> Iterator[tuple[Ints, Ints, Floats, Floats]]:
        """Yield (site, arc, time at its tail, 0) for every arc a site drives into within the limit."""
        graph = self.graph
        for low, distance in self._chunks(limit_ms):
            site, number = np.nonzero(distance <= limit_ms)
            time, vertex = distance[site, number], graph.junctions.vertex[number]
            count = np.diff(graph.indptr)[vertex].astype(np.int64)
            entry = np.repeat(graph.indptr[vertex] - (np.cumsum(count) - count), count) + np.arange(count.sum())
            arc = graph.arc[entry].astype(np.int64)
            real = arc >= 0
            who, when = np.repeat(site + low, count)[real], np.repeat(time, count)[real]
            yield who, arc[real], when, np.zeros(len(who))

    def _standing(self) -> tuple[Ints, Ints, Floats, Floats]:
        starts = self.starts
        return starts.source, starts.arc, np.zeros(len(starts.arc)), np.rint(starts.offset_mm)

    def _chunks(self, limit_ms: float) -> Iterator[tuple[int, Floats]]:
        """Yield tables of milliseconds (sites of a chunk, junctions), each with its first site."""
        from scipy.sparse.csgraph import dijkstra

        junctions = self.graph.junctions
        extended = extend(junctions, find_seeds(self.graph, self.starts), len(self.sites))
        size = max(1, _DENSE_CELLS // extended.shape[0])
        for low in range(0, len(self.sites), size):
            rows = len(junctions) + np.arange(low, min(low + size, len(self.sites)))
            distance = dijkstra(extended, indices=rows, limit=limit_ms)
            yield low, distance[:, : len(junctions)]

    def bases(self, demand: Demand) -> Floats:
        """Return the line of every site's car on every piece: it is at position x at ``base + x * pace``.

        Returns
        -------
        float64 (pieces, sites), milliseconds, inf where the site does not reach the piece; negative where it
        stands on the arc.

        Raises
        ------
        InputError
            Where the table would not fit into memory.
        """
        arcs, inverse = np.unique(demand.arc, return_inverse=True)
        if len(demand) * len(self.sites) > _MOST_CELLS:
            raise InputError(
                f"{len(self.sites)} 个候选点 × {len(demand)} 段道路过大，请减少候选点或改用覆盖模型。"
                f" / {len(self.sites)} sites x {len(demand)} pieces of road are too many for this model; "
                "give fewer candidate sites or use a covering model"
            )
        graph = self.graph
        tail = np.empty((len(arcs), len(self.sites)))
        ptr, before = graph.vertices_before
        count = ptr[arcs + 1] - ptr[arcs]
        known = np.flatnonzero(count > 0)
        vertex = before[np.repeat(ptr[arcs] - (np.cumsum(count) - count), count) + np.arange(count.sum())]
        number = graph.junctions.number[vertex]
        first = (np.cumsum(count) - count)[known]
        tail[:] = np.inf
        for low, distance in self._chunks(np.inf):
            if len(known):
                tail[known, low : low + len(distance)] = np.minimum.reduceat(distance[:, number], first, axis=1).T
        table: Floats = tail[inverse]
        table[~np.isfinite(demand.pace)] = np.inf
        position = np.searchsorted(demand.arc, np.arange(len(graph.arc_ms) + 1))
        site, arc, _, at_mm = self._standing()
        for who, where, at in zip(site.tolist(), arc.tolist(), at_mm.tolist(), strict=True):
            rows = np.arange(position[where], position[where + 1])
            rows = rows[(demand.from_mm[rows] >= at - _HALF_MM) & np.isfinite(demand.pace[rows])]
            table[rows, who] = np.minimum(table[rows, who], -at * demand.pace[rows])
        return table


def reach_from(graph: TravelGraph, sites: Sequence[Site], *, index: SnapIndex | None = None) -> Reach:
    """Put sites on the road.

    Raises
    ------
    InputError
        Where there is no site, two share an id, or one is far from every road.
    """
    if not sites:
        raise InputError(
            "没有候选驻点，请换一张含收费站、服务区的地图，或用表格给出候选点。"
            " / there is no candidate site; load a map with stations or service areas, or give a table of points"
        )
    seen: set[str] = set()
    for site in sites:
        if site.id in seen:
            raise InputError(
                f"候选点编号 {site.id} 重复，请改名。 / two candidate sites share the id {site.id}; rename one"
            )
        seen.add(site.id)
    places = snap_places(graph.network, sites, index=index)
    require_on_network(sites, places, "site")
    starts = find_starts(graph, places)
    on_grid = replace(starts, rest_ms=np.rint(starts.rest_ms * _GRID) / _GRID)
    return Reach(graph, tuple(sites), places, on_grid)


def _cut(arcs: Ints, length: npt.NDArray[np.int64], starts: Starts, piece_m: float) -> tuple[Ints, Ints, Ints]:
    """Cut arcs into pieces: row of the arc, from and to in millimetres."""
    count = np.maximum(np.ceil(length / min(piece_m * 1000.0, 1e15)), 1).astype(np.int64)
    row = np.repeat(np.arange(len(arcs), dtype=np.int64), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    at = length[row] * within // count[row]
    standing = np.searchsorted(arcs, starts.arc)
    standing = np.minimum(standing, len(arcs) - 1)
    mine = arcs[standing] == starts.arc
    more_row, more_at = standing[mine], np.rint(starts.offset_mm[mine]).astype(np.int64)
    inside = (more_at > 0) & (more_at < length[more_row])
    code = np.unique(
        np.stack((np.concatenate((row, more_row[inside])), np.concatenate((at, more_at[inside]))), axis=1), axis=0
    )
    row, low = code[:, 0], code[:, 1]
    last = np.append(row[1:] != row[:-1], [True])
    high = np.where(last, length[row], np.append(low[1:], [0]))
    return row, low, high
