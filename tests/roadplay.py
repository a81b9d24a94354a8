"""Made-up networks for property tests, and a slow, plain second opinion on travel times."""

from __future__ import annotations

import heapq
import math
import random

import numpy as np

from geo.snapping import Snapped
from tests.builders import make_network

HIGHWAYS = ("motorway", "motorway_link", "primary", "residential")


def play_network(seed, *, nodes=7, ways=9, highways=HIGHWAYS):
    """Return a random network of straight two-point ways around (116, 40); parallels may occur."""
    dice = random.Random(seed)
    places = {k: (116 + dice.uniform(0, 0.05), 40 + dice.uniform(0, 0.05)) for k in range(1, nodes + 1)}
    lines = []
    for way in range(ways):
        a, b = dice.sample(sorted(places), 2)
        tags = {"highway": dice.choice(highways), "oneway": dice.choice(["yes", "no", "no"])}
        lines.append((100 + way, [a, b], tags))
    return make_network(places, lines)


def play_places(network, seed, count):
    """Return random places: inside segments, and some on nodes."""
    dice = random.Random(seed)
    segment, offset, node = [], [], []
    for _ in range(count):
        row = dice.randrange(len(network.segments))
        length = float(network.segments.length_m[row])
        where = dice.choice(["inside", "inside", "u", "v"])
        segment.append(row)
        offset.append({"inside": length * dice.uniform(0.1, 0.9), "u": 0.0, "v": length}[where])
        node.append({"inside": -1, "u": int(network.segments.u[row]), "v": int(network.segments.v[row])}[where])
    zero = np.zeros(count)
    rows = np.array(segment, dtype=np.int64)
    return Snapped(rows, np.array(offset), zero, zero, zero, np.array(node, dtype=np.int64))


def slow_times(graph, places, number, *, rules):
    """Return the seconds from one place to the tail of every arc, by Dijkstra over arcs, in plain Python.

    ``rules`` forbids turning back and sharp turns between expressway segments.
    """
    queue, best = [], {}
    for arc, offset in stands_on(graph, places, number):
        length = length_of(graph, arc)
        heapq.heappush(queue, (graph.arc_ms[arc] * (1 - offset / length), arc))
    tails = {}
    while queue:
        time, arc = heapq.heappop(queue)
        if arc in best:
            continue
        best[arc] = time
        for after in range(len(graph.arc_ms)):
            if graph.arc_ms[after] < 0 or graph.tail[after] != graph.head[arc]:
                continue
            if rules and turn_is_forbidden(graph.network, arc, after):
                continue
            tails[after] = min(tails.get(after, math.inf), time)
            heapq.heappush(queue, (time + float(graph.arc_ms[after]), after))
    return {arc: time / 1000 for arc, time in tails.items()}


def stands_on(graph, places, number):
    """Return (arc, millimetres along it) for every arc a car at this place may drive at once."""
    node, segment = int(places.node[number]), int(places.segment[number])
    if node >= 0:
        return [(a, 0.0) for a in range(len(graph.arc_ms)) if graph.arc_ms[a] >= 0 and graph.tail[a] == node]
    at = float(places.offset_m[number]) * 1000
    both = [(2 * segment, at), (2 * segment + 1, length_of(graph, 2 * segment) - at)]
    return [(arc, offset) for arc, offset in both if graph.arc_ms[arc] >= 0]


def slow_time(graph, a, b, *, rules):
    """Return the seconds from the first place of ``a`` to the first place of ``b``."""
    if a.node[0] >= 0 and a.node[0] == b.node[0]:
        return 0.0
    tails = slow_times(graph, a, 0, rules=rules)
    options = [math.inf]
    if b.node[0] >= 0:
        for arc, time in tails.items():
            if graph.head[arc] == b.node[0]:
                options.append(time + graph.arc_ms[arc] / 1000)
        for arc, offset in stands_on(graph, a, 0):
            if graph.head[arc] == b.node[0]:
                options.append(graph.arc_ms[arc] / 1000 * (1 - offset / length_of(graph, arc)))
        return min(options)
    for arc, end in stands_on(graph, b, 0):
        pace = graph.arc_ms[arc] / 1000 / length_of(graph, arc)
        options.append(tails.get(arc, math.inf) + end * pace)
        options += [(end - s) * pace for own, s in stands_on(graph, a, 0) if own == arc and s <= end]
    return min(options)


def turn_is_forbidden(network, arc, after):
    """Tell whether an expressway forbids this turn: back along itself, or by more than 150 degrees."""
    segments = (arc >> 1, after >> 1)
    if any(network.segment_class[s] > 1 for s in segments):
        return False
    if after == arc ^ 1:
        return True
    arrive, leave = (heading(network, a) for a in (arc, after))
    return abs((leave - arrive + 180) % 360 - 180) > 150


def heading(network, arc):
    """Return the compass heading of a two-point arc in degrees."""
    u, v = int(network.segments.u[arc >> 1]), int(network.segments.v[arc >> 1])
    a, b = (v, u) if arc & 1 else (u, v)
    lon, lat = network.nodes.lon, network.nodes.lat
    return math.degrees(math.atan2((lon[b] - lon[a]) * math.cos(math.radians(lat[a])), lat[b] - lat[a]))


def length_of(graph, arc):
    """Return the millimetres of an arc."""
    return float(graph.network.segments.length_mm[arc >> 1])
