"""What a change moves: the roads whose agency differs, lifted off the map of the split."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plan.model import Plan
from views.catalogue import Words, both
from views.map.palette import GHOST, LineStyle
from views.map.tables import RoadTable, Table
from views.pictures.base import lines_of, tag_column
from views.pictures.classes import take_lines
from views.pictures.owners import draw_owners, owner_styles

Bytes = npt.NDArray[np.uint8]


def draw_moved(after: Plan, before: Plan) -> list[Table]:
    """Return the picture of a preview: moved roads in their new owner's colour, all others grey; B shows the old owner.

    Agencies are compared, not owners: an open claim must not hide what a convention moves.

    Parameters
    ----------
    after
        The plan as it would be.
    before
        The plan as it is, of the same network.
    """
    new, old = agency_codes(after), carry_codes(agency_codes(before), before, after)
    moved = np.flatnonzero(new != old)
    styles = _lifted(owner_styles(after.agencies)[0])
    grey = _roads(after, np.flatnonzero(new == old), (GHOST,), key="rest", title=both("其余道路"))
    shown = _roads(
        after,
        moved,
        styles,
        key="moved",
        title=both("移动的道路"),
        codes=(new[moved], old[moved]),
    )
    return [grey, shown, *draw_owners(after)[1:]]


def agency_codes(plan: Plan) -> Bytes:
    """Return the style of each segment's agency, uint8 (segments,), rows of ``owner_styles``; claims are left out."""
    _, index = owner_styles(plan.agencies)
    return np.array([index.get(agency, index["none"]) for agency in plan.derived.agency], dtype=np.uint8)


def carry_codes(codes: Bytes, source: Plan, target: Plan) -> Bytes:
    """Return the codes of one cut network over the pieces of another: what lies at a piece's middle counts."""
    mine, theirs = target.derived.ownership.cut, source.derived.ownership.cut
    length = target.derived.network.segments.length_mm
    span = int(target.network.segments.length_mm.max(initial=0)) + 1
    key = theirs.base.astype(np.int64) * span + theirs.from_mm
    wanted = mine.base.astype(np.int64) * span + mine.from_mm + length // 2
    return codes[np.searchsorted(key, wanted, side="right") - 1]


def _lifted(styles: tuple[LineStyle, ...]) -> tuple[LineStyle, ...]:
    return tuple(
        LineStyle(f"moved_{s.key}", s.label, s.color, second=s.second, dash=s.dash, letter=s.letter, halo=True, level=3)
        for s in styles
    )


def _roads(
    plan: Plan,
    rows: npt.NDArray[np.int64],
    styles: tuple[LineStyle, ...],
    *,
    key: str,
    title: Words,
    codes: tuple[Bytes, Bytes] | None = None,
) -> RoadTable:
    network = plan.derived.network
    lines = lines_of(network)
    ptr, at = take_lines(lines, rows)
    ids = network.segment_ids
    return RoadTable(
        ptr,
        lines.lon[at],
        lines.lat[at],
        codes[0] if codes else np.zeros(len(rows), dtype=np.uint8),
        network.segment_class[rows],
        [ids[row] for row in rows.tolist()],
        styles,
        names=tag_column(network, "name").take(rows),
        refs=tag_column(network, "ref").take(rows),
        expressway=plan.derived.ownership.evidence.main_line[rows],
        before=codes[1] if codes else None,
        length_m=network.segments.length_m[rows],
        kind="segment",
        key=key,
        title=title,
    )
