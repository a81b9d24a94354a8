"""Read the roads of a named place: osmnx finds its outline and asks Overpass, our reader reads the answer.

The answer is read as a file would be, so a place and an extract of the same area give the same network. Answers
are kept in a cache folder of the user: a place that was read once opens without a network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from geo.drivers import guard_gdal
from geo.errors import InputError
from geo.intake import is_address
from geo.network import Area, Network, Source
from geo.reading import read_osm

PLACE_TAGS: dict[str, bool | str | list[str]] = {
    "highway": True,
    "barrier": "toll_booth",
    "building": "toll_booth",
    "route": "ferry",
    "amenity": "weighbridge",
}
"""What is asked for; nodes of roads come with every tag they have (booths, gates, removed booths)."""

_USER_AGENT = "Roadseam road network reader"
_LONGEST_NAME = 200
_MOST_CORNERS = 500
_SIMPLIFY_DEGREES = 0.0005
_KINDS = ("node", "way", "relation")


def cache_folder() -> Path:
    """Return the folder in which answers are kept: the user's own cache, never the working folder."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "roadseam" / "places"


def read_place(
    name: str,
    *,
    overpass_url: str | None = None,
    nominatim_url: str | None = None,
    folder: Path | None = None,
    refresh: bool = False,
    timeout_s: float = 180.0,
) -> Network:
    """Read the roads of a place into a network without stations.

    Parameters
    ----------
    name
        A place with an outline on OpenStreetMap, e.g. ``"龙岗区, 深圳市"``.
    overpass_url, nominatim_url
        Servers to ask; those of ``osmnx.settings`` when None.
    folder
        Where answers are kept; ``cache_folder()`` when None.
    refresh
        Ask again even if an answer is kept.
    timeout_s
        Seconds to wait for a server.

    Returns
    -------
    Network
        Coordinates in WGS-84; the place's outline is the first of its areas. ``osmnx.settings`` are left as found.

    Raises
    ------
    InputError
        No such place, no connection, or an answer that is no map.
    """
    asked = " ".join(name.split())
    if not asked or len(asked) > _LONGEST_NAME or is_address(asked) or not asked.isprintable():
        raise InputError(
            "地名为空、过长或是网址；请给出地名，例如“龙岗区, 深圳市”。 / "
            "this is no name of a place (empty, too long or an address); give one."
        )
    guard_gdal()
    import osmnx

    servers = (overpass_url or osmnx.settings.overpass_url, nominatim_url or osmnx.settings.nominatim_url)
    key = hashlib.sha256(json.dumps([asked, *servers, PLACE_TAGS], sort_keys=True).encode()).hexdigest()[:24]
    own = (folder or cache_folder()) / key
    if refresh and own.is_dir():
        shutil.rmtree(own)
    _heal_cache(own)
    with _settings(own, servers, timeout_s), _translate(asked):
        outline, about = _find_outline(asked)
        _ask_overpass(outline)
        answers = _read_answers(own)
    elements = _merge_elements(answers, asked)
    network = _read_elements(elements, asked, stamp=max(_stamp_of(answer) for answer in answers))
    return replace(network, areas=(_area_of(outline, about, asked), *network.areas))


def _heal_cache(folder: Path) -> None:
    """Delete answers that were written only in part; osmnx would stumble over them on every run."""
    for file in sorted(folder.glob("*.json")):
        try:
            json.loads(file.read_text("utf-8"))
        except ValueError:
            file.unlink()


@contextmanager
def _settings(folder: Path, servers: tuple[str, str], timeout_s: float) -> Iterator[None]:
    """Set osmnx up for one call, and put its settings, and the name lookup it replaces, back."""
    from osmnx import settings

    ours: dict[str, Any] = {
        "overpass_url": servers[0],
        "nominatim_url": servers[1],
        "cache_folder": folder,
        "use_cache": True,
        "cache_only_mode": True,
        "requests_timeout": timeout_s,
        # Looking a name up at a third party would tell it where the user works.
        "doh_url_template": None,
        "overpass_rate_limit": servers[0] == settings.overpass_url and settings.overpass_rate_limit,
        "http_user_agent": _USER_AGENT,
        "http_referer": _USER_AGENT,
        "http_accept_language": "zh,en",
        "log_file": False,
        "log_console": False,
    }
    before = {key: getattr(settings, key) for key in ours}
    lookup = socket.getaddrinfo
    try:
        for key, value in ours.items():
            setattr(settings, key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(settings, key, value)
        socket.getaddrinfo = lookup


@contextmanager
def _translate(name: str) -> Iterator[None]:
    """Turn what the network, the servers and osmnx say into our one sentence."""
    import requests
    from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError

    try:
        yield
    except requests.RequestException as error:
        raise InputError(
            f"连接不到地图服务器，无法按地名“{name}”下载；请检查网络，或改用地图文件。 / "
            f"no map server can be reached for {name}; check the connection, or give a map file."
        ) from error
    except (
        InsufficientResponseError, ResponseStatusCodeError, TypeError, KeyError, AttributeError, OSError, ValueError
    ) as error:  # fmt: skip
        if isinstance(error, InputError):
            raise
        raise InputError(_no_map(name)) from error


def _find_outline(name: str) -> tuple[Any, Mapping[str, Any]]:
    """Return the outline of a place, WGS-84, and what the server says of it."""
    import osmnx
    import shapely
    from osmnx._errors import InsufficientResponseError

    try:
        found = osmnx.geocode_to_gdf(name)
    except (InsufficientResponseError, TypeError) as error:
        raise InputError(
            f"没有找到“{name}”的区域边界；请写全名（如“龙岗区, 深圳市”），或改用地图文件。 / "
            f"no outline was found for {name}; write the full name, or give a map file."
        ) from error
    outline = found.geometry.iloc[0]
    if not outline.is_valid:
        outline = shapely.make_valid(outline)
    return outline, {str(key): value for key, value in found.iloc[0].items()}


def _ask_overpass(outline: Any) -> None:
    """Have osmnx fetch everything into the cache; it stops there, since the cache is all that is wanted."""
    import osmnx
    import shapely
    from osmnx._errors import CacheOnlyInterruptError

    asked = outline
    if shapely.get_num_coordinates(outline) > _MOST_CORNERS:
        # Each corner is sent once for each kind of thing; the buffer keeps every road of the true outline.
        asked = outline.buffer(_SIMPLIFY_DEGREES).simplify(_SIMPLIFY_DEGREES)
    try:
        osmnx.features_from_polygon(asked, PLACE_TAGS)
    except CacheOnlyInterruptError:
        return


def _read_answers(folder: Path) -> list[Mapping[str, Any]]:
    read = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    answers: list[Mapping[str, Any]] = [
        answer for answer in read if isinstance(answer, dict) and isinstance(answer.get("elements"), list)
    ]
    if not answers:
        # The server gave up half-way (a "remark"), so osmnx kept nothing.
        raise ValueError("no complete answer")
    return answers


def _stamp_of(answer: Mapping[str, Any]) -> str:
    about = answer.get("osm3s")
    stamp = about.get("timestamp_osm_base", "") if isinstance(about, dict) else ""
    return stamp if isinstance(stamp, str) else ""


def _merge_elements(answers: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return each element once, nodes first, then ways, then relations, by id."""
    seen: dict[tuple[int, int], dict[str, Any]] = {}
    try:
        for answer in answers:
            for element in answer["elements"]:
                if element["type"] in _KINDS:
                    seen.setdefault((_KINDS.index(element["type"]), int(element["id"])), element)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(_no_map(name)) from error
    if not seen:
        raise InputError(
            f"“{name}”范围内没有道路数据；请检查地名，或改用地图文件。 / "
            f"there are no roads on the map in {name}; check the name."
        )
    return [seen[key] for key in sorted(seen)]


def _read_elements(elements: Sequence[dict[str, Any]], name: str, *, stamp: str) -> Network:
    """Write elements to a file of osmium's and read that as any map."""
    text = json.dumps(elements, sort_keys=True, ensure_ascii=False).encode()
    source = Source(name, hashlib.sha256(text).hexdigest(), "overpass")
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / "place.osm.pbf"
        try:
            _write_elements(path, elements)
        except (KeyError, TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise InputError(_no_map(name)) from error
        network = read_osm(path, source)
    return replace(network, source=replace(network.source, newest_edit=network.source.newest_edit or stamp))


def _write_elements(path: Path, elements: Sequence[dict[str, Any]]) -> None:
    import osmium
    from osmium.osm import mutable

    writer = osmium.SimpleWriter(str(path))
    try:
        for element in elements:
            number, tags = int(element["id"]), {str(k): str(v) for k, v in element.get("tags", {}).items()}
            if element["type"] == "node":
                place = (float(element["lon"]), float(element["lat"]))
                writer.add_node(mutable.Node(id=number, location=place, tags=tags))
            elif element["type"] == "way":
                writer.add_way(mutable.Way(id=number, nodes=[int(n) for n in element.get("nodes", [])], tags=tags))
            else:
                members = [(m["type"][0], int(m["ref"]), str(m.get("role", ""))) for m in element.get("members", [])]
                writer.add_relation(mutable.Relation(id=number, members=members, tags=tags))
    finally:
        writer.close()


def _area_of(outline: Any, about: Mapping[str, Any], name: str) -> Area:
    """Return the outline of the place as an administrative area."""
    import shapely

    rings = tuple(
        np.asarray(part.exterior.coords, dtype=np.float64)[:, :2]
        for part in shapely.get_parts(outline).tolist()
        if part.geom_type == "Polygon"
    )
    kind = {"way": "w", "relation": "r"}.get(str(about.get("osm_type")), "p")
    title = str(about.get("name") or name)
    tags = {"boundary": "administrative", "name": title}
    return Area(f"{kind}{about.get('osm_id', 0)}", "admin", title, rings, tags)


def _no_map(name: str) -> str:
    return (
        f"地图服务器对“{name}”的回答不是地图数据；请稍后再试，或改用地图文件。 / "
        f"the map server's answer for {name} is no map; try again later, or give a map file."
    )
