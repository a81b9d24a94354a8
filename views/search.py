"""The search box: from what a person types to a place on the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.errors import InputError
from geo.network import Network
from plan.model import Plan
from views.console.jobs import parse_place

MOST_HITS = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes
    ----------
    kind, id
        What it is: ``place``, ``station`` or ``segment``, and its id.
    label
        A text of the map, to be shown as such.
    lon, lat
        WGS-84 degrees.
    bounds
        (west, south, east, north) of a whole road, or ``None``.
    """

    kind: str
    id: str
    label: str
    lon: float
    lat: float
    bounds: tuple[float, float, float, float] | None = None


def looks_like_place(text: str) -> bool:
    """Return whether a text is meant as coordinates."""
    return "," in text.replace("，", ",") and not any(letter.isalpha() for letter in text)


def find_things(plan: Plan, text: str) -> list[Hit]:
    """Return what a text may mean, the best first: coordinates, a segment id, stations, roads by name or number.

    Raises
    ------
    InputError
        The text looks like coordinates and is none.
    """
    text = text.strip()
    if not text:
        return []
    if looks_like_place(text):
        lon, lat = parse_place(text)
        return [Hit("place", "", f"{lon:.6f}, {lat:.6f}", lon, lat)]
    network = plan.derived.network
    row = network.row_of_segment.get(text)
    if row is not None:
        lon, lat = middle_of_segment(network, row)
        return [Hit("segment", text, text, lon, lat)]
    return [*_stations(network, text), *_roads(network, text)][:MOST_HITS]


def require_things(plan: Plan, text: str) -> list[Hit]:
    """Return what a text may mean.

    Raises
    ------
    InputError
        Nothing on the map answers to it.
    """
    hits = find_things(plan, text)
    if not hits:
        msg = (
            f"没有找到“{text[:40]}”；可输入 经度,纬度、收费站名、路名、编号或路段号。 / nothing found for "
            f"“{text[:40]}”; type LON,LAT, a station, a road name or number, or a segment id."
        )
        raise InputError(msg)
    return hits


def middle_of_segment(network: Network, row: int) -> tuple[float, float]:
    """Return the middle point of a segment's line, lon/lat."""
    points = network.points(row)
    if len(points) == 2:  # noqa: PLR2004 - a straight segment
        return float(points[:, 0].mean()), float(points[:, 1].mean())
    lon, lat = points[len(points) // 2]
    return float(lon), float(lat)


def _stations(network: Network, text: str) -> list[Hit]:
    wanted = text.casefold()
    found = [s for s in network.stations if any(wanted in name.casefold() for name in (*s.names, s.id))]
    found.sort(key=lambda s: (wanted != s.name.casefold(), len(s.name), s.id))
    return [Hit("station", s.id, s.name or s.id, s.lon, s.lat) for s in found]


def _roads(network: Network, text: str) -> list[Hit]:
    wanted = text.casefold()
    hits: list[tuple[tuple[bool, bool, str], Hit]] = []
    for tag in ("ref", "name"):
        column = network.ways.text[tag]
        for name in column.pool:
            parts = [part.strip().casefold() for part in name.split(";")]
            is_exact = wanted in parts
            if not name or not (is_exact or (tag == "name" and wanted in name.casefold())):
                continue
            rows = np.flatnonzero(column.where({name})[network.segments.way])
            if len(rows):
                hits.append(((not is_exact, tag == "name", name), _road(network, name, rows)))
    return [hit for _, hit in sorted(hits, key=lambda pair: pair[0])]


def _road(network: Network, name: str, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Hit:
    seg = network.segments
    nodes = np.concatenate((seg.u[rows], seg.v[rows]))
    lon, lat = network.nodes.lon[nodes], network.nodes.lat[nodes]
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    longest = int(rows[int(seg.length_mm[rows].argmax())])
    middle = middle_of_segment(network, longest)
    return Hit("segment", network.segment_ids[longest], name, *middle, bounds=box)
