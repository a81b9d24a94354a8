"""An agency's own roads against the map: which have no partner on the other side, in metres that add up.

No buffers: places are sampled along each road, and a place has a partner if a road of the other network lies near it
and runs the same way. Each place stands for its share of the segment in whole millimetres, so matched and missing
metres of a network add up to its length exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.findings import Finding, Severity
from geo.matching import Pair, drop_claimed, find_steps, keep_nearest
from geo.network import Network
from geo.sampling import list_steps, sample_segments

Ints = npt.NDArray[np.int64]

WITHIN_M = 15.0
"""How far an agency's line may lie from the map's (our assumption: survey and imagery differ by less)."""
SPACING_M = 10.0
SHORTEST_GAP_M = 30.0
"""A shorter stretch without a partner is counted, but not shown as a place."""
CLAIM = 0.25
"""A partner belongs to another road that lies four times as near to it: the map lacks one side of a dual carriageway.

Nearer to 1, two carriageways could no longer share one centre line of the agency.
"""
MAX_PLACES = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of one segment without a partner: segment row, where it begins and ends, and a place on it."""

    segment: int
    from_mm: int
    to_mm: int
    lon: float
    lat: float

    @property
    def length_mm(self) -> int:
        """Millimetres without a partner."""
        return self.to_mm - self.from_mm


@dataclass(frozen=True)
class Side:
    """One network of a conflation.

    Attributes
    ----------
    network
        The network.
    matched_mm
        int64 (segments,), millimetres that have a partner; the rest of each segment has none.
    partner
        int64 (segments,), the segment of the other network beside most of its places, -1 for none.
    gaps
        Stretches without a partner, by segment, then along it.
    """

    network: Network
    matched_mm: Ints
    partner: Ints
    gaps: tuple[Gap, ...]

    @property
    def missing_mm(self) -> Ints:
        """Millimetres of each segment without a partner, int64 (segments,)."""
        return self.network.segments.length_mm - self.matched_mm

    def by_class(self) -> Mapping[RoadClass, tuple[int, int]]:
        """Return road class to millimetres (matched, missing), classes that occur only."""
        road_class = self.network.segment_class
        return {
            one: (int(self.matched_mm[road_class == one].sum()), int(self.missing_mm[road_class == one].sum()))
            for one in RoadClass
            if (road_class == one).any()
        }


@dataclass(frozen=True)
class Conflation:
    """An agency's network and the map's, each with what has a partner on the other side.

    Attributes
    ----------
    agency, osm
        The two sides.
    class_mm
        (class of the agency, class of the map) to millimetres of the agency's roads matched so.
    """

    agency: Side
    osm: Side
    class_mm: Mapping[tuple[RoadClass, RoadClass], int]

    def findings(self) -> tuple[Finding, ...]:
        """Return what a person should look at: roads missing on either side, and classes that disagree."""
        told = [
            _tell_missing(
                self.agency, "agency_road_not_on_map", "单位图层中有、地图上没有", "of the agency are not on the map"
            ),
            _tell_missing(
                self.osm, "map_road_not_in_layer", "地图上有、单位图层中没有", "of the map are not in the layer"
            ),
            _tell_classes(self),
        ]
        return tuple(finding for finding in told if finding is not None)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, lengths in metres."""
        sides = {
            name: {
                "length_m": side.network.length_mm / 1000,
                "matched_m": int(side.matched_mm.sum()) / 1000,
                "missing_m": int(side.missing_mm.sum()) / 1000,
                "by_class": {
                    one.name.lower(): {"matched_m": a / 1000, "missing_m": b / 1000}
                    for one, (a, b) in side.by_class().items()
                },
            }
            for name, side in (("agency", self.agency), ("osm", self.osm))
        }
        classes = [
            {"agency": a.name.lower(), "osm": b.name.lower(), "length_m": mm / 1000}
            for (a, b), mm in self.class_mm.items()
        ]
        return {**sides, "classes": classes}


def conflate(agency: Network, osm: Network, *, within_m: float = WITHIN_M) -> Conflation:
    """Compare an agency's network with the map's.

    Parameters
    ----------
    agency, osm
        The networks; neither is changed.
    within_m
        How far a place may lie from the other network's road, metres.

    Returns
    -------
    Conflation
        Roads count whichever way they are drawn; headings must agree within ``geo.matching.HEADING_DEG``.
    """
    pair = Pair(agency, osm)
    ours, class_mm = _match_side(pair, within_m)
    theirs, _ = _match_side(pair.turned(), within_m)
    return Conflation(ours, theirs, class_mm)


def _match_side(pair: Pair, within_m: float) -> tuple[Side, Mapping[tuple[RoadClass, RoadClass], int]]:
    network = pair.first
    every = np.arange(len(network.segments), dtype=np.int64)
    samples = sample_segments(network, every, xy=pair.first_xy, spacing_m=SPACING_M)
    steps = list_steps(pair.second, np.arange(len(pair.second.segments), dtype=np.int64), xy=pair.second_xy)
    hits = keep_nearest(find_steps(samples, steps, within_m=within_m))
    hits = drop_claimed(samples, hits, list_steps(network, every, xy=pair.first_xy), share=CLAIM)
    other = np.full(len(samples), -1, dtype=np.int64)
    other[hits.sample] = hits.segment
    begin, end = _share_out(network.segments.length_mm, samples.segment)
    found = other >= 0
    matched = np.zeros(len(every), dtype=np.int64)
    np.add.at(matched, samples.segment[found], (end - begin)[found])
    partner = _most_frequent(samples.segment[found], other[found], len(every))
    classes = network.segment_class[samples.segment[found]], pair.second.segment_class[other[found]]
    table = np.zeros((len(RoadClass), len(RoadClass)), dtype=np.int64)
    np.add.at(table, classes, (end - begin)[found])
    class_mm = {(RoadClass(a), RoadClass(b)): int(table[a, b]) for a, b in np.argwhere(table).tolist()}
    gaps = _list_gaps(network, samples.segment, np.column_stack((begin, end)), found)
    return Side(network, matched, partner, gaps), class_mm


def _share_out(length_mm: Ints, segment: Ints) -> tuple[Ints, Ints]:
    """Return where the share of each sample begins and ends on its segment, millimetres; shares fill the segment."""
    count = np.bincount(segment, minlength=len(length_mm))
    number = np.arange(len(segment)) - (np.cumsum(count) - count)[segment]
    length, parts = length_mm[segment], count[segment]
    return number * length // parts, (number + 1) * length // parts


def _most_frequent(segment: Ints, other: Ints, size: int) -> Ints:
    partner = np.full(size, -1, dtype=np.int64)
    if len(segment):
        couple, count = np.unique(np.column_stack((segment, other)), axis=0, return_counts=True)
        order = np.lexsort((couple[:, 1], -count, couple[:, 0]))
        rows, first = np.unique(couple[order, 0], return_index=True)
        partner[rows] = couple[order[first], 1]
    return partner


def _list_gaps(network: Network, segment: Ints, share: Ints, found: npt.NDArray[np.bool_]) -> tuple[Gap, ...]:
    """Return runs of samples without a partner, each on one segment."""
    lost = np.flatnonzero(~found)
    if len(lost) == 0:
        return ()
    new_run = np.append(True, (np.diff(lost) > 1) | (np.diff(segment[lost]) > 0))
    first = np.flatnonzero(new_run)
    last = np.append(first[1:], len(lost)) - 1
    gaps = []
    for a, b in zip(lost[first].tolist(), lost[last].tolist(), strict=True):
        row, begin, end = int(segment[a]), int(share[a, 0]), int(share[b, 1])
        lon, lat = _place_at(network, row, (begin + end) / 2)
        gaps.append(Gap(row, begin, end, lon, lat))
    return tuple(gaps)


def _place_at(network: Network, row: int, at_mm: float) -> tuple[float, float]:
    line = network.points(row)
    east = np.cos(np.radians(line[0, 1]))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(line[:, 0]) * east, np.diff(line[:, 1])))))
    total = int(network.segments.length_mm[row])
    target = at_mm / total * along[-1] if total else 0.0
    return round(float(np.interp(target, along, line[:, 0])), 7), round(float(np.interp(target, along, line[:, 1])), 7)


def _tell_missing(side: Side, code: str, zh: str, en: str) -> Finding | None:
    gaps = sorted(side.gaps, key=lambda gap: (-gap.length_mm, gap.segment, gap.from_mm))
    long = [gap for gap in gaps if gap.length_mm >= SHORTEST_GAP_M * 1000]
    if not long:
        return None
    metres = int(side.missing_mm.sum()) / 1000
    ids = side.network.segment_ids
    return Finding(
        code,
        Severity.WARNING,
        len(long),
        f"{len(long)} 段道路{zh}（{metres:,.0f} m），请核对哪一边有误，或补上缺的一边。",
        f"{len(long)} stretches of road {en} ({metres:,.0f} m): find out which side is wrong, or add what is missing.",
        length_m=metres,
        places=tuple((gap.lon, gap.lat) for gap in long[:MAX_PLACES]),
        things=tuple(ids[gap.segment] for gap in long[:MAX_PLACES]),
    )


def _tell_classes(both: Conflation) -> Finding | None:
    """Report roads that are expressway on one side and ordinary road on the other."""
    side = both.agency
    rows = np.flatnonzero(side.partner >= 0)
    ours = side.network.segment_class[rows] <= RoadClass.MOTORWAY_LINK
    theirs = both.osm.network.segment_class[side.partner[rows]] <= RoadClass.MOTORWAY_LINK
    rows = rows[ours != theirs]
    if len(rows) == 0:
        return None
    order = rows[np.lexsort((rows, -side.matched_mm[rows]))]
    metres = int(side.matched_mm[rows].sum()) / 1000
    places = [_place_at(side.network, row, side.network.segments.length_mm[row] / 2) for row in order[:50].tolist()]
    return Finding(
        "class_differs_from_map",
        Severity.WARNING,
        len(rows),
        f"{len(rows)} 个路段（{metres:,.0f} m）在单位图层与地图中一边是高速、一边是普通公路，请核对等级。",
        f"{len(rows)} segments ({metres:,.0f} m) are expressway on one side and ordinary road on the other: check.",
        length_m=metres,
        places=tuple(places),
        things=tuple(side.network.segment_ids[row] for row in order[:50].tolist()),
    )
