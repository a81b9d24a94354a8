from __future__ import annotations

import csv
import io
import json
import sys

import pytest
from openpyxl import load_workbook
from PIL import Image

import cli
from plan.demo import demo_plan
from plan.planfile import open_plan, save_plan


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return the demo district as a plan file."""
    path = tmp_path_factory.mktemp("ask") / "demo.gpkg"
    save_plan(path, demo_plan())
    return path


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


def document(run, *words):
    """Return the one JSON document of a command that ends well."""
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        (("--at", "118.5687,31.2862"), "expressway"),
        (("--at", "118°34.122'E 31°17.172'N"), "expressway"),
        (("--at", "118.5687,31.2862", "--datum", "CGCS2000"), "expressway"),
        (("--at", "118.5687,31.2862", "--datum", "auto"), "expressway"),
        (("--stake", "G98 上行K230+000", "--category", "危化品"), "expressway"),
        (("--text", "皖A12345在澜陵高速上行K215+200处"), "expressway"),
        (("--text", "坐标31.325615,118.637294"), "ordinary"),
        (("--station", "东岗", "--on", "2026-11-20"), "ask"),
    ],
)
def test_owner_by_every_means(run, demo, words, owner):
    """``owner`` answers by coordinates, stake, sentence and station with the promised keys."""
    body = document(run, "owner", demo, *words)
    assert body["owner"] == owner
    assert {
        "place",
        "datum",
        "stake",
        "carriageway",
        "error_m",
        "contacts",
        "agreement",
        "sentence",
        "transfer",
    } <= set(body)


def test_owner_by_photograph(run, demo, tmp_path):
    """``owner --photo`` takes place and date out of a JPEG."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (31.2862, 0.0, 0.0), 3: "E", 4: (118.5687, 0.0, 0.0)})
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 08:00:00"
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=exif)
    body = document(run, "owner", demo, "--photo", tmp_path / "a.jpg")
    assert (body["owner"], body["date"], body["date_from"]) == ("expressway", "2026-11-20", "photo")


def test_owner_of_a_table(run, demo, tmp_path):
    """``owner --file`` answers every row of a GBK table and writes CSV and XLSX with the CRS in each row."""
    rows = "案号,经度,纬度,桩号,类别\n1,118.5687,31.2862,,危化品\n2,,,G98 K230+000,路政\n3,,,,\n=4,0,1,,\n"
    (tmp_path / "cases.csv").write_bytes(rows.encode("gbk"))
    for suffix in ("csv", "xlsx"):
        out = tmp_path / f"out.{suffix}"
        body = document(run, "owner", demo, "--file", tmp_path / "cases.csv", "--out", out)
        assert [a["owner"] for a in body["answers"]] == ["expressway", "expressway", "ask", "outside"]
        assert body["written"][0]["file"] == out.name
        assert not body["datum_confirmed"]
    table = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    assert [row["id"] for row in table] == ["1", "2", "3", "'=4"]
    assert {row["crs"] for row in table} == {"WGS-84 (EPSG:4326)"}
    assert load_workbook(tmp_path / "out.xlsx").active.max_row == 5


def test_lines_for_a_person(run, demo):
    """Without ``--json`` a person reads the sentence and whom to call."""
    code, out, _ = run("owner", demo, "--stake", "G98 K230+000", "--category", "危化品")
    assert code == 0
    assert "归高速公路交通综合执法支队澜陵一大队" in out
    assert "危货科值班室" in out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "--at"),
        (("--at", "1,2", "--stake", "K1+000"), "--at"),
        (("--stake", " "), "--stake"),
        (("--at", "1,2", "--datum", "火星人"), "坐标系"),
        (("--photo", "none.jpg"), "none.jpg"),
        (("--at", "1,2", "--out", "a.csv"), "--out"),
        (("--file", "none.csv", "--out", "a.txt"), "--out"),
        (("--station", "火星"), "火星"),
        (("--file", "none.csv"), "none.csv"),
    ],
)
def test_bad_questions_are_one_sentence(run, demo, words, part):
    """A question that cannot be asked ends with 3 and one sentence, and nothing on stdout."""
    code, out, err = run("owner", demo, *words, "--json")
    assert (code, out) == (3, "")
    assert part in err.splitlines()[-1]


def test_stakes(run, demo, tmp_path):
    """``stakes`` lists routes with their source and error bound; a table is taken into a plan and named as source."""
    body = document(run, "stakes", demo)
    by_route = {route["route"]: route for route in body["routes"]}
    assert by_route["G98"]["source"] == "table"
    assert by_route["G98"]["error_m"] < 10
    assert (by_route["G389"]["source"], by_route["G389"]["is_rough"]) == ("milestone", True)
    assert body["crs"] == "WGS-84 (EPSG:4326)"
    assert "stake_rough_source" in [f["code"] for f in body["findings"]]
    table = tmp_path / "s.csv"
    table.write_text(
        "桩号,经度,纬度\n" + "".join(f"K{10 + k},{118.72 + 0.001 * k},{31.30 + 0.01 * k}\n" for k in range(5)),
        encoding="utf-8",
    )
    words = ("stakes", demo, "--table", table, "--route", "S101", "--out", tmp_path / "p.gpkg", "--when", "2026-11-25")
    made = document(run, *words)
    assert {r["route"]: r["source"] for r in made["routes"]}["S101"] == "table"
    assert open_plan(tmp_path / "p.gpkg").latest("set_stakes")["S101"].value["file"] == "s.csv"
    only = document(run, "stakes", demo, "--route", "G98")
    assert [r["route"] for r in only["routes"]] == ["G98"]


def test_findings_of_a_stake_table_have_places(run, demo, tmp_path):
    """Duplicates, decreasing rows, gaps, odd intervals and stakes outside their section are findings with a place."""
    rows = [(k, 0.0) for k in range(12)]
    lines = ["路线,桩号,经度,纬度,起点桩号,终点桩号"]
    lines += [f"S99,K{k}+000,{118.5 + 0.01 * k:.5f},31.2,K0+000,K8+000" for k, _ in rows]
    lines += ["S99,K5+000,118.55000,31.2,,", "S99,K3+500,118.62000,31.2,,", "S99,K90+000,119.40000,31.2,,"]
    table = tmp_path / "s.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    body = document(run, "stakes", demo, "--table", table)
    found = {f["code"]: f for f in body["findings"]}
    assert {"stake_duplicate", "stake_decreasing", "stake_outside_section"} <= set(found)
    assert all(found[code]["places"] for code in ("stake_duplicate", "stake_decreasing", "stake_outside_section"))
