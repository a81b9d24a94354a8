"""Cut segments at a metre: the network of pieces, for seams that lie inside a segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.measure import measure_steps
from geo.network import Network, Nodes, Segments

_FIRST_ID = -(2**62)
CUT_TOLERANCE_MM = 500
"""A cut this near to an end of the segment is that end (lines nearer than this are one line)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place inside a segment: its id and the metres from its first point."""

    segment: str
    offset_m: float


@dataclass(frozen=True)
class CutNetwork:
    """A network of pieces.

    Attributes
    ----------
    network
        The cut network; pieces are its segments, cut points are nodes with ids below zero.
    base
        int32 (pieces,): row of the segment in the network that was cut.
    from_mm
        int64 (pieces,): where the piece begins on that segment, millimetres.
    node_of_cut
        Node row of each cut in the order given (an end of the segment where the cut is that end).
    """

    network: Network
    base: npt.NDArray[np.int32]
    from_mm: npt.NDArray[np.int64]
    node_of_cut: tuple[int, ...]


def cut_network(network: Network, cuts: Sequence[Cut]) -> CutNetwork:
    """Cut segments at given offsets; without cuts the network itself comes back.

    Parameters
    ----------
    network
        The network; not changed.
    cuts
        Places inside segments; several on one segment are fine, in any order, repeats count once.

    Returns
    -------
    CutNetwork
        The pieces of a segment keep its length exactly (whole millimetres).

    Raises
    ------
    InputError
        A segment does not exist, or an offset lies outside it.
    """
    placed = [_locate(network, cut) for cut in cuts]
    inner = sorted({p for p in placed if p[1] is not None})
    rows = np.arange(len(network.segments), dtype=np.int32)
    if not inner:
        nodes = tuple(int(p[2]) for p in placed)
        return CutNetwork(network, rows, np.zeros(len(rows), dtype=np.int64), nodes)
    made = _Insertion(network, [(row, int(offset)) for row, offset, _ in inner if offset is not None])
    node_of_cut = tuple(node if offset is None else made.node_of[row, int(offset)] for row, offset, node in placed)
    return CutNetwork(made.network, made.base, made.from_mm, node_of_cut)


def _locate(network: Network, cut: Cut) -> tuple[int, int | None, int]:
    """Return segment row, offset in millimetres (``None`` at an end) and the node row of that end (else -1)."""
    row = network.row_of_segment.get(cut.segment)
    if row is None:
        msg = (
            f"路段 {cut.segment[:60]} 不在地图上，请重新选点。 / this segment is not on the map: choose the place anew."
        )
        raise InputError(msg)
    length = int(network.segments.length_mm[row])
    offset = round(cut.offset_m * 1000)
    if not -CUT_TOLERANCE_MM <= offset <= length + CUT_TOLERANCE_MM:
        msg = (
            f"路段 {cut.segment[:60]} 长 {length / 1000:.1f} m，{cut.offset_m:.1f} m 不在其上，请重新选点。"
            f" / the segment is {length / 1000:.1f} m long: choose a place on it."
        )
        raise InputError(msg)
    if offset <= CUT_TOLERANCE_MM:
        return row, None, int(network.segments.u[row])
    if offset >= length - CUT_TOLERANCE_MM:
        return row, None, int(network.segments.v[row])
    return row, offset, -1


class _Insertion:
    """New nodes put into ways, and the segments that follow from them."""

    def __init__(self, network: Network, cuts: Sequence[tuple[int, int]]) -> None:
        self._network = network
        nodes, ways, seg = network.nodes, network.ways, network.segments
        places = [self._place(row, offset) for row, offset in cuts]
        first = len(nodes)
        self.node_of: Mapping[tuple[int, int], int] = {cut: first + k for k, cut in enumerate(cuts)}
        new_id = [_FIRST_ID + (int(ways.id[seg.way[row]]) * 2**20 + offset) % 2**61 for row, offset in cuts]
        grown = Nodes(
            np.concatenate((nodes.id, np.array(new_id, dtype=np.int64))),
            np.concatenate((nodes.lon, np.array([p[1] for p in places]))),
            np.concatenate((nodes.lat, np.array([p[2] for p in places]))),
            nodes.tags,
        )
        after = np.array([p[0] for p in places], dtype=np.int64)
        refs = np.insert(ways.refs, after + 1, np.arange(first, first + len(cuts), dtype=np.int32)).astype(np.int32)
        pointers = ways.ptr + np.searchsorted(after, ways.ptr.astype(np.int64) - 1, side="left")
        new_ways = replace(ways, ptr=pointers.astype(np.int32), refs=refs)
        pieces = self._cut_segments(cuts, after)
        self.network = replace(network, nodes=grown, ways=new_ways, segments=pieces)

    def _place(self, row: int, offset_mm: int) -> tuple[int, float, float]:
        """Return the position in ``refs`` after which the point goes, and its lon and lat (7 decimals)."""
        network = self._network
        line = network.points(row)
        steps = measure_steps(line[:, 0], line[:, 1])
        along = np.concatenate(([0.0], np.cumsum(steps)))
        share = offset_mm / int(network.segments.length_mm[row])
        target = share * along[-1]
        k = min(int(np.searchsorted(along, target, side="right")) - 1, len(steps) - 1)
        part = (target - along[k]) / steps[k] if steps[k] > 0 else 0.0
        lon, lat = line[k] + part * (line[k + 1] - line[k])
        return int(network.segments.start[row]) + k, round(float(lon), 7), round(float(lat), 7)

    def _cut_segments(self, cuts: Sequence[tuple[int, int]], after: npt.NDArray[np.int64]) -> Segments:
        seg = self._network.segments
        cut_row = np.array([row for row, _ in cuts], dtype=np.int64)
        count = np.bincount(cut_row, minlength=len(seg)) + 1
        self.base = np.repeat(np.arange(len(seg), dtype=np.int32), count)
        first_piece = np.cumsum(count) - count
        number = np.arange(len(cuts)) - np.searchsorted(cut_row, cut_row, side="left")
        right = first_piece[cut_row] + number + 1
        from_mm = np.zeros(len(self.base), dtype=np.int64)
        from_mm[right] = [offset for _, offset in cuts]
        to_mm = seg.length_mm[self.base].copy()
        to_mm[right - 1] = from_mm[right]
        node = np.array([self.node_of[cut] for cut in cuts], dtype=np.int32)
        u, v = seg.u[self.base].copy(), seg.v[self.base].copy()
        u[right] = node
        v[right - 1] = node
        start = (seg.start + np.searchsorted(after, seg.start.astype(np.int64), side="left"))[self.base]
        end = (seg.end + np.searchsorted(after, seg.end.astype(np.int64), side="left"))[self.base]
        where = after + 1 + np.arange(len(cuts))
        start[right] = where
        end[right - 1] = where
        self.from_mm = from_mm
        return Segments(
            seg.way[self.base],
            u,
            v,
            start.astype(np.int32),
            end.astype(np.int32),
            to_mm - from_mm,
            seg.repeat[self.base],
        )
