"""The commands ``cover`` and ``seal``: open, compute, return the JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from views.console.jobs import Tell, open_for, parse_place
from views.console.roadstate import USUAL, RoadState, open_roads

if TYPE_CHECKING:
    from geo.travel import TravelGraph
    from patrol.exits import Exit
    from patrol.units import Unit
    from plan.model import Plan

_DAY = "2026-01-05"
"""A Monday, for hours without a date: what holds on some days of the week only is asked for with a date."""


@dataclass(frozen=True, slots=True)
class CoverQuestion:
    """What is asked of coverage: units, minutes, whether hour by hour (and of which day), convention, roads."""

    units: Path | None = None
    minutes: float = 15.0
    by_hour: bool = False
    convention: str | None = None
    roads: RoadState = USUAL


@dataclass(frozen=True, slots=True)
class SealQuestion:
    """What is asked of a sealing.

    Attributes
    ----------
    units, exits
        Tables; without exits those of the map.
    kinds
        Which exits of the map: ``station``, ``border``.
    each
        Cars an exit, where the table does not say.
    seen
        ``LON,LAT`` where a fugitive was seen, ``None`` for none.
    head_start_min, faster
        Minutes since then, and how many times faster than free flow it drives.
    """

    units: Path | None = None
    exits: Path | None = None
    kinds: tuple[str, ...] = ()
    each: int = 1
    seen: str | None = None
    head_start_min: float = 0.0
    faster: float = 1.0
    convention: str | None = None
    roads: RoadState = USUAL


def cover(source: str, question: CoverQuestion, *, tell: Tell) -> dict[str, Any]:
    """Compute joint coverage with its parts by agency, class and town, overlap, and what is out of reach."""
    from patrol.stranded import find_islanders, leave_home
    from views.console.workjobs import crews_of

    plan = open_for(source, question.convention, tell=tell)
    crews = crews_of(source, question.units)
    tell("计算覆盖 … / computing coverage")
    roads = question.roads
    if question.by_hour and roads.at is None:
        roads = replace(roads, at=f"{_DAY}T08:00")
    graph, said = open_roads(plan, roads)
    crews, far = leave_home(graph.network, crews)
    document = describe_cover(graph, crews, plan, limit_s=question.minutes * 60)
    document["idle_units"] = [unit.to_json() for unit in (*far, *find_islanders(graph, crews))]
    if question.by_hour:
        document["hours"] = _by_hour(plan, crews, question, at=roads.at or _DAY)
    return document | said


def _by_hour(plan: Plan, crews: Sequence[Unit], question: CoverQuestion, *, at: str) -> list[dict[str, Any]]:
    """Return the coverage of every hour of a day, with the closures and the cars on duty of that hour."""
    from geo.closures import read_moment
    from geo.closuretable import read_closures
    from geo.speedtable import agency_speeds, read_speed_table
    from patrol.hours import cover_by_hour, read_duty
    from plan.closures import closures_of

    network, roads = plan.derived.network, question.roads
    listed = read_closures(roads.closures) if roads.closures else ()
    closures = {c.id: c for c in (*closures_of(plan), *listed)}
    hours = cover_by_hour(
        network,
        crews,
        limit_s=question.minutes * 60,
        closures=list(closures.values()),
        day=read_moment(at).date(),
        on_duty=read_duty(question.units) if question.units else None,
        speeds=agency_speeds(network, read_speed_table(roads.speeds))[0] if roads.speeds else None,
    )
    return [hour.to_json() for hour in hours]


def describe_cover(graph: TravelGraph, crews: Sequence[Unit], plan: Plan, *, limit_s: float) -> dict[str, Any]:
    """Return the coverage of a plan within a limit as a document."""
    from patrol.breakdown import OUT_OF_REACH_WORDS, break_down, class_labels, count_overlap, explain_unreached
    from patrol.coverage import classify, time_response

    derived = plan.derived
    response = time_response(graph, crews)
    document: dict[str, Any] = classify(response, limit_s=limit_s, owners=derived.agency).to_json()
    labels = {
        "agency": derived.agency,
        "class": class_labels(graph.network),
        "town": derived.settlement.town,
    }
    document["by"] = {
        key: {name: part.to_json() for name, part in break_down(response, names, limit_s=limit_s).items()}
        for key, names in labels.items()
    }
    document["overlap"] = count_overlap(response, limit_s=limit_s).to_json()
    document["unreachable"] = [
        {
            "reason": str(reason),
            "message": OUT_OF_REACH_WORDS[reason][0],
            "message_en": OUT_OF_REACH_WORDS[reason][1],
            "length_m": mm / 1000,
        }
        for reason, mm in explain_unreached(response).items()
    ]
    return document


def seal(source: str, question: SealQuestion, *, tell: Tell) -> dict[str, Any]:
    """Send units to the exits; with a fugitive on the way, to those that can still be closed in time."""
    from views.console.workjobs import crews_of

    seen = parse_place(question.seen) if question.seen is not None else None
    if seen is None and question.head_start_min:
        raise InputError("提前量需与 --from 经度,纬度 同用。 / a head start needs --from LON,LAT.")
    crews = crews_of(source, question.units)
    plan = open_for(source, question.convention, tell=tell)
    graph, said = open_roads(plan, question.roads, plan.land)
    exits = _exits(graph, question, source)
    tell(f"计算封控：{len(exits)} 个出口 … / sealing {len(exits)} exits")
    if seen is not None:
        return _race(graph, crews, exits, question, at=seen) | said
    from patrol.sealing import seal as seal_each
    from patrol.sealing_many import seal_with_many

    need = {exit_.id: max(exit_.need, question.each) for exit_ in exits}
    many = any(count > 1 for count in need.values())
    done = seal_with_many(graph, crews, exits, need=need) if many else seal_each(graph, crews, exits)
    return done.to_json() | {"exits": _exits_json(exits, need)} | said


def _exits(graph: TravelGraph, question: SealQuestion, source: str) -> tuple[Exit, ...]:
    """Return the exits of the table, of the kinds asked for, or of the map; the demo has a table of its own."""
    from patrol.exits import read_exits
    from patrol.exitsearch import KINDS, find_exits

    if question.exits is not None:
        return read_exits(question.exits)
    if source == "demo" and not question.kinds:
        from data.demo import table_path

        return read_exits(table_path("exits.csv"))
    return find_exits(graph.network, kinds=question.kinds or KINDS)


def _exits_json(exits: Sequence[Exit], need: dict[str, int]) -> list[dict[str, Any]]:
    return [{"id": e.id, "name": e.name, "kind": e.kind, "lon": e.lon, "lat": e.lat, "need": need[e.id]} for e in exits]


def _race(
    graph: TravelGraph, crews: Sequence[Unit], exits: Sequence[Exit], question: SealQuestion, *, at: tuple[float, float]
) -> dict[str, Any]:
    """Return who closes which exit before a fugitive is there, and which exits stay open."""
    from patrol.incident import find_place
    from patrol.pursuit import Flight, race_to_exits

    flight = Flight(question.head_start_min * 60, question.faster)
    race = race_to_exits(graph, crews, exits, seen=find_place(graph.network, at), flight=flight)
    closed = [clock for clock in race if clock.closed]
    times = [clock.unit_s for clock in closed]
    return {
        "slowest_s": max(times, default=None),
        "sum_s": sum(times),
        "assignment": [{"exit": c.exit, "unit": c.unit, "agency": c.agency, "time_s": c.unit_s} for c in closed],
        "exits": _exits_json(exits, {exit_.id: 1 for exit_ in exits}),
        "pursuit": {
            "from": list(at),
            "head_start_s": flight.head_start_s,
            "exits": [clock.to_json() for clock in race],
            "closed": len(closed),
            "open": [clock.exit for clock in race if not clock.closed],
        },
    }
