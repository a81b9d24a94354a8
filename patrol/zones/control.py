"""Building control zones 建筑控制区: a strip beyond the outer edge of highway land, by administrative class."""

from __future__ import annotations

import numpy as np

from patrol.units import is_local
from patrol.zones.drafts import Draft, strip_drafts
from patrol.zones.groups import Layout, Pieces
from patrol.zones.overlay import Taken
from patrol.zones.plane import Floats
from patrol.zones.rules import Row, ZoneRules


def rows_of(layout: Layout, rules: ZoneRules, zone: str) -> tuple[list[Row | None], Floats]:
    """Return the rule row of each group for a zone, and its metres (nan where there is no such zone)."""
    rows = [rules.row(zone, group.admin) for group in layout.groups]
    return rows, np.array([np.nan if row is None else row.distance_m for row in rows], dtype=np.float64)


def control_pieces(layout: Layout, rules: ZoneRules) -> Pieces:
    """Return the polygons that cover all highway land and control zones together."""
    return layout.pieces(np.nan_to_num(rows_of(layout, rules, "control_zone")[1]))


def make_control(layout: Layout, rules: ZoneRules, land: Taken) -> list[Draft]:
    """Return the control zone of each group: what lies within its width, and on no highway land."""
    return make_distances("control_zone", layout, rules, land=land)


def make_distances(kind: str, layout: Layout, rules: ZoneRules, *, land: Taken) -> list[Draft]:
    """Return the strips of a kind that begins at the edge of land, off all land.

    Parameters
    ----------
    kind
        ``control_zone``, ``quarry``, ``danger`` or ``visible_range``.
    layout, rules
        The groups and the rule table.
    land
        Highway land.
    """
    rows, wide = rows_of(layout, rules, kind)
    if kind == "visible_range":
        # A connector beyond the last station has the class of an expressway, but is not what drivers on it see.
        rows = [None if is_local(g.agency) else row for g, row in zip(layout.groups, rows, strict=True)]
        wide = np.array([np.nan if row is None else row.distance_m for row in rows], dtype=np.float64)
    mine = np.flatnonzero(np.isfinite(wide))
    shapes = layout.outlines(wide)
    shapes[mine] = land.free_strips(shapes[mine], mine)
    return strip_drafts(kind, layout, rows, shapes=shapes, from_m=layout.edges())
