"""Tasks: places to be inspected, stretches of road to be patrolled, checkpoints and where they may stand.

A stretch is driven in one direction, in either (whichever is shorter), or in both. A checkpoint on an expressway
stands only at a toll station, a service or a parking area; on an ordinary road not at a junction.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.errors import InputError
from geo.measure import measure_between
from geo.network import Network
from geo.paths import path
from geo.servicearea import find_service_roads
from geo.snapping import Snapped
from geo.stations import StationKind
from geo.travel import TravelGraph
from patrol.reasons import LeftOut, Reason
from patrol.targets import Target, Window

CHECKPOINT = "checkpoint"
"""Kind of a target that is a checkpoint."""

STATION_M = 300.0
"""A checkpoint this near to a booth stands at the toll station (our assumption)."""

JUNCTION_M = 30.0
"""A checkpoint this near to a junction stands at the junction (our assumption)."""

_JUNCTION = 3


class Directions(StrEnum):
    """In which directions a stretch is driven: as given, whichever is shorter, or both."""

    ONE = "one"
    EITHER = "either"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch to be patrolled.

    Attributes
    ----------
    id
        Unique among all tasks.
    ways
        The ways to drive it, each a sequence of arcs (``2 * segment`` along the way, ``2 * segment + 1`` against
        it); one is chosen.
    pace
        How many times longer than driving through the patrol takes, at least 1.
    stop_s
        Seconds of work besides driving.
    kind, window, agency, name, skill
        As for a target.
    """

    id: str
    ways: tuple[tuple[int, ...], ...]
    pace: float = 1.0
    stop_s: float = 0.0
    kind: str = "stretch"
    window: Window | None = None
    agency: str = ""
    name: str = ""
    skill: str = ""

    def __post_init__(self) -> None:
        if not self.id or not self.ways or not all(self.ways) or self.pace < 1 or self.stop_s < 0:
            msg = f"a stretch has an id, arcs, a pace of 1 or more and no negative work, got {self}"
            raise ValueError(msg)


def make_stretches(
    graph: TravelGraph, name: str, arcs: Sequence[int], *, directions: Directions = Directions.ONE, pace: float = 1.0
) -> tuple[Stretch, ...]:
    """Make the tasks of one stretch: one, or one for each direction.

    Parameters
    ----------
    graph
        The travel graph.
    name
        Id of the stretch; the way back of ``both`` is called ``name`` with ``←``.
    arcs
        Its arcs in driving order.
    directions
        Which directions are to be driven.
    pace
        How many times longer than driving through the patrol takes.

    Raises
    ------
    InputError
        Where the arcs do not follow one another, or a direction may not be driven.
    """
    there = tuple(arcs)
    _require_way(graph, name, there)
    if directions == Directions.ONE:
        return (Stretch(name, (there,), pace),)
    back = tuple(arc ^ 1 for arc in reversed(there))
    _require_way(graph, name, back)
    if directions == Directions.EITHER:
        return (Stretch(name, (there, back), pace),)
    return Stretch(name, (there,), pace), Stretch(f"{name}←", (back,), pace)


def arcs_between(graph: TravelGraph, a: Snapped, b: Snapped) -> tuple[int, ...]:
    """Return the arcs of the quickest way between two places; segments driven in part count as whole.

    Raises
    ------
    InfeasibleError
        Where no way leads from one to the other.
    """
    legs = path(graph, a, b)
    return tuple(2 * leg.segment + (leg.direction < 0) for leg in legs if leg.segment >= 0)


def _require_way(graph: TravelGraph, name: str, arcs: tuple[int, ...]) -> None:
    bad = [arc for arc in arcs if not 0 <= arc < len(graph.arc_ms) or graph.arc_ms[arc] < 0]
    if bad or not arcs:
        raise InputError(
            f"管段 {name} 含有不能通行的方向，请按行车方向给出路段。"
            f" / stretch {name} holds a direction that may not be driven; give its segments in driving direction"
        )
    for x, y in itertools.pairwise(arcs):
        if graph.head[x] != graph.tail[y]:
            ids = graph.network.segment_ids
            raise InputError(
                f"管段 {name} 在 {ids[x >> 1]} 与 {ids[y >> 1]} 之间断开，请补齐路段。"
                f" / stretch {name} is broken between {ids[x >> 1]} and {ids[y >> 1]}; give every segment between them"
            )


def find_bad_checkpoints(network: Network, targets: Sequence[Target], places: Snapped) -> dict[int, LeftOut]:
    """Return the checkpoints that may not stand where they are put, by position, with the reason.

    Parameters
    ----------
    network
        The network, with stations.
    targets
        Targets; those of kind ``checkpoint`` are looked at.
    places
        Where they lie on the network.
    """
    rows = [k for k, target in enumerate(targets) if target.kind == CHECKPOINT and places.segment[k] >= 0]
    if not rows:
        return {}
    fast = network.segment_class <= RoadClass.MOTORWAY_LINK
    service = network.segment_class == RoadClass.SERVICE
    area = find_service_roads(network, service=service, expressway=fast, ordinary=~fast & ~service)
    ends = np.concatenate((network.segments.u, network.segments.v))
    degree = np.bincount(ends, minlength=len(network.nodes))
    booths = [row for s in network.stations if s.kind != StationKind.GATE for row in s.booths]
    found = {}
    for k in rows:
        segment, here = int(places.segment[k]), (float(places.lon[k]), float(places.lat[k]))
        if area[segment] or _near(network, booths, here) <= STATION_M:
            continue
        if fast[segment]:
            found[k] = _not_on_an_expressway(targets[k], network, here)
        elif _at_junction(network, degree, places, k):
            found[k] = _not_at_a_junction(targets[k])
    return found


def _near(network: Network, nodes: Collection[int], here: tuple[float, float]) -> float:
    lon, lat = network.nodes.lon, network.nodes.lat
    return min((measure_between(here, (float(lon[row]), float(lat[row]))) for row in nodes), default=np.inf)


def _at_junction(network: Network, degree: npt.NDArray[np.intp], places: Snapped, k: int) -> bool:
    segment, offset = int(places.segment[k]), float(places.offset_m[k])
    length = float(network.segments.length_m[segment])
    ends = ((int(network.segments.u[segment]), offset), (int(network.segments.v[segment]), length - offset))
    return any(degree[node] >= _JUNCTION and away <= JUNCTION_M for node, away in ends)


def _not_on_an_expressway(target: Target, network: Network, here: tuple[float, float]) -> LeftOut:
    named = [s for s in network.stations if s.kind != StationKind.GATE and s.booths]
    nearest = min(named, key=lambda s: (measure_between(here, (s.lon, s.lat)), s.id), default=None)
    zh, en = (nearest.name or nearest.id,) * 2 if nearest else ("服务区", "a service area")
    return LeftOut(
        target.id,
        Reason.CHECKPOINT,
        f"高速公路上只能在收费站、服务区或停车区设卡；请移到{zh}。",
        f"On an expressway a checkpoint stands only at a toll station, service or parking area; move it to {en}.",
    )


def _not_at_a_junction(target: Target) -> LeftOut:
    return LeftOut(
        target.id,
        Reason.CHECKPOINT,
        f"不得在路口随意设卡；请离开路口 {JUNCTION_M:.0f} 米以上。",
        f"A checkpoint must not stand at a junction; move it more than {JUNCTION_M:.0f} m away.",
    )
