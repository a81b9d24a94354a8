"""Styles that QGIS and other programs read from a plan file."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from plan.decisions import Decision
from plan.layers import make_layers
from plan.model import Plan
from plan.ownercolors import owner_looks
from plan.planfile import save_plan
from plan.qgisstyles import ALIASES, HOLDER, TITLES
from tests.sketches import expressway_with_ramp
from views.catalogue import Words
from views.map.palette import owner_style

CHECK = Path(__file__).with_name("qgischeck.py")
NASTY = '高速<二>"大队" & \x01]]> {{ 7*7 }}'


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan of three brigades, one with a name that markup would trip over."""
    plan = Plan(expressway_with_ramp().load(tmp_path_factory.mktemp("styles")), (), "梅坞")
    for key, kind, name in (
        ("local", "local", "区大队"),
        ("exp1", "expressway", "一大队"),
        ("exp2", "expressway", NASTY),
    ):
        plan = plan.decide(Decision("set_agency", key, {"name": name, "kind": kind, "letter": "x"}))
    return plan


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory):
    """Return the plan, saved."""
    path = tmp_path_factory.mktemp("saved") / "a.gpkg"
    save_plan(path, plan)
    return path


def read(text):
    """Parse a style that we wrote ourselves."""
    return ET.fromstring(text)  # noqa: S314 - our own


@pytest.fixture
def styles(path):
    """Return layer to (QML, SLD, default)."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT f_table_name, styleQML, styleSLD, useAsDefault FROM layer_styles")
        return {name: (read(qml), read(sld), default) for name, qml, sld, default in rows}


def test_every_layer_has_a_default_style_and_a_chinese_name(path, styles):
    """Owners, seams and stations each have one default style, and QGIS shows them under Chinese names."""
    assert {name: row[2] for name, row in styles.items()} == {"owners": 1, "seams": 1, "stations": 1}
    with closing(sqlite3.connect(path)) as connection:
        named = dict(
            connection.execute("SELECT table_name, identifier FROM gpkg_contents WHERE data_type = 'features'")
        )
        columns = {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in TITLES}
    assert named == dict(TITLES)
    for name, (qml, _, _) in styles.items():
        aliases = {a.get("field"): a.get("name") for a in qml.iter("alias")}
        assert aliases == dict(ALIASES[name])
        assert set(aliases) == set(columns[name]) - {"geom"}


def test_each_owner_has_its_colour_and_dash(styles):
    """Each holder is one category: brigades solid in the colours of our map, contested dashed over, nobody dashed."""
    qml = styles["owners"][0]
    renderer = qml.find("renderer-v2")
    assert renderer.get("attr") == HOLDER
    symbols = {s.get("name"): s for s in renderer.iter("symbol")}
    found = {}
    for category in renderer.iter("category"):
        layers = symbols[category.get("symbol")].findall("layer")
        found[category.get("value")] = [
            {o.get("name"): o.get("value") for o in k.iter("Option") if o.get("name")} for k in layers
        ]
    assert list(found) == ["local", "exp1", "exp2", "contested", "none"]
    assert [found[k][0]["line_color"] for k in ("local", "exp1", "exp2")] == [
        "0,114,178,255",
        "213,94,0,255",
        "240,171,0,255",
    ]
    assert [k["use_custom_dash"] for k in found["contested"]] == ["0", "1"]
    assert found["none"][0]["use_custom_dash"] == "1"
    assert len(found["exp2"]) == 2


def test_seams_and_stations_have_a_category_a_kind(plan, styles):
    """Every kind that a plan can hold has its own category."""
    for name in ("seams", "stations"):
        kinds = {c.get("value") for c in styles[name][0].iter("category")}
        layer = next(x for x in make_layers(plan) if x.name == name)
        column = list(layer.columns).index("kind")
        assert {row[column] for row in layer.rows} <= kinds


def test_sld_says_the_same_colours(styles):
    """The SLD has one rule a holder with the colours of the QML."""
    sld = styles["owners"][1]
    strokes = [p.text for p in sld.iter() if p.tag.endswith("CssParameter") and p.get("name") == "stroke"]
    assert strokes[:2] == ["#0072B2", "#D55E00"]
    rules = [r for r in sld.iter() if r.tag.endswith("Rule")]
    assert len(rules) == 5


def test_colours_are_those_of_our_map(plan):
    """A brigade has one colour and one centre line on our map and in QGIS, however many brigades there are."""
    many = plan
    for k in range(3, 9):
        many = many.decide(Decision("set_agency", f"exp{k}", {"name": "x", "kind": "expressway", "letter": "x"}))
    for slot, look in enumerate(owner_looks(many.agencies)[:-2]):
        style = owner_style(slot, Words(look.label))
        assert (look.color, look.core) == (style.color, style.core)
    assert owner_looks(())[0].key == "local"


def pyqgis():
    """Return a Python that has PyQGIS, or None."""
    for name in ("/usr/bin/python3", shutil.which("python3") or ""):
        if name and subprocess.run([name, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0:
            return name
    return None


def test_real_qgis_shows_the_plan(path, tmp_path):
    """Headless QGIS, where installed, opens every layer with its style, Chinese field names and station labels."""
    python = pyqgis()
    if python is None:
        pytest.skip("PyQGIS is not installed on this machine")
    copy = shutil.copy(path, tmp_path / "a.gpkg")
    env = {"PATH": os.defpath, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([python, CHECK, copy], capture_output=True, text=True, check=True, env=env)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    for name, layer in found.items():
        assert (layer["valid"], layer["styled"], layer["renderer"]) == (True, True, "categorizedSymbol")
        assert layer["crs"] == "EPSG:4326"
        assert layer["features"] > 0
        assert layer["aliases"] == dict(ALIASES[name])
    assert found["owners"]["attribute"] == HOLDER
    assert found["owners"]["colors"][:3] == ["#0072B2", "#D55E00", "#F0AB00"]
    assert found["stations"]["has_labels"]
