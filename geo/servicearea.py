"""Service-area roads: which service roads belong to a service or parking area of an expressway."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.groups import join_at_nodes
from geo.measure import middle_of, project_local
from geo.network import Network

Mask = npt.NDArray[np.bool_]

_REACH_M = 30.0
"""Service roads are drawn up to this far outside the outline of their area."""


def find_service_roads(network: Network, *, service: Mask, expressway: Mask, ordinary: Mask) -> Mask:
    """Find service roads that are part of an expressway's service or parking area.

    A service road is a member when its way is ``highway=services`` or ``rest_area``, when its name says 服务区 or
    停车区, when its middle lies in such an outline, or when it belongs to a group of unnamed service roads that
    joins members or outlines to the expressway and touches no ordinary road. Members that hang together and touch no
    expressway are a rest area of an ordinary road, and none of ours.

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
    if not expressway.any():
        return np.zeros(len(service), dtype=bool)
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
    member |= _joining(network, service & ~member, member, (expressway, ordinary))
    return member & _hanging_on(network, member, expressway)


def _hanging_on(network: Network, member: Mask, expressway: Mask) -> Mask:
    """Return the members whose group touches the expressway."""
    rows = np.flatnonzero(member)
    groups = _Groups(network, rows)
    result = np.zeros(len(member), dtype=bool)
    result[rows] = groups.touched_by(expressway)[groups.label]
    return result


class _Groups:
    """Service roads that hang together."""

    def __init__(self, network: Network, rows: npt.NDArray[np.intp]) -> None:
        self._segments = network.segments
        u, v = network.segments.u[rows], network.segments.v[rows]
        self.label = join_at_nodes(u, v)
        self._of_node = np.full(len(network.nodes), len(rows), dtype=np.int64)
        self._of_node[u] = self.label
        self._of_node[v] = self.label
        self._size = len(rows) + 1

    def touched_by(self, mask: Mask) -> Mask:
        """Return bool (groups or more,): a segment of the mask ends at a node of the group."""
        touched = np.zeros(self._size, dtype=bool)
        touched[self._of_node[self._segments.u[mask]]] = True
        touched[self._of_node[self._segments.v[mask]]] = True
        return touched


def _inside(network: Network, rows: npt.NDArray[np.intp]) -> Mask:
    """Whether the middle point of each segment lies in a service-area outline or close to it."""
    import shapely

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
    expressway, ordinary = others
    rows = np.flatnonzero(loose)
    groups = _Groups(network, rows)
    keep = groups.touched_by(member) & groups.touched_by(expressway) & ~groups.touched_by(ordinary)
    result = np.zeros(len(loose), dtype=bool)
    result[rows] = keep[groups.label]
    return result
