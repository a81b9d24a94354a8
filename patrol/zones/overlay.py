"""Taking away what is taken already: highway land from every zone, control zones from set-backs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from patrol.zones.groups import Pieces, runs_of
from patrol.zones.plane import Geometries, keep_polygons

DUST_M2 = 0.01
"""Parts of a polygon no larger than this are rounding of an overlay."""


class Taken:
    """Polygons that are taken; the part near each group of roads is joined once and used for every kind of zone.

    Parameters
    ----------
    pieces
        Polygons that cover what is taken.
    around
        Multipolygons (groups,): as far as a strip of that group ever reaches.
    """

    def __init__(self, pieces: Pieces, around: Geometries) -> None:
        self._shape = pieces.shape
        self._tree = shapely.STRtree(list(pieces.shape))
        self._near = self._join(around)

    def _join(self, shapes: Geometries) -> dict[int, shapely.Geometry]:
        """Return the union of what each shape meets, by position; nothing where it meets nothing."""
        if not len(self._shape) or not len(shapes):
            return {}
        at, hit = self._tree.query(shapes, predicate="intersects")
        order = np.lexsort((hit, at))
        at, hit = at[order], hit[order]
        return {int(at[begin]): shapely.union_all(self._shape[hit[begin:end]]) for begin, end in runs_of(at)}

    def free_strips(self, shapes: Geometries, groups: npt.NDArray[np.integer]) -> Geometries:
        """Return what is free of strips of groups; each must lie in what ``around`` said of its group."""
        return _cut(shapes, {k: self._near[g] for k, g in enumerate(groups.tolist()) if g in self._near})

    def free(self, shapes: Geometries) -> Geometries:
        """Return what is free of any polygons."""
        return _cut(shapes, self._join(shapes))


def _cut(shapes: Geometries, taken: dict[int, shapely.Geometry]) -> Geometries:
    result = shapes.copy()
    rows = np.array(sorted(taken), dtype=np.int64)
    if len(rows):
        away = np.empty(len(rows), dtype=np.object_)
        away[:] = [taken[k] for k in rows.tolist()]
        result[rows] = shapely.difference(shapes[rows], away)
    return keep_polygons(result, smallest_m2=DUST_M2)
