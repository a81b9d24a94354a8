"""An agency's own speeds: a table of road classes, routes or segments with km/h."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.classes import CLASS_OF_HIGHWAY, RoadClass
from geo.closures import rows_of_road
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.speeds import FASTEST_KMH, SLOWEST_KMH, read_speeds

if TYPE_CHECKING:
    from geo.network import Network
    from geo.travel import Floats

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "what": ("class", "route", "road", "segment", "道路", "路线", "等级", "道路等级", "路段", "highway", "ref", "name"),
    "kmh": ("speed", "speed_kmh", "车速", "速度", "限速", "公里每小时", "km/h"),
}
"""Our column names and the headings they are known by."""
_CLASS_WORDS: Mapping[str, RoadClass] = {
    "高速": RoadClass.MOTORWAY,
    "高速公路": RoadClass.MOTORWAY,
    "匝道": RoadClass.MOTORWAY_LINK,
    "高速匝道": RoadClass.MOTORWAY_LINK,
    "干线公路": RoadClass.TRUNK,
    "主要道路": RoadClass.PRIMARY,
    "次要道路": RoadClass.SECONDARY,
    "地方道路": RoadClass.TERTIARY,
    "其他道路": RoadClass.MINOR,
    "服务道路": RoadClass.SERVICE,
    "轮渡": RoadClass.FERRY,
    **{kind.name.lower(): kind for kind in RoadClass},
}


@dataclass(frozen=True)
class AgencySpeeds:
    """An agency's speeds: km/h by class, and by road (segment id, way ``w<id>``, number, name), in file order."""

    name: str
    by_class: Mapping[RoadClass, float]
    by_road: Mapping[str, float]


def read_speed_table(path: str | Path) -> AgencySpeeds:
    """Read a table ``class or route,kmh`` (CSV or XLSX).

    Parameters
    ----------
    path
        One column (``class``, ``route``, ``road``, …) names a class (``motorway`` or its Chinese word), a number or
        name of a road, a way ``w<id>`` or a segment id; the other, ``kmh``, the speed. A table may have both a class
        and a route column; of a row the route counts.

    Raises
    ------
    InputError
        The file is no such table, or a row cannot be used; the sentence names the line.
    """
    from geo.sheet import read_sheet

    several = {**{f"what{k}": (word,) for k, word in enumerate(HEADINGS["what"])}, "kmh": HEADINGS["kmh"]}
    sheet = read_sheet(path, headings=several, required=("kmh",))
    by_class: dict[RoadClass, float] = {}
    by_road: dict[str, float] = {}
    for row in sheet.rows:
        named = [row.get(column) for column in several if column != "kmh" and row.get(column)]
        kmh = row.number("kmh")
        if not named or kmh is None or not SLOWEST_KMH <= kmh <= FASTEST_KMH:
            raise InputError(
                f"{sheet.name} 第 {row.line} 行：应写明道路等级或路线，以及 {SLOWEST_KMH:g} 到 {FASTEST_KMH:g} 的车速。"
                f" / {sheet.name}, line {row.line}: name a class or route and a speed of {SLOWEST_KMH:g} to"
                f" {FASTEST_KMH:g} km/h."
            )
        kinds = [_class_of(text) for text in named]
        roads = [text for text, kind in zip(named, kinds, strict=True) if kind is None]
        if roads:
            by_road[roads[0]] = kmh
        else:
            by_class |= {kind: kmh for kind in kinds if kind is not None}
    return AgencySpeeds(sheet.name, by_class, by_road)


def _class_of(text: str) -> RoadClass | None:
    word = text.strip().lower()
    kind = _CLASS_WORDS.get(word)
    return kind if kind is not None else CLASS_OF_HIGHWAY.get(word)


def agency_speeds(network: Network, speeds: AgencySpeeds) -> tuple[Floats, tuple[Finding, ...]]:
    """Return the speed of each segment under an agency's table.

    Returns
    -------
    kmh
        float64 (segments,), km/h. The table's road wins over the posted limit, this over the table's class, this over
        our class table; of several rows on one road the last one holds.
    findings
        Rows whose road the network does not have, limits that cannot be read.
    """
    read = read_speeds(network, table=speeds.by_class)
    kmh = read.kmh.copy()
    lost = []
    for road, value in speeds.by_road.items():
        rows = rows_of_road(network, road)
        kmh[np.array(rows, dtype=np.int64)] = value
        lost += [] if rows else [road]
    findings: list[Finding] = [*read.findings]
    if lost:
        listed = "、".join(road[:30] for road in lost[:5])
        findings.append(
            Finding(
                "speed_road_not_on_map",
                Severity.WARNING,
                len(lost),
                f"{speeds.name}：车速表中 {len(lost)} 条道路不在本路网上（{listed}），未使用，请核对编号。",
                f"{speeds.name}: {len(lost)} roads of the speed table are not on this network ({listed}); not used.",
                things=tuple(lost[:50]),
            )
        )
    return kmh, tuple(findings)


def describe_speeds(speeds: AgencySpeeds) -> dict[str, Any]:
    """Return an agency's speeds as plain JSON values, km/h."""
    return {
        "name": speeds.name,
        "by_class_kmh": {kind.name.lower(): kmh for kind, kmh in speeds.by_class.items()},
        "by_road_kmh": dict(speeds.by_road),
    }
