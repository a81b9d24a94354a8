"""What each segment is to a zone: administrative class, technical class, structure, and the edge of highway land."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.classes import RoadClass
from geo.findings import Finding, Severity
from geo.network import Network
from jurisdiction.evidence import EXPRESSWAY_NUMBER, ORDINARY_NUMBER
from patrol.zones.rules import ZoneRules

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

ADMIN = ("expressway", "G", "S", "X", "Y", "C", "")
"""Administrative class, the widest zones first; ``""`` has no zones (town streets, yards, ferries)."""
BASIS = ("number", "map_class", "")
"""How the class is known: by the road's number or its being an expressway, or by its class on the map."""
TECHNICAL = ("expressway", "ramp", "I", "II", "III", "IV", "service")
STRUCTURE = ("", "bridge", "tunnel")
_NONE = len(ADMIN) - 1

_ADMIN_OF_MAP = {
    RoadClass.TRUNK: "G",
    RoadClass.PRIMARY: "S",
    RoadClass.SECONDARY: "X",
    RoadClass.TERTIARY: "Y",
}
"""OSM practice in China (domain.md §3): G with three digits is trunk, S primary, X secondary, Y tertiary."""
_LINKS = {"trunk_link": "G", "primary_link": "S", "secondary_link": "X", "tertiary_link": "Y"}
_DIVIDED = (RoadClass.TRUNK, RoadClass.PRIMARY, RoadClass.SECONDARY, RoadClass.ORDINARY_LINK)
_FOUR_LANES = 4


class RoadMasks(Protocol):
    """What ``jurisdiction.evidence`` knows of each segment, bool (segments,) each."""

    @property
    def main_line(self) -> Mask:
        """Expressway main lines."""

    @property
    def ramp(self) -> Mask:
        """Expressway ramps."""

    @property
    def service_area(self) -> Mask:
        """Roads of service areas."""

    @property
    def urban(self) -> Mask:
        """Urban fast roads drawn as motorway."""


@dataclass(frozen=True)
class Roads:
    """Every segment as zones see it, shape (segments,) each.

    Attributes
    ----------
    admin, basis, technical, structure
        uint8, rows of ``ADMIN``, ``BASIS``, ``TECHNICAL``, ``STRUCTURE``.
    lanes
        int16, lanes of the line, 0 where the map does not say.
    one_way
        bool, the line is one carriageway.
    half_m
        float64, from the line to the edge of the roadbed.
    edge_m
        float64, from the line to the outer edge of highway land.
    key
        Road each segment belongs to: its number, else its name, else ``""``.
    findings
        What was assumed.
    """

    admin: Codes
    basis: Codes
    technical: Codes
    structure: Codes
    lanes: npt.NDArray[np.int16]
    one_way: Mask
    half_m: npt.NDArray[np.float64]
    edge_m: npt.NDArray[np.float64]
    key: npt.NDArray[np.str_]
    findings: tuple[Finding, ...]

    @property
    def has_zone(self) -> Mask:
        """Segments that have highway land of a known class; no tunnels, whose land lies elsewhere."""
        result: Mask = (self.admin != _NONE) & (self.structure != STRUCTURE.index("tunnel"))
        return result

    @property
    def is_expressway(self) -> Mask:
        """Segments of expressways, their ramps and service areas."""
        result: Mask = self.admin == 0
        return result


def land_class(technical: str, structure: str) -> str:
    """Return the class under which a road's land stands in the rule table."""
    return "bridge" if structure == "bridge" else technical


def read_roads(network: Network, masks: RoadMasks, rules: ZoneRules, *, passage: Mask) -> Roads:
    """Classify every segment.

    Parameters
    ----------
    network, masks
        The network and what is known of its segments.
    rules
        The rule table of the province.
    passage
        bool (segments,): drawn as a tunnel, but a passage under a road.
    """
    admin, basis = _read_admin(network, masks)
    lanes = _read_lanes(network)
    one_way = (network.ways.direction != 0)[network.segments.way]
    technical = _read_technical(network, masks, lanes, one_way)
    structure = _read_structure(network, passage)
    half, edge = _measure(rules, technical, structure, lanes=lanes, one_way=one_way)
    findings = _report(network, masks, rules, admin=admin, basis=basis, lanes=lanes, technical=technical)
    key = _read_keys(network, admin)
    return Roads(admin, basis, technical, structure, lanes, one_way, half, edge, key, tuple(findings))


def class_of_number(ref: str) -> str:
    """Return the class a road's number speaks for: ``expressway``, a letter, or ``""``.

    Examples
    --------
    >>> [class_of_number(text) for text in ("G15", "G205", "S202;X261", "Y12", "Z3", "")]
    ['expressway', 'G', 'S', 'Y', '', '']
    """
    found = [part.strip() for part in re.split(r"[;,/ ]", ref) if part.strip()]
    if any(EXPRESSWAY_NUMBER.fullmatch(part) for part in found):
        return "expressway"
    letters = [part[0] for part in found if ORDINARY_NUMBER.fullmatch(part) and part[0] in ADMIN]
    return min(letters, key=ADMIN.index) if letters else ""


def _read_admin(network: Network, masks: RoadMasks) -> tuple[Codes, Codes]:
    seg, text = network.segments, network.ways.text
    number = np.array([ADMIN.index(class_of_number(ref)) for ref in text["ref"].pool], dtype=np.uint8)
    by_number = number[text["ref"].codes][seg.way]
    # An expressway number on what is no main line is not believed: the number is a prior, not proof.
    by_number[by_number == 0] = _NONE
    of_class = np.full(len(RoadClass), _NONE, dtype=np.uint8)
    for road_class, name in _ADMIN_OF_MAP.items():
        of_class[road_class] = ADMIN.index(name)
    by_map = of_class[network.segment_class]
    for highway, name in _LINKS.items():
        by_map[text["highway"].where({highway})[seg.way]] = ADMIN.index(name)
    urban = masks.urban & ~masks.main_line
    city_ramp = masks.ramp & _serves_only(network, masks.ramp, urban, not_near=masks.main_line)
    expressway = (masks.main_line | masks.ramp | masks.service_area) & ~urban & ~city_ramp
    admin = np.where(expressway, 0, np.where(by_number != _NONE, by_number, by_map)).astype(np.uint8)
    admin[urban | city_ramp | (network.segment_class == RoadClass.FERRY)] = _NONE
    basis = np.where(expressway | (by_number != _NONE), 0, 1).astype(np.uint8)
    basis[admin == _NONE] = BASIS.index("")
    return admin, basis


def _serves_only(network: Network, ramp: Mask, near: Mask, *, not_near: Mask) -> Mask:
    """Return the ramps whose joined-up group touches segments of ``near`` and none of ``not_near``."""
    seg = network.segments
    label = label_joined(network, ramp, np.zeros(len(seg), dtype=np.int64))

    def groups_at(mask: Mask) -> Mask:
        nodes = np.zeros(len(network.nodes), dtype=bool)
        nodes[seg.u[mask]] = nodes[seg.v[mask]] = True
        found = np.zeros(len(seg) + 1, dtype=bool)
        found[label[ramp & (nodes[seg.u] | nodes[seg.v])]] = True
        return found

    keep = groups_at(near) & ~groups_at(not_near)
    result: Mask = ramp & keep[label]
    return result


def label_joined(network: Network, mask: Mask, kind: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Label segments that join at nodes and are of one kind, int64 (segments,); -1 outside the mask."""
    seg = network.segments
    rows = np.flatnonzero(mask)
    result = np.full(len(seg), -1, dtype=np.int64)
    if not len(rows):
        return result
    # A node counts once for each kind that meets there, so that only segments of one kind join.
    _, code = np.unique(kind[rows], return_inverse=True)
    size = len(network.nodes)
    ends = np.concatenate(
        (seg.u[rows].astype(np.int64) + size * code.ravel(), seg.v[rows].astype(np.int64) + size * code.ravel())
    )
    _, node = np.unique(ends, return_inverse=True)
    piece = np.tile(np.arange(len(rows)), 2)
    total = len(rows) + int(node.max()) + 1
    graph = coo_array((np.ones(len(piece), dtype=np.int8), (piece, len(rows) + node.ravel())), shape=(total, total))
    _, label = connected_components(graph, directed=False)
    result[rows] = label[: len(rows)]
    return result


def _read_lanes(network: Network) -> npt.NDArray[np.int16]:
    column = network.ways.text["lanes"]
    told = [int(text) if text.isdigit() and len(text) < 3 else 0 for text in column.pool]  # noqa: PLR2004
    return np.array(told, dtype=np.int16)[column.codes][network.segments.way]


def _read_technical(network: Network, masks: RoadMasks, lanes: npt.NDArray[np.int16], one_way: Mask) -> Codes:
    road_class = network.segment_class
    of_class = np.full(len(RoadClass), TECHNICAL.index("IV"), dtype=np.uint8)
    of_class[[RoadClass.TRUNK, RoadClass.PRIMARY, RoadClass.MOTORWAY]] = TECHNICAL.index("II")
    of_class[[RoadClass.SECONDARY, RoadClass.ORDINARY_LINK]] = TECHNICAL.index("III")
    technical = of_class[road_class]
    divided = (one_way & (road_class != RoadClass.ORDINARY_LINK)) | (lanes >= _FOUR_LANES)
    technical[divided & np.isin(road_class, _DIVIDED)] = TECHNICAL.index("I")
    technical[masks.service_area] = TECHNICAL.index("service")
    technical[masks.ramp] = TECHNICAL.index("ramp")
    technical[masks.main_line] = TECHNICAL.index("expressway")
    return technical


def is_bridge(network: Network) -> Mask:
    """Return bool (segments,): the map draws a bridge."""
    return network.ways.text["bridge"].where(lambda text: text not in {"", "no"})[network.segments.way]


def is_tunnel(network: Network) -> Mask:
    """Return bool (segments,): the map draws a tunnel (or a passage)."""
    return network.ways.text["tunnel"].where(lambda text: text not in {"", "no", "building_passage"})[
        network.segments.way
    ]


def _read_structure(network: Network, passage: Mask) -> Codes:
    structure = np.zeros(len(network.segments), dtype=np.uint8)
    structure[is_bridge(network)] = STRUCTURE.index("bridge")
    structure[is_tunnel(network) & ~passage] = STRUCTURE.index("tunnel")
    return structure


def _measure(
    rules: ZoneRules, technical: Codes, structure: Codes, *, lanes: npt.NDArray[np.int16], one_way: Mask
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the half width and the edge of land of each segment, each distinct kind computed once."""
    kinds = np.column_stack((technical, structure, lanes, one_way)).astype(np.int64)
    unique, which = np.unique(kinds, axis=0, return_inverse=True)
    half, edge = np.zeros(len(unique)), np.zeros(len(unique))
    for row, (tech, built, count, single) in enumerate(unique.tolist()):
        name = TECHNICAL[tech]
        half[row] = rules.half_width_m(name, lanes=count, one_way=bool(single))
        known = land_class(name, STRUCTURE[built])
        edge[row] = half[row] + rules.need("slope_ditch", known).distance_m + rules.need("land", known).distance_m
    return half[which.ravel()], edge[which.ravel()]


def _read_keys(network: Network, admin: Codes) -> npt.NDArray[np.str_]:
    way = network.segments.way
    ref = np.array(network.ways.text["ref"].take(way).tolist(), dtype=np.str_)
    name = np.array(network.ways.text["name"].take(way).tolist(), dtype=np.str_)
    return np.where(admin == _NONE, "", np.where(ref != "", ref, name))


def _report(
    network: Network,
    masks: RoadMasks,
    rules: ZoneRules,
    *,
    admin: Codes,
    basis: Codes,
    lanes: npt.NDArray[np.int16],
    technical: Codes,
) -> list[Finding]:
    findings = []

    def add(code: str, rows: Mask, *words: str) -> None:
        if rows.any():
            findings.append(_finding(network, code, np.flatnonzero(rows), *words))

    add(
        "zone_class_from_map",
        basis == 1,
        "个路段没有公路编号，等级按地图道路类别推定；城镇街道不是公路，请核对后再用。",
        "segments carry no number: their class is taken from the map; town streets are no highways, please check.",
    )
    no_class = (admin == _NONE) & (network.segment_class != RoadClass.FERRY)
    add(
        "zone_no_class",
        no_class & ~masks.urban,
        "个路段无编号且为低等级道路，不划控制区；属村道的请在地图上补编号。",
        "segments of minor roads carry no number and get no zone; give village roads their number on the map.",
    )
    add(
        "zone_urban_fast_road",
        masks.urban & ~masks.main_line,
        "个路段判断为城市快速路，不属高速公路，不划控制区；判断有误时请改道路类别。",
        "segments are urban fast roads, not expressways, and get no zone; override the class if that is wrong.",
    )
    add(
        "zone_lanes_assumed",
        (lanes == 0) & (technical == TECHNICAL.index("expressway")) & (admin == 0),
        "个高速公路路段没有车道数，按双向四车道取宽度；请在地图上补 lanes。",
        "segments of expressways carry no lanes: four-lane width is assumed; add lanes on the map.",
    )
    if rules.row("control_zone", "C") is None:
        add(
            "zone_village_no_rule",
            admin == ADMIN.index("C"),
            "个村道路段：全国标准没有村道控制区，请指定有规定的省份。",
            "segments of village roads: the national rows know no control zone for them; name a province that does.",
        )
    return findings


def _finding(network: Network, code: str, rows: npt.NDArray[np.intp], zh: str, en: str) -> Finding:
    ids = network.segment_ids
    shown = sorted(rows.tolist(), key=ids.__getitem__)[:50]
    at = network.segments.u[shown]
    return Finding(
        code,
        Severity.NOTE,
        len(rows),
        f"{len(rows)} {zh}",
        f"{len(rows)} {en}",
        length_m=float(network.segments.length_m[rows].sum()),
        places=tuple(zip(network.nodes.lon[at].tolist(), network.nodes.lat[at].tolist(), strict=True)),
        things=tuple(ids[k] for k in shown),
    )
