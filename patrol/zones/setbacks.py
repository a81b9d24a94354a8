"""Set-backs: new villages, schools and markets; quarrying; sites of dangerous goods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patrol.zones.control import control_pieces, make_distances, rows_of
from patrol.zones.drafts import Draft, strip_drafts
from patrol.zones.groups import Layout
from patrol.zones.overlay import Taken
from patrol.zones.rules import ZoneRules


def make_setbacks(layout: Layout, rules: ZoneRules) -> list[Draft]:
    """Return the strips in which no new village, school or market may lie, from the edge of the control zone."""
    rows, wide = rows_of(layout, rules, "setback")
    _, inner = rows_of(layout, rules, "control_zone")
    rows = [None if np.isnan(gap) else row for row, gap in zip(rows, inner.tolist(), strict=True)]
    mine = np.flatnonzero(np.isfinite(inner + wide))
    shapes = layout.outlines(inner + wide)
    shapes[mine] = Taken(control_pieces(layout, rules), shapes).free_strips(shapes[mine], mine)
    return strip_drafts("setback", layout, rows, shapes=shapes, from_m=layout.edges() + inner)


def make_bans(layout: Layout, rules: ZoneRules, land: Taken, *, wanted: set[str]) -> list[Draft]:
    """Return the strips in which quarrying, and sites of dangerous goods, are banned.

    Both bans reach equally far along most roads; there one polygon serves both.
    """
    quarry = make_distances("quarry", layout, rules, land=land) if "quarry" in wanted else []
    if "danger" not in wanted:
        return quarry
    drawn = {(int(d.group.rows[0]), d.to_m): d for d in quarry}
    rows, wide = rows_of(layout, rules, "danger")
    edges = layout.edges()
    same: list[Draft] = []
    for k, (group, row) in enumerate(zip(layout.groups, rows, strict=True)):
        old = None if row is None else drawn.get((int(group.rows[0]), float(edges[k] + wide[k])))
        if old is not None and row is not None:
            same.append(replace(old, kind="danger", row=row, note=row.note))
            wide[k] = np.nan
    mine = np.flatnonzero(np.isfinite(wide))
    shapes = layout.outlines(wide)
    shapes[mine] = land.free_strips(shapes[mine], mine)
    fresh = strip_drafts("danger", layout, rows, shapes=shapes, from_m=edges)
    order = {int(group.rows[0]): k for k, group in enumerate(layout.groups)}
    return quarry + sorted([*same, *fresh], key=lambda d: order[int(d.segments[0])])
