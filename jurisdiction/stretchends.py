"""Where an end of a stretch lies on its route: by place, stake, toll station, interchange, other route or border."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.carriageway import Calibration
from geo.errors import InputError
from geo.findings import Severity
from geo.network import Network
from geo.stakeplaces import locate_stake
from geo.stakes import Direction, Stake, format_mm, parse_stake, read_direction
from geo.staketable import StakeSource
from geo.stations import StationKind
from jurisdiction.agencies import End
from jurisdiction.routeaxis import Axis, route_mask

Stakes = Callable[[str], Calibration | None]
"""Route number to its calibration, ``None`` where it has no stakes."""

STATION_M = 5_000.0
"""A toll station farther than this from the axis of a route is no station of it."""
JUNCTION_M = 150.0
"""An interchange node farther than this from the axis is no interchange of the route."""
PLACE_M = 300.0
"""A place, or another route, farther than this from the axis does not end a stretch of the route."""
NAMED_SNAP_M, STAKE_SNAP_M = 30.0, 0.5
"""A border this near to a junction of the map is that junction: named places are no points, stakes are."""
_BORDER = re.compile(
    r"(?:界|边界|边境|起点|终点|路线起点|路线终点)$|^(?:border|boundary|district border|map edge)$", re.IGNORECASE
)
_COMPASS = re.compile(
    r"([东西南北])(?:区|市|县|省|镇|部|边|端)?(?:界|边界)$|^(east|west|south|north)ern? border$", re.IGNORECASE
)
_ENDINGS = re.compile(r"(?:互通式立交|互通立交|互通|枢纽|立交|出入口|出口|入口|收费站|匝道站|主线站|站)+$")
_SIDES: Mapping[str, tuple[int, int]] = {
    "东": (0, 1),
    "西": (0, -1),
    "北": (1, 1),
    "南": (1, -1),
    "east": (0, 1),
    "west": (0, -1),
    "north": (1, 1),
    "south": (1, -1),
}
"""Compass word to column (longitude, latitude) and whether the larger value is meant."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a stretch: code, gravity, both sentences (without the stretch's name)."""

    code: str
    severity: Severity
    zh: str
    en: str


@dataclass(frozen=True)
class Located:
    """An end found on its route.

    Attributes
    ----------
    at_m
        Driving direction on the axis (1, -1, 0 both) to position, metres.
    kind
        ``place``, ``stake``, ``station``, ``interchange``, ``route``, ``border`` or ``open``.
    snap_m
        A junction this near is the end.
    problems
        What is doubtful.
    """

    at_m: Mapping[int, float]
    kind: str
    snap_m: float = NAMED_SNAP_M
    problems: tuple[Problem, ...] = ()

    @property
    def middle_m(self) -> float:
        """One position for both carriageways."""
        return float(np.mean(list(self.at_m.values())))


class EndFinder:
    """Finds ends on one route.

    Parameters
    ----------
    network, axis
        The map and the route's axis; it is turned so that stakes grow with positions.
    calibration
        The route's stakes, ``None`` where there are none.
    outline
        The district, WGS-84 degrees; borders lie on it, and at the ends of the route where it is ``None``.
    """

    def __init__(
        self,
        network: Network,
        axis: Axis,
        *,
        calibration: Calibration | None = None,
        outline: shapely.Geometry | None = None,
    ) -> None:
        self.network = network
        self.calibration = calibration if calibration and calibration.carriageways else None
        self.axis = self._turn(axis)
        self._outline = outline

    def _turn(self, axis: Axis) -> Axis:
        if self.calibration is None:
            return axis
        line = self.calibration.carriageways[0].line
        position, _ = axis.locate(line.lon[[0, -1]], line.lat[[0, -1]])
        return axis.turned() if position[0] > position[1] else axis

    def travels(self, direction: str) -> tuple[tuple[int, ...], tuple[Problem, ...]]:
        """Return the driving directions that a direction text means; all where it is empty or cannot be told."""
        every = (-1, 0, 1)
        if not direction.strip():
            return every, ()
        way = read_direction(direction)
        if way and self.calibration is not None:
            found = {c.travel for c in self.calibration.carriageways if c.direction == way and not c.is_drawn}
            if len(found) == 1:
                return (*sorted(found - {0}), 0), ()
        compass = {Direction.NORTH: (1, 1), Direction.SOUTH: (1, -1), Direction.EAST: (0, 1), Direction.WEST: (0, -1)}
        if way in {Direction.LEFT, Direction.RIGHT} and self.calibration is not None:
            return ((1, 0) if way is Direction.RIGHT else (-1, 0)), ()
        if way in compass:
            column, sign = compass[way]
            ends = (self.axis.lon, self.axis.lat)[column]
            return (sign if ends[-1] > ends[0] else -sign, 0), ()
        zh = f"方向“{direction[:10]}”在这条路线上无法确定（没有桩号表），暂按双向"
        en = f"direction {direction[:10]!r} cannot be told without a stake table: both carriageways are taken"
        return every, (Problem("stretch_direction_unknown", Severity.WARNING, zh, en),)

    def find(self, end: End, *, is_start: bool) -> Located:
        """Find an end.

        Parameters
        ----------
        end
            What is named.
        is_start
            Whether the stretch begins there; tells which of two borders is meant where the name does not.

        Raises
        ------
        InputError
            It is not on the route: one sentence.
        """
        if end.is_open:
            return Located(dict.fromkeys((-1, 0, 1), -np.inf if is_start else np.inf), "open")
        if end.place is not None:
            return self._at_place(end.place)
        if end.stake:
            found = self._at_stake(end, is_start=is_start)
            if found is not None:
                return found
        return self._by_name(end.name or end.stake, is_start=is_start)

    def _at_place(self, place: tuple[float, float]) -> Located:
        if not np.isfinite(place).all():
            raise InputError("坐标不是数字 / the coordinates are no numbers")
        position, gap = self.axis.locate(place[0], place[1])
        if gap[0] > PLACE_M:
            msg = (
                f"({place[0]:.5f}, {place[1]:.5f}) 距路线 {gap[0]:.0f} 米，不在 {self.axis.route} 上"
                f" / ({place[0]:.5f}, {place[1]:.5f}) lies {gap[0]:.0f} m from {self.axis.route}"
            )
            raise InputError(msg)
        return Located(dict.fromkeys((-1, 0, 1), float(position[0])), "place", STAKE_SNAP_M)

    def _at_stake(self, end: End, *, is_start: bool) -> Located | None:
        """Return the place of a stake; ``None`` where the name must be used instead."""
        try:
            stake = parse_stake(end.stake, route=self.axis.route)
        except InputError:
            if end.name:
                return None
            return self._by_name(end.stake, is_start=is_start)
        if self.calibration is None:
            if end.name:
                return None
            msg = (
                f"{self.axis.route} 没有桩号表，{end.stake[:20]} 无法定位，请导入桩号表"
                f" / {self.axis.route} has no stake table, so {end.stake[:20]} has no place: import one"
            )
            raise InputError(msg)
        kind = "border" if _BORDER.search(end.name) else "stake"
        problems = self._judge_source()
        try:
            places = locate_stake(self.calibration, Stake(stake.mm, self.calibration.carriageways[0].route))
        except InputError as error:
            return self._beyond(stake, str(error), kind)
        position, _ = self.axis.locate([p.lon for p in places], [p.lat for p in places])
        at: dict[int, list[float]] = {}
        for place, metres in zip(places, position.tolist(), strict=True):
            at.setdefault(place.travel, []).append(metres)
        pick = min if is_start else max
        found = {travel: pick(metres) for travel, metres in at.items()}
        mean = float(np.mean(list(found.values())))
        return Located({travel: found.get(travel, mean) for travel in (-1, 0, 1)}, kind, STAKE_SNAP_M, problems)

    def _judge_source(self) -> tuple[Problem, ...]:
        if self.calibration is None or self.calibration.carriageways[0].source is not StakeSource.INTERCHANGE:
            return ()
        zh = "桩号只能由互通编号估出，误差可达数百米，请导入桩号表"
        en = "its stakes are only guessed from interchange numbers, some hundred metres off: import a stake table"
        return (Problem("stretch_rough_stake", Severity.WARNING, zh, en),)

    def _beyond(self, stake: Stake, sentence: str, kind: str) -> Located:
        """Place a stake that the route does not have: at its end on that side, or at the broken chain."""
        zh, _, en = sentence.partition(" / ")
        ways = self.calibration.carriageways if self.calibration else ()
        stake_m = stake.mm / 1000
        low = min(float(way.pieces[0].stake_m[0]) for way in ways)
        high = max(float(way.pieces[-1].stake_m[-1]) for way in ways)
        if low < stake_m < high:
            found = {}
            for way in ways:
                for piece in way.pieces:
                    if piece.stake_m[0] > stake_m:
                        spot = way.line.places_at([float(piece.along_m[0])])
                        found[way.travel] = float(self.axis.locate(spot.lon, spot.lat)[0][0])
                        break
            mean = float(np.mean(list(found.values())))
            gone = Problem("stake_in_broken_chain", Severity.WARNING, zh, en)
            return Located({travel: found.get(travel, mean) for travel in (-1, 0, 1)}, kind, STAKE_SNAP_M, (gone,))
        edge = -np.inf if stake_m <= low else np.inf
        outside = Problem(
            "stake_outside_route",
            Severity.WARNING,
            f"{zh.rstrip('。')}，暂到路线在图上的端点为止",
            f"{en.rstrip('.')}; the stretch is taken to the end of the route on the map",
        )
        return Located(dict.fromkeys((-1, 0, 1), edge), kind, STAKE_SNAP_M, (outside,))

    def _by_name(self, name: str, *, is_start: bool) -> Located:
        text = name.strip()
        if _BORDER.search(text):
            return self._at_border(text, is_start=is_start)
        station, junction = self._station(text), self._junction(text)
        order = (station, junction) if re.search(r"站$", text) else (junction, station)
        for found in (*order, self._crossing(text)):
            if found is not None:
                return found
        msg = (
            f"{self.axis.route} 上没有“{text[:30]}”（收费站、互通、编号、边界都不是）"
            f" / nothing on {self.axis.route} is called {text[:30]!r}: no station, interchange, exit number or border"
        )
        raise InputError(msg)

    def _at_border(self, text: str, *, is_start: bool) -> Located:
        low, high = self._border_positions()
        match = _COMPASS.search(text)
        problems: tuple[Problem, ...] = ()
        at_low = is_start
        if match:
            column, sign = _SIDES[(match[1] or match[2]).lower()]
            ends = (self.axis.lon, self.axis.lat)[column]
            at_low = (ends[0] > ends[-1]) == (sign > 0)
        elif self.calibration is None and text not in {"起点", "终点", "路线起点", "路线终点"}:
            zh = f"“{text[:20]}”没有写明在哪一端，暂按{'西或南' if is_start else '东或北'}端，请写明方位或桩号"
            en = f"{text[:20]!r} does not say at which end: name the compass point or the stake"
            problems = (Problem("border_ambiguous", Severity.NOTE, zh, en),)
        return Located(dict.fromkeys((-1, 0, 1), low if at_low else high), "border", NAMED_SNAP_M, problems)

    def _border_positions(self) -> tuple[float, float]:
        """Return where the route enters and leaves the district; infinite where it ends inside."""
        if self._outline is None:
            return -np.inf, np.inf
        shapely.prepare(self._outline)
        inside = shapely.contains_xy(self._outline, self.axis.lon, self.axis.lat)
        if not inside.any() or inside.all():
            return -np.inf, np.inf
        first, last = int(np.argmax(inside)), len(inside) - 1 - int(np.argmax(inside[::-1]))
        low = -np.inf if first == 0 else self._crossing_of_outline(first - 1)
        high = np.inf if last == len(inside) - 1 else self._crossing_of_outline(last)
        return low, high

    def _crossing_of_outline(self, edge: int) -> float:
        line = shapely.LineString(
            list(zip(self.axis.lon[edge : edge + 2], self.axis.lat[edge : edge + 2], strict=True))
        )
        points = shapely.get_coordinates(shapely.intersection(line, shapely.boundary(self._outline)))
        share = float(np.mean([shapely.line_locate_point(line, shapely.Point(p), normalized=True) for p in points]))
        return float(self.axis.at_m[edge] + share * (self.axis.at_m[edge + 1] - self.axis.at_m[edge]))

    def _station(self, text: str) -> Located | None:
        wanted = _plain(text)
        hits = []
        for k, station in enumerate(self.network.stations):
            if station.kind is StationKind.GATE:
                continue
            names = {station.id, *station.names, station.name} - {""}
            if text in names:
                hits.append((0, k))
            elif wanted and wanted in {_plain(name) for name in names}:
                hits.append((1, k))
        return self._nearest(
            [(rank, self.network.stations[k].lon, self.network.stations[k].lat) for rank, k in hits],
            STATION_M,
            "station",
        )

    def _nearest(self, hits: Sequence[tuple[int, float, float]], limit_m: float, kind: str) -> Located | None:
        if not hits:
            return None
        position, gap = self.axis.locate([h[1] for h in hits], [h[2] for h in hits])
        best = min(range(len(hits)), key=lambda k: (hits[k][0], round(float(gap[k]), 1), k))
        if gap[best] > limit_m:
            return None
        return Located(dict.fromkeys((-1, 0, 1), float(position[best])), kind)

    def _junction(self, text: str) -> Located | None:
        nodes = self.network.nodes
        rows = nodes.rows_with("highway", "motorway_junction")
        number = (
            re.sub(r"^(?:出口|出|exit|no\.?|第)\s*", "", text, flags=re.IGNORECASE)
            .removesuffix("出口")
            .removesuffix("号")
        )
        wanted = _plain(text)
        mine: list[int] = []
        for row in rows.tolist():
            tags = nodes.tags[row]
            refs = {part.strip() for part in re.split(r"[;,/]", tags.get("ref", ""))} - {""}
            if number.strip() in refs or (wanted and wanted == _plain(tags.get("name", ""))):
                mine.append(row)
        if not mine:
            return None
        position, gap = self.axis.locate(nodes.lon[mine], nodes.lat[mine])
        position = position[gap <= JUNCTION_M]
        if len(position) == 0:
            return None
        middle = (float(position.min()) + float(position.max())) / 2
        return Located(dict.fromkeys((-1, 0, 1), middle), "interchange")

    def _crossing(self, text: str) -> Located | None:
        """Return where another route comes nearest to this one."""
        if not re.fullmatch(r"[A-Z]\d{1,4}[A-Z]?\d?", text) or text == self.axis.route:
            return None
        seg, nodes = self.network.segments, self.network.nodes
        rows = np.flatnonzero(route_mask(self.network, text))
        if len(rows) == 0:
            return None
        ends: npt.NDArray[np.int32] = np.unique(np.concatenate((seg.u[rows], seg.v[rows])))
        position, gap = self.axis.locate(nodes.lon[ends], nodes.lat[ends])
        best = int(np.argmin(np.round(gap, 1)))
        if gap[best] > PLACE_M:
            return None
        return Located(dict.fromkeys((-1, 0, 1), float(position[best])), "route")


def is_border(name: str) -> bool:
    """Whether a name is that of a border of the district.

    Examples
    --------
    >>> is_border("岚西区界"), is_border("云栖枢纽")
    (True, False)
    """
    return bool(_BORDER.search(name.strip()))


def _plain(name: str) -> str:
    """Return a name without what stations and interchanges are called: 东岗收费站 and 东岗互通 are both 东岗."""
    text = re.sub(r"[\s（）()·]", "", name)
    return _ENDINGS.sub("", text)


def stake_at(calibration: Calibration | None, axis: Axis, position_m: float) -> str:
    """Return the stake text of a position on an axis, ``""`` where the route has no stakes there."""
    from geo.stakeplaces import read_stakes

    if calibration is None or not np.isfinite(position_m):
        return ""
    reading = read_stakes(calibration, [axis.place_at(position_m)])[0]
    return "" if reading is None else format_mm(reading.stake.mm)
