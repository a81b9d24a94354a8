import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.times import times_to_arcs
from geo.travel import build_travel_graph
from geo.turns import allowed_arcs
from patrol.aid import rank_permissions
from patrol.arrivals import block_arcs
from patrol.authority import may_work
from patrol.units import Unit
from tests.builders import make_network
from tests.patrol.test_coverage import play_units, slow_arrival
from tests.roadplay import length_of, play_network, play_places, slow_times

ROW = {k: (116 + 0.01 * k, 40.0) for k in range(7)}
PRIMARY = {"highway": "primary", "maxspeed": "36"}
OWNERS = ["local", "local", "exp1", "exp1", "local", "local"]


def row_graph():
    """Return six roads in a row, 1,000 m and 100 s each; the third and fourth are the expressway G98 with a booth."""
    ways = [(k, [k, k + 1], {**PRIMARY, "ref": "G98" if k in {2, 3} else f"X{k}"}) for k in range(6)]
    lengths = {(k, k + 1): 1000.0 for k in range(6)}
    return build_travel_graph(make_network(ROW, ways, length_m=lengths, stations={"S": [2], "T": [4]}))


def test_acting_on_the_neighbours_road():
    """The local unit at the seam may drive on the expressway; allowed to act there it covers 3 km."""
    units = [Unit("L", "local", *ROW[2]), Unit("E", "exp1", *ROW[6])]
    table = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=200)
    assert table.lawful_m == {"exp1": 0.0, "local": 3000.0}
    assert table.total_m == {"exp1": 4000.0, "local": 8000.0}
    best = table.gains[0]
    assert (best.permission.kind, best.permission.holder, best.permission.subject) == ("act", "local", "G98")
    assert best.gained_m == 3000.0
    assert best.bought["exp1"].opened_m == 0.0
    assert "local may act on G98 of exp1" in best.permission.sentence()
    json.dumps(table.to_json(), allow_nan=False)


def test_minutes_saved_by_hand():
    """Before, the expressway unit comes from 200 s away; with the local one at the seam the mean falls as computed."""
    units = [Unit("L", "local", *ROW[2]), Unit("E", "exp1", *ROW[6])]
    gains = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=1).gains
    gain = next(g for g in gains if g.permission.subject == "G98")
    forward, backward = [400 - 0, 300 - 100], [300 - 100, 200 - 200]
    assert gain.bought["exp1"].saved_s == pytest.approx(np.mean([*forward, *backward]), abs=1)


def test_nine_tenths_sooner_by_hand():
    """Before, 3.6 of 4 km are reached after 460 s, with the local unit at the seam after 260 s."""
    units = [Unit("L", "local", *ROW[2]), Unit("E", "exp1", *ROW[6])]
    gains = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=1).gains
    gain = next(g for g in gains if g.permission.subject == "G98")
    assert gain.bought["exp1"].p90_saved_s == gain.p90_saved_s == pytest.approx(200, abs=0.5)
    assert gain.to_json()["bought"]["exp1"]["p90_saved_min"] == pytest.approx(200 / 60, abs=0.01)


def test_road_nobody_may_reach_is_opened():
    """Without an expressway unit the permission opens the road: metres, no minutes."""
    units = [Unit("L", "local", *ROW[1])]
    gain = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=1).gains[0]
    assert gain.bought["exp1"].opened_m == 4000.0
    assert gain.bought["exp1"].saved_s == 0.0


def test_passing_a_station():
    """A unit that may not pass the station reaches nothing beyond; the permission for that station buys the road."""
    units = [Unit("L", "local", *ROW[1])]
    closed = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=900, needs_pass=["S", "T"])
    assert closed.lawful_m["local"] == 3000.0
    assert [g.permission.subject for g in closed.gains if g.permission.kind == "pass"] == ["S"]
    one = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=900, needs_pass=["T"])
    gain = next(g for g in one.gains if g.permission.kind == "pass")
    assert (gain.permission.subject, gain.gained_m, gain.opened_m) == ("T", 4000.0, 4000.0)
    free = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=900)
    assert free.lawful_m["local"] == 8000.0
    assert [g for g in free.gains if g.permission.kind == "pass"] == []


def test_a_unit_at_the_station_passes_it():
    """A unit that stands at a station passes that one without permission, another unit of its agency does not."""
    units = [Unit("at", "local", *ROW[2]), Unit("L", "local", *ROW[1])]
    table = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=900, needs_pass=["S", "T"], by_unit=True)
    gains = {(g.permission.holder, g.permission.subject) for g in table.gains if g.permission.kind == "pass"}
    assert gains == {("at", "T")}
    alone = rank_permissions(row_graph(), units[:1], owners=OWNERS, limit_s=900, needs_pass=["S"])
    assert alone.lawful_m["local"] == 8000.0


def test_mixed_crews_need_no_permission():
    """A mixed crew acts and passes everywhere: nothing is left to buy for it."""
    table = rank_permissions(
        row_graph(), [Unit("J", "joint", *ROW[1])], owners=OWNERS, limit_s=900, needs_pass=["S", "T"]
    )
    assert table.gains == ()
    assert table.lawful_m == table.total_m


def test_single_units_hold_permissions():
    """By unit, the unit nearer to the road buys more than the farther one."""
    units = [Unit("near", "local", *ROW[2]), Unit("far", "local", *ROW[0]), Unit("E", "exp1", *ROW[6])]
    table = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=300, by_unit=True)
    held = {g.permission.holder: g.gained_m for g in table.gains if g.permission.subject == "G98"}
    assert held["near"] > held.get("far", 0.0)


@settings(max_examples=25)
@given(seed=st.integers(0, 100_000))
def test_lawful_arrival_is_that_of_units_with_authority(seed):
    """Per metre of random maps: covered with authority means some unit that may work there arrives in time."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    dice = np.random.default_rng(seed)
    owners = [str(x) for x in dice.choice(["local", "G6-1", "none"], len(network.segments))]
    units = play_units(seed, network)
    limit = 90.0
    table = rank_permissions(graph, units, owners=owners, limit_s=limit)
    wanted = dict.fromkeys(table.total_m, 0.0)
    for arc in np.flatnonzero(allowed_arcs(network)).tolist():
        owner = owners[arc >> 1]
        able = [unit for unit in units if may_work(unit.agency, owner)]
        length = length_of(graph, arc)
        spots = (np.arange(200) + 0.5) * length / 200
        inside = [slow_arrival(graph, able, arc, at) <= limit for at in (spots[::20] if able else [])]
        wanted[owner] += float(np.mean(inside)) * length / 1000 if able else 0.0
        assert owner != "none" or not able
    for owner, metres in table.lawful_m.items():
        assert metres == pytest.approx(wanted[owner], abs=0.11 * sum(network.segments.length_m))
    assert table.lawful_m.get("none", 0.0) == 0.0


@settings(max_examples=25)
@given(seed=st.integers(0, 100_000))
def test_blocked_arcs_equal_a_graph_built_closed(seed):
    """Taking arcs out of a travel graph gives the times of a graph built without them."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    arcs = np.flatnonzero(allowed_arcs(network))
    shut = np.random.default_rng(seed).choice(arcs, max(1, len(arcs) // 4), replace=False)
    blocked = np.zeros(len(graph.arc_ms), dtype=bool)
    blocked[shut] = True
    places = play_places(network, seed, 2)
    ours = times_to_arcs(block_arcs(graph, blocked), places).tail_s
    slow = [slow_times(block_arcs(graph, blocked), places, k, rules=True) for k in range(2)]
    for arc in arcs.tolist():
        if not blocked[arc]:
            assert ours[arc] == pytest.approx(min(s.get(arc, np.inf) for s in slow), abs=1e-6) or np.isinf(ours[arc])
    assert (graph.arc_ms[shut] >= 0).all()


def test_order_of_units_does_not_matter():
    """Fault 68: shuffled units give the same table."""
    units = [Unit("L", "local", *ROW[1]), Unit("E", "exp1", *ROW[6]), Unit("M", "local", *ROW[5])]
    one, two = (rank_permissions(row_graph(), u, owners=OWNERS, limit_s=250).to_json() for u in (units, units[::-1]))
    assert one == two


@pytest.mark.parametrize(
    ("units", "options", "problem"),
    [
        ([], {}, "no unit has a car"),
        ([Unit("A", "local", *ROW[0])], {"limit_s": -1}, "positive"),
        ([Unit("A", "local", *ROW[0])], {"owners": ["x"]}, "owner label"),
        ([Unit("A", "local", *ROW[0])], {"needs_pass": ["Q"]}, "no station Q"),
        ([Unit("A", "local", 110.0, 40.0)], {}, "unit A at"),
    ],
)
def test_inputs_that_rank_nothing(units, options, problem):
    """What cannot be ranked is refused in one sentence."""
    with pytest.raises(InputError, match=problem):
        rank_permissions(row_graph(), units, **{"owners": OWNERS, "limit_s": 60, **options})
