from __future__ import annotations

import pytest

from geo.errors import CancelledError, InputError
from plan import source as module
from plan.decisions import Decision
from plan.model import Plan
from plan.planfile import save_plan
from plan.source import open_source
from tests.builders import make_network
from tests.sketches import expressway_with_ramp


def no_place(monkeypatch):
    """Let any look-up of a place name fail the test."""
    import geo.place

    def fail(name):
        pytest.fail(f"{name!r} was looked up as a place")

    monkeypatch.setattr(geo.place, "read_place", fail)


def test_a_map_file_is_a_plan_without_decisions(tmp_path):
    """A map file opens as a plan without decisions, with the file's name as its title."""
    plan = open_source(str(expressway_with_ramp().write(tmp_path / "district.osm")))
    assert (plan.decisions, plan.title) == ((), "district.osm")
    assert plan.network.stations


def test_a_plan_opens_with_its_decisions(tmp_path):
    """A plan file opens with its decisions and title, whatever its suffix."""
    decision = Decision("comment", "c1", {"text": "甲"})
    plan = Plan(expressway_with_ramp().load(tmp_path), (decision,), "梅坞")
    for name in ("a.gpkg", "a.plan"):
        save_plan(tmp_path / name, plan)
        again = open_source(str(tmp_path / name))
        assert (again.decisions, again.title) == ((decision,), "梅坞")


def test_the_demo_opens():
    """``demo`` opens the demo district with its brigades."""
    plan = open_source("demo")
    assert len(plan.network.segments) > 8000
    assert {a.kind for a in plan.agencies} == {"local", "expressway"}


@pytest.mark.parametrize(
    "text",
    [
        "nowhere.osm.pbf",
        "nowhere.gpkg",
        "/nowhere/map",
        "../../etc/passwd",
        "https://example.org/map.osm",
        "file:///etc/passwd",
        "/vsicurl/http://example.org/a.gpkg",
        "PG:dbname=x",
        "a\\b",
        "map.vrt",
        "x" * 5000 + ".osm",
        "a\0b.osm",
    ],
)
def test_files_and_addresses_are_never_looked_up_as_places(text, monkeypatch):
    """Fault 44: whatever looks like a file or an address is refused in one sentence and asked of no server."""
    no_place(monkeypatch)
    with pytest.raises(InputError):
        open_source(text)


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_named(text, monkeypatch):
    """An empty source is refused in one sentence."""
    no_place(monkeypatch)
    with pytest.raises(InputError, match="name a map file"):
        open_source(text)


def test_a_folder_is_refused(tmp_path, monkeypatch):
    """A folder is refused, not looked up as a place, whether its name has a slash or not."""
    no_place(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "东岗区").mkdir()
    with pytest.raises(InputError):
        open_source("东岗区")


def test_a_place_name_is_read_with_its_stations(monkeypatch):
    """Anything else is a place: its network comes back with stations and the name as title."""
    import geo.place

    nodes = {1: (0.0, 0.0), 2: (0.05, 0.0), 3: (0.05, 0.01, {"barrier": "toll_booth"}), 4: (0.06, 0.01)}
    ways = [
        (10, [1, 2], {"highway": "motorway"}),
        (11, [2, 3], {"highway": "motorway_link"}),
        (12, [3, 4], {"highway": "primary"}),
    ]
    asked = []
    monkeypatch.setattr(geo.place, "read_place", lambda name: asked.append(name) or make_network(nodes, ways))
    plan = open_source("东岗区, 江州市")
    assert asked == [plan.title] == ["东岗区, 江州市"]
    assert len(plan.network.stations) == 1


def test_cancelling(tmp_path):
    """Fault 70: opening a map can be cancelled."""
    path = expressway_with_ramp().write(tmp_path / "a.osm")
    with pytest.raises(CancelledError):
        open_source(str(path), progress=lambda *_: False)


@pytest.mark.parametrize("look", ["_is_file", "_is_there"])
def test_names_the_system_cannot_hold(look):
    """Fault 45: a name no file can have is no file."""
    assert not getattr(module, look)(module.Path("a\0b"))
    assert not getattr(module, look)(module.Path("x" * 5000))
