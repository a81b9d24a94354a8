from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geo.doctor import CHECKS, Survey, examine
from geo.doctor.survey import Telling
from geo.findings import Severity
from geo.load import load_network
from geo.sampling import sample_segments
from tests.geo.doctor.drawing import draw, survey

TODAY = date(2026, 11, 25)
LONGGANG = {
    "crossing_without_node": 12,
    "dead_end_oneway": 41,
    "island": 4,
    "near_miss": 2,
    "old_map": 1,
    "ramp_without_booth": 1,
}


def test_longgang(shared_data):
    """The findings of the real Longgang extract are those written down here, five times the same."""
    network = load_network(shared_data / "osm" / "shenzhen-longgang-heao-2019.osm.bz2")
    found = examine(network, today=TODAY)
    assert {f.code: f.count for f in found} == LONGGANG
    assert all(examine(network, today=TODAY) == found for _ in range(4))


@pytest.mark.parametrize("name", ["us-harrisburg-2015.osm.pbf", "de-north-bayreuth-2014.osm.gz"])
def test_real_maps(shared_data, name):
    """On real maps each finding has both sentences filled in, at most fifty places inside the map, and its metres."""
    network = load_network(shared_data / "osm" / name)
    found = examine(network, today=TODAY)
    west, east = network.nodes.lon.min(), network.nodes.lon.max()
    assert {f.code for f in found} >= {"island", "dead_end_oneway", "old_map"}
    for finding in found:
        assert "{" not in finding.message + finding.message_en
        assert len(finding.places) == min(finding.count, 50) or finding.code == "old_map"
        assert all(west <= lon <= east for lon, _ in finding.places)
        assert 0 <= finding.length_m <= network.length_mm / 1000


def test_codes_are_not_those_of_other_rooms(shared_data):
    """The doctor repeats no code that reading or station finding reports already."""
    network = load_network(shared_data / "osm" / "shenzhen-longgang-heao-2019.osm.bz2")
    assert not {f.code for f in network.findings} & {f.code for f in examine(network)}


def test_one_road():
    """Fault 36: every check copes with a network of one road."""
    assert examine(draw({"a": (0, 0), "b": (500, 0)}, [("a b", {})])) == ()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_degenerate_roads(check):
    """Faults 30 and 35: no check stumbles over loops, parallels, roads without length and a ferry."""
    points = {"a": (0, 0), "b": (100, 0), "c": (100, 0), "d": (100, 100)}
    ways = [
        ("a b", {"highway": "motorway", "ref": "G1", "oneway": "-1"}),
        ("b c", {}),
        ("c d c", {}),
        ("a d b d a", {"highway": "motorway_link"}),
        ("a d", {"highway": "", "route": "ferry"}),
    ]
    assert isinstance(check(survey(points, ways, booths={"b": "n2"})), list)


def test_fifty_places():
    """A finding names fifty places and counts all."""
    told = Telling("x", Severity.NOTE, "{n}", "{m}")
    found = told.at(60, np.zeros((60, 2)), [str(k) for k in range(60)], length_m=1234.5)
    assert (found.count, len(found.places), len(found.things), found.message_en) == (60, 50, 50, "1,234")


def test_samples_lie_on_their_segment():
    """Samples are evenly spaced, on the line, with the heading of their step."""
    network = draw({"a": (0, 0), "b": (60, 0), "c": (60, 40)}, [("a b c", {})])
    samples = sample_segments(network, np.array([0]), xy=Survey(network).xy, spacing_m=10.0)
    start = Survey(network).xy[0]
    assert samples.along_m.round(1).tolist() == [5.0 + 10 * k for k in range(10)]
    assert (samples.xy - start)[[0, 9]].round(1).tolist() == [[5.0, 0.0], [60.0, 35.0]]
    assert samples.heading[[0, 9]].round(6).tolist() == [[1.0, 0.0], [0.0, 1.0]]
