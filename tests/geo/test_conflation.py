from __future__ import annotations

import numpy as np
import pytest

from geo.classes import RoadClass
from geo.conflation import conflate
from tests.builders import make_network
from tests.geo.doctor.drawing import draw
from tests.geo.redraw import longgang, redraw, segments_of  # noqa: F401 - a fixture

LINE = {"a": (0, 0), "b": (1000, 0)}
ROAD = [("a b", {})]


def closes(both) -> bool:
    """Whether matched and missing millimetres are those of each network, per class and in all."""
    return all(
        int(side.matched_mm.sum() + side.missing_mm.sum()) == side.network.length_mm
        and sum(a + b for a, b in side.by_class().values()) == side.network.length_mm
        and (side.matched_mm >= 0).all()
        and (side.missing_mm >= 0).all()
        and sum(gap.length_mm for gap in side.gaps) == side.missing_mm.sum()
        for side in (both.agency, both.osm)
    )


def test_same_roads(longgang):  # noqa: F811
    """A network against itself lacks nothing, and each segment is its own partner or that of its double."""
    both = conflate(longgang, longgang)
    assert both.agency.missing_mm.sum() == 0
    assert both.findings() == ()
    assert closes(both)
    assert all(a is b for a, b in both.class_mm)


def test_missing_roads(longgang):  # noqa: F811
    """Ways taken out of the layer are missing there: no more than they are long, and nearly all of it."""
    gone = longgang.ways.id[::10].tolist()
    layer = redraw(longgang, change=lambda line: [] if line[0] in gone else [line])
    both = conflate(layer, longgang)
    length = int(longgang.segments.length_mm[segments_of(longgang, *gone)].sum())
    assert 0.9 * length < both.osm.missing_mm.sum() <= length
    assert both.agency.missing_mm.sum() == 0
    assert closes(both)
    (found,) = both.findings()
    assert found.code == "map_road_not_in_layer"
    assert found.length_m == both.osm.missing_mm.sum() / 1000


@pytest.mark.parametrize(("apart", "missing"), [(14.9, 0), (15.1, 1)])
def test_how_near(apart, missing):
    """A road 14.9 m away is the same road, 15.1 m away it is another one."""
    both = conflate(draw(LINE, ROAD), draw({"a": (0, apart), "b": (1000, apart)}, ROAD))
    assert both.agency.missing_mm.sum() == missing * both.agency.network.length_mm
    assert both.osm.missing_mm.sum() == missing * both.osm.network.length_mm
    assert closes(both)


@pytest.mark.parametrize(("rise", "missing"), [(0.57, False), (0.59, True)])
def test_heading(rise, missing):
    """A road that crosses at less than 30 degrees runs along, at more it does not."""
    crossing = draw({"a": (-12, -12 * rise), "b": (12, 12 * rise)}, ROAD)
    both = conflate(crossing, draw({"a": (-500, 0), "b": (500, 0)}, ROAD))
    assert bool(both.agency.missing_mm.sum()) == missing


def test_drawn_the_other_way():
    """The direction of drawing does not matter."""
    both = conflate(draw(LINE, ROAD), draw(LINE, [("b a", {})]))
    assert both.agency.missing_mm.sum() == both.osm.missing_mm.sum() == 0


def test_half_a_road():
    """Of a road whose second half the map lacks, that half is one gap with its place, to the metres of a sample."""
    both = conflate(draw(LINE, ROAD), draw({"a": (0, 0), "b": (500, 0)}, ROAD))
    (gap,) = both.agency.gaps
    assert gap.from_mm == pytest.approx(500_000, abs=10_000)
    assert gap.to_mm == both.agency.network.length_mm
    assert (gap.lon - 114.2) * 102_700 == pytest.approx(750, abs=10)
    assert both.osm.gaps == ()
    assert closes(both)


def test_classes_that_disagree():
    """A road that is expressway in the layer and ordinary on the map is reported with its metres."""
    both = conflate(draw(LINE, [("a b", {"highway": "motorway"})]), draw(LINE, ROAD))
    assert both.class_mm == {(RoadClass.MOTORWAY, RoadClass.PRIMARY): both.agency.network.length_mm}
    assert [f.code for f in both.findings()] == ["class_differs_from_map"]
    assert both.to_json()["classes"] == [
        {"agency": "motorway", "osm": "primary", "length_m": both.agency.network.length_mm / 1000}
    ]


def test_centre_line_of_a_dual_carriageway():
    """One centre line of the agency is the partner of both carriageways of the map, off the middle too."""
    ways = [("a b", {"highway": "motorway"}), ("d c", {"highway": "motorway"})]
    dual = draw({"a": (0, 6), "b": (1000, 6), "c": (0, -10), "d": (1000, -10)}, ways)
    both = conflate(draw(LINE, [("a b", {"highway": "motorway"})]), dual)
    assert both.osm.missing_mm.sum() == both.agency.missing_mm.sum() == 0


def test_one_carriageway_is_missing():
    """Where the layer has one carriageway only, exactly on the map's, the other one is missing."""
    ways = [("a b", {"highway": "motorway"}), ("d c", {"highway": "motorway"})]
    dual = draw({"a": (0, 0), "b": (1000, 0), "c": (0, -12), "d": (1000, -12)}, ways)
    both = conflate(draw(LINE, [("a b", {"highway": "motorway"})]), dual)
    assert both.osm.missing_mm.tolist() == [0, int(dual.segments.length_mm[1])]
    assert both.agency.missing_mm.sum() == 0


def test_roads_far_apart():
    """Layer and map of different places have nothing in common, and both lists are complete."""
    other = make_network({1: (10.0, 50.0), 2: (10.01, 50.0)}, [(1, [1, 2], {"highway": "primary"})])
    both = conflate(draw(LINE, ROAD), other)
    assert both.agency.matched_mm.sum() == both.osm.matched_mm.sum() == 0
    assert {f.code for f in both.findings()} == {"agency_road_not_on_map", "map_road_not_in_layer"}
    assert closes(both)


def test_short_gaps_are_counted_but_not_shown():
    """A gap of less than 30 m is no finding; its metres are counted."""
    both = conflate(draw(LINE, ROAD), draw({"a": (0, 0), "b": (975, 0)}, ROAD))
    assert 0 < both.agency.missing_mm.sum() < 30_000
    assert both.findings() == ()


def test_lines_without_length():
    """Fault 35: segments without length match or miss without disturbing the sums."""
    both = conflate(draw({"a": (0, 0), "b": (0, 0), "c": (90, 0)}, [("a b", {}), ("b c", {})]), draw(LINE, ROAD))
    assert closes(both)
    assert np.array_equal(both.agency.missing_mm, [0, 0])
