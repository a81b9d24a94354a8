"""Highway land 公路用地: from the line on the map to the outer edge, half a roadbed, slope and ditch, margin."""

from __future__ import annotations

import numpy as np

from patrol.zones.drafts import Draft, strip_drafts
from patrol.zones.groups import Layout, Pieces
from patrol.zones.roads import land_class
from patrol.zones.rules import Row, ZoneRules


def land_pieces(layout: Layout) -> Pieces:
    """Return the polygons that cover all highway land."""
    return layout.pieces(np.zeros(len(layout.groups)))


def make_land(layout: Layout, rules: ZoneRules, land: Pieces) -> list[Draft]:
    """Return the highway land of each group."""
    rows: list[Row | None] = [rules.need("land", land_class(g.technical, g.structure)) for g in layout.groups]
    shapes = land.union(len(layout.groups))
    return strip_drafts("land", layout, rows, shapes=shapes, from_m=np.zeros(len(layout.groups)))
