"""Small networks drawn in metres: ``draw({"a": (0, 0), …}, [("a b", {...}), …])``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import cos, radians

import numpy as np

from geo.doctor import Survey
from geo.network import Area, Network
from tests.builders import make_network
from tests.sketch import METRES_PER_DEGREE

ORIGIN = (114.2, 22.7)


def place(x_m: float, y_m: float) -> tuple[float, float]:
    """Return lon/lat of a place in metres from the origin, not rounded."""
    return ORIGIN[0] + x_m / (METRES_PER_DEGREE * cos(radians(ORIGIN[1]))), ORIGIN[1] + y_m / METRES_PER_DEGREE


def draw(
    points: Mapping[str, tuple[float, float]],
    ways: Sequence[tuple[str, Mapping[str, str]]],
    *,
    booths: Mapping[str, str] | None = None,
) -> Network:
    """Build a network: points by name in metres, ways through them (ids from 101), booths as point to station."""
    ident = {name: k + 1 for k, name in enumerate(points)}
    nodes = {}
    for name, (x, y) in points.items():
        tags = ({"barrier": "toll_booth"},) if name in (booths or {}) else ()
        nodes[ident[name]] = (*place(x, y), *tags)
    lines = [
        (101 + k, [ident[name] for name in line.split()], {"highway": "primary"} | dict(tags))
        for k, (line, tags) in enumerate(ways)
    ]
    stations: dict[str, list[int]] = {}
    for name, station in (booths or {}).items():
        stations.setdefault(station, []).append(ident[name])
    return make_network(nodes, lines, stations=stations)


def survey(points, ways, **more) -> Survey:
    """Draw a network and survey it."""
    return Survey(draw(points, ways, **more))


def with_areas(network: Network, *rings: Sequence[tuple[float, float]]) -> Survey:
    """Give a network outlines, each a ring of places in metres."""
    areas = tuple(
        Area(f"w{900 + k}", "services", "", (np.array([place(*p) for p in ring]),), {}) for k, ring in enumerate(rings)
    )
    return Survey(replace(network, areas=areas))


def codes(findings) -> dict[str, int]:
    """Return code to count."""
    return {finding.code: finding.count for finding in findings}
