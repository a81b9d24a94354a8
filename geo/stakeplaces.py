"""Questions to a calibration: where is this stake, which stake is here, and the ticks of a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.carriageway import Calibration, Carriageway
from geo.errors import InputError
from geo.stakes import Direction, Stake, format_mm

Floats = npt.NDArray[np.float64]

FAR_M = 200.0
"""A place farther from every calibrated carriageway than this has no stake."""
_TIE_M = 0.05


@dataclass(frozen=True, slots=True)
class StakePlace:
    """Where a stake lies.

    Attributes
    ----------
    stake
        The stake, with the route and direction of the carriageway.
    travel
        1 where traffic there drives towards higher stakes, -1 towards lower ones, 0 unknown.
    lon, lat
        WGS-84 degrees.
    segment
        Segment row of the network, -1 where the line is drawn between table points.
    offset_m
        Metres from that segment's first point.
    along_m
        Metres from the first point of the carriageway's line.
    error_m
        The true place lies within so many metres, 19 times in 20.
    """

    stake: Stake
    travel: int
    lon: float
    lat: float
    segment: int
    offset_m: float
    along_m: float
    error_m: float


@dataclass(frozen=True, slots=True)
class StakeReading:
    """Which stake a place has.

    Attributes
    ----------
    stake
        The stake, rounded to whole metres, with route and direction.
    travel
        As in ``StakePlace``.
    lon, lat
        The nearest place on the carriageway, WGS-84 degrees.
    segment, offset_m
        As in ``StakePlace``.
    distance_m
        Metres from the place asked for to the carriageway.
    error_m
        The true stake lies within so many metres, 19 times in 20.
    """

    stake: Stake
    travel: int
    lon: float
    lat: float
    segment: int
    offset_m: float
    distance_m: float
    error_m: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark for maps: every 100 m, ``is_kilometre`` on whole kilometres; lon, lat in WGS-84 degrees."""

    route: str
    direction: Direction
    mm: int
    lon: float
    lat: float
    is_kilometre: bool


def locate_stake(calibration: Calibration, stake: Stake) -> tuple[StakePlace, ...]:
    """Find the places of a stake.

    Parameters
    ----------
    calibration
        The routes.
    stake
        A stake; route and direction narrow the search where they are given.

    Returns
    -------
    One place a carriageway; two where a long chain repeats the stake. Sorted by route, direction, metres along.

    Raises
    ------
    InputError
        No such route or direction, the stake lies outside the calibrated part, or inside a short chain, where no such
        stake exists.

    Examples
    --------
    ``locate_stake(calibration, parse_stake("G15 上行 K1520+000"))``
    """
    ways = _select(calibration, stake.route, stake.direction)
    found = [place for way in ways for place in _places_on(way, stake)]
    if not found:
        raise InputError(_explain_missing(ways, stake))
    return tuple(found)


def read_stake(
    calibration: Calibration,
    place: tuple[float, float],
    *,
    route: str = "",
    direction: Direction = Direction.NONE,
    max_m: float = FAR_M,
) -> StakeReading:
    """Read the stake of a place off the nearest carriageway.

    Parameters
    ----------
    calibration
        The routes.
    place
        lon, lat in WGS-84 degrees.
    route, direction
        Narrow the search where they are given.
    max_m
        Farthest distance to the carriageway, metres.

    Raises
    ------
    InputError
        No such route or direction, or the place is too far from it.
    """
    reading = read_stakes(calibration, [place], route=route, direction=direction, max_m=max_m)[0]
    if reading is None:
        raise InputError(
            f"({place[0]:.6f}, {place[1]:.6f}) 距已定标路线超过 {max_m:.0f} 米，没有桩号；请核对坐标或坐标系。"
            f" / ({place[0]:.6f}, {place[1]:.6f}) is more than {max_m:.0f} m from every calibrated route and has no"
            " stake; check the coordinates or their datum."
        )
    return reading


def read_stakes(
    calibration: Calibration,
    places: Sequence[tuple[float, float]],
    *,
    route: str = "",
    direction: Direction = Direction.NONE,
    max_m: float = FAR_M,
) -> tuple[StakeReading | None, ...]:
    """Read the stakes of many places; None for a place that is too far from every carriageway."""
    ways = _select(calibration, route, direction)
    points = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    best: list[StakeReading | None] = [None] * len(points)
    for way in ways:
        spots = way.line.project(points[:, 0], points[:, 1])
        piece = way.piece_at(spots.along_m)
        for k in range(len(points)):
            distance, known = float(spots.distance_m[k]), best[k]
            if distance > max_m or (known is not None and known.distance_m <= distance + _TIE_M):
                continue
            part, along = way.pieces[int(piece[k])], float(spots.along_m[k])
            mm = round(float(part.stake_of([along])[0])) * 1000
            best[k] = StakeReading(
                Stake(max(0, mm), way.route, way.direction),
                way.travel,
                round(float(spots.lon[k]), 7),
                round(float(spots.lat[k]), 7),
                int(spots.segment[k]),
                float(spots.offset_m[k]),
                distance,
                float(way.errors.bound_stake(part, [along])[0]),
            )
    return tuple(best)


def make_ticks(calibration: Calibration, *, step_m: int = 100) -> tuple[Tick, ...]:
    """Return ticks for maps at every multiple of ``step_m``, between the first and last stake of each carriageway."""
    return tuple(tick for way in calibration.carriageways for tick in _ticks_on(way, step_m))


def _ticks_on(way: Carriageway, step_m: int) -> Iterator[Tick]:
    for piece in way.pieces:
        low, high = np.ceil(piece.stake_m[0] / step_m), np.floor(piece.stake_m[-1] / step_m)
        stakes = np.arange(low, high + 1) * step_m
        spots = way.line.places_at(piece.along_of(stakes))
        for stake_m, lon, lat in zip(stakes.tolist(), spots.lon.tolist(), spots.lat.tolist(), strict=True):
            mm = int(stake_m) * 1000
            yield Tick(way.route, way.direction, mm, round(lon, 7), round(lat, 7), mm % 1_000_000 == 0)


def _select(calibration: Calibration, route: str, direction: Direction) -> list[Carriageway]:
    wanted = "".join(route.split()).casefold()
    on_route = [c for c in calibration.carriageways if not wanted or "".join(c.route.split()).casefold() == wanted]
    if not on_route:
        known = "、".join(r or "（未注明）" for r in calibration.routes)
        raise InputError(
            f"路线 {route[:20]} 没有定标，已定标：{known}；请导入该路线的桩号表。"
            f" / route {route[:20]} is not calibrated, only {known}; import its stake table."
        )
    ways = [c for c in on_route if not direction or c.direction in {direction, Direction.NONE}]
    if not ways:
        known = "、".join(sorted({c.direction for c in on_route}))
        raise InputError(
            f"{route or on_route[0].route} 没有 {direction} 方向的桩号，只有 {known}。"
            f" / {route or on_route[0].route} has no stakes for direction {direction}, only for {known}."
        )
    return ways


def _places_on(way: Carriageway, stake: Stake) -> Iterator[StakePlace]:
    stake_m, last = stake.mm / 1000.0, len(way.pieces) - 1
    for number, piece in enumerate(way.pieces):
        is_inside = piece.stake_m[0] <= stake_m <= piece.stake_m[-1]
        if not is_inside and 0 < number < last:
            continue
        along = float(piece.along_of([stake_m])[0])
        is_before = number == 0 and stake_m < piece.stake_m[0] and along >= 0.0
        is_after = number == last and stake_m > piece.stake_m[-1] and along <= way.line.length_m
        if is_inside or is_before or is_after:
            spot = way.line.places_at([along])
            yield StakePlace(
                Stake(stake.mm, way.route, way.direction, stake.line),
                way.travel,
                round(float(spot.lon[0]), 7),
                round(float(spot.lat[0]), 7),
                int(spot.segment[0]),
                float(spot.offset_m[0]),
                along,
                float(way.errors.bound_place(piece, [along])[0]),
            )


def _explain_missing(ways: Sequence[Carriageway], stake: Stake) -> str:
    """Say why a stake has no place: a short chain, or beyond the ends."""
    number = format_mm(stake.mm)
    for way in ways:
        for before, after in zip(way.pieces[:-1], way.pieces[1:], strict=True):
            if before.stake_m[-1] < stake.mm / 1000.0 < after.stake_m[0]:
                low, high = (format_mm(round(float(m) * 1000)) for m in (before.stake_m[-1], after.stake_m[0]))
                return (
                    f"{number} 不存在：{low} 与 {high} 之间为短链，请核对桩号。"
                    f" / {number} does not exist: stakes jump from {low} to {high} (short chain); check the stake."
                )
    low = format_mm(round(min(float(w.pieces[0].stake_m[0]) for w in ways) * 1000))
    high = format_mm(round(max(float(w.pieces[-1].stake_m[-1]) for w in ways) * 1000))
    return (
        f"{number} 超出已定标范围 {low}—{high}，请核对桩号或补充桩号表。"
        f" / {number} lies outside the calibrated part {low} to {high}; check the stake or add to the stake table."
    )
