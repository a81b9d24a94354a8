"""Read any OSM file with osmium: one pass, filters in C++, so that Python sees only what is kept.

The careful reader: it takes every packing and order of things. ``geo.pbfreading`` is quicker where a file is plain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
from osmium import filter as of
from osmium import osm

from geo.errors import InputError
from geo.harvest import (
    KEY_NODES,
    RELATION_TAGS,
    WANTED_WAYS,
    Harvest,
    check_points,
    fill_places,
    judge_road,
    keep_tags,
    point_limit,
    unplaced,
)
from geo.outlines import kind_of_area

_UNKNOWN = 2**31 - 1
_WKB_HEAD = 9
_TELL_EVERY = 20_000

Tell = Callable[[int], None]
"""Told how many things were kept; raises to cancel."""


def harvest_osm(path: Path, name: str, tell: Tell) -> tuple[Harvest, set[int]]:
    """Harvest an OSM file.

    Parameters
    ----------
    path
        The file; already admitted by ``geo.intake``.
    name
        What to call it in a message.
    tell
        Told how many things were kept; raises to cancel.

    Returns
    -------
    harvest, missing
        What is kept, and the ids of road nodes that are not in the file.

    Raises
    ------
    InputError
        The file is cut or damaged, or has more road points than we can take in.
    """
    try:
        harvest = _Harvester(tell, point_limit(path.stat().st_size)).harvest(path)
        return harvest, _fill_missing(path, harvest)
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        if isinstance(error, InputError):
            raise
        detail = " ".join(str(error).replace(str(path), name).split())[:120]
        msg = f"{name}: 地图文件损坏或不完整（{detail}），请重新下载。 / the map is damaged: download it again."
        raise InputError(msg) from error


def _filter_for(kind: osm.osm_entity_bits, tags: Mapping[str, tuple[str, ...]]) -> of.TagFilter:
    wanted = of.TagFilter(*[(key, value) for key, values in tags.items() for value in values])
    wanted.enable_for(kind)
    return wanted


class _Harvester:
    def __init__(self, tell: Tell, most: int) -> None:
        self._harvest = Harvest()
        self._most = most
        self._tell = tell
        self._factory = osmium.geom.WKBFactory()
        self._latest = 0.0

    def harvest(self, path: Path) -> Harvest:
        """Read a file."""
        harvest = self._harvest
        stream = osmium.FileProcessor(str(path), osm.NODE | osm.WAY | osm.RELATION).with_locations()
        for kind, tags in ((osm.NODE, KEY_NODES), (osm.WAY, WANTED_WAYS), (osm.RELATION, RELATION_TAGS)):
            stream = stream.with_filter(_filter_for(kind, tags))
        for count, thing in enumerate(stream):
            if count % _TELL_EVERY == 0:
                self._tell(count)
            if isinstance(thing, osm.Way):
                self._take_way(thing)
            elif isinstance(thing, osm.Node):
                harvest.node_tags[thing.id] = dict(thing.tags)
                if thing.location.valid():
                    harvest.node_place[thing.id] = (thing.location.lon, thing.location.lat)
            elif isinstance(thing, osm.Relation):
                harvest.take_relation(thing.id, dict(thing.tags), [(m.type, m.ref, m.role) for m in thing.members])
        return harvest

    def _take_way(self, way: osm.Way) -> None:
        """Keep a way that is a road for cars, an outline, or a road under construction."""
        harvest, tags = self._harvest, dict(way.tags)
        self._date(way)
        kind = kind_of_area(tags)
        if tags.get("highway") == "construction":
            harvest.construction.append(way.id)
        verdict = judge_road(tags, ring=way.is_closed() and len(way.nodes) > 3)  # noqa: PLR2004 - three corners
        harvest.closed_to_cars += verdict is None
        if not (kind or verdict):
            return
        refs = [node.ref for node in way.nodes]
        places = self._places(way, len(refs))
        if kind:
            harvest.outlines.add(way.id, tags, refs=refs, places=places)
        if verdict:
            harvest.roads.add(way.id, keep_tags(tags), refs=refs, places=places)
            check_points(len(harvest.roads.refs), self._most)

    def _date(self, way: osm.Way) -> None:
        stamp = way.timestamp
        seconds = stamp.timestamp()
        if seconds > self._latest:
            self._latest = seconds
            self._harvest.newest = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _places(self, way: osm.Way, count: int) -> npt.NDArray[np.float64]:
        """Return the places of a way's points, float64 (count, 2); WKB is the quick way out of C++."""
        if count > 1:
            try:
                text = self._factory.create_linestring(way, osmium.geom.use_nodes.ALL)
            except (RuntimeError, osmium.InvalidLocationError):
                pass
            else:
                flat = np.frombuffer(bytes.fromhex(text), dtype="<f8", offset=_WKB_HEAD)
                return flat.reshape(-1, 2)
        pairs = [(node.x, node.y) if node.x != _UNKNOWN else (np.nan, np.nan) for node in way.nodes]
        return np.array(pairs, dtype=np.float64).reshape(-1, 2) * 1e-7


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
