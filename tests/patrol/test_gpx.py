from xml.etree import ElementTree as ET

import gpxpy
import pytest

from patrol.day import plan_measured
from patrol.gpx import clean_text, write_gpx
from patrol.units import Unit
from tests.patrol.town import GRAPH, LOCAL, MIXED, QUICK, measure, on_street, play_targets

NAME = "{http://www.topografix.com/GPX/1/1}name"


def test_route_points_are_in_visiting_order_and_the_track_joins_them():
    """Another reader finds the numbered stops from post to post, and a track that begins and ends at the post."""
    plan = plan_measured(measure([LOCAL, MIXED], play_targets(4, 8)), QUICK)
    for route in plan.routes:
        read = gpxpy.parse(write_gpx(GRAPH, plan, route).decode())
        (visits,), (track,) = read.routes, read.tracks
        names = [point.name for point in visits.points]
        assert [name.split()[1] for name in names[1:-1]] == [stop.target for stop in route.stops]
        assert [int(name.split()[0]) for name in names] == list(range(len(names)))
        points = [point for part in track.segments for point in part.points]
        post = next(unit for unit in plan.day.units if unit.id == route.unit)
        for point in (points[0], points[-1]):
            assert (point.longitude, point.latitude) == pytest.approx((post.lon, post.lat), abs=2e-3)
        for before, after in zip(track.segments, track.segments[1:], strict=False):
            assert (before.points[-1].longitude, before.points[-1].latitude) == pytest.approx(
                (after.points[0].longitude, after.points[0].latitude), abs=1e-6
            )


def test_same_bytes_twice():
    """The same plan gives the same bytes; no clock stands in the file."""
    plan = plan_measured(measure([LOCAL], play_targets(4, 4)), QUICK)
    one = write_gpx(GRAPH, plan, plan.routes[0])
    assert write_gpx(GRAPH, plan, plan.routes[0]) == one
    assert b"<time>" not in one


def test_hostile_names_stay_text():
    """Fault 46: a name with mark-up and control characters is text in the file, not XML."""
    unit = Unit("L</name><x>&\x00", "local", 116.0, 40.0)
    plan = plan_measured(measure([unit], [on_street("<b>&amp;\x0b", 0, 1.5)]), QUICK)
    tree = ET.fromstring(write_gpx(GRAPH, plan, plan.routes[0]))  # noqa: S314 - our own bytes
    names = [element.text for element in tree.iter(NAME)]
    assert "1 <b>&amp;" in names
    assert "0 L</name><x>&" in names


def test_clean_text():
    """Characters XML cannot hold are dropped, all others kept."""
    assert clean_text("路\x00\x1f\ud800界 A\t") == "路界 A\t"
