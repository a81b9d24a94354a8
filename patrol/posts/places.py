"""Places for posts: toll stations, service areas, weigh stations and the user's own points."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.errors import InputError
from geo.network import Network
from geo.stations import StationKind
from patrol.tables import read_rows

STATION, SERVICE_AREA, WEIGH_STATION, POINT, POST = "station", "service_area", "weigh_station", "point", "post"
KINDS = (STATION, SERVICE_AREA, WEIGH_STATION)

COLUMNS = ("id", "lon", "lat")
_MOST_UNITS = 100
_NO_POST = frozenset({StationKind.GATE, StationKind.BORDER})


@dataclass(frozen=True, slots=True)
class Site:
    """A place where units may stand.

    Attributes
    ----------
    id
        Unique among the sites of one question.
    kind
        ``station``, ``service_area``, ``weigh_station``, ``point`` or ``post`` (where a unit stands today).
    name
        Its name, or ``""``.
    lon, lat
        WGS-84 degrees.
    room
        How many units can stand there, at least 1.
    units
        How many stand there in any case (a fixed post), 0 to ``room``.
    """

    id: str
    kind: str
    name: str
    lon: float
    lat: float
    room: int = 1
    units: int = 0

    def __post_init__(self) -> None:
        if not self.id or self.room < 1 or not 0 <= self.units <= self.room:
            msg = f"a site has an id and room for its units, got {self}"
            raise ValueError(msg)


def find_sites(network: Network, *, kinds: Collection[str] = KINDS, room: int = 1) -> tuple[Site, ...]:
    """Return the candidate sites of a map, sorted by kind and id.

    Parameters
    ----------
    network
        The network, with stations.
    kinds
        Which of ``KINDS``.
    room
        Units that can stand at each.

    Raises
    ------
    InputError
        Where a kind is unknown.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise InputError(
            f"驻点类别 {unknown[0]} 不认识，请用 {'、'.join(KINDS)}。"
            f" / {unknown[0]} is no kind of site; use {', '.join(KINDS)}"
        )
    found: list[Site] = []
    if STATION in kinds:
        found += [Site(s.id, STATION, s.name, s.lon, s.lat, room) for s in network.stations if s.kind not in _NO_POST]
    if SERVICE_AREA in kinds:
        for area in network.areas:
            if area.kind in {"services", "rest_area"}:
                lon, lat = np.concatenate([ring[:-1] for ring in area.rings]).mean(axis=0).tolist()
                found.append(Site(area.id, SERVICE_AREA, area.name, round(lon, 7), round(lat, 7), room))
        for value in ("services", "rest_area"):
            found += _nodes(network, "highway", value, SERVICE_AREA, room)
    if WEIGH_STATION in kinds:
        found += _nodes(network, "amenity", "weighbridge", WEIGH_STATION, room)
    return tuple(sorted(found, key=lambda site: (site.kind, site.id)))


def _nodes(network: Network, key: str, value: str, kind: str, room: int) -> list[Site]:
    nodes = network.nodes
    return [
        Site(
            f"n{nodes.id[row]}",
            kind,
            nodes.tags[row].get("name", ""),
            float(nodes.lon[row]),
            float(nodes.lat[row]),
            room,
        )
        for row in nodes.rows_with(key, value).tolist()
    ]


def read_sites(file: Path) -> tuple[Site, ...]:
    """Read the user's points from a CSV table ``id,lon,lat`` with optional ``name,room,units``, in file order.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    sites = []
    for row in read_rows(file, required=COLUMNS):
        lon, lat = row.place()
        room = row.number("room", low=1, high=_MOST_UNITS, default=1.0)
        units = row.number("units", low=0, high=room, default=0.0)
        for column, number in (("room", room), ("units", units)):
            if number != int(number):
                raise row.fail(column, f"{number:g} is not a whole number of units", "write 0, 1, 2, …")
        name = row.text("name", default="")
        sites.append(Site(row.text("id"), POINT, name, lon, lat, int(room), int(units)))
    return tuple(sites)
