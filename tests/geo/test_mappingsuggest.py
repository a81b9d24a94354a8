"""Guessing an agency's columns and class words: what is guessed, what is left to the person, and that it reads back."""

from __future__ import annotations

import tomllib

import pytest

from geo.errors import InputError
from geo.layers import read_line_layer
from geo.mapping import read_mapping
from geo.mappingsuggest import guess_classes, guess_columns, suggest_mapping
from tests.geo.layerplay import frame, geodatabase, line, save


def agency(**more):
    """Return a layer as a road authority names its columns."""
    data = frame([line((0, 0), (100, 0)), line((0, 9), (100, 9)), line((0, 20), (100, 20))])
    data = data.drop(columns=["name", "ref", "highway", "oneway", "maxspeed"])
    columns = {
        "路线名称": ["甲", "乙", "丙"],
        "LXBH": ["G1", "S2", "X3"],
        "技术等级": ["高速公路", "二级公路", "机耕路"],
    }
    return data.assign(**(columns | more))


def test_a_suggestion_reads_the_layer(tmp_path):
    """What was guessed reads the layer as it stands; a word nobody knows is left to the person, with its count."""
    path = save(agency(设计时速=[100, 60, 20], 备注='a"b\\c'), tmp_path / "r.gpkg")
    guess = suggest_mapping(path)
    assert dict(guess.columns) == {"highway": "技术等级", "name": "路线名称", "ref": "LXBH", "maxspeed": "设计时速"}
    assert dict(guess.classes) == {"高速公路": "motorway", "二级公路": "primary"}
    assert dict(guess.unknown) == {"机耕路": 1}
    assert not guess.is_whole
    assert "备注" in guess.left
    toml = tmp_path / "m.toml"
    toml.write_text(guess.to_toml(), encoding="utf-8")
    network = read_line_layer(path, mapping=toml)
    assert network.ways.text["name"].tolist() == ["甲", "乙"]
    assert {f.code: f.count for f in network.findings}["unknown_highway"] == 1


def test_texts_of_the_layer_cannot_leave_their_quotes(tmp_path):
    """Quotes, backslashes and line ends in a class word or column stay inside the TOML file (fault 39)."""
    words = ['x"\n[columns]\nhighway="y', "a\\", "高速\x07公路"]
    path = save(agency(技术等级=words), tmp_path / "r.gpkg")
    text = suggest_mapping(path).to_toml()
    assert (
        tomllib.loads(text)["values"]["highway"] == {words[2]: "motorway"} or "highway" in tomllib.loads(text)["values"]
    )
    toml = tmp_path / "m.toml"
    toml.write_text(text, encoding="utf-8")
    assert read_mapping(toml).columns["highway"] == "技术等级"


def test_names_are_matched_once_and_alike():
    """Exact names go before alike ones, and one column serves one purpose only."""
    assert guess_columns(["highway", "fclass", "Road_Name", "maxspeeds"]) == {
        "highway": "highway",
        "name": "Road_Name",
        "maxspeed": "maxspeeds",
    }
    assert guess_columns([]) == {}
    assert guess_classes(["primary", "", "国道G15", "国道G15", "?"]) == ({"国道G15": "trunk"}, {"?": 1})


def test_a_layer_without_a_class_column_says_so(tmp_path):
    """Where no column can be the class the file says where to write it, and is no mapping as it stands."""
    path = save(agency().drop(columns=["技术等级"]), tmp_path / "r.fgb")
    guess = suggest_mapping(path)
    assert not guess.is_whole
    assert '# highway = "?"' in guess.to_toml()
    assert guess.to_json()["values"] == {"highway": {}}


def test_of_several_layers_one_is_named(tmp_path):
    """Several layers of lines are asked about; a name that none has is refused."""
    path = geodatabase(tmp_path / "r.gdb", {"a": agency(), "b": agency()})
    with pytest.raises(InputError, match="--layer"):
        suggest_mapping(path)
    with pytest.raises(InputError, match="no line layer c"):
        suggest_mapping(path, layer="c")
    assert suggest_mapping(path, layer="b").layer == "b"
