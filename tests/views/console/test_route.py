"""``route`` and ``week`` from a terminal: everything asked of a day at once, files, reasons, bad tables, Ctrl-C."""

from __future__ import annotations

import json
import signal

import gpxpy
import pytest

from geo.errors import InputError
from views.console.crewfiles import RECORD_HEADS
from views.console.interrupt import listen_for_stop
from views.console.routejobs import RouteQuestion, parse_clock, report_progress

HEAD = "id,lon,lat,service_min,kind,window,visits_per_week,agency,name,skill"
QUICK = ("--iterations", 60)


@pytest.fixture
def units(table, place):
    """Return a table of units that all stand on the ordinary road; one has a skill."""
    at = place[1]
    return table(
        "units.csv",
        "id,agency,lon,lat,available,skills",
        ("普1", "local", *at["o0"], 1, ""),
        ("普2", "local", *at["r"], 1, "无人机"),
        ("高1", "expressway", *at["o1"], 1, ""),
    )


def between(place, a, b, share):
    """Return a place between two points of the map."""
    (x, y), (u, v) = place[1][a], place[1][b]
    return x + (u - x) * share, y + (v - y) * share


@pytest.fixture
def targets(table, place):
    """Return a table of four targets, one of them joint."""
    rows = [
        ("T1", *between(place, "o0", "r", 0.3), 20, "land", "", 2, "", "一", ""),
        ("T2", *between(place, "o0", "r", 0.7), 20, "land", "", 1, "local", "二", "无人机"),
        ("T3", *between(place, "r", "o1", 0.5), 15, "connector", "", 2, "local+expressway", "三", ""),
        ("T4", *between(place, "r", "o1", 0.8), 10, "land", "14:00-15:00", 1, "", "四", ""),
    ]
    return table("targets.csv", HEAD, *rows)


def test_everything_at_once(run, place, units, targets, tmp_path):
    """Joint visits, rests, fair shares, lot, sheets, GPX, bars and a crew that drops out stand in one document."""
    words = (
        "--rest",
        30,
        "--fair",
        20,
        "--lot",
        5,
        "--gantt",
        "--sheets",
        tmp_path / "sheets",
        "--gpx",
        tmp_path / "gpx",
    )
    code, body, err = run(
        "route",
        place[0] / "map.osm",
        "--units",
        units,
        "--targets",
        targets,
        *QUICK,
        *words,
        "--drop",
        "普2",
        "--at",
        "10:00",
    )
    assert code == 0
    assert {"routes", "left_out", "bound", "bound_name", "gap", "check", "quality", "curve", "lot", "gantt"} <= set(
        body
    )
    assert body["check"]["in_order"], body["check"]["problems"]
    assert body["left_out"] == []
    assert [m["task"] for m in body["meetings"]] == ["T3"]
    (meeting,) = body["meetings"]
    starts = {(r["unit"], s["start_s"]) for r in body["routes"] for s in r["stops"] if s["task"] == "T3"}
    assert starts == {(crew, meeting["start_s"]) for crew in meeting["crews"]}
    assert body["bound_name"].startswith("assignment")
    assert {"drive_s", "work_s", "unit", "stops", "legs"} <= set(body["routes"][0])
    for route in body["routes"]:
        assert [leg["number"] for leg in route["legs"]] == list(range(1, len(route["legs"]) + 1))
        assert all(leg["road"] and leg["turn"] and {"from_stake", "to_stake"} <= set(leg) for leg in route["legs"])
        assert all(stop["road"] for stop in route["stops"])
        assert {bar["kind"] for bar in body["gantt"] if bar["unit"] == route["unit"]} <= {
            "drive",
            "wait",
            "work",
            "break",
        }
    assert body["replan"]["gone"] == "普2"
    assert "普2" not in {r["unit"] for r in body["replan"]["rest"]["routes"]}
    assert "已完成" in err
    names = sorted(p.name for p in (tmp_path / "gpx").iterdir())
    assert names == sorted(body["gpx_files"])
    track = gpxpy.parse((tmp_path / "gpx" / names[0]).read_text(encoding="utf-8"))
    assert track.routes
    assert track.tracks
    sheet = next(name for name in body["sheet_files"] if name.endswith(".csv"))
    head = (tmp_path / "sheets" / sheet).read_text(encoding="utf-8-sig").splitlines()[0]
    assert head.split(",") == list(RECORD_HEADS.values())


def test_same_seed_same_document(run, place, units, targets):
    """Promise P8: the same input and seed give the same document byte for byte."""
    words = ("route", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK, "--rest", 30, "--lot", 3)
    one, two = (json.dumps(run(*words)[1]) for _ in range(2))
    assert one == two


def test_mixed_tasks(run, place, units, table):
    """A stretch, a zone, a checkpoint and a place of one table stand in one plan; a stretch may be driven both ways."""
    at = place[1]
    road = between(place, "r", "o1", 0.5)
    _, zones, _ = run("targets", place[0] / "map.osm", "--kind", "control_zone")
    zone = next(t["zone"] for t in zones["targets"] if "S278" in t["name"])
    tasks = table(
        "tasks.csv",
        "id,type,lon,lat,to_lon,to_lat,directions,pace,service_min,zone,agency,skill",
        ("S", "stretch", *at["o0"], *at["r"], "both", 2, 5, "", "", ""),
        ("Z", "区域", "", "", "", "", "", "", "", zone, "local", ""),
        ("K", "checkpoint", *road, "", "", "", "", 30, "", "", ""),
        ("P", "place", *between(place, "o0", "r", 0.5), "", "", "", "", 10, "", "", "无人机"),
    )
    code, body, _ = run("route", place[0] / "map.osm", "--units", units, "--tasks", tasks, *QUICK)
    assert code == 0
    served = [stop["task"] for route in body["routes"] for stop in route["stops"]]
    assert {"S", "S←", "K", "P"} <= set(served)
    assert any(task.startswith("Z") for task in served)
    assert body["check"]["in_order"], body["check"]["problems"]
    assert body["left_out"] == []


def test_reasons(run, place, units, table):
    """Window, shift, skill, no legal access, too far and a wrong checkpoint are named one by one; the rest is planned."""
    at = place[1]
    near = between(place, "o0", "r", 0.5)
    rows = [
        ("ok", *near, 10, "land", "", 1, "", "", ""),
        ("late", *near, 10, "land", "23:00-23:30", 1, "", "", ""),
        ("long", *near, 600, "land", "", 1, "", "", ""),
        ("able", *near, 10, "land", "", 1, "", "", "称重"),
        ("lost", *at["s1"], 10, "land", "", 1, "expressway", "", ""),
        ("away", at["o0"][0] + 1, at["o0"][1], 10, "land", "", 1, "", "", ""),
        ("whose", *near, 10, "land", "", 1, "none", "", ""),
        ("block", *between(place, "n0", "x1", 0.5), 10, "checkpoint", "", 1, "expressway", "", ""),
        ("minus", *near, -5, "land", "", 1, "", "", ""),
        ("turned", *near, 5, "land", "12:00-09:00", 1, "", "", ""),
        ("ok", *near, 5, "land", "", 1, "", "", ""),
    ]
    targets = table("targets.csv", HEAD, *rows)
    code, body, _ = run("route", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK)
    assert code == 0
    reasons = {}
    for item in body["left_out"]:
        reasons.setdefault(item["task"], []).append(item["reason"])
        assert item["message"]
        assert item["message_en"]
    assert reasons == {
        "late": ["window"],
        "long": ["shift"],
        "able": ["skill"],
        "lost": ["no_legal_access"],
        "away": ["too_far"],
        "whose": ["no_authority"],
        "block": ["checkpoint"],
        "minus": ["negative_service"],
        "turned": ["window"],
        "ok": ["duplicate_id"],
    }
    assert [s["task"] for r in body["routes"] for s in r["stops"]] == ["ok"]


def test_nothing_feasible_is_exit_4(run, place, units, table):
    """Where no target can be done the command ends with 4 and names each with its reason."""
    near = between(place, "o0", "r", 0.5)
    targets = table(
        "targets.csv",
        HEAD,
        ("long", *near, 600, "land", "", 1, "", "", ""),
        ("able", *near, 1, "", "", 1, "", "", "称重"),
    )
    code, body, err = run("route", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK)
    assert (code, body) == (4, None)
    assert "long (shift)" in err
    assert "able (skill)" in err


def test_units_that_cannot_go_are_named(run, place, targets, table):
    """A unit off the map, and a second unit of one name, are named; the others are planned for."""
    at = place[1]
    units = table(
        "units.csv",
        "id,agency,lon,lat,available,skills",
        ("普1", "local", *at["o0"], 1, "无人机"),
        ("普1", "local", *at["o1"], 1, ""),
        ("远", "local", at["o0"][0] + 1, at["o0"][1], 1, ""),
        ("岛", "expressway", *at["s1"], 1, ""),
    )
    code, body, _ = run("route", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK)
    assert code == 0
    assert {(u["unit"], u["reason"]) for u in body["idle_units"]} == {
        ("普1", "duplicate_id"),
        ("远", "off_the_map"),
        ("岛", "island"),
    }


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--rest", 30, "--rest-window", "nonsense"), "--rest-window"),
        (("--rest", 30, "--rest-window", "13:00-11:00"), "ends before it begins"),
        (("--start", "25:00"), "--start"),
        (("--drop", "普1"), "--at"),
        (("--drop", "谁", "--at", "10:00"), "no crew 谁"),
        (("--targets", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_bad_options(run, place, units, targets, *, words, problem):
    """An option that makes no sense is one sentence that names it (exit code 3)."""
    code, body, err = run("route", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK, *words)
    assert (code, body) == (3, None)
    assert problem in err.splitlines()[-1]


def test_no_targets_at_all(run, place, units, table):
    """Neither targets nor tasks, and a table in which every row contradicts itself, are refused by name."""
    code, _, err = run("route", place[0] / "map.osm", "--units", units)
    assert code == 3
    assert "--tasks" in err
    bad = table("tasks.csv", "id,type,lon,lat,service_min", ("x", "place", *place[1]["r"], -1))
    code, _, err = run("route", place[0] / "map.osm", "--units", units, "--tasks", bad)
    assert code == 3
    assert "negative" in err
    code, _, err = run(
        "route", place[0] / "map.osm", "--units", units, "--targets", table("t.csv", HEAD, ("x", *place[1]["r"], -1))
    )
    assert code == 3
    assert "negative" in err


def test_week(run, place, units, targets):
    """A week has a plan a day with appointments, the pattern, what is missed, and its quality."""
    code, body, _ = run("week", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK, "--days", 3)
    assert code == 0
    assert len(body["days"]) == 3
    assert sorted(body["pattern"]) == ["T1", "T2", "T3", "T4"]
    assert sum(len(day["meetings"]) for day in body["days"]) == 2
    assert body["missed"] == []
    assert {"deadhead", "duplication", "entropy", "gini", "idle_max_s"} <= set(body["quality"])


def test_week_with_rests(run, place, units, targets):
    """A week with rests lists the breaks of each day; a window that is none is refused with exit 3."""
    words = ("week", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK, "--days", 2)
    code, body, _ = run(*words, "--rest", 30, "--rest-window", "08:00-12:00")
    assert code == 0
    assert any(day["breaks"] for day in body["days"])
    assert all(b["to_s"] - b["from_s"] == pytest.approx(1800) for day in body["days"] for b in day["breaks"])
    assert run(*words, "--rest", 30, "--rest-window", "13:00-11:00")[0] == 3


def test_a_crew_name_cannot_lead_out_of_the_folder(run, place, targets, table, tmp_path):
    """Promise P5: a crew called like a path writes inside the folder; a folder that is a file is refused."""
    units = table("units.csv", "id,agency,lon,lat,available", ("../../x", "local", *place[1]["r"], 1))
    words = ("route", place[0] / "map.osm", "--units", units, "--targets", targets, *QUICK)
    code, body, _ = run(*words, "--gpx", tmp_path / "out")
    assert code == 0
    assert [p.name for p in (tmp_path / "out").iterdir()] == body["gpx_files"] == ["01-______x-1.gpx"]
    code, _, err = run(*words, "--sheets", units)
    assert code == 3
    assert "cannot be written" in err


def test_ctrl_c_keeps_the_best_plan(run, place, units, targets, monkeypatch):
    """The first Ctrl-C during the search stops it: the best plan so far is printed, marked as cancelled (fault 70)."""

    def press(_tell):
        def report(done, _total, _best):
            if done >= 0:
                signal.raise_signal(signal.SIGINT)

        pressed = []

        def once(*values):
            if not pressed:
                pressed.append(1)
                report(*values)

        return once

    monkeypatch.setattr("views.console.routejobs.report_progress", press)
    words = ("--iterations", 100_000)
    code, body, err = run("route", place[0] / "map.osm", "--units", units, "--targets", targets, *words)
    assert code == 0
    assert body["cancelled"]
    assert body["routes"]
    assert "stopping" in err


def test_a_second_ctrl_c_leaves_at_once():
    """The second Ctrl-C is a KeyboardInterrupt; afterwards the handler of before is back."""
    before = signal.getsignal(signal.SIGINT)
    told = []
    with listen_for_stop(told.append) as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGINT)
        assert stopped()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(told) == 1


def test_progress_speaks_every_tenth():
    """Progress is told once a tenth, with the driving of the best plan so far where there is one."""
    told = []
    report = report_progress(told.append)
    for done in range(101):
        report(done, 100, None if done < 50 else 600.0)
    assert len(told) == 11
    assert "10 min" in told[-1]


def test_clock():
    """A clock time is read in seconds; anything else is refused with the name of the option."""
    assert parse_clock("10:30", "--at") == 37_800
    with pytest.raises(InputError, match="--at"):
        parse_clock("10.30", "--at")
    assert RouteQuestion(units=None).wish().rest is None
