"""Spaces under bridges are reached from the ordinary road below."""

from __future__ import annotations

from geo.travel import build_travel_graph
from patrol.access import road_of, snap_targets
from patrol.planner import plan_work
from patrol.solver import Search
from patrol.targets import Target
from patrol.units import Unit
from tests.builders import make_network


def crossing(*, below=True):
    """Return a motorway whose bridge crosses a lane, or nothing; nobody can get onto the motorway from here."""
    nodes = {1: (116.0, 40.01), 2: (116.005, 40.01), 3: (116.006, 40.01), 4: (116.012, 40.01)}
    nodes |= {5: (116.0055, 40.0), 6: (116.0055, 40.02), 7: (116.0, 40.0)}
    motorway = {"highway": "motorway", "ref": "G98", "oneway": "yes"}
    ways = [(1, [1, 2], motorway), (2, [2, 3], {**motorway, "bridge": "yes", "layer": "1"}), (3, [3, 4], motorway)]
    lane = [5, 6] if below else [7, 5]
    return make_network(nodes, [*ways, (4, lane, {"highway": "unclassified", "name": "桥下路"})])


SPOT = Target("u", 116.0055, 40.01, 600.0, "under_bridge", agency="exp1")


def test_the_road_below_gives_access():
    """A space under a bridge lies on the lane beneath, not on the deck, and a crew of the deck's brigade gets there."""
    network = crossing()
    places = snap_targets(network, [SPOT, Target("p", 116.0055, 40.01, kind="plaza")])
    assert road_of(network, int(places.segment[0])) == "桥下路"
    assert network.text("bridge", int(places.segment[1])) == "yes"
    owners = ["exp1" if network.text("highway", k) == "motorway" else "ordinary" for k in range(len(network.segments))]
    made = plan_work(
        build_travel_graph(network),
        [Unit("E", "exp1", 116.0055, 40.002)],
        [SPOT],
        shift_h=8,
        owner_of_segment=owners,
        search=Search(iterations=20),
    )
    assert [s.target for r in made.plan.routes for s in r.stops] == ["u"]


def test_without_a_road_below_the_nearest_road_counts():
    """Where no ordinary road comes near, the place stays on the nearest road, the deck."""
    network = crossing(below=False)
    places = snap_targets(network, [SPOT])
    assert network.text("highway", int(places.segment[0])) == "motorway"
    assert road_of(network, int(places.segment[0])) == "G98"
