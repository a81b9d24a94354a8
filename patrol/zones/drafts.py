"""Drafts: one zone each, as the makers of the single kinds hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from patrol.zones.groups import Group, Layout
from patrol.zones.rules import Row


@dataclass(frozen=True)
class Draft:
    """One zone.

    Attributes
    ----------
    kind
        ``land``, ``control_zone``, ``setback``, … (``columns.KINDS``).
    thing
        What it belongs to: a segment, node, station or structure id.
    group
        Owner, class and width of the road.
    row
        The rule row that fixes its width.
    from_m, to_m
        Distances from the line on the map between which it lies.
    segments
        Segment rows it belongs to, in stable order.
    shape
        Multipolygon on the plane.
    note
        What else to know, Chinese.
    also
        Agencies concerned besides the owner (the road of access, the other half of a plaza), sorted.
    access
        Segment row of the road of access, -1 where that is the road itself.
    place
        Where to stop, lon/lat WGS-84; None for anywhere along the road.
    road_m
        Metres of road where only a part of the segments belongs to it; None for all of them.
    """

    kind: str
    thing: str
    group: Group
    row: Row
    from_m: float
    to_m: float
    segments: npt.NDArray[np.int64]
    shape: shapely.Geometry
    note: str = ""
    also: tuple[str, ...] = ()
    access: int = -1
    place: tuple[float, float] | None = None
    road_m: float | None = None


def strip_drafts(
    kind: str,
    layout: Layout,
    rows: Sequence[Row | None],
    *,
    shapes: npt.NDArray[np.object_],
    from_m: npt.NDArray[np.float64],
) -> list[Draft]:
    """Return the drafts of a kind that lies along roads: one a group that has a rule row and an area.

    Parameters
    ----------
    kind
        Kind of zone.
    layout
        The groups.
    rows
        Rule row of each group; None where it has no such zone.
    shapes
        Polygons (groups,).
    from_m
        float64 (groups,), where the strip begins, from the line.
    """
    ids = layout.plane.network.segment_ids
    drafts = []
    for k, (group, row) in enumerate(zip(layout.groups, rows, strict=True)):
        if row is None or shapely.is_empty(shapes[k]):
            continue
        begin = float(from_m[k])
        to_m = group.edge_m if kind == "land" else begin + row.distance_m
        first = ids[int(group.rows[0])]
        drafts.append(Draft(kind, first, group, row, begin, to_m, group.rows, shapes[k], row.note))
    return drafts
