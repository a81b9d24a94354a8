from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import Datum, convert
from geo.errors import InputError
from geo.stakedesk import StakeDesk
from geo.stakes import Direction
from jurisdiction.ask.coordinates import FoundPlace, find_coordinates
from jurisdiction.ask.gazetteer import Gazetteer
from jurisdiction.ask.sentence import LONGEST_TEXT, Reader, orient
from jurisdiction.ask.spots import SpotKind
from jurisdiction.ask.wording import find_day, format_length, mask_persons, say_ask, say_open, say_outside, say_owned
from tests.builders import make_network
from tests.geo.stakeplay import Road

BOX = (118.4, 31.1, 118.9, 31.5)


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("118.6503,31.2742", 118.6503, 31.2742),
        ("118.6503 31.2742", 118.6503, 31.2742),
        ("１１８．６５０３，３１．２７４２", 118.6503, 31.2742),
        ("在31.2742, 118.6503处", 118.6503, 31.2742),
        ("坐标E118.6503,N31.2742处", 118.6503, 31.2742),
        ("N31.2742 E118.6503", 118.6503, 31.2742),
        ("118.6503°E, 31.2742°N", 118.6503, 31.2742),
        ("118°39′1.08″E 31°16′27.12″N", 118.6503, 31.2742),
        ("东经118度39分1.08秒，北纬31度16分27.12秒", 118.6503, 31.2742),
        ("118°39.018'E 31°16.452'N", 118.6503, 31.2742),
        ("北纬31.2742 东经118.6503", 118.6503, 31.2742),
        ("经度：118.6503 纬度：31.2742", 118.6503, 31.2742),
        ("lat=31.2742&lon=118.6503", 118.6503, 31.2742),
        ('{"lng":118.6503,"lat":31.2742}', 118.6503, 31.2742),
        ("118,31", 118.0, 31.0),
        ("W118.5 N34.2", -118.5, 34.2),
        ("东经118.6503，南纬31.2742", 118.6503, -31.2742),
    ],
)
def test_coordinates_in_every_written_form(text, lon, lat):
    """Decimal degrees, minutes and seconds, Chinese and English axes, either order: all are the same place."""
    (place,) = find_coordinates(text)
    assert (place.lon, place.lat) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "here",
        "1,2,3",
        "G98上行K12+300处2025年1月6日12:30",
        "w1/1-1",
        "S101 5",
        "118°39'70\"E 31°16'N",
        "车速118.5，限速100",
        "东经118.6503 东经118.6504",
        "218.6503,131.2742",
    ],
)
def test_what_is_no_place_is_none(text):
    """Dates, stakes, road numbers, segment ids, speeds and impossible angles are no coordinates."""
    assert find_coordinates(text) == ()


def test_several_places_are_all_found():
    """Each pair of a longer text is found where it stands, without overlaps."""
    text = "自118.6503, 31.2742至118.7000, 31.3000"
    found = find_coordinates(text)
    assert [text[p.start : p.end] for p in found] == ["118.6503, 31.2742", "118.7000, 31.3000"]


@given(st.floats(73, 135), st.floats(3, 54))
def test_written_places_come_back(lon, lat):
    """Any Chinese place written in either order comes back as itself, and is marked where latitude stood first."""
    (plain,) = find_coordinates(f"{lon:.6f},{lat:.6f}")
    assert (plain.lon, plain.lat) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))
    turned = find_coordinates(f"{lat:.6f},{lon:.6f}")
    if lon > 90:
        assert turned[0].is_swapped
        assert (turned[0].lon, turned[0].lat) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text):
    """Whatever is pasted, reading coordinates and masking persons ends without an error and inside the text."""
    for place in find_coordinates(text):
        assert 0 <= place.start < place.end <= len(text)
    assert isinstance(mask_persons(text), str)
    assert len(find_day(text)) in {0, 10}


@pytest.mark.parametrize(
    ("place", "swapped"),
    [
        (FoundPlace(118.6, 31.3, 0, 0), False),
        (FoundPlace(31.3, 118.6, 0, 0), True),
        (FoundPlace(10.0, 20.0, 0, 0), False),
        (FoundPlace(31.3, 118.6, 0, 0, is_labelled=True), False),
    ],
)
def test_a_pair_is_turned_round_only_towards_the_district(place, swapped):
    """A pair without named axes is turned round where only the other order lies near the district."""
    assert orient(place, BOX).is_swapped is swapped


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("皖A12345", "皖A***45"),
        ("粤B·D12345超载", "粤B****45超载"),
        ("13912345678", "139****5678"),
        ("340123199001011234", "340123********1234"),
        ("司机张小三，男", "司机张**，男"),
        ("G98 K12+300", "G98 K12+300"),
    ],
)
def test_personal_data_are_masked(text, wanted):
    """Plates, telephones, citizen numbers and named persons are made unreadable, stakes are not."""
    assert mask_persons(text) == wanted


@pytest.mark.parametrize(
    ("text", "day"),
    [("2025年1月6日12时", "2025-01-06"), ("2025/01/06", "2025-01-06"), ("2025-13-40 2025.2.3", "2025-02-03"), ("", "")],
)
def test_dates_in_text(text, day):
    """The first real date of a text is found in every usual form."""
    assert find_day(text) == day


def test_sentences_say_what_counts():
    """Each kind of answer is one sentence in both languages that names owner, place and distance."""
    assert say_owned("甲", "G98 K1+000", 1812.0).zh == "归甲（G98 K1+000，距界点 1.8 km）"
    assert say_owned("甲", "G98", None).en == "甲 (G98, no seam in reach)"
    assert say_ask("near_seam", "东岗", ["甲", "乙"], seam_m=18.0).zh == "请核实：距界点 18 m（东岗）；可能归：甲 / 乙"
    assert "border of two brigades" in say_ask("near_border", "", [], seam_m=3.0).en
    assert say_ask("odd", "", []).zh == "请核实：odd"
    assert say_open("contested", "G98", ["甲"]).zh.endswith("涉及：甲")
    assert say_open("none", "G98", []).en == "Nobody's road (G98)"
    assert say_outside(float("inf")).zh == "路网之外"
    assert "12 km" in say_outside(12_345.0).en
    assert [format_length(m) for m in (18.3, 1812.0, 25_340.0)] == ["18 m", "1.8 km", "25 km"]


@pytest.fixture(scope="module")
def reader():
    """Return the reader of a district with one road, its stakes and two stations."""
    road = Road(tags={"name": "沈海高速"})
    network = road.network()
    stations = make_network(
        {1: (114.0, 30.0), 2: (114.01, 30.0)},
        [(10, [1, 2], {"highway": "motorway"})],
        stations={"东岗收费站": [1], "东岗南收费站": [2]},
    ).stations
    nodes = network.nodes
    bounds = (float(nodes.lon.min()), float(nodes.lat.min()), float(nodes.lon.max()), float(nodes.lat.max()))
    return Reader(Gazetteer(network, stations), StakeDesk(network, {"G15": (road.table()[0], ())}), bounds)


def stake_text(reader, more_m=0):
    """Return a stake inside the calibrated part."""
    metres = int(reader.stakes.of("G15").calibration.carriageways[0].pieces[0].stake_m[3]) + more_m
    return f"K{metres // 1000}+{metres % 1000:03d}"


@pytest.mark.parametrize(
    "words", ["G15沈海高速{}处", "在沈海高速{}附近", "{}", "车辆行驶至沈海高速公路G15 {}（应急车道）停车"]
)
def test_stakes_in_sentences(reader, words):
    """A stake is found with its route by number, by name, and without any; both carriageways are named."""
    reading = reader.read(words.format(stake_text(reader)))
    assert {s.kind for s in reading.spots} == {SpotKind.STAKE}
    assert len(reading.spots) == 2
    assert {s.stake.route for s in reading.spots} == {"G15"}
    assert all(s.row in s.reach for s in reading.spots)


def test_a_range_reaches_over_all_of_it(reader):
    """A range of stakes has spots at both ends, and the first one reaches over every segment between."""
    reading = reader.read(f"G15 {stake_text(reader)}至{stake_text(reader, 6_000)}")
    assert len(reading.spots) == 4
    single = reader.read(f"G15 {stake_text(reader)}")
    assert len(reading.spots[0].reach) > len(single.spots[0].reach)


def test_coordinates_and_stakes_of_one_sentence(reader):
    """Coordinates and a stake in one sentence are both spots, converted from the datum that was named."""
    lon, lat = (float(v[0]) for v in convert([114.05], [30.0], source=Datum.WGS84, target=Datum.GCJ02))
    reading = reader.read(f"G15 {stake_text(reader)}，{lat:.6f},{lon:.6f}", datum=Datum.GCJ02)
    assert {s.kind for s in reading.spots} == {SpotKind.STAKE, SpotKind.COORDINATES}
    place = next(s for s in reading.spots if s.kind is SpotKind.COORDINATES)
    assert (place.lon, place.lat) == (pytest.approx(114.05, abs=1e-5), pytest.approx(30.0, abs=1e-5))
    assert place.to_json()["datum"] == "GCJ-02"
    assert [f.code for f in reading.findings] == ["coordinates_swapped"]


def test_a_wrong_stake_beside_coordinates_is_a_finding(reader):
    """A stake that no route has does not hide the coordinates beside it: it becomes a finding."""
    reading = reader.read("114.05000,30.00000 G15 K9000+000")
    assert [s.kind for s in reading.spots] == [SpotKind.COORDINATES]
    assert [f.code for f in reading.findings] == ["stake_not_found"]
    with pytest.raises(InputError, match="超出已定标范围"):
        reader.read("G15 K9000+000")


def test_stations_in_sentences(reader):
    """A station is found by full name and by its core with a word such as 出口; a longer name hides a shorter one."""
    assert [s.text for s in reader.read("东岗收费站入口").spots] == ["东岗收费站"]
    assert [s.text for s in reader.read("在东岗南出口附近").spots] == ["东岗南收费站"]
    assert reader.read("东岗互通").spots[0].kind is SpotKind.STATION


def test_stations_by_name(reader):
    """A station's name means that station, its core too; parts of names mean all of them; others are refused."""
    find = reader.gazetteer.stations_named
    assert [s.name for s in find("东岗")] == ["东岗收费站"]
    assert [s.name for s in find("东岗南收费站")] == ["东岗南收费站"]
    assert len(find("岗")) == 2
    with pytest.raises(InputError, match="没有找到收费站"):
        find("西岗")


def test_roads_in_sentences(reader):
    """A road named without a place on it is returned with its segments, by number and by name."""
    assert [r.name for r in reader.read("沈海高速上").roads] == ["沈海高速"]
    number = reader.read("在G15上").roads[0]
    assert number.name == "G15"
    assert len(number.rows) > 0


@pytest.mark.parametrize("text", ["随便说说", "皖A12345", "<script>alert(1)</script>", "{{ 7*7 }}"])
def test_no_place_is_one_sentence(reader, text):
    """Text without a place is refused in one sentence in both languages."""
    with pytest.raises(InputError, match=r"没有读出地点.* / "):
        reader.read(text)


def test_a_book_is_refused(reader):
    """A text longer than any report is refused before it is searched."""
    with pytest.raises(InputError, match="过长"):
        reader.read("x" * (LONGEST_TEXT + 1))


def test_one_direction_word_narrows_the_search():
    """A direction that stands elsewhere in the sentence keeps the carriageway it names."""
    road = Road()
    table, _ = road.table()
    up = type(table)(
        table.route, (Direction.UP,) * len(table), table.mm, table.lon, table.lat, table.line, table.source
    )
    network = road.network()
    reader = Reader(Gazetteer(network, ()), StakeDesk(network, {"G15": (up, ())}), (113.9, 29.9, 114.3, 30.1))
    both, one = (reader.read(words.format(stake_text(reader))) for words in ("G15 {}", "下行方向行驶，G15 {}"))
    assert {s.stake.direction for s in both.spots} == {Direction.UP, Direction.DOWN}
    assert {s.stake.direction for s in one.spots} == {Direction.DOWN}
