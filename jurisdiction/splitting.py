"""Split: the labelling of least contradiction, with its seams and leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.cutting import Cut, CutNetwork, cut_network
from geo.findings import sort_findings
from geo.network import Network
from jurisdiction.choices import DEFAULT_CONVENTION, Choices, StationField, spread_conventions
from jurisdiction.doubts import split_findings
from jurisdiction.evidence import Evidence, collect_evidence
from jurisdiction.leaks import find_leaks
from jurisdiction.margins import measure_margins
from jurisdiction.mincut import FORCE, UNITS_PER_M, Energy, Mask, find_labels
from jurisdiction.ownership import Ownership, Seam
from jurisdiction.prices import JunctionKind, Prices, price_junctions
from jurisdiction.rules import SeamRules, seam_rules
from jurisdiction.shifts import Held, Road, hold_agreed, hold_land, hold_plazas, land_cuts, plaza_cuts

_AT_STATION = (JunctionKind.BOOTH, JunctionKind.PLAZA, JunctionKind.GATE)


@dataclass(frozen=True)
class _Base:
    """A first solution, before shifts."""

    field: StationField
    evidence: Evidence
    prices: Prices
    energy: Energy
    expressway: Mask

    def road(self, network: Network) -> Road:
        """Return the network of this solution, ready to be walked."""
        return Road(network, self.expressway, self.evidence.plain_ordinary)


def split(
    network: Network,
    convention: str = DEFAULT_CONVENTION,
    *,
    choices: Choices | None = None,
    rules: SeamRules | None = None,
) -> Ownership:
    """Split a network between expressway and ordinary roads.

    Parameters
    ----------
    network
        A network with its stations.
    convention
        Where seams lie at every station: a name of the rule table.
    choices
        Everything that people decided; replaces ``convention``.
    rules
        The rule table; the shipped one by default.

    Returns
    -------
    Ownership

    Raises
    ------
    InputError
        There is no such convention, or an agreed seam names a road that is not on the map.
    """
    rules = rules or seam_rules()
    choices = choices or Choices(convention)
    cut = cut_network(network, [*(Cut(seam.segment, seam.offset_m) for seam in choices.agreed), *choices.borders])
    agreed = cut.node_of_cut[: len(choices.agreed)]
    base = _solve(cut.network, choices, rules)
    more = _shift_cuts(cut.network, base, choices, rules)
    if more:
        cut = _cut_again(cut, more)
        base = _solve(cut.network, choices, rules)
    held = _hold(cut.network, base, choices, (rules, agreed))
    energy, prices, expressway = base.energy, base.prices, base.expressway
    if held:
        energy, prices = _hold_energy(base, held)
        expressway = find_labels(energy)
    bare = Ownership(cut, rules, choices, base.evidence, prices, energy, expressway, (), (), network.findings)
    seams = _find_seams(bare, base.field)
    open_lanes = np.flatnonzero(base.evidence.open_lane)
    open_ends = set(np.concatenate((cut.network.segments.u[open_lanes], cut.network.segments.v[open_lanes])).tolist())
    loose = np.array(
        [s.node for s in seams if s.node in open_ends or not _is_settled(s.node, prices, base.field)], dtype=np.int64
    )
    leaks = find_leaks(cut.network, base.evidence, expressway, junctions=loose, blocked=cut.network.booth_mask())
    whole = replace(bare, seams=seams, leaks=leaks)
    return replace(whole, findings=sort_findings([*network.findings, *split_findings(whole)]))


def _solve(network: Network, choices: Choices, rules: SeamRules) -> _Base:
    field = spread_conventions(network, choices, rules)
    evidence = collect_evidence(network, rules, field.stub_votes(network), overrides=choices.overrides)
    prices = price_junctions(network, evidence, field, rules=rules)
    energy = energy_of(network, evidence, prices)
    return _Base(field, evidence, prices, energy, find_labels(energy))


def _shift_cuts(network: Network, base: _Base, choices: Choices, rules: SeamRules) -> list[Cut]:
    used = {choices.convention, *choices.by_station.values()}
    cuts: list[Cut] = []
    if "plaza_outer_edge" in used:
        cuts += plaza_cuts(base.road(network), choices, rules)
    if "land_boundary" in used:
        cuts += land_cuts(network, choices)
    return cuts


def _cut_again(cut: CutNetwork, more: Sequence[Cut]) -> CutNetwork:
    """Cut the pieces of a cut network, and keep counting from its base."""
    again = cut_network(cut.network, more)
    return CutNetwork(again.network, cut.base[again.base], cut.from_mm[again.base] + again.from_mm, again.node_of_cut)


def _hold(
    network: Network, base: _Base, choices: Choices, placed: tuple[SeamRules, Sequence[int]]
) -> dict[JunctionKind, Held]:
    rules, agreed = placed
    road = base.road(network)
    seg = network.segments
    names = [choices.of_station(s.id) for s in network.stations]
    at_land = np.array([name == "land_boundary" for name in names] + [False])
    station = base.field.station
    near = at_land[station[seg.u]] | at_land[station[seg.v]]
    open_roads = base.evidence.ramp | (base.evidence.rule == base.evidence.rule_names.index("stub"))
    way = network.ways.id[seg.way]
    said = {label: {w for w, main in choices.overrides.items() if main is label} for label in (True, False)}
    overridden = Held(*(set(np.flatnonzero(np.isin(way, sorted(said[label]))).tolist()) for label in (True, False)))
    held = {
        JunctionKind.ELSEWHERE: overridden,
        JunctionKind.PLAZA_EDGE: hold_plazas(road, choices, rules),
        JunctionKind.LAND: hold_land(road, choices, near=near, ramps=open_roads),
        JunctionKind.AGREED: hold_agreed(road, agreed, _changes(network, base.expressway)),
    }
    return {kind: part for kind, part in held.items() if part}


def _hold_energy(base: _Base, held: dict[JunctionKind, Held]) -> tuple[Energy, Prices]:
    """Return energy and prices with the held roads forced; an agreed seam is applied last and wins."""
    price, kind = base.prices.price.copy(), base.prices.kind.copy()
    if_ordinary, if_expressway = base.energy.pay_if_ordinary.copy(), base.energy.pay_if_expressway.copy()
    for junction, part in held.items():
        for rows, wins, loses in (
            (sorted(part.expressway), if_ordinary, if_expressway),
            (sorted(part.ordinary), if_expressway, if_ordinary),
        ):
            wins[rows] = FORCE
            loses[rows] = 0
        price[sorted(part.free)] = 0
        kind[sorted(part.free)] = junction
    energy = Energy(base.energy.u, base.energy.v, if_ordinary, if_expressway, price)
    return energy, Prices(kind, price)


def _is_settled(node: int, prices: Prices, field: StationField) -> bool:
    """Whether a seam lies where its convention puts seams: at a station, or where people set it."""
    kind = JunctionKind(prices.kind[node])
    if kind is JunctionKind.RAMP_END:
        row = field.rows[field.row[node]]
        return bool(row.ramp_end <= row.booth)
    return kind in _AT_STATION or kind >= JunctionKind.PLAZA_EDGE


def _changes(network: Network, expressway: Mask) -> npt.NDArray[np.intp]:
    """Return the node rows, ascending, where both owners meet."""
    seg, size = network.segments, len(network.nodes)
    ours = np.bincount(np.concatenate((seg.u[expressway], seg.v[expressway])), minlength=size)
    theirs = np.bincount(np.concatenate((seg.u[~expressway], seg.v[~expressway])), minlength=size)
    return np.flatnonzero((ours > 0) & (theirs > 0))


def energy_of(network: Network, evidence: Evidence, prices: Prices) -> Energy:
    """Return the energy of votes and prices, nothing held; decimetres."""
    decimetres = (evidence.weight_mm + 50) // 100
    zero = np.zeros_like(decimetres)
    return Energy(
        network.segments.u,
        network.segments.v,
        np.where(evidence.for_expressway, decimetres, zero),
        np.where(evidence.for_expressway, zero, decimetres),
        prices.price,
    )


def _find_seams(ownership: Ownership, field: StationField) -> tuple[Seam, ...]:
    network, expressway, prices = ownership.network, ownership.expressway, ownership.prices
    seg, nodes = network.segments, network.nodes
    rows = _changes(network, expressway)
    margins = measure_margins(ownership.energy, expressway, rows)
    station = {row: s.id for s in network.stations for row in s.booths}
    is_seam = np.zeros(len(nodes), dtype=bool)
    is_seam[rows] = True
    near = np.flatnonzero(is_seam[seg.u] | is_seam[seg.v])
    seams = []
    for row, margin in zip(rows.tolist(), margins, strict=True):
        touching = near[(seg.u[near] == row) | (seg.v[near] == row)]
        fewer = min(int(expressway[touching].sum()), int((~expressway[touching]).sum()))
        seams.append(
            Seam(
                f"s{nodes.id[row]}",
                row,
                JunctionKind(prices.kind[row]).label,
                station.get(row) or _station_near(network, row, JunctionKind(prices.kind[row]), field),
                float(nodes.lon[row]),
                float(nodes.lat[row]),
                round(margin, 1),
                round(float(prices.price[row]) * fewer / UNITS_PER_M, 1),
                tuple(touching[expressway[touching]].tolist()),
                tuple(touching[~expressway[touching]].tolist()),
            )
        )
    return tuple(sorted(seams, key=lambda s: (s.lon, s.lat, s.id)))


def _station_near(network: Network, node: int, kind: JunctionKind, field: StationField) -> str:
    """Return the station a seam belongs to although it lies at no booth of it."""
    number = int(field.station[node])
    if number < 0 or kind in {JunctionKind.ELSEWHERE, JunctionKind.GATE}:
        return ""
    return network.stations[number].id
