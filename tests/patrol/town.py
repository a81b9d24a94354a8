"""A made-up town: a grid of streets, 1 km apart, with a motorway-like trunk across it, and crews and targets in it."""

from __future__ import annotations

import numpy as np

from geo.travel import build_travel_graph
from patrol.matrices import measure_day
from patrol.solver import Search
from patrol.targets import Target, Window
from patrol.units import Unit
from tests.builders import make_network

HOUR = 3600
SIDE = 6
QUICK = Search(iterations=150)

LOCAL = Unit("L", "local", 116.0, 40.0)
EXPRESSWAY = Unit("E", "expressway", 116.03, 40.018)
MIXED = Unit("J", "joint", 116.06, 40.045)


def build_town(**closures):
    """Return the graph and the owner labels of the town."""
    nodes = {SIDE * i + j + 1: (116 + 0.012 * j, 40 + 0.009 * i) for i in range(SIDE) for j in range(SIDE)}
    ways = []
    for k in range(SIDE):
        kind = "trunk" if k == 2 else "secondary"
        ways.append((100 + k, [SIDE * k + j + 1 for j in range(SIDE)], {"highway": kind, "ref": f"X{k}"}))
        ways.append((200 + k, [SIDE * i + k + 1 for i in range(SIDE)], {"highway": "secondary", "name": f"街{k}"}))
    network = make_network(nodes, ways)
    owners = [
        "expressway" if network.text("highway", s) == "trunk" else "ordinary" for s in range(len(network.segments))
    ]
    return build_travel_graph(network, **closures), owners


GRAPH, OWNERS = build_town()


def on_street(name, i, x, **options):
    """Return a target on the street of row ``i``, ``x`` streets along; row 2 is the expressway."""
    return Target(name, 116 + 0.012 * x, 40 + 0.009 * i, **options)


def play_targets(seed, count, *, windows=True):
    """Return random targets on the streets."""
    dice = np.random.default_rng(seed)
    made = []
    for k in range(count):
        begin = int(dice.integers(8, 14)) * HOUR
        window = Window(begin, begin + 2 * HOUR) if windows and dice.random() < 0.4 else None
        spot = 116 + float(dice.uniform(0, 0.06)), 40 + 0.009 * int(dice.integers(0, SIDE))
        made.append(Target(f"T{k:02}", *spot, float(dice.integers(5, 40) * 60), window=window))
    return made


def measure(units, targets, *, shift_h=8.0, graph=GRAPH):
    """Return the numbers of a day in the town."""
    return measure_day(graph, units, targets, shift_h=shift_h, start_s=8 * HOUR, owner_of_segment=OWNERS)
