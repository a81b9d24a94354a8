import json

import pytest

from geo.closures import CLOSED, Closure
from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.coverage import cover
from patrol.hours import cover_by_hour
from patrol.units import Unit
from tests.builders import make_network

PRIMARY = {"highway": "primary", "maxspeed": "36", "ref": "G1", "name": "大道"}
NODES = {k: (116 + 0.01 * k, 40.0) for k in range(4)}
NETWORK = make_network(
    NODES, [(k, [k, k + 1], PRIMARY) for k in range(3)], length_m={(k, k + 1): 1000.0 for k in range(3)}
)
UNITS = [Unit("A", "local", *NODES[0]), Unit("B", "G6", *NODES[3])]


def close(ident, row, from_min=0, to_min=1440, factor=CLOSED):
    """Return a closure of one segment during part of every day."""
    return Closure(ident, (NETWORK.segment_ids[row],), from_min=from_min, to_min=to_min, factor=factor)


def test_each_hour_is_the_coverage_of_its_roads():
    """Every hour equals the coverage on the roads as they are then: closed, slow, or both in turn."""
    jobs = [close("works", 0, 480, 600), close("rush", 1, 540, 660, 3.0)]
    found = cover_by_hour(NETWORK, UNITS, limit_s=150, closures=jobs, hours=[7, 8, 9, 10])
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
    """Where two closures meet on one road the slower one holds, a closure before all."""
    jobs = [close("a", 0, factor=2.0), close("b", 0)]
    found = cover_by_hour(NETWORK, UNITS[:1], limit_s=900, closures=jobs, hours=[0])
    assert found[0].coverage.unreachable_mm == found[0].coverage.total_mm


def test_hours_and_names_outside():
    """An hour that no day has, or a duty of an unknown unit, is bad input."""
    with pytest.raises(InputError, match="24 is no hour"):
        cover_by_hour(NETWORK, UNITS, limit_s=150, hours=[24])
    with pytest.raises(InputError, match="no unit Z"):
        cover_by_hour(NETWORK, UNITS, limit_s=150, on_duty={"Z": (0, 60)})
