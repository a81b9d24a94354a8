"""Files for other programs: no formula cells, round trips, key to short names, poison inert, same bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from io import BytesIO
from pathlib import Path

import gpxpy
import openpyxl
import pyogrio
import pytest

from tests.views.papers.conftest import members
from views.papers.annex import MOST_ROWS, Sheet, annex_xlsx, write_xlsx
from views.papers.gpxplan import plan_gpx
from views.papers.kml import plan_kml
from views.papers.limits import limit_rows
from views.papers.shapezip import shape_zip, shorten

KML = "{http://www.opengis.net/kml/2.2}"


def test_no_cell_is_a_formula(poisoned):
    """Fault 59: texts that begin like formulas stay texts, marked so that editing them does not wake them."""
    book = openpyxl.load_workbook(BytesIO(annex_xlsx(poisoned)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert risky
    assert all(cell.quotePrefix for cell in risky)
    assert b"<f>" not in b"".join(members(annex_xlsx(poisoned)).values())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(1)"])
def test_each_beginning_of_a_formula(text):
    """Fault 59: each character with which a spreadsheet begins a formula is text."""
    book = openpyxl.load_workbook(BytesIO(write_xlsx([Sheet("a", ("x",), [(text,)])], day="2026-01-01")))
    cell = book["a"]["A2"]
    assert cell.data_type == "s"
    assert cell.value == text.strip()


def test_annex_holds_what_the_plan_says(met):
    """The annex lists ledger, every seam, leaks, disputes and stretches; agency metres add up to the network."""
    book = openpyxl.load_workbook(BytesIO(annex_xlsx(met)), read_only=True)
    assert book.sheetnames == ["说明", "账目", "界点", "泄漏", "争议", "管段"]
    assert len(list(book["界点"].iter_rows())) == 1 + len(met.derived.ownership.seams)
    ledger = [row for row in book["账目"].iter_rows(values_only=True) if row[0] == "单位"]
    assert sum(row[2] for row in ledger) == pytest.approx(met.network.length_mm / 1000)
    assert sum(r.length_m for r in limit_rows(met)) == pytest.approx(met.network.length_mm / 1000)


@pytest.mark.parametrize("count", [0, 1])
def test_no_row_and_one_row(count):
    """Fault 61: a sheet without rows keeps its head; one row is one row."""
    data = write_xlsx([Sheet("账/目*", ("甲", "乙"), [("x", 1.5)] * count)], day="2026-01-01")
    book = openpyxl.load_workbook(BytesIO(data))
    assert book.sheetnames == ["账目"]
    assert book["账目"].max_row == 1 + count


def test_more_rows_than_a_sheet_holds(monkeypatch):
    """Fault 61: rows beyond what a sheet of Excel holds go on in the next one, none is lost."""
    monkeypatch.setattr("views.papers.annex.MOST_ROWS", 10)
    data = write_xlsx([Sheet("a", ("n",), ((k,) for k in range(25)))], day="2026-01-01")
    book = openpyxl.load_workbook(BytesIO(data))
    assert book.sheetnames == ["a", "a 2", "a 3"]
    values = [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values == list(range(25))


@pytest.mark.slow
def test_a_million_rows():
    """Fault 61: a million rows are written and read back."""
    data = write_xlsx([Sheet("a", ("n", "t"), ((k, "=1") for k in range(1_000_000)))], day="2026-01-01")
    book = openpyxl.load_workbook(BytesIO(data), read_only=True)
    assert sum(1 for _ in book["a"].rows) == 1_000_001
    assert MOST_ROWS > 1_000_000


def test_kml_reads_back(met):
    """Fault 60: KML is XML with one line a segment, each with its owner, in WGS-84."""
    root = ET.fromstring(plan_kml(met))  # noqa: S314 - our own file
    lines = root.findall(f".//{KML}LineString")
    assert len(lines) == len(met.derived.network.segments)
    assert len(root.findall(f".//{KML}Point")) == len(met.derived.ownership.seams) + len(met.network.stations)
    lon, lat = map(float, lines[0].find(f"{KML}coordinates").text.split()[0].split(","))
    assert (118 < lon < 119, 31 < lat < 32) == (True, True)
    data = pyogrio.read_info(BytesIO(plan_kml(met)), layer="界点")
    assert data["crs"] == "EPSG:4326"


def test_gpx_reads_back(met):
    """Fault 60: GPX holds each seam and station where it lies, and the contested roads as tracks."""
    gpx = gpxpy.parse(plan_gpx(met).decode())
    seams = [w for w in gpx.waypoints if w.type == "seam"]
    places = {(round(s.lon, 6), round(s.lat, 6)) for s in met.derived.ownership.seams}
    assert {(round(w.longitude, 6), round(w.latitude, 6)) for w in seams} == places
    assert len(gpx.tracks) == sum(owner == "contested" for owner in met.derived.owner)


def test_shapefile_reads_back(met, tmp_path: Path):
    """Fault 60: a zipped Shapefile gives back every row, Chinese names, CRS and lengths; short names have a key."""
    files = members(shape_zip(met))
    path = tmp_path / "plan.zip"
    path.write_bytes(shape_zip(met))
    owners = pyogrio.read_dataframe(f"/vsizip/{path}/owners.shp")
    assert len(owners) == len(met.derived.network.segments)
    assert owners.length_m.sum() == pytest.approx(met.network.length_mm / 1000)
    assert owners.crs.to_epsg() == 4326
    assert "东岗连接线" in set(owners.name)
    assert files["owners.cpg"] == b"UTF-8"
    assert "segment" in files["字段说明.txt"].decode("utf-8-sig")


def test_short_names_stay_apart():
    """Names of more than ten letters are shortened to ten, none twice."""
    short = shorten(["concurrent_a", "concurrent_b", "concurrent_c", "x"])
    assert list(short.values()) == ["concurrent", "concurren1", "concurren2", "x"]
    assert max(map(len, short.values())) <= 10


def test_poison_is_text_everywhere(poisoned):
    """Fault 56: poisoned names are data in KML and GPX; the files parse and hold no element of theirs."""
    root = ET.fromstring(plan_kml(poisoned))  # noqa: S314 - as above
    assert root.findall(".//script") == []
    assert any("<script>" in (e.text or "") for e in root.iter(f"{KML}name"))
    assert b"<script" not in plan_gpx(poisoned)
    gpxpy.parse(plan_gpx(poisoned).decode())


@pytest.mark.parametrize("make", [annex_xlsx, plan_kml, plan_gpx, shape_zip])
def test_same_plan_same_bytes(met, make):
    """Promise P8: the same plan gives the same bytes."""
    assert make(met) == make(met)
