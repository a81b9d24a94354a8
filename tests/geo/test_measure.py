from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo.measure import measure_between, measure_steps, middle_of, project_local

places = st.tuples(st.floats(-179, 179), st.floats(-80, 80))


def test_one_degree_of_the_equator():
    """One degree of longitude on the equator is 111,319.491 m on WGS-84."""
    assert measure_between((0.0, 0.0), (1.0, 0.0)) == pytest.approx(111_319.4908, abs=1e-3)


@given(places, places)
def test_distance_is_symmetric(a, b):
    """The way back is as long as the way there, to a thousandth of a millimetre."""
    assert measure_between(a, b) == pytest.approx(measure_between(b, a), abs=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_points_have_no_step(count):
    """A line of no or one point has no steps."""
    assert measure_steps(np.zeros(count), np.zeros(count)).tolist() == []


@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_plane_is_good_for_a_district(dx, dy):
    """Within a district the plane distance errs by less than half a per cent of the geodesic one."""
    x, y = project_local(np.array([114 + dx]), np.array([22.7 + dy]), origin=(114.0, 22.7))
    _, _, true = Geod(ellps="WGS84").inv(114.0, 22.7, 114 + dx, 22.7 + dy)
    assert abs(float(np.hypot(x, y)[0]) - true) <= 0.005 * true + 1e-6


def test_middle():
    """The middle is that of the bounding box, and (0, 0) where there is no point."""
    assert middle_of(np.array([1.0, 2.0, 5.0]), np.array([0.0, 4.0, 0.0])) == (3.0, 2.0)
    assert middle_of(np.zeros(0), np.zeros(0)) == (0.0, 0.0)


@given(st.floats(-180, 180), st.floats(-89.9, 89.9), st.floats(0, 6.3), st.floats(1e-7, 0.2))
def test_short_steps_are_geodesics(lon, lat, heading, reach_deg):
    """Steps up to 20 km, by the series or by Karney, agree with Karney to five nanometres everywhere, poles included."""
    there = lon + reach_deg * np.sin(heading) / np.cos(np.radians(lat)), min(lat + reach_deg * np.cos(heading), 90.0)
    _, _, true = Geod(ellps="WGS84").inv(lon, lat, *there)
    assert measure_between((lon, lat), there) == pytest.approx(true, abs=5e-9)


def test_gaps_count_nothing():
    """A step from the end of one line to the start of the next has no length, however far it is."""
    steps = measure_steps(np.array([0.0, 0.0, 9.0, 9.0]), np.array([0.0, 1e-3, 0.0, 1e-3]), gap=np.array([0, 1, 0]) > 0)
    assert steps[1] == 0
    assert steps[0] == steps[2] == pytest.approx(110.574, abs=1e-3)
