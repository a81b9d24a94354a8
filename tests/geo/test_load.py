from __future__ import annotations

import hashlib

import pytest

from geo.errors import CancelledError, InputError
from geo.findings import Finding, Severity
from geo.load import complete, load_network
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
