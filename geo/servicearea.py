"""Service-area roads: which service roads belong to a service or parking area of an expressway."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.measure import middle_of, project_local
from geo.network import Network

Mask = npt.NDArray[np.bool_]

_REACH_M = 30.0
"""Service roads are drawn up to this far outside the outline of their area."""


def find_service_roads(network: Network, *, service: Mask, expressway: Mask, ordinary: Mask) -> Mask:
    """Find service roads that are part of an expressway's service or parking area.

    A service road is a member when its way is ``highway=services`` or ``rest_area``, when its name says 服务区 or
    停车区, when its middle lies in such an outline, or when it belongs to a group of unnamed service roads that
    joins members or outlines to the expressway and touches no ordinary road.

    Parameters
    ----------
    network
        The network.
    service, expressway, ordinary
        bool (segments,): service roads; main lines and ramps; ordinary roads and their links.

    Returns
    -------
    bool (segments,)
    """
    seg, text = network.segments, network.ways.text
    way = text["highway"].where({"services", "rest_area"})
    way |= text["name"].where(lambda name: "服务区" in name or "停车区" in name)
    member = service & way[seg.way]
    candidates = np.flatnonzero(service & ~member)
    outlines = [area for area in network.areas if area.kind in {"services", "rest_area"}]
    if outlines and len(candidates):
        member[candidates[_inside(network, candidates)]] = True
    if not member.any():
        return member
    return member | _joining(network, service & ~member, member, (expressway, ordinary))


def _inside(network: Network, rows: npt.NDArray[np.intp]) -> Mask:
    """Whether the middle point of each segment lies in a service-area outline or close to it."""
    seg, nodes = network.segments, network.nodes
    middle = network.ways.refs[(seg.start[rows] + seg.end[rows]) // 2]
    after = network.ways.refs[(seg.start[rows] + seg.end[rows] + 1) // 2]
    lon, lat = (nodes.lon[middle] + nodes.lon[after]) / 2, (nodes.lat[middle] + nodes.lat[after]) / 2
    origin = middle_of(lon, lat)
    points = shapely.points(*project_local(lon, lat, origin=origin))
    result = np.zeros(len(rows), dtype=bool)
    for area in network.areas:
        if area.kind not in {"services", "rest_area"}:
            continue
        for ring in area.rings:
            plane = np.column_stack(project_local(ring[:, 0], ring[:, 1], origin=origin))
            result |= shapely.dwithin(points, shapely.make_valid(shapely.Polygon(plane)), _REACH_M)
    return result


def _joining(network: Network, loose: Mask, member: Mask, others: tuple[Mask, Mask]) -> Mask:
    """Return groups of loose service roads that touch members and the expressway, and no ordinary road."""
    seg = network.segments
    expressway, ordinary = others
    rows = np.flatnonzero(loose)
    size = len(network.nodes)
    piece = size + np.arange(len(rows))
    ones = np.ones(2 * len(rows), dtype=np.int8)
    ends = np.concatenate((seg.u[rows], seg.v[rows]))
    shape = (size + len(rows), size + len(rows))
    _, label = connected_components(coo_array((ones, (np.tile(piece, 2), ends)), shape=shape), directed=False)

    def groups_at(mask: Mask) -> Mask:
        touched = np.zeros(label.max() + 1, dtype=bool)
        touched[label[seg.u[mask]]] = True
        touched[label[seg.v[mask]]] = True
        return touched

    keep = groups_at(member) & groups_at(expressway) & ~groups_at(ordinary)
    result = np.zeros(len(loose), dtype=bool)
    result[rows] = keep[label[piece]]
    return result
