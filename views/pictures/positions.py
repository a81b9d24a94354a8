"""The picture of one side's position: the disputed metres in the colour of the owner it names, all else calm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from plan.model import Plan
from views.catalogue import Words, both
from views.map.palette import GHOST, THEME, LineStyle, PointStyle
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.base import lines_of, tag_column
from views.pictures.classes import take_lines
from views.pictures.owners import draw_owners, owner_styles

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
MEETING_SIZE = 1.7
"""Scale of lines and text at a meeting: a raised line is at least 5 px wide, text on the map at least 22 px."""
_CALM = 0.42
_RADIUS_PX = 5.5
_SMALL = (RoadClass.MINOR, RoadClass.SERVICE, RoadClass.FERRY)


def draw_position(plan: Plan, agency: Sequence[str], claimed: npt.NDArray[np.bool_]) -> list[Table]:
    """Return the tables of a position.

    Parameters
    ----------
    plan
        The plan as the position would have it.
    agency
        Agency id of each segment of its network, shape (segments,).
    claimed
        bool (segments,): the disputed metres.
    """
    styles, index = owner_styles(plan.agencies)
    codes = np.array([index.get(a, index["none"]) for a in agency], dtype=np.uint8)
    rows = np.flatnonzero(claimed)
    raised = tuple(raise_style(style) for style in styles)
    shown = road_table(plan, rows, raised, key="claimed", title=both("争议路段"), codes=codes[rows])
    return [*draw_calm(plan, codes, ~claimed), shown, *draw_places(plan)]


def draw_places(plan: Plan) -> list[PointTable]:
    """Return stations and seams; the symbols are small, so that ten lanes of one plaza stay apart."""
    return [t for t in shrink_points(draw_owners(plan)) if isinstance(t, PointTable)]


def shrink_points(tables: Sequence[Table]) -> list[Table]:
    """Return tables with their symbols small; they grow again with the scale of a meeting."""
    return [replace(t, styles=tuple(map(_shrink, t.styles))) if isinstance(t, PointTable) else t for t in tables]


def _shrink(style: PointStyle) -> PointStyle:
    return replace(style, radius_px=min(style.radius_px, _RADIUS_PX))


def draw_calm(plan: Plan, codes: Codes, shown: npt.NDArray[np.bool_]) -> list[Table]:
    """Return the roads around a dispute: small ones as a grey hint, the others in the pale colour of their owner."""
    styles, _ = owner_styles(plan.agencies)
    small = np.isin(plan.derived.network.segment_class, _SMALL)
    hint = np.flatnonzero(shown & small)
    rest = np.flatnonzero(shown & ~small)
    pale = tuple(calm_style(style) for style in styles)
    return [
        road_table(plan, hint, (GHOST,), key="hint", title=both("其他道路")),
        road_table(plan, rest, pale, key="rest", title=both("道路归属"), codes=codes[rest]),
    ]


def tint(color: str, share: float) -> str:
    """Return a colour mixed into the ground of the map: share 1 keeps it, 0 is the ground.

    Examples
    --------
    >>> tint("#0072B2", 1.0), tint("#0072B2", 0.0)
    ('#0072B2', '#F4F5F7')
    """
    mine, ground = ([int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (color, THEME["ground"]))
    parts = (round(share * own + (1 - share) * other) for own, other in zip(mine, ground, strict=True))
    return "#" + "".join(f"{part:02X}" for part in parts)


def raise_style(style: LineStyle) -> LineStyle:
    """Return the style of disputed metres: wide, in a white casing, above all others."""
    return replace(style, key=f"claimed_{style.key}", halo=True, factor=1.6, level=3, core="")


def calm_style(style: LineStyle) -> LineStyle:
    """Return the style of roads nobody argues about: the owner's colour, pale, still wide enough for the last row."""
    return replace(
        style, key=f"calm_{style.key}", color=tint(style.color, _CALM), letter="", dash=(), second="", level=1
    )


def road_table(
    plan: Plan,
    rows: Rows,
    styles: tuple[LineStyle, ...],
    *,
    key: str,
    title: Words,
    codes: Codes | None = None,
) -> RoadTable:
    """Return some roads of a plan's network as one table."""
    network = plan.derived.network
    lines = lines_of(network)
    ptr, at = take_lines(lines, rows)
    ids = network.segment_ids
    return RoadTable(
        ptr,
        lines.lon[at],
        lines.lat[at],
        np.zeros(len(rows), dtype=np.uint8) if codes is None else codes,
        network.segment_class[rows],
        [ids[row] for row in rows.tolist()],
        styles,
        names=tag_column(network, "name").take(rows),
        refs=tag_column(network, "ref").take(rows),
        expressway=plan.derived.ownership.evidence.main_line[rows],
        length_m=network.segments.length_m[rows],
        kind="segment",
        key=key,
        title=title,
    )
