"""The picture of what is to be done: targets by the agency that must come, those left for another day hollow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from geo.columns import TextColumn
from patrol.targets import Target
from patrol.units import Unit
from plan.model import Plan
from views.catalogue import both
from views.map.palette import TARGET, THEME, PointStyle
from views.map.tables import PointTable, Table
from views.pictures.base import card
from views.pictures.owners import owner_styles
from views.pictures.points import draw_stations, draw_units
from views.pictures.routes import draw_ghost

_JOINT = replace(
    TARGET, key="target_joint", label=both("目标：联合检查"), fill="#5B3FA0", edge="#FFFFFF", radius_px=7.0
)
_OFF = replace(TARGET, key="target_off", label=both("目标：不做"), fill="#FFFFFF", edge="#8A94A0", radius_px=5.0)
_NOBODY = replace(TARGET, key="target_none", label=both("目标：无主"), fill=THEME["ink"], edge="#FFFFFF", radius_px=7.0)


def draw_tasks(
    plan: Plan, units: Sequence[Unit], targets: Sequence[tuple[Target, str]], *, off: Collection[str]
) -> list[Table]:
    """Return the tables of the targets of a plan.

    Parameters
    ----------
    plan
        The plan.
    units
        The crews at their posts.
    targets
        Targets with the agency that must come; two agencies are joined by ``+``.
    off
        Ids of those that are not to be done.
    """
    network = plan.derived.network
    return [
        draw_ghost(network),
        draw_stations(network),
        *([_targets(plan, targets, off)] if targets else []),
        draw_units(units),
    ]


def _targets(plan: Plan, targets: Sequence[tuple[Target, str]], off: Collection[str]) -> PointTable:
    styles, at = _styles(plan)
    code = [
        at["off"] if t.id in off else at.get(agency, at["joint"] if "+" in agency else at["none"])
        for t, agency in targets
    ]
    return PointTable(
        np.array([t.lon for t, _ in targets], dtype=np.float64),
        np.array([t.lat for t, _ in targets], dtype=np.float64),
        np.array(code, dtype=np.uint8),
        [t.id for t, _ in targets],
        TextColumn.from_strings([t.name or t.id for t, _ in targets]),
        tuple(styles),
        cards=(card(both("现场"), [f"{t.service_s / 60:.0f} min" for t, _ in targets]),),
        kind="target",
        key="targets",
        title=both("检查目标"),
    )


def _styles(plan: Plan) -> tuple[list[PointStyle], dict[str, int]]:
    """Return the styles in legend order, and agency (or ``joint``, ``none``, ``off``) to position."""
    lines, index = owner_styles(plan.agencies)
    styles, at = list[PointStyle](), dict[str, int]()
    for key, row in index.items():
        if key in {"contested", "none"}:
            continue
        line = lines[row]
        at[key] = len(styles)
        label = both("目标：{letter}", letter=line.letter)
        styles.append(replace(TARGET, key=f"target_{row}", label=label, fill=line.color, edge="#FFFFFF", radius_px=7.0))
    for key, style in (("joint", _JOINT), ("none", _NOBODY), ("off", _OFF)):
        at[key] = len(styles)
        styles.append(style)
    return styles, at
