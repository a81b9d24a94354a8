"""The task table: stretches by coordinates and by stakes, zones, rows that cannot be used."""

from __future__ import annotations

import pytest

from geo.errors import InputError
from geo.snapping import build_snap_index
from geo.travel import build_travel_graph
from patrol.reasons import Reason
from patrol.targets import Target
from patrol.tasktable import Lookup, find_stretch, read_tasks
from tests.builders import make_network
from tests.patrol.town import GRAPH

HEAD = "id,type,lon,lat,to_lon,to_lat,directions,pace,service_min,window,road,from_stake,to_stake,zone,name"


def no_stake(_road, text):
    """Know two stakes only."""
    known = {"K0": [(116.0, 40.0)], "K1": [(116.012, 40.0)]}
    if text not in known:
        raise InputError("没有该桩号。 / there is no such stake.")
    return known[text]


def zones(name):
    """Know one zone with two targets and one with one."""
    found = {"z2": 2, "z1": 1}.get(name, 0)
    return [Target(f"t{k}", 116.006, 40.0, 600.0, "control_zone", agency="local", name="区") for k in range(found)]


LOOKUP = Lookup(no_stake, zones)


def read(tmp_path, *rows, graph=GRAPH):
    """Read a task table of the given rows."""
    file = tmp_path / "tasks.csv"
    width = HEAD.count(",")
    lines = [row + "," * (width - row.count(",")) for row in rows]
    file.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return read_tasks(file, graph, LOOKUP)


def test_stretches_in_every_direction(tmp_path):
    """One way, the shorter of two, and both ways; coordinates and stakes give the same arcs."""
    tasks = read(
        tmp_path,
        "a,stretch,116.0,40.0,116.012,40.0,one,2,5,08:00-12:00",
        "b,管段,116.0,40.0,116.012,40.0,either",
        "c,stretch,116.0,40.0,116.012,40.0,both",
        "d,stretch,,,,,,,,,X0,K0,K1",
    )
    by = {stretch.id: stretch for stretch in tasks.stretches}
    assert sorted(by) == ["a", "b", "c", "c←", "d"]
    assert len(by["a"].ways) == 1
    assert len(by["a"].ways[0]) == 1
    assert (by["a"].pace, by["a"].stop_s, by["a"].window.from_s) == (2.0, 300.0, 8 * 3600)
    assert by["b"].ways == (by["c"].ways[0], by["c←"].ways[0])
    assert by["c←"].ways[0] == tuple(arc ^ 1 for arc in reversed(by["c"].ways[0]))
    assert by["d"].ways == by["a"].ways


def test_zones_places_and_checkpoints(tmp_path):
    """A zone brings its targets under the row's id; the row's own cells hold before those of the zone."""
    tasks = read(
        tmp_path,
        "z,zone,,,,,,,,,,,,z2",
        "y,区域,,,,,,,3,,,,,z1,自己",
        "k,卡点,116.006,40.0",
        "p,place,116.006,40.0",
    )
    by = {target.id: target for target in tasks.targets}
    assert sorted(by) == ["k", "p", "y", "z#1", "z#2"]
    assert (by["z#1"].service_s, by["z#1"].agency, by["z#1"].kind) == (600.0, "local", "control_zone")
    assert (by["y"].service_s, by["y"].name) == (180.0, "自己")
    assert by["k"].kind == "checkpoint"
    assert tasks.left_out == ()


def test_rows_that_contradict_themselves_are_left_out(tmp_path):
    """Negative work, a window turned round, an id used before and a stretch against a one-way road are named."""
    tasks = read(
        tmp_path,
        "a,place,116.006,40.0",
        "a,place,116.006,40.0",
        "b,place,116.006,40.0,,,,,-1",
        "c,place,116.006,40.0,,,,,,12:00-09:00",
    )
    assert [(i.target, i.reason) for i in tasks.left_out] == [
        ("b", Reason.SERVICE),
        ("c", Reason.WINDOW),
        ("a", Reason.DUPLICATE),
    ]
    one_way = make_network(
        {1: (116.0, 40.0), 2: (116.01, 40.0)}, [(1, [1, 2], {"highway": "primary", "oneway": "yes"})]
    )
    tasks = read(tmp_path, "s,stretch,116.009,40.0,116.001,40.0", graph=build_travel_graph(one_way))
    assert [(i.target, i.reason) for i in tasks.left_out] == [("s", Reason.NO_ACCESS)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,walk,116.0,40.0", "type"),
        ("a,stretch,116.0,40.0,116.012,40.0,upwards", "directions"),
        ("a,stretch,116.0,40.0,116.0,40.0", "one place"),
        ("a,stretch,,,,,,,,,X0,K0,K9", "to_stake"),
        ("a,stretch,117.0,41.0,116.0,40.0", "nearest road"),
        ("a,zone,,,,,,,,,,,,nowhere", "no zone"),
    ],
)
def test_rows_that_cannot_be_read(tmp_path, row, problem):
    """A row that cannot be read is refused in one sentence that names what is wrong."""
    with pytest.raises(InputError, match=problem):
        read(tmp_path, row)


def test_the_right_carriageway_is_found():
    """On a divided road the stretch runs on the carriageway of its direction, whichever the places lie nearer to."""
    nodes = {1: (116.0, 40.0), 2: (116.02, 40.0), 3: (116.02, 40.0003), 4: (116.0, 40.0003)}
    ways = [(k, ends, {"highway": "trunk", "oneway": "yes"}) for k, ends in ((1, [1, 2]), (2, [3, 4]))]
    graph = build_travel_graph(make_network(nodes, ways))
    index = build_snap_index(graph.network)
    west, east = [(116.005, 40.0001)], [(116.015, 40.0001)]
    there, back = (find_stretch(graph, a, b, index=index) for a, b in ((west, east), (east, west)))
    assert [graph.network.segment_ids[arcs[0] >> 1].split("/")[0] for arcs in (there, back)] == ["w1", "w2"]
