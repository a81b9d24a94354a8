"""Free-flow speed of each segment: the posted limit where it can be read, else a table by road class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.network import Network

CLASS_SPEED_KMH: Mapping[RoadClass, float] = {
    RoadClass.MOTORWAY: 100.0,
    RoadClass.MOTORWAY_LINK: 50.0,
    RoadClass.TRUNK: 70.0,
    RoadClass.PRIMARY: 60.0,
    RoadClass.SECONDARY: 50.0,
    RoadClass.TERTIARY: 40.0,
    RoadClass.MINOR: 30.0,
    RoadClass.SERVICE: 20.0,
    RoadClass.ORDINARY_LINK: 40.0,
    RoadClass.FERRY: 10.0,
}
"""Assumed driving speed where no limit is posted, km/h (our assumption, not law: free flow)."""

KMH_PER_MPH = 1.609344
KMH_PER_KNOT = 1.852
SLOWEST_KMH, FASTEST_KMH = 3.0, 160.0
"""A posted limit outside this range is taken for a slip of the pen."""

_WORDS_WITHOUT_A_NUMBER = frozenset({"", "none", "no", "signals", "variable", "implicit", "default", "unposted"})
_NUMBER = re.compile(r"(\d{1,4}(?:\.\d+)?)\s*(km/?h|kmph|kph|公里|公里/小时|mph|knots)?", re.IGNORECASE)
_COUNTRY_DEFAULT = re.compile(r"[A-Za-z]{2}:[a-z_]+")
_FACTORS = {"mph": KMH_PER_MPH, "knots": KMH_PER_KNOT}


@dataclass(frozen=True)
class SpeedTable:
    """Speed of each segment.

    Attributes
    ----------
    kmh
        float64 (segments,), km/h, always positive.
    posted
        bool (segments,): the speed is read from ``maxspeed``.
    findings
        What could not be read, with count and place.
    """

    kmh: npt.NDArray[np.float64]
    posted: npt.NDArray[np.bool_]
    findings: tuple[Finding, ...] = ()


def parse_maxspeed(text: str) -> float | None:
    """Read one ``maxspeed`` value.

    Parameters
    ----------
    text
        The tag, such as ``"60"``, ``"60 km/h"``, ``"80 mph"``, ``"none"``.

    Returns
    -------
    float or None
        km/h; ``None`` where the tag says that there is no figure (``none``, ``signals``, ``CN:urban``).

    Raises
    ------
    InputError
        Where the text is no speed.

    Examples
    --------
    >>> parse_maxspeed("60"), parse_maxspeed("60 km/h"), parse_maxspeed("none")
    (60.0, 60.0, None)
    """
    value = text.strip()
    if value.lower() in _WORDS_WITHOUT_A_NUMBER or _COUNTRY_DEFAULT.fullmatch(value):
        return None
    match = _NUMBER.fullmatch(value)
    if match is None:
        raise InputError(
            f"maxspeed={text!r} 不是限速值，请写公里/小时的数字。"
            " / is no speed; write a number of km/h, or a number and mph"
        )
    kmh = float(match[1]) * _FACTORS.get((match[2] or "").lower(), 1.0)
    if not SLOWEST_KMH <= kmh <= FASTEST_KMH:
        raise InputError(f"maxspeed={text!r} lies outside {SLOWEST_KMH:g}-{FASTEST_KMH:g} km/h; correct it")
    return kmh


def read_speeds(
    network: Network,
    *,
    override_kmh: Mapping[str, float] | None = None,
    table: Mapping[RoadClass, float] | None = None,
) -> SpeedTable:
    """Return the speed of every segment.

    Parameters
    ----------
    network
        The network.
    override_kmh
        Segment id to km/h; wins over everything else.
    table
        Speeds by road class that replace those of ``CLASS_SPEED_KMH``, km/h.

    Raises
    ------
    InputError
        Where an override names no segment of this network, or is not a positive number.
    """
    by_class = {**CLASS_SPEED_KMH, **(table or {})}
    class_kmh = np.array([by_class[road_class] for road_class in RoadClass], dtype=np.float64)
    if not (np.isfinite(class_kmh).all() and (class_kmh > 0).all()):
        raise InputError("a speed of the class table is not a positive number of km/h; correct the table")
    column = network.ways.text["maxspeed"]
    pool_kmh, odd_pool = _parse_pool(column.pool)
    way_kmh = pool_kmh[column.codes]
    posted_way = ~np.isnan(way_kmh)
    kmh_way = np.where(posted_way, way_kmh, class_kmh[network.ways.road_class])
    kmh, posted = kmh_way[network.segments.way], posted_way[network.segments.way]
    for text, value in sorted((override_kmh or {}).items()):
        row = network.row_of_segment.get(text)
        if row is None:
            raise InputError(
                f"限速表中的路段 {text} 不在路网上，请删去该行。"
                f" / the speed table names segment {text}, which this network does not have; remove the row"
            )
        if not (np.isfinite(value) and value > 0):
            raise InputError(
                f"路段 {text} 的速度应为正数（公里/小时）。"
                f" / the speed of segment {text} is {value}; give a positive number of km/h"
            )
        kmh[row], posted[row] = value, False
    odd = np.flatnonzero(odd_pool[column.codes][network.segments.way])
    findings = (_report_odd(network, odd),) if len(odd) else ()
    return SpeedTable(kmh, posted, findings)


def _parse_pool(pool: tuple[str, ...]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Parse each distinct value once: km/h (nan without figure) and whether it is odd."""
    kmh = np.full(len(pool), np.nan)
    odd = np.zeros(len(pool), dtype=bool)
    for code, text in enumerate(pool):
        try:
            value = parse_maxspeed(text)
        except InputError:
            odd[code] = True
        else:
            kmh[code] = np.nan if value is None else value
    return kmh, odd


def _report_odd(network: Network, rows: npt.NDArray[np.intp]) -> Finding:
    shown = rows[:50]
    values = sorted({network.text("maxspeed", int(row)) for row in shown})[:5]
    at = network.segments.u[shown]
    return Finding(
        "odd_maxspeed",
        Severity.NOTE,
        len(rows),
        f"{len(rows)} 个路段的 maxspeed 无法识别（{'、'.join(values)}），按道路等级取速度，请在地图上核对。",
        f"{len(rows)} segments carry an unreadable maxspeed ({', '.join(values)}); "
        "the speed of their class is used, check on the map.",
        length_m=float(network.segments.length_m[rows].sum()),
        places=tuple(zip(network.nodes.lon[at].tolist(), network.nodes.lat[at].tolist(), strict=True)),
        things=tuple(network.segment_ids[row] for row in shown),
    )
