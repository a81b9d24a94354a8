"""The incident card (突发事件): who can legally get there first, where to turn, what to close, how to lead traffic.

Places are found on the travel graph, so one-way roads, closures and the turn rules of expressways hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.network import Network
from geo.paths import Leg, path
from geo.snapping import SnapIndex, Snapped, snap_points
from geo.stations import StationKind
from geo.times import matrix
from geo.travel import TravelGraph
from geo.turns import is_expressway, turn_places
from patrol.arrivals import block_arcs
from patrol.authority import EXPRESSWAY, NOBODY, may_work
from patrol.mainline import Closing, find_closing
from patrol.places import FARTHEST_M, require_on_network, snap_places
from patrol.units import LOCAL, Unit, is_local


@dataclass(frozen=True, slots=True)
class FirstCar:
    """The first car of one agency: unit, agency, seconds (inf where it cannot get there), and whether it may act."""

    unit: str
    agency: str
    time_s: float
    may_act: bool

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values; ``None`` for a car that cannot get there."""
        time = round(self.time_s, 3) if np.isfinite(self.time_s) else None
        return {"unit": self.unit, "agency": self.agency, "time_s": time, "may_act": self.may_act}


@dataclass(frozen=True, slots=True)
class TurnRound:
    """The next place to turn round, driving on from the incident in one direction.

    Attributes
    ----------
    direction
        1 along the segment, -1 against it.
    station
        Name of the toll station, or ``""`` for a marked turn-round.
    lon, lat
        WGS-84 degrees.
    time_s
        Seconds from the incident.
    """

    direction: int
    station: str
    lon: float
    lat: float
    time_s: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "direction": self.direction,
            "station": self.station,
            "lon": self.lon,
            "lat": self.lat,
            "time_s": round(self.time_s, 3),
        }


@dataclass(frozen=True, slots=True)
class Detour:
    """A way round the incident: roads in order with metres, total metres and seconds, and the legs to draw it."""

    direction: int
    roads: tuple[tuple[str, float], ...]
    length_m: float
    time_s: float
    legs: tuple[Leg, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "direction": self.direction,
            "roads": [{"road": road, "length_m": round(length, 3)} for road, length in self.roads],
            "length_m": round(self.length_m, 3),
            "time_s": round(self.time_s, 3),
        }


@dataclass(frozen=True, slots=True)
class Command:
    """Who commands on one side: ``side`` is ``expressway`` or ``ordinary``; ``agency`` its brigade."""

    side: str
    agency: str
    text: str
    text_en: str

    def to_json(self) -> dict[str, str]:
        """Return plain JSON values."""
        return {"side": self.side, "agency": self.agency, "text": self.text, "text_en": self.text_en}


@dataclass(frozen=True)
class IncidentCard:
    """What the duty desk needs in the first minute.

    Attributes
    ----------
    segment, lon, lat
        Segment id and place on the network, WGS-84 degrees.
    owner
        Owner label of the road.
    cars
        The first car of each agency, those that may act before those that may not, then by time.
    turn_rounds
        Next places to turn round, one a direction traffic may drive.
    closings
        What to close upstream, one a direction of an expressway; empty on ordinary roads.
    detours
        Ways on ordinary roads past the incident, one a direction; none where there is no such way.
    commands
        Who commands where.
    """

    segment: str
    lon: float
    lat: float
    owner: str
    cars: tuple[FirstCar, ...]
    turn_rounds: tuple[TurnRound, ...]
    closings: tuple[Closing, ...]
    detours: tuple[Detour, ...]
    commands: tuple[Command, ...]

    @property
    def first(self) -> FirstCar | None:
        """The first car of any agency that may act there, ``None`` where none can."""
        able = [car for car in self.cars if car.may_act and np.isfinite(car.time_s)]
        return min(able, key=lambda car: (car.time_s, car.unit), default=None)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "segment": self.segment,
            "lon": self.lon,
            "lat": self.lat,
            "owner": self.owner,
            "first": self.first.to_json() if self.first else None,
            "cars": [car.to_json() for car in self.cars],
            "turn_rounds": [turn.to_json() for turn in self.turn_rounds],
            "close": [closing.to_json() for closing in self.closings],
            "detours": [detour.to_json() for detour in self.detours],
            "command": [command.to_json() for command in self.commands],
        }


def make_card(
    graph: TravelGraph,
    units: Sequence[Unit],
    *,
    at: tuple[float, float],
    owners: Sequence[str],
    index: SnapIndex | None = None,
) -> IncidentCard:
    """Make the card of an incident.

    Parameters
    ----------
    graph
        The travel graph, the road of the incident still open.
    units
        Units of all agencies; those without a car stay at home.
    at
        Longitude and latitude, WGS-84 degrees.
    owners
        Owner label of each segment.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where the place or a unit is far from every road, no unit can leave, or the labels do not fit.
    """
    network = graph.network
    if len(owners) != len(network.segments):
        raise InputError("give one owner label for each segment of this network")
    place = find_place(network, at, index=index)
    row = int(place.segment[0])
    ready = sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id)
    if not ready:
        raise InputError(
            "没有可出动的车辆，请至少把一个单元的 available 设为 1。"
            " / no unit has a car available; set available to 1 or more for at least one unit"
        )
    directions = [d for d in (1, -1) if graph.arc_ms[_arc(row, d)] >= 0]
    closings = tuple(found for d in directions if (found := find_closing(graph, _arc(row, d))) is not None)
    return IncidentCard(
        network.segment_ids[row],
        round(float(place.lon[0]), 7),
        round(float(place.lat[0]), 7),
        owners[row],
        _first_cars(graph, ready, place, owner=owners[row], index=index),
        tuple(turn for d in directions if (turn := _turn_round(graph, place, d)) is not None),
        closings,
        tuple(detour for d in directions if (detour := _detour(graph, row, d, closings)) is not None),
        _commands(network, owners, row, closings),
    )


def find_place(network: Network, at: tuple[float, float], *, index: SnapIndex | None = None) -> Snapped:
    """Return the place of an incident inside its nearest segment.

    Raises
    ------
    InputError
        Where it lies far from every road.
    """
    place = snap_points(network, np.array([at[0]]), np.array([at[1]]), max_m=FARTHEST_M, index=index)
    if place.segment[0] < 0:
        raise InputError(
            f"({at[0]:.5f}, {at[1]:.5f}) 距最近的道路 {place.distance_m[0] / 1000:.1f} 公里，请核对坐标。"
            f" / the incident at ({at[0]:.5f}, {at[1]:.5f}) lies {place.distance_m[0] / 1000:.1f} km from the nearest "
            "road of this map; check its coordinates"
        )
    return place


def _arc(row: int, direction: int) -> int:
    return 2 * row + (direction < 0)


def _first_cars(
    graph: TravelGraph, ready: Sequence[Unit], place: Snapped, *, owner: str, index: SnapIndex | None
) -> tuple[FirstCar, ...]:
    posts = snap_places(graph.network, ready, index=index)
    require_on_network(ready, posts, "unit")
    times = matrix(graph, posts, place)[:, 0]
    best: dict[str, FirstCar] = {}
    for unit, time in zip(ready, times.tolist(), strict=True):
        car = FirstCar(unit.id, unit.agency, time, may_work(unit.agency, owner))
        if unit.agency not in best or time < best[unit.agency].time_s:
            best[unit.agency] = car
    return tuple(sorted(best.values(), key=lambda car: (not car.may_act, car.time_s, car.unit)))


def _turn_round(graph: TravelGraph, place: Snapped, direction: int) -> TurnRound | None:
    """Return the next place to turn round when driving on in one direction only."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    network = graph.network
    nodes = turn_places(network)
    if len(nodes) == 0:
        return None
    arc = _arc(int(place.segment[0]), direction)
    length = max(float(network.segments.length_m[arc >> 1]), 1e-9)
    done = float(place.offset_m[0]) / length
    rest_ms = float(graph.arc_ms[arc]) * (done if direction < 0 else 1.0 - done)
    size = graph.vertices
    table = csr_array((graph.weights, graph.indices, graph.indptr), shape=(size, size))
    distance = dijkstra(table, indices=[int(graph.head_vertex[arc])])[0] + rest_ms
    here = np.isin(graph.vertex_node, nodes)
    if not np.isfinite(distance[here]).any():
        return None
    vertex = np.flatnonzero(here)[int(np.argmin(distance[here]))]
    node = int(graph.vertex_node[vertex])
    names = {b: s.name or s.id for s in network.stations if s.kind != StationKind.GATE for b in s.booths}
    lon, lat = float(network.nodes.lon[node]), float(network.nodes.lat[node])
    return TurnRound(direction, names.get(node, ""), lon, lat, float(distance[vertex]) / 1000.0)


def _detour(graph: TravelGraph, row: int, direction: int, closings: Sequence[Closing]) -> Detour | None:
    """Return the way round: on an expressway from its last exit to the next entry, over ordinary roads only."""
    network = graph.network
    arc = _arc(row, direction)
    blocked = np.zeros(len(graph.arc_ms), dtype=bool)
    blocked[[2 * row, 2 * row + 1]] = True
    closing = next((c for c in closings if c.direction == direction), None)
    if is_expressway(network)[row]:
        if closing is None or closing.leave_node < 0 or closing.join_node < 0:
            return None
        blocked |= np.repeat(is_expressway(network), 2)
        ends = (closing.leave_node, closing.join_node)
    else:
        ends = (int(graph.tail[arc]), int(graph.head[arc]))
    open_ = block_arcs(graph, blocked)
    try:
        legs = path(open_, _at_node(network, ends[0]), _at_node(network, ends[1]))
    except InfeasibleError:
        return None
    roads = _roads(network, legs)
    return Detour(direction, roads, sum(m for _, m in roads), sum(leg.time_s for leg in legs), tuple(legs))


def _at_node(network: Network, node: int) -> Snapped:
    seg = network.segments
    row = int(np.flatnonzero((seg.u == node) | (seg.v == node))[0])
    offset = 0.0 if seg.u[row] == node else float(seg.length_m[row])
    lon, lat = network.nodes.lon[[node]], network.nodes.lat[[node]]
    return Snapped(np.array([row]), np.array([offset]), np.zeros(1), lon, lat, np.array([node]))


def _roads(network: Network, legs: Sequence[Leg]) -> tuple[tuple[str, float], ...]:
    roads: list[tuple[str, float]] = []
    for leg in legs:
        if leg.segment < 0:
            continue
        name = " ".join(t for t in (network.text("ref", leg.segment), network.text("name", leg.segment)) if t)
        length = abs(leg.to_m - leg.from_m)
        if roads and roads[-1][0] == name:
            roads[-1] = (name, roads[-1][1] + length)
        else:
            roads.append((name, length))
    return tuple(roads)


def _commands(network: Network, owners: Sequence[str], row: int, closings: Sequence[Closing]) -> tuple[Command, ...]:
    """Return who commands on the road of the incident, and on the other side of the stations concerned."""
    labels = np.asarray(owners, dtype=np.str_)
    owner, fast = owners[row], bool(is_expressway(network)[row])
    side = "ordinary" if is_local(owner) or (not fast and owner != EXPRESSWAY) else EXPRESSWAY
    road = network.text("ref", row) or network.text("name", row) or network.segment_ids[row]
    if owner in NOBODY:
        text = f"{road}：管辖未定，先到单位先行处置，报共同上级指定"
        text_en = f"{road}: jurisdiction is open; the first crew on the spot acts, the common superior decides"
    else:
        text, text_en = f"{road}：{owner} 现场指挥", f"{road}: {owner} commands on the spot"
    found = [Command(side, owner, text, text_en)]
    names = {name for closing in closings for name in closing.station_ids}
    for station in network.stations:
        if station.id not in names:
            continue
        touching = np.isin(network.segments.u, station.booths) | np.isin(network.segments.v, station.booths)
        others = sorted({str(text) for text in labels[touching]} - {owner}) or [LOCAL]
        for other in others:
            name = station.name or station.id
            where = "ordinary" if is_local(other) else EXPRESSWAY
            text = f"{name}站外：{other} 指挥分流"
            found.append(Command(where, other, text, f"outside {name}: {other} directs the diversion"))
    return tuple(dict.fromkeys(found))
