"""Building control zones 建筑控制区: a strip beyond the outer edge of highway land, by administrative class."""

from __future__ import annotations

import numpy as np

from patrol.zones.drafts import Draft, strip_drafts, subtract
from patrol.zones.groups import Layout, Pieces
from patrol.zones.plane import Floats
from patrol.zones.rules import Row, ZoneRules


def rows_of(layout: Layout, rules: ZoneRules, zone: str) -> tuple[list[Row | None], Floats]:
    """Return the rule row of each group for a zone, and its metres (nan where there is no such zone)."""
    rows = [rules.row(zone, group.admin) for group in layout.groups]
    return rows, np.array([np.nan if row is None else row.distance_m for row in rows], dtype=np.float64)


def control_pieces(layout: Layout, rules: ZoneRules) -> Pieces:
    """Return the polygons that cover highway land and control zones together."""
    return layout.pieces(rows_of(layout, rules, "control_zone")[1])


def make_control(layout: Layout, rules: ZoneRules, *, land: Pieces, control: Pieces) -> list[Draft]:
    """Return the control zone of each group: what lies within its width, and on no highway land."""
    rows, _ = rows_of(layout, rules, "control_zone")
    shapes = subtract(control.union(len(layout.groups)), land)
    return strip_drafts("control_zone", layout, rows, shapes=shapes, from_m=layout.edges())
