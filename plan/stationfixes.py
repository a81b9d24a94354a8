"""Stations as persons corrected them: ``correct_station`` decisions, kept apart from the map and applied in one place.

A decision holds what a person found out about one station: ``name``, ``kind``, ``lon`` and ``lat``, ``lanes``, as many
of them as were reviewed. Several decisions on one station add up, the latest word on each matter holds, and an empty
value gives the station back to the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import InputError
from geo.stations import StationKind
from plan.decisions import Decision

if TYPE_CHECKING:
    from geo.network import Network
    from geo.sheet import SheetRow
    from geo.stationfixes import StationFix
    from geo.stations import Station

KIND = "correct_station"
FIELDS = ("name", "kind", "lon", "lat", "lanes")
ANCHORS = "anchors"
"""Where the station stood when it was corrected, for the next map; corrects nothing."""
BOOTHS = "booths"
"""OSM node ids, on roads of the map, where a booth of the station stands that the map lacks."""
MOST_LANES = 60
"""More lanes than any plaza has."""

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "station": ("收费站编号", "站号", "id", "station_id", "收费站"),
    "name": ("名称", "站名", "更正名称"),
    "kind": ("类型", "种类"),
    "lon": ("经度", "lng", "longitude"),
    "lat": ("纬度", "latitude"),
    "lanes": ("车道数", "车道"),
    "who": ("核对人", "订正人", "by"),
    "when": ("日期", "核对日期", "on", "date"),
    "why": ("理由", "原因", "reason"),
}
_KIND_WORDS: Mapping[str, StationKind] = {
    "匝道站": StationKind.RAMP,
    "匝道": StationKind.RAMP,
    "主线站": StationKind.MAIN_LINE,
    "主线": StationKind.MAIN_LINE,
    "服务区": StationKind.SERVICE_AREA,
    "服务区站": StationKind.SERVICE_AREA,
    "省界站": StationKind.BORDER,
    "省界": StationKind.BORDER,
    "门禁": StationKind.GATE,
    "非收费站": StationKind.GATE,
}
_EAST, _NORTH = 180.0, 90.0


def correct(station: str, value: Mapping[str, Any], *, who: str, when: str, why: str = "") -> Decision:
    """Return the decision that corrects a station.

    Parameters
    ----------
    station
        Station id.
    value
        Some of ``FIELDS``: WGS-84 degrees, a kind of ``geo.stations.StationKind`` or its Chinese word, whole lanes;
        or ``BOOTHS``; empty to take back every correction.
    who, when, why
        The person or office, ISO date, reason.

    Raises
    ------
    InputError
        A field is unknown or its value is none; nobody is named, or the date is none.
    """
    if not who.strip():
        raise InputError("收费站订正没有写明核对人，请补上。 / a correction names the person who checked: add who.")
    try:
        date.fromisoformat(when)
    except ValueError:
        raise InputError(
            f"收费站订正的日期“{when[:20]}”不是 2026-11-25 这样的日期，请改正。 / write the date like 2026-11-25."
        ) from None
    return Decision(KIND, station, _checked(value, station), who=who.strip(), when=when, why=why)


def _checked(value: Mapping[str, Any], station: str) -> dict[str, Any]:
    unknown = sorted(set(value) - {*FIELDS, BOOTHS, ANCHORS})
    if unknown:
        raise _fault(station, unknown[0], f"可用：{'、'.join(FIELDS)}", f"use {', '.join(FIELDS)}")
    good: dict[str, Any] = {}
    if "name" in value:
        good["name"] = str(value["name"]).strip()
        if not good["name"]:
            raise _fault(station, "name", "名称不能为空", "a name is not empty")
    if "kind" in value:
        text = str(value["kind"]).strip()
        kind = _KIND_WORDS.get(text, text)
        if kind not in set(StationKind):
            kinds = "、".join(StationKind)
            raise _fault(station, "kind", f"可用：{kinds}", f"use {kinds.replace('、', ', ')}")
        good["kind"] = str(kind)
    good |= _checked_place(value, station)
    if "lanes" in value:
        try:
            lanes = int(value["lanes"])
        except (TypeError, ValueError):
            lanes = 0
        if not 1 <= lanes <= MOST_LANES:
            raise _fault(
                station, "lanes", f"应为 1 到 {MOST_LANES} 的整数", f"give a whole number from 1 to {MOST_LANES}"
            )
        good["lanes"] = lanes
    if BOOTHS in value:
        good[BOOTHS] = _checked_booths(value[BOOTHS], station)
    return good


def _checked_booths(value: object, station: str) -> list[int]:
    ids = list(value) if isinstance(value, (list, tuple)) else []
    if not ids or not all(isinstance(ident, int) for ident in ids):
        raise _fault(station, BOOTHS, "应为地图节点号的列表", "give a list of OSM node ids")
    return ids


def _checked_place(value: Mapping[str, Any], station: str) -> dict[str, float]:
    if "lon" not in value and "lat" not in value:
        return {}
    try:
        lon, lat = float(value["lon"]), float(value["lat"])
    except (KeyError, TypeError, ValueError):
        raise _fault(station, "lon", "经度和纬度要一起给出", "give both longitude and latitude") from None
    if not (abs(lon) <= _EAST and abs(lat) <= _NORTH):
        raise _fault(station, "lat", "超出范围，经纬度可能颠倒", "out of range: perhaps exchanged")
    return {"lon": round(lon, 7), "lat": round(lat, 7)}


def _fault(station: str, column: str, chinese: str, english: str) -> InputError:
    return InputError(
        f"收费站 {station[:40]} 的订正“{column}”有误：{chinese}。 / correction of station {station[:40]}, {column}:"
        f" {english}."
    )


def corrections(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """Return station id to the decisions in force about it, in the order they were made."""
    found: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.kind == KIND:
            if set(decision.value) & {*FIELDS, BOOTHS}:
                found.setdefault(decision.key, []).append(decision)
            else:
                found.pop(decision.key, None)
    return found


def as_fixes(decisions: Iterable[Decision]) -> tuple[StationFix, ...]:
    """Return the corrections in force as ``geo.stationfixes`` applies them; a field that cannot be read is left out."""
    from geo.stationfixes import CountLanes, MoveStation, RenameStation, RetypeStation

    fixes: list[StationFix] = []
    for station, made in corrections(decisions).items():
        for one in made:
            about = {"station": station, "by": one.who, "on": one.when, "reason": one.why}
            try:
                value = _checked(one.value, station)
            except InputError:
                continue
            if "name" in value:
                fixes.append(RenameStation(**about, name=value["name"]))
            if "kind" in value:
                fixes.append(RetypeStation(**about, kind=StationKind(value["kind"])))
            if "lon" in value:
                fixes.append(MoveStation(**about, lon=value["lon"], lat=value["lat"]))
            if "lanes" in value:
                fixes.append(CountLanes(**about, lanes=value["lanes"]))
    return tuple(fixes)


def booth_fixes(network: Network, decisions: Iterable[Decision]) -> tuple[StationFix, ...]:
    """Return the booths that decisions add at nodes of roads; a node that no road of the map has is stale.

    A new booth stands where roads meet or end, so that no road is cut and every row of the network stays what it was.
    A booth at node N of station ``nN``, which the map does not have, makes that station.
    """
    from geo.stationfixes import AddBooth

    fixes: list[StationFix] = []
    seg, ids = network.segments, network.nodes.id
    known = {s.id for s in network.stations}
    for station, made in corrections(decisions).items():
        for one in made:
            try:
                booths = _checked(one.value, station).get(BOOTHS, [])
            except InputError:
                continue
            for ident in booths:
                own = "" if station not in known and station == f"n{ident}" else station
                rows = np.flatnonzero((ids[seg.u] == ident) | (ids[seg.v] == ident))
                at_start = len(rows) > 0 and int(ids[seg.u[rows[0]]]) == ident
                segment = network.segment_ids[int(rows[0])] if len(rows) else f"n{ident}"
                offset = 0.0 if at_start or not len(rows) else float(seg.length_m[rows[0]])
                booth = AddBooth(by=one.who, on=one.when, reason=one.why, segment=segment, offset_m=offset, station=own)
                fixes.append(booth)
    return tuple(fixes)


def correct_stations(network: Network, decisions: Iterable[Decision]) -> Network:
    """Return a network with its stations as persons corrected them; the same object where nobody has.

    A correction of a station that the map no longer has becomes the finding ``station_fix_stale``.
    """
    made = [decision for decision in decisions if decision.kind == KIND]
    fixes = (*as_fixes(made), *booth_fixes(network, made))
    if not fixes:
        return network
    from geo.stationfixes import apply_fixes

    return apply_fixes(network, fixes)


def read_corrections(path: str | Path, stations: Sequence[Station], *, who: str = "", when: str = "") -> list[Decision]:
    """Read corrections from a table (CSV or XLSX), one row a station.

    Parameters
    ----------
    path
        Columns ``station`` (id, or a name that one station carries), ``name``, ``kind``, ``lon``, ``lat``,
        ``lanes``, ``who``, ``when``, ``why``; Chinese headings are known too. Empty cells correct nothing.
    stations
        The stations of the map; a key that is none of them is kept and reported when it is applied.
    who, when
        Person and ISO date of rows that name none.

    Raises
    ------
    InputError
        The file is no such table, a row corrects nothing, or a value is none; the sentence names the line.
    """
    from geo.sheet import read_sheet

    sheet = read_sheet(path, headings=_HEADINGS, required=("station",))
    found = []
    for row in sheet.rows:
        value = {field: row.get(field) for field in FIELDS if row.get(field)}
        if not value or not row.get("station"):
            raise InputError(
                f"{sheet.name} 第 {row.line} 行没有写明收费站或没有任何订正内容，请补上或删去。"
                f" / {sheet.name}, line {row.line}: name a station and at least one correction, or remove the row."
            )
        try:
            key = _station_of(row, stations)
            found.append(
                correct(key, value, who=row.get("who") or who, when=row.get("when")[:10] or when, why=row.get("why"))
            )
        except InputError as error:
            chinese, _, english = str(error).rpartition(" / ")
            msg = f"{sheet.name} 第 {row.line} 行：{chinese} / {sheet.name}, line {row.line}: {english}"
            raise InputError(msg) from None
    return found


def _station_of(row: SheetRow, stations: Sequence[Station]) -> str:
    text = row.get("station")
    if any(s.id == text for s in stations):
        return text
    named = [s.id for s in stations if text == s.name or text in s.names]
    if len(named) > 1:
        raise InputError(
            f"有 {len(named)} 个收费站叫“{text[:30]}”，请改用编号（{'、'.join(named[:5])}）。"
            f" / {len(named)} stations are called that; give an id ({', '.join(named[:5])})."
        )
    return named[0] if named else text


def list_stations(network: Network, decisions: Iterable[Decision] = ()) -> list[dict[str, Any]]:
    """Return the stations of a corrected network as JSON values: WGS-84 degrees, lanes by direction, who corrected."""
    from geo.stationlanes import count_lanes

    lanes, made = count_lanes(network), corrections(decisions)
    return [
        {
            "id": s.id,
            "name": s.name,
            "names": list(s.names),
            "kind": str(s.kind),
            "lon": s.lon,
            "lat": s.lat,
            "lanes": s.lanes,
            "lanes_by_direction": dict(lanes.get(s.id, {})),
            "booths": [int(network.nodes.id[row]) for row in s.booths],
            "areas": list(s.areas),
            "corrections": [
                {"fields": sorted(set(d.value) & set(FIELDS)), "who": d.who, "when": d.when, "why": d.why}
                for d in made.get(s.id, ())
            ],
        }
        for s in network.stations
    ]
