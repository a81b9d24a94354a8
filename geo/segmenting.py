"""From ways to segments: cut at junctions, booths, gates and way ends; measure in whole millimetres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass, classify_ways
from geo.columns import TextColumn
from geo.findings import Finding, Severity, sort_findings
from geo.measure import measure_steps
from geo.network import WAY_TAGS, Area, Network, Nodes, Segments, Source, Ways

CUTTING_BARRIERS = frozenset({"toll_booth", "gate", "lift_gate", "swing_gate", "sliding_gate", "border_control"})
"""``barrier`` values of a node at which a way is cut, since ownership may change there."""

_ONEWAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1, "no": 0, "false": 0, "0": 0}


@dataclass(frozen=True)
class RawWays:
    """Ways as a reader hands them over.

    Attributes
    ----------
    id
        int64 (ways,).
    ptr, refs
        int32; node rows of way ``i`` are ``refs[ptr[i]:ptr[i + 1]]``.
    tags
        One mapping a way.
    step_m
        Optional float64, one measured length for each step ``refs[k] -> refs[k + 1]`` (the entry of a way's last
        point is ignored); for agency layers that are measured in their own grid.
    """

    id: npt.NDArray[np.int64]
    ptr: npt.NDArray[np.int32]
    refs: npt.NDArray[np.int32]
    tags: Sequence[Mapping[str, str]]
    step_m: npt.NDArray[np.float64] | None = field(default=None)


def build_network(
    source: Source,
    nodes: Nodes,
    raw: RawWays,
    *,
    areas: tuple[Area, ...] = (),
    findings: Sequence[Finding] = (),
) -> Network:
    """Build the network (without stations) from nodes and ways.

    Parameters
    ----------
    source
        Where the data came from.
    nodes
        Nodes with coordinates in WGS-84 degrees.
    raw
        The ways; every way has at least two points.
    areas, findings
        Passed on; findings made here are added.

    Returns
    -------
    Network
        Segments sorted by way row, then along the way.
    """
    text = _text_columns(raw.tags)
    road_class = classify_ways(text["highway"], text["route"])
    direction, odd = read_directions(text, road_class)
    ways = Ways(raw.id, raw.ptr, raw.refs, text, road_class, direction)
    segments = cut_segments(nodes, ways, raw.step_m)
    found = list(findings)
    if odd.any():
        found.append(_odd_oneway(nodes, ways, np.flatnonzero(odd)))
    zero = np.flatnonzero(segments.length_mm == 0)
    if len(zero):
        found.append(_zero_length(nodes, segments, zero))
    return Network(source, nodes, ways, segments, areas, (), sort_findings(found))


def _text_columns(tags: Sequence[Mapping[str, str]]) -> dict[str, TextColumn]:
    """Encode the tags of all ways; a mapping that many ways share is looked at once."""
    number: dict[int, int] = {}
    shared: list[Mapping[str, str]] = []
    rows = np.empty(len(tags), dtype=np.int32)
    for k, mapping in enumerate(tags):
        row = number.setdefault(id(mapping), len(shared))
        if row == len(shared):
            shared.append(mapping)
        rows[k] = row
    pools: dict[str, dict[str, int]] = {tag: {"": 0} for tag in WAY_TAGS}
    codes = {tag: np.zeros(len(shared), dtype=np.int32) for tag in WAY_TAGS}
    for row, mapping in enumerate(shared):
        for tag, text in mapping.items():
            if tag in pools:
                codes[tag][row] = pools[tag].setdefault(text, len(pools[tag]))
    return {tag: TextColumn(codes[tag][rows], tuple(pools[tag])) for tag in WAY_TAGS}


def read_directions(
    text: Mapping[str, TextColumn], road_class: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Read the direction of travel of each way.

    An untagged motorway and an untagged roundabout are one-way; links follow their tag
    (OSM wiki, "Key:oneway", implied values).

    Returns
    -------
    direction
        int8 (ways,): 1, -1 or 0 (both ways).
    odd
        bool (ways,): the tag says something else than yes, no or reverse; both ways is assumed.
    """
    oneway, junction = text["oneway"], text["junction"]
    known = np.array([_ONEWAY.get(value, 2) for value in oneway.pool], dtype=np.int8)[oneway.codes]
    untagged = oneway.codes == 0
    implied = (road_class == RoadClass.MOTORWAY) | junction.where({"roundabout", "circular"})
    odd = ~untagged & (known == 2)  # noqa: PLR2004 - 2 marks a value outside the table
    direction = np.where(untagged, implied.astype(np.int8), np.where(odd, 0, known)).astype(np.int8)
    return direction, odd


def cut_segments(nodes: Nodes, ways: Ways, step_m: npt.NDArray[np.float64] | None = None) -> Segments:
    """Cut ways where they share a node, carry a booth or gate, or end.

    Parameters
    ----------
    nodes, ways
        The network's columns.
    step_m
        Measured step lengths, or ``None`` for geodesic lengths.

    Returns
    -------
    Segments
        In way order; a node that a way visits twice cuts it too.
    """
    refs, ptr = ways.refs, ways.ptr
    first = np.zeros(len(refs), dtype=bool)
    last = np.zeros(len(refs), dtype=bool)
    first[ptr[:-1]] = True
    last[ptr[1:] - 1] = True
    cutting = np.bincount(refs, minlength=len(nodes)) > 1
    cutting[[row for row, tags in nodes.tags.items() if tags.get("barrier") in CUTTING_BARRIERS]] = True
    position = np.flatnonzero(first | last | cutting[refs])
    start, end = position[:-1], position[1:]
    inside = ~last[start]
    start, end = start[inside], end[inside]
    if step_m is None:
        step_m = np.append(measure_steps(nodes.lon[refs], nodes.lat[refs], gap=last[:-1]), 0.0)
    # Whole micrometres add up exactly: a length depends neither on a way's direction nor on its place in the file.
    step_um = np.rint(np.where(last, 0.0, step_m) * 1e6).astype(np.int64)
    along = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(step_um)))
    length_mm = (along[end] - along[start] + 500) // 1000
    way = (np.searchsorted(ptr, start, side="right") - 1).astype(np.int32)
    return Segments(
        way,
        refs[start],
        refs[end],
        start.astype(np.int32),
        end.astype(np.int32),
        length_mm,
        _count_repeats(ways.id[way], refs[start], refs[end]),
    )


def _count_repeats(
    way: npt.NDArray[np.int64], u: npt.NDArray[np.int32], v: npt.NDArray[np.int32]
) -> npt.NDArray[np.int16]:
    """Count the pieces of one way that join the same two nodes: 0 for the first, 1 for the next."""
    repeat = np.zeros(len(way), dtype=np.int16)
    order = np.lexsort((np.arange(len(way)), v, u, way))
    same = (np.diff(way[order]) == 0) & (np.diff(u[order]) == 0) & (np.diff(v[order]) == 0)
    for k in np.flatnonzero(same):
        repeat[order[k + 1]] = repeat[order[k]] + 1
    return repeat


def _odd_oneway(nodes: Nodes, ways: Ways, rows: npt.NDArray[np.intp]) -> Finding:
    values = sorted({ways.text["oneway"][int(row)] for row in rows})
    heads = ways.refs[ways.ptr[rows]]
    return Finding(
        "odd_oneway",
        Severity.WARNING,
        len(rows),
        f"{len(rows)} 条道路的 oneway 取值无法识别（{'、'.join(values[:5])}），按双向通行处理，请在地图上核对。",
        f"{len(rows)} ways carry an unknown oneway value ({', '.join(values[:5])}); read as two-way, check on the map.",
        places=_places(nodes, heads),
        things=tuple(f"w{ways.id[row]}" for row in rows[:50]),
    )


def _zero_length(nodes: Nodes, segments: Segments, rows: npt.NDArray[np.intp]) -> Finding:
    return Finding(
        "zero_length",
        Severity.NOTE,
        len(rows),
        f"{len(rows)} 个路段长度为 0，已保留但不计里程，请在地图上合并重合的点。",
        f"{len(rows)} segments have no length; kept, but they add no metres: merge the coinciding points on the map.",
        places=_places(nodes, segments.u[rows]),
    )


def _places(nodes: Nodes, rows: npt.NDArray[np.integer]) -> tuple[tuple[float, float], ...]:
    return tuple((float(nodes.lon[row]), float(nodes.lat[row])) for row in rows[:50])
