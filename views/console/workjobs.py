"""Jobs of work: posts, mutual aid and incidents, each opens a source, computes and returns the JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from geo.stations import Station, StationKind
from geo.travel import TravelGraph, build_travel_graph
from views.console.jobs import Tell, open_for, parse_place
from views.console.roadstate import USUAL, RoadState, open_roads

if TYPE_CHECKING:
    from patrol.posts.place import Wish
    from patrol.units import Unit
    from plan.model import Plan

SITE_KINDS = ("station", "service_area", "weigh_station")


@dataclass(frozen=True, slots=True)
class PostQuestion:
    """What is asked of posts.

    Attributes
    ----------
    add
        Posts to add.
    minutes
        Time limit.
    model
        One of ``patrol.posts.place.MODELS``.
    points
        Table of the user's points, candidate sites besides those of the map.
    kinds
        Which sites of the map are candidates.
    fixed, forbidden
        Ids of sites that must get a unit, and that may not.
    wide_minutes, share, busy, capacity_km, agency
        Of the models and of the road that counts; see ``patrol.posts.place.Wish``.
    nodes, seed
        Steps of the exact search (0: greedy answer and bound of the relaxation), and seed.
    lose
        Whether to add what is lost while each unit of today is away.
    other
        Table of units that stand elsewhere: the placement is compared with it too.
    """

    add: int = 1
    minutes: float = 15.0
    model: str = "mclp"
    points: Path | None = None
    kinds: tuple[str, ...] = SITE_KINDS
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    wide_minutes: float | None = None
    share: float | None = None
    busy: float = 0.3
    capacity_km: float | None = None
    agency: str | None = None
    nodes: int = 3_000
    seed: int = 1
    lose: bool = False
    other: Path | None = None
    convention: str | None = None

    def wish(self) -> Wish:
        """Return the same in metres and seconds."""
        from patrol.posts.place import Wish

        for option, value, models in (
            ("--capacity-km", self.capacity_km, ("mclp",)),
            ("--wide-minutes", self.wide_minutes, ("dsm",)),
            ("--share", self.share, ("lscp", "dsm")),
        ):
            if value is not None and self.model not in models:
                raise InputError(
                    f"{option} 只用于模型 {'、'.join(models)}，请去掉或换模型。"
                    f" / {option} belongs to {', '.join(models)}; leave it out or take another model"
                )
        return Wish(
            add=self.add,
            limit_s=self.minutes * 60,
            wide_s=None if self.wide_minutes is None else self.wide_minutes * 60,
            share=self.share,
            busy=self.busy,
            capacity_m=None if self.capacity_km is None else self.capacity_km * 1000,
            fixed=self.fixed,
            forbidden=self.forbidden,
            agency=self.agency,
        )


@dataclass(frozen=True, slots=True)
class AidQuestion:
    """What is asked of mutual aid.

    Attributes
    ----------
    minutes
        Time limit.
    needs_pass
        Ids or names of stations nobody passes without permission. Without any, permissions to act are ranked as if
        passing were free, and permissions to pass as if nobody might pass any station; ``none`` ranks no passing.
    by_unit, top
        Permissions for single units instead of agencies; rows to show.
    """

    minutes: float = 15.0
    needs_pass: tuple[str, ...] = ()
    by_unit: bool = False
    top: int = 50
    convention: str | None = None
    roads: RoadState = USUAL


@dataclass(frozen=True, slots=True)
class IncidentQuestion:
    """What is asked of an incident: place ``LON,LAT``, exits to close, head start (minutes) and speed of a fugitive."""

    at: str = ""
    exits: Path | None = None
    head_start_min: float = 0.0
    faster: float = 1.0
    convention: str | None = field(default=None)
    roads: RoadState = USUAL


def post(source: str, units: Path | None, question: PostQuestion, *, tell: Tell) -> dict[str, Any]:
    """Choose posts and compare the placement with today's."""
    from patrol.posts.compare import compare_posts, lose_units
    from patrol.posts.place import place_posts, posts_of_units
    from patrol.posts.places import find_sites, read_sites
    from patrol.posts.question import Effort
    from patrol.units import read_units

    points = read_sites(question.points) if question.points else ()
    other = posts_of_units(read_units(question.other)) if question.other else ()
    plan = open_for(source, question.convention, tell=tell)
    crews = crews_of(source, units)
    graph = _graph(plan)
    sites = (*find_sites(graph.network, kinds=question.kinds), *points)
    tell(f"在 {len(sites)} 个候选点中选址 … / choosing among {len(sites)} sites")
    effort = Effort(nodes=question.nodes, seed=question.seed)
    wish = question.wish()
    placement = place_posts(
        graph, crews, sites, wish=wish, model=question.model, owners=plan.derived.holder, effort=effort
    )
    document = placement.to_json() | {"limit_s": wish.limit_s, "candidates": len(sites)}
    if placement.kept and placement.chosen:
        tell("与现状比较 … / comparing with today")
        both = compare_posts(graph, placement.kept, placement.posts, limit_s=wish.limit_s)
        document["compared"] = both.to_json()
    if placement.posts and other:
        both = compare_posts(graph, placement.posts, other, limit_s=wish.limit_s)
        document["compared_with"] = {"file": question.other.name if question.other else "", **both.to_json()}
    if question.lose and any(unit.available > 0 for unit in crews):
        document["losing"] = [loss.to_json() for loss in lose_units(graph, crews, limit_s=wish.limit_s)]
    return document


def aid(source: str, units: Path | None, question: AidQuestion, *, tell: Tell) -> dict[str, Any]:
    """Rank permissions between the two sides by what they buy."""
    from patrol.aid import rank_permissions
    from patrol.aidsides import sum_sides
    from patrol.aidtable import PASS, rank_gains

    plan = open_for(source, question.convention, tell=tell)
    crews = crews_of(source, units)
    tell("计算互助收益 … / what permissions buy")
    graph, said = open_roads(plan, question.roads)
    common: dict[str, Any] = {
        "owners": plan.derived.holder,
        "limit_s": question.minutes * 60,
        "by_unit": question.by_unit,
    }
    gates = [s for s in graph.network.stations if s.kind != StationKind.GATE]
    if question.needs_pass in {(), ("none",)}:
        table = rank_permissions(graph, crews, **common)
        gains = list(table.gains)
        if not question.needs_pass and gates:
            shut = rank_permissions(graph, crews, needs_pass=[s.id for s in gates], kinds=(PASS,), **common)
            gains = rank_gains([*gains, *shut.gains])
    else:
        table = rank_permissions(graph, crews, needs_pass=_station_ids(gates, question.needs_pass), **common)
        gains = list(table.gains)
    found = table.to_json() | {"permissions": [gain.to_json() for gain in gains[: question.top]], "found": len(gains)}
    return found | {"sides": sum_sides(gains)} | said


def _station_ids(stations: Sequence[Station], wanted: Sequence[str]) -> list[str]:
    """Return the ids of stations given by id or name; unknown ones stay, to be refused by name."""
    by_name = {station.name: station.id for station in reversed(stations) if station.name}
    return [by_name.get(name, name) for name in wanted]


def incident(source: str, units: Path | None, question: IncidentQuestion, *, tell: Tell) -> dict[str, Any]:
    """Make an incident card, with the race to the exits where exits are given."""
    from patrol.exits import read_exits
    from patrol.exitsearch import find_exits
    from patrol.incident import find_place, make_card
    from patrol.pursuit import Flight, race_to_exits

    at = parse_place(question.at)
    gates = read_exits(question.exits) if question.exits else ()
    plan = open_for(source, question.convention, tell=tell)
    crews = crews_of(source, units)
    graph, said = open_roads(plan, question.roads)
    tell("编制突发事件卡 … / incident card")
    document = make_card(graph, crews, at=at, owners=plan.derived.holder).to_json() | said
    document["pursuit"] = None
    if not gates and question.head_start_min > 0:
        gates = find_exits(graph.network)
    if gates:
        flight = Flight(question.head_start_min * 60, question.faster)
        seen = find_place(graph.network, at)
        race = race_to_exits(graph, crews, gates, seen=seen, flight=flight)
        document["pursuit"] = {
            "exits": [clock.to_json() for clock in race],
            "closed": sum(clock.closed for clock in race),
        }
    return document


def _graph(plan: Plan) -> TravelGraph:
    return build_travel_graph(plan.derived.network)


def crews_of(source: str, units: Path | None) -> tuple[Unit, ...]:
    """Return the units of a table; those of the demo district where the demo is asked without a table."""
    from patrol.units import read_units

    if units is not None:
        return read_units(units)
    if source == "demo":
        from plan.demo import demo_tables

        return demo_tables().units
    raise InputError("请用 --units 给出单元表。 / give a table of units with --units")
