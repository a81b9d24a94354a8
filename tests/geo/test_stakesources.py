from __future__ import annotations

import pytest

from geo.calibration import calibrate
from geo.errors import InputError
from geo.measure import measure_between
from geo.stakeplaces import locate_stake, read_stake
from geo.stakes import Stake
from geo.stakesources import find_interchanges, find_milestones, read_exit_number, read_milestone
from tests.geo.stakeplay import Road


def test_milestones_calibrate_a_route():
    """Milestones on the ways of a route place its stakes; one that cannot be read is passed over."""
    road = Road()
    tags = {1000 + k: {"highway": "milestone", "distance": str(k / 10)} for k in range(10, 200, 20)}
    tags[1055] = {"highway": "milestone", "distance": "north"}
    network = road.network(tags)
    table = find_milestones(network, "G15")
    assert len(table) == 10
    calibration = calibrate(table, network=network)
    place = locate_stake(calibration, Stake(9_000_000, "G15"))[0]
    node = network.nodes.id.tolist().index(1090)
    assert measure_between((place.lon, place.lat), (network.nodes.lon[node], network.nodes.lat[node])) < place.error_m
    assert place.error_m >= 30
    assert "stake_rough_source" in [f.code for f in calibration.findings]


def test_interchange_numbers_are_a_rough_source():
    """Exit numbers give stakes with a bound of at least 500 m, exits of one number counted once, and say so."""
    road = Road()
    tags = {}
    for k, ref in ((10, "1"), (60, "6A"), (61, "6B"), (120, "12-13"), (180, "18"), (150, "机场")):
        tags[1000 + k] = {"highway": "motorway_junction", "ref": ref}
    network = road.network(tags)
    table = find_interchanges(network, "G15")
    assert sorted(table.mm.tolist()) == [1_000_000, 6_000_000, 12_500_000, 18_000_000]
    calibration = calibrate(table, network=network)
    node = network.nodes.id.tolist().index(1095)
    reading = read_stake(calibration, (float(network.nodes.lon[node]), float(network.nodes.lat[node])))
    assert reading.error_m >= 500
    assert abs(reading.stake.length_m - 9_500) < reading.error_m
    note = next(f for f in calibration.findings if f.code == "stake_rough_source")
    assert "500 米" in note.message


def test_too_few_marks_are_refused():
    """A route with one milestone or none is refused with advice."""
    network = Road(length_m=6_000).network({1010: {"highway": "milestone", "distance": "1"}})
    for find in (find_milestones, find_interchanges):
        with pytest.raises(InputError, match="不足以定标"):
            find(network, "G15")


@pytest.mark.parametrize(
    ("text", "mm"), [("12", 12_000_000), ("12,5 km", 12_500_000), ("K1+200", 1_200_000), ("", None), ("x", None)]
)
def test_milestone_text(text, mm):
    """Kilometres with comma or point, a unit, or a stake are read; anything else is none."""
    assert read_milestone(text) == mm


@pytest.mark.parametrize(
    ("text", "mm"), [("104", 104_000_000), ("104A", 104_000_000), ("26;28", 27_000_000), ("S12", None), ("", None)]
)
def test_exit_numbers(text, mm):
    """Exit numbers with letters and pairs are read; names are none."""
    assert read_exit_number(text) == mm
