"""Read OSM files with osmium: one pass, filters in C++, so that Python sees only what is kept."""

from __future__ import annotations

from collections.abc import Callable
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
from geo.harvest import Harvest, fill_places, find_runs, unplaced, whole_outlines
from geo.network import Network, Nodes, Source
from geo.outlines import find_areas
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

_PROGRESS_EVERY = 20_000

Progress = Callable[[str, int], bool]
"""Called with a stage name and a count; returns ``False`` to cancel."""


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
        if not len(harvest.roads.id):
            msg = f"{source.name}: 文件中没有汽车可走的道路，请换含道路的地图文件。 / no road for cars in this file."
            raise InputError(msg)
        missing = _fill_missing(path, harvest)
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        if isinstance(error, InputError):
            raise
        detail = " ".join(str(error).replace(str(path), source.name).split())[:120]
        msg = f"{source.name}: 地图文件损坏或不完整（{detail}），请重新下载。 / the map is damaged: download it again."
        raise InputError(msg) from error
    return _assemble(harvest, source, missing)


def _harvest(path: Path, progress: Progress | None) -> Harvest:
    harvest = Harvest()
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
        if isinstance(thing, osm.Way):
            harvest.take_way(thing)
        elif isinstance(thing, osm.Node):
            harvest.take_node(thing)
        elif isinstance(thing, osm.Relation):
            members = [m.ref for m in thing.members if m.type == "w" and m.role != "inner"]
            harvest.relations.append((thing.id, dict(thing.tags), members))
    return harvest


def _fill_missing(path: Path, harvest: Harvest) -> set[int]:
    """Look up nodes that came after their way in an unsorted file; return the ids that are not in the file."""
    roads = unplaced(harvest.roads)
    wanted = roads | unplaced(harvest.outlines)
    if not wanted:
        return wanted
    found: dict[int, tuple[float, float]] = {}
    nodes = osmium.FileProcessor(str(path), osm.NODE)
    if min(wanted) >= 0:  # editors number new nodes below zero, which osmium's filter cannot hold
        nodes = nodes.with_filter(of.IdFilter(sorted(wanted)))
    for node in nodes:
        if isinstance(node, osm.Node) and node.id in wanted and node.location.valid():
            found[node.id] = (node.location.x * 1e-7, node.location.y * 1e-7)
    fill_places(harvest.roads, found)
    fill_places(harvest.outlines, found)
    return roads - found.keys()


def _assemble(harvest: Harvest, source: Source, missing: set[int]) -> Network:
    runs = find_runs(harvest.roads)
    if not len(runs.way):
        msg = f"{source.name}: 道路的点全部缺失，请重新下载。 / every road lacks its nodes: download it again."
        raise InputError(msg)
    used = harvest.roads.ref_array()[runs.point]
    places = harvest.roads.place_array()[runs.point]
    _refuse_impossible(used, places, source)
    extra = np.setdiff1d(np.fromiter(harvest.node_place, dtype=np.int64), used)
    node_id, index = np.unique(np.concatenate((used, extra)), return_inverse=True)
    lonlat = np.empty((len(node_id), 2))
    lonlat[index[: len(used)]] = places
    lonlat[index[len(used) :]] = np.array([harvest.node_place[i] for i in extra.tolist()]).reshape(-1, 2)
    tagged = np.array(sorted(harvest.node_tags), dtype=np.int64)
    row = np.searchsorted(node_id, tagged)
    there = row < len(node_id)
    there[there] = node_id[row[there]] == tagged[there]
    node_tags = {
        int(r): harvest.node_tags[int(i)] for r, i in zip(row[there].tolist(), tagged[there].tolist(), strict=True)
    }
    nodes = Nodes(node_id, lonlat[:, 0].round(7), lonlat[:, 1].round(7), node_tags)
    raw = RawWays(
        np.array(harvest.roads.id, dtype=np.int64)[runs.way],
        runs.ptr.astype(np.int32),
        index[: len(used)].astype(np.int32),
        [harvest.roads.tags[k] for k in runs.way.tolist()],
    )
    areas, area_findings = find_areas(list(whole_outlines(harvest.outlines)), harvest.relations)
    nodes, raw, booth_findings = add_area_booths(nodes, raw, areas)
    stamped = Source(source.name, source.sha256, source.format, harvest.newest)
    findings = _reading_findings(harvest, missing, runs.ways, runs.short)
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


def _reading_findings(harvest: Harvest, missing: set[int], ways: int, short: int) -> list[Finding]:
    findings = []
    twice = len(harvest.roads.id) - ways
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
