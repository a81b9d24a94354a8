"""Reading closures from a table (CSV, XLSX) or a drawing (GeoJSON)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geo.closures import CLOSED, DAY_MIN, EVERY_DAY, RADIUS_M, Closure, read_moment
from geo.errors import InputError
from geo.intake import admit_file
from geo.sniff import TABLE_FORMATS, Format

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "封闭编号"),
    "road": ("道路", "路段", "路线", "segment", "segments", "roads", "way", "ref"),
    "lon": ("经度", "longitude", "lng"),
    "lat": ("纬度", "latitude"),
    "line": ("线", "坐标串", "wkt"),
    "radius_m": ("半径", "半径米", "radius"),
    "direction": ("方向",),
    "from": ("开始", "起", "start"),
    "to": ("结束", "止", "end", "until"),
    "days": ("星期", "日", "weekdays"),
    "hours": ("时段", "每日时段"),
    "factor": ("倍数", "耗时倍数"),
    "speed_factor": ("速度系数", "车速系数"),
    "speed_kmh": ("车速", "限速", "速度", "kmh"),
    "reason": ("原因", "理由"),
    "source": ("来源", "数据来源"),
}
"""Our column names and the headings they are known by."""
_CLOSED_WORDS = frozenset({"", "closed", "封闭", "关闭", "全封闭", "断行"})
_DIRECTIONS: Mapping[str, str] = {
    "": "both", "both": "both", "双向": "both", "两个方向": "both",
    "forward": "forward", "正向": "forward", "顺向": "forward", "backward": "backward", "反向": "backward",
    "逆向": "backward", "north": "north", "n": "north", "向北": "north", "北向": "north", "北": "north",
    "south": "south", "s": "south", "向南": "south", "南向": "south", "南": "south", "east": "east", "e": "east",
    "向东": "east", "东向": "east", "东": "east", "west": "west", "w": "west", "向西": "west", "西向": "west",
    "西": "west",
}  # fmt: skip
_DAYS: Mapping[str, int] = {
    **{str(k + 1): k for k in range(7)},
    **{name: k for k, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{name: k for k, name in enumerate("一二三四五六日")},
    "天": 6,
    "0": 6,
}
_DAY_GROUPS: Mapping[str, frozenset[int]] = {
    "": EVERY_DAY,
    "每天": EVERY_DAY,
    "每日": EVERY_DAY,
    "daily": EVERY_DAY,
    "工作日": frozenset(range(5)),
    "weekdays": frozenset(range(5)),
    "周末": frozenset({5, 6}),
    "weekend": frozenset({5, 6}),
}
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::00)?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LARGEST_LON, _LARGEST_LAT, _MOST_POINTS, _MOST = 180.0, 90.0, 20_000, 2_000
_SLOWEST = 1000.0
_PAIR = 2


def read_closures(path: str | Path) -> tuple[Closure, ...]:
    """Read closures.

    Parameters
    ----------
    path
        CSV or XLSX with the columns ``id``, then ``road`` (segment id, way ``w<id>``, number or name; several parted
        by ``;``) or ``lon,lat`` or ``line`` (``lon lat, lon lat, …``) with ``radius_m``; ``direction``; ``from`` and
        ``to`` (moments such as ``2026-11-25T08:00``, or ``HH:MM`` for every day); ``hours`` (``22:00-06:00``) and
        ``days`` (``1-5``, ``Mon-Fri``, ``周一至周五``); ``factor`` (times longer; empty or ``closed`` for a
        closure), ``speed_factor`` (share of the speed that is left) or ``speed_kmh``; ``reason``; ``source``. Or
        GeoJSON (points, lines, areas) with these as properties. Coordinates are WGS-84 degrees.

    Raises
    ------
    InputError
        The file cannot be used, or a row cannot; the sentence names file, row and column.
    """
    admitted = admit_file(path, accept=TABLE_FORMATS | {Format.GEOJSON})
    if admitted.format is Format.GEOJSON:
        rows = _features(admitted.path, admitted.name)
    else:
        from geo.sheet import read_sheet

        sheet = read_sheet(path, headings=HEADINGS, required=("id",))
        rows = [(f"{sheet.name} 第 {r.line} 行 / line {r.line}", dict(r.cells), ((), False)) for r in sheet.rows]
    found: dict[str, Closure] = {}
    for where, cells, (drawn, is_area) in rows:
        closure = _Row(where, cells).read(drawn, is_area=is_area)
        if closure.id in found:
            raise _Row(where, cells).fail("id", f"编号 {closure.id[:30]} 重复", "the id is used twice")
        found[closure.id] = closure
    return tuple(found.values())


class _Row:
    """Cells of one closure, with the words that name it in a sentence."""

    def __init__(self, where: str, cells: Mapping[str, Any]) -> None:
        self.where, self.cells = where, cells

    def get(self, column: str) -> str:
        value = self.cells.get(column)
        return "" if value is None else str(value).strip()

    def fail(self, column: str, chinese: str, english: str) -> InputError:
        zh, _, en = self.where.partition(" / ")
        return InputError(f"{zh}的 {column}：{chinese}，请改正。 / {en or zh}, column {column}: {english}; correct it.")

    def number(self, column: str, *, low: float, high: float) -> float | None:
        text = self.get(column)
        if not text:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not low <= value <= high:
            raise self.fail(column, f"应为 {low:g} 到 {high:g} 的数", f"give a number from {low:g} to {high:g}")
        return value

    def read(self, drawn: Sequence[tuple[float, float]], *, is_area: bool) -> Closure:
        road = self.get("road")
        roads = tuple(part.strip() for part in re.split(r"[;；|]", road) if part.strip())
        line = tuple(drawn) or self._drawn()
        start, end, window = self._times()
        kmh, factor = self._slowness()
        radius = self.number("radius_m", low=0.1, high=50_000.0)
        direction = _DIRECTIONS.get(self.get("direction").lower())
        if direction is None:
            words = "双向、正向、反向、向北、向东、向南、向西", "both, forward, backward, north, east, south or west"
            raise self.fail("direction", f"可用：{words[0]}；上行、下行请改写为路段编号或东南西北", f"use {words[1]}")
        try:
            return Closure(
                self.get("id"), roads, line, RADIUS_M if radius is None else radius, is_area, direction,
                start, end, *window, self._days(), factor, kmh, self.get("reason")[:500], self.get("source")[:200],
            )  # fmt: skip
        except InputError as error:
            chinese, _, english = str(error).partition(" / ")
            zh, _, en = self.where.partition(" / ")
            raise InputError(f"{zh}：{chinese} / {en or zh}: {english}") from None

    def _drawn(self) -> tuple[tuple[float, float], ...]:
        text = self.get("line")
        if text:
            bare = re.sub(r"^\s*linestring\s*\(|\)\s*$", "", text, flags=re.IGNORECASE)
            pairs = [part.split() for part in re.split(r"[,;；，]", bare) if part.strip()]
            if not all(len(p) == _PAIR and all(map(_NUMBER.fullmatch, p)) for p in pairs):
                raise self.fail("line", "应为“经度 纬度, 经度 纬度”", "write LON LAT, LON LAT, …")
            return _checked_places(self, [(float(x), float(y)) for x, y in pairs], "line")
        lon, lat = (self.number(name, low=-high, high=high) for name, high in (("lon", 180.0), ("lat", 90.0)))
        if (lon is None) != (lat is None):
            raise self.fail("lon", "经度和纬度要一起给出", "give both longitude and latitude")
        return () if lon is None or lat is None else ((lon, lat),)

    def _times(self) -> tuple[Any, Any, tuple[int, int]]:
        window = (0, DAY_MIN)
        start_text, end_text = self.get("from"), self.get("to")
        if start_text and end_text and read_clock(start_text) is not None and read_clock(end_text) is not None:
            window = (self._clock("from", start_text), self._clock("to", end_text))
            start_text = end_text = ""
        hours = re.split(r"[-–~至到]", self.get("hours")) if self.get("hours") else []
        if hours:
            if len(hours) != _PAIR:
                raise self.fail("hours", "应为 22:00-06:00", "write it like 22:00-06:00")
            window = (self._clock("hours", hours[0]), self._clock("hours", hours[1]))
        start, end = (self._moment(name, text) for name, text in (("from", start_text), ("to", end_text)))
        return start, end, window

    def _moment(self, column: str, text: str) -> Any:
        if not text:
            return None
        try:
            return read_moment(text)
        except InputError:
            raise self.fail(
                column, "不是时刻，请写 2026-11-25T08:00 或 08:00", "this is no time of day or moment"
            ) from None

    def _clock(self, column: str, text: str) -> int:
        value = read_clock(text)
        if value is None:
            raise self.fail(column, "不是 00:00 到 24:00 的钟点", "this is no time of day; write 00:00 to 24:00")
        return value

    def _days(self) -> frozenset[int]:
        text = self.get("days").lower().replace("星期", "").replace("周至", "至")
        if text in _DAY_GROUPS:
            return _DAY_GROUPS[text]
        bare = text.replace("周", "")
        days: set[int] = set()
        for part in re.split(r"[,;，；、\s]+", bare):
            ends = [_DAYS.get(end.strip()[:3], _DAYS.get(end.strip())) for end in re.split(r"[-–~至到]", part) if end]
            if not ends or len(ends) > _PAIR or None in ends:
                raise self.fail("days", "应为 1-5、周一至周五 或 Mon-Fri", "write 1-5 or Mon-Fri (1 is Monday)")
            first, last = int(ends[0] or 0), int(ends[-1] or 0)
            days.update((first + k) % 7 for k in range((last - first) % 7 + 1))
        return frozenset(days)

    def _slowness(self) -> tuple[float | None, float]:
        kmh = self.number("speed_kmh", low=0.0, high=200.0)
        share = self.number("speed_factor", low=0.0, high=1.0)
        if kmh == 0 or share == 0:
            return None, CLOSED
        if kmh is not None:
            return kmh, 1.0
        if share is not None:
            return None, 1.0 / share
        if self.get("factor").lower() in _CLOSED_WORDS:
            return None, CLOSED
        return None, self.number("factor", low=1.0, high=_SLOWEST) or CLOSED


def read_clock(text: str) -> int | None:
    """Return minutes since midnight of ``HH:MM`` or ``HH``, 0 to 1440; None where the text is none."""
    match = _CLOCK.fullmatch(text.strip().replace("：", ":"))
    if match is None:
        return None
    value = int(match[1]) * 60 + int(match[2] or 0)
    return value if int(match[2] or 0) < 60 and value <= DAY_MIN else None  # noqa: PLR2004


def _checked_places(row: _Row, places: Sequence[tuple[float, float]], column: str) -> tuple[tuple[float, float], ...]:
    if not places or len(places) > _MOST_POINTS:
        raise row.fail(column, f"应有 1 到 {_MOST_POINTS} 个点", f"give 1 to {_MOST_POINTS} points")
    for x, y in places:
        if not (abs(x) <= _LARGEST_LON and abs(y) <= _LARGEST_LAT):
            raise row.fail(column, "坐标超出范围（先经度后纬度）", "out of range: longitude first, then latitude")
    return tuple((float(x), float(y)) for x, y in places)


def _features(path: Path, name: str) -> list[tuple[str, dict[str, Any], tuple[tuple[tuple[float, float], ...], bool]]]:
    """Return the closures drawn in a GeoJSON file: where, properties, and drawing with whether it is an area."""
    try:
        document = json.loads(path.read_text("utf-8-sig"))
        features = document["features"] if document["type"] == "FeatureCollection" else [document]
        features = list(features[:_MOST])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{name}：不是 GeoJSON 要素集，请重新导出。 / {name}: no GeoJSON feature collection; export it again."
        ) from error
    found = []
    for number, feature in enumerate(features, start=1):
        where = f"{name} 第 {number} 个要素 / {name}, feature {number}"
        try:
            cells = _named(feature.get("properties") or {})
            cells.setdefault("id", feature.get("id", f"{number}"))
            if isinstance(cells.get("days"), list):
                cells["days"] = ",".join(map(str, cells["days"]))
            drawn = _shape(_Row(where, cells), feature.get("geometry"))
        except InputError:
            raise
        except (AttributeError, TypeError, ValueError, KeyError, IndexError, RecursionError) as error:
            zh, _, en = where.partition(" / ")
            raise InputError(
                f"{zh}读不出来，应为点、线或面。 / {en} cannot be read; it is a point, a line or an area."
            ) from error
        found.append((where, cells, drawn))
    return found


def _named(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties under our names, whatever heading they stand under."""
    ours = {alias.lower(): name for name, known in HEADINGS.items() for alias in (name, *known)}
    return {ours[str(key).lower()]: value for key, value in cells.items() if str(key).lower() in ours}


def _shape(row: _Row, geometry: Any) -> tuple[tuple[tuple[float, float], ...], bool]:
    if geometry is None:
        return (), False
    kind, places = geometry["type"], geometry["coordinates"]
    if kind == "MultiLineString" and len(places) == 1:
        kind, places = "LineString", places[0]
    if kind == "MultiPolygon" and len(places) == 1:
        kind, places = "Polygon", places[0]
    if kind not in {"Point", "LineString", "Polygon"}:
        raise row.fail("geometry", "只能是点、线或面，多部件请拆开", "it is a point, a line or an area; split parts")
    if kind == "Point":
        places = [places]
    elif kind == "Polygon":
        places = places[0]
    return _checked_places(row, [(float(p[0]), float(p[1])) for p in places], "geometry"), kind == "Polygon"
