"""The drawing tools of the generator."""

from __future__ import annotations

from math import hypot, pi

import pytest

from data.demo.curves import Curve, Pose, polyline_length, ramp_path, resample
from data.demo.net import Net


def test_resample_keeps_ends_and_length():
    """Resampling keeps both ends and spaces the points evenly."""
    points = resample([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)], 10.0)
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (100.0, 100.0)
    assert len(points) == 21


def test_ramp_joins_its_poses():
    """A right-hand quarter turn begins and ends at its poses and is about a quarter circle long."""
    path = ramp_path(Pose(0, 0, 0), Pose(100, -100, -pi / 2), radius_m=100, word="RR")
    assert path[0] == (0, 0)
    assert path[-1] == (100, -100)
    assert polyline_length(path) == pytest.approx(50 * pi, rel=0.01)


def test_ramp_that_does_not_fit_is_refused():
    """Opposite turns wider than their room are refused."""
    with pytest.raises(ValueError, match="no LR ramp"):
        ramp_path(Pose(0, 0, 0), Pose(50, 50, 0), radius_m=100, word="LR")


def test_curve_offsets_to_the_left():
    """A positive offset of an eastward line lies north of it."""
    x, y = Curve([(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0)]).point(300.0, 20.0)
    assert (x, y) == pytest.approx((300.0, 20.0))


def test_streets_share_a_node_where_they_cross():
    """A street that crosses another shares one node with it, at the crossing."""
    net = Net()
    first = net.add_street([(0.0, 0.0), (200.0, 0.0)], {"highway": "residential"})
    second = net.add_street([(100.0, -80.0), (100.0, 80.0)], {"highway": "residential"})
    (shared,) = set(first.nodes) & set(second.nodes)
    assert hypot(net.places[shared][0] - 100.0, net.places[shared][1]) < 0.1


def test_streets_do_not_join_a_main_line():
    """A street that crosses a main line shares no node with it."""
    net = Net()
    main = net.add([net.node((0.0, 0.0)), net.node((200.0, 0.0))], {"highway": "motorway"}, "main")
    street = net.add_street([(100.0, -80.0), (100.0, 80.0)], {"highway": "residential"})
    assert not set(main.nodes) & set(street.nodes)
