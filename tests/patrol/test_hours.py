import json

import pytest

from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.coverage import cover
from patrol.hours import CLOSED, Disturbance, cover_by_hour, read_disturbances
from patrol.units import Unit
from tests.builders import make_network

PRIMARY = {"highway": "primary", "maxspeed": "36", "ref": "G1", "name": "大道"}
NODES = {k: (116 + 0.01 * k, 40.0) for k in range(4)}
NETWORK = make_network(
    NODES, [(k, [k, k + 1], PRIMARY) for k in range(3)], length_m={(k, k + 1): 1000.0 for k in range(3)}
)
UNITS = [Unit("A", "local", *NODES[0]), Unit("B", "G6", *NODES[3])]


@pytest.mark.parametrize(
    ("window", "minute", "holds"),
    [((480, 600), 480, True), ((480, 600), 600, False), ((1320, 360), 0, True), ((1320, 360), 360, False),
     ((1320, 360), 1320, True), ((0, 1440), 1439, True)],
)  # fmt: skip
def test_windows(window, minute, holds):
    """A window holds from its begin up to its end, and past midnight where the end comes first."""
    assert Disturbance("d", (0,), *window).holds_at(minute) is holds


def test_each_hour_is_the_coverage_of_its_roads():
    """Every hour equals the coverage on the roads as they are then: closed, slow, or both in turn."""
    jobs = [Disturbance("works", (0,), 480, 600), Disturbance("rush", (1,), 540, 660, 3.0)]
    found = cover_by_hour(NETWORK, UNITS, limit_s=150, disturbances=jobs, hours=[7, 8, 9, 10])
    roads = [{}, {"closed": [0]}, {"closed": [0], "slow_down": {1: 3.0}}, {"slow_down": {1: 3.0}}]
    for hour, road in zip(found, roads, strict=True):
        assert hour.coverage.to_json() == cover(build_travel_graph(NETWORK, **road), UNITS, limit_s=150).to_json()
    assert [hour.active for hour in found] == [(), ("works",), ("rush", "works"), ("rush",)]
    assert json.dumps([hour.to_json() for hour in found], allow_nan=False)


def test_equal_hours_are_the_same_object():
    """Hours with the same roads and crews are computed once."""
    found = cover_by_hour(NETWORK, UNITS, limit_s=150)
    assert len(found) == 24
    assert len({id(hour.coverage) for hour in found}) == 1


def test_duty_takes_units_away():
    """A unit off duty covers nothing; an hour without anybody on duty is bad input."""
    duty = {"B": (480, 1020)}
    day, night = cover_by_hour(NETWORK, UNITS, limit_s=150, hours=[9, 20], on_duty=duty)
    assert [unit.id for unit in day.coverage.units] == ["A", "B"]
    assert [unit.id for unit in night.coverage.units] == ["A"]
    with pytest.raises(InputError, match="no unit has a car"):
        cover_by_hour(NETWORK, UNITS, limit_s=150, hours=[3], on_duty={"A": (480, 500), "B": (480, 500)})


def test_slowest_of_several_holds():
    """Where two disturbances meet on one road the slower one holds, a closure before all."""
    jobs = [Disturbance("a", (0,), 0, 1440, 2.0), Disturbance("b", (0,), 0, 1440, CLOSED)]
    found = cover_by_hour(NETWORK, UNITS[:1], limit_s=900, disturbances=jobs, hours=[0])
    assert found[0].coverage.unreachable_mm == found[0].coverage.total_mm


def test_table_of_disturbances(tmp_path):
    """Roads are named by segment, way, number or name; closures and factors are read."""
    file = tmp_path / "works.csv"
    segment = NETWORK.segment_ids[1]
    file.write_text(
        f"id,road,from,to,factor\na,{segment},08:00,10:30,\nb,w2,22:00,6:00,2.5\nc,G1,0:00,24:00,封闭\nd,大道,7,9,3\n",
        encoding="utf-8",
    )
    assert read_disturbances(file, NETWORK) == (
        Disturbance("a", (1,), 480, 630),
        Disturbance("b", (2,), 1320, 360, 2.5),
        Disturbance("c", (0, 1, 2), 0, 1440),
        Disturbance("d", (0, 1, 2), 420, 540, 3.0),
    )


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("a,G7,8:00,9:00,", "no road of this map"),
        ("a,G1,8 Uhr,9:00,", "no time of day"),
        ("a,G1,8:00,25:00,", "no time of day"),
        ("a,G1,8:75,9:00,", "no time of day"),
        ("a,G1,8:00,9:00,0.5", "lies outside"),
    ],
)
def test_rows_that_cannot_be_used(tmp_path, cells, problem):
    """An odd cell is named with file, line and column."""
    file = tmp_path / "works.csv"
    file.write_text(f"id,road,from,to,factor\n{cells}\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"line 2.*{problem}"):
        read_disturbances(file, NETWORK)


def test_hours_and_names_outside():
    """An hour that no day has, or a duty of an unknown unit, is bad input."""
    with pytest.raises(InputError, match="24 is no hour"):
        cover_by_hour(NETWORK, UNITS, limit_s=150, hours=[24])
    with pytest.raises(InputError, match="no unit Z"):
        cover_by_hour(NETWORK, UNITS, limit_s=150, on_duty={"Z": (0, 60)})
