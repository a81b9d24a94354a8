"""Sketches that several suites share."""

from __future__ import annotations

from tests.sketch import Sketch


def expressway_with_ramp(*, lanes: int = 2) -> Sketch:
    """Draw an expressway of two carriageways, one exit and one entry ramp with plazas, and an ordinary road.

    The exit leaves the northern carriageway at ``x1``, its lanes run from ``a`` to ``b`` with booths ``e0``, ``e1``, …
    half-way, and the ramp ends at ``r`` on the ordinary road; the entry goes back from ``r`` over ``d``, ``c`` with
    booths ``f0``, … to ``y1`` on the southern carriageway.
    """
    s = Sketch()
    s.put(n0=(-3000, 15), x1=(0, 15), n1=(3000, 15), s0=(3000, -15), y1=(0, -15), s1=(-3000, -15))
    s.put(a=(300, 150), b=(450, 300), r=(600, 500), d=(500, 280), c=(350, 120))
    s.put(o0=(-2000, 700), o1=(2000, 500))
    for k in range(lanes):
        s.point(f"e{k}", 375 - 6 * k, 225 + 6 * k)
        s.point(f"f{k}", 425 + 6 * k, 200 - 6 * k)
        s.booth(f"e{k}", f"f{k}", station="梅坞收费站")
    s.way("n0 x1 n1", "motorway", oneway="yes", ref="G98", name="澜陵高速")
    s.way("s0 y1 s1", "motorway", oneway="yes", ref="G98", name="澜陵高速")
    s.way("x1 a", "motorway_link", oneway="yes")
    s.way("b r", "motorway_link", oneway="yes")
    s.way("r d", "motorway_link", oneway="yes")
    s.way("c y1", "motorway_link", oneway="yes")
    for k in range(lanes):
        s.way(f"a e{k} b", "motorway_link", oneway="yes")
        s.way(f"d f{k} c", "motorway_link", oneway="yes")
    s.way("o0 r o1", "primary", ref="S278", name="岚柳路")
    return s
