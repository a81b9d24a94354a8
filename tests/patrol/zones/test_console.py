from __future__ import annotations

import json
import sqlite3

import pytest
import shapely

from geo.errors import InputError
from patrol.targets import read_targets
from tests.sketch import Sketch
from views.console.zonejobs import ZoneOptions, targets, zones


@pytest.fixture
def source(tmp_path):
    """Return a small map: an expressway over a county road."""
    sketch = Sketch().put(a=(-900, 0), b=(-60, 0), c=(60, 0), d=(900, 0), e=(0, -700), f=(0, 700))
    g15 = {"ref": "G15", "name": "沈海高速", "oneway": "yes"}
    sketch.way("a b", "motorway", **g15)
    sketch.way("b c", "motorway", **g15, bridge="yes", layer="1")
    sketch.way("c d", "motorway", **g15)
    sketch.way("e f", "secondary", ref="X261", name="=县道")
    return str(sketch.write(tmp_path / "map.osm"))


@pytest.fixture
def house(tmp_path):
    """Return a file with one building in the control zone of the expressway."""
    sketch = Sketch().put(a=(300, 25), b=(320, 25), c=(320, 45), d=(300, 45))
    ring = [sketch.place(k) for k in "abcda"]
    feature = {"type": "Feature", "properties": {"id": "H1"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    file = tmp_path / "house.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return file


def hush(_message):
    """Take progress and say nothing."""


def test_zones_document(source, house):
    """The document states province, plane, label, areas by owner, ground, overlaps and findings, as plain JSON."""
    document = zones(source, options=ZoneOptions(province="浙江", polygons=house), tell=hush)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert (document["province"], document["label"], document["crs"]) == ("zhejiang", "参考线", "EPSG:4547")
    assert document["area_m2"]["control_zone"].keys() == {"expressway", "local"}
    assert set(document["ground_m2"]) == {"land", "control_zone"}
    assert {o["zone_kind"] for o in document["overlaps"]} >= {"control_zone"}
    assert {z["rule"] for z in document["zones"]} >= {"national/control_zone/expressway", "national/control_zone/X"}


def test_kinds_and_owners_choose(source):
    """Kinds and owners leave only what was asked for."""
    options = ZoneOptions(kinds=("control_zone",), owners=("local",))
    document = zones(source, options=options, tell=hush)
    assert [(z["kind"], z["agency"]) for z in document["zones"]] == [("control_zone", "local")]


def test_zones_as_geojson(source, tmp_path):
    """The GeoJSON file holds one valid feature a zone in WGS-84, with the columns of the document."""
    out = tmp_path / "zones.geojson"
    document = zones(source, options=ZoneOptions(), out=out, tell=hush)
    body = json.loads(out.read_text(encoding="utf-8"))
    shapes = [shapely.geometry.shape(f["geometry"]) for f in body["features"]]
    assert len(shapes) == len(document["zones"])
    assert all(s.is_valid for s in shapes)
    assert body["features"][0]["properties"]["label"] == "参考线"
    assert body["attribution"].startswith("© OpenStreetMap")


def test_zones_as_geopackage(source, tmp_path):
    """Fault 60: the GeoPackage opens in GDAL with as many multipolygons as there are zones."""
    from geo.drivers import guard_gdal

    guard_gdal()
    import pyogrio

    out = tmp_path / "zones.gpkg"
    document = zones(source, options=ZoneOptions(), out=out, tell=hush)
    info = pyogrio.read_info(out, layer="zones")
    assert (info["features"], info["geometry_type"], info["crs"]) == (
        len(document["zones"]),
        "MultiPolygon",
        "EPSG:4326",
    )
    connection = sqlite3.connect(out)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_targets_table_can_be_read_back(source, house, tmp_path):
    """The table of targets is one that ``route`` reads; overlaps stand first; no cell is a formula (fault 59)."""
    out = tmp_path / "targets.csv"
    document = targets(source, options=ZoneOptions(polygons=house), out=out, tell=hush)
    read = read_targets(out)
    assert [t.id for t in read] == [t["id"] for t in document["targets"]]
    assert document["targets"][0]["polygon"] == "H1"
    assert {t.agency for t in read} == {"expressway", "local", "joint"}
    text = out.read_text(encoding="utf-8-sig")
    assert not any(cell.startswith("=") for line in text.splitlines() for cell in line.split(","))


def test_targets_by_kind_and_urgency(source):
    """Kinds, agencies and urgency choose targets."""
    options = ZoneOptions(kinds=("under_bridge", "land"), owners=("joint",))
    document = targets(source, options=options, most_urgent=1, tell=hush)
    assert document["counts"] == {"under_bridge": 1}


def test_other_suffixes_are_refused(source, tmp_path):
    """A suffix that cannot be written is refused before anything is computed."""
    with pytest.raises(InputError, match="geojson"):
        zones(source, options=ZoneOptions(), out=tmp_path / "zones.dwg", tell=hush)
    with pytest.raises(InputError, match="csv"):
        targets(source, options=ZoneOptions(), out=tmp_path / "targets.xls", tell=hush)
