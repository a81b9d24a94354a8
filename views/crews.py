"""Units and targets of a plan: how they are written into its decisions, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from patrol.targets import Target, Window
from patrol.units import Unit
from plan.decisions import Decision
from plan.model import Plan

TABLE = "day"
"""Key of the decisions ``set_units`` and ``set_targets``."""

Shift = tuple[int, int]
"""Minutes since midnight from and to; a shift that ends before it begins runs past midnight."""
NO_SHIFTS: Mapping[str, Shift] = MappingProxyType({})


def units_of(plan: Plan) -> tuple[Unit, ...]:
    """Return the units that a plan sets."""
    decision = plan.latest("set_units").get(TABLE)
    return tuple(_unit(row) for row in decision.value["units"]) if decision is not None else ()


def targets_of(plan: Plan) -> tuple[Target, ...]:
    """Return the targets that a plan sets."""
    decision = plan.latest("set_targets").get(TABLE)
    return tuple(_target(row) for row in decision.value["targets"]) if decision is not None else ()


def set_tables(plan: Plan, units: Sequence[Unit], targets: Sequence[Target]) -> Plan:
    """Return a plan with units and targets, where it has none of its own."""
    if TABLE not in plan.latest("set_units"):
        plan = plan.decide(Decision("set_units", TABLE, units_value(units)))
    if TABLE not in plan.latest("set_targets"):
        plan = plan.decide(Decision("set_targets", TABLE, targets_value(targets)))
    return plan


def shifts_of(plan: Plan) -> dict[str, Shift]:
    """Return the shift of each unit that has one; the others are always on duty."""
    decision = plan.latest("set_units").get(TABLE)
    rows = decision.value["units"] if decision is not None else ()
    return {str(row["id"]): (int(row["shift"][0]), int(row["shift"][1])) for row in rows if row.get("shift")}


def units_value(units: Sequence[Unit], shifts: Mapping[str, Shift] = NO_SHIFTS) -> dict[str, Any]:
    """Return the value of the decision that sets units; what is as usual (no skills, always on duty) is left out."""
    rows = []
    for u in units:
        row: dict[str, Any] = {"id": u.id, "agency": u.agency, "lon": u.lon, "lat": u.lat, "cars": u.available}
        if u.skills:
            row["skills"] = list(u.skills)
        if u.id in shifts:
            row["shift"] = list(shifts[u.id])
        rows.append(row)
    return {"units": rows}


def targets_value(targets: Sequence[Target]) -> dict[str, Any]:
    """Return the value of the decision that sets targets."""
    rows = []
    for t in targets:
        window = [t.window.from_s, t.window.to_s] if t.window else None
        row = {"id": t.id, "lon": t.lon, "lat": t.lat, "service_s": t.service_s, "kind": t.kind, "window": window}
        row |= {"visits_per_week": t.visits_per_week, "agency": t.agency, "name": t.name}
        rows.append(row | ({"skill": t.skill} if t.skill else {}))
    return {"targets": rows}


def _unit(row: Mapping[str, Any]) -> Unit:
    skills = tuple(sorted(map(str, row.get("skills", ()))))
    return Unit(str(row["id"]), str(row["agency"]), float(row["lon"]), float(row["lat"]), int(row["cars"]), skills)


def _target(row: Mapping[str, Any]) -> Target:
    window = Window(*map(int, row["window"])) if row.get("window") else None
    return Target(
        str(row["id"]),
        float(row["lon"]),
        float(row["lat"]),
        float(row["service_s"]),
        str(row["kind"]),
        window,
        visits_per_week=float(row["visits_per_week"]),
        agency=str(row["agency"]),
        name=str(row["name"]),
        skill=str(row.get("skill", "")),
    )


def owners_of(plan: Plan) -> list[str]:
    """Return the label of each segment that tells who may work there: agency id, or ``contested``, ``none``."""
    return list(plan.derived.holder)
