"""What a change moves: the roads whose owner differs, lifted off the map of the split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plan.model import Plan
from views.map.palette import GHOST, LineStyle, Words
from views.map.tables import RoadTable, Table
from views.pictures.base import lines_of, tag_column
from views.pictures.classes import take_lines
from views.pictures.owners import codes_over, draw_owners, owner_codes, owner_styles


def draw_moved(after: Plan, before: Plan) -> list[Table]:
    """Return the picture of a preview: moved roads in their new owner's colour, all others grey; B shows the old owner.

    Parameters
    ----------
    after
        The plan as it would be.
    before
        The plan as it is.
    """
    after, before = _without_disputes(after), _without_disputes(before)
    whole, *points = draw_owners(after, before=before)
    new, old = owner_codes(after), codes_over(before, after)
    moved = np.flatnonzero(new != old)
    network = after.derived.network
    lines = lines_of(network)
    ptr, at = take_lines(lines, moved)
    ids = network.segment_ids
    shown = RoadTable(
        ptr,
        lines.lon[at],
        lines.lat[at],
        new[moved],
        network.segment_class[moved],
        [ids[row] for row in moved.tolist()],
        _lifted(owner_styles(after.agencies)[0]),
        names=tag_column(network, "name").take(moved),
        before=old[moved],
        length_m=network.segments.length_m[moved],
        kind="segment",
        key="moved",
        title=Words("移动的道路", "Roads that move"),
    )
    grey = np.ones(len(network.segments), dtype=bool)
    grey[moved] = False
    return [_rest(whole, grey), shown, *points]


def _without_disputes(plan: Plan) -> Plan:
    """Return the plan as if nothing were contested: a claim must not hide what a convention moves."""
    if not plan.open_disputes:
        return plan
    return replace(plan, decisions=tuple(d for d in plan.decisions if d.kind != "open_dispute"))


def _lifted(styles: tuple[LineStyle, ...]) -> tuple[LineStyle, ...]:
    return tuple(
        LineStyle(f"moved_{s.key}", s.label, s.color, second=s.second, dash=s.dash, letter=s.letter, halo=True, level=3)
        for s in styles
    )


def _rest(whole: Table, grey: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> RoadTable:
    """Return the roads that stay, in grey."""
    rows = np.flatnonzero(grey)
    count = np.diff(whole.ptr)[rows] if isinstance(whole, RoadTable) else rows
    assert isinstance(whole, RoadTable)  # noqa: S101 - draw_owners begins with the roads
    keep = np.repeat(grey, np.diff(whole.ptr))
    length = whole.length_m
    return RoadTable(
        np.concatenate(([0], np.cumsum(count))).astype(np.int32),
        whole.lon[keep],
        whole.lat[keep],
        np.zeros(len(rows), dtype=np.uint8),
        whole.rank[rows],
        [whole.ids[row] for row in rows.tolist()],
        (GHOST,),
        names=whole.names.take(rows) if whole.names else None,
        refs=whole.refs.take(rows) if whole.refs else None,
        expressway=whole.expressway[rows] if whole.expressway is not None else None,
        length_m=length[rows] if length is not None else None,
        kind="segment",
        key="rest",
        title=Words("其余道路", "Other roads"),
    )
