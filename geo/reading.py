"""Read OSM files with osmium: one pass, filters in C++, so that Python sees only what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
from osmium import filter as of
from osmium import osm

from geo.boothareas import add_area_booths
from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import CancelledError, InputError
from geo.findings import Finding, Severity
from geo.network import Network, Nodes, Source
from geo.outlines import Outline, find_areas, kind_of_area
from geo.segmenting import RawWays, build_network

KEY_NODES: dict[str, tuple[str, ...]] = {
    "barrier": ("toll_booth", "gate", "lift_gate", "swing_gate", "sliding_gate", "border_control"),
    "highway": ("toll_gantry", "motorway_junction", "services", "rest_area", "milestone", "turning_circle"),
    "amenity": ("weighbridge",),
    "disused:barrier": ("toll_booth",),
    "removed:barrier": ("toll_booth",),
    "abandoned:barrier": ("toll_booth",),
    "was:barrier": ("toll_booth",),
}
"""Node tags that are kept: booths present and removed, gantries, junctions, barriers, milestones, weigh stations."""

AREA_TAGS: dict[str, tuple[str, ...]] = {
    "highway": ("services", "rest_area"),
    "building": ("toll_booth",),
    "barrier": ("toll_booth",),
    "boundary": ("administrative",),
    "disused:barrier": ("toll_booth",),
    "removed:barrier": ("toll_booth",),
}
"""Way and relation tags of outlines that are kept."""

_NO_CAR = frozenset({"no", "agricultural", "forestry"})
_UNKNOWN = 2**31 - 1
_PROGRESS_EVERY = 20_000

Progress = Callable[[str, int], bool]
"""Called with a stage name and a count; returns ``False`` to cancel."""


@dataclass
class _Harvest:
    """What one pass over the file collects."""

    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    node_place: dict[int, tuple[float, float]] = field(default_factory=dict)
    way_id: list[int] = field(default_factory=list)
    way_tags: list[dict[str, str]] = field(default_factory=list)
    way_refs: list[list[int]] = field(default_factory=list)
    way_x: list[list[int]] = field(default_factory=list)
    way_y: list[list[int]] = field(default_factory=list)
    outline_way: list[int] = field(default_factory=list)
    outline_tags: list[dict[str, str]] = field(default_factory=list)
    outline_refs: list[list[int]] = field(default_factory=list)
    outline_x: list[list[int]] = field(default_factory=list)
    outline_y: list[list[int]] = field(default_factory=list)
    relations: list[tuple[int, dict[str, str], list[int]]] = field(default_factory=list)
    construction: list[int] = field(default_factory=list)
    closed_to_cars: int = 0
    newest: str = ""


def read_osm(path: Path, source: Source, *, progress: Progress | None = None) -> Network:
    """Read an OSM file into a network (without stations).

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``; already admitted by ``geo.intake``.
    source
        Name, hash and format to record.
    progress
        Told what is read; may cancel.

    Returns
    -------
    Network
        Coordinates in WGS-84.

    Raises
    ------
    InputError
        The file is cut or damaged, or holds no road for cars.
    CancelledError
        ``progress`` returned ``False``.
    """
    try:
        harvest = _harvest(path, progress)
        if not harvest.way_id:
            msg = f"{source.name}: 文件中没有汽车可走的道路，请换含道路的地图文件。 / no road for cars in this file."
            raise InputError(msg)
        missing = _fill_missing(path, harvest)
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        if isinstance(error, InputError):
            raise
        detail = " ".join(str(error).split())[:120]
        msg = f"{source.name}: 地图文件损坏或不完整（{detail}），请重新下载。 / the map is damaged: download it again."
        raise InputError(msg) from error
    return _assemble(harvest, source, missing)


def _harvest(path: Path, progress: Progress | None) -> _Harvest:
    harvest = _Harvest()
    drivable = [("highway", value) for value in CLASS_OF_HIGHWAY]
    outlines = [(key, value) for key, values in AREA_TAGS.items() for value in values]
    nodes = of.TagFilter(*[(key, value) for key, values in KEY_NODES.items() for value in values])
    ways = of.TagFilter(*drivable, *outlines, ("route", "ferry"), ("highway", "construction"))
    relations = of.TagFilter(("boundary", "administrative"), ("highway", "services"), ("highway", "rest_area"))
    stream = osmium.FileProcessor(str(path), osm.NODE | osm.WAY | osm.RELATION).with_locations()
    for wanted, kind in ((nodes, osm.NODE), (ways, osm.WAY), (relations, osm.RELATION)):
        wanted.enable_for(kind)
        stream = stream.with_filter(wanted)
    for count, thing in enumerate(stream):
        if progress and count % _PROGRESS_EVERY == 0 and not progress("read", count):
            msg = "已取消读取。 / reading was cancelled."
            raise CancelledError(msg)
        if isinstance(thing, osm.Node):
            _take_node(harvest, thing)
        elif isinstance(thing, osm.Way):
            _take_way(harvest, thing)
        elif isinstance(thing, osm.Relation):
            members = [m.ref for m in thing.members if m.type == "w" and m.role != "inner"]
            harvest.relations.append((thing.id, dict(thing.tags), members))
    return harvest


def _take_node(harvest: _Harvest, node: osm.Node) -> None:
    harvest.node_tags[node.id] = dict(node.tags)
    if node.location.valid():
        harvest.node_place[node.id] = (node.location.lon, node.location.lat)


def _take_way(harvest: _Harvest, way: osm.Way) -> None:
    tags = dict(way.tags)
    refs = [node.ref for node in way.nodes]
    x = [node.x for node in way.nodes]
    y = [node.y for node in way.nodes]
    stamp = way.timestamp
    if stamp.year > 1970:  # noqa: PLR2004 - the epoch stands for "no timestamp"
        harvest.newest = max(harvest.newest, stamp.strftime("%Y-%m-%dT%H:%M:%SZ"))
    is_ring = len(refs) > 3 and refs[0] == refs[-1]  # noqa: PLR2004 - three corners and the first again
    if kind_of_area(tags):
        harvest.outline_way.append(way.id)
        harvest.outline_tags.append(tags)
        harvest.outline_refs.append(refs)
        harvest.outline_x.append(x)
        harvest.outline_y.append(y)
    highway = tags.get("highway", "")
    if highway == "construction":
        harvest.construction.append(way.id)
    is_road = highway in CLASS_OF_HIGHWAY or tags.get("route") == "ferry"
    if (
        not is_road
        or (is_ring and tags.get("area") != "no" and highway in {"services", "rest_area"})
        or tags.get("area") == "yes"
    ):
        return
    if tags.get("motor_vehicle") in _NO_CAR or (tags.get("access") == "no" and "motor_vehicle" not in tags):
        harvest.closed_to_cars += 1
        return
    harvest.way_id.append(way.id)
    harvest.way_tags.append(tags)
    harvest.way_refs.append(refs)
    harvest.way_x.append(x)
    harvest.way_y.append(y)


def _fill_missing(path: Path, harvest: _Harvest) -> set[int]:
    """Look up nodes that came after their way in an unsorted file; return the ids that are not in the file."""
    roads = _unplaced(harvest.way_refs, harvest.way_x)
    wanted = roads | _unplaced(harvest.outline_refs, harvest.outline_x)
    if not wanted:
        return wanted
    found: dict[int, tuple[int, int]] = {}
    nodes = osmium.FileProcessor(str(path), osm.NODE)
    if min(wanted) >= 0:  # editors number new nodes below zero, which osmium's filter cannot hold
        nodes = nodes.with_filter(of.IdFilter(sorted(wanted)))
    for node in nodes:
        if isinstance(node, osm.Node) and node.id in wanted and node.location.valid():
            found[node.id] = (node.location.x, node.location.y)
    for refs, xs, ys in (
        *zip(harvest.way_refs, harvest.way_x, harvest.way_y, strict=True),
        *zip(harvest.outline_refs, harvest.outline_x, harvest.outline_y, strict=True),
    ):
        for k, ref in enumerate(refs):
            if xs[k] == _UNKNOWN and ref in found:
                xs[k], ys[k] = found[ref]
    return roads - found.keys()


def _unplaced(refs: list[list[int]], x: list[list[int]]) -> set[int]:
    """Return the ids of nodes whose place is not known yet."""
    pairs = zip(refs, x, strict=True)
    return {ref for row, xs in pairs for ref, value in zip(row, xs, strict=True) if value == _UNKNOWN}


def _outlines(harvest: _Harvest) -> list[Outline]:
    """Return the outlines; one that lacks a node cannot be drawn, so that its relation does not close either."""
    return [
        Outline(way, tags, tuple(refs), np.array([x, y], dtype=np.float64).T * 1e-7)
        for way, tags, refs, x, y in zip(
            harvest.outline_way,
            harvest.outline_tags,
            harvest.outline_refs,
            harvest.outline_x,
            harvest.outline_y,
            strict=True,
        )
        if _UNKNOWN not in x
    ]


def _runs(refs: list[int], known: list[bool]) -> Iterator[list[int]]:
    """Yield index runs of a way without gaps and without the same node twice in a row, two points or more."""
    run: list[int] = []
    for k, ok in enumerate(known):
        if not ok:
            if len(run) > 1:
                yield run
            run = []
        elif not run or refs[run[-1]] != refs[k]:
            run.append(k)
    if len(run) > 1:
        yield run


def _assemble(harvest: _Harvest, source: Source, missing: set[int]) -> Network:
    findings: list[Finding] = []
    latest = {way: k for k, way in enumerate(harvest.way_id)}
    ids: list[int] = []
    tags: list[dict[str, str]] = []
    refs: list[int] = []
    xy: list[tuple[int, int]] = []
    ptr = [0]
    short = 0
    for way, k in sorted(latest.items()):
        x, y = harvest.way_x[k], harvest.way_y[k]
        known = [value != _UNKNOWN for value in x]
        runs = list(_runs(harvest.way_refs[k], known))
        short += not runs
        for run in runs:
            ids.append(way)
            tags.append(harvest.way_tags[k])
            refs.extend(harvest.way_refs[k][i] for i in run)
            xy.extend((x[i], y[i]) for i in run)
            ptr.append(len(refs))
    if not ids:
        msg = f"{source.name}: 道路的点全部缺失，请重新下载。 / every road lacks its nodes: download it again."
        raise InputError(msg)
    used = np.array(refs, dtype=np.int64)
    places = np.array(xy, dtype=np.float64) * 1e-7
    _refuse_impossible(used, places, source)
    extra = np.array(sorted(harvest.node_place.keys() - set(refs)), dtype=np.int64)
    node_id, index = np.unique(np.concatenate((used, extra)), return_inverse=True)
    lonlat = np.empty((len(node_id), 2))
    lonlat[index[: len(used)]] = places
    lonlat[index[len(used) :]] = np.array([harvest.node_place[i] for i in extra.tolist()]).reshape(-1, 2)
    row_of = dict(zip(node_id.tolist(), range(len(node_id)), strict=True))
    node_tags = {row_of[i]: t for i, t in sorted(harvest.node_tags.items()) if i in row_of}
    nodes = Nodes(node_id, lonlat[:, 0].round(7), lonlat[:, 1].round(7), node_tags)
    findings += _reading_findings(harvest, missing, len(latest), short)
    raw = RawWays(
        np.array(ids, dtype=np.int64),
        np.array(ptr, dtype=np.int32),
        index[: len(used)].astype(np.int32),
        tags,
    )
    areas, area_findings = find_areas(_outlines(harvest), harvest.relations)
    nodes, raw, booth_findings = add_area_booths(nodes, raw, areas)
    stamped = Source(source.name, source.sha256, source.format, harvest.newest)
    return build_network(stamped, nodes, raw, areas=areas, findings=[*findings, *area_findings, *booth_findings])


def _refuse_impossible(ids: npt.NDArray[np.int64], places: npt.NDArray[np.float64], source: Source) -> None:
    off = (np.abs(places) > (180.0, 90.0)).any(axis=1)
    if off.any():
        bad = sorted(set(ids[off].tolist()))
        msg = (
            f"{source.name}: {len(bad)} 个点的坐标超出经纬度范围（如 n{bad[0]}），经纬度可能颠倒，请改正后再导入。"
            f" / {len(bad)} nodes lie off the globe (such as n{bad[0]}); are longitude and latitude swapped?"
        )
        raise InputError(msg)


def _reading_findings(harvest: _Harvest, missing: set[int], ways: int, short: int) -> list[Finding]:
    findings = []
    twice = len(harvest.way_id) - ways
    if twice:
        findings.append(
            Finding(
                "duplicate_way_id",
                Severity.WARNING,
                twice,
                f"{twice} 条道路的编号重复出现，取最后一条，请检查文件来源。",
                f"{twice} ways repeat an id already read; the last one is used: check where the file came from.",
            )
        )
    if missing:
        findings.append(
            Finding(
                "missing_nodes",
                Severity.WARNING,
                len(missing),
                f"{len(missing)} 个道路点不在文件中，道路在缺点处断开；若不是裁剪边缘，请重新下载。",
                f"{len(missing)} road nodes are not in the file; roads end there: unless clipped, download again.",
                things=tuple(f"n{i}" for i in sorted(missing)[:50]),
            )
        )
    if short:
        findings.append(
            Finding(
                "short_way",
                Severity.NOTE,
                short,
                f"{short} 条道路不足两个点，无法画出，已略去，请在地图上核对。",
                f"{short} ways have fewer than two points and cannot be drawn: check them on the map.",
            )
        )
    if harvest.construction:
        n = len(harvest.construction)
        findings.append(
            Finding(
                "under_construction",
                Severity.NOTE,
                n,
                f"{n} 条在建道路不计入路网，通车后请更新地图。",
                f"{n} roads under construction are kept apart: update the map when they open.",
                things=tuple(f"w{i}" for i in sorted(harvest.construction)[:50]),
            )
        )
    if harvest.closed_to_cars:
        n = harvest.closed_to_cars
        findings.append(
            Finding(
                "closed_to_cars",
                Severity.NOTE,
                n,
                f"{n} 条道路标注禁止汽车通行，不计入路网。",
                f"{n} ways are tagged as closed to cars and left out of the network.",
            )
        )
    return findings
