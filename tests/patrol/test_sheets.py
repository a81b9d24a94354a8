import itertools
import json

import pytest

from patrol.day import plan_measured
from patrol.roadlegs import Turn, place_at, write_legs
from patrol.sheets import Block, cut_blocks, gantt, make_sheets
from patrol.targets import Target
from tests.builders import make_network
from tests.patrol.town import EXPRESSWAY, GRAPH, LOCAL, MIXED, QUICK, measure, on_street, play_targets


def make_plan(seed=4, count=10):
    """Return a plan of the town."""
    return plan_measured(measure([LOCAL, EXPRESSWAY, MIXED], play_targets(seed, count)), QUICK)


def drive(network, places):
    """Return the legs in words between places of a network."""
    import numpy as np

    from geo.paths import path
    from geo.snapping import snap_points
    from geo.travel import build_travel_graph

    graph = build_travel_graph(network)
    snapped = snap_points(network, np.array([p[0] for p in places]), np.array([p[1] for p in places]))
    return write_legs(graph, path(graph, snapped.take([0]), snapped.take([1])), start_s=0.0)


def test_timetable_has_no_gaps():
    """A crew's blocks follow one another from leaving to being back, and their sums are those of the plan."""
    plan = make_plan()
    for route in plan.routes:
        blocks = cut_blocks(route)
        assert blocks[0].from_s == route.leave_s
        assert blocks[-1].to_s == route.return_s
        assert all(a.to_s == b.from_s for a, b in itertools.pairwise(blocks))
        for kind, total in (("drive", route.drive_s), ("work", route.work_s), ("wait", route.wait_s)):
            assert sum(b.to_s - b.from_s for b in blocks if b.kind == kind) == pytest.approx(total)


def test_legs_are_numbered_through_and_add_up():
    """The legs of a sheet carry numbers without gaps, and their metres and seconds are those of the way."""
    plan = make_plan()
    for sheet, route in zip(make_sheets(GRAPH, plan), plan.routes, strict=True):
        legs = [leg for part in sheet.legs for leg in part]
        assert [leg.number for leg in legs] == list(range(1, len(legs) + 1))
        assert sum(leg.length_m for leg in legs) == pytest.approx(sheet.length_m)
        assert sum(leg.time_s for leg in legs) == pytest.approx(route.drive_s, abs=0.2 * len(legs))
        assert len(sheet.legs) == len(route.stops) + 1
        assert [record.task for record in sheet.records] == [stop.target for stop in route.stops]


def test_sheet_survives_a_json_writer():
    """Sheets and chart are plain JSON values with the fields of a patrol record, empty where the crew fills them in."""
    plan = make_plan()
    document = json.loads(json.dumps([s.to_json() for s in make_sheets(GRAPH, plan)], allow_nan=False))
    record = document[0]["records"][0]
    assert {"start_s", "end_s", "category", "type", "weather", "road_number", "road_name", "direction"} <= set(record)
    assert {"from_stake", "to_stake", "length_m", "abnormal", "disposal"} <= set(record)
    assert record["weather"] == ""
    assert json.dumps(gantt(plan))


def test_stakes_are_written_where_known():
    """A stake function fills both ends of a leg and the place of a record."""
    plan = plan_measured(measure([LOCAL], [on_street("a", 0, 2.5, service_s=600)]), QUICK)
    (sheet,) = make_sheets(GRAPH, plan, stake_of=lambda segment, offset: f"{segment}+{offset:.0f}")
    assert all(leg.from_stake and leg.to_stake for part in sheet.legs for leg in part)
    assert sheet.records[0].from_stake == sheet.records[0].to_stake != ""


@pytest.mark.parametrize(
    ("end", "turn", "heading"),
    [
        ((116.02, 40.01), Turn.LEFT, "北"),
        ((116.02, 39.99), Turn.RIGHT, "南"),
        ((116.03, 40.0), Turn.STRAIGHT, "东"),
        ((116.03, 40.005), Turn.SLIGHT_LEFT, "东北"),
    ],
)
def test_turn_words(end, turn, heading):
    """The turn is the change of heading at the junction: left is against the clock, and the compass follows."""
    nodes = {
        1: (116.0, 40.0),
        2: (116.02, 40.0),
        3: (116.02, 40.01),
        4: (116.02, 39.99),
        5: (116.03, 40.0),
        6: (116.03, 40.005),
    }
    ways = [(1, [1, 2], {"highway": "primary", "name": "甲"})]
    ways += [(k, [2, k], {"highway": "primary", "name": f"路{k}"}) for k in (3, 4, 5, 6)]
    first, second = drive(make_network(nodes, ways), [(116.0, 40.0), end])
    assert (first.turn, first.road, first.heading) == (Turn.DEPART, "甲", "东")
    assert second.turn == turn
    assert heading in {second.heading, "东北"}


def test_expressway_words():
    """Going up a ramp and down again are named, an unnamed ramp is called 匝道, and a passed station is listed."""
    nodes = {k: (116.0 + 0.01 * k, 40.0) for k in range(1, 7)}
    nodes[3] = (*nodes[3], {"barrier": "toll_booth"})
    ways = [
        (1, [1, 2], {"highway": "primary", "ref": "G1"}),
        (2, [2, 3, 4], {"highway": "motorway_link"}),
        (3, [4, 5], {"highway": "motorway", "ref": "G98", "name": "澜陵高速"}),
        (4, [5, 6], {"highway": "primary", "ref": "S2"}),
    ]
    network = make_network(nodes, ways, stations={"东站": [3]})
    legs = drive(network, [(116.01, 40.0), (116.06, 40.0)])
    assert [(leg.turn, leg.road) for leg in legs] == [
        (Turn.DEPART, "G1"),
        (Turn.ENTER, "匝道"),
        (Turn.STRAIGHT, "G98 澜陵高速"),
        (Turn.LEAVE, "S2"),
    ]
    assert legs[1].stations == ("东站",)


def test_bend_of_one_road_is_no_turn():
    """A road that bends without a junction stays one leg; the same bend at a junction is a turn."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.01, 40.01), 4: (116.02, 40.0)}
    bend = [(1, [1, 2], {"highway": "primary", "ref": "G1"}), (2, [2, 3], {"highway": "primary", "ref": "G1"})]
    assert len(drive(make_network(nodes, bend), [(116.0, 40.0), (116.01, 40.01)])) == 1
    crossing = [*bend, (3, [2, 4], {"highway": "primary", "ref": "G1"})]
    legs = drive(make_network(nodes, crossing), [(116.0, 40.0), (116.01, 40.01)])
    assert [leg.turn for leg in legs] == [Turn.DEPART, Turn.LEFT]


def test_place_on_a_segment():
    """A place is interpolated along the line and held within its ends."""
    network = make_network({1: (116.0, 40.0), 2: (116.01, 40.0)}, [(1, [1, 2], {"highway": "primary"})])
    length = float(network.segments.length_m[0])
    assert place_at(network, 0, length / 2) == pytest.approx((116.005, 40.0))
    assert place_at(network, 0, 2 * length) == pytest.approx((116.01, 40.0))


def test_impossible_blocks_are_refused():
    """A block of an unknown kind or that ends before it begins is refused."""
    with pytest.raises(ValueError, match="block"):
        Block("sleep", 0, 1, "")
    with pytest.raises(ValueError, match="block"):
        Block("work", 2, 1, "")


def test_place_outside_a_road_is_no_stop():
    """A target far from every road gets no record."""
    plan = plan_measured(measure([LOCAL], [on_street("a", 0, 2.5), Target("away", 117.0, 40.0)]), QUICK)
    assert [r.task for sheet in make_sheets(GRAPH, plan) for r in sheet.records] == ["a"]
