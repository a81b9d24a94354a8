from __future__ import annotations

import openpyxl
import pytest

from geo.calibration import calibrate
from geo.datum import Datum, convert
from geo.errors import InputError
from geo.stakes import Stake
from geo.stationmatch import match_stations, measure_likeness
from geo.stations import StationKind
from geo.stationtable import read_station_table
from tests.builders import make_network
from tests.geo.stakeplay import LAT, LON, M_LAT, M_LON, Road

PLACES = {"a": (1_000, 0), "b": (5_000, 100), "c": (9_000, -80), "d": (13_000, 0)}
NAMES = {"a": "荷坳收费站", "b": "龙岗收费站", "c": "横岗收费站", "d": ""}


def spot(east, north):
    return LON + east / M_LON, LAT + north / M_LAT


@pytest.fixture(scope="module")
def network():
    """Return a map with four stations along an expressway S28; the fourth has no name."""
    nodes = {1: spot(0, 0), 2: spot(15_000, 0), 50: spot(0, 6_000), 51: spot(15_000, 6_000)}
    for k, (key, place) in enumerate(PLACES.items()):
        name = {"name": NAMES[key]} if NAMES[key] else {}
        nodes[10 + k] = (*spot(*place), {"barrier": "toll_booth", **name})
    ways = [
        (1, [1, 10, 11, 12, 13, 2], {"highway": "motorway", "ref": "S28"}),
        (2, [50, 51], {"highway": "motorway", "ref": "S30"}),
    ]
    return with_names(make_network(nodes, ways, stations={f"n{10 + k}": [10 + k] for k in range(4)}))


def with_names(network):
    from dataclasses import replace

    named = tuple(
        replace(s, name=NAMES[key], names=(NAMES[key],) if NAMES[key] else ())
        for s, key in zip(sorted(network.stations, key=lambda s: s.id), NAMES, strict=True)
    )
    return network.with_stations(named, ())


def write(tmp_path, rows, *, head="收费站,经度,纬度,路线,桩号", encoding="utf-8"):
    path = tmp_path / "stations.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding=encoding)
    return path


def row(name, east, north, *, route="S28", stake=""):
    lon, lat = spot(east, north)
    return f"{name},{lon:.7f},{lat:.7f},{route},{stake}"


def codes(match):
    return {f.code: f for f in match.findings}


def test_a_good_table_matches(tmp_path, network):
    """Rows near stations of the same name are matched one to one, from GBK text too; nothing is found."""
    rows = [row("荷坳收费站", 1_010, 20), row("龙岗", 5_080, 100), row("横岗收费站", 9_000, -60)]
    table = read_station_table(write(tmp_path, rows, encoding="gb18030"))
    match = match_stations(table, network)
    assert [(p.row.name, p.station, p.likeness) for p in match.pairs] == [
        ("荷坳收费站", "n10", 1.0),
        ("龙岗", "n11", 1.0),
        ("横岗收费站", "n12", 1.0),
    ]
    assert match.stations_left == ("n13",)
    assert set(codes(match)) == {"station_not_in_table"}


def test_every_misfit_is_listed(tmp_path, network):
    """Missing, swapped, shared, renamed, distant, wrong route, not on the map, not in the table: each has its line."""
    x, y = spot(5_000, 100)
    rows = [
        "荷坳收费站,,,S28,",
        f"龙岗收费站,{y:.6f},{x:.6f},S28,",
        row("平湖收费站", 9_000, -70),
        row("平湖南收费站", 9_000, -70),
        row("坪山收费站", 3_000, 2_500),
        row("远方收费站", 200_000, 0),
        row("", 3_000, 0),
        row("坑梓收费站", 11_000, 50, stake="K12-3"),
        row("新站", 13_050, 0, route="S30"),
    ]
    path = write(tmp_path, [*rows[:1], rows[1].replace(f"{y:.6f},{x:.6f}", f"{y:.6f},{x:.6f}"), *rows[2:]])
    match = match_stations(read_station_table(path), network)
    found = codes(match)
    assert found["station_no_place"].things == ("line 2",)
    assert found["station_swapped"].things == ("line 3",)
    assert found["station_shared_place"].things == ("line 4/line 5",)
    assert found["station_name_differs"].count == 2
    assert found["station_off_route"].things == ("line 6", "line 7", "line 10")
    assert "line 7" in found["station_outside_map"].things
    assert found["station_not_on_map"].count == 4
    assert found["station_no_name"].things == ("line 8",)
    assert found["station_stake_unreadable"].things == ("line 9",)
    assert "station_not_in_table" not in found
    assert {(p.row.line, p.station) for p in match.pairs} >= {(2, "n10"), (3, "n11"), (10, "n13")}


def test_a_namesake_far_away_is_listed(tmp_path, network):
    """A row 1.2 km from the station of its name is matched to it and listed with the distance."""
    match = match_stations(read_station_table(write(tmp_path, [row("龙岗收费站", 6_200, 100)])), network)
    assert [(p.station, round(p.distance_m, -2)) for p in match.pairs] == [("n11", 1_200.0)]
    assert "1200 m" in codes(match)["station_far_from_map"].message.replace("1199 m", "1200 m").replace(
        "1201 m", "1200 m"
    )


def test_the_best_sum_wins(tmp_path, network):
    """Where two rows want one station, names decide, whatever the order of the rows."""
    rows = [row("别站", 5_000, 100), row("龙岗收费站", 5_050, 100)]
    for order in (rows, rows[::-1]):
        match = match_stations(read_station_table(write(tmp_path, order)), network)
        assert [(p.row.name, p.station) for p in match.pairs] == [("龙岗收费站", "n11")]
        assert [r.name for r in match.rows_left] == ["别站"]


def test_workbook_and_datum(tmp_path, network):
    """An Excel workbook in GCJ-02 is read and converted when told so."""
    lon, lat = convert(*[[v] for v in spot(1_000, 0)], source=Datum.WGS84, target=Datum.GCJ02)
    book = openpyxl.Workbook()
    for cells in (["收费站名称", "经度", "纬度"], ["荷坳收费站", float(lon[0]), float(lat[0])]):
        book.active.append(cells)
    path = tmp_path / "stations.xlsx"
    book.save(path)
    match = match_stations(read_station_table(path, datum=Datum.GCJ02), network)
    assert match.pairs[0].distance_m < 1
    assert match_stations(read_station_table(path), network).pairs[0].distance_m > 300


def test_stakes_place_rows_and_are_checked(tmp_path):
    """A row without coordinates is placed by its stake; a row whose stake is not that of its place is listed."""
    road = Road()
    stakes, _ = road.table(route="S28")
    calibration = calibrate(stakes)
    at = calibration.carriageways[0].line.places_at([5_000.0, 9_000.0])
    nodes = {k + 1: (float(at.lon[k]), float(at.lat[k]), {"barrier": "toll_booth"}) for k in range(2)}
    network = make_network(nodes, [(1, [1, 2], {"highway": "motorway", "ref": "S28"})], stations={"x": [1], "y": [2]})
    rows = ["甲,,,S28,K105+000", f"乙,{at.lon[1]:.7f},{at.lat[1]:.7f},S28,K115+000"]
    table = read_station_table(write(tmp_path, rows))
    match = match_stations(table, network, calibration=calibration)
    assert {(p.row.name, p.station) for p in match.pairs} == {("甲", "x"), ("乙", "y")}
    assert codes(match)["station_stake_differs"].things == ("line 3",)
    assert table.rows[0].stake == Stake(105_000_000, "S28")
    assert network.stations[0].kind is StationKind.RAMP


def test_likeness_of_names():
    """Equal names are 1, parts 0.9, contradicting ones 0.3 at most, nothing is like nothing."""
    assert measure_likeness("荷坳收费站", ("荷坳",)) == 1.0
    assert measure_likeness("荷坳", ("惠盐荷坳收费站",)) == 0.9
    assert measure_likeness("荷坳东", ("荷坳西", "")) <= 0.3
    assert measure_likeness("", ("",)) == 0.0


def test_a_table_needs_names(tmp_path):
    """A table without a column of names is refused and says which column is missing."""
    with pytest.raises(InputError, match="缺少"):
        read_station_table(write(tmp_path, ["1,2"], head="经度,纬度"))


def test_exchanged_coordinates_are_told_by_the_map(tmp_path, network):
    """Where both values may be latitudes, a row is exchanged if only so it lies on the map; it is matched so."""
    west = with_shifted(network, -112.0)
    lon, lat = spot(*PLACES["a"])
    table = read_station_table(write(tmp_path, [f"荷坳收费站,{lat:.7f},{lon - 112.0:.7f},S28,"]))
    match = match_stations(table, west)
    assert codes(match)["station_swapped"].count == 1
    assert match.pairs[0].distance_m == pytest.approx(0, abs=0.1)


def with_shifted(network, degrees):
    """Return the network moved by degrees of longitude, stations too."""
    from dataclasses import replace

    moved = replace(network, nodes=replace(network.nodes, lon=network.nodes.lon + degrees))
    return moved.with_stations(tuple(replace(s, lon=s.lon + degrees) for s in network.stations), ())


def test_stations_on_no_route(tmp_path, network):
    """A route the map lacks, and a station without a route far from every expressway, are listed by line."""
    rows = [row("荷坳收费站", *PLACES["a"], route="G999"), row("远站", 7_000, 3_500, route=""), row("近站", 5_000, 50)]
    found = codes(match_stations(read_station_table(write(tmp_path, rows)), network))
    assert found["station_on_no_route"].things == ("line 2", "line 3")
