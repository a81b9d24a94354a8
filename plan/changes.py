"""What changes hands between two splits of one network: pieces of road with their holders before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.measure import measure_steps
from geo.network import Network
from plan.model import Plan


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a segment whose owner or agency differs.

    Attributes
    ----------
    row, segment
        Row and id of the segment on the plan's own (uncut) network.
    from_mm, to_mm
        Where the piece lies on that segment, millimetres from its first point.
    owner, agency
        Before and after.
    """

    row: int
    segment: str
    from_mm: int
    to_mm: int
    owner: tuple[str, str]
    agency: tuple[str, str]

    @property
    def length_mm(self) -> int:
        """Length of the piece, millimetres."""
        return self.to_mm - self.from_mm


@dataclass(frozen=True)
class Holding:
    """Who holds each piece of an uncut network.

    Attributes
    ----------
    base
        int (pieces,): row of the segment on the uncut network, ascending.
    from_mm, length_mm
        int64 (pieces,): where the piece begins on that segment, and how long it is.
    owner, agency
        str (pieces,).
    """

    base: npt.NDArray[np.int64]
    from_mm: npt.NDArray[np.int64]
    length_mm: npt.NDArray[np.int64]
    owner: npt.NDArray[np.str_]
    agency: npt.NDArray[np.str_]

    @classmethod
    def of(cls, plan: Plan) -> Holding:
        """Return who holds what by a plan."""
        derived = plan.derived
        cut, length = derived.ownership.cut, derived.network.segments.length_mm
        owner, agency = (np.array(column, dtype=np.str_) for column in (derived.owner, derived.agency))
        return cls(cut.base.astype(np.int64), cut.from_mm, length, owner, agency)

    def pieces(self, row: int) -> list[tuple[int, int, str, str]]:
        """Return the pieces of one segment: from and to in millimetres, owner, agency."""
        first, last = np.searchsorted(self.base, (row, row + 1)).tolist()
        return [
            (int(self.from_mm[k]), int(self.from_mm[k] + self.length_mm[k]), str(self.owner[k]), str(self.agency[k]))
            for k in range(first, last)
        ]


def find_changes(network: Network, before: Holding, after: Holding) -> tuple[Change, ...]:
    """Return the pieces of road whose owner or agency differs, in the order of the network's segments.

    Parameters
    ----------
    network
        The uncut network both are over.
    before, after
        Who holds what; they may be cut at different places.
    """
    rows = np.arange(len(network.segments))
    first = [np.searchsorted(side.base, rows) for side in (before, after)]
    whole = [np.bincount(side.base, minlength=len(rows)) == 1 for side in (before, after)]
    same = whole[0] & whole[1]
    a, b = first[0][same], first[1][same]
    same[same] = (before.owner[a] == after.owner[b]) & (before.agency[a] == after.agency[b])
    ids = network.segment_ids
    return tuple(
        Change(row, ids[row], max(begin, start), min(stop, end), (owner, other), (agency, another))
        for row in np.flatnonzero(~same).tolist()
        for begin, stop, owner, agency in before.pieces(row)
        for start, end, other, another in after.pieces(row)
        if min(stop, end) > max(begin, start) and (owner, agency) != (other, another)
    )


def sum_changes(changes: Iterable[Change], group: str) -> dict[str, int]:
    """Return ``owner`` or ``agency`` to the millimetres it gains (negative: loses); no zeros."""
    gained: dict[str, int] = {}
    for change in changes:
        before, after = change.owner if group == "owner" else change.agency
        gained[before] = gained.get(before, 0) - change.length_mm
        gained[after] = gained.get(after, 0) + change.length_mm
    return {name: mm for name, mm in sorted(gained.items()) if mm}


def add_up(present: Mapping[str, int], gained: Mapping[str, int]) -> dict[str, int]:
    """Return totals after a change, by name; names that end with nothing stay at 0."""
    return {name: present.get(name, 0) + gained.get(name, 0) for name in sorted({*present, *gained})}


def slice_line(network: Network, row: int, *, from_mm: int, to_mm: int) -> npt.NDArray[np.float64]:
    """Return a part of a segment's line, float64 (points, 2), lon/lat WGS-84 degrees.

    Parameters
    ----------
    network, row
        The segment.
    from_mm, to_mm
        Where the part lies, millimetres from the first point of the segment.
    """
    line = network.points(row)
    along = np.concatenate(([0.0], np.cumsum(measure_steps(line[:, 0], line[:, 1]))))
    scale = along[-1] / max(int(network.segments.length_mm[row]), 1)
    start, end = from_mm * scale, to_mm * scale
    inner = along[(along > start) & (along < end)]
    at = np.concatenate(([start], inner, [end]))
    return np.column_stack([np.interp(at, along, line[:, k]) for k in (0, 1)])
