"""The search box."""

from __future__ import annotations

import pytest

from geo.errors import InputError
from views.search import find_things, looks_like_place, middle_of_segment, require_things


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
