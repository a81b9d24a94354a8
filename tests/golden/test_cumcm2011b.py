"""A public contest with published answers: CUMCM 2011 problem B, patrol posts of a town (coordinates in 100 m)."""

import csv

import numpy as np
import pytest

from geo.times import matrix
from geo.travel import build_travel_graph
from patrol.exits import Exit
from patrol.places import snap_places
from patrol.sealing import seal
from patrol.units import Unit
from tests.builders import make_network

POSTS = range(1, 21)
DISTRICT = range(1, 93)
EXITS = (12, 14, 16, 21, 22, 23, 24, 28, 29, 30, 38, 48, 62)
BEYOND_THREE_MINUTES = (28, 29, 38, 39, 61, 92)


def read_table(folder, name):
    """Return the rows of a table of the contest as numbers."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return [[float(cell) for cell in row[:3]] for row in list(csv.reader(file))[1:]]


@pytest.fixture(scope="module")
def contest(shared_data):
    """Return the travel graph of the contest at 60 km/h and the place of each junction."""
    folder = shared_data / "bench" / "cumcm2011b"
    if not (folder / "nodes.csv").is_file() or not (folder / "edges.csv").is_file():
        pytest.skip("bench/cumcm2011b with nodes.csv (id,x,y) and edges.csv (from,to) is not on this machine")
    degree_m = 111_195.0
    at = {int(n): (x, y) for n, x, y in read_table(folder, "nodes.csv")}
    pairs = [(int(row[0]), int(row[1])) for row in read_table(folder, "edges.csv")]
    nodes = {n: (116 + x * 100 / degree_m, y * 100 / degree_m) for n, (x, y) in at.items()}
    ways = [(k, [*pair], {"highway": "tertiary", "maxspeed": "60"}) for k, pair in enumerate(pairs)]
    length_m = {(a, b): 100 * float(np.hypot(at[a][0] - at[b][0], at[a][1] - at[b][1])) for a, b in pairs}
    return build_travel_graph(make_network(nodes, ways, length_m=length_m)), nodes


def test_junctions_beyond_three_minutes(contest):
    """Of district A exactly six junctions lie more than three minutes from every post, as published."""
    graph, nodes = contest
    posts = snap_places(graph.network, [Exit(str(n), *nodes[n]) for n in POSTS])
    junctions = snap_places(graph.network, [Exit(str(n), *nodes[n]) for n in DISTRICT])
    nearest_min = matrix(graph, posts, junctions).min(axis=0) / 60
    assert tuple(n for n, t in zip(DISTRICT, nearest_min, strict=True) if t > 3) == BEYOND_THREE_MINUTES
    assert nearest_min[28] == pytest.approx(5.7005, abs=1e-4)


def test_sealing_of_the_thirteen_exits(contest):
    """The slowest unit seals its exit after 8.0155 minutes and all together need 46.188, as published."""
    graph, nodes = contest
    units = [Unit(f"{n:03}", "local", *nodes[n]) for n in POSTS]
    plan = seal(graph, units, [Exit(f"{n:03}", *nodes[n]) for n in EXITS])
    assert plan.slowest_s / 60 == pytest.approx(8.0155, abs=1e-4)
    assert plan.sum_s / 60 == pytest.approx(46.188, abs=1e-3)
