"""The drawing board: nodes and lines in metres, with a grid index so that streets meet at shared nodes.

Streets join every street they touch; all other groups (main lines, ramps, water) only cross, and `crossings`
turns those crossings into bridges and underpasses afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import floor, hypot
from typing import TYPE_CHECKING, NamedTuple

from data.demo.curves import Point, distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CELL_M = 60.0
SNAP_M = 11.0
STREET = "street"


class Edge(NamedTuple):
    """One straight piece of a line: index of the line and its two nodes."""

    line: int
    a: int
    b: int


class Hit(NamedTuple):
    """Where a probe crosses an edge: fraction along the probe, the edge, the point in metres."""

    t: float
    edge: Edge
    point: Point


@dataclass(slots=True)
class Line:
    """A way in the making; `label` marks it for the facts file."""

    nodes: list[int]
    tags: dict[str, str]
    group: str
    label: str = ""


@dataclass(slots=True)
class Net:
    """Nodes, lines and the edge grid."""

    places: list[Point] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    grid: dict[tuple[int, int], dict[Edge, None]] = field(default_factory=dict)

    def node(self, place: Point, **tags: str) -> int:
        """Add a node and return its index."""
        self.places.append((round(place[0], 2), round(place[1], 2)))
        if tags:
            self.node_tags[len(self.places) - 1] = dict(tags)
        return len(self.places) - 1

    def tag(self, node: int, tags: Mapping[str, str]) -> None:
        """Add tags to a node."""
        self.node_tags.setdefault(node, {}).update(tags)

    def points(self, line: Line) -> list[Point]:
        """Return the points of a line in metres."""
        return [self.places[n] for n in line.nodes]

    def add(self, nodes: Sequence[int], tags: Mapping[str, str], group: str, *, label: str = "") -> Line:
        """Add a line of existing nodes; it joins nothing but what it shares nodes with."""
        line = Line(list(nodes), dict(tags), group, label)
        self.lines.append(line)
        for a, b in pairwise(line.nodes):
            self._index(Edge(len(self.lines) - 1, a, b))
        return line

    def add_street(self, path: Sequence[int | Point], tags: Mapping[str, str], *, label: str = "") -> Line:
        """Add an ordinary road that shares a node with every street it crosses.

        Parameters
        ----------
        path
            Node indices or points in metres.
        """
        nodes: list[int] = []
        for stop in path:
            target = stop if isinstance(stop, int) else None
            place = self.places[stop] if isinstance(stop, int) else stop
            if not nodes:
                nodes.append(self.node(place) if target is None else target)
                continue
            nodes += self._walk(nodes[-1], target, place)
        clean = [n for i, n in enumerate(nodes) if i == 0 or n != nodes[i - 1]]
        return self.add(clean, tags, STREET, label=label)

    def _walk(self, start: int, target: int | None, place: Point) -> list[int]:
        """Return the nodes from `start` to the target, with every street crossed on the way cut and shared."""
        found: list[int] = []
        here = start
        while True:
            hits = [h for h in self.hits(self.places[here], place, (STREET,)) if here not in h.edge[1:]]
            hits = [h for h in hits if target is None or target not in h.edge[1:]]
            hits = [h for h in hits if not set(found) & set(h.edge[1:])]
            if not hits:
                break
            here = self.cut(min(hits).edge, min(hits).point)
            found.append(here)
        if target is not None:
            return [*found, target]
        if found and distance(self.places[found[-1]], place) < SNAP_M:
            return found
        return [*found, self.node(place)]

    def cut(self, edge: Edge, place: Point) -> int:
        """Return a node of the edge at `place`: one of its ends when that is near, else a new vertex."""
        for end in (edge.a, edge.b):
            if distance(self.places[end], place) < SNAP_M:
                return end
        node = self.node(place)
        self.join(edge, node)
        return node

    def join(self, edge: Edge, node: int) -> None:
        """Put a node into an edge."""
        nodes = self.lines[edge.line].nodes
        at = next(i for i in range(len(nodes) - 1) if nodes[i] == edge.a and nodes[i + 1] == edge.b)
        nodes.insert(at + 1, node)
        self._drop(edge)
        self._index(Edge(edge.line, edge.a, node))
        self._index(Edge(edge.line, node, edge.b))

    def anchor(self, place: Point, reach_m: float) -> int:
        """Return a street node at or nearest to `place`.

        Raises
        ------
        ValueError
            When no street lies within `reach_m` metres.
        """
        near = self.nearest(place, reach_m, (STREET,))
        if near is None:
            msg = f"no street within {reach_m} m of {place}"
            raise ValueError(msg)
        return self.cut(near.edge, near.point)

    def hits(self, p: Point, q: Point, groups: Iterable[str] | None = None) -> list[Hit]:
        """Return where the probe from `p` to `q` crosses edges of these groups, in no order."""
        wanted = None if groups is None else set(groups)
        found = []
        for edge in self._near(p, q, 0.0):
            if wanted is not None and self.lines[edge.line].group not in wanted:
                continue
            t = _crossing(p, q, self.places[edge.a], self.places[edge.b])
            if t is not None:
                found.append(Hit(t, edge, (p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]))))
        return found

    def nearest(self, p: Point, reach_m: float, groups: Iterable[str] | None = None) -> Hit | None:
        """Return the nearest edge within reach; `t` of the hit is the distance in metres."""
        wanted = None if groups is None else set(groups)
        best: Hit | None = None
        for edge in self._near(p, p, reach_m):
            if wanted is not None and self.lines[edge.line].group not in wanted:
                continue
            foot = foot_point(p, self.places[edge.a], self.places[edge.b])
            hit = Hit(distance(p, foot), edge, foot)
            if hit.t <= reach_m and (best is None or hit < best):
                best = hit
        return best

    def is_crowded(self, p: Point, clearance_m: Mapping[str, float]) -> bool:
        """Tell whether a line of a group lies nearer than the clearance of its group in metres."""
        for edge in self._near(p, p, max(clearance_m.values())):
            gap = clearance_m.get(self.lines[edge.line].group, 0.0)
            if gap and distance(p, foot_point(p, self.places[edge.a], self.places[edge.b])) < gap:
                return True
        return False

    def reindex(self) -> None:
        """Build the edge grid anew after lines were split by hand."""
        self.grid.clear()
        for index, line in enumerate(self.lines):
            for a, b in pairwise(line.nodes):
                self._index(Edge(index, a, b))

    def _near(self, p: Point, q: Point, margin: float) -> Iterator[Edge]:
        seen: dict[Edge, None] = {}
        for cell in _cells(p, q, margin):
            seen.update(self.grid.get(cell, {}))
        yield from seen

    def _index(self, edge: Edge) -> None:
        for cell in _cells(self.places[edge.a], self.places[edge.b], 0.0):
            self.grid.setdefault(cell, {})[edge] = None

    def _drop(self, edge: Edge) -> None:
        for cell in _cells(self.places[edge.a], self.places[edge.b], 0.0):
            self.grid[cell].pop(edge, None)


def _cells(p: Point, q: Point, margin: float) -> Iterator[tuple[int, int]]:
    low_x, high_x = sorted((floor((p[0]) / CELL_M), floor(q[0] / CELL_M)))
    low_y, high_y = sorted((floor((p[1]) / CELL_M), floor(q[1] / CELL_M)))
    if margin:
        low_x, high_x = (
            floor((min(p[0], q[0]) - margin) / CELL_M),
            floor((max(p[0], q[0]) + margin) / CELL_M),
        )
        low_y, high_y = (
            floor((min(p[1], q[1]) - margin) / CELL_M),
            floor((max(p[1], q[1]) + margin) / CELL_M),
        )
    for i in range(low_x, high_x + 1):
        for j in range(low_y, high_y + 1):
            yield i, j


def _crossing(p: Point, q: Point, a: Point, b: Point) -> float | None:
    """Return the fraction along p-q where it crosses a-b, or None."""
    rx, ry, sx, sy = q[0] - p[0], q[1] - p[1], b[0] - a[0], b[1] - a[1]
    det = rx * sy - ry * sx
    if abs(det) < 1e-9 * hypot(rx, ry) * hypot(sx, sy) or det == 0.0:
        return None
    t = ((a[0] - p[0]) * sy - (a[1] - p[1]) * sx) / det
    w = ((a[0] - p[0]) * ry - (a[1] - p[1]) * rx) / det
    return t if 0.0 <= t <= 1.0 and 0.0 <= w <= 1.0 else None


def foot_point(p: Point, a: Point, b: Point) -> Point:
    """Return the point of the straight piece a-b nearest to `p`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    size = dx * dx + dy * dy
    t = 0.0 if size == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / size))
    return (a[0] + t * dx, a[1] + t * dy)
