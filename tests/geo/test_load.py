from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from geo import cache, load
from geo.errors import CancelledError, InputError
from geo.findings import Finding, Severity
from geo.load import complete, load_network
from geo.networkbytes import write_bytes
from geo.snapping import snap_points
from geo.times import matrix
from geo.travel import build_travel_graph
from plan.columns import pack_network, unpack_network
from tests.sketch import Sketch


def road() -> Sketch:
    """Return an expressway with a ramp and a booth."""
    sketch = Sketch().put(a=(0, 0), b=(500, 0), c=(500, -300), d=(900, -300))
    sketch.way("a b", "motorway")
    sketch.way("b c", "motorway_link")
    sketch.way("c d", "primary")
    return sketch.booth("c", station="青石收费站")


def test_source_is_recorded(tmp_path):
    """A loaded map knows its file name without folder, its hash and its format."""
    path = road().write(tmp_path / "district.osm")
    source = load_network(path).source
    assert source.name == "district.osm"
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.format == "osm"


def test_stations_and_findings_come_with_it(tmp_path):
    """A loaded map has its stations, and its findings with the gravest first."""
    sketch = road()
    sketch.way("c d", "primary", oneway="odd")
    network = load_network(sketch.write(tmp_path / "a.osm"))
    assert [s.name for s in network.stations] == ["青石收费站"]
    ranks = [list(Severity).index(f.severity) for f in network.findings]
    assert ranks == sorted(ranks)
    assert "odd_oneway" in {f.code for f in network.findings}


def test_doubts_of_the_gate_are_kept(tmp_path):
    """What the gate doubted about the file is among the findings."""
    network = load_network(road().write(tmp_path / "a.osm"))
    doubt = Finding("cut_file", Severity.ERROR, 3, "x", "x")
    assert complete(network, [doubt]).findings[0] == doubt


def test_line_layer(tmp_path):
    """An agency's line layer loads through the same door."""
    path = tmp_path / "roads.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"highway":"primary","name":"东岗路",'
        '"ref":"G318","oneway":"","maxspeed":""},"geometry":{"type":"LineString","coordinates":[[118.5,31.2],[118.51,31.2]]}}]}',
        encoding="utf-8",
    )
    network = load_network(path)
    assert network.text("name", 0) == "东岗路"
    assert network.length_mm == pytest.approx(953_000, rel=0.01)


def test_missing_file(tmp_path):
    """A file that is not there is refused in one sentence."""
    with pytest.raises(InputError):
        load_network(tmp_path / "none.osm")


def test_cancel(tmp_path):
    """Fault 70: loading can be cancelled."""
    with pytest.raises(CancelledError):
        load_network(road().write(tmp_path / "a.osm"), progress=lambda *_: False)


def turning_town(tmp_path, *, restricted):
    """Load a crossroads at which traffic from the south must drive straight on, or not."""
    sketch = Sketch().put(s=(0, -300), m=(0, 0), w=(-300, 0), n=(0, 300), e=(300, 0))
    sketch.way("s m", "primary")
    sketch.way("w m e", "primary")
    sketch.way("m n", "primary")
    text = sketch.xml()
    if restricted:
        relation = (
            '<relation id="9" version="1"><member type="way" ref="101" role="from"/>'
            '<member type="node" ref="2" role="via"/><member type="way" ref="103" role="to"/>'
            '<tag k="type" v="restriction"/><tag k="restriction" v="only_straight_on"/></relation>'
        )
        text = text.replace("</osm>", relation + "</osm>")
    path = tmp_path / "town.osm"
    path.write_text(text, encoding="utf-8")
    return load_network(path)


def test_turn_restrictions_of_the_map_hold_on_the_road_and_in_the_plan_file(tmp_path):
    """A restriction relation forbids its turn in travel times, and a saved plan keeps it."""
    place = {"s": (0, -300), "w": (-300, 0)}
    seconds = []
    for restricted in (False, True):
        network = turning_town(tmp_path, restricted=restricted)
        network = unpack_network(pack_network(network))
        sketch = Sketch().put(**place)
        lonlat = [sketch.place(name) for name in place]
        ends = snap_points(network, np.array([p[0] for p in lonlat]), np.array([p[1] for p in lonlat]))
        seconds.append(matrix(build_travel_graph(network), ends.take([0]), ends.take([1]))[0, 0])
    assert np.isfinite(seconds[0])
    assert seconds[1] > seconds[0]


def refuse(*_args, **_more):
    """Stand for a reader that must not be called."""
    raise AssertionError


def test_the_second_load_is_from_the_cache(tmp_path, monkeypatch):
    """A map that was loaded before is not read again; its stations, restrictions and findings are the same."""
    members = '<member type="way" ref="101" role="from"/><member type="node" ref="2" role="via"/>'
    members += '<member type="way" ref="102" role="to"/><tag k="type" v="restriction"/>'
    tags = '<tag k="restriction" v="no_left_turn"/><tag k="except" v="emergency"/>'
    path = road().write(tmp_path / "a.osm")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</osm>", f'<relation id="9" version="1">{members}{tags}</relation></osm>'))
    first = load_network(path)
    assert first.restrictions is not None
    monkeypatch.setattr(load, "read_osm", refuse)
    again = load_network(path)
    assert write_bytes(again) == write_bytes(first)
    assert again.restrictions is not None
    assert again.restrictions.exempt == (frozenset({"emergency"}),)
    assert again.restrictions.via_node.tolist() == [2]


def test_another_content_or_name_is_read(tmp_path, monkeypatch):
    """A map whose bytes or name changed is read anew, since both stand in the result."""
    path = road().write(tmp_path / "a.osm")
    load_network(path)
    path.rename(tmp_path / "b.osm")
    assert load_network(tmp_path / "b.osm").source.name == "b.osm"
    path.write_bytes((tmp_path / "b.osm").read_bytes() + b"\n")
    monkeypatch.setattr(load, "read_osm", refuse)
    with pytest.raises(AssertionError):
        load_network(path)


def test_a_damaged_copy_is_read_anew(tmp_path):
    """Faults 14 to 16: where the kept copy is damaged the map is read, without a word."""
    path = road().write(tmp_path / "a.osm")
    first = load_network(path)
    (copy,) = Path(os.environ["ROADSEAM_CACHE"]).iterdir()
    copy.write_bytes(copy.read_bytes()[:-70])
    assert write_bytes(load_network(path)) == write_bytes(first)


def test_no_cache_no_harm(tmp_path, monkeypatch):
    """Fault 5: where nothing can be kept, or the cache is off, the map is read each time."""
    path = road().write(tmp_path / "a.osm")
    for setting in (tmp_path / "a.osm" / "no folder", "off"):
        monkeypatch.setenv("ROADSEAM_CACHE", str(setting))
        assert load_network(path).segment_ids == load_network(path).segment_ids


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path, monkeypatch):
    """The key of the cache is the content that was hashed: another content is never kept under it."""
    path = road().write(tmp_path / "a.osm")
    monkeypatch.setattr(load, "hash_map", lambda _path: "ab" * 32)
    load_network(path)
    assert not Path(os.environ["ROADSEAM_CACHE"]).exists()


@pytest.mark.parametrize("what", ["folder", "missing", "table", "huge"])
def test_what_is_no_map_is_not_hashed(tmp_path, monkeypatch, what):
    """Only a file that looks like an OSM map is looked up in the cache."""
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "table":
        path.write_text("a,b\n1,2\n", encoding="utf-8")
    elif what == "huge":
        road().write(path)
        monkeypatch.setattr(cache, "MAX_MAP_BYTES", 10)
    assert cache.hash_map(path) is None
