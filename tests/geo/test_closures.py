"""Closures, works and slow-downs: when they hold, which arcs they concern, and the graph that follows."""

from __future__ import annotations

import csv
import json
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.closures import CLOSED, EVERY_DAY, Closure, find_arcs, find_effect, find_segments, graph_at, read_moment
from geo.closuretable import read_closures
from geo.errors import InputError
from geo.travel import build_travel_graph
from tests.builders import make_network

# A grid of metres: one degree of latitude is 110 852 m and one of longitude 96 486 m here.
LON, LAT = 114.0, 30.0
MAIN = {"highway": "primary", "ref": "G318;S1", "name": "大道"}


def moment(text):
    return datetime.fromisoformat(text)


def spot(east, north):
    return LON + east / 96_486.0, LAT + north / 110_852.0


@pytest.fixture(scope="module")
def network():
    """Return an east-west road of four segments of 500 m, a side road at its middle, a one-way pair far north."""
    nodes = {k: spot(500 * k, 0) for k in range(5)} | {10: spot(1000, 600), 20: spot(0, 3000), 21: spot(2000, 3000)}
    nodes |= {30: spot(0, 3020), 31: spot(2000, 3020)}
    ways = [
        (1, [0, 1, 2], MAIN),
        (2, [2, 3, 4], MAIN),
        (3, [2, 10], {"highway": "tertiary", "name": "支路"}),
        (4, [20, 21], {"highway": "motorway", "oneway": "yes"}),
        (5, [31, 30], {"highway": "motorway", "oneway": "yes"}),
        (6, [0, 1], {"highway": "service"}),
        (7, [3, 4], {"highway": "service"}),
    ]
    return make_network(nodes, ways)


def ways_of(network, rows):
    return sorted({int(network.ways.id[network.segments.way[row]]) for row in rows})


@pytest.mark.parametrize(
    ("window", "at", "holds"),
    [((480, 600), "08:00", True), ((480, 600), "10:00", False), ((1320, 360), "00:00", True),
     ((1320, 360), "06:00", False), ((1320, 360), "22:00", True), ((0, 1440), "23:59", True)],
)  # fmt: skip
def test_windows_of_the_day(window, at, holds):
    """A window holds from its begin up to its end, and past midnight where the end comes first."""
    closure = Closure("d", ("w1",), from_min=window[0], to_min=window[1])
    assert closure.holds_at(moment(f"2026-11-25T{at}")) is holds


def test_a_night_belongs_to_the_day_on_which_it_begins():
    """Works on Friday night hold on Saturday before dawn and not on Friday before dawn."""
    works = Closure("n", ("w1",), from_min=1320, to_min=300, days=frozenset({4}))
    days = {"2026-11-27T23:00": True, "2026-11-28T04:59": True, "2026-11-28T05:00": False, "2026-11-27T04:00": False}
    assert {text: works.holds_at(moment(text)) for text in days} == days


def test_dates_are_half_open_and_zones_are_turned_into_local_time():
    """From the first moment up to, not including, the last; a moment with a zone is read as local time of UTC+8."""
    works = Closure("n", ("w1",), start=moment("2026-11-25T08:00"), end=moment("2026-11-26T08:00"))
    assert [works.holds_at(moment(t)) for t in ("2026-11-25T07:59", "2026-11-25T08:00", "2026-11-26T08:00")] == [
        False,
        True,
        False,
    ]
    assert works.holds_at(moment("2026-11-25T00:00+00:00"))
    assert read_moment("2026/11/25 8:05") == moment("2026-11-25T08:05")
    with pytest.raises(InputError, match="no moment"):
        read_moment("next week")


def test_without_a_moment_only_what_always_holds_counts(network):
    """Closures of some hours say nothing where no hour is asked for; the others close their road."""
    always, timed = Closure("a", ("w3",)), Closure("t", ("w1",), to_min=60)
    effect = find_effect(network, [timed, always])
    assert effect.active == ("a",)
    assert ways_of(network, np.unique(np.array(effect.closed_arcs) // 2)) == [3]


def test_roads_are_named_in_many_ways(network):
    """A segment id, a way, one of several numbers and a name each find their segments; an unknown one finds none."""
    one = network.segment_ids[0]
    found = {road: find_segments(network, Closure("x", (road,))).tolist() for road in (one, "w3", "S1", "大道", "G9")}
    assert found[one] == [0]
    assert ways_of(network, found["w3"]) == [3]
    assert found["S1"] == found["大道"]
    assert ways_of(network, found["S1"]) == [1, 2]
    assert found["G9"] == []


def test_directions(network):
    """Along, against and by compass: one arc of each segment, by the way it leads."""
    ahead, back, east, north = (
        find_arcs(network, Closure("x", ("w1",), direction=d)) for d in ("forward", "backward", "east", "north")
    )
    assert (ahead % 2 == 0).all()
    assert (back % 2 == 1).all()
    assert east.tolist() == ahead.tolist()
    assert len(north) == 0
    west = find_arcs(network, Closure("x", ("w5",), direction="west"))
    assert west.tolist() == [2 * int(find_segments(network, Closure("x", ("w5",)))[0])]


def test_drawings_cover_what_they_mean(network):
    """A line along a road takes that road and no side road; a line across takes what it crosses; a circle, an area."""
    along = Closure("a", line=(spot(600, 3), spot(1400, -3)))
    across = Closure("b", line=(spot(700, -50), spot(700, 50)))
    circle = Closure("c", line=(spot(1000, 500),), radius_m=50.0)
    ring = (spot(-10, 2990), spot(2010, 2990), spot(2010, 3010), spot(-10, 3010), spot(-10, 2990))
    assert ways_of(network, find_segments(network, along)) == [1, 2]
    assert ways_of(network, find_segments(network, across)) == [1]
    assert ways_of(network, find_segments(network, circle)) == [3]
    assert ways_of(network, find_segments(network, Closure("d", line=ring, is_area=True))) == [4]
    assert len(find_segments(network, Closure("e", line=(spot(90_000, 0),)))) == 0


def test_the_slowest_holds_and_the_graph_follows(network):
    """Of several on one road the slowest holds; the graph equals the one built from closed arcs and factors."""
    jobs = [
        Closure("slow", ("w1",), factor=2.0),
        Closure("slower", ("w1",), factor=3.0, direction="forward"),
        Closure("shut", ("w3",)),
        Closure("limit", ("w2",), speed_kmh=30.0, factor=1.0),
    ]
    effect = find_effect(network, jobs, at=moment("2026-11-25T08:00"))
    graph = graph_at(network, jobs, at=moment("2026-11-25T08:00"))
    plain = build_travel_graph(network)
    ratio = np.divide(graph.arc_ms, plain.arc_ms, where=plain.arc_ms > 0, out=np.zeros_like(plain.arc_ms))
    arcs = {way: find_arcs(network, Closure("x", (way,))) for way in ("w1", "w2", "w3")}
    assert ratio[arcs["w1"]].tolist() == pytest.approx([3.0, 2.0] * (len(arcs["w1"]) // 2), rel=1e-6)
    assert ratio[arcs["w2"]].tolist() == pytest.approx([2.0] * len(arcs["w2"]), rel=1e-6)
    assert (graph.arc_ms[arcs["w3"]] < 0).all()
    said = effect.to_json(network)
    assert json.dumps(said, allow_nan=False)
    assert said["closed_m"] == pytest.approx(2 * 600, abs=3)


def test_closures_of_no_road_are_reported(network):
    """A closure that concerns no road changes nothing and is listed by its id."""
    (finding,) = find_effect(network, [Closure("x", ("G999",)), Closure("y", line=(spot(90_000, 0),))]).findings
    assert finding.code == "closure_off_map"
    assert finding.things == ("x", "y")


@pytest.mark.parametrize(
    ("values", "problem"),
    [({"id": " "}, "no id"), ({"roads": ()}, "no road"), ({"direction": "up"}, "direction"), ({"factor": 0.5}, "factor"),
     ({"speed_kmh": 0.0}, "speed"), ({"radius_m": 0.0}, "radius"), ({"days": frozenset()}, "no day"),
     ({"start": moment("2026-01-02"), "end": moment("2026-01-01")}, "before it begins")],
)  # fmt: skip
def test_impossible_closures_are_refused(values, problem):
    """A closure that cannot be one is refused in one sentence."""
    with pytest.raises(InputError, match=problem):
        Closure(**({"id": "a", "roads": ("w1",)} | values))


def test_a_table_is_read(tmp_path):
    """Both kinds of times, days in two languages, factors of three kinds and places are read from a table."""
    file = tmp_path / "works.csv"
    head = "id road lon lat radius_m line direction from to days hours factor speed_factor speed_kmh reason source"
    rows = [
        {"id": "a", "road": "S1", "from": "08:00", "to": "10:30"},
        {"id": "b", "road": "w2", "direction": "北向", "from": "22:00", "to": "6:00", "days": "周一至周五",
         "factor": "2.5", "reason": "养护", "source": "公告"},
        {"id": "c", "road": "G1;G2", "from": "2026-11-25T08:00", "to": "2026-11-26", "hours": "22:00-06:00",
         "factor": "封闭"},
        {"id": "d", "line": "114 30, 114.1 30.1", "days": "Sat-Mon", "speed_factor": "0.5"},
        {"id": "e", "lon": "114.0", "lat": "30.0", "radius_m": "200", "days": "周末", "speed_kmh": "40"},
        {"id": "f", "road": "S1", "days": "每天", "speed_factor": "0"},
    ]  # fmt: skip
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, head.split())
        writer.writeheader()
        writer.writerows(rows)
    a, b, c, d, e, f = read_closures(file)
    assert (a.from_min, a.to_min, a.factor, a.is_timed) == (480, 630, CLOSED, True)
    assert (b.direction, b.days, b.factor, b.reason, b.source) == ("north", frozenset(range(5)), 2.5, "养护", "公告")
    assert (c.roads, c.start, c.end) == (("G1", "G2"), moment("2026-11-25T08:00"), moment("2026-11-26"))
    assert (c.from_min, c.to_min) == (1320, 360)
    assert (d.line, d.days, d.factor) == (((114.0, 30.0), (114.1, 30.1)), frozenset({5, 6, 0}), 2.0)
    assert (e.line, e.radius_m, e.speed_kmh, e.days) == (((114.0, 30.0),), 200.0, 40.0, frozenset({5, 6}))
    assert (f.factor, f.days, f.is_timed) == (CLOSED, EVERY_DAY, False)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [("a,G1,8 Uhr,9:00,,,", "no time of day"), ("a,G1,8:00,25:00,,,", "no time of day"),
     ("a,G1,8:75,9:00,,,", "no time of day"), ("a,G1,8:00,9:00,0.5,,", "number from 1"),
     ("a,G1,8:00,9:00,nan,,", "number from 1"), ("a,G1,,,,上行,", "forward"), ("a,G1,,,,,someday", "Mon-Fri"),
     (",G1,,,,,", "no id"), ("a,,,,,,", "no road"), ("a,G1,2026-11-26,2026-11-25,,,", "before it begins")],
)  # fmt: skip
def test_rows_that_cannot_be_used(tmp_path, cells, problem):
    """An odd cell is named with file, line and column (fault 32)."""
    file = tmp_path / "works.csv"
    file.write_text(f"id,road,from,to,factor,direction,days\n{cells}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"line 2.*{problem}"):
        read_closures(file)


def test_ids_are_unique(tmp_path):
    """Two closures of one id are refused, since answers name closures by id."""
    file = tmp_path / "works.csv"
    file.write_text("id,road\na,G1\na,G2\n", encoding="utf-8")
    with pytest.raises(InputError, match="twice"):
        read_closures(file)


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_a_drawing_is_read(tmp_path):
    """Points, lines and areas of a GeoJSON file become closures with their properties, Chinese ones too."""
    file = tmp_path / "works.geojson"
    ring = [[114, 30], [114.1, 30], [114.1, 30.1], [114, 30]]
    features = [
        feature({"type": "Point", "coordinates": [114.0, 30.0]}, id="p", radius_m=80, factor=3),
        feature({"type": "LineString", "coordinates": [[114, 30], [114.1, 30]]}, 编号="l", 方向="北向", days=[6, 7]),
        feature({"type": "Polygon", "coordinates": [ring]}, **{"from": "2026-11-25T08:00"}),
        feature({"type": "MultiLineString", "coordinates": [[[114, 30], [114.1, 30]]]}, id="m"),
        feature(None, id="r", road="S1"),
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    p, line, area, m, r = read_closures(file)
    assert (p.id, p.radius_m, p.factor) == ("p", 80.0, 3.0)
    assert (line.id, line.direction, line.days) == ("l", "north", frozenset({5, 6}))
    assert (area.id, area.is_area, area.start) == ("3", True, moment("2026-11-25T08:00"))
    assert len(m.line) == 2
    assert r.roads == ("S1",)


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [({"type": "MultiPoint", "coordinates": [[1, 2]]}, "point, a line or an area"),
     ({"type": "Point", "coordinates": [30, 114]}, "out of range"), ({"type": "Point"}, "cannot be read"),
     ({"type": "LineString", "coordinates": [[1]]}, "cannot be read"), ("x", "cannot be read"),
     ({"type": "Point", "coordinates": [float("nan"), 1]}, "out of range")],
)  # fmt: skip
def test_odd_drawings_are_named(tmp_path, geometry, problem):
    """A drawing that is none is refused with the number of its feature (fault 32)."""
    file = tmp_path / "works.geojson"
    body = {"type": "FeatureCollection", "features": [feature(geometry, id="a")]}
    file.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(InputError, match=rf"feature 1.*{problem}"):
        read_closures(file)


def test_a_file_that_is_no_drawing(tmp_path):
    """A GeoJSON file without features is refused in one sentence."""
    file = tmp_path / "works.geojson"
    file.write_text('{"type": "FeatureCollection", "features": 3}', encoding="utf-8")
    with pytest.raises(InputError, match="feature collection"):
        read_closures(file)


@given(
    st.integers(0, 1440),
    st.integers(0, 1440),
    st.sets(st.integers(0, 6), min_size=1),
    st.datetimes(moment("2026-01-01"), moment("2027-01-01")),
)
def test_a_window_and_its_complement_fill_the_week(start, end, days, at):
    """On all days a window and the one from its end to its begin share out every minute; on some days, no more."""
    first = Closure("a", ("w1",), from_min=start, to_min=end)
    second = Closure("b", ("w1",), from_min=end, to_min=start)
    if start != end and {start, end} != {0, 1440}:
        assert first.holds_at(at) != second.holds_at(at)
    some = Closure("c", ("w1",), from_min=start, to_min=end, days=frozenset(days))
    assert first.holds_at(at) or not some.holds_at(at)


def test_a_short_line_along_a_long_road():
    """A line along a part of a long road covers it, also on a road of two directions; one that leans away does not."""
    long_road = make_network({1: spot(0, 0), 2: spot(5000, 0), 3: spot(2500, 0), 4: spot(2500, 900)}, [
        (1, [1, 3, 2], MAIN), (2, [3, 4], {"highway": "tertiary"}),
    ])  # fmt: skip
    along = Closure("a", line=(spot(1000, 2), spot(1200, -2)))
    away = Closure("b", line=(spot(2510, 10), spot(2900, 240)))
    assert ways_of(long_road, find_segments(long_road, along)) == [1]
    assert ways_of(long_road, find_segments(long_road, away)) == []
