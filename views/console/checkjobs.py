"""The command ``checkpoints``: legal places, places that were asked about, and overloaded trucks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from views.console.jobs import Tell, open_for
from views.console.roadstate import USUAL, RoadState, open_roads

if TYPE_CHECKING:
    from geo.travel import TravelGraph
    from patrol.checkpoints import Load


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    """Tables of places to check and of trucks, convention, roads."""

    places: Path | None = None
    trucks: Path | None = None
    convention: str | None = None
    roads: RoadState = USUAL


def checkpoints(source: str, question: CheckQuestion, *, tell: Tell) -> dict[str, Any]:
    """List where checkpoints may stand on expressways, check given places, and send overloaded trucks to be weighed."""
    from patrol.checkpoints import check_checkpoints, read_places, read_trucks
    from patrol.posts.places import find_sites
    from patrol.weigh import find_weigh_stations

    places = read_places(question.places) if question.places else ()
    loads = read_trucks(question.trucks) if question.trucks else ()
    plan = open_for(source, question.convention, tell=tell)
    graph, said = open_roads(plan, question.roads)
    sites = find_sites(graph.network, kinds=("station", "service_area"))
    document: dict[str, Any] = {
        "rule": "公安部高速公路交通管理规范 36、70、72；道路运输条例 58、59；公路安全保护条例 40",
        "allowed": [{"id": s.id, "kind": s.kind, "name": s.name, "lon": s.lon, "lat": s.lat} for s in sites],
        "checked": [checked.to_json() for checked in check_checkpoints(graph.network, places)],
        "weigh_stations": [asdict(station) for station in find_weigh_stations(graph.network)],
        "trucks": _weigh(graph, loads) if loads else [],
    }
    return document | said


def _weigh(graph: TravelGraph, loads: tuple[Load, ...]) -> list[dict[str, Any]]:
    """Return mass, limit and the weigh station of each truck; a legal load is sent nowhere."""
    from patrol.weigh import find_weigh_stations, send_to_weigh

    over = [load.truck for load in loads if load.over_t > 0]
    sent = {way.truck: way for way in send_to_weigh(graph, over, find_weigh_stations(graph.network))} if over else {}
    rows = []
    for load in loads:
        way = sent.get(load.truck.id)
        row = {"id": load.truck.id, "mass_t": load.mass_t, "limit_t": load.limit_t, "over_t": load.over_t}
        row |= {"station": None, "time_s": None, "length_m": None, "next_station": None, "next_time_s": None}
        if way is not None:
            row |= {
                "station": way.station,
                "time_s": round(way.time_s, 3),
                "length_m": round(way.length_m, 3),
                "next_station": way.next_station or None,
                "next_time_s": way.next_time_s,
            }
        rows.append(row)
    return rows
