"""``cover``, ``seal``, ``aid``, ``incident``, ``checkpoints``, ``zones`` and ``targets`` from a terminal."""

from __future__ import annotations

import json

import pytest

import cli
from data.demo import table_path


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return a plan file of the demo district, split once for all tests of this file."""
    from plan.demo import demo_plan
    from plan.planfile import save_plan

    file = tmp_path_factory.mktemp("demo") / "demo.gpkg"
    save_plan(file, demo_plan())
    return file


def test_cover_by_everything(run, place, units):
    """Coverage states, response and units; by agency, class and town the parts add up; reasons add up to what is lost."""
    code, body, _ = run("cover", place[0] / "map.osm", "--units", units, "--minutes", 3)
    assert code == 0
    assert set(body["length_m"]) == {"both", "local_only", "expressway_only", "none"}
    assert {"p50", "p90", "max"} == set(body["response_s"])
    assert {"agency", "class", "town"} == set(body["by"])
    for parts in body["by"].values():
        assert sum(part["total_m"] for part in parts.values()) == pytest.approx(body["total_m"])
        assert all(part["share"] is None or 0 <= part["share"] <= 1 for part in parts.values())
    assert {"motorway", "primary"} <= set(body["by"]["class"])
    assert sum(row["length_m"] for row in body["unreachable"]) == pytest.approx(body["unreachable_m"])
    assert all(row["reason"] and row["message"] and row["message_en"] for row in body["unreachable"])
    assert {"both_m", "twice_m", "by_units_m", "duplication"} <= set(body["overlap"])
    assert body["share_within"] == pytest.approx(1 - body["length_m"]["none"] / body["total_m"], abs=1e-5)


def test_cover_by_hour_with_closures_and_duty(run, place, table):
    """A road closed at night and a crew on duty by day show in the hours; the rest of the day is as without them."""
    at = place[1]
    units = table(
        "units.csv",
        "id,agency,lon,lat,available,duty",
        ("普1", "local", *at["o0"], 1, ""),
        ("普2", "local", *at["o1"], 1, "08:00-20:00"),
    )
    closures = table("closures.csv", "id,road,from,to,factor", ("夜", "S278", "22:00", "05:00", ""))
    words = ("cover", place[0] / "map.osm", "--units", units, "--minutes", 2, "--by-hour", "--closures", closures)
    code, body, err = run(*words)
    assert code == 0, err
    assert [hour["hour"] for hour in body["hours"]] == list(range(24))
    reached = {h["hour"]: h["length_m"]["local_only"] for h in body["hours"]}
    assert reached[10] > reached[21] > reached[23]
    assert {h["hour"] for h in body["hours"] if h["active"]} == {22, 23, 0, 1, 2, 3, 4}


def test_seal_the_exits_of_the_map(run, demo):
    """Without a table the exits are those of the map: ten roads leave the demo district, as its table says."""
    words = ("seal", demo, "--units", table_path("units.csv"))
    code, body, _ = run(*words, "--kind", "border")
    assert code == 0
    assert len(body["exits"]) == len(body["assignment"]) == 10
    assert {row["kind"] for row in body["exits"]} == {"border"}
    code, _, err = run(*words)
    assert code == 4
    assert "16 exits" in err
    code, _, err = run(*words, "--kind", "door")
    assert code == 3
    assert "station, border" in err


def test_seal_with_several_cars(run, place, units, table):
    """Two cars an exit are sent where the table or the option says so; too few cars end with 4."""
    at = place[1]
    exits = table("exits.csv", "id,lon,lat,need", ("口", *at["r"], 2))
    words = ("seal", place[0] / "map.osm", "--units", units, "--exits")
    code, body, _ = run(*words, exits)
    assert code == 0
    assert [row["exit"] for row in body["assignment"]] == ["口", "口"]
    assert body["slowest_s"] == max(row["time_s"] for row in body["assignment"])
    one = table("one.csv", "id,lon,lat", ("口", *at["r"]))
    assert len(run(*words, one, "--each", 2)[1]["assignment"]) == 2
    assert run(*words, one, "--each", 9)[0] == 4
    code, _, err = run(*words, table("half.csv", "id,lon,lat,need", ("口", *at["r"], 1.5)))
    assert code == 3
    assert "need" in err


def test_seal_with_a_head_start(run, demo):
    """The longer the head start, the fewer exits can still be closed; each one is named as closed or open."""
    words = ("seal", demo, "--units", table_path("units.csv"), "--exits", table_path("exits.csv"))
    found = [run(*words, "--from", "118.672,31.279", "--head-start", m)[1] for m in (0, 4, 600)]
    closed = [body["pursuit"]["closed"] for body in found]
    assert closed[0] >= closed[1] >= closed[2] == 0
    assert closed[0] > 0
    for body in found:
        assert len(body["assignment"]) == body["pursuit"]["closed"]
        assert len(body["pursuit"]["open"]) + body["pursuit"]["closed"] == 10
    assert found[2]["slowest_s"] is None
    code, _, err = run(*words, "--head-start", 4)
    assert code == 3
    assert "--from" in err


def test_aid_ranks_passing_and_acting(run, place, table):
    """Both kinds of permission stand in one ranking, with km and minutes for each side; one station may be named."""
    at = place[1]
    units = table(
        "units.csv",
        "id,agency,lon,lat,available",
        ("普1", "local", *at["a"], 1),
        ("高1", "expressway", *at["o0"], 1),
    )
    words = ("aid", place[0] / "map.osm", "--units", units, "--minutes", 6)
    body = run(*words, "--top", 400)[1]
    assert {row["kind"] for row in body["permissions"]} == {"act", "pass"}
    gained = [row["gained_m"] for row in body["permissions"]]
    assert gained == sorted(gained, reverse=True)
    assert set(body["sides"]) == {"local", "expressway"}
    assert {"held", "best_held_km", "best_gained_km", "best_saved_min"} == set(body["sides"]["local"])
    assert {row["kind"] for row in run(*words, "--needs-pass", "none")[1]["permissions"]} == {"act"}
    name = next(row["name"] for row in body["permissions"] if row["kind"] == "pass")
    one = run(*words, "--needs-pass", name, "--top", 400)[1]["permissions"]
    assert {row["name"] for row in one if row["kind"] == "pass"} <= {name}
    assert run(*words, "--needs-pass", "nowhere")[0] == 3


def test_incident_card(run, demo):
    """The card names the first car that may act, turn-rounds, stations to close, a detour and both commands."""
    words = ("incident", demo, "--units", table_path("units.csv"), "--at", "118.672,31.279")
    body = run(*words, "--head-start", 2)[1]
    assert body["first"]["may_act"]
    assert {car["agency"] for car in body["cars"]} >= {"local", "exp1"}
    assert body["turn_rounds"]
    assert body["turn_rounds"][0]["time_s"] > 0
    assert body["close"][0]["stations"]
    assert body["detours"][0]["roads"]
    assert {row["side"] for row in body["command"]} == {"expressway", "ordinary"}
    assert len(body["pursuit"]["exits"]) == 16
    assert run(*words)[1]["pursuit"] is None


def test_checkpoints(run, demo, table):
    """Legal places are listed, given ones judged, an overloaded truck is sent to the weigh station, a legal one not."""
    places = table("places.csv", "id,lon,lat", ("x", 118.672, 31.279), ("y", 118.650350, 31.274258))
    head = "id,lon,lat,axles,mass_t,train,single_drive"
    trucks = table("trucks.csv", head, ("a", 118.672, 31.279, 6, 60, "是", ""), ("b", 118.62, 31.31, 2, 12, "", ""))
    body = run("checkpoints", demo, "--places", places, "--trucks", trucks)[1]
    assert {row["kind"] for row in body["allowed"]} == {"station", "service_area"}
    assert {row["id"]: row["allowed"] for row in body["checked"]} == {"x": False, "y": True}
    assert body["checked"][0]["message_en"]
    a, b = body["trucks"]
    assert (a["over_t"], a["limit_t"]) == (11.0, 49.0)
    assert a["station"] in {row["id"] for row in body["weigh_stations"]}
    assert a["time_s"] > 0
    assert (b["over_t"], b["station"]) == (0.0, None)
    code, _, err = run("checkpoints", demo, "--trucks", table("bad.csv", head, ("a", 118.6, 31.3, 2.5, 60, "", "")))
    assert code == 3
    assert "axles" in err


def test_overlays_become_targets(run, place, tmp_path):
    """A building in the control zone is an overlap of ``zones`` and the first target of ``targets``."""
    (x, y), (u, v) = place[1]["o0"], place[1]["r"]
    lon, lat, size = (x + u) / 2, (y + v) / 2 + 1.5e-4, 5e-5
    ring = [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]
    feature = {"type": "Feature", "properties": {"id": "h"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "b.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    words = (place[0] / "map.osm", "--kind", "control_zone", "--overlay", tmp_path / "b.geojson")
    zones = run("zones", *words, "--overlay-kind", "land")[1]
    assert {row["polygon"] for row in zones["overlaps"]} == {"h"}
    assert {row["kind"] for row in zones["overlaps"]} == {"land"}
    targets = run("targets", *words, "--most", 2)[1]["targets"]
    assert len(targets) == 2
    assert targets[0]["polygon"] == "h"
    first = run("targets", *words, "--priority", 0)[1]["targets"]
    assert [row["polygon"] for row in first] == ["h"]
    mine = run("targets", *words[:3], "--owner", "local")[1]["targets"]
    assert {row["agency"] for row in mine} == {"local"}


@pytest.mark.parametrize("name", ["cover", "seal", "post", "aid", "incident"])
def test_units_are_asked_for(run, place, name):
    """Without units every command but on the demo is wrong usage (exit code 2)."""
    more = ("--at", "114.2,22.7") if name == "incident" else ()
    code, body, err = run(name, place[0] / "map.osm", *more)
    assert (code, body) == (2, None)
    assert "--units" in err
    assert callable(cli.main)
