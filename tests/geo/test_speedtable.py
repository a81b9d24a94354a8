"""An agency's own speeds: by class, route and segment, and what wins over what."""

from __future__ import annotations

import pytest

from geo.classes import RoadClass
from geo.errors import InputError
from geo.speedtable import agency_speeds, describe_speeds, read_speed_table
from tests.builders import make_network


@pytest.fixture(scope="module")
def network():
    """Return three roads in a row: a motorway, one with a posted limit, one without."""
    nodes = {k: (114 + k / 100, 30.0) for k in range(4)}
    ways = [
        (1, [0, 1], {"highway": "motorway", "ref": "G15"}),
        (2, [1, 2], {"highway": "primary", "ref": "S1", "maxspeed": "60"}),
        (3, [2, 3], {"highway": "primary", "name": "大道"}),
    ]
    return make_network(nodes, ways)


def table(tmp_path, *rows, head="class,kmh"):
    file = tmp_path / "speeds.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_speed_table(file)


def test_what_wins(tmp_path, network):
    """The table's road wins over the posted limit, this over the table's class, this over our class table."""
    kmh, findings = agency_speeds(network, table(tmp_path, "高速公路,90", "primary,45", "S1,50"))
    assert kmh.tolist() == [90.0, 50.0, 45.0]
    assert findings == ()
    assert agency_speeds(network, table(tmp_path, "主要道路,45"))[0].tolist() == [100.0, 60.0, 45.0]


def test_roads_by_segment_way_and_name(tmp_path, network):
    """A segment id, a way, a name and two columns are read; of several rows on one road the last holds."""
    segment = network.segment_ids[0]
    kmh, _ = agency_speeds(network, table(tmp_path, f"{segment},70", "w2,31", "大道,32", "大道,33"))
    assert kmh.tolist() == [70.0, 31.0, 33.0]
    both = table(tmp_path, "motorway,,80", ",S1,40", head="等级,路线,车速")
    assert (dict(both.by_class), dict(both.by_road)) == ({RoadClass.MOTORWAY: 80.0}, {"S1": 40.0})
    assert describe_speeds(both)["by_class_kmh"] == {"motorway": 80.0}


def test_roads_that_are_not_there(tmp_path, network):
    """A road the network does not have is a finding and changes nothing."""
    kmh, (finding,) = agency_speeds(network, table(tmp_path, "G999,80"))
    assert kmh.tolist() == [100.0, 60.0, 60.0]
    assert (finding.code, finding.things) == ("speed_road_not_on_map", ("G999",))


@pytest.mark.parametrize("row", ["motorway,", "motorway,fast", "motorway,500", ",60", "motorway,-3"])
def test_rows_that_cannot_be_used(tmp_path, row):
    """A row without a road or a speed a car can drive is refused with its line (fault 34)."""
    with pytest.raises(InputError, match="line 2"):
        table(tmp_path, row)
