"""Expressway main lines: two one-way carriageways along a centreline, cut where ramps and stations hang on.

Direction +1 runs with the centreline on its right side, direction -1 against it (traffic keeps right).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING

from data.demo.curves import Curve, Pose

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.demo.world import World

HALF_M = 13.5
SPACING_M = 95.0
NAME_G98, NAME_S101 = "澜陵高速", "岚东高速"

G98 = (
    (-600.0, 6100.0), (2500.0, 7300.0), (5200.0, 7150.0), (8000.0, 5900.0), (11000.0, 5450.0), (13800.0, 6500.0),
    (16300.0, 7500.0), (18900.0, 9250.0), (21300.0, 9950.0), (23700.0, 9500.0), (25800.0, 9900.0), (27600.0, 11200.0),
)  # fmt: skip
S101 = (
    (20300.0, -600.0), (20100.0, 1500.0), (19100.0, 3700.0), (19000.0, 6200.0), (19900.0, 8700.0), (19700.0, 10800.0),
    (18700.0, 13000.0), (17900.0, 15200.0), (16700.0, 17300.0), (16400.0, 18900.0),
)  # fmt: skip


@dataclass(slots=True)
class MainLine:
    """One expressway while it is built.

    Parameters
    ----------
    curve
        Centreline.
    tags
        Tags of a piece from the middle of the piece (metres along).
    half_m
        Distance of a carriageway from the centreline, in metres.
    group
        Group of the lines in the net.
    label
        Label of the lines in the net.
    """

    curve: Curve
    tags: Callable[[float], dict[str, str]]
    half_m: float = HALF_M
    group: str = "main"
    label: str = ""
    start_u: float = 0.0
    end_u: float = -1.0
    joints: dict[int, dict[float, int]] = field(default_factory=lambda: {1: {}, -1: {}})
    fans: list[tuple[int, float, float]] = field(default_factory=list)

    def attach(self, world: World, direction: int, u: float) -> int:
        """Return the node of a carriageway `u` metres along, where the main line is cut in two ways."""
        known = self.joints[direction]
        key = round(u, 1)
        if key not in known:
            known[key] = world.net.node(self.curve.point(u, -direction * self.half_m))
        return known[key]

    def pose(self, direction: int, u: float, *, away_rad: float = 0.0) -> Pose:
        """Return place and heading of a carriageway, turned to the right by `away_rad`."""
        heading = self.curve.pose(u).heading + (0.0 if direction > 0 else pi)
        place = self.curve.point(u, -direction * self.half_m)
        return Pose(place[0], place[1], heading - away_rad)

    def build(self, world: World) -> None:
        """Add the ways of both carriageways, each cut at its joints."""
        end = self.curve.length_m if self.end_u < 0 else self.end_u
        for direction in (1, -1):
            self.attach(world, direction, self.start_u)
            self.attach(world, direction, end)
            stops = sorted(self.joints[direction].items())
            for (low, first), (high, last) in pairwise(stops):
                if any(d == direction and low >= a - 1 and high <= b + 1 for d, a, b in self.fans):
                    continue
                nodes = [first, *self._inner(world, direction, low, high), last]
                tags = self.tags((low + high) / 2)
                world.net.add(nodes if direction > 0 else nodes[::-1], tags, self.group, label=self.label)

    def _inner(self, world: World, direction: int, low: float, high: float) -> list[int]:
        pieces = max(1, round((high - low) / SPACING_M))
        along = [low + (high - low) * k / pieces for k in range(1, pieces)]
        return [world.net.node(self.curve.point(u, -direction * self.half_m)) for u in along]


def motorway_tags(name: str, ref: Callable[[float], str], world: World) -> Callable[[float], dict[str, str]]:
    """Return the tag function of an expressway; about half of the pieces lack a speed limit."""
    rng = world.rng(f"motorway-{name}")

    def tags(u: float) -> dict[str, str]:
        result = {"highway": "motorway", "oneway": "yes", "name": name, "ref": ref(u), "lanes": "2"}
        if rng.random() < 0.5:
            result["maxspeed"] = "120" if name == NAME_G98 else "100"
        if rng.random() < 0.6:
            result["toll"] = "yes"
        if rng.random() < 0.4:
            result["surface"] = "asphalt"
        return result

    return tags
