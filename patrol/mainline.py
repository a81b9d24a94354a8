"""Along the main line of an expressway: the last exit before a place, the entries between, the next entry after it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from geo.classes import RoadClass
from geo.stations import StationKind
from geo.travel import TravelGraph

FARTHEST_SEGMENTS = 5_000
"""Segments looked at in one search along ramps or main line."""

_RAMPS = frozenset({RoadClass.MOTORWAY_LINK, RoadClass.ORDINARY_LINK, RoadClass.SERVICE})


@dataclass(frozen=True)
class Closing:
    """What to close before an incident on one carriageway.

    Attributes
    ----------
    direction
        1 along the segment of the incident, -1 against it.
    divert_at
        Name of the station at which traffic is led off: the last exit upstream; ``""`` where the map shows none, or
        where it is an interchange with another expressway.
    divert_m
        Metres from there to the incident; inf where there is none.
    close_entries
        Names of the stations whose entries lead to the incident with no exit before it.
    station_ids
        Ids of all these stations.
    leave_node, join_node
        Node rows where the exit reaches ordinary roads, and where the next entry after the incident leaves them; -1.
    """

    direction: int
    divert_at: str
    divert_m: float
    close_entries: tuple[str, ...]
    station_ids: tuple[str, ...]
    leave_node: int
    join_node: int

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "direction": self.direction,
            "divert_at": self.divert_at or None,
            "divert_m": round(self.divert_m, 3) if np.isfinite(self.divert_m) else None,
            "close_entries": list(self.close_entries),
            "stations": list(self.station_ids),
        }


@dataclass(frozen=True, slots=True)
class _Ramp:
    """A ramp followed to its end: station row (-1 none), node on the ordinary road."""

    station: int
    node: int


def find_closing(graph: TravelGraph, arc: int) -> Closing | None:
    """Return what to close before an incident on an arc, ``None`` where it does not lie on an expressway.

    Parameters
    ----------
    graph
        The travel graph.
    arc
        Arc of the incident, ``2 * segment`` along the segment, ``2 * segment + 1`` against it.
    """
    if graph.network.segment_class[arc >> 1] > RoadClass.MOTORWAY_LINK:
        return None
    return _Line(graph).closing(arc)


class _Line:
    """Walks along arcs of one travel graph."""

    def __init__(self, graph: TravelGraph) -> None:
        self.graph = graph
        self.road = graph.network.segment_class
        self.station = {
            booth: k
            for k, s in enumerate(graph.network.stations)
            if s.kind not in {StationKind.GATE, StationKind.MAIN_LINE}
            for booth in s.booths
        }

    def closing(self, arc: int) -> Closing:
        network = self.graph.network
        exit_, exit_m, entries = self._look_back(arc)
        after = self._look_ahead(arc)
        rows = sorted({r for r in (*entries, exit_.station if exit_ else -1) if r >= 0})
        names = [s.name or s.id for s in network.stations]
        return Closing(
            -1 if arc & 1 else 1,
            names[exit_.station] if exit_ and exit_.station >= 0 else "",
            exit_m,
            tuple(names[k] for k in entries),
            tuple(network.stations[k].id for k in rows),
            exit_.node if exit_ else -1,
            after.node if after else -1,
        )

    def _look_back(self, arc: int) -> tuple[_Ramp | None, float, list[int]]:
        """Follow the main line upstream to the last exit; list the entries passed."""
        length = self.graph.network.segments.length_m
        entries: dict[int, None] = {}
        queue, seen = deque([(arc, 0.0)]), {arc}
        while queue and len(seen) < FARTHEST_SEGMENTS:
            now, done = queue.popleft()
            node = int(self.graph.tail[now])
            if node in self.station and self._is_ramp(now):
                entries[self.station[node]] = None
                continue
            exits = [a for a in self._leaving(node) if a not in seen and self._is_ramp(a) and a >> 1 != now >> 1]
            for ramp_arc in exits if self._is_main(now) else ():
                ramp = self._follow(ramp_arc, back=False)
                if ramp is not None and ramp.node >= 0:
                    return ramp, done, list(entries)
            for before in self._arriving(node):
                if before in seen or before >> 1 == now >> 1:
                    continue
                on_ramp = self._is_ramp(now) and self._is_ramp(before)
                if self._is_main(before) or on_ramp:
                    seen.add(before)
                    queue.append((before, done + float(length[before >> 1])))
                elif self._is_ramp(before):
                    ramp = self._follow(before, back=True)
                    if ramp is not None and ramp.station >= 0:
                        entries[ramp.station] = None
        return None, np.inf, list(entries)

    def _look_ahead(self, arc: int) -> _Ramp | None:
        """Follow the main line downstream to the next entry from an ordinary road."""
        queue, seen = deque([arc]), {arc}
        while queue and len(seen) < FARTHEST_SEGMENTS:
            now = queue.popleft()
            node = int(self.graph.head[now])
            joining = [a for a in self._arriving(node) if self._is_ramp(a) and a not in seen and a >> 1 != now >> 1]
            for ramp_arc in joining:
                ramp = self._follow(ramp_arc, back=True)
                if ramp is not None and ramp.node >= 0:
                    return ramp
            for after in self._leaving(node):
                if after not in seen and after >> 1 != now >> 1 and self._is_main(after):
                    seen.add(after)
                    queue.append(after)
        return None

    def _follow(self, arc: int, *, back: bool) -> _Ramp | None:
        """Follow a ramp away from the main line to the nearest ordinary road; ``None`` where it leads to none.

        A way through service roads counts only if it passes a toll station: the back gate of a service area is no exit.
        """
        ends = self.graph.tail if back else self.graph.head
        queue, origin = deque([arc]), {arc: -1}
        while queue and len(origin) < FARTHEST_SEGMENTS:
            now = queue.popleft()
            node = int(ends[now])
            if self._is_on_road(node):
                chain = [now]
                while origin[chain[-1]] >= 0:
                    chain.append(origin[chain[-1]])
                booths = [int(x) for a in chain for x in (self.graph.tail[a], self.graph.head[a])]
                station = next((self.station[b] for b in booths if b in self.station), -1)
                if station >= 0 or all(self.road[a >> 1] != RoadClass.SERVICE for a in chain):
                    return _Ramp(station, node)
                continue
            for after in self._arriving(node) if back else self._leaving(node):
                if after not in origin and self.road[after >> 1] in _RAMPS and after >> 1 != now >> 1:
                    origin[after] = now
                    queue.append(after)
        return None

    def _is_on_road(self, node: int) -> bool:
        """Whether an ordinary road leaves or reaches a node."""
        around = (*self._arriving(node), *self._leaving(node))
        return any(RoadClass.TRUNK <= self.road[a >> 1] <= RoadClass.MINOR for a in around)

    def _is_ramp(self, arc: int) -> bool:
        return bool(self.road[arc >> 1] == RoadClass.MOTORWAY_LINK)

    def _is_main(self, arc: int) -> bool:
        return bool(self.road[arc >> 1] == RoadClass.MOTORWAY)

    def _arriving(self, node: int) -> list[int]:
        ptr, arcs = self.graph.arcs_in
        found: list[int] = arcs[ptr[node] : ptr[node + 1]].tolist()
        return found

    def _leaving(self, node: int) -> list[int]:
        ptr, arcs = self.graph.arcs_out
        found: list[int] = arcs[ptr[node] : ptr[node + 1]].tolist()
        return found
