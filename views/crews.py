"""Units, targets and exits of a plan: from its decisions, else the tables of the demo district, else none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.travel import TravelGraph, build_travel_graph
from patrol.exits import Exit
from patrol.targets import Target, Window
from patrol.units import Unit
from plan.demo import demo_tables
from views.state import DEMO, Desk, keep

TABLE = "day"
"""Key of the decisions ``set_units`` and ``set_targets``."""


def units_of(desk: Desk) -> tuple[Unit, ...]:
    """Return the units that the plan sets, or the demo's own."""
    decision = desk.plan.latest("set_units").get(TABLE)
    if decision is not None:
        return tuple(_unit(row) for row in decision.value["units"])
    return demo_tables().units if desk.opened.origin == DEMO else ()


def targets_of(desk: Desk) -> tuple[Target, ...]:
    """Return the targets that the plan sets, or the demo's own."""
    decision = desk.plan.latest("set_targets").get(TABLE)
    if decision is not None:
        return tuple(_target(row) for row in decision.value["targets"])
    return demo_tables().targets if desk.opened.origin == DEMO else ()


def exits_of(desk: Desk) -> tuple[Exit, ...]:
    """Return the exits to be sealed."""
    return demo_tables().exits if desk.opened.origin == DEMO else ()


def units_value(units: tuple[Unit, ...]) -> dict[str, Any]:
    """Return the value of the decision that sets units."""
    return {"units": [{"id": u.id, "agency": u.agency, "lon": u.lon, "lat": u.lat, "cars": u.available} for u in units]}


def targets_value(targets: tuple[Target, ...]) -> dict[str, Any]:
    """Return the value of the decision that sets targets."""
    rows = []
    for t in targets:
        window = [t.window.from_s, t.window.to_s] if t.window else None
        row = {"id": t.id, "lon": t.lon, "lat": t.lat, "service_s": t.service_s, "kind": t.kind, "window": window}
        rows.append(row | {"visits_per_week": t.visits_per_week, "agency": t.agency, "name": t.name})
    return {"targets": rows}


def _unit(row: Mapping[str, Any]) -> Unit:
    return Unit(str(row["id"]), str(row["agency"]), float(row["lon"]), float(row["lat"]), int(row["cars"]))


def _target(row: Mapping[str, Any]) -> Target:
    window = Window(*map(int, row["window"])) if row.get("window") else None
    place = float(row["lon"]), float(row["lat"])
    rest = (window, float(row["visits_per_week"]), str(row["agency"]), str(row["name"]))
    return Target(str(row["id"]), *place, float(row["service_s"]), str(row["kind"]), *rest)


def graph_of(desk: Desk) -> TravelGraph:
    """Return the travel graph of the plan's network, cut at its seams."""
    return keep(("graph", desk.key), lambda: build_travel_graph(desk.plan.derived.network))


def owners_of(desk: Desk) -> list[str]:
    """Return the label of each segment that tells who may work there: agency id, or ``contested``, ``none``."""
    derived = desk.plan.derived
    pairs = zip(derived.owner, derived.agency, strict=True)
    return [owner if owner in {"contested", "none"} else agency for owner, agency in pairs]
