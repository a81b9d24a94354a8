"""Read OSM files into a network: the quick reader for plain PBF, the careful one for everything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.boothareas import add_area_booths
from geo.errors import CancelledError, InputError
from geo.findings import Finding, Severity
from geo.harvest import Harvest, find_runs, whole_outlines
from geo.network import Network, Nodes, Source
from geo.outlines import find_areas
from geo.restrictions import forbidden_turns, gather_restrictions
from geo.segmenting import RawWays, build_network
from geo.sniff import Format

Progress = Callable[[str, int], bool]
"""Called with a stage name and a count; returns ``False`` to cancel."""


def read_osm(path: Path, source: Source, *, progress: Progress | None = None) -> Network:
    """Read an OSM file into a network, with its turn restrictions, without stations.

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

    def tell(count: int) -> None:
        if progress and not progress("read", count):
            msg = "已取消读取。 / reading was cancelled."
            raise CancelledError(msg)

    harvested = _harvest_quickly(path, source, tell)
    if harvested is None:
        from geo.osmreading import harvest_osm

        harvested = harvest_osm(path, source.name, tell)
    harvest, missing = harvested
    if not len(harvest.roads.id):
        msg = f"{source.name}: 文件中没有汽车可走的道路，请换含道路的地图文件。 / no road for cars in this file."
        raise InputError(msg)
    return _with_restrictions(_assemble(harvest, source, missing), harvest)


def _harvest_quickly(path: Path, source: Source, tell: Callable[[int], None]) -> tuple[Harvest, set[int]] | None:
    """Harvest a plain PBF; ``None`` where the careful reader is needed."""
    if source.format != Format.OSM_PBF:
        return None
    from geo.pbfreading import harvest_pbf

    return harvest_pbf(path, tell)


def _with_restrictions(network: Network, harvest: Harvest) -> Network:
    """Return the network with the turn restrictions of its file, and findings about those that cannot be applied."""
    if not harvest.restrictions:
        return network
    restrictions = gather_restrictions(harvest.restrictions)
    if not len(restrictions.id):
        return network
    held = replace(network, restrictions=restrictions)
    return replace(held, findings=(*network.findings, *forbidden_turns(held, restrictions).findings))


def _assemble(harvest: Harvest, source: Source, missing: set[int]) -> Network:
    runs = find_runs(harvest.roads)
    if not len(runs.way):
        msg = f"{source.name}: 道路的点全部缺失，请重新下载。 / every road lacks its nodes: download it again."
        raise InputError(msg)
    used = harvest.roads.ref_array()[runs.point]
    places = harvest.roads.place_array()[runs.point]
    _refuse_impossible(used, places, source)
    # Key nodes first, so that of two places of one node the one on the road counts.
    extra = np.array(list(harvest.node_place.values())).reshape(-1, 2)
    node_id, index = np.unique(
        np.concatenate((np.fromiter(harvest.node_place, np.int64, len(extra)), used)), return_inverse=True
    )
    lonlat = np.empty((len(node_id), 2))
    lonlat[index[: len(extra)]] = extra
    index = index[len(extra) :]
    lonlat[index] = places
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
        index.astype(np.int32),
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
