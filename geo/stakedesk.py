"""The stakes of a district: one calibration a route, from its table where there is one, else from the map itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.calibration import calibrate
from geo.carriageway import Calibration, Carriageway
from geo.errors import InputError
from geo.findings import Finding, sort_findings
from geo.network import Network
from geo.stakeplaces import StakePlace, StakeReading, locate_stake
from geo.stakes import Stake, format_mm
from geo.stakesegments import read_stakes_on, segments_within
from geo.stakesources import find_interchanges, find_milestones, find_numbered_routes
from geo.staketable import StakeSource, StakeTable

_SPLIT = re.compile(r"[;,，、；/]")
_NUMBER = re.compile(r"(?<![A-Z0-9])([GSXYCZ]\d{1,4}(?:[NSEW]\d?)?)(?!\d)", re.IGNORECASE)
_PROBE_M = 100.0
_MOST_ROUTES = 4


@dataclass(frozen=True)
class RouteStakes:
    """The stakes of one route.

    Attributes
    ----------
    route
        Route number.
    source
        What they were read off, None where the route has none.
    calibration
        The calibrated carriageways, None where the route has none.
    findings
        What is doubtful about them.
    """

    route: str
    source: StakeSource | None
    calibration: Calibration | None
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return route, source, carriageways with their error bounds in metres, as plain JSON values."""
        ways = self.calibration.carriageways if self.calibration else ()
        bounds = [bound_errors(way) for way in ways]
        return {
            "route": self.route,
            "source": str(self.source) if self.source else None,
            "is_rough": self.source is not StakeSource.TABLE,
            "error_m": round(max(float(b.max()) for b in bounds), 1) if bounds else None,
            "carriageways": [_way_json(way, bound) for way, bound in zip(ways, bounds, strict=True)],
        }


class StakeDesk:
    """Answers questions about stakes on one network; routes are calibrated when they are first asked about.

    Parameters
    ----------
    network
        The network whose segment rows the answers use.
    tables
        Route number to its stake table and the findings of reading it.
    """

    def __init__(
        self, network: Network, tables: Mapping[str, tuple[StakeTable, tuple[Finding, ...]]] | None = None
    ) -> None:
        self.network = network
        self._tables = dict(tables or {})
        self._known: dict[str, RouteStakes] = {}

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """Routes that have a table, or two milestones or numbered exits on the map, sorted."""
        return tuple(sorted({*self._tables, *find_numbered_routes(self.network)}))

    @property
    def tables(self) -> tuple[str, ...]:
        """Routes that have a table, sorted."""
        return tuple(sorted(self._tables))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is doubtful about the stake tables; routes without a table are left out."""
        return sort_findings([f for route in self.tables for f in self.of(route).findings])

    def of(self, route: str) -> RouteStakes:
        """Return the stakes of a route: from its table, else its milestones, else its interchange numbers."""
        if route not in self._known:
            self._known[route] = self._calibrate(route)
        return self._known[route]

    def name_routes(self, text: str) -> tuple[str, ...]:
        """Return the route numbers a text may mean: a number, or the name of a road that carries numbers."""
        number = _NUMBER.search(text.upper())
        if number:
            return (number[1].upper(),)
        plain = "".join(text.split())
        if not plain or plain in self.routes:
            return (plain,) if plain else ()
        return self._numbers_of_name.get(plain) or self._numbers_of_name.get(f"{plain}公路") or ()

    def locate(self, stake: Stake) -> tuple[StakePlace, ...]:
        """Find every place a stake may mean: both carriageways, and all routes where it names none.

        Raises
        ------
        InputError
            No route has this stake; the sentence of the route it names, where it names one.
        """
        named = self.name_routes(stake.route) if stake.route else self.routes
        found: list[StakePlace] = []
        errors: list[InputError] = []
        for route in named:
            try:
                found += self._locate_on(Stake(stake.mm, route, stake.direction, stake.line))
            except InputError as error:
                errors.append(error)
        if found:
            return tuple(found)
        jumped = [error for error in errors if "短链" in str(error)]
        if jumped or (errors and (stake.route or len(errors) == 1)):
            raise (jumped or errors)[0]
        raise InputError(self._say_nowhere(stake))

    def read_on(self, segments: Sequence[int], offsets_m: Sequence[float]) -> tuple[StakeReading | None, ...]:
        """Read the stakes of places on segments, None where their route has none; of two routes the first counts."""
        rows, offsets = np.asarray(segments, dtype=np.int64), np.asarray(offsets_m, dtype=np.float64)
        found: list[StakeReading | None] = [None] * len(rows)
        refs = self.network.ways.text["ref"]
        names = [refs[way] for way in self.network.segments.way[rows].tolist()]
        wanted = {part.strip() for text in set(names) for part in _SPLIT.split(text) if part.strip()}
        for route in sorted(wanted & set(self.routes)):
            calibration = self.of(route).calibration
            if calibration is None:
                continue
            mine = [k for k, text in enumerate(names) if found[k] is None and route in _split(text)]
            for k, reading in zip(mine, read_stakes_on(calibration, rows[mine], offsets[mine]), strict=True):
                found[k] = reading
        return tuple(found)

    def reach(self, place: StakePlace, reach_m: float) -> tuple[int, ...]:
        """Return the segment rows within a distance along the carriageway of a stake's place."""
        calibration = self.of(place.stake.route).calibration
        return segments_within(calibration, place, reach_m) if calibration is not None else ()

    def between(self, start: Stake, end: Stake) -> tuple[int, ...]:
        """Return the segment rows between two stakes of one carriageway, ``()`` where either is not on it.

        Both name their route and direction, as the places found for them do.
        """
        low, high = (
            [place for place in self._locate_on(stake) if place.stake.direction == stake.direction]
            for stake in (start, end)
        )
        pairs = [(a, b) for a in low for b in high if a.travel == b.travel]
        if not pairs:
            return ()
        first, last = pairs[0]
        middle = replace(first, along_m=(first.along_m + last.along_m) / 2)
        return self.reach(middle, abs(last.along_m - first.along_m) / 2)

    def _locate_on(self, stake: Stake) -> tuple[StakePlace, ...]:
        calibration = self.of(stake.route).calibration
        if calibration is None:
            msg = (
                f"路线 {stake.route[:20]} 没有桩号表，地图上也没有足够的里程碑或互通编号，请导入桩号表。"
                f" / route {stake.route[:20]} has no stake table and too few milestones or numbered exits on the map;"
                " import a stake table."
            )
            raise InputError(msg)
        return locate_stake(calibration, stake)

    def _say_nowhere(self, stake: Stake) -> str:
        number, known = format_mm(stake.mm), "、".join(self.routes[:6])
        if not known:
            return (
                "本区没有桩号表，地图上也没有里程碑或互通编号，请导入桩号表。"
                " / there is no stake table, and the map has no milestones or numbered exits; import a stake table."
            )
        if stake.route:
            shown = stake.route[:20]
            return (
                f"没有找到路线“{shown}”，有桩号的路线：{known}；请核对。"
                f" / there is no route {shown!r}; routes with stakes: {known}; check it."
            )
        return (
            f"各路线都没有 {number}，有桩号的路线：{known}；请核对桩号或写明路线。"
            f" / no route has {number}; routes with stakes: {known}; check it or name the route."
        )

    def _calibrate(self, route: str) -> RouteStakes:
        if route in self._tables:
            table, findings = self._tables[route]
            calibration = calibrate(table, network=self.network, findings=findings)
            return RouteStakes(route, table.source, calibration, calibration.findings)
        for find in (find_milestones, find_interchanges):
            try:
                table = find(self.network, route)
                calibration = calibrate(table, network=self.network)
            except InputError:
                continue
            return RouteStakes(route, table.source, calibration, calibration.findings)
        return RouteStakes(route, None, None)

    @cached_property
    def _numbers_of_name(self) -> dict[str, tuple[str, ...]]:
        """Name of a road to the numbers its ways carry, those with stakes first."""
        ways = self.network.ways
        found: dict[str, set[str]] = {}
        pairs = sorted({(int(n), int(r)) for n, r in zip(ways.text["name"].codes, ways.text["ref"].codes, strict=True)})
        for name_code, ref_code in pairs:
            name, ref = ways.text["name"].pool[name_code], ways.text["ref"].pool[ref_code]
            for part in _split(ref) if name else ():
                found.setdefault("".join(name.split()), set()).add(part)
        ranked = {name: sorted(parts, key=lambda p: (p not in self.routes, p)) for name, parts in found.items()}
        return {name: tuple(parts[:_MOST_ROUTES]) for name, parts in ranked.items()}


def bound_errors(way: Carriageway) -> npt.NDArray[np.float64]:
    """Return the error bound in metres of places found for stakes, every 100 m between first and last stake."""
    found = [
        way.errors.bound_place(
            piece, np.append(np.arange(piece.along_m[0], piece.along_m[-1], _PROBE_M), piece.along_m[-1])
        )
        for piece in way.pieces
    ]
    return np.concatenate(found)


def _split(text: str) -> list[str]:
    return [part.strip() for part in _SPLIT.split(text) if part.strip()]


def _way_json(way: Carriageway, bound: npt.NDArray[np.float64]) -> dict[str, object]:
    first, last = way.pieces[0].stake_m[0], way.pieces[-1].stake_m[-1]
    return {
        "direction": str(way.direction),
        "travel": way.travel,
        "from_stake": format_mm(round(float(first) * 1000)),
        "to_stake": format_mm(round(float(last) * 1000)),
        "stakes": sum(int((piece.row >= 0).sum()) for piece in way.pieces),
        "length_m": round(sum(float(piece.along_m[-1] - piece.along_m[0]) for piece in way.pieces), 1),
        "error_m": {"p50": round(float(np.median(bound)), 1), "max": round(float(bound.max()), 1)},
        "chains": [str(chain) for chain in way.chains],
        "source": str(way.source),
        "is_drawn": way.is_drawn,
        "is_carried_over": way.is_carried_over,
    }
