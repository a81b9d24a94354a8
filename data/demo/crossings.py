"""Grade separation: every crossing without a shared node becomes a bridge above or a passage below."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from data.demo.curves import distance
from data.demo.net import STREET, Edge, Line

if TYPE_CHECKING:
    from data.demo.net import Hit, Net
    from data.demo.world import World

ABOVE = {"main", "ramp", "fast", "fastramp", "yard", STREET}
MAJOR = {"trunk", "primary", "secondary"}
RIVER_HALF_M, ROAD_HALF_M, MAIN_HALF_M = 55.0, 30.0, 24.0
NEAR_VERTEX_M, NEAR_END_M = 7.0, 14.0


class Span(NamedTuple):
    """A stretch of a line in metres along it that lies above or below, and its tags."""

    low: float
    high: float
    tags: tuple[tuple[str, str], ...]


BRIDGE = (("bridge", "yes"), ("layer", "1"))
HIGH_BRIDGE = (("bridge", "yes"), ("layer", "2"))
PASSAGE = (("tunnel", "yes"), ("layer", "-1"))


def separate_levels(world: World) -> int:
    """Split every line at its crossings; returns the number of crossings made."""
    net = world.net
    _merge_twins(net)
    _weld_streets(net)
    spans: dict[int, list[Span]] = {}
    count = 0
    for index, line in enumerate(net.lines):
        if line.group not in ABOVE:
            continue
        for hit, edge in _crossings(net, index):
            other = hit.edge.line
            if other > index or net.lines[other].group == "water":
                count += 1
                _decide(world, (index, edge), hit, spans)
    for index, found in sorted(spans.items()):
        _split(net, net.lines[index], found)
    net.reindex()
    return count


def _crossings(net: Net, index: int) -> list[tuple[Hit, Edge]]:
    """Return the hits of a line with others of a group that has a level, without a shared node."""
    found = []
    line = net.lines[index]
    for a, b in pairwise(line.nodes):
        for hit in net.hits(net.places[a], net.places[b]):
            other = net.lines[hit.edge.line]
            if hit.edge.line == index or {a, b} & {hit.edge.a, hit.edge.b}:
                continue
            if other.group in ABOVE or other.group == "water":
                found.append((hit, Edge(index, a, b)))
    return found


def _merge_twins(net: Net) -> None:
    """Let streets share one node where two of their nodes lie at the same place."""
    first: dict[tuple[float, float], int] = {}
    for line in net.lines:
        if line.group == STREET:
            same = [first.setdefault(net.places[n], n) for n in line.nodes]
            line.nodes = [n for i, n in enumerate(same) if i == 0 or n != same[i - 1]]
    net.reindex()


def _weld_streets(net: Net) -> None:
    """Join the last streets that cross without a shared node (a bend that crosses its own web)."""
    for _ in range(3):
        for index, line in enumerate(net.lines):
            if line.group != STREET:
                continue
            streets = [(h, e) for h, e in _crossings(net, index) if net.lines[h.edge.line].group == STREET]
            if streets:
                hit, edge = streets[0]
                node = net.cut(hit.edge, hit.point)
                net.join(edge, node)


def _decide(world: World, own: tuple[int, Edge], hit: Hit, spans: dict[int, list[Span]]) -> None:
    """Note which of two crossing lines is carried over or led under the other."""
    net = world.net
    index, edge = own
    first, second = net.lines[index], net.lines[hit.edge.line]
    mine = _along(net, first, edge, hit.point)
    theirs = _along(net, second, hit.edge, hit.point)
    if second.group == "water":
        half = RIVER_HALF_M * (1.5 if first.group == "main" else 1.0)
        spans.setdefault(index, []).append(Span(mine - half, mine + half, BRIDGE))
        return
    pair = sorted([(_rank(first), index, mine), (_rank(second), hit.edge.line, theirs)])
    (_, low_line, low_at), (_, high_line, high_at) = pair
    lower, upper = net.lines[low_line], net.lines[high_line]
    if STREET in {lower.group, upper.group} and "main" in {lower.group, upper.group}:
        _street_over_or_under(world, (low_line, low_at), (high_line, high_at), spans)
        return
    tags = HIGH_BRIDGE if upper.group == "ramp" and lower.label == "S101" else BRIDGE
    spans.setdefault(high_line, []).append(Span(high_at - ROAD_HALF_M, high_at + ROAD_HALF_M, tags))


def _rank(line: Line) -> int:
    """Return who goes above: streets lowest, then main lines, S101 over G98, the fast road, ramps on top."""
    order = {STREET: 0, "yard": 0, "main": 1, "fast": 3, "fastramp": 3, "ramp": 4}
    return order[line.group] + (1 if line.label == "S101" else 0)


def _street_over_or_under(
    world: World, street: tuple[int, float], main: tuple[int, float], spans: dict[int, list[Span]]
) -> None:
    net = world.net
    tags = net.lines[street[0]].tags
    draw = Random(f"{world.seed}-cross-{net.lines[street[0]].nodes[0]}").random()
    if tags["highway"] in MAJOR and draw < 0.7:
        spans.setdefault(street[0], []).append(Span(street[1] - ROAD_HALF_M, street[1] + ROAD_HALF_M, BRIDGE))
    elif draw < 0.6:
        spans.setdefault(main[0], []).append(Span(main[1] - MAIN_HALF_M, main[1] + MAIN_HALF_M, BRIDGE))
    else:
        spans.setdefault(street[0], []).append(Span(street[1] - ROAD_HALF_M, street[1] + ROAD_HALF_M, PASSAGE))


def _along(net: Net, line: Line, edge: Edge, place: tuple[float, float]) -> float:
    run = 0.0
    for a, b in pairwise(line.nodes):
        if (a, b) == (edge.a, edge.b):
            return run + distance(net.places[a], place)
        run += distance(net.places[a], net.places[b])
    raise ValueError(f"edge {edge} is not on its line")


def _split(net: Net, line: Line, found: list[Span]) -> None:
    """Cut a line into plain and carried pieces; the first plain piece keeps the line's place."""
    run = [0.0]
    for a, b in pairwise(line.nodes):
        run.append(run[-1] + distance(net.places[a], net.places[b]))
    cuts: list[tuple[int, int, tuple[tuple[str, str], ...]]] = []
    for span in _merged(found, run[-1]):
        low = _vertex(net, line, run, span.low)
        high = _vertex(net, line, run, span.high)
        low = line.nodes.index(low)
        cuts.append((low, line.nodes.index(high, low + 1), span.tags))
    pieces: list[tuple[list[int], tuple[tuple[str, str], ...]]] = []
    at = 0
    for low, high, tags in cuts:
        if low > at:
            pieces.append((line.nodes[at : low + 1], ()))
        pieces.append((line.nodes[low : high + 1], tags))
        at = high
    if at < len(line.nodes) - 1:
        pieces.append((line.nodes[at:], ()))
    base = dict(line.tags)
    for i, (nodes, tags) in enumerate(pieces):
        if i == 0:
            line.nodes, line.tags = nodes, base | dict(tags)
        else:
            net.lines.append(Line(nodes, base | dict(tags), line.group, line.label))


def _merged(found: list[Span], total: float) -> list[Span]:
    """Return the spans in order, clamped to the line and joined where they touch."""
    result: list[Span] = []
    for span in sorted(found):
        low = 0.0 if span.low < NEAR_END_M else span.low
        high = total if span.high > total - NEAR_END_M else span.high
        if result and low < result[-1].high + NEAR_END_M:
            result[-1] = result[-1]._replace(high=max(high, result[-1].high))
        else:
            result.append(Span(low, high, span.tags))
    return result


def _vertex(net: Net, line: Line, run: list[float], at: float) -> int:
    """Return the node of the line `at` metres along, new where no vertex is near."""
    gap, i = min((abs(r - at), i) for i, r in enumerate(run))
    if gap < NEAR_VERTEX_M:
        return line.nodes[i]
    i = next(k for k, r in enumerate(run) if r > at)
    p, q = net.places[line.nodes[i - 1]], net.places[line.nodes[i]]
    t = (at - run[i - 1]) / (run[i] - run[i - 1])
    node = net.node((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
    line.nodes.insert(i, node)
    run.insert(i, at)
    return node
