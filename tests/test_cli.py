"""The command line: documents, exit codes, sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

import cli
from plan.planfile import open_plan
from tests.sketch import Sketch
from tests.sketches import expressway_with_ramp

COMMANDS = typer.main.get_command(cli.app).commands


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with a map, tables and a map that holds no road."""
    folder = tmp_path_factory.mktemp("cli")
    sketch = expressway_with_ramp()
    sketch.put(u=(-2500, 700), w=(1500, 500))
    sketch.ways[-1] = (111, ["u", "o0", "r", "o1"], sketch.ways[-1][2])
    sketch.write(folder / "map.osm")
    places = {name: ",".join(map(str, sketch.place(name))) for name in sketch.points}
    (folder / "units.csv").write_text(
        f"id,agency,lon,lat,available\n普1,local,{places['o0']},1\n高1,expressway,{places['n0']},1\n", encoding="utf-8"
    )
    (folder / "exits.csv").write_text(f"id,lon,lat\n口1,{places['o1']}\n口2,{places['n1']}\n", encoding="utf-8")
    (folder / "targets.csv").write_text(
        f"id,lon,lat,service_min,kind,window,visits_per_week,agency\nT1,{places['o1']},10,land,,1,local\n",
        encoding="utf-8",
    )
    (folder / "places.csv").write_text(f"id,lon,lat\na,{places['n0']}\nb,{places['o1']}\n", encoding="utf-8")
    footpath = Sketch().put(a=(0, 0), b=(9, 9))
    footpath.way("a b", "footway")
    footpath.write(folder / "footpath.osm")
    (folder / "empty.osm").touch()
    return folder


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs a command in this process and gives exit code, stdout and stderr."""

    def runner(*words):
        monkeypatch.setattr(sys, "argv", ["roadseam", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        return caught.value.code or 0, out, err

    return runner


def document(run, *words, code=0):
    """Run a command with ``--json`` and return its document, having checked that stdout holds nothing else."""
    found, out, _ = run(*words, "--json")
    assert found == code
    body = json.loads(out)
    assert out.count("\n") == 1
    return body


def sentence(run, *words, code=3):
    """Run a command that must fail and return its one sentence."""
    found, out, err = run(*words)
    assert found == code
    assert out == ""
    lines = [line for line in err.splitlines() if "… /" not in line]
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


def test_help_lists_every_command(run):
    """``--help`` names every command, and so does calling it without one."""
    code, out, _ = run("--help")
    assert code == 0
    assert [name for name in COMMANDS if f"  {name} " not in out] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(run, name):
    """Each command has help in Chinese and English, and takes --json and --seed, but for the screens."""
    code, out, _ = run(name, "--help")
    assert code == 0
    assert " / " in out
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert name == "app" or {"--json", "--seed"} <= options


def test_load(run, files, tmp_path):
    """``load`` gives source, network and findings, and writes a plan."""
    body = document(run, "load", files / "map.osm", "--out", tmp_path / "a.gpkg")
    assert set(body) == {"source", "network", "findings"}
    assert {"name", "sha256", "format"} <= set(body["source"])
    assert set(body["network"]) == {"segments", "nodes", "length_m"}
    assert open_plan(tmp_path / "a.gpkg").network.source.sha256 == body["source"]["sha256"]


def test_split(run, files, tmp_path):
    """``split`` gives the promised keys and writes a plan with the convention chosen."""
    body = document(run, "split", files / "map.osm", "--convention", "ramp_end", "--out", tmp_path / "a.gpkg")
    assert {"network", "length_m", "stations", "seams", "leaks", "findings"} <= set(body)
    assert set(body["length_m"]) == {"expressway", "ordinary", "none", "contested"}
    assert {"id", "name", "kind", "lon", "lat", "booths"} <= set(body["stations"][0])
    assert {"id", "kind", "osm_node", "lon", "lat", "station", "margin_m", "reason"} <= set(body["seams"][0])
    assert open_plan(tmp_path / "a.gpkg").convention == "ramp_end"
    assert document(run, "split", tmp_path / "a.gpkg") == body


def test_owner(run, files):
    """``owner`` answers for one place and for a table."""
    rows = dict(line.split(",", 1) for line in (files / "places.csv").read_text().splitlines()[1:])
    body = document(run, "owner", files / "map.osm", "--at", rows["a"])
    assert {"owner", "agency", "segment", "distance_to_seam_m", "candidates", "reason"} <= set(body)
    assert body["owner"] == "expressway"
    table = document(run, "owner", files / "map.osm", "--file", files / "places.csv")
    assert [(a["id"], a["owner"]) for a in table["answers"]] == [("a", "expressway"), ("b", "ordinary")]
    assert document(run, "owner", files / "map.osm", "--at", "-1.5,42")["owner"] == "outside"
    assert document(run, "owner", files / "map.osm", "--at", rows["b"], "--on", "2026-01-01")["owner"] == "ordinary"


def test_cover(run, files):
    """``cover`` gives metres in four states, response times and units."""
    body = document(run, "cover", files / "map.osm", "--units", files / "units.csv", "--minutes", 5)
    assert set(body["length_m"]) == {"both", "local_only", "expressway_only", "none"}
    assert set(body["response_s"]) == {"p50", "p90", "max"}
    assert len(body["units"]) == 2


def test_seal(run, files):
    """``seal`` gives slowest, sum and one unit an exit."""
    body = document(run, "seal", files / "map.osm", "--units", files / "units.csv", "--exits", files / "exits.csv")
    assert {"slowest_s", "sum_s", "assignment"} <= set(body)
    assert len({a["unit"] for a in body["assignment"]}) == len(body["assignment"]) == 2


def test_route(run, files):
    """``route`` gives routes, what is left out with its reason, bound and gap; the same seed the same document."""
    words = ("route", files / "map.osm", "--units", files / "units.csv", "--targets", files / "targets.csv")
    body = document(run, *words, "--shift", 4, "--iterations", 50, "--seed", 7)
    assert {"routes", "left_out", "bound", "gap"} <= set(body)
    assert {"unit", "stops", "drive_s", "work_s"} <= set(body["routes"][0])
    assert document(run, *words, "--shift", 4, "--iterations", 50, "--seed", 7) == body


def test_export(run, files, tmp_path):
    """``export`` writes each file by its suffix and tells what it wrote."""
    names = ["a.html", "b.gpkg", "c.geojson"]
    words = [word for name in names for word in ("--to", tmp_path / name)]
    body = document(run, "export", files / "map.osm", *words)
    assert [row["file"] for row in body["written"]] == names
    assert [row["bytes"] for row in body["written"]] == [(tmp_path / name).stat().st_size for name in names]
    features = json.loads((tmp_path / "c.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["layer"] for f in features} == {"owners", "seams", "stations"}


def test_check_tells_order_by_its_exit_code(run, files, tmp_path):
    """``check`` exits with 1 when something is not in order and with 0 when all is."""
    sketch = Sketch().put(a=(0, 0), b=(900, 0))
    sketch.way("a b", "primary", name="东岗路")
    sketch.write(tmp_path / "tidy.osm")
    tidy = document(run, "check", tmp_path / "tidy.osm", code=0)
    assert tidy["in_order"] is True
    assert tidy["ledger"]["total_m"] == tidy["ledger"]["ordinary_m"]
    sketch.way("a b", "motorway")
    sketch.write(tmp_path / "untidy.osm")
    assert document(run, "check", tmp_path / "untidy.osm", code=1)["in_order"] is False


def test_history_and_diff(run, files, tmp_path):
    """``history`` lists decisions, ``diff`` exits with 1 when two plans differ and with 0 when not."""
    for name, convention in (("a", "toll_island"), ("b", "ramp_end")):
        assert run("split", files / "map.osm", "--convention", convention, "--out", tmp_path / f"{name}.gpkg")[0] == 0
    assert [d["kind"] for d in document(run, "history", tmp_path / "b.gpkg")["decisions"]] == ["choose_convention"]
    assert document(run, "diff", tmp_path / "a.gpkg", tmp_path / "a.gpkg", code=0)
    assert document(run, "diff", tmp_path / "a.gpkg", tmp_path / "b.gpkg", code=1)


def test_demo(run, tmp_path):
    """``demo`` writes plan, map and report, and its summary counts what they hold."""
    body = document(run, "demo", "--out", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["map.html", "plan.gpkg", "report.json"]
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert body["summary"]["seams"] == len(report["split"]["seams"]) > 5
    assert body["summary"]["stops"] > 5
    assert (tmp_path / "out" / "map.html").stat().st_size <= 1_000_000


def test_lines_for_a_person(run, files):
    """Without ``--json`` a person reads lines, and messages go to stderr."""
    code, out, err = run("split", files / "map.osm")
    assert code == 0
    assert "界点 seams" in out
    assert "划分管辖" in err
    assert "划分管辖" not in out


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("split",),
        ("split", "map.osm", "--nonsense"),
        ("cover", "map.osm", "--minutes", "5"),
        ("cover", "map.osm", "--units", "u.csv", "--minutes", "five"),
        ("route", "map.osm", "--units", "u.csv", "--targets", "t.csv", "--iterations", "0"),
    ],
)
def test_wrong_usage(run, words):
    """Wrong usage exits with 2 and writes nothing to stdout."""
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err


BAD_SOURCES = ["none.osm", "empty.osm", "footpath.osm", "https://example.org/a.osm", "units.csv", "."]


@pytest.mark.parametrize("source", BAD_SOURCES)
@pytest.mark.parametrize("command", ["load", "split", "check"])
def test_bad_sources(run, files, tmp_path, command, source):
    """A source that cannot be used exits with 3 and one sentence, and the plan file is untouched."""
    kept = tmp_path / "kept.gpkg"
    kept.write_bytes(b"as it was")
    source = source if "://" in source else str(files / source)
    words = [command, source] + (["--out", str(kept)] if command != "check" else [])
    assert " / " in sentence(run, *words)
    assert kept.read_bytes() == b"as it was"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("split", "map.osm", "--convention", "by_dice"), "toll_island"),
        (("split", "map.osm", "--out", "plan.shp"), "gpkg"),
        (("load", "map.osm", "--out", "no/such/folder/a.gpkg"), "could not save"),
        (("owner", "map.osm"), "--at"),
        (("owner", "map.osm", "--at", "1,2", "--file", "places.csv"), "--at"),
        (("owner", "map.osm", "--at", "22.7,114.2"), "longitude first"),
        (("owner", "map.osm", "--at", "nan,nan"), "out of range"),
        (("owner", "map.osm", "--at", "here"), "LON,LAT"),
        (("owner", "map.osm", "--at", "1,2,3"), "LON,LAT"),
        (("owner", "map.osm", "--at", "1,2", "--on", "yesterday"), "yesterday"),
        (("owner", "map.osm", "--file", "none.csv"), "none.csv"),
        (("cover", "map.osm", "--units", "none.csv"), "none.csv"),
        (("cover", "map.osm", "--units", "map.osm"), "map.osm"),
        (("export", "map.osm", "--to", "map.dwg"), "dwg"),
        (("export", "map.osm", "--to", "no/such/folder/map.html"), ""),
        (("history", "map.osm"), "map.osm"),
        (("app", "none.gpkg"), "none.gpkg"),
    ],
)
def test_bad_words(run, files, monkeypatch, words, says):
    """Options that cannot be used exit with 3 and one sentence that names them."""
    monkeypatch.chdir(files)
    assert says in sentence(run, *words)


def test_no_feasible_answer(run, files, tmp_path):
    """More exits than units cannot be sealed: exit code 4 and one sentence."""
    text = (files / "exits.csv").read_text(encoding="utf-8")
    (tmp_path / "many.csv").write_text(text + "口3,114.2,22.7063\n", encoding="utf-8")
    words = ("seal", files / "map.osm", "--units", files / "units.csv", "--exits", tmp_path / "many.csv")
    assert sentence(run, *words, code=4)


def test_an_agency_layer_is_not_overwritten(run, files, tmp_path):
    """Writing the plan over the GeoPackage it was made of is refused, and the layer is whole."""
    import geopandas
    import shapely

    line = shapely.LineString([(118.5, 31.2), (118.6, 31.2)])
    frame = geopandas.GeoDataFrame(
        {"name": ["东岗路"], "ref": ["G318"], "highway": ["primary"], "oneway": [""], "maxspeed": [""]},
        geometry=[line],
        crs=4326,
    )
    frame.to_file(tmp_path / "roads.gpkg", layer="roads")
    before = (tmp_path / "roads.gpkg").read_bytes()
    assert "another name" in sentence(run, "split", tmp_path / "roads.gpkg", "--out", tmp_path / "roads.gpkg")
    assert (tmp_path / "roads.gpkg").read_bytes() == before


def test_an_unforeseen_error_is_one_sentence(run, files, monkeypatch):
    """Fault 54: an error nobody foresaw is one sentence with type and line, without folders, and exit code 3."""
    from views.console import jobs

    def fail(*_args, **_kwargs):
        raise ZeroDivisionError("secret /home/someone")

    monkeypatch.setattr(jobs, "load", fail)
    text = sentence(run, "load", files / "map.osm")
    assert "ZeroDivisionError, test_cli.py" in text
    assert "/home" not in text


@pytest.mark.parametrize(("error", "expected"), [(MemoryError(), 3), (KeyboardInterrupt(), 130)])
def test_memory_and_interrupts(run, files, monkeypatch, error, expected):
    """Running out of memory is one sentence, Ctrl-C ends with its usual code, and neither shows a traceback."""
    from views.console import jobs

    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(jobs, "load", fail)
    code, out, err = run("load", files / "map.osm")
    assert (code, out) == (expected, "")
    assert ("memory" in err) == (expected == 3)
    assert "Traceback" not in err


def whole_process(folder: Path, *words, **environment):
    """Run the command line as its own process."""
    return subprocess.run(
        [sys.executable, Path(cli.__file__), *words],
        cwd=folder,
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_a_process_speaks_utf8_whatever_the_terminal(files, tmp_path):
    """A name no terminal can show stops no result: stdout is UTF-8 JSON in a plain C locale too."""
    odd = tmp_path / os.fsdecode(b"map\xff.osm")
    odd.write_bytes((files / "map.osm").read_bytes())
    done = whole_process(tmp_path, "load", odd, "--json", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("utf-8"))["source"]["name"].startswith("map")


def test_a_closed_pipe_is_no_traceback(files):
    """A reader that goes away, such as ``head``, gets no traceback."""
    with subprocess.Popen(
        [sys.executable, Path(cli.__file__), "split", "map.osm", "--json"],
        cwd=files,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert b"Traceback" not in err
