"""Commands of the land: stations and their table, comparison, conflation, column suggestions, roads at a moment."""

from __future__ import annotations

import json
import sys

import geopandas as gpd
import pytest
import shapely

import cli
from geo.errors import InputError
from plan.planfile import open_plan
from tests.sketches import expressway_with_ramp
from views.console.roadstate import RoadState, open_roads


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with a map, its next edition, an agency's layer and tables."""
    folder = tmp_path_factory.mktemp("land")
    sketch = expressway_with_ramp()
    sketch.write(folder / "map.osm")
    at = {name: sketch.place(name) for name in sketch.points}
    later = expressway_with_ramp()
    later.put(q0=(-2000, 900), q1=(-2000, 700))
    later.way("q0 q1", "tertiary", name="新路")
    later.write(folder / "new.osm")
    rows = [
        "梅坞收费站,{:.6f},{:.6f},G98,".format(*at["e0"]),
        "梅坞东站,{1:.6f},{0:.6f},G98,".format(*at["n1"]),
        "无坐标站,,,G98,",
        "远站,{:.6f},{:.6f},G7,".format(*at["o1"]),
    ]
    (folder / "stations.csv").write_text("\n".join(["名称,经度,纬度,路线,桩号", *rows]) + "\n", encoding="utf-8")
    (folder / "fixes.csv").write_text(
        "收费站,名称,车道数,核对人,日期,理由\n梅坞收费站,梅坞东收费站,6,张三,2026-11-25,现场\n", encoding="utf-8"
    )
    roads = gpd.GeoDataFrame(
        {"技术等级": ["一级", "四级"], "路线编号": ["S278", "Y1"], "路线名称": ["岚柳路", "村路"]},
        geometry=[
            shapely.LineString([at["o0"], at["r"], at["o1"]]),
            shapely.LineString([at["o0"], (at["o0"][0], at["o0"][1] + 0.01)]),
        ],
        crs=4326,
    )
    roads.to_file(folder / "agency.gpkg", layer="roads")
    (folder / "units.csv").write_text(
        "id,agency,lon,lat,available\n普1,local,{:.6f},{:.6f},1\n高1,expressway,{:.6f},{:.6f},1\n".format(
            *at["o0"], *at["n0"]
        ),
        encoding="utf-8",
    )
    (folder / "exits.csv").write_text("id,lon,lat\n口1,{:.6f},{:.6f}\n".format(*at["o1"]), encoding="utf-8")
    (folder / "works.csv").write_text(
        "id,road,from,to,hours,factor\n养护,S278,2026-11-25,2026-11-26,08:00-10:00,封闭\n", encoding="utf-8"
    )
    (folder / "speeds.csv").write_text("class,kmh\nprimary,30\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs a command in this process and gives exit code and document or sentence."""

    def runner(*words):
        monkeypatch.setattr(sys, "argv", ["roadseam", *map(str, words), "--json"])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        return caught.value.code or 0, json.loads(out) if out else err

    return runner


def test_stations(run, files):
    """``stations`` lists id, names, kind, lanes per direction, booths and place of each station."""
    code, body = run("stations", files / "map.osm")
    assert code == 0
    (station,) = body["stations"]
    assert {"id", "names", "kind", "lanes", "lanes_by_direction", "booths", "lon", "lat"} <= set(station)
    assert station["lanes_by_direction"] == {"entry": 2, "exit": 2}
    assert (body["crs"], body["counts"], body["table"]) == ("EPSG:4326", {"ramp": 1}, None)


def test_a_table_against_the_map(run, files):
    """``--table`` matches the agency's rows and lists swapped and missing coordinates and rows on no route."""
    _, body = run("stations", files / "map.osm", "--table", files / "stations.csv")
    table = body["table"]
    assert (table["rows"], table["matched"]) == (4, 1)
    assert table["pairs"][0]["station"] == body["stations"][0]["id"]
    codes = {finding["code"] for finding in body["findings"]}
    assert {"station_swapped", "station_no_place", "station_on_no_route", "station_not_on_map"} <= codes


def test_corrections_are_kept_in_the_plan(run, files, tmp_path):
    """``--fixes`` imports reviewed corrections as decisions; the plan shows them, and the map in it stays."""
    out = tmp_path / "plan.gpkg"
    _, body = run("stations", files / "map.osm", "--fixes", files / "fixes.csv", "--out", out)
    assert body["stations"][0]["name"] == "梅坞东收费站"
    assert body["stations"][0]["corrections"][0]["who"] == "张三"
    _, again = run("stations", out)
    assert again["stations"] == body["stations"]
    assert run("split", out)[1]["stations"][0]["lanes"] == 6
    plan = open_plan(out)
    assert plan.network.stations[0].name == "梅坞收费站"
    assert [d.kind for d in plan.decisions] == ["correct_station"]


def test_compare(run, files):
    """``compare`` tells what a new map adds, in metres and places, and ends with 1 where the maps differ."""
    code, body = run("compare", files / "map.osm", files / "new.osm")
    assert code == 1
    assert body["changes"]["added"]["length_m"] == pytest.approx(200, abs=1)
    assert len(body["changes"]["added"]["places"]) == 1
    code, same = run("compare", files / "map.osm", files / "map.osm")
    assert (code, same["same"], same["changes"]) == (0, True, {})


def test_suggestion_then_conflation(run, files, tmp_path):
    """``load --suggest`` writes a mapping with which ``conflate`` reads the layer and tells metres by class both ways."""
    toml = tmp_path / "columns.toml"
    code, body = run("load", files / "agency.gpkg", "--suggest", toml)
    assert (code, body["suggestion"]["is_whole"]) == (0, True)
    assert body["suggestion"]["columns"] == {"highway": "技术等级", "name": "路线名称", "ref": "路线编号"}
    code, both = run("conflate", files / "map.osm", files / "agency.gpkg", "--mapping", toml)
    assert code == 0
    assert both["agency"]["by_class"]["tertiary"]["missing_m"] == pytest.approx(1108, abs=5)
    assert both["agency"]["by_class"]["trunk"]["missing_m"] == 0
    assert both["osm"]["by_class"]["motorway"]["matched_m"] == 0
    assert both["snapping"]["ends_joined"] == 0
    assert both["gaps"]["agency"][0]["name"] == "村路"
    assert {f["code"] for f in both["findings"]} >= {"agency_road_not_on_map", "map_road_not_in_layer"}


def test_layers_of_another_place_are_refused(run, files, tmp_path):
    """A layer that lies elsewhere is refused: most often its coordinate system is wrong (fault 33)."""
    roads = gpd.read_file(files / "agency.gpkg")
    roads.geometry = roads.geometry.translate(5, 5)
    roads.rename(columns={"技术等级": "highway"}).assign(highway="primary").to_file(tmp_path / "far.gpkg")
    code, said = run("conflate", files / "map.osm", tmp_path / "far.gpkg")
    assert code == 3
    assert "different places" in said
    assert run("load", files / "agency.gpkg", "--suggest", tmp_path / "x.txt")[0] == 3


def test_closures_change_the_answer_at_their_hour(run, files):
    """``cover`` and ``seal`` take closures and speeds; at the hour of the works the road is closed, after it is not."""
    cover = ("cover", files / "map.osm", "--units", files / "units.csv", "--closures", files / "works.csv")
    _, works = run(*cover, "--at", "2026-11-25T08:30")
    _, after = run(*cover, "--when", "2026-11-25T12:00")
    assert works["roads"]["closures"]["active"] == ["养护"]
    assert works["roads"]["closures"]["closed_m"] > 8000
    assert works["length_m"] != after["length_m"]
    assert after["roads"]["closures"]["active"] == []
    seal = ("seal", files / "map.osm", "--units", files / "units.csv", "--exits", files / "exits.csv")
    code, slow = run(*seal, "--speeds", files / "speeds.csv")
    assert code == 0
    assert slow["slowest_s"] > run(*seal)[1]["slowest_s"]
    assert slow["roads"]["speeds"]["by_class_kmh"] == {"primary": 30.0}
    assert run(*seal, "--closures", files / "works.csv", "--at", "2026-11-25T09:00")[0] == 4


def test_aid_and_incident_take_closures(run, files):
    """``aid`` and ``incident`` answer for a moment too."""
    roads = ("--units", files / "units.csv", "--closures", files / "works.csv", "--when", "2026-11-25T08:30")
    assert run("aid", files / "map.osm", *roads)[1]["roads"]["at"] == "2026-11-25T08:30"
    row = (files / "exits.csv").read_text(encoding="utf-8").splitlines()[1].split(",")
    body = run("incident", files / "map.osm", "--at", f"{row[1]},{row[2]}", *roads)[1]
    assert body["roads"]["closures"]["active"] == ["养护"]


def test_moments_are_asked_for(run, files):
    """Closures of certain hours without a moment, an odd moment, an odd day: one sentence, exit code 3."""
    cover = ("cover", files / "map.osm", "--units", files / "units.csv", "--closures", files / "works.csv")
    assert run(*cover)[0] == 3
    assert "no moment" in run(*cover, "--at", "8 Uhr")[1]
    assert "no date" in run("check", files / "map.osm", "--on", "soon")[1]


def test_closures_of_the_plan_hold_unless_the_file_says_otherwise(files, demo):
    """A closure decided in the plan holds in every answer; one of the same id in a file replaces it."""
    from geo.closures import Closure
    from plan.closures import close_road

    ref = demo.network.segment_ids[0]
    closed = demo.decide(close_road(Closure("c", (ref,))))
    graph, said = open_roads(closed, RoadState())
    assert said["roads"]["closures"]["active"] == ["c"]
    assert (graph.arc_ms[:2] < 0).all()
    assert open_roads(demo, RoadState())[1] == {}
    (files / "other.csv").write_text(f"id,road,factor\nc,{ref},2\n", encoding="utf-8")
    slow, _ = open_roads(closed, RoadState(files / "other.csv"))
    assert slow.arc_ms.max() > 0
    assert not (slow.arc_ms[:2] < 0).all()
    (files / "bad.csv").write_text("id,road\n,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        open_roads(demo, RoadState(files / "bad.csv"))


def test_check_tells_age_and_remedy(run, files):
    """``check`` lists each finding with severity, count, metres, places and what to do, in both languages."""
    code, body = run("check", files / "map.osm", "--on", "2040-01-01")
    assert code in {0, 1}
    keys = {"code", "severity", "count", "length_m", "places", "message", "message_en", "remedy", "remedy_en"}
    assert all(keys <= set(finding) for finding in body["findings"])
