"""Pieces of the expressway network that can be given to a brigade: pairs of carriageways between two places.

A route is cut at its interchanges, stations and present borders, and further into pieces short enough to balance
with; whole kilometres or hundreds of metres of stake where these are known. Ramps, plazas and service areas belong to
the piece that is nearest by road, so that a piece hangs together and every metre belongs to one piece.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.cutting import Cut, CutNetwork, cut_network
from geo.network import Network
from jurisdiction.routeaxis import Axis, make_axis, split_routes
from jurisdiction.spreading import spread_labels
from jurisdiction.stretchends import JUNCTION_M, EndFinder, Stakes

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_LEAST_M = 40.0
"""No piece is made shorter than this along the axis."""
_ROUND_M = 100.0


@dataclass(frozen=True)
class Piece:
    """A piece of one route: its positions on the axis, and whether it begins or ends at a junction people name."""

    route: str
    from_m: float
    to_m: float
    named: tuple[bool, bool]


@dataclass(frozen=True)
class Units:
    """Pieces of a network, and how they hang together.

    Attributes
    ----------
    cut
        The network cut at the ends of the pieces.
    piece
        int64 (segments of the cut network,): number of the piece, -1 for ordinary roads.
    pieces
        What each is.
    finders
        Route to what finds places on it (with its axis and stakes).
    neighbours
        For each piece the pieces it touches, ascending.
    bridged
        Pairs of pieces that no road joins and that count as neighbours all the same.
    """

    cut: CutNetwork
    piece: Ints
    pieces: tuple[Piece, ...]
    finders: Mapping[str, EndFinder]
    neighbours: tuple[tuple[int, ...], ...]
    bridged: tuple[tuple[int, int], ...]

    def weigh(self, weight_of_segment: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the sum of a weight over the segments of each piece, float64 (pieces,)."""
        mine = self.piece >= 0
        total = np.bincount(self.piece[mine], weights=weight_of_segment[mine], minlength=len(self.pieces))
        return np.asarray(total, dtype=np.float64)


def make_units(
    network: Network,
    expressway: Mask,
    *,
    step_m: float,
    stakes: Stakes | None = None,
    borders: Mapping[str, Sequence[float]] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Units:
    """Cut the expressway network into pieces.

    Parameters
    ----------
    network
        The network.
    expressway
        bool (segments,): what belongs to the expressway.
    step_m
        Longest piece along a route, metres.
    stakes
        Gives the calibration of a route; pieces then end at round stakes.
    borders
        Route to positions where present stretches end.
    limits
        Route to the positions between which it lies in the district; what lies beyond is in no piece.
    """
    finders, stops = _find_stops(network, expressway, step_m=step_m, stakes=stakes, borders=borders or {})
    cuts = [cut for route in finders for cut in _cuts_at(network, finders[route].axis, stops[route], expressway)]
    cut = cut_network(network, cuts)
    inside = expressway[cut.base]
    pieces: list[Piece] = []
    number = np.full(len(cut.base), -1, dtype=np.int64)
    for route, finder in finders.items():
        places = stops[route]
        at, position = _positions(cut, finder.axis)
        low, high = (limits or {}).get(route, (-np.inf, np.inf))
        inside[at[(position < low) | (position > high)]] = False
        ok = inside[at] & (number[at] < 0)
        at, position = at[ok], position[ok]
        slot = np.clip(np.searchsorted([m for m, _ in places], position, side="right") - 1, 0, len(places) - 2)
        for k in np.unique(slot).tolist():
            number[at[slot == k]] = len(pieces)
            start, end = places[k], places[k + 1]
            pieces.append(Piece(route, start[0], end[0], (start[1], end[1])))
    number = spread_labels(cut.network, inside, number)
    pieces, number = _keep_whole(cut.network, pieces, number, inside)
    neighbours, bridged = _touching(cut.network, number, len(pieces))
    return Units(cut, number, tuple(pieces), finders, neighbours, bridged)


def _find_stops(
    network: Network, expressway: Mask, *, step_m: float, stakes: Stakes | None, borders: Mapping[str, Sequence[float]]
) -> tuple[dict[str, EndFinder], dict[str, list[tuple[float, bool]]]]:
    """Return the routes with their axes, and where each is cut: position, and whether people name the place."""
    column = network.ways.text["ref"]
    used = np.unique(column.codes[network.segments.way[expressway & (network.segment_class != 1)]])
    order: dict[str, None] = {}
    for code in used.tolist():
        for route in split_routes(column.pool[code]):
            order.setdefault(route)
    length = {}
    axes: dict[str, Axis] = {}
    for route in order:
        axis = make_axis(network, route)
        if axis is not None and expressway[axis.rows].any():
            axes[route] = axis
            length[route] = int(network.segments.length_mm[axis.rows[expressway[axis.rows]]].sum())
    finders: dict[str, EndFinder] = {}
    stops = {}
    for route in sorted(axes, key=lambda r: (-length[r], r)):
        calibration = stakes(route) if stakes is not None else None
        finder = EndFinder(network, axes[route], calibration=calibration)
        finders[route] = finder
        stops[route] = _stops_on(network, finder, step_m=step_m, borders=borders.get(route, ()))
    return finders, stops


def _stops_on(
    network: Network, finder: EndFinder, *, step_m: float, borders: Sequence[float]
) -> list[tuple[float, bool]]:
    axis, nodes = finder.axis, network.nodes
    rows = nodes.rows_with("highway", "motorway_junction")
    named: list[float] = []
    if len(rows):
        position, gap = axis.locate(nodes.lon[rows], nodes.lat[rows])
        groups: dict[str, list[float]] = {}
        for row, metres, far in zip(rows.tolist(), position.tolist(), gap.tolist(), strict=True):
            tags = nodes.tags[row]
            if far <= JUNCTION_M:
                groups.setdefault(tags.get("name", "") or tags.get("ref", "") or str(row), []).append(metres)
        named = [(min(group) + max(group)) / 2 for group in groups.values()]
    named += [float(metres) for metres in borders if np.isfinite(metres)]
    kept = [0.0]
    for metres in sorted(named):
        if metres - kept[-1] > _LEAST_M and metres < axis.length_m - _LEAST_M:
            kept.append(metres)
    kept.append(axis.length_m)
    stops: list[tuple[float, bool]] = []
    for low, high in itertools.pairwise(kept):
        stops.append((low, True))
        stops += [(m, False) for m in _between(finder, low, high, step_m=step_m)]
    return [*stops, (axis.length_m, True)]


def _between(finder: EndFinder, low: float, high: float, *, step_m: float) -> list[float]:
    """Return the places between two named ones: at round stakes where they are known, else evenly."""
    count = int(np.ceil((high - low) / step_m))
    if count < 2:  # noqa: PLR2004 - one piece needs no cut
        return []
    even = [low + (high - low) * k / count for k in range(1, count)]
    calibration = finder.calibration
    if calibration is None:
        return even
    way = calibration.carriageways[0]
    found = []
    for metres in even:
        lon, lat = finder.axis.place_at(metres)
        along = float(way.line.project([lon], [lat]).along_m[0])
        part = way.pieces[int(way.piece_at([along])[0])]
        stake = float(part.stake_of([along])[0])
        spot = way.line.places_at(part.along_of([round(stake / _ROUND_M) * _ROUND_M]))
        found.append(float(finder.axis.locate(spot.lon, spot.lat)[0][0]))
    kept: list[float] = []
    for metres in sorted(found):
        if metres - (kept[-1] if kept else low) > _LEAST_M and high - metres > _LEAST_M:
            kept.append(metres)
    return kept


def _cuts_at(network: Network, axis: Axis, stops: Sequence[tuple[float, bool]], expressway: Mask) -> list[Cut]:
    cuts = []
    places = np.array([metres for metres, _ in stops[1:-1]])
    for k, row in enumerate(axis.rows.tolist()):
        if not expressway[row]:
            continue
        low, high = float(axis.low_m[k]), float(axis.high_m[k])
        length = float(network.segments.length_mm[row]) / 1000
        for position in places[(places > low) & (places < high)].tolist():
            cuts += [
                Cut(network.segment_ids[row], offset)
                for offset in axis.crossings(k, position)
                if _LEAST_M / 2 < offset < length - _LEAST_M / 2
            ]
    return cuts


def _positions(cut: CutNetwork, axis: Axis) -> tuple[Ints, npt.NDArray[np.float64]]:
    """Return the pieces of a route's segments in the cut network, and the position of their middles."""
    at = np.searchsorted(axis.rows, cut.base)
    ok = at < len(axis.rows)
    ok[ok] = axis.rows[at[ok]] == cut.base[ok]
    rows = np.flatnonzero(ok)
    middle = (cut.from_mm[rows] + cut.network.segments.length_mm[rows] / 2) / 1000
    position = [axis.position_at(int(at[row]), float(m)) for row, m in zip(rows.tolist(), middle.tolist(), strict=True)]
    return rows.astype(np.int64), np.array(position, dtype=np.float64)


def _keep_whole(network: Network, pieces: Sequence[Piece], number: Ints, inside: Mask) -> tuple[list[Piece], Ints]:
    """Give what no route reaches numbers of its own, one for each connected part."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rest = np.flatnonzero(inside & (number < 0))
    made, result = list(pieces), number.copy()
    if len(rest):
        seg, size = network.segments, len(network.nodes)
        graph = coo_array((np.ones(len(rest)), (seg.u[rest], seg.v[rest])), shape=(size, size))
        _, label = connected_components(graph, directed=False)
        parts = np.unique(label[seg.u[rest]])
        for part in parts.tolist():
            result[rest[label[seg.u[rest]] == part]] = len(made)
            made.append(Piece("", 0.0, 0.0, (True, True)))
    used = np.unique(result[result >= 0])
    again = np.full(len(made) + 1, -1, dtype=np.int64)
    again[used] = np.arange(len(used))
    return [made[k] for k in used.tolist()], again[result]


def _touching(
    network: Network, number: Ints, count: int
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]]:
    """Return which pieces share a junction; parts that nothing joins count as touching where they are nearest."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    from geo.measure import middle_of, project_local

    seg, nodes = network.segments, network.nodes
    rows = np.flatnonzero(number >= 0)
    at: dict[int, set[int]] = {}
    for row in rows.tolist():
        for node in (int(seg.u[row]), int(seg.v[row])):
            at.setdefault(node, set()).add(int(number[row]))
    pairs = {(a, b) for found in at.values() for a in found for b in found if a < b}
    bridged: list[tuple[int, int]] = []
    middle = np.zeros((count, 2))
    x, y = project_local(nodes.lon, nodes.lat, origin=middle_of(nodes.lon, nodes.lat))
    weight = np.bincount(number[rows], minlength=count)
    for k, column in enumerate((x, y)):
        middle[:, k] = np.bincount(number[rows], weights=column[seg.u[rows]], minlength=count) / np.maximum(weight, 1)
    while True:
        table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        graph = coo_array((np.ones(len(table)), (table[:, 0], table[:, 1])), shape=(count, count))
        parts, label = connected_components(graph, directed=False)
        if parts <= 1:
            break
        first = np.flatnonzero(label == label[0])
        other = np.flatnonzero(label != label[0])
        gap, near = (np.asarray(column) for column in cKDTree(middle[first]).query(middle[other]))
        best = int(np.argmin(np.round(gap, 1)))
        pair = (int(first[near[best]]), int(other[best]))
        bridge = (min(pair), max(pair))
        bridged.append(bridge)
        pairs.add(bridge)
    result: list[list[int]] = [[] for _ in range(count)]
    for a, b in sorted(pairs):
        result[a].append(b)
        result[b].append(a)
    return tuple(tuple(sorted(found)) for found in result), tuple(bridged)
