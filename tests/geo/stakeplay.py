"""A winding road with two carriageways, and stake tables that are true for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from geo.measure import measure_steps
from geo.network import Network
from geo.routeline import RouteLine, make_line
from geo.stakes import Direction
from geo.staketable import StakeTable, make_stake_table
from tests.builders import make_network

LON, LAT = 114.0, 30.0
M_LON, M_LAT = 96_486.0, 110_852.0
HALF_M = 12.0


@dataclass(frozen=True)
class Road:
    """A road of ``length_m``; stakes grow eastwards, the right (southern) carriageway drives towards higher ones."""

    length_m: float = 20_000.0
    swing_m: float = 400.0
    refs: tuple[str, ...] = ("G15",)
    missing: tuple[int, ...] = ()
    two_way: bool = False
    tags: dict = field(default_factory=dict)

    def centre(self) -> tuple[np.ndarray, np.ndarray]:
        """Return points every 100 m of easting."""
        x = np.arange(0.0, self.length_m + 1.0, 100.0)
        return x, self.swing_m * np.sin(x / 1_500.0)

    def side(self, travel: int) -> RouteLine:
        """Return the true line of a carriageway, in the direction of growing stakes."""
        x, y = self.centre()
        if not self.two_way:
            slope = np.arctan2(np.gradient(y), np.gradient(x))
            shift = -HALF_M * travel
            x, y = x - shift * np.sin(slope), y + shift * np.cos(slope)
        return make_line(LON + x / M_LON, LAT + y / M_LAT)

    def network(self, milestones: dict[int, dict] | None = None) -> Network:
        """Return the map: ways of 2 km, ``missing`` ones left out, a ramp at 5 km; node ids 1000 + k and 5000 + k."""
        nodes, ways = {}, []
        sides = (1,) if self.two_way else (1, -1)
        for travel in sides:
            x, _ = self.centre()
            line = self.side(travel)
            base = 1000 if travel > 0 else 5000
            at = np.searchsorted(line.along_m, np.concatenate(([0.0], np.cumsum(_steps(self, travel)))) - 1e-6)
            for k, vertex in enumerate(at):
                extra = (milestones or {}).get(base + k)
                place = (float(line.lon[vertex]), float(line.lat[vertex]))
                nodes[base + k] = (*place, extra) if extra else place
            for number, start in enumerate(range(0, len(x) - 1, 20)):
                if number in self.missing:
                    continue
                rows = [base + k for k in range(start, min(start + 20, len(x) - 1) + 1)]
                ref = self.refs[number % len(self.refs)]
                tags = {"highway": "primary" if self.two_way else "motorway", "ref": ref, **self.tags}
                ways.append((base * 10 + number, rows if travel > 0 else rows[::-1], tags))
        nodes[9000] = (LON + 5_000 / M_LON, LAT - 600 / M_LAT)
        ways.append((9, [1050, 9000], {"highway": "motorway_link", "ref": self.refs[0]}))
        return make_network(nodes, ways)

    def table(
        self,
        *,
        every_m: float = 500.0,
        start_m: float = 100_000.0,
        travel: int = 1,
        direction: Direction = Direction.NONE,
        drift_m: float = 0.0,
        seed: int = 0,
        route: str = "G15",
    ) -> tuple[StakeTable, np.ndarray]:
        """Return a table of stakes along one carriageway, and the true metres along it of each."""
        line = self.side(travel)
        stakes = np.arange(start_m, start_m + line.length_m - 1_000.0, every_m)
        wander = np.random.default_rng(seed).normal(0.0, drift_m, len(stakes)).cumsum() if drift_m else 0.0
        along = np.clip(stakes - start_m + 500.0 + wander, 0.0, line.length_m)
        spots = line.places_at(along)
        rows = [
            (route, direction, round(s * 1000), float(x), float(y))
            for s, x, y in zip(stakes, spots.lon, spots.lat, strict=True)
        ]
        return make_stake_table(rows), along


def _steps(road: Road, travel: int) -> np.ndarray:
    x, y = road.centre()
    if not road.two_way:
        slope = np.arctan2(np.gradient(y), np.gradient(x))
        shift = -HALF_M * travel
        x, y = x - shift * np.sin(slope), y + shift * np.cos(slope)
    return measure_steps(LON + x / M_LON, LAT + y / M_LAT)
