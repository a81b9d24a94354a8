from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.zones.strips import bent_stubs, cover, join_lines

POINT = st.tuples(st.integers(-300, 300), st.integers(-300, 300))


def strip(line, reach_m):
    """Return the strip around one line."""
    lines = np.array([line], dtype=object)
    return cover(lines, np.array([float(reach_m)]))[0]


@settings(max_examples=60)
@given(st.lists(POINT, min_size=2, max_size=7, unique=True), st.integers(5, 120), st.integers(1, 120))
def test_a_wider_strip_covers_a_narrower_one(points, narrow, more):
    """Property: whatever the bends, a wider strip leaves out nothing of a narrower one (1 % of the width aside)."""
    line = shapely.LineString(points)
    less, wide = strip(line, narrow), strip(line, narrow + more)
    lost = shapely.difference(less, shapely.buffer(wide, 0.011 * (narrow + more)))
    assert shapely.area(lost) < 0.01
    assert shapely.is_valid(less)


@settings(max_examples=40)
@given(POINT, POINT, st.integers(1, 200))
def test_a_straight_strip_has_the_exact_area(a, b, reach):
    """Property: a straight line of length L has a strip of 2 L reach, square at both ends."""
    line = shapely.LineString([a, b])
    assert shapely.area(strip(line, reach)) == pytest.approx(2 * reach * line.length, abs=1e-6)


def test_loop_ramp_keeps_what_lies_beyond_its_centre():
    """A strip of 110 m around three quarters of a circle of 60 m reaches over its centre and beyond."""
    angle = np.linspace(0, 1.5 * np.pi, 55)
    line = shapely.LineString(np.column_stack((60 * np.cos(angle), 60 * np.sin(angle))))
    shape = strip(line, 110)
    assert shape.contains(shapely.Point(0, 0))
    assert shape.contains(shapely.Point(30, -30))
    assert not line.buffer(110, cap_style="flat").contains(shapely.Point(30, -30))


def test_lines_are_joined_where_two_meet():
    """Three lines end to end are one chain; at a fork chains end."""
    arms = [[(0, 0), (5, 0)], [(9, 0), (5, 0)], [(9, 0), (9, 9)], [(9, 0), (15, 3)]]
    lines = np.array([shapely.LineString(a) for a in arms], dtype=object)
    assert sorted(shapely.length(join_lines(lines)).round(3).tolist()) == [round(45**0.5, 3), 9, 9]
    assert len(join_lines(lines[:3])) == 1


def test_no_stubs():
    """No bend makes no stub."""
    assert len(bent_stubs(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2)))) == 0
