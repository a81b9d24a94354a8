"""Evidence: what each metre of road says about its owner, every vote kept.

A number, a name or an OSM class is a prior, never a proof (GB/T 917-2017; domain practice): S101 may be an
expressway. So main lines are found by points, and the label of a segment by weighted metres.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.columns import TextColumn
from geo.network import Network
from geo.servicearea import find_service_roads
from geo.stations import find_open_lanes
from geo.tollsystem import BoothFree, find_booth_free
from jurisdiction.rules import SeamRules

Mask = npt.NDArray[np.bool_]

EXPRESSWAY_NUMBER = re.compile(r"[GS](?:\d{1,2}|\d{4}|\d{1,2}[WNES]\d?)(?!\d)")
"""GB/T 917-2017: G or S with one, two or four digits; older ``G4W2`` and ``G15W`` forms."""
ORDINARY_NUMBER = re.compile(r"(?:[GS]\d{3}|[XYCZ]\d{1,3}|[XYCZ]\w{3})(?!\d)")
"""GB/T 917-2017: G or S with three digits, county X, township Y, village C, special Z."""
_URBAN_NAME = re.compile(r"快速|高架|环路|环线|大道")
_CONNECTOR_NAME = re.compile(r"连接线|辅路|辅道|引道")


@dataclass(frozen=True)
class Evidence:
    """Evidence of a network, one row a segment.

    Attributes
    ----------
    main_line, ramp, service_area
        bool: expressway main line, ramp (``motorway_link``), service-area road.
    urban
        bool: a motorway that by name and number is an urban fast road, to be confirmed.
    points
        int16: class points of the segment's way (positive: expressway main line).
    rule
        uint8: row of ``rule_names`` that votes on the segment.
    rule_names
        Names in the rule table.
    for_expressway
        bool: what that row speaks for.
    weight_mm
        int64: millimetres of evidence (weight times length).
    open_lane
        bool: a lane between the ends of a plaza that lacks its booth; reach stops there as at its neighbours.
    free
        Booth-free regions.
    """

    main_line: Mask
    ramp: Mask
    service_area: Mask
    urban: Mask
    points: npt.NDArray[np.int16]
    rule: npt.NDArray[np.uint8]
    rule_names: tuple[str, ...]
    for_expressway: Mask
    weight_mm: npt.NDArray[np.int64]
    open_lane: Mask
    free: BoothFree

    @property
    def plain_ordinary(self) -> Mask:
        """Segments of ordinary roads proper: no ramp, no service road."""
        result: Mask = self.rule == self.rule_names.index("ordinary")
        return result


def collect_evidence(
    network: Network, rules: SeamRules, stub_votes: Mask, *, overrides: Mapping[int, bool] | None = None
) -> Evidence:
    """Collect the votes on every segment.

    Parameters
    ----------
    network
        The network.
    rules
        The rule table.
    stub_votes
        bool (segments,): a stub votes for ordinary here; elsewhere it votes like any ramp or main line.
    overrides
        OSM way id to ``True`` (a person says: expressway main line) or ``False`` (ordinary road).

    Returns
    -------
    Evidence
    """
    points = class_points(network, rules)[network.segments.way]
    road_class = network.segment_class
    main = (road_class == RoadClass.MOTORWAY) & (points > 0)
    raised = (road_class >= RoadClass.TRUNK) & (road_class <= RoadClass.MINOR) & (points > 0)
    main |= raised
    urban = (road_class == RoadClass.MOTORWAY) & (points <= 0)
    for way, is_expressway in (overrides or {}).items():
        main[network.ways.id[network.segments.way] == way] = is_expressway
    ramp = (road_class == RoadClass.MOTORWAY_LINK) & ~main
    service = road_class == RoadClass.SERVICE
    ordinary_link = (road_class == RoadClass.ORDINARY_LINK) & ~main
    ordinary = ~(main | ramp | service | ordinary_link)
    area = find_service_roads(network, service=service, expressway=main | ramp, ordinary=ordinary | ordinary_link)
    booth = network.booth_mask()
    open_lane = np.zeros(len(points), dtype=bool)
    open_lane[find_open_lanes(network, network.stations)] = True
    free = find_booth_free(
        network,
        inside=(main | ramp) & ~open_lane,
        ordinary=(ordinary | ordinary_link) & (road_class != RoadClass.FERRY),
        main_line=main,
        booth=booth,
    )
    names = tuple(rules.votes)
    rule = np.full(len(points), names.index("ordinary"), dtype=np.uint8)
    rule[main] = names.index("motorway")
    rule[ramp] = names.index("link")
    in_region = free.region >= 0
    long_region = np.append(free.main_line_m >= rules.stub_main_line_m, [False])[free.region]
    stray = find_stray_ramps(network, free, expressway=main | ramp, booth=booth)
    rule[in_region & ~long_region & (main | ramp) & stub_votes] = names.index("stub")
    rule[in_region & long_region & ramp] = names.index("toll_free_link")
    rule[stray] = names.index("ordinary_link")
    rule[service & area] = names.index("service_area")
    rule[service & ~area] = names.index("service")
    at_booth = booth[network.segments.u] | booth[network.segments.v]
    rule[service & ~area & (at_booth | open_lane)] = names.index("plaza_lane")
    rule[ordinary_link] = names.index("ordinary_link")
    weight = np.array([rules.votes[name].weight for name in names])[rule]
    return Evidence(
        main,
        ramp,
        service & area,
        urban,
        points,
        rule,
        names,
        np.array([rules.votes[name].for_expressway for name in names])[rule],
        np.rint(weight * network.segments.length_mm).astype(np.int64),
        open_lane,
        free,
    )


def find_stray_ramps(network: Network, free: BoothFree, *, expressway: Mask, booth: Mask) -> Mask:
    """Find ramps that serve ordinary roads only, such as those of an urban fast road.

    Parameters
    ----------
    network, free
        The network and its booth-free regions.
    expressway
        bool (segments,): main lines and ramps.
    booth
        bool (nodes,): booths.

    Returns
    -------
    bool (segments,)
        Segments of booth-free regions that hold no main line, touch no booth or toll lane and join no road inside
        the toll system.
    """
    seg = network.segments
    held = booth.copy()
    inside = (expressway & (free.region < 0)) | booth[seg.u] | booth[seg.v]
    held[seg.u[inside]] = held[seg.v[inside]] = True
    joined = free.main_line_m > 0
    mine = np.flatnonzero(free.region >= 0)
    touching = mine[held[seg.u[mine]] | held[seg.v[mine]]]
    joined[free.region[touching]] = True
    result: Mask = (free.region >= 0) & ~np.append(joined, True)[free.region]
    return result


def class_points(network: Network, rules: SeamRules) -> npt.NDArray[np.int16]:
    """Return the class points of each way, int16 (ways,); positive means expressway main line."""
    score = np.zeros(len(network.ways), dtype=np.int16)
    for name, mask in class_votes(network).items():
        score[mask] += rules.class_points.get(name, 0)
    return score


def class_votes(network: Network) -> dict[str, Mask]:
    """Return, for each row of ``[class_votes]`` in the rule table, bool (ways,): the row votes on the way.

    OSM class, name, number, toll, and a carriageway of its own with two lanes or more.
    """
    text, road_class = network.ways.text, network.ways.road_class
    expressway_name = text["name"].where(lambda name: "高速" in name and not _CONNECTOR_NAME.search(name))
    expressway_number, ordinary_number = read_numbers(text["ref"])
    urban = text["name"].where(lambda name: bool(_URBAN_NAME.search(name)))
    lanes = text["lanes"].where(lambda lanes: lanes.isascii() and lanes.isdigit() and int(lanes[:3]) > 1)
    return {
        "motorway": road_class == RoadClass.MOTORWAY,
        "ordinary_class": road_class != RoadClass.MOTORWAY,
        "name_expressway": expressway_name,
        "number_expressway": expressway_number,
        "number_ordinary": ordinary_number & ~expressway_number,
        "toll": text["toll"].where({"yes"}),
        "divided": (network.ways.direction != 0) & lanes,
        "name_urban": urban & ~expressway_number & ~expressway_name,
    }


def read_numbers(ref: TextColumn) -> tuple[Mask, Mask]:
    """Return two masks (ways,): the ``ref`` holds an expressway number; it holds an ordinary number."""

    def holds(pattern: re.Pattern[str]) -> Mask:
        return ref.where(lambda text: any(pattern.fullmatch(part.strip()) for part in re.split(r"[;,/ ]", text)))

    return holds(EXPRESSWAY_NUMBER), holds(ORDINARY_NUMBER)
