"""Stakes read off the map itself: milestones, and interchange numbers as a rough source."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from geo.errors import InputError
from geo.network import Network
from geo.routetrace import find_route
from geo.stakes import Direction, parse_stake
from geo.staketable import StakeSource, StakeTable, make_stake_table

_KILOMETRES = re.compile(r"(\d{1,4}(?:[.,]\d{1,3})?)(?:\s*km)?", re.IGNORECASE)
_EXIT = re.compile(r"(\d{1,4})\s*[A-Za-z]?(?:\s*[-;,/]\s*(\d{1,4})\s*[A-Za-z]?)?")


def read_milestone(text: str) -> int | None:
    """Return the millimetres of an OSM ``distance`` tag of a milestone, None where it is no stake.

    Examples
    --------
    >>> read_milestone("12.5"), read_milestone("12 km"), read_milestone("K12+300"), read_milestone("north")
    (12500000, 12000000, 12300000, None)
    """
    match = _KILOMETRES.fullmatch(text.strip())
    if match:
        return round(float(match[1].replace(",", ".")) * 1000) * 1000
    try:
        return parse_stake(text).mm
    except InputError:
        return None


def read_exit_number(text: str) -> int | None:
    """Return the millimetres of an exit number, which on most Chinese expressways is its kilometre.

    ``104A`` is 104, ``104-105`` their middle; names and ``S12`` are none.

    Examples
    --------
    >>> read_exit_number("104A"), read_exit_number("104-106"), read_exit_number("机场")
    (104000000, 105000000, None)
    """
    match = _EXIT.fullmatch(text.strip())
    if not match:
        return None
    low = int(match[1])
    return (low + int(match[2] or low)) * 500_000


def find_milestones(network: Network, route: str) -> StakeTable:
    """Collect the milestones on the main lines of a route.

    Parameters
    ----------
    network
        The map; a node ``highway=milestone`` with ``distance`` counts if it lies on a way with this number.
    route
        Route number.

    Raises
    ------
    InputError
        The route has fewer than two of them.
    """
    found = {}
    for row in _nodes_of(network, route):
        tags = network.nodes.tags.get(row, {})
        if tags.get("highway") == "milestone":
            mm = read_milestone(tags.get("distance", ""))
            if mm is not None:
                found[row] = mm
    return _make_table(network, route, found, StakeSource.MILESTONE)


def find_interchanges(network: Network, route: str) -> StakeTable:
    """Collect the numbered interchanges of a route: a rough source, 500 m at best.

    Parameters
    ----------
    network
        The map; nodes ``highway=motorway_junction`` with a numeric ``ref``. Exits of one interchange that carry one
        number count once, in their middle.
    route
        Route number.

    Raises
    ------
    InputError
        The route has fewer than two of them.
    """
    nodes, points = network.nodes, []
    for row in _nodes_of(network, route):
        tags = nodes.tags.get(row, {})
        if tags.get("highway") == "motorway_junction":
            points.append((tags.get("ref", ""), float(nodes.lon[row]), float(nodes.lat[row])))
    return make_interchange_table(points, route=route)


def find_numbered_routes(network: Network) -> tuple[str, ...]:
    """Return the routes with two milestones or two numbered exits on their main lines, sorted: they have rough stakes.

    Parameters
    ----------
    network
        The map.
    """
    known: dict[int, tuple[str, int]] = {}
    for row, tags in network.nodes.tags.items():
        kind, mm = tags.get("highway", ""), None
        if kind == "milestone":
            mm = read_milestone(tags.get("distance", ""))
        elif kind == "motorway_junction":
            mm = read_exit_number(tags.get("ref", ""))
        if mm is not None:
            known[row] = (kind, mm)
    if not known:
        return ()
    ptr, points = network.line_rows()
    at = np.flatnonzero(np.isin(points, np.fromiter(known, dtype=points.dtype)))
    segments = np.searchsorted(ptr, at, side="right") - 1
    refs = network.ways.text["ref"]
    seen: dict[tuple[str, str], set[int]] = {}
    for segment, place in zip(segments.tolist(), at.tolist(), strict=True):
        kind, mm = known[int(points[place])]
        for part in re.split(r"[;,，、；/]", refs[int(network.segments.way[segment])]):
            if part.strip():
                seen.setdefault((part.strip(), kind), set()).add(mm)
    return tuple(sorted({route for (route, _), stakes in seen.items() if len(stakes) > 1}))


def make_interchange_table(points: Sequence[tuple[str, float, float]], *, route: str) -> StakeTable:
    """Make a rough stake table of ``(number, lon, lat)`` of the exits of one route, WGS-84 degrees.

    Exits of one number count once, in their middle; those without a number are passed over.

    Raises
    ------
    InputError
        There are fewer than two numbers.
    """
    numbered: dict[int, list[tuple[float, float]]] = {}
    for ref, lon, lat in points:
        mm = read_exit_number(ref)
        if mm is not None:
            numbered.setdefault(mm, []).append((lon, lat))
    _require_two(route, len(numbered), StakeSource.INTERCHANGE)
    middles = [(mm, np.mean(at, axis=0)) for mm, at in sorted(numbered.items())]
    rows = [(route, Direction.NONE, mm, float(place[0]), float(place[1])) for mm, place in middles]
    return make_stake_table(rows, source=StakeSource.INTERCHANGE)


def _nodes_of(network: Network, route: str) -> Sequence[int]:
    """Return the node rows on the main lines of a route, ascending, also inside of segments."""
    mask = find_route(network, route)
    ptr, rows = network.line_rows()
    line = np.repeat(np.arange(len(mask)), np.diff(ptr))
    return [int(row) for row in np.unique(rows[mask[line]])]


def _make_table(network: Network, route: str, found: dict[int, int], source: StakeSource) -> StakeTable:
    nodes = network.nodes
    ordered = sorted(found.items(), key=lambda item: (item[1], item[0]))
    rows = [(route, Direction.NONE, mm, float(nodes.lon[row]), float(nodes.lat[row])) for row, mm in ordered]
    _require_two(route, len(rows), source)
    return make_stake_table(rows, source=source)


def _require_two(route: str, count: int, source: StakeSource) -> None:
    if count < 2:  # noqa: PLR2004 - a line needs two stakes
        what = "里程碑" if source is StakeSource.MILESTONE else "带编号的互通"
        raise InputError(
            f"地图上 {route or '该路线'} 只有 {count} 个{what}，不足以定标；请导入桩号表。"
            f" / the map has only {count} {source} nodes with a number on {route or 'this route'};"
            " import a stake table."
        )
