from __future__ import annotations

import hashlib

import numpy as np
import pytest

from geo.errors import CancelledError, InputError
from geo.findings import Finding, Severity
from geo.load import complete, load_network
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
