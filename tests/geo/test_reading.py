from __future__ import annotations

import bz2
import gzip

import numpy as np
import osmium
import pytest

from geo.errors import CancelledError, InputError
from geo.harvest import Ways, find_runs
from geo.network import Source
from geo.reading import read_osm
from tests.sketch import Sketch, wrap_xml

SOURCE = Source("sketch.osm", "0" * 64, "osm")


def crossing() -> Sketch:
    """Return an expressway over a road, joined by a ramp with a booth, with things beside them."""
    sketch = Sketch()
    sketch.put(a=(-500, 0), b=(0, 0), c=(500, 0), d=(0, 300), e=(300, 300))
    sketch.point("booth", 0, 150, barrier="toll_booth", name="青石收费站")
    sketch.point("gantry", 250, 0, highway="toll_gantry")
    sketch.point("lonely", 900, 900, highway="milestone", distance="12")
    sketch.way("a b gantry c", "motorway", name="沿江高速", ref="G98", maxspeed="120")
    sketch.way("b booth d", "motorway_link", oneway="yes")
    sketch.way("d e", "primary")
    return sketch


def read(path, **options):
    """Read a file with a made-up source."""
    return read_osm(path, SOURCE, **options)


def codes(network):
    """Return code to count of all findings."""
    return {f.code: f.count for f in network.findings}


def test_columns_of_a_small_map(tmp_path):
    """Ways, tags, key nodes and coordinates arrive in the columns."""
    sketch = crossing()
    network = read(sketch.write(tmp_path / "a.osm"))
    assert network.segment_ids == ("w101/1-2", "w101/2-3", "w102/2-6", "w102/6-4", "w103/4-5")
    assert network.text("name", 0) == "沿江高速"
    assert network.text("maxspeed", 0) == "120"
    row = int(np.flatnonzero(network.nodes.id == sketch.id("booth"))[0])
    assert (float(network.nodes.lon[row]), float(network.nodes.lat[row])) == sketch.place("booth")
    assert network.nodes.tags[row]["name"] == "青石收费站"
    assert codes(network) == {}


def test_key_nodes_off_the_roads_are_kept(tmp_path):
    """A milestone that lies on no way is kept with its place."""
    sketch = crossing()
    network = read(sketch.write(tmp_path / "a.osm"))
    (row,) = network.nodes.rows_with("highway", "milestone").tolist()
    assert float(network.nodes.lon[row]) == sketch.place("lonely")[0]
    assert row not in network.ways.refs


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_packed_files_read_the_same(tmp_path, pack):
    """A packed map gives the network of the plain one."""
    sketch = crossing()
    plain = read(sketch.write(tmp_path / "a.osm"))
    suffix = "gz" if pack is gzip.compress else "bz2"
    path = tmp_path / f"a.osm.{suffix}"
    path.write_bytes(pack(sketch.xml().encode()))
    assert read(path).segment_ids == plain.segment_ids


def test_pbf_reads_the_same(tmp_path):
    """A map in PBF gives the network of the plain one."""
    plain = read(crossing().write(tmp_path / "a.osm"))
    with osmium.SimpleWriter(str(tmp_path / "a.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "a.osm")):
            writer.add(thing)
    packed = read(tmp_path / "a.osm.pbf")
    assert packed.segment_ids == plain.segment_ids
    assert packed.segments.length_mm.tolist() == plain.segments.length_mm.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_order_of_elements_does_not_matter(tmp_path, seed):
    """Fault 68: a file with its elements shuffled, ways before their nodes too, gives the same network."""
    sketch = crossing()
    tidy = read(sketch.write(tmp_path / "a.osm"))
    path = tmp_path / "b.osm"
    path.write_text(sketch.shuffled_xml(seed), encoding="utf-8")
    mixed = read(path)
    assert mixed.segment_ids == tidy.segment_ids
    assert mixed.segments.length_mm.tolist() == tidy.segments.length_mm.tolist()
    assert dict(mixed.nodes.tags) == dict(tidy.nodes.tags)


def test_missing_nodes_break_a_way(tmp_path):
    """Fault 30: a way is kept on either side of a missing node, and the gap is reported."""
    sketch = crossing()
    text = sketch.xml()
    start = text.index('<node id="2"')
    path = tmp_path / "a.osm"
    path.write_text(text[:start] + text[text.index("<node", start + 1) :], encoding="utf-8")
    network = read(path)
    assert network.segment_ids == ("w101/7-3", "w102/6-4", "w103/4-5")
    assert codes(network) == {"missing_nodes": 1}


def test_every_node_missing(tmp_path):
    """Fault 30: roads without any of their nodes are refused in one sentence."""
    nodes, ways, _ = crossing().elements()
    path = tmp_path / "a.osm"
    path.write_text(wrap_xml([*nodes[5:6], *ways[2:]]), encoding="utf-8")
    with pytest.raises(InputError, match="lacks its nodes"):
        read(path)


@pytest.mark.parametrize(
    ("refs", "runs"),
    [
        ([1, 2, 2], [[0, 1]]),
        ([1, 1, 2], [[0, 2]]),
        ([1, 1], []),
        ([1], []),
        ([], []),
        ([1, 2, 1], [[0, 1, 2]]),
        ([1, 0, 2, 3, 3, 0, 4], [[2, 3]]),
        ([1, 2, 0, 0, 3, 4], [[0, 1], [4, 5]]),
    ],
)
def test_runs_of_a_way(refs, runs):
    """Fault 30: repeated nodes count once wherever they stand, and missing ones (0) break the way."""
    ways = Ways()
    places = np.array([(118.0, 31.0) if r else (np.nan, np.nan) for r in refs]).reshape(-1, 2)
    ways.add(1, {}, refs=refs, places=places)
    found = find_runs(ways)
    made = [found.point[a:b].tolist() for a, b in zip(found.ptr[:-1], found.ptr[1:], strict=True)]
    assert made == runs


def test_repeated_last_node_keeps_its_way(tmp_path):
    """Fault 30: a way that names its last node twice is kept, with no segment of length 0."""
    sketch = crossing()
    sketch.ways[2] = (103, ["d", "e", "e"], {"highway": "primary"})
    network = read(sketch.write(tmp_path / "a.osm"))
    assert "w103/4-5" in network.segment_ids
    assert codes(network) == {}


def test_short_ways_are_counted(tmp_path):
    """Fault 30: ways of no or one point are reported, not drawn."""
    sketch = crossing()
    sketch.way("d", "primary")
    sketch.way("", "primary")
    sketch.way("d d", "primary")
    network = read(sketch.write(tmp_path / "a.osm"))
    assert codes(network) == {"short_way": 3}
    assert len(network.ways) == 3


def test_duplicate_way_ids(tmp_path):
    """Fault 31: of two ways with one id the last is used, and that is reported."""
    sketch = crossing()
    sketch.ways.append((103, ["d", "e"], {"highway": "secondary"}))
    network = read(sketch.write(tmp_path / "a.osm"))
    assert codes(network) == {"duplicate_way_id": 1}
    assert network.text("highway", 4) == "secondary"


@pytest.mark.parametrize("shift", [2**53, 2**61, -(2**40)])
def test_large_and_negative_ids(tmp_path, shift):
    """Fault 31: ids beyond 2^53 and below zero survive exactly."""
    sketch = crossing()
    sketch.points = {n: (shift + i, x, y, t) for n, (i, x, y, t) in sketch.points.items()}
    sketch.ways = [(shift + i, points, tags) for i, points, tags in sketch.ways]
    network = read(sketch.write(tmp_path / "a.osm"))
    assert network.segment_ids[-1] == f"w{shift + 103}/{shift + 4}-{shift + 5}"


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({"highway": "footway"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "service", "access": "no"}, False),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, True),
        ({"highway": "service", "motor_vehicle": "no"}, False),
        ({"highway": "service", "access": "private"}, True),
        ({"highway": "service", "area": "yes"}, False),
        ({"highway": "services"}, True),
        ({"highway": "rest_area"}, True),
        ({"route": "ferry"}, True),
        ({"highway": "living_street"}, True),
    ],
)
def test_which_ways_are_roads(tmp_path, tags, kept):
    """Ways a car may use are kept, others are not."""
    sketch = crossing()
    sketch.ways.append((200, ["d", "e"], tags))
    network = read(sketch.write(tmp_path / "a.osm"))
    assert (200 in network.ways.id) is kept


def test_ways_left_out_are_counted(tmp_path):
    """Roads under construction and roads closed to cars are reported apart."""
    sketch = crossing()
    sketch.way("d e", "construction", construction="motorway")
    sketch.way("d e", "service", access="no")
    network = read(sketch.write(tmp_path / "a.osm"))
    assert codes(network) == {"under_construction": 1, "closed_to_cars": 1}


def test_service_area_outline_is_no_road(tmp_path):
    """A closed way highway=services is an outline, an open one is a road."""
    sketch = crossing()
    sketch.put(p=(600, 0), q=(700, 0), r=(700, 90))
    sketch.outline("p q r", highway="services", name="青石服务区")
    sketch.way("e p", "services")
    network = read(sketch.write(tmp_path / "a.osm"))
    assert [(a.kind, a.name) for a in network.areas] == [("services", "青石服务区")]
    assert [network.text("highway", k) for k in range(len(network.segments))].count("services") == 1


def test_district_of_a_relation(tmp_path):
    """An administrative relation becomes an area with its ring."""
    sketch = crossing()
    sketch.put(p=(-900, -900), q=(900, -900), r=(900, 900))
    sketch.ways.append((301, ["p", "q"], {"boundary": "administrative"}))
    sketch.ways.append((302, ["p", "r", "q"], {"boundary": "administrative"}))
    sketch.relation([301, 302], boundary="administrative", name="东岗区", admin_level="6")
    network = read(sketch.write(tmp_path / "a.osm"))
    assert [(a.id, a.name, a.tags["admin_level"]) for a in network.areas] == [("r501", "东岗区", "6")]


def test_newest_edit(tmp_path):
    """The newest edit of a road is recorded, and none where elements carry no time."""
    sketch = crossing()
    assert read(sketch.write(tmp_path / "a.osm")).source.newest_edit == ""
    text = sketch.xml().replace('<way id="101"', '<way timestamp="2019-10-02T03:04:05Z" id="101"')
    text = text.replace('<way id="103"', '<way timestamp="2018-10-02T03:04:05Z" id="103"')
    (tmp_path / "b.osm").write_text(text, encoding="utf-8")
    assert read(tmp_path / "b.osm").source.newest_edit == "2019-10-02T03:04:05Z"


def test_no_roads(tmp_path):
    """Fault 36: a map of footpaths only is refused in one sentence."""
    sketch = Sketch().put(a=(0, 0), b=(9, 9))
    sketch.way("a b", "footway")
    with pytest.raises(InputError, match="no road for cars"):
        read(sketch.write(tmp_path / "a.osm"))


@pytest.mark.parametrize("body", ["<osm", '<osm version="0.6"><way id="x"/></osm>', "<html></html>"])
def test_damaged_file(tmp_path, body):
    """Fault 16: broken XML is refused in one sentence that names the file."""
    path = tmp_path / "a.osm"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(InputError, match=r"^sketch\.osm: .*damaged|^sketch\.osm: .*no road"):
        read(path)


@pytest.mark.parametrize(("lon", "lat"), [("214.2", "22.7"), ("nan", "22.7"), ("114.2", "95.0"), ("", "")])
def test_impossible_coordinates(tmp_path, lon, lat):
    """Fault 32: a road through a node off the globe is refused in one sentence that names the file."""
    text = crossing().xml()
    place = crossing().place("e")
    (tmp_path / "a.osm").write_text(
        text.replace(f'lon="{place[0]}" lat="{place[1]}"', f'lon="{lon}" lat="{lat}"'), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"^sketch\.osm: "):
        read(tmp_path / "a.osm")


def test_cancelling(tmp_path):
    """Fault 70: reading stops at once when the person cancels, and goes on otherwise."""
    path = crossing().write(tmp_path / "a.osm")
    with pytest.raises(CancelledError):
        read(path, progress=lambda _stage, _count: False)
    told = []
    read(path, progress=lambda stage, count: not told.append((stage, count)))
    assert told == [("read", 0)]


def test_names_survive(tmp_path):
    """Fault 39: right-to-left, emoji and very long names arrive as they are."""
    for name in ("مرحبا", "🚓 高速", "长" * 255, "{{ 7*7 }}", "<script>", "a\u202eb"):
        sketch = crossing()
        sketch.ways[0] = (101, sketch.ways[0][1], {"highway": "motorway", "name": name})
        assert read(sketch.write(tmp_path / "a.osm")).text("name", 0) == name
