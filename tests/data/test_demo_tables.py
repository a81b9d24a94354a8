"""The tables beside the demo map."""

from __future__ import annotations

import csv
import json
import re

import pytest

from data.demo import TABLES, district_path, table_path

WEST, SOUTH, EAST, NORTH = 118.50, 31.19, 118.84, 31.44
AGENCIES = {"local", "exp1", "exp2"}


def rows(name):
    """Return a table as dictionaries."""
    with table_path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_paths_lead_to_files():
    """The path functions name files that are there, with and without suffix."""
    assert district_path().is_file()
    assert all(table_path(name).is_file() for name in TABLES)
    assert table_path("units") == table_path("units.csv")


def test_unknown_table_is_refused():
    """A table that is not there is refused by name."""
    with pytest.raises(KeyError, match="no table 'unit'"):
        table_path("unit")


@pytest.mark.parametrize("name", [name for name in TABLES if name.endswith(".csv")])
def test_tables_are_rectangular_and_free_of_formulas(name):
    """Every row has all cells, and no cell begins like a spreadsheet formula."""
    for row in rows(name):
        assert None not in row
        assert all(value is not None and not value.startswith(("=", "+", "-", "@")) for value in row.values())


@pytest.mark.parametrize("name", ["units", "targets", "exits", "cases", "stakes"])
def test_places_lie_in_the_district(name):
    """Every longitude and latitude lies on the map."""
    for row in rows(name):
        assert WEST < float(row["lon"]) < EAST
        assert SOUTH < float(row["lat"]) < NORTH


def test_agencies_have_posts_and_fictitious_phones():
    """Each agency has one row a category, a post instead of a person, and a phone that cannot ring."""
    table = rows("agencies")
    assert {row["id"] for row in table} == AGENCIES
    assert len({(row["id"], row["category"]) for row in table}) == len(table) == 3 * 7
    assert all(re.fullmatch(r"0000-\d{7}", row["phone"]) for row in table)
    assert all(row["contact_post"].endswith("值班室") for row in table)


def test_stretches_state_the_concurrency():
    """Each expressway belongs to one brigade and S17 runs along a stretch of G98."""
    table = rows("stretches")
    assert {(row["route"], row["agency"]) for row in table} == {("G98", "exp1"), ("S101", "exp2")}
    assert [row["route"] for row in table if row["concurrent_route"] == "S17"] == ["G98"]


def test_units_follow_the_contract():
    """Eight district, six expressway and two joint units have ids of their own and a known agency."""
    table = rows("units")
    assert len({row["id"] for row in table}) == len(table) == 16
    assert sum(row["agency"] == "local" for row in table) == 8
    assert {row["agency"] for row in table} == AGENCIES | {"joint"}
    assert {row["available"] for row in table} == {"0", "1"}


def test_targets_follow_the_contract():
    """About forty targets have times, kinds, windows and agencies of the agreed forms."""
    table = rows("targets")
    assert 36 <= len(table) <= 50
    kinds = {"plaza", "connector", "under_bridge", "control_zone", "land", "visible_range"}
    assert {row["kind"] for row in table} == kinds
    assert all(re.fullmatch(r"(\d\d:\d\d-\d\d:\d\d)?", row["window"]) for row in table)
    assert {row["agency"] for row in table} == AGENCIES | {"joint", ""}
    assert all(5 <= int(row["service_min"]) <= 60 for row in table)
    assert all(1 <= int(row["visits_per_week"]) <= 5 for row in table)


@pytest.mark.parametrize(("name", "reach_m"), [("targets", 60), ("units", 60), ("exits", 5), ("cases", 60)])
def test_places_lie_on_roads(demo_map, name, reach_m):
    """Every target, unit, exit and case lies within reach of a road of the map."""
    from shapely import LineString, Point, STRtree

    scale = (95_113.0, 111_320.0)

    def flat(place):
        return (place[0] * scale[0], place[1] * scale[1])

    lines = [LineString([flat(demo_map.places[n]) for n in nodes]) for nodes, _ in demo_map.roads().values()]
    tree = STRtree(lines)
    for row in rows(name):
        point = Point(flat((float(row["lon"]), float(row["lat"]))))
        assert lines[tree.nearest(point)].distance(point) <= reach_m, row


def test_exits_leave_by_every_main_road():
    """There are eight to twelve exits, one on each expressway end among them."""
    table = rows("exits")
    assert 8 <= len(table) <= 12
    assert {"G98", "G98;S17", "S101", "G389"} <= {row["route"] for row in table}


def test_cases_name_no_person():
    """About 150 cases of last year carry a known category and agency, and no column for persons or plates."""
    table = rows("cases")
    assert 140 <= len(table) <= 160
    assert all(row["date"].startswith("2025-") for row in table)
    assert {row["handled_by"] for row in table} == AGENCIES
    assert set(table[0]) == {"id", "date", "lon", "lat", "category", "route", "handled_by"}


def test_stakes_rise_and_hold_one_broken_chain():
    """On both carriageways stakes rise kilometre by kilometre, with one broken chain of 300 m."""
    table = rows("stakes")
    for direction in ("上行", "下行"):
        mine = [row for row in table if row["direction"] == direction]
        metres = [
            int(km) * 1000 + int(m) for km, m in (re.fullmatch(r"K(\d+)\+(\d{3})", r["stake"]).groups() for r in mine)
        ]
        assert metres == sorted(metres)
        assert len(mine) > 25
        before, after = [row for row in mine if row["note"]]
        assert (before["stake"], after["stake"]) == ("K228+700", "K229+000")
        assert (before["lon"], before["lat"]) == (after["lon"], after["lat"])


def test_disputes_carry_both_positions(facts):
    """Two open disputes name a station, a place, both positions and the authority that decides next."""
    disputes = json.loads(table_path("disputes").read_text(encoding="utf-8"))
    assert len(disputes) == 2
    stations = {station["id"] for station in facts["stations"]}
    for dispute in disputes:
        assert dispute["station"] in stations
        assert set(dispute["positions"]) == {"local", "expressway"}
        assert WEST < dispute["road"]["lon"] < EAST
        assert dispute["next_authority"]
