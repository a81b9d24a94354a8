"""A place name, answered by a local server that speaks as Nominatim and Overpass do, from a real extract."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote_plus

import osmium
import pytest

from geo.errors import InputError
from geo.load import load_network
from geo.place import cache_folder, read_place

LONGGANG = (114.15, 22.64, 114.26, 22.73)
CORNER = (114.19, 22.675, 114.21, 22.69)


def wanted(tags: dict[str, str]) -> bool:
    """Return whether an element carries one of the tags that are asked for."""
    return (
        "highway" in tags
        or tags.get("barrier") == "toll_booth"
        or tags.get("building") == "toll_booth"
        or tags.get("route") == "ferry"
    )


class Extract:
    """An OSM file held as Overpass elements."""

    def __init__(self, path: Path) -> None:
        self.nodes, self.ways = {}, {}
        for thing in osmium.FileProcessor(str(path)):
            tags = dict(thing.tags)
            if thing.is_node():
                self.nodes[thing.id] = {
                    "type": "node",
                    "id": thing.id,
                    "lat": thing.lat,
                    "lon": thing.lon,
                    "tags": tags,
                }
            elif thing.is_way():
                self.ways[thing.id] = {
                    "type": "way",
                    "id": thing.id,
                    "nodes": [n.ref for n in thing.nodes],
                    "tags": tags,
                }

    def inside(self, box: tuple[float, float, float, float]) -> list[dict]:
        """Return wanted ways with a point in the box, their nodes, and wanted nodes in the box."""
        near = {i for i, n in self.nodes.items() if box[0] <= n["lon"] <= box[2] and box[1] <= n["lat"] <= box[3]}
        ways = [w for w in self.ways.values() if wanted(w["tags"]) and near.intersection(w["nodes"])]
        ids = {i for w in ways for i in w["nodes"]} | {i for i in near if wanted(self.nodes[i]["tags"])}
        return [self.nodes[i] for i in sorted(ids) if i in self.nodes] + ways


class Handler(BaseHTTPRequestHandler):
    """Answers ``/search`` and ``/api/interpreter``."""

    def do_GET(self) -> None:
        """Answer as Nominatim."""
        self.server.asked.append(self.path)
        name = parse_qs(self.path.partition("?")[2])["q"][0]
        box = self.server.boxes.get(name)
        found = []
        if box:
            west, south, east, north = box
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            found.append(
                {
                    "osm_type": "relation",
                    "osm_id": 3464353,
                    "lat": str(south),
                    "lon": str(west),
                    "name": name,
                    "importance": 0.5,
                    "boundingbox": [str(south), str(north), str(west), str(east)],
                    "geojson": {"type": "Polygon", "coordinates": [ring]},
                }
            )
        self._send(json.dumps(found).encode())

    def do_POST(self) -> None:
        """Answer as Overpass: the elements of the polygon that was sent."""
        self.server.asked.append(self.path)
        query = unquote_plus(self.rfile.read(int(self.headers["Content-Length"])).decode())
        numbers = [float(x) for x in re.search(r"poly:'([^']+)'", query).group(1).split()]
        lat, lon = numbers[0::2], numbers[1::2]
        elements = self.server.extract.inside((min(lon), min(lat), max(lon), max(lat)))
        body = {
            "version": 0.6,
            "generator": "Overpass API 0.7.62",
            "osm3s": {"timestamp_osm_base": "2019-11-01T00:00:00Z", "copyright": "ODbL"},
            "elements": elements,
        }
        self._send(self.server.answer(body))

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def extract(shared_data: Path) -> Extract:
    """Return the Longgang extract."""
    return Extract(shared_data / "osm/shenzhen-longgang-heao-2019.osm.bz2")


@pytest.fixture
def server(extract, monkeypatch):
    """Run the local server; any connection elsewhere fails, and the pauses between requests are left out."""
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.extract, served.asked = extract, []
    served.boxes = {"龙岗荷坳": LONGGANG, "一角": CORNER}
    served.answer = lambda body: json.dumps(body).encode()
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    connect = socket.socket.connect

    def only_local(self, address):
        assert address[0] == "127.0.0.1", f"connection to {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_local)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    yield served
    served.shutdown()
    served.server_close()


def ask(server, name: str, folder: Path, **more):
    """Read a place from the local server."""
    url = f"http://127.0.0.1:{server.server_address[1]}"
    return read_place(name, overpass_url=url + "/api", nominatim_url=url + "/", folder=folder, **more)


def counted(network) -> Counter:
    """Return segments with length, class and direction, and booths."""
    seg = network.segments
    rows = zip(
        network.segment_ids,
        seg.length_mm.tolist(),
        network.segment_class.tolist(),
        network.ways.direction[seg.way].tolist(),
        strict=True,
    )
    booths = network.nodes.id[network.nodes.rows_with("barrier", "toll_booth")].tolist()
    return Counter([*rows, *booths])


def test_place_equals_the_file(server, shared_data, tmp_path):
    """A place answered by Overpass holds the same segments and booths as the extract of the same area."""
    network = ask(server, "龙岗荷坳", tmp_path)
    assert counted(network) == counted(load_network(shared_data / "osm/shenzhen-longgang-heao-2019.osm.bz2"))
    assert network.source.format == "overpass"
    assert network.source.newest_edit == "2019-11-01T00:00:00Z"
    outline = network.areas[0]
    assert (outline.id, outline.kind, outline.name) == ("r3464353", "admin", "龙岗荷坳")


def test_part_of_a_place_holds_its_ways_whole(server, extract, shared_data, tmp_path):
    """A smaller outline gives the ways that touch it, each as long as in the file."""
    part = ask(server, "一角", tmp_path)
    whole = load_network(shared_data / "osm/shenzhen-longgang-heao-2019.osm.bz2")
    lengths = {}
    for network in (part, whole):
        total = Counter()
        for way, mm in zip(
            network.ways.id[network.segments.way].tolist(), network.segments.length_m.tolist(), strict=True
        ):
            total[way] += mm
        lengths[network is part] = total
    touching = {e["id"] for e in extract.inside(CORNER) if e["type"] == "way"}
    assert set(lengths[True]) == touching & set(lengths[False])
    assert 0 < len(lengths[True]) < len(lengths[False])
    assert all(abs(lengths[False][way] - m) < 0.01 for way, m in lengths[True].items())


def test_second_read_asks_nobody(server, tmp_path):
    """A place that was read once is read again without a request (promise P12), and anew when asked to."""
    first = ask(server, "一角", tmp_path)
    count = len(server.asked)
    second = ask(server, "一角", tmp_path)
    assert len(server.asked) == count
    assert first.source == second.source
    ask(server, "一角", tmp_path, refresh=True)
    assert len(server.asked) == 2 * count


def test_half_written_answer_is_healed(server, tmp_path):
    """An answer in the cache that was cut in writing is asked for again instead of failing for ever."""
    first = ask(server, "一角", tmp_path)
    files = list(tmp_path.rglob("*.json"))
    assert len(files) == 2
    for file in files:
        file.write_text(file.read_text("utf-8")[:-40], "utf-8")
    assert ask(server, "一角", tmp_path).source == first.source


def test_settings_are_left_as_found(server, tmp_path):
    """Neither osmnx's settings nor the name lookup of the process are changed, also after an error."""
    from osmnx import settings

    before = {key: value for key, value in vars(settings).items() if not key.startswith("_")}
    lookup = socket.getaddrinfo
    ask(server, "一角", tmp_path)
    server.answer = lambda _body: b"<html>busy</html>"
    with pytest.raises(InputError):
        ask(server, "龙岗荷坳", tmp_path)
    assert {key: value for key, value in vars(settings).items() if not key.startswith("_")} == before
    assert socket.getaddrinfo is lookup


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<!DOCTYPE html><html>busy</html>", "不是地图"),
        (b"", "不是地图"),
        (b'{"elements": [], "osm3s": {}}', "没有道路"),
        (b'{"elements": [], "remark": "runtime error: Query timed out"}', "不是地图"),
        (b'{"elements": [{"type": "node"}]}', "不是地图"),
        (b'{"elements": [{"type": "node", "id": 1, "lat": "x", "lon": 2}]}', "不是地图"),
        (b'{"elements": [{"type": "way", "id": 1, "nodes": [1, 2], "tags": {"highway": "primary"}}]}', "缺失"),
        (b"[1, 2]", "不是地图"),
    ],
)
def test_bad_answer_is_one_sentence(server, tmp_path, answer, words):
    """Whatever a server answers, a person reads one sentence."""
    server.answer = lambda _body: answer
    with pytest.raises(InputError, match=words) as caught:
        ask(server, "一角", tmp_path)
    assert "\n" not in str(caught.value)


def test_unknown_place_is_one_sentence(server, tmp_path):
    """A name that the geocoder does not know is refused with its name."""
    with pytest.raises(InputError, match="不知何处"):
        ask(server, "不知何处", tmp_path)


def test_no_connection_is_one_sentence(tmp_path, monkeypatch):
    """Without a network the sentence says so and names the way out."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(InputError, match="连接不到"):
            read_place("龙岗区", overpass_url=url, nominatim_url=url, folder=tmp_path)


@pytest.mark.parametrize("name", ["", "  ", "http://169.254.169.254/latest", "/vsicurl/http://a.cn", "x" * 300, "a\0b"])
def test_no_name_no_request(name, tmp_path, monkeypatch):
    """An address or a text that is no name opens no connection (fault 44)."""
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was tried"))
    with pytest.raises(InputError, match="地名"):
        read_place(name, folder=tmp_path)


def test_cache_lies_in_the_users_own_folder(monkeypatch, tmp_path):
    """Answers are kept under the user's cache, not in the folder the program was started in."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "roadseam" / "places"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "roadseam" / "places"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder().parts[-2:] == ("roadseam", "places")
