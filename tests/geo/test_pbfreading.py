from __future__ import annotations

import random

import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm import mutable

from geo import harvest
from geo.bombs import DamagedError
from geo.errors import CancelledError, InputError
from geo.load import load_network
from geo.osmreading import harvest_osm
from geo.pbfreading import harvest_pbf
from geo.wire import Field, as_bytes, count_lists, decode_varints, list_messages, unzigzag, walk
from tests.sketch import Sketch

PLAIN = "pbf"
UNUSUAL = (
    "pbf,pbf_dense_nodes=false",
    "pbf,locations_on_ways=true",
    "pbf,pbf_compression=lz4",
)


def written(sketch: Sketch, folder, form: str, *, order=("n", "w", "r")):
    """Write a sketch as PBF in a given form, things in a given order of kinds."""
    xml = sketch.write(folder / "a.osm")
    path = folder / "a.osm.pbf"
    things = [mutable_copy(thing) for thing in osmium.FileProcessor(str(xml)).with_locations()]
    with osmium.SimpleWriter(osmium.io.File(str(path), form), overwrite=True) as writer:
        for kind in order:
            for thing in things:
                if thing[0] == kind:
                    {"n": writer.add_node, "w": writer.add_way, "r": writer.add_relation}[kind](thing[1])
    return path


def mutable_copy(thing):
    """Copy what osmium lends only until the next thing is read."""
    told = {"id": thing.id, "version": 1, "tags": dict(thing.tags), "timestamp": "2024-05-06T07:08:09Z"}
    if thing.is_node():
        return "n", mutable.Node(location=(thing.lon, thing.lat), **told)
    if thing.is_way():
        return "w", mutable.Way(nodes=[node.ref for node in thing.nodes], **told)
    return "r", mutable.Relation(members=[(m.type, m.ref, m.role) for m in thing.members], **told)


def town() -> Sketch:
    """Return a map with everything that is kept: roads, a ring, a ferry, works, outlines, key nodes, a restriction."""
    sketch = Sketch()
    sketch.put(a=(-500, 0), b=(0, 0), c=(500, 0), d=(0, 300), e=(300, 300), f=(300, 500), g=(0, 500))
    sketch.point("booth", 0, 150, barrier="toll_booth", name="青石收费站𠮷")
    sketch.point("lonely", 900, 900, highway="milestone", distance="12")
    sketch.point("shop", 90, 90, shop="yes", gate="barrier")
    sketch.way("a b c", "motorway", name="沿江高速", ref="G98", maxspeed="120")
    sketch.way("b booth d", "motorway_link", oneway="yes")
    sketch.way("d e f g d", "services", name="青石服务区")
    sketch.way("d e", "primary")
    sketch.way("e f", "residential", access="no")
    sketch.way("e g", "residential", access="no")
    sketch.way("f g", "construction")
    sketch.way("a g", route="ferry")
    sketch.way("a g", "footway")
    ring = sketch.outline("d e f g", boundary="administrative", admin_level="6", name="岚溪区")
    sketch.relations.append((900, [ring], {"boundary": "administrative", "type": "boundary", "name": "岚溪区"}))
    return sketch


def assert_same(path):
    """Both readers give the same harvest."""
    quick, careful = harvest_pbf(path, lambda _n: None), harvest_osm(path, path.name, lambda _n: None)
    assert quick is not None
    (a, missing_a), (b, missing_b) = quick, careful
    for name in ("node_tags", "node_place", "relations", "restrictions", "construction", "closed_to_cars", "newest"):
        assert getattr(a, name) == getattr(b, name), name
    for x, y in ((a.roads, b.roads), (a.outlines, b.outlines)):
        assert (x.id, x.count, x.refs, x.tags) == (y.id, y.count, y.refs, y.tags)
        assert np.array_equal(x.place_array().round(7), y.place_array().round(7), equal_nan=True)
    assert missing_a == missing_b


def test_the_quick_reader_agrees_with_the_careful_one(tmp_path):
    """A map with one of each kind of thing is harvested the same by both readers, dates included."""
    path = written(town(), tmp_path, PLAIN)
    assert_same(path)
    found, _ = harvest_pbf(path, lambda _n: None)
    assert found.newest == "2024-05-06T07:08:09Z"
    assert found.closed_to_cars == 2


@pytest.mark.parametrize("name", ["ad-andorra-2026.osm.pbf", "us-harrisburg-2015.osm.pbf"])
def test_real_maps_agree(shared_data, name):
    """Real maps are harvested the same by both readers."""
    assert_same(shared_data / "osm" / name)


@pytest.mark.parametrize("form", UNUSUAL)
def test_unusual_files_are_left_to_the_careful_reader(tmp_path, form):
    """A PBF written in another way than extracts are is declined, and loads all the same."""
    path = written(town(), tmp_path, form)
    assert harvest_pbf(path, lambda _n: None) is None
    plain = load_network(written(town(), tmp_path, PLAIN))
    assert load_network(written(town(), tmp_path, form)).segment_ids == plain.segment_ids


def test_ways_before_their_nodes(tmp_path):
    """Ways that stand before their nodes are declined or read the same."""
    path = written(town(), tmp_path, PLAIN, order=("w", "n", "r"))
    assert len(load_network(path).segments) == len(load_network(written(town(), tmp_path, PLAIN)).segments)


def test_a_node_that_stands_twice_is_left_to_the_careful_reader(tmp_path):
    """Only a careful reader can tell which of two places of one node counts."""
    sketch = town()
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(sketch.write(tmp_path / "a.osm"))):
            writer.add(thing)
            if thing.is_node() and thing.id == 2:
                writer.add_node(mutable.Node(id=2, version=2, location=(114.3, 22.8)))
    assert harvest_pbf(path, lambda _n: None) is None


def test_missing_nodes_are_named(tmp_path):
    """A node that no block holds is missing, as with the careful reader."""
    sketch = town()
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(sketch.write(tmp_path / "a.osm"))):
            if not (thing.is_node() and thing.id == 1):
                writer.add(thing)
    assert_same(path)
    assert harvest_pbf(path, lambda _n: None)[1] == {1}


def test_reading_can_be_cancelled(tmp_path):
    """Reading a PBF tells how far it is, and stops when told to."""
    path, told = written(town(), tmp_path, PLAIN), []
    with pytest.raises(CancelledError):
        load_network(path, progress=lambda *_: False)
    load_network(path, progress=lambda stage, count: bool(told.append((stage, count)) or True))
    assert told[0] == ("read", 1)
    assert [count for _, count in told] == sorted(count for _, count in told)


def test_flipped_bytes_never_crash(tmp_path):
    """Fault 22: whatever byte of an unpacked block is changed, the quick reader reads or declines, and nothing else."""
    path = written(town(), tmp_path, "pbf,pbf_compression=none")
    body, dice = path.read_bytes(), random.Random(5)
    for _ in range(200):
        changed = bytearray(body)
        for _ in range(dice.randint(1, 3)):
            changed[dice.randrange(len(body))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        path.write_bytes(changed)
        try:
            read = harvest_pbf(path, lambda _n: None)
        except InputError:
            continue
        assert read is None or len(read[0].roads.refs) == len(read[0].roads.place_array())


def encode(number: int) -> bytes:
    """Write a varint."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


@given(st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 300)))
def test_varints_round_trip(numbers):
    """Packed numbers of every size come back."""
    packed = np.frombuffer(b"".join(map(encode, numbers)), np.uint8)
    assert decode_varints(packed).tolist() == numbers


@given(st.lists(st.integers(-(2**62), 2**62 - 1)))
def test_zigzag(numbers):
    """Signed numbers come back."""
    written_as = np.array([(n << 1) ^ (n >> 63) for n in numbers], dtype=np.int64)
    assert unzigzag(written_as).tolist() == numbers


@pytest.mark.parametrize("body", [b"\x80", b"\x01\xff", b"\x80" * 11 + b"\x01"])
def test_cut_varints_are_damaged(body):
    """A number that does not end, or has more than ten bytes, is refused."""
    with pytest.raises(DamagedError):
        decode_varints(np.frombuffer(body, np.uint8))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_messages_are_listed(bodies):
    """Messages that follow one another are found whatever bytes they hold, in order."""
    packed = b"".join(b"\x1a" + encode(len(body)) + body for body in bodies)
    start, end = list_messages(as_bytes(packed), 0, len(packed), key=0x1A)
    assert [packed[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)] == bodies


@pytest.mark.parametrize("body", [b"\x1a\x05abc", b"\x1a\x01aX", b"\x12\x01a", b"\x1a\xff\xff\xff\xff\x01"])
def test_broken_chains_are_damaged(body):
    """A list of messages that is cut, or holds something else, is refused."""
    with pytest.raises(DamagedError):
        list_messages(as_bytes(body), 0, len(body), key=0x1A)


@pytest.mark.parametrize(
    "body",
    [
        b"\x08\x01\x08\x02",  # the wanted number twice
        b"\x0a\x01a",  # bytes where a number is wanted
        b"\x10\x01",  # a number where bytes are wanted
        b"\x12\x05a",  # longer than its message
        b"\x1b\x00",  # a group, which is no longer written
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length below zero
    ],
)
def test_odd_messages_are_damaged(body):
    """A message that repeats a field, writes it otherwise or runs over its end is refused."""
    with pytest.raises(DamagedError):
        walk(as_bytes(body), np.array([0]), np.array([len(body)]), lists=(2,), numbers=(1,))


def test_fields_of_fixed_size_are_stepped_over():
    """Fields of four and eight bytes that nobody wants are passed."""
    body = b"\x1d\x01\x02\x03\x04\x21\x01\x02\x03\x04\x05\x06\x07\x08\x08\x96\x01"
    fields = walk(as_bytes(body), np.array([0]), np.array([len(body)]), numbers=(1,))
    assert fields[1].number.tolist() == [150]


def test_a_small_file_of_many_points_is_refused(tmp_path, monkeypatch):
    """Fault 27: more road points than a file of that size can honestly hold are refused, before they are unpacked."""
    monkeypatch.setattr(harvest, "FREE_POINTS", 10)
    sketch = Sketch().put(a=(0, 0), b=(100, 0), c=(200, 0), d=(300, 0))
    sketch.way("a b c d " * 500, "primary")
    path = written(sketch, tmp_path, PLAIN)
    for file in (path, tmp_path / "a.osm"):
        monkeypatch.setattr(harvest, "BYTES_A_POINT", 1000)
        with pytest.raises(InputError, match="road points"):
            load_network(file)
        monkeypatch.setattr(harvest, "BYTES_A_POINT", 0.01)
        assert len(load_network(file).ways.refs) == 2000


def test_the_limit_grows_with_the_file():
    """A large file may hold twenty million road points, a small one a million and what its bytes can carry."""
    assert harvest.point_limit(0) == 1_000_000
    assert harvest.point_limit(3_000_000) == 2_000_000
    assert harvest.point_limit(10**9) == harvest.MAX_POINTS


@given(st.lists(st.tuples(st.lists(st.integers(0, 2**40)), st.booleans()), max_size=8))
def test_numbers_are_counted_without_unpacking(rows):
    """The count of packed numbers in chosen messages is that of the decoded ones."""
    body, start, end, wanted = b"\xff\x01", [], [], 0
    for numbers, chosen in rows:
        packed = b"".join(map(encode, numbers))
        if chosen:
            start.append(len(body))
            end.append(len(body) + len(packed))
            wanted += len(numbers)
        body += packed + b"\x05"
    field = Field(np.array(start, np.int64), np.array(end, np.int64), np.zeros(len(start), np.int64))
    assert count_lists(as_bytes(body), field) == wanted
