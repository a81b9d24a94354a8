import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.snapping import snap_points
from geo.travel import build_travel_graph
from patrol.check import check_routes
from patrol.day import trace_route
from patrol.modes import measure_tasks
from patrol.planner import plan_tasks
from patrol.reasons import Reason
from patrol.sheets import make_sheets, work_legs
from patrol.solver import Search
from patrol.targets import Target, Window
from patrol.tasks import Directions, Stretch, arcs_between, find_bad_checkpoints, make_stretches
from patrol.units import Unit
from tests.builders import make_network
from tests.patrol.town import EXPRESSWAY, GRAPH, HOUR, LOCAL, MIXED, OWNERS, on_street, play_targets

QUICK = Search(iterations=100)


def street_arcs(row, first, last):
    """Return the arcs of a street between two junctions, eastward."""
    lon = np.array([116 + 0.012 * first, 116 + 0.012 * last])
    places = snap_points(GRAPH.network, lon, np.full(2, 40 + 0.009 * row))
    return arcs_between(GRAPH, places.take([0]), places.take([1]))


def plan(units, targets=(), stretches=(), **options):
    """Plan a mixed day in the town."""
    options = {"shift_h": 8.0, "search": QUICK, "owner_of_segment": OWNERS, "graph": GRAPH, **options}
    return plan_tasks(options.pop("graph"), units, targets, stretches=stretches, **options)


def test_stretch_is_driven_as_work():
    """A crew drives to the begin of a stretch, along it as work, and home from its end."""
    arcs = street_arcs(0, 1, 4)
    found = plan([LOCAL], stretches=make_stretches(GRAPH, "s", arcs))
    (route,) = found.routes
    (stop,) = route.stops
    assert [2 * leg.segment + (leg.direction < 0) for leg in work_legs(GRAPH, found.day, stop)] == list(arcs)
    there, home = trace_route(GRAPH, found, route)
    assert there[-1].node == GRAPH.tail[arcs[0]]
    assert sum(abs(leg.to_m - leg.from_m) for leg in home) == pytest.approx(
        sum(GRAPH.network.segments.length_m[a >> 1] for a in arcs) * 4 / 3, rel=0.01
    )
    assert route.work_s == pytest.approx(sum(GRAPH.arc_ms[a] for a in arcs) / 1000, abs=0.1)
    (sheet,) = make_sheets(GRAPH, found)
    assert sheet.records[0].length_m == pytest.approx(sum(GRAPH.network.segments.length_m[a >> 1] for a in arcs))
    assert sheet.records[0].direction == "东"


def test_either_direction_takes_the_shorter_plan():
    """Given away from the post, a stretch is driven the other way round when that saves driving, never worse."""
    arcs = street_arcs(0, 1, 4)
    away = tuple(a ^ 1 for a in reversed(arcs))
    units = [Unit("A", "local", 116.0, 40.0)]
    target = [on_street("t", 0, 4.9)]
    one = plan(units, target, make_stretches(GRAPH, "s", away))
    either = plan(units, target, make_stretches(GRAPH, "s", away, directions=Directions.EITHER))
    assert either.drive_s <= one.drive_s
    stops = [s.target for s in either.routes[0].stops]
    assert sorted(stops) == ["s", "t"]


def test_both_directions_are_two_tasks():
    """Both directions of a stretch are each driven once."""
    found = plan([LOCAL], stretches=make_stretches(GRAPH, "s", street_arcs(0, 1, 4), directions=Directions.BOTH))
    driven = [arc for r in found.routes for s in r.stops for arc in found.day.arcs[s.row]]
    arcs = street_arcs(0, 1, 4)
    assert sorted(driven) == sorted([*arcs, *(a ^ 1 for a in arcs)])
    assert sorted(s.target for r in found.routes for s in r.stops) == ["s", "s←"]


@settings(max_examples=10)
@given(seed=st.integers(0, 1_000))
def test_mixed_days_serve_each_task_once(seed):
    """Places and stretches are each served once or left out with a reason, and the bound lies below the driving."""
    dice = np.random.default_rng(seed)
    stretches = []
    for k in range(5):
        row, first = int(dice.choice([0, 1, 3, 4, 5])), int(dice.integers(0, 4))
        way = Directions.EITHER if dice.random() < 0.5 else Directions.ONE
        stretches += make_stretches(GRAPH, f"S{k}", street_arcs(row, first, first + 2), directions=way, pace=2.0)
    found = plan([LOCAL, EXPRESSWAY, MIXED], play_targets(seed, 5), stretches)
    served = [s.target for r in found.routes for s in r.stops]
    assert sorted(served + [i.target for i in found.left_out]) == sorted(
        [t.id for t in play_targets(seed, 5)] + [s.id for s in stretches]
    )
    assert found.bound_s <= found.drive_s


def test_check_refuses_both_ways_of_one_task():
    """Fault 69: a plan that does one task in both its ways is refused by the independent check."""
    day = measure_tasks(
        GRAPH,
        [LOCAL],
        [],
        stretches=make_stretches(GRAPH, "s", street_arcs(0, 1, 4), directions=Directions.EITHER),
        shift_h=8.0,
        owner_of_segment=OWNERS,
    )
    assert check_routes(day, [(0, [0])], []) == []
    assert check_routes(day, [(0, [1])], []) == []
    assert any("served twice" in line for line in check_routes(day, [(0, [0, 1])], []))


def test_expressway_is_not_turned_on():
    """After a stretch of expressway the car drives on to the next turn-round: it does not turn back on the spot."""
    nodes = {k: (116.0 + 0.01 * k, 40.0) for k in range(1, 5)} | {
        k: (116.0 + 0.01 * (k - 4), 40.0005) for k in (5, 6, 7, 8)
    }
    ways = [
        (1, [1, 2, 3, 4], {"highway": "motorway", "oneway": "yes"}),
        (2, [8, 7, 6, 5], {"highway": "motorway", "oneway": "yes"}),
        (3, [4, 8], {"highway": "primary"}),
        (4, [5, 1], {"highway": "primary"}),
        (5, [2, 6], {"highway": "motorway_link", "oneway": "no"}),
    ]
    network = make_network(nodes, ways)
    graph = build_travel_graph(network)
    unit = [Unit("E", "expressway", 116.01, 40.0)]
    first = next(s for s in range(len(network.segments)) if network.ways.id[network.segments.way[s]] == 1)
    found = plan(
        unit,
        stretches=[Stretch("s", ((2 * first,),))],
        graph=graph,
        owner_of_segment=["expressway"] * len(network.segments),
    )
    home = trace_route(graph, found, found.routes[0])[-1]
    assert all(leg.direction == 1 or leg.segment != first for leg in home)


def test_stretch_of_two_owners_needs_a_mixed_crew():
    """A stretch that crosses from an ordinary road onto the expressway is left out without a mixed crew."""
    lon = np.array([116.0, 116.012])
    places = snap_points(GRAPH.network, lon, np.array([40.009, 40.018]))
    arcs = arcs_between(GRAPH, places.take([0]), places.take([1]))
    assert {OWNERS[a >> 1] for a in arcs} == {"ordinary", "expressway"}
    (left,) = plan([LOCAL, EXPRESSWAY], stretches=[Stretch("s", (arcs,))]).left_out
    assert left.reason == Reason.NO_AUTHORITY
    assert plan([LOCAL, MIXED], stretches=[Stretch("s", (arcs,))]).left_out == ()


def test_window_holds_for_either_way():
    """A stretch with a window begins within it whichever way it is driven."""
    ways = make_stretches(GRAPH, "s", street_arcs(0, 1, 4), directions=Directions.EITHER)[0].ways
    found = plan([LOCAL], stretches=[Stretch("s", ways, window=Window(10 * HOUR, 11 * HOUR))])
    assert 10 * HOUR <= found.routes[0].stops[0].start_s <= 11 * HOUR


@pytest.mark.parametrize(
    ("spot", "problem"),
    [
        ((116.015, 40.0), "toll station"),
        ((116.0301, 40.0), None),
        ((116.055, 40.0), None),
        ((116.05, 40.0), "junction"),
        ((116.045, 40.0005), None),
    ],
)
def test_checkpoints_stand_only_where_the_rule_allows(spot, problem):
    """On an expressway only at a station or service area; on an ordinary road not at a junction."""
    nodes = {k: (116.0 + 0.01 * k, 40.0) for k in range(7)} | {7: (116.045, 40.0005), 8: (116.05, 40.01)}
    nodes[3] = (*nodes[3], {"barrier": "toll_booth"})
    ways = [
        (1, [0, 1, 2, 3], {"highway": "motorway"}),
        (2, [3, 4], {"highway": "motorway_link"}),
        (3, [4, 5, 6], {"highway": "primary"}),
        (4, [4, 7], {"highway": "services"}),
        (5, [5, 8], {"highway": "primary"}),
    ]
    network = make_network(nodes, ways, stations={"东站": [3]})
    target = Target("c", *spot, kind="checkpoint")
    places = snap_points(network, np.array([spot[0]]), np.array([spot[1]]))
    found = find_bad_checkpoints(network, [target], places)
    if problem is None:
        assert found == {}
    else:
        assert found[0].reason == Reason.CHECKPOINT
        assert problem in found[0].message_en
    assert find_bad_checkpoints(network, [Target("c", *spot, kind="plaza")], places) == {}


def test_bad_checkpoint_is_left_out_of_the_plan():
    """A checkpoint at a junction is left out with its reason, the others are served."""
    targets = [on_street("bad", 0, 2, kind="checkpoint"), on_street("good", 0, 2.5, kind="checkpoint")]
    found = plan([LOCAL], targets)
    assert [(i.target, i.reason) for i in found.left_out] == [("bad", Reason.CHECKPOINT)]
    assert [s.target for s in found.routes[0].stops] == ["good"]


@pytest.mark.parametrize("arcs", [(), (-1,), (10**9,)])
def test_stretches_that_cannot_be_driven(arcs):
    """A stretch without arcs or with an arc the network lacks is refused with its name."""
    with pytest.raises(InputError, match="stretch s"):
        make_stretches(GRAPH, "s", arcs)


def test_broken_stretch_is_named():
    """A stretch with a hole is refused with both sides of the hole."""
    arcs = street_arcs(0, 0, 5)
    with pytest.raises(InputError, match="broken between"):
        make_stretches(GRAPH, "s", (arcs[0], arcs[2]))


def test_ids_are_unique_over_all_tasks():
    """A stretch with the id of a place is refused."""
    with pytest.raises(InputError, match="used twice"):
        plan([LOCAL], [on_street("s", 0, 1.5)], make_stretches(GRAPH, "s", street_arcs(0, 1, 2)))
    with pytest.raises(ValueError, match="a stretch has"):
        Stretch("", ((1,),))
