"""What several checks look at, worked out once: plane coordinates, degrees, components, levels, a search tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.findings import Finding, Severity
from geo.measure import middle_of, project_local
from geo.network import Network
from geo.sampling import unit

if TYPE_CHECKING:
    from shapely import STRtree

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MAX_PLACES = 50
"""Places a finding names at most; the count says how many there are."""


@dataclass(frozen=True)
class Survey:
    """A network with what the checks share; every attribute is computed when first asked for."""

    network: Network

    @cached_property
    def xy(self) -> Floats:
        """Nodes in a local plane, metres, float64 (nodes, 2)."""
        nodes = self.network.nodes
        return np.column_stack(project_local(nodes.lon, nodes.lat, origin=middle_of(nodes.lon, nodes.lat)))

    @cached_property
    def degree(self) -> Ints:
        """Ends of segments at each node, int64 (nodes,); a loop counts twice."""
        seg = self.network.segments
        size = len(self.network.nodes)
        return np.bincount(seg.u, minlength=size) + np.bincount(seg.v, minlength=size)

    @cached_property
    def arcs(self) -> tuple[Ints, Ints, Ints]:
        """Allowed directions: tail node, head node and segment row, int64 (arcs,) each."""
        net, seg = self.network, self.network.segments
        ahead, back = np.flatnonzero(net.forward), np.flatnonzero(net.backward)
        tail = np.concatenate((seg.u[ahead], seg.v[back])).astype(np.int64)
        head = np.concatenate((seg.v[ahead], seg.u[back])).astype(np.int64)
        return tail, head, np.concatenate((ahead, back))

    @cached_property
    def island(self) -> Ints:
        """Weak component of each segment, 0 for the one with most metres, then by metres, then by first row."""
        seg = self.network.segments
        label = self._components(seg.u.astype(np.int64), seg.v.astype(np.int64), strong=False)[seg.u]
        return rank_by_metres(label, seg.length_mm)

    @cached_property
    def strong(self) -> Ints:
        """Strong component of each node, int64 (nodes,), numbers without meaning."""
        tail, head, _ = self.arcs
        return self._components(tail, head, strong=True)

    @cached_property
    def level(self) -> Ints:
        """Level of each segment: its ``layer``, else 1 for a bridge, -1 for a tunnel, 0 for the ground."""
        text = self.network.ways.text
        stated = np.array([read_level(value) for value in text["layer"].pool], dtype=np.int64)[text["layer"].codes]
        bridge, tunnel = (text[tag].where(lambda value: value not in {"", "no"}) for tag in ("bridge", "tunnel"))
        way = np.where(stated != UNSTATED, stated, np.where(bridge, 1, np.where(tunnel, -1, 0)))
        return way[self.network.segments.way]

    @cached_property
    def lines(self) -> npt.NDArray[np.object_]:
        """Shapely lines of the segments in the local plane, object (segments,)."""
        import shapely

        ptr, rows = self.network.line_rows()
        count = np.diff(ptr)
        return np.asarray(shapely.linestrings(self.xy[rows], indices=np.repeat(np.arange(len(count)), count)))

    @cached_property
    def tree(self) -> STRtree:
        """Search tree over ``lines``."""
        import shapely

        return shapely.STRtree(self.lines)

    @cached_property
    def outward(self) -> tuple[Floats, Floats]:
        """Headings that point out of each segment at ``u`` and at ``v``, unit vectors (segments, 2) each."""
        seg, refs = self.network.segments, self.network.ways.refs
        at_u = unit(self.xy[refs[seg.start]] - self.xy[refs[seg.start + 1]])
        at_v = unit(self.xy[refs[seg.end]] - self.xy[refs[seg.end - 1]])
        return at_u, at_v

    def text(self, tag: str) -> npt.NDArray[np.int32]:
        """Return the text code of each segment, int32 (segments,); 0 where the tag is missing."""
        return self.network.ways.text[tag].codes[self.network.segments.way]

    def middles(self, rows: Ints) -> Floats:
        """Return a place in the middle of each segment, (rows, 2) lon/lat in WGS-84 degrees."""
        net = self.network
        total = net.segments.start[rows] + net.segments.end[rows]
        a, b = net.ways.refs[total // 2], net.ways.refs[(total + 1) // 2]
        return np.column_stack((net.nodes.lon[a] + net.nodes.lon[b], net.nodes.lat[a] + net.nodes.lat[b])) / 2

    def at_segments(self, rows: Sequence[int] | Ints, told: Telling, *, length_m: float | None = None) -> Finding:
        """Return a finding about segments; it counts them and adds up their metres unless told otherwise."""
        rows = np.asarray(rows, dtype=np.int64)
        shown = rows[:MAX_PLACES]
        metres = float(self.network.segments.length_mm[rows].sum()) / 1000 if length_m is None else length_m
        ids = self.network.segment_ids
        return told.at(len(rows), self.middles(shown), [ids[row] for row in shown.tolist()], length_m=metres)

    def at_nodes(self, rows: Sequence[int] | Ints, told: Telling, *, length_m: float = 0.0) -> Finding:
        """Return a finding about nodes; it counts them."""
        rows = np.asarray(rows, dtype=np.int64)
        shown, nodes = rows[:MAX_PLACES], self.network.nodes
        places = np.column_stack((nodes.lon[shown], nodes.lat[shown]))
        return told.at(len(rows), places, [f"n{ident}" for ident in nodes.id[shown].tolist()], length_m=length_m)

    def _components(self, tail: Ints, head: Ints, *, strong: bool) -> Ints:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        size = len(self.network.nodes)
        graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size, size))
        label = connected_components(graph, connection="strong" if strong else "weak")[1]
        return np.asarray(label, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Telling:
    """How a finding is told: code, severity and both sentences, in which ``{n}`` is the count and ``{m}`` metres."""

    code: str
    severity: Severity
    zh: str
    en: str

    def at(self, count: int, places: Floats, things: Sequence[str], *, length_m: float = 0.0) -> Finding:
        """Return the finding with its count, places (n, 2) lon/lat, things and metres put in."""
        words = {"n": count, "m": f"{length_m:,.0f}"}
        return Finding(
            self.code,
            self.severity,
            count,
            self.zh.format(**words),
            self.en.format(**words),
            length_m=length_m,
            places=tuple((round(x, 7), round(y, 7)) for x, y in places[:MAX_PLACES].tolist()),
            things=tuple(things[:MAX_PLACES]),
        )


UNSTATED = -(10**6)
"""Level of a way whose ``layer`` says nothing."""
_LEVEL_DIGITS = 3


def read_level(text: str) -> int:
    """Return the ``layer`` a text states, or ``UNSTATED``.

    Examples
    --------
    >>> read_level("-2"), read_level("+1"), read_level("top") == UNSTATED
    (-2, 1, True)
    """
    bare = text.removeprefix("+")
    digits = bare.removeprefix("-")
    return int(bare) if digits.isascii() and digits.isdecimal() and len(digits) <= _LEVEL_DIGITS else UNSTATED


def rank_by_metres(label: Ints, length_mm: Ints) -> Ints:
    """Renumber groups so that 0 is the longest; ties go to the group that comes first.

    Examples
    --------
    >>> rank_by_metres(np.array([7, 3, 3]), np.array([1, 1, 5])).tolist()
    [1, 0, 0]
    """
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    metres = np.zeros(len(first), dtype=np.int64)
    np.add.at(metres, group, length_mm)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, -metres))] = np.arange(len(first))
    return rank[group]
