"""Set-backs: new villages, schools and markets; quarrying; sites of dangerous goods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from patrol.zones.control import rows_of
from patrol.zones.drafts import Draft, strip_drafts, subtract
from patrol.zones.groups import Layout, Pieces
from patrol.zones.rules import ZoneRules

_FROM_LAND = ("quarry", "danger", "visible_range")

def make_setbacks(layout: Layout, rules: ZoneRules, control: Pieces) -> list[Draft]:
    """Return the strips in which no new village, school or market may lie, from the edge of the control zone."""
    rows, wide = rows_of(layout, rules, "setback")
    _, inner = rows_of(layout, rules, "control_zone")
    rows = [None if np.isnan(gap) else row for row, gap in zip(rows, inner.tolist(), strict=True)]
    whole = layout.pieces(inner + wide).union(len(layout.groups))
    return strip_drafts("setback", layout, rows, shapes=subtract(whole, control), from_m=layout.edges() + inner)


def make_distances(
    kind: str, layout: Layout, rules: ZoneRules, land: Pieces, *, known: Sequence[Draft] = ()
) -> list[Draft]:
    """Return the strips of a kind that begins at the edge of land (``quarry``, ``danger``, ``visible_range``).

    Parameters
    ----------
    kind
        Kind of zone.
    layout, rules, land
        The groups, the rule table, and the polygons that cover all highway land.
    known
        Drafts made before: a strip of the same road and width is the same polygon and is not drawn anew.
    """
    rows, wide = rows_of(layout, rules, kind)
    edges = layout.edges()
    drawn = {(int(d.group.rows[0]), d.from_m, d.to_m): d.shape for d in known if d.kind in _FROM_LAND}
    shapes = np.full(len(layout.groups), shapely.MultiPolygon(), dtype=np.object_)
    fresh = wide.copy()
    for k, group in enumerate(layout.groups):
        shape = drawn.get((int(group.rows[0]), float(edges[k]), float(edges[k] + wide[k])))
        if shape is not None:
            shapes[k], fresh[k] = shape, np.nan
    new = np.flatnonzero(np.isfinite(fresh))
    if len(new):
        shapes[new] = subtract(layout.pieces(fresh).union(len(layout.groups))[new], land)
    return strip_drafts(kind, layout, rows, shapes=shapes, from_m=edges)
