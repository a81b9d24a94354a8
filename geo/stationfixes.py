"""Corrections of stations, reviewed by a person and kept apart from the map: a new map takes them over unchanged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

from geo.cutting import Cut, cut_network
from geo.errors import InputError
from geo.findings import Finding, Severity, sort_findings
from geo.network import Network
from geo.stations import Station, StationKind, station_findings

FORMAT = 1
"""Version of the JSON form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFix:
    """What every correction says about itself: who made it, when (ISO date) and why."""

    by: str
    on: str
    reason: str = ""

    kind_of_fix: ClassVar[str] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameStation(StationFix):
    """Give a station a name; the names of the map stay in ``names``."""

    station: str
    name: str

    kind_of_fix: ClassVar[str] = "rename"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetypeStation(StationFix):
    """Say what a station separates."""

    station: str
    kind: StationKind

    kind_of_fix: ClassVar[str] = "retype"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeStations(StationFix):
    """Make one station of several; the first one keeps its id."""

    stations: tuple[str, ...]
    name: str = ""

    kind_of_fix: ClassVar[str] = "merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitStation(StationFix):
    """Take booths (OSM node ids) out of a station and make another one of them."""

    station: str
    booths: tuple[int, ...]
    name: str = ""

    kind_of_fix: ClassVar[str] = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBooth(StationFix):
    """Put a booth on a segment, ``offset_m`` metres from its first point; into a station, or as a new one."""

    segment: str
    offset_m: float
    station: str = ""
    name: str = ""
    kind: StationKind = field(default=StationKind.RAMP)

    kind_of_fix: ClassVar[str] = "add_booth"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStation(StationFix):
    """Say where a station stands, WGS-84 degrees; its booths stay on their roads."""

    station: str
    lon: float
    lat: float

    kind_of_fix: ClassVar[str] = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLanes(StationFix):
    """Say how many lanes a station has, both directions together."""

    station: str
    lanes: int

    kind_of_fix: ClassVar[str] = "lanes"


_KINDS: Mapping[str, type[StationFix]] = {
    cls.kind_of_fix: cls
    for cls in (RenameStation, RetypeStation, MergeStations, SplitStation, AddBooth, MoveStation, CountLanes)
}


def write_fixes(fixes: Sequence[StationFix]) -> str:
    """Return corrections as JSON text, in their order."""
    body = [{"fix": fix.kind_of_fix, **asdict(fix)} for fix in fixes]
    return json.dumps({"format": FORMAT, "station_fixes": body}, ensure_ascii=False, indent=1, sort_keys=True)


def read_fixes(text: str) -> tuple[StationFix, ...]:
    """Read corrections from JSON text.

    Raises
    ------
    InputError
        Not JSON of this form, a newer version, an unknown kind of correction, or a field that is missing or unknown.
    """
    try:
        document = json.loads(text)
        version, body = document["format"], document["station_fixes"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            "收费站订正文件读不出来，应为本软件导出的 JSON。"
            " / the station corrections cannot be read; give the JSON this program wrote."
        ) from error
    if version != FORMAT or not isinstance(body, list):
        raise InputError(
            f"收费站订正文件的版本 {str(version)[:10]} 不认识，请升级软件。"
            f" / station corrections of version {str(version)[:10]} are unknown; update the program."
        )
    return tuple(_read_fix(row, number) for number, row in enumerate(body, start=1))


def _read_fix(row: object, number: int) -> StationFix:
    try:
        values: dict[str, Any] = dict(row)  # type: ignore[call-overload]
        cls = _KINDS[values.pop("fix")]
        if "kind" in values:
            values["kind"] = StationKind(values["kind"])
        for name, of in (("stations", str), ("booths", int)):
            if name in values:
                values[name] = tuple(of(item) for item in values[name])
        for name in {"offset_m", "lon", "lat"} & set(values):
            values[name] = float(values[name])
        if "lanes" in values:
            values["lanes"] = int(values["lanes"])
        for name in {"by", "on", "reason", "station", "name", "segment"} & set(values):
            values[name] = _take_text(values[name])
        return cls(**values)
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(
            f"第 {number} 条收费站订正有误，请核对各字段。"
            f" / station correction {number} is not valid; check its fields."
        ) from error


def _take_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def apply_fixes(network: Network, fixes: Sequence[StationFix]) -> Network:
    """Return the network with corrected stations.

    Parameters
    ----------
    network
        The map with its stations; not changed.
    fixes
        Corrections, applied in order; new booths first, since their places name segments of the map as it is.

    Returns
    -------
    Network
        Segments are cut at new booths, so new segment ids appear there and only there. A correction that names a
        station, booth or segment which the map no longer has is left out and listed as ``station_fix_stale``.
    """
    stale: list[StationFix] = []
    network, stations = _add_booths(network, [f for f in fixes if isinstance(f, AddBooth)], stale)
    by = {station.id: station for station in stations}
    for fix in fixes:
        if not isinstance(fix, AddBooth):
            changed = _apply(network, by, fix)
            if changed is None:
                stale.append(fix)
            else:
                by = changed
    ordered = tuple(sorted(by.values(), key=lambda s: (s.lon, s.lat, s.id)))
    bare = network.with_stations(ordered, ())
    fresh = station_findings(bare, ordered)
    about = {f.code for f in station_findings(network, network.stations)} | {f.code for f in fresh}
    kept = [f for f in network.findings if f.code not in about]
    return network.with_stations(ordered, sort_findings([*kept, *fresh, *_stale_finding(stale)]))


def _add_booths(
    network: Network, fixes: Sequence[AddBooth], stale: list[StationFix]
) -> tuple[Network, tuple[Station, ...]]:
    """Cut the network at new booths and give it their stations."""
    good: list[AddBooth] = []
    for fix in fixes:
        known = {s.id for s in network.stations} | {""}
        try:
            cut_network(network, [Cut(fix.segment, fix.offset_m)])
        except InputError:
            stale.append(fix)
            continue
        (good if fix.station in known else stale).append(fix)
    if not good:
        return network, network.stations
    cut = cut_network(network, [Cut(fix.segment, fix.offset_m) for fix in good])
    tags = dict(cut.network.nodes.tags)
    stations = {s.id: s for s in network.stations}
    for fix, node in zip(good, cut.node_of_cut, strict=True):
        named = {"name": fix.name} if fix.name else {}
        tags[node] = MappingProxyType({**tags.get(node, {}), **named, "barrier": "toll_booth"})
    nodes = replace(cut.network.nodes, tags=MappingProxyType(tags))
    grown = replace(cut.network, nodes=nodes)
    for fix, node in zip(good, cut.node_of_cut, strict=True):
        own = stations.get(fix.station)
        if own is None:
            ident = f"n{int(nodes.id[node])}"
            place = (float(nodes.lon[node]), float(nodes.lat[node]))
            names = (fix.name,) if fix.name else ()
            stations[ident] = Station(ident, fix.name, names, fix.kind, *place, booths=(node,), lanes=1)
        elif node not in own.booths:
            stations[own.id] = _moved(grown, own, (*own.booths, node), lanes=own.lanes + 1)
    return grown, tuple(stations.values())


def _apply(network: Network, by: Mapping[str, Station], fix: StationFix) -> dict[str, Station] | None:
    """Return the stations after one correction, None where it no longer fits."""
    after = dict(by)
    match fix:
        case RenameStation(station=ident, name=name) if ident in by:
            names = tuple(sorted({*by[ident].names, name} - {""}))
            after[ident] = replace(by[ident], name=name, names=names)
        case RetypeStation(station=ident, kind=kind) if ident in by:
            after[ident] = replace(by[ident], kind=kind)
        case MoveStation(station=ident, lon=lon, lat=lat) if ident in by:
            after[ident] = replace(by[ident], lon=round(lon, 7), lat=round(lat, 7))
        case CountLanes(station=ident, lanes=lanes) if ident in by:
            after[ident] = replace(by[ident], lanes=lanes)
        case MergeStations(stations=idents) if len(set(idents)) > 1 and set(idents) <= set(by):
            first, parts = by[idents[0]], [by[k] for k in dict.fromkeys(idents)]
            names = tuple(sorted({n for p in parts for n in p.names} | ({fix.name} if fix.name else set())))
            areas = tuple(sorted({a for p in parts for a in p.areas}))
            for ident in idents[1:]:
                after.pop(ident, None)
            joined = replace(first, name=fix.name or first.name, names=names, areas=areas)
            booths = tuple(b for p in parts for b in p.booths)
            after[first.id] = _moved(network, joined, booths, lanes=sum(p.lanes for p in parts))
        case SplitStation(station=ident, booths=ids) if ident in by:
            own = by[ident]
            out = tuple(b for b in own.booths if int(network.nodes.id[b]) in set(ids))
            rest = tuple(b for b in own.booths if b not in out)
            if not out or not rest or len(out) != len(set(ids)):
                return None
            return {**after, **_split(network, own, (rest, out), name=fix.name)}
        case _:
            return None
    return after


def _split(
    network: Network, own: Station, parts: tuple[tuple[int, ...], tuple[int, ...]], *, name: str
) -> dict[str, Station]:
    rest, out = parts
    new_id = f"n{min((int(network.nodes.id[b]) for b in out), key=abs)}"
    if new_id == own.id:
        new_id += "-2"
    share = max(1, round(own.lanes * len(out) / len(own.booths)))
    names = tuple(sorted({network.nodes.tags.get(b, {}).get("name", "") for b in out} - {""} | ({name} - {""})))
    fresh = replace(own, id=new_id, name=name or (names[0] if names else own.name), names=names or own.names)
    return {
        own.id: _moved(network, own, rest, lanes=max(1, own.lanes - share)),
        new_id: _moved(network, fresh, out, lanes=share),
    }


def _moved(network: Network, station: Station, booths: Sequence[int], *, lanes: int) -> Station:
    rows = sorted(set(booths))
    if not rows:
        return replace(station, booths=(), lanes=lanes)
    lon, lat = network.nodes.lon[rows].mean(), network.nodes.lat[rows].mean()
    return replace(station, booths=tuple(rows), lanes=lanes, lon=round(float(lon), 7), lat=round(float(lat), 7))


def _stale_finding(stale: Sequence[StationFix]) -> list[Finding]:
    if not stale:
        return []
    listed = "、".join(f"{fix.kind_of_fix}（{fix.by} {fix.on}）" for fix in stale[:10])
    return [
        Finding(
            "station_fix_stale",
            Severity.WARNING,
            len(stale),
            f"{len(stale)} 条收费站订正所指的收费站或路段已不在地图上，未应用（{listed}），请复核。",
            f"{len(stale)} station corrections name a station or segment the map no longer has and were not applied"
            f" ({listed}).",
        )
    ]
