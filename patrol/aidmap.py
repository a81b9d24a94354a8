"""Where a permission buys road: the pieces somebody with authority reaches in time with it, and nobody did before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.snapping import SnapIndex
from geo.travel import Ints, TravelGraph
from patrol.aid import _Desk, _stations
from patrol.aidtable import Permission
from patrol.envelope import build_pieces
from patrol.units import Unit


@dataclass(frozen=True)
class Won:
    """Pieces of directed road, shape (pieces,) each.

    Attributes
    ----------
    segment
        int64, segment row.
    direction
        int8, 1 along the way, -1 against it.
    from_mm, to_mm
        int64, ``from_mm < to_mm``, measured from the segment's first point in both directions.
    """

    segment: Ints
    direction: npt.NDArray[np.int8]
    from_mm: Ints
    to_mm: Ints

    @property
    def length_m(self) -> float:
        """Directed metres won."""
        return float((self.to_mm - self.from_mm).sum()) / 1000.0


def find_gained(
    graph: TravelGraph,
    units: Sequence[Unit],
    permission: Permission,
    *,
    owners: Sequence[str],
    limit_s: float,
    needs_pass: Collection[str] = (),
    by_unit: bool = False,
    index: SnapIndex | None = None,
) -> Won:
    """Return the road that a permission wins.

    Parameters
    ----------
    graph, units, owners, limit_s, needs_pass, by_unit, index
        As in `patrol.aid.rank_permissions`, which the permission comes from.
    permission
        The permission.

    Raises
    ------
    InputError
        As `patrol.aid.rank_permissions`, or where the permission is none of this question.
    """
    closed = _stations(graph, needs_pass)
    desk = _Desk(graph, units, owners, limit_s=limit_s, closed=closed, by_unit=by_unit, index=index)
    arcs = dict((*desk.list_acts(), *desk.list_passes())).get(permission)
    if arcs is None:
        raise InputError(
            "这项许可与现在的单元和划界不符，请重新计算。"
            " / this permission does not belong to these units and owners; compute the ranking anew"
        )
    after = desk.arrive_with(permission, arcs)
    pieces = build_pieces(graph, desk.arcs, (desk.lawful, after))
    reach = pieces.reach_mm(desk.limit_ms)
    won = np.flatnonzero(reach[1] > reach[0])
    arc, low, high = pieces.arc[won], reach[0][won], reach[1][won]
    backward = (arc & 1).astype(bool)
    whole = graph.network.segments.length_mm[arc >> 1]
    return Won(
        arc >> 1,
        np.where(backward, -1, 1).astype(np.int8),
        np.where(backward, whole - high, low),
        np.where(backward, whole - low, high),
    )
