import json
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CancelledError, InputError, RoadseamError
from geo.travel import build_travel_graph
from patrol.bound import bound_driving
from patrol.check import check_routes, drive_ticks, is_feasible
from patrol.day import Stop, plan_day, trace_route
from patrol.matrices import measure_day
from patrol.reasons import Reason
from patrol.solver import Search, insert_targets
from patrol.targets import Target, Window
from patrol.units import Unit
from tests.builders import make_network

HOUR = 3600
SIDE = 6
QUICK = Search(iterations=200)


def town(**closures):
    """Return the graph and the owner labels of a grid with a motorway across it, 1 km between streets."""
    nodes = {SIDE * i + j + 1: (116 + 0.012 * j, 40 + 0.009 * i) for i in range(SIDE) for j in range(SIDE)}
    ways = []
    for k in range(SIDE):
        kind = "trunk" if k == 2 else "secondary"
        ways.append((100 + k, [SIDE * k + j + 1 for j in range(SIDE)], {"highway": kind}))
        ways.append((200 + k, [SIDE * i + k + 1 for i in range(SIDE)], {"highway": "secondary"}))
    network = make_network(nodes, ways)
    owners = [
        "expressway" if network.text("highway", s) == "trunk" else "ordinary" for s in range(len(network.segments))
    ]
    return build_travel_graph(network, **closures), owners


GRAPH, OWNERS = town()
POST_LOCAL = Unit("L", "local", 116.0, 40.0)
POST_EXPRESSWAY = Unit("E", "expressway", 116.03, 40.018)
POST_JOINT = Unit("J", "joint", 116.06, 40.045)


def plan(units, targets, *, shift_h=8.0, search=QUICK, graph=GRAPH, **options):
    """Plan a day in the town."""
    return plan_day(graph, units, targets, shift_h=shift_h, owner_of_segment=OWNERS, search=search, **options)


def on_street(name, i, x, **options):
    """Return a target on an ordinary street (any row but 2), ``x`` streets along."""
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


def measure(units, targets, shift_h=8.0):
    """Return the numbers of a day in the town."""
    return measure_day(GRAPH, units, targets, shift_h=shift_h, start_s=8 * HOUR, owner_of_segment=OWNERS)


def best_by_trying(day):
    """Return the least driving that serves all targets, in ticks, by trying every plan; ``None`` if none does."""
    everyone = range(len(day.targets))
    best = None
    for choice in product(range(len(day.units)), repeat=len(day.targets)):
        total = 0
        for i in range(len(day.units)):
            mine = [j for j in everyone if choice[j] == i]
            orders = [o for o in permutations(mine) if is_feasible(day, i, o)]
            if not orders:
                break
            total += min(drive_ticks(day, i, o) for o in orders) if mine else 0
        else:
            best = total if best is None else min(best, total)
    return best


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_small_days_are_planned_as_well_as_possible(seed):
    """On small days the plan drives no more than the best of all plans, and the bound lies below it."""
    units, targets = [POST_LOCAL, POST_EXPRESSWAY, POST_JOINT], play_targets(seed, 4)
    found = plan(units, targets)
    best = best_by_trying(found.day)
    if best is None or found.left_out:
        assert best is None or any(item.reason != Reason.CAPACITY for item in found.left_out)
        return
    assert round(found.drive_s * 10) == best
    assert round(found.bound_s * 10) <= best
    assert found.gap >= 0


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), shift_h=st.sampled_from([1.0, 2.0, 4.0, 8.0]))
def test_every_plan_is_legal_and_complete(seed, shift_h):
    """Fault 69: each target is served once or left out with a reason; windows, shift and authority hold."""
    units, targets = [POST_LOCAL, POST_EXPRESSWAY, POST_JOINT], play_targets(seed, 14)
    found = plan(units, targets, shift_h=shift_h)
    served = [stop.target for route in found.routes for stop in route.stops]
    assert sorted(served + [item.target for item in found.left_out]) == [target.id for target in targets]
    by_id = {target.id: target for target in targets}
    for route in found.routes:
        assert route.leave_s >= 8 * HOUR
        assert route.return_s <= (8 + shift_h) * HOUR
        clock = route.leave_s
        for stop in route.stops:
            target = by_id[stop.target]
            assert stop.arrive_s >= clock
            assert stop.depart_s == pytest.approx(stop.start_s + target.service_s)
            if target.window:
                assert target.window.from_s <= stop.start_s <= target.window.to_s
            clock = stop.depart_s
        assert route.return_s - route.leave_s == pytest.approx(route.drive_s + route.work_s + route.wait_s)
    assert found.drive_s == pytest.approx(sum(route.drive_s for route in found.routes))
    assert found.bound_s <= found.drive_s


def test_same_seed_same_plan():
    """Promise P8: the same inputs, seed and iterations give the same plan, also from shuffled tables."""
    units, targets = [POST_LOCAL, POST_EXPRESSWAY, POST_JOINT], play_targets(7, 20)
    one = plan(units, targets).to_json()
    assert plan(units, targets).to_json() == one
    assert plan(units[::-1], targets[::-1]).to_json() == one


def test_json_form():
    """The JSON form holds the keys of the contract and survives a JSON writer."""
    found = plan([POST_LOCAL], [on_street("a", 0, 2.5, service_s=600), on_street("b", 2, 2.5)])
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert {"unit", "stops", "drive_s", "work_s"} <= set(document["routes"][0])
    assert document["left_out"][0]["task"] == "b"
    assert document["left_out"][0]["reason"] == "no_authority"
    assert document["bound_name"] == "assignment"


def test_authority_decides_who_comes():
    """The expressway crew goes to the expressway, the local crew to the street, each past the other's target."""
    targets = [on_street("street", 3, 2.5), on_street("expressway", 2, 0.5)]
    found = plan([POST_LOCAL, POST_EXPRESSWAY], targets)
    assert {(route.unit, stop.target) for route in found.routes for stop in route.stops} == {
        ("L", "street"),
        ("E", "expressway"),
    }


def test_reason_no_authority():
    """Without a mixed crew a joint target is left out because nobody may work there; with one it is served."""
    target = on_street("x", 0, 1.5, agency="joint")
    (left,) = plan([POST_LOCAL, POST_EXPRESSWAY], [target]).left_out
    assert left.reason == Reason.NO_AUTHORITY
    assert "joint" in left.message
    assert "joint" in left.message_en
    assert plan([POST_LOCAL, POST_JOINT], [target]).left_out == ()


def test_reason_unreachable():
    """A target on a closed road, or far from every road, is left out as out of reach."""
    closed = town(closed=[0])[0]
    targets = [Target("closed", 116.006, 40.0), Target("away", 117.0, 40.0)]
    found = plan([POST_LOCAL], targets, graph=closed)
    assert [(item.target, item.reason) for item in found.left_out] == [
        ("away", Reason.TOO_FAR),
        ("closed", Reason.NO_ACCESS),
    ]
    assert "km" in found.left_out[0].message_en
    assert found.routes == ()
    assert found.gap == 0.0


def test_reason_no_way_back():
    """A target on a road that leads in and not out is left out because nobody comes back from there."""
    closed = town(closed_arcs=[1])[0]
    blocked = town(closed_arcs=[0])[0]
    at_the_end = [Target("x", 116.006, 40.0)]
    network = make_network(
        {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0)},
        [(1, [1, 2], {"highway": "primary"}), (2, [2, 3], {"highway": "primary", "oneway": "yes"})],
    )
    options = {"shift_h": 8.0, "owner_of_segment": ["ordinary"] * 2, "search": QUICK}
    target = [Target("x", 116.015, 40.0)]
    (left,) = plan_day(build_travel_graph(network), [POST_LOCAL], target, **options).left_out
    assert left.reason == Reason.NO_ACCESS
    assert "drive back from there" in left.message_en
    for graph in (closed, blocked):
        assert plan([POST_LOCAL], at_the_end, graph=graph).left_out == ()


def test_reason_shift():
    """A target whose work and driving exceed the shift is left out with the hours it would take."""
    (left,) = plan([POST_LOCAL], [on_street("x", 0, 2.5, service_s=2 * HOUR)], shift_h=2.0).left_out
    assert left.reason == Reason.SHIFT
    assert "2.1" in left.message_en


def test_reason_window():
    """A target whose window lies outside the shift is left out because of its window."""
    (left,) = plan([POST_LOCAL], [on_street("x", 0, 2.5, window=Window(6 * HOUR, 7 * HOUR))]).left_out
    assert left.reason == Reason.WINDOW


def test_reason_capacity():
    """Targets that fit one by one but not together leave out as few as can be, and the sentence says so."""
    targets = [on_street(f"x{k}", 0, k + 0.5, service_s=1.5 * HOUR) for k in range(4)]
    found = plan([POST_LOCAL], targets, shift_h=4.0)
    assert [item.reason for item in found.left_out] == [Reason.CAPACITY] * 2
    assert len(found.routes[0].stops) == 2
    assert found.iterations == 2 * QUICK.iterations


def test_every_car_is_a_crew():
    """A unit with two cars serves two targets that one car could not, and numbers its cars."""
    targets = [on_street(f"x{k}", 0, k + 0.5, service_s=3 * HOUR) for k in range(2)]
    assert len(plan([POST_LOCAL], targets, shift_h=4.0).left_out) == 1
    found = plan([Unit("L", "local", 116.0, 40.0, 2)], targets, shift_h=4.0)
    assert found.left_out == ()
    assert [(route.unit, route.car) for route in found.routes] == [("L", 1), ("L", 2)]


def test_crew_waits_at_its_post():
    """A crew whose first target opens later leaves later instead of waiting on the road."""
    found = plan([POST_LOCAL], [on_street("x", 0, 1.5, window=Window(11 * HOUR, 12 * HOUR))])
    (route,) = found.routes
    assert route.wait_s == 0
    assert route.stops[0].start_s == 11 * HOUR
    assert route.leave_s > 10 * HOUR


def test_shift_may_start_at_another_hour():
    """A shift that starts at 20:00 makes a window in the morning impossible and one at night possible."""
    night, morning = Window(21 * HOUR, 22 * HOUR), Window(9 * HOUR, 10 * HOUR)
    targets = [on_street("n", 0, 1.5, window=night), on_street("m", 0, 2.5, window=morning)]
    found = plan([POST_LOCAL], targets, shift_h=4.0, start_s=20.0 * HOUR)
    assert [stop.target for stop in found.routes[0].stops] == ["n"]
    assert [item.target for item in found.left_out] == ["m"]


def test_trace_follows_the_roads():
    """The ways of a route join the stops, end at the post and take the time of the plan."""
    found = plan([POST_LOCAL, POST_JOINT], play_targets(3, 8, windows=False))
    for route in found.routes:
        ways = trace_route(GRAPH, found, route)
        assert len(ways) == len(route.stops) + 1
        driven = sum(leg.time_s for way in ways for leg in way)
        assert route.drive_s - 0.1 * len(ways) <= driven + 1e-6 <= route.drive_s + 2e-6


def test_progress_and_cancel():
    """Fault 70: progress is told, a cancelled search keeps its best plan and marks it."""
    told = []
    polls = iter(range(10_000))
    search = Search(
        iterations=5_000,
        progress=lambda done, total, best: told.append((done, total, best)),
        cancel=lambda: next(polls) >= 150,
    )
    found = plan([POST_LOCAL, POST_JOINT], play_targets(5, 8, windows=False), search=search)
    assert found.cancelled
    assert found.iterations == 150
    assert [entry[:2] for entry in told] == [(0, 5_000), (100, 5_000)]
    assert told[1][2] == pytest.approx(found.drive_s, rel=0.5)
    assert not plan([POST_LOCAL], play_targets(5, 2, windows=False)).cancelled


def test_cancelled_before_there_is_a_plan():
    """Fault 70: a search stopped before any plan serves all targets says so instead of inventing one."""
    targets = [on_street(f"x{k}", 0, k + 0.5, service_s=1.5 * HOUR) for k in range(4)]
    with pytest.raises(CancelledError):
        plan([POST_LOCAL], targets, shift_h=4.0, search=Search(iterations=100, cancel=lambda: True))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"units": []}, "no unit has a car"),
        ({"targets": []}, "no target"),
        ({"shift_h": 0}, "shift of 0 hours"),
        ({"shift_h": 25}, "shift of 25 hours"),
        ({"shift_h": float("nan")}, "shift of nan hours"),
        ({"start_s": 90_000.0}, "between 00:00 and 24:00"),
        ({"units": [Unit("far", "local", 110.0, 40.0)]}, "unit far"),
        ({"owner_of_segment": ["x"]}, "owner label"),
    ],
)
def test_inputs_that_make_no_day(change, problem):
    """What makes no day is refused in one sentence that says what to do."""
    inputs = {
        "units": [POST_LOCAL],
        "targets": [on_street("x", 0, 1.5)],
        "shift_h": 8.0,
        "start_s": 8.0 * HOUR,
        "owner_of_segment": OWNERS,
        **change,
    }
    units, targets = inputs.pop("units"), inputs.pop("targets")
    with pytest.raises(InputError, match=problem):
        plan_day(GRAPH, units, targets, **inputs)


def test_plan_that_fails_its_check_is_not_handed_out(monkeypatch):
    """Fault 69: routes that break a rule raise instead of becoming a plan."""
    monkeypatch.setattr("patrol.day.check_routes", lambda *_: ["unit L comes too late to target x"])
    with pytest.raises(RoadseamError, match="did not pass its check: unit L"):
        plan([POST_LOCAL], [on_street("x", 0, 1.5)])


@pytest.mark.parametrize(
    ("routes", "left_out", "problem"),
    [
        ([(1, [1])], [], "served twice, or neither"),
        ([(1, [0, 1, 0])], [], "served twice"),
        ([(1, [0]), (1, [1])], [], "more routes than cars"),
        ([(0, [0]), (1, [1])], [], "unit E has no authority at target a"),
        ([(1, [1, 0])], [], "comes too late to target a"),
    ],
)
def test_check_finds_each_fault(routes, left_out, problem):
    """The check finds a target served twice or forgotten, too many cars, lacking authority and a missed window."""
    a = on_street("a", 0, 1.5, service_s=600, window=Window(8 * HOUR, 9 * HOUR))
    b = on_street("b", 0, 2.5, service_s=2 * HOUR)
    day = measure([POST_LOCAL, POST_EXPRESSWAY], [a, b])
    assert [unit.id for unit in day.units] == ["E", "L"]
    assert any(problem in line for line in check_routes(day, routes, left_out))
    assert check_routes(day, [(1, [0, 1])], []) == []
    assert any("not back" in line for line in check_routes(measure([POST_LOCAL], [b], 2.0), [(0, [0])], []))


def test_check_finds_a_missing_way():
    """The check finds a step between two places without a way."""
    closed, _ = town(closed=[0])
    target = Target("x", 116.006, 40.0)
    day = measure_day(closed, [POST_LOCAL], [target], shift_h=8, start_s=0, owner_of_segment=OWNERS)
    assert any("no way to target x" in line for line in check_routes(day, [(0, [0])], []))


def test_bound_of_nothing_and_of_one():
    """The bound is 0 for nothing, and for a single target exactly the way there and back."""
    day = measure([POST_LOCAL], [on_street("x", 0, 2.5)])
    assert bound_driving(day, []) == 0
    assert bound_driving(day, [0]) == drive_ticks(day, 0, [0])


def test_insertion_keeps_what_is_there():
    """Inserting puts a missing target at its cheapest place, opens a spare car if need be, and skips what cannot fit."""
    targets = [on_street("a", 0, 1.5, service_s=HOUR), on_street("b", 0, 2.5, service_s=HOUR)]
    far = on_street("c", 5, 4.5, service_s=3 * HOUR)
    day = measure([POST_LOCAL], [*targets, far], 4.0)
    assert insert_targets(day, [(0, [1])], [0, 2]) in ([(0, [0, 1])], [(0, [1, 0])])
    assert insert_targets(day, [], [0]) == [(0, [0])]


def test_stop_out_of_order_is_refused():
    """No stop can be made at which work begins before the crew arrives."""
    with pytest.raises(ValueError, match="arrives, works and leaves"):
        Stop("x", 116.0, 40.0, arrive_s=10.0, start_s=9.0, depart_s=20.0)
