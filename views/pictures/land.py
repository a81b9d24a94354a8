"""Pictures of the land beyond its roads: stations by kind, stakes, closures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.closures import CLOSED, DAY_MIN, EVERY_DAY, Closure, find_segments
from geo.columns import TextColumn
from geo.network import Network
from geo.stakedesk import StakeDesk
from geo.stakeplaces import Tick, make_ticks
from geo.stakes import format_mm
from geo.staketable import StakeSource
from geo.stations import Station, StationKind
from views.catalogue import both, both_in
from views.map.palette import CLOSED_ROAD, SLOW_ROAD, STAKE_100M, STAKE_KM, STATION_KINDS
from views.map.tables import PointTable, RoadTable
from views.pictures.base import card, lines_of, tag_column
from views.pictures.classes import take_lines
from views.words import word, word_en

_KINDS = tuple(StationKind)
_DAYS = ("一", "二", "三", "四", "五", "六", "日")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_TICKS = 60_000
"""More ticks than this are not drawn: the 100 m ones go first."""


def draw_kinds(stations: Sequence[Station]) -> PointTable:
    """Return all stations by kind, also gates and removed ones."""
    kinds = [word(s.kind) for s in stations]
    english = {word(kind): word_en(kind) for kind in StationKind}
    return PointTable(
        np.array([s.lon for s in stations], dtype=np.float64),
        np.array([s.lat for s in stations], dtype=np.float64),
        np.array([_KINDS.index(s.kind) for s in stations], dtype=np.uint8),
        [s.id for s in stations],
        TextColumn.from_strings([s.name for s in stations]),
        STATION_KINDS,
        cards=(
            card(both("类型"), kinds, english=english.__getitem__),
            card(both("车道"), [str(s.lanes) if s.lanes else "" for s in stations]),
            card(both("全部名称"), [" / ".join(s.names) if len(s.names) > 1 else "" for s in stations]),
        ),
        kind="station",
        key="stations",
        title=both_in("many", "收费站"),
    )


def list_ticks(desk: StakeDesk) -> list[Tick]:
    """Return the ticks of every route that has stakes, one carriageway a route and side; rough sources left out."""
    ticks: list[Tick] = []
    for route in desk.routes:
        stakes = desk.of(route)
        if stakes.calibration is not None and stakes.source is not StakeSource.INTERCHANGE:
            ticks += make_ticks(stakes.calibration)
    return ticks


def draw_ticks(ticks: Sequence[Tick]) -> list[PointTable]:
    """Return the layers of kilometre and of 100 m stakes; the latter are drawn near by only."""
    whole = [tick for tick in ticks if tick.is_kilometre]
    parts = [tick for tick in ticks if not tick.is_kilometre]
    parts = parts if len(ticks) <= MOST_TICKS else []
    layers = (
        (whole, STAKE_KM, "stakes_km", both("整公里桩")),
        (parts, STAKE_100M, "stakes_100m", both("百米桩")),
    )
    return [
        PointTable(
            np.array([t.lon for t in some], dtype=np.float64),
            np.array([t.lat for t in some], dtype=np.float64),
            np.zeros(len(some), dtype=np.uint8),
            [f"{t.route} {t.direction} {format_mm(t.mm)}" for t in some],
            TextColumn.from_strings([_short(t.mm) for t in some]),
            (style,),
            cards=(card(both("桩号"), [f"{t.route} {t.direction} {format_mm(t.mm)}" for t in some]),),
            kind="stake",
            key=key,
            title=title,
        )
        for some, style, key, title in layers
    ]


def _short(mm: int) -> str:
    """Return what stands beside a tick: ``K12``, or ``+300`` between two of them."""
    metres = mm // 1000
    return f"K{metres // 1000}" if metres % 1000 == 0 else f"+{metres % 1000:03d}"


def draw_closures(network: Network, closures: Sequence[Closure]) -> RoadTable:
    """Return every closure of a plan, whatever the hour, with words about when it holds."""
    lines = lines_of(network)
    pairs = [(int(row), k) for k, closure in enumerate(closures) for row in find_segments(network, closure)]
    rows = np.array([row for row, _ in pairs], dtype=np.int64)
    number = [k for _, k in pairs]
    ptr, points = take_lines(lines, rows)
    times = [write_times(c) for c in closures]
    english = dict(times)
    full = [c.factor == CLOSED and c.speed_kmh is None for c in closures]
    ids = network.segment_ids
    return RoadTable(
        ptr,
        lines.lon[points],
        lines.lat[points],
        np.array([0 if full[k] else 1 for k in number], dtype=np.uint8),
        network.segment_class[rows],
        [ids[row] for row in rows.tolist()],
        (CLOSED_ROAD, SLOW_ROAD),
        names=tag_column(network, "name").take(rows),
        length_m=network.segments.length_m[rows],
        cards=(
            card(both("封闭编号"), [closures[k].id for k in number]),
            card(both("时间"), [times[k][0] for k in number], english=lambda text: english.get(text, text)),
            card(both("原因"), [closures[k].reason for k in number]),
            card(both("来源"), [closures[k].source for k in number]),
        ),
        kind="segment",
        key="closures",
        title=both("封闭与施工"),
    )


def write_times(closure: Closure) -> tuple[str, str]:
    """Return when a closure holds, in Chinese and in English.

    Examples
    --------
    >>> write_times(Closure("a", ("w1",), from_min=1320, to_min=360, days=frozenset({0, 1})))
    ('周一、二 22:00–06:00', 'Mon, Tue 22:00–06:00')
    """
    zh, en = [], []
    if closure.start is not None or closure.end is not None:
        start, end = (f"{m:%m-%d %H:%M}" if m is not None else "…" for m in (closure.start, closure.end))
        zh.append(f"{start} 至 {end}")
        en.append(f"{start} to {end}")
    if closure.days != EVERY_DAY:
        zh.append("周" + "、".join(_DAYS[day] for day in sorted(closure.days)))
        en.append(", ".join(_DAYS_EN[day] for day in sorted(closure.days)))
    if (closure.from_min, closure.to_min) != (0, DAY_MIN):
        hours = "–".join(f"{m // 60:02d}:{m % 60:02d}" for m in (closure.from_min, closure.to_min))
        zh.append(hours)
        en.append(hours)
    return (" ".join(zh) or "一直", " ".join(en) or "always")
