"""Drafts: one zone each, as the makers of the single kinds hand them over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from patrol.zones.groups import Group, Layout, Pieces
from patrol.zones.plane import Geometries, keep_polygons
from patrol.zones.rules import Row

DUST_M2 = 0.01
"""Parts of a polygon no larger than this are rounding of an overlay."""


@dataclass(frozen=True)
class Draft:
    """One zone.

    Attributes
    ----------
    kind
        ``land``, ``control_zone``, ``setback``, … (``zones.KINDS``).
    thing
        What it belongs to: a segment, node, station or structure id.
    group
        Owner, class and width of the road.
    row
        The rule row that fixes its width.
    from_m, to_m
        Distances from the line on the map between which it lies; 0 to 0 where it is no strip.
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


def subtract(shapes: Geometries, pieces: Pieces) -> Geometries:
    """Return multipolygons without what the pieces cover."""
    if not len(pieces.shape) or not len(shapes):
        return keep_polygons(shapes, smallest_m2=DUST_M2)
    tree = shapely.STRtree(list(pieces.shape))
    at, hit = tree.query(shapes, predicate="intersects")
    result = shapes.copy()
    order = np.lexsort((hit, at))
    at, hit = at[order], hit[order]
    starts = np.flatnonzero(np.append(True, np.diff(at) != 0)) if len(at) else np.zeros(0, dtype=np.intp)
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(at)], strict=True):
        row = int(at[begin])
        result[row] = shapely.difference(shapes[row], shapely.union_all(pieces.shape[hit[begin:end]]))
    return keep_polygons(result, smallest_m2=DUST_M2)


def strip_drafts(
    kind: str, layout: Layout, rows: list[Row | None], *, shapes: Geometries, from_m: npt.NDArray[np.float64]
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
