from __future__ import annotations

import pytest

from geo.errors import InputError
from geo.load import complete
from geo.stationfixes import (
    AddBooth,
    MergeStations,
    RenameStation,
    RetypeStation,
    SplitStation,
    apply_fixes,
    read_fixes,
    write_fixes,
)
from geo.stations import StationKind
from tests.builders import make_network

WHO = {"by": "张三", "on": "2026-11-25", "reason": "现场核对"}


@pytest.fixture
def network():
    """Return two stations, of two booths and of one, on a motorway, and a ramp without a booth."""
    booth = {"barrier": "toll_booth"}
    nodes = {
        1: (114.00, 30.0),
        2: (114.01, 30.0, {**booth, "name": "甲收费站"}),
        3: (114.0105, 30.0, {**booth, "name": "甲收费站"}),
        4: (114.02, 30.0),
        5: (114.03, 30.0, {**booth, "name": "乙收费站"}),
        6: (114.04, 30.0),
        7: (114.02, 30.01),
    }
    ways = [
        (1, [1, 2, 3, 4, 5, 6], {"highway": "motorway", "ref": "S28"}),
        (2, [4, 7], {"highway": "motorway_link"}),
    ]
    return complete(make_network(nodes, ways))


def by_id(network):
    return {station.id: station for station in network.stations}


def test_all_corrections_survive_json():
    """Each kind of correction is read back from its JSON form unchanged."""
    fixes = (
        RenameStation(station="n2", name="甲东站", **WHO),
        RetypeStation(station="n2", kind=StationKind.MAIN_LINE, **WHO),
        MergeStations(stations=("n2", "n5"), name="甲", **WHO),
        SplitStation(station="n2", booths=(3,), name="乙", **WHO),
        AddBooth(segment="w2/4-7", offset_m=200.0, name="丙", kind=StationKind.RAMP, **WHO),
    )
    assert read_fixes(write_fixes(fixes)) == fixes
    assert write_fixes(read_fixes(write_fixes(fixes))) == write_fixes(fixes)


def test_rename_and_retype(network):
    """A new name is added to the names of the map, a new kind replaces the old one; the map itself is unchanged."""
    before = network.stations
    fixed = apply_fixes(
        network,
        [RenameStation(station="n2", name="新名", **WHO), RetypeStation(station="n5", kind=StationKind.GATE, **WHO)],
    )
    found = by_id(fixed)
    assert found["n2"].name == "新名"
    assert found["n2"].names == ("新名", "甲收费站")
    assert found["n5"].kind is StationKind.GATE
    assert network.stations is before
    assert {"gate_not_station", "station_two_names"} <= {f.code for f in fixed.findings}


def test_merge_and_split(network):
    """Merging takes all booths, names and lanes into the first; splitting takes booths out again."""
    merged = apply_fixes(network, [MergeStations(stations=("n2", "n5"), **WHO)])
    one = by_id(merged)["n2"]
    assert len(merged.stations) == 1
    assert len(one.booths) == 3
    assert one.names == ("乙收费站", "甲收费站")
    split = apply_fixes(merged, [SplitStation(station="n2", booths=(5,), **WHO)])
    found = by_id(split)
    assert set(found) == {"n2", "n5"}
    assert found["n5"].name == "乙收费站"
    assert found["n2"].lon == pytest.approx(114.01025)
    assert found["n2"].lanes + found["n5"].lanes == one.lanes


def test_a_booth_is_put_on_a_segment(network):
    """A new booth cuts its segment, keeps every millimetre, and makes a station that counts as a booth."""
    fix = AddBooth(segment="w2/4-7", offset_m=500.0, name="丙收费站", **WHO)
    fixed = apply_fixes(network, [fix])
    new = next(s for s in fixed.stations if s.name == "丙收费站")
    assert len(fixed.segments) == len(network.segments) + 1
    assert fixed.length_mm == network.length_mm
    assert fixed.booth_mask()[list(new.booths)].all()
    assert new.lat == pytest.approx(30.0045, abs=2e-4)
    joined = apply_fixes(network, [AddBooth(segment="w2/4-7", offset_m=500.0, station="n5", **WHO)])
    assert len(by_id(joined)["n5"].booths) == 2
    assert len(joined.stations) == 2


def test_corrections_that_no_longer_fit(network):
    """A correction of a station, booth or segment that is gone is left out and listed; the others are applied."""
    fixes = [
        RenameStation(station="n99", name="x", **WHO),
        MergeStations(stations=("n2", "n99"), **WHO),
        MergeStations(stations=("n2",), **WHO),
        SplitStation(station="n2", booths=(77,), **WHO),
        SplitStation(station="n2", booths=(2, 3), **WHO),
        AddBooth(segment="w9/1-2", offset_m=1.0, **WHO),
        AddBooth(segment="w2/4-7", offset_m=1.0, station="n99", **WHO),
        RenameStation(station="n5", name="对", **WHO),
    ]
    fixed = apply_fixes(network, fixes)
    stale = next(f for f in fixed.findings if f.code == "station_fix_stale")
    assert stale.count == 7
    assert by_id(fixed)["n5"].name == "对"
    assert len(fixed.segments) == len(network.segments)


def test_no_corrections_change_nothing(network):
    """Without corrections stations and findings are those of the map."""
    fixed = apply_fixes(network, [])
    assert fixed.stations == network.stations
    assert fixed.findings == network.findings


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2, "station_fixes": []}',
        '{"format": 1, "station_fixes": {}}',
        '{"format": 1, "station_fixes": [1]}',
        '{"format": 1, "station_fixes": [{"fix": "paint"}]}',
        '{"format": 1, "station_fixes": [{"fix": "rename", "station": "n1"}]}',
        '{"format": 1, "station_fixes": [{"fix": "rename", "station": 1, "name": "x", "by": "a", "on": "b"}]}',
        '{"format": 1, "station_fixes": [{"fix": "retype", "station": "n1", "kind": "x", "by": "a", "on": "b"}]}',
        '{"format": 1, "station_fixes": [{"fix": "add_booth", "segment": "a", "offset_m": "x", "by": "a", "on": "b"}]}',
    ],
)
def test_damaged_corrections_are_refused(text):
    """A file that is not JSON, of a newer version, or with a wrong field is refused in one sentence."""
    with pytest.raises(InputError, match="订正"):
        read_fixes(text)
