"""The demo district as a plan: its map, brigades, stretches and open disputes, and the tables of the working day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.demo import district_path, table_path
from geo.load import load_network
from geo.snapping import snap_points
from jurisdiction.agencytables import read_agencies, read_stretches
from patrol.exits import Exit, read_exits
from patrol.targets import Target, read_targets
from patrol.units import Unit, read_units
from plan.agencies import agency_value, stretch_value
from plan.decisions import Decision
from plan.model import Plan
from plan.replay import anchor
from plan.stakes import make_stake_decisions

_DATED = "2026-11-01"
_LONGEST_DISPUTE_M = 3_000.0


@dataclass(frozen=True)
class DemoTables:
    """Units, inspection targets and exits of the demo district."""

    units: tuple[Unit, ...]
    targets: tuple[Target, ...]
    exits: tuple[Exit, ...]


def demo_tables() -> DemoTables:
    """Return the tables of the demo district."""
    return DemoTables(
        read_units(table_path("units.csv")),
        read_targets(table_path("targets.csv")),
        read_exits(table_path("exits.csv")),
    )


def demo_plan() -> Plan:
    """Return the demo district with its brigades, their stretches, its stake table and two open disputes."""
    plan = Plan(load_network(district_path()), (), "岚溪区（示范）")
    for agency in read_agencies(table_path("agencies.csv")):
        plan = plan.decide(Decision("set_agency", agency.id, agency_value(agency), when=_DATED))
    for stretch in read_stretches(table_path("stretches.csv")):
        plan = plan.decide(Decision("set_stretch", stretch.name, stretch_value(stretch), when=_DATED))
    for decision in make_stake_decisions(table_path("stakes.csv"), plan.network, when=_DATED):
        plan = plan.decide(decision)
    for row in json.loads(table_path("disputes.json").read_text(encoding="utf-8")):
        plan = plan.decide(anchor(plan, _dispute(plan, row)))
    return plan


def _dispute(plan: Plan, row: dict[str, Any]) -> Decision:
    """Return the decision that opens a dispute; its metres are those that the two proposed conventions differ by."""
    road = row["road"]
    value = {
        "title": row["title"],
        "positions": row["positions"],
        "law": row["law"],
        "next_authority": row["next_authority"],
        "segments": _claimed_twice(plan, row),
        "lon": road["lon"],
        "lat": road["lat"],
    }
    return Decision("open_dispute", row["id"], value, when=row["opened"])


def _claimed_twice(plan: Plan, row: dict[str, Any]) -> list[str]:
    """Return the segments between the places that both sides propose, along the ordinary side of the station."""
    network = plan.network
    road = row["road"]
    near = snap_points(network, np.array([road["lon"]]), np.array([road["lat"]]))
    start = int(near.segment[0])
    name = network.text("name", start)
    cut, expressway = plan.derived.ownership.cut, np.zeros(len(network.segments), dtype=bool)
    expressway[cut.base[plan.derived.ownership.expressway]] = True
    ids, found = network.segment_ids, [start]
    front, length = {int(network.segments.u[start]), int(network.segments.v[start])}, 0.0
    same = np.flatnonzero(network.ways.text["name"].where({name})[network.segments.way])
    rest = [int(k) for k in same if k != start and not expressway[k]]
    while rest and length < _LONGEST_DISPUTE_M:
        joined = [k for k in rest if int(network.segments.u[k]) in front or int(network.segments.v[k]) in front]
        if not joined:
            break
        for k in joined:
            found.append(k)
            rest.remove(k)
            length += float(network.segments.length_m[k])
            front |= {int(network.segments.u[k]), int(network.segments.v[k])}
    return sorted(ids[k] for k in found)
