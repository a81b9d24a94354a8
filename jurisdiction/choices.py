"""Choices: what people decided about seams, resolved to rows of one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from geo.cutting import Cut
from geo.graphs import undirected_graph
from geo.network import Network
from geo.stations import StationKind
from jurisdiction.rules import Convention, SeamRules

Mask = npt.NDArray[np.bool_]
Ring = npt.NDArray[np.float64]

DEFAULT_CONVENTION = "toll_island"


@dataclass(frozen=True, slots=True)
class AgreedSeam:
    """A seam that a meeting fixed: a place inside a segment (metres from its first point, either end included)."""

    segment: str
    offset_m: float


@dataclass(frozen=True)
class Choices:
    """Everything that people decided about where seams lie.

    Attributes
    ----------
    convention
        For every station without its own.
    by_station
        Station id to convention.
    overrides
        OSM way id to ``True`` (expressway main line) or ``False`` (ordinary road).
    agreed
        Agreed seams; they always win.
    land
        Outlines of highway land, float64 (points, 2), lon/lat WGS-84 degrees, closed.
    override_reasons
        OSM way id to why its class was overridden.
    borders
        Places inside segments where one brigade's stretch ends: the network is cut there, no owner changes.
    """

    convention: str = DEFAULT_CONVENTION
    by_station: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    overrides: Mapping[int, bool] = field(default_factory=lambda: MappingProxyType({}))
    agreed: tuple[AgreedSeam, ...] = ()
    land: Sequence[Ring] = ()
    borders: tuple[Cut, ...] = ()
    override_reasons: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    def of_station(self, station: str) -> str:
        """Return the convention of a station."""
        return self.by_station.get(station, self.convention)


@dataclass(frozen=True)
class StationField:
    """Which convention holds where.

    Attributes
    ----------
    station
        int32 (nodes,): position in ``network.stations`` of the nearest station by road, -1 beyond its reach.
    row
        int32 (nodes,): position in ``rows``.
    rows
        The price rows in use.
    """

    station: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]
    rows: tuple[Convention, ...]

    def stub_votes(self, network: Network) -> Mask:
        """Return bool (segments,): a stub may vote for ordinary here."""
        votes = np.array([row.stub_vote for row in self.rows])
        seg = network.segments
        near = np.where(self.station[seg.u] >= 0, seg.u, seg.v)
        result: Mask = votes[self.row[near]]
        return result

    def cost(self, name: str) -> npt.NDArray[np.int64]:
        """Return int64 (nodes,): the price of one kind of junction at each node, metres."""
        return np.array([getattr(row, name) for row in self.rows], dtype=np.int64)[self.row]


def spread_conventions(network: Network, choices: Choices, rules: SeamRules) -> StationField:
    """Let every station's convention hold around it, up to ``station_reach_m`` by road; elsewhere the general one.

    Raises
    ------
    InputError
        A convention does not exist.
    """
    station = nearest_station(network, rules.station_reach_m)
    rows = [rules.convention(choices.convention)]
    position = np.zeros(len(network.stations) + 1, dtype=np.int32)
    for k, place in enumerate(network.stations):
        row = rules.convention(choices.of_station(place.id))
        if row not in rows:
            rows.append(row)
        position[k] = rows.index(row)
    return StationField(station, position[station], tuple(rows))


def nearest_station(network: Network, limit_m: float) -> npt.NDArray[np.int32]:
    """Return int32 (nodes,): position of the nearest toll station by road in either direction, -1 beyond the limit."""
    from scipy.sparse.csgraph import dijkstra

    owner: dict[int, int] = {}
    for k, station in enumerate(network.stations):
        if station.kind is not StationKind.GATE:
            owner.update(dict.fromkeys(station.booths, k))
    result = np.full(len(network.nodes), -1, dtype=np.int32)
    if not owner:
        return result
    starts = sorted(owner)
    _, _, source = dijkstra(
        undirected_graph(network),
        directed=False,
        indices=starts,
        min_only=True,
        return_predecessors=True,
        limit=limit_m * 1000,
    )
    reached = source >= 0
    table = np.full(len(network.nodes), -1, dtype=np.int32)
    table[starts] = [owner[row] for row in starts]
    result[reached] = table[source[reached]]
    return result
