"""The search box."""

from __future__ import annotations

import pytest

from geo.datum import Datum, convert
from geo.errors import InputError
from plan.agreements import Terms, sign_agreement
from plan.decisions import Decision
from views.search import KnownCase, find_things, looks_like_place, middle_of_segment, require_things


@pytest.mark.parametrize(
    ("text", "is_place"),
    [("118.65,31.27", True), ("118.65，31.27", True), ("a,b", False), ("东岗", False), ("w1/2-3", False)],
)
def test_coordinates_are_told_from_names(text, is_place):
    """Two numbers with a comma, also a Chinese one, are a place; anything with letters is a name."""
    assert looks_like_place(text) is is_place


def test_a_place_is_found(demo):
    """Coordinates come back as a place."""
    (hit,) = find_things(demo, " 118.6503，31.2742 ")
    assert (hit.kind, hit.lon, hit.lat) == ("place", 118.6503, 31.2742)


def test_stations_come_before_roads(demo):
    """A name that a station and roads share finds the station first, under any of its names."""
    hits = find_things(demo, "东岗")
    assert hits[0].kind == "station"
    assert hits[0].label == "东岗收费站"
    assert find_things(demo, "高速东岗收费站")[0].id == hits[0].id


def test_roads_are_found_by_number_and_name(demo):
    """A number finds its whole road with bounds; a name finds it too."""
    hits = find_things(demo, "g98")
    assert hits[0].kind == "segment"
    west, south, east, north = hits[0].bounds
    assert west < east
    assert south < north
    assert find_things(demo, "澜陵高速")[0].label == "澜陵高速"


def test_a_segment_is_found_by_its_id(demo):
    """A segment id finds the middle of that segment."""
    ident = demo.derived.network.segment_ids[7]
    (hit,) = find_things(demo, ident)
    assert (hit.kind, hit.id) == ("segment", ident)
    assert (hit.lon, hit.lat) == middle_of_segment(demo.derived.network, 7)


@pytest.mark.parametrize("text", ["没有这条路", "w1/1-1", "999,99", "<script>", "{{ 7*7 }}", "../../etc/passwd"])
def test_nothing_found_is_one_sentence(demo, text):
    """What is not on the map is refused in one sentence in both languages, and nothing else happens."""
    with pytest.raises(InputError, match=" / "):
        require_things(demo, text)


def test_an_empty_box_finds_nothing(demo):
    """An empty text finds nothing and is no error."""
    assert find_things(demo, "  ") == []


@pytest.mark.parametrize(
    "text", ["31.2742,118.6503", "118.6503 31.2742", "东经118.6503 北纬31.2742", "118°39′1.08″E 31°16′27.12″N"]
)
def test_coordinates_in_any_form(demo, text):
    """Coordinates are found latitude first, with named axes, and in degrees and minutes."""
    hit = find_things(demo, text)[0]
    assert hit.kind == "place"
    assert (hit.lon, hit.lat) == (pytest.approx(118.6503, abs=1e-4), pytest.approx(31.2742, abs=1e-4))


def test_stakes_are_found(demo):
    """A stake is found on each carriageway it may mean, with its error; one that does not exist says why."""
    assert [hit.kind for hit in find_things(demo, "G98 K230+000")] == ["stake", "stake"]
    (hit,) = find_things(demo, "澜陵高速上行K230+000～K231+000")
    assert hit.label.startswith("G98 上行K230+000 ± ")
    with pytest.raises(InputError, match="短链"):
        find_things(demo, "G98 K228+850")


def test_cases_are_found(demo):
    """A case is found by its number, whatever its case of letters."""
    cases = [KnownCase("A-1", 118.6, 31.3), KnownCase("A-2", 118.7, 31.3)]
    (hit,) = find_things(demo, "a-2", cases=cases)
    assert (hit.kind, hit.id, hit.lon) == ("case", "A-2", 118.7)


def test_agreements_are_found(demo):
    """An agreement is found by its number at its seams; blanks do not matter."""
    plan = demo.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}, when="2026-11-02"))
    plan = sign_agreement(plan, Terms("协议〔2026〕7号", ("甲", "乙"), "2026-12-01"), when="2026-11-20")
    (hit,) = find_things(plan, "协议 〔2026〕7号")
    assert hit.kind == "agreement"
    assert hit.bounds[0] <= hit.lon <= hit.bounds[2]
    assert find_things(plan, "协议〔2026〕8号") == []


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("东岗站", "station", "东岗收费站"),
        ("东岗收费站广场", "station", "东岗收费站"),
        ("Ｓ１０１", "segment", "S101"),
        ("Ｋ230＋000", "stake", "G98 上行K230+000 ± 5 m"),
        ("w812000095", "segment", "w812000095"),
        ("D-2026-01", "segment", "D-2026-01"),
    ],
)
def test_what_newcomers_type_is_found(demo, text, kind, label):
    """Endings the map does not know, full-width letters, way ids and numbers of disputes find what is meant."""
    hit = find_things(demo, text)[0]
    assert (hit.kind, hit.label) == (kind, label)


@pytest.mark.parametrize("text", ["GCJ-02 118.655,31.268", "高德：118.655，31.268", "118.655 31.268 (amap)"])
def test_a_place_may_name_its_datum(demo, text):
    """Coordinates of another datum are converted: some 500 m in GCJ-02."""
    (hit,) = find_things(demo, text)
    lon, lat = convert([118.655], [31.268], source=Datum.GCJ02)
    assert (hit.lon, hit.lat) == pytest.approx((lon[0], lat[0]))
    assert abs(hit.lon - 118.655) > 0.002


def test_a_place_far_from_the_map_is_refused(demo):
    """Coordinates of another city are a slip: nobody is taken to empty ground."""
    with pytest.raises(InputError, match=r"之外.* / "):
        find_things(demo, "116.4,39.9")


@pytest.mark.parametrize("text", ["收费站？？", "东岗???", "百度", "w99999999999", "D-1999-01"])
def test_halves_and_nonsense_end_in_one_sentence(demo, text):
    """What means nothing is refused in one sentence in both languages, whatever it resembles."""
    with pytest.raises(InputError, match=" / "):
        require_things(demo, text)
