"""The exits of a district as the map has them: its toll stations, and where main roads leave it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import shapely

from geo.classes import RoadClass
from geo.errors import InputError
from geo.measure import project_local
from geo.network import Network
from geo.stations import StationKind
from geo.turns import allowed_arcs
from patrol.exits import Exit

STATION, BORDER = "station", "border"
KINDS = (STATION, BORDER)

APART_M = 60.0
"""Crossings nearer than this on one road are one exit: the two carriageways (our assumption)."""

EDGE_M = 500.0
"""Where the map has no outline of a district, a main road that ends this near to the edge of the map leaves it."""

_NO_EXIT = frozenset({StationKind.GATE, StationKind.BORDER, StationKind.MAIN_LINE})
_MAIN = RoadClass.SECONDARY


def find_exits(network: Network, *, kinds: Collection[str] = KINDS) -> tuple[Exit, ...]:
    """Return the exits of the map: stations by id, then border crossings from west to east.

    Parameters
    ----------
    network
        The network.
    kinds
        ``station`` (toll stations other than main-line ones) and ``border`` (where a main road crosses the outline of
        the district, in a direction in which traffic leaves it).

    Raises
    ------
    InputError
        Where a kind is unknown, or the map has no exit of these kinds.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise InputError(
            f"没有出口类型“{unknown[0][:40]}”，可选：{'、'.join(KINDS)}。"
            f" / {unknown[0][:40]!r} is no kind of exit; choose of {', '.join(KINDS)}."
        )
    found: list[Exit] = []
    if STATION in kinds:
        stations = sorted((s for s in network.stations if s.kind not in _NO_EXIT), key=lambda s: s.id)
        found += [Exit(s.id, s.lon, s.lat, 1, s.name, STATION) for s in stations]
    if BORDER in kinds:
        found += _find_crossings(network)
    if not found:
        raise InputError(
            "图上没有收费站，也没有出界道路，请用 --exits 给出出口表。"
            " / the map has no toll station and no road that leaves the district; give a table with --exits."
        )
    return tuple(found)


def _find_crossings(network: Network) -> list[Exit]:
    """Return one exit a main road and crossing, named by the road."""
    ring = _outline(network)
    rows = np.flatnonzero(network.segment_class <= _MAIN)
    rows = rows[network.segment_class[rows] != RoadClass.MOTORWAY_LINK]
    places = _cross(network, rows, ring) if ring is not None else _end_at_edge(network, rows)
    origin = (float(network.nodes.lon.mean()), float(network.nodes.lat.mean()))
    kept: list[tuple[float, float, str, int]] = []
    for lon, lat, row in sorted(places):
        road = network.text("ref", row) or network.text("name", row)
        x, y = (float(v[0]) for v in project_local(np.array([lon]), np.array([lat]), origin=origin))
        if all(other != road or np.hypot(x - a, y - b) > APART_M for a, b, other, _ in kept):
            kept.append((x, y, road, len(kept)))
            continue
        places.remove((lon, lat, row))
    made = []
    for lon, lat, row in sorted(places):
        road = " ".join(t for t in (network.text("ref", row), network.text("name", row)) if t)
        made.append(Exit(f"border/{network.segment_ids[row]}", round(lon, 7), round(lat, 7), 1, road, BORDER))
    return _with_own_ids(made)


def _outline(network: Network) -> shapely.Geometry | None:
    """Return the outline of the district: the administrative area of the coarsest level on the map."""
    areas = [a for a in network.areas if a.kind == "admin" and a.tags.get("admin_level", "").isdigit()]
    if not areas:
        return None
    level = min(int(area.tags["admin_level"]) for area in areas)
    shapes = [
        shapely.make_valid(shapely.Polygon(ring))
        for area in areas
        if int(area.tags["admin_level"]) == level
        for ring in area.rings
        if len(ring) > 3  # noqa: PLR2004 - a ring of three points and its first again
    ]
    return shapely.union_all(shapes) if shapes else None


def _cross(network: Network, rows: npt.NDArray[np.intp], ring: shapely.Geometry) -> list[tuple[float, float, int]]:
    """Return where traffic leaves an area, as (lon, lat, segment row)."""
    lines = np.array([shapely.LineString(network.points(int(row))) for row in rows], dtype=np.object_)
    edge = shapely.boundary(ring)
    shapely.prepare(edge)
    hit = rows[shapely.intersects(edge, lines)]
    allowed = allowed_arcs(network)
    found = []
    for row in hit.tolist():
        line = shapely.LineString(network.points(row))
        for point in shapely.get_parts(shapely.intersection(line, edge)):
            spot = shapely.centroid(point)
            at = float(shapely.line_locate_point(line, spot))
            step = max(float(shapely.length(line)) * 1e-3, 1e-7)
            after = shapely.line_interpolate_point(line, min(at + step, float(shapely.length(line))))
            outward = not shapely.covers(ring, after)
            if allowed[2 * row + (not outward)]:
                found.append((float(spot.x), float(spot.y), row))
    return found


def _end_at_edge(network: Network, rows: npt.NDArray[np.intp]) -> list[tuple[float, float, int]]:
    """Return where main roads on which traffic may leave end near the edge of the map."""
    seg, allowed = network.segments, allowed_arcs(network)
    degree = np.bincount(np.concatenate((seg.u, seg.v)), minlength=len(network.nodes))
    origin = (float(network.nodes.lon.mean()), float(network.nodes.lat.mean()))
    x, y = project_local(network.nodes.lon, network.nodes.lat, origin=origin)
    hull = shapely.boundary(shapely.convex_hull(shapely.multipoints(np.column_stack((x, y)))))
    found = []
    for row in rows.tolist():
        for node, arc in ((int(seg.v[row]), 2 * row), (int(seg.u[row]), 2 * row + 1)):
            if degree[node] == 1 and allowed[arc] and shapely.distance(hull, shapely.Point(x[node], y[node])) <= EDGE_M:
                found.append((float(network.nodes.lon[node]), float(network.nodes.lat[node]), row))
    return found


def _with_own_ids(exits: list[Exit]) -> list[Exit]:
    """Give exits on one segment a number each, so that every id is its own."""
    seen: dict[str, int] = {}
    made = []
    for exit_ in exits:
        seen[exit_.id] = seen.get(exit_.id, 0) + 1
        name = exit_.id if seen[exit_.id] == 1 else f"{exit_.id}~{seen[exit_.id]}"
        made.append(Exit(name, exit_.lon, exit_.lat, exit_.need, exit_.name, exit_.kind))
    return made
