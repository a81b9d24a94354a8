from __future__ import annotations

import json

import numpy as np
import pytest

from geo.calibration import calibrate
from geo.errors import InputError
from geo.stakedesk import StakeDesk, bound_errors
from geo.stakeplaces import locate_stake
from geo.stakes import Direction, Stake, parse_stake
from geo.stakesegments import read_stakes_on, segments_within
from geo.stakesources import find_numbered_routes
from tests.geo.stakeplay import Road

MILESTONES = {1000 + k: {"highway": "milestone", "distance": str(100 + 2 * k)} for k in range(1, 9)}
EXITS = {1000 + k: {"highway": "motorway_junction", "ref": str(100 + 2 * k)} for k in (1, 4, 8)}


@pytest.fixture(scope="module")
def road():
    """Return the road asked about."""
    return Road(tags={"name": "沈海高速"})


@pytest.fixture(scope="module")
def desk(road):
    """Return a desk with a stake table of G15."""
    return StakeDesk(road.network(), {"G15": (road.table()[0], ())})


def test_a_table_is_preferred_and_calibrated_once(desk):
    """A route with a table is calibrated from it, once, and says so with its error bound in metres."""
    stakes = desk.of("G15")
    assert stakes is desk.of("G15")
    body = json.loads(json.dumps(stakes.to_json(), allow_nan=False))
    assert (body["source"], body["is_rough"]) == ("table", False)
    assert 0 < body["error_m"] < 60
    assert [way["travel"] for way in body["carriageways"]] == [1, -1]
    assert body["error_m"] == max(way["error_m"]["max"] for way in body["carriageways"])
    assert desk.tables == desk.routes == ("G15",)


@pytest.mark.parametrize(("nodes", "source", "least"), [(MILESTONES, "milestone", 30), (EXITS, "interchange", 500)])
def test_without_a_table_the_map_serves_as_a_rough_source(road, nodes, source, least):
    """Milestones, else interchange numbers, stand in for a table, with a finding that calls them rough."""
    desk = StakeDesk(road.network(nodes))
    assert desk.routes == ("G15",)
    body = desk.of("G15").to_json()
    assert (body["source"], body["is_rough"]) == (source, True)
    assert body["error_m"] >= least
    assert "stake_rough_source" in [f.code for f in desk.of("G15").findings]
    assert desk.findings == ()


def test_a_route_without_any_source_has_no_stakes(road):
    """Without table, milestones and numbers a route has no stakes, and asking for one says what to import."""
    desk = StakeDesk(road.network())
    assert desk.routes == ()
    assert desk.of("G15").to_json() == {
        "route": "G15",
        "source": None,
        "is_rough": True,
        "error_m": None,
        "carriageways": [],
    }
    with pytest.raises(InputError, match="导入桩号表"):
        desk.locate(parse_stake("G15 K5+000"))
    with pytest.raises(InputError, match="没有桩号表"):
        desk.locate(parse_stake("K5+000"))


def test_routes_need_two_different_numbers(road):
    """One interchange with many exits of one number is no source: a line needs two stakes."""
    one = {1000 + k: {"highway": "motorway_junction", "ref": "104"} for k in (1, 2, 3)}
    assert find_numbered_routes(road.network(one)) == ()
    assert find_numbered_routes(road.network(EXITS)) == ("G15",)


@pytest.mark.parametrize("text", ["G15", "g15", "G15沈海高速", "沈海高速", "沈海 高速"])
def test_a_route_is_known_by_number_and_name(desk, text):
    """A number, a number with a name, and a name alone mean the same route."""
    assert desk.name_routes(text) == ("G15",)


@pytest.mark.parametrize("text", ["", "无名高速"])
def test_an_unknown_name_means_no_route(desk, text):
    """A name that no road carries means no route."""
    assert desk.name_routes(text) == ()


def test_a_stake_without_direction_is_on_both_carriageways(desk):
    """A stake that names no carriageway has a place on each; one that names a road by name finds its number."""
    low = desk.of("G15").calibration.carriageways[0].pieces[0].stake_m[2]
    text = f"K{int(low) // 1000}+{int(low) % 1000:03d}"
    both = desk.locate(parse_stake(text))
    assert sorted(place.travel for place in both) == [-1, 1]
    assert desk.locate(parse_stake(f"沈海高速{text}")) == both
    assert all(place.segment >= 0 for place in both)


@pytest.mark.parametrize(
    ("text", "words"),
    [("G15 K9000+000", "超出已定标范围"), ("K9000+000", "超出已定标"), ("甲乙高速K5+000", "没有找到路线")],
)
def test_a_stake_nowhere_is_one_sentence(desk, text, words):
    """A stake outside its route, or of an unknown road, is refused with the reason."""
    with pytest.raises(InputError, match=words):
        desk.locate(parse_stake(text))


def test_several_routes_without_the_stake():
    """Where no route has the stake and none was named, the sentence lists the routes that have stakes."""
    road = Road(refs=("G15", "S3"))
    table, _ = road.table()
    desk = StakeDesk(road.network(), {"G15": (table, ()), "S3": (table, ())})
    with pytest.raises(InputError, match="各路线都没有"):
        desk.locate(Stake(9_000_000_000))


def test_stakes_on_segments_equal_those_read_by_place(desk):
    """What the desk reads on a segment is the stake whose place it found there, for both carriageways."""
    calibration = desk.of("G15").calibration
    for way in calibration.carriageways:
        stake = Stake(int(way.pieces[0].stake_m[1] + 333) * 1000, "G15", way.direction)
        place = next(p for p in locate_stake(calibration, stake) if p.travel == way.travel)
        (reading,) = desk.read_on([place.segment], [place.offset_m])
        assert reading is not None
        assert abs(reading.stake.mm - stake.mm) <= 1000
        assert (reading.travel, reading.segment) == (way.travel, place.segment)
        assert reading.error_m > 0


def test_segments_off_the_route_have_no_stake(desk):
    """A segment on no calibrated carriageway, such as a ramp, has no stake."""
    network = desk.network
    off = [k for k in range(len(network.segments)) if "G15" not in network.text("ref", k)]
    on_lines = {int(r) for w in desk.of("G15").calibration.carriageways for r in w.line.segment}
    beside = [k for k in range(len(network.segments)) if k not in on_lines]
    assert desk.read_on(beside[:3], [0.0] * len(beside[:3])) == (None,) * len(beside[:3])
    assert desk.read_on(off[:1], [0.0] * len(off[:1])) == (None,) * len(off[:1])
    assert desk.read_on([], []) == ()


def test_routes_without_calibration_are_passed_over(road):
    """A number on the map that turns out to have no usable stakes leaves the segment without one."""
    far = {1001: {"highway": "milestone", "distance": "0"}, 1002: {"highway": "milestone", "distance": "900"}}
    desk = StakeDesk(road.network(far))
    found = desk.read_on([0], [1.0])
    assert found == (None,) or found[0].stake.route == "G15"


def test_reach_lists_the_segments_within_the_error(desk):
    """The segments within an error along the carriageway include the place's own and grow with the error."""
    stake_m = int(desk.of("G15").calibration.carriageways[0].pieces[0].stake_m[4])
    place = desk.locate(Stake(stake_m * 1000, "G15"))[0]
    near, far = desk.reach(place, 1.0), desk.reach(place, 3_000.0)
    assert place.segment in near
    assert set(near) < set(far)
    other = StakeDesk(desk.network)
    assert other.reach(place, 10.0) == ()
    assert segments_within(calibrate(Road().table()[0]), place, 10.0) == ()


def test_lines_drawn_without_a_map_have_no_segments():
    """A route that the map does not carry has stakes by place but none by segment."""
    calibration = calibrate(Road().table()[0])
    assert read_stakes_on(calibration, [0], [0.0]) == (None,)
    assert np.all(bound_errors(calibration.carriageways[0]) > 0)


def test_directions_are_kept():
    """The direction a table names is the direction of the reading."""
    road = Road()
    table, _ = road.table()
    named = type(table)(
        table.route, (Direction.RIGHT,) * len(table), table.mm, table.lon, table.lat, table.line, table.source
    )
    desk = StakeDesk(road.network(), {"G15": (named, ())})
    place = desk.locate(Stake(int(table.mm[3]), "G15", Direction.RIGHT))[0]
    assert desk.read_on([place.segment], [place.offset_m])[0].stake.direction is Direction.RIGHT
