"""The base map: tiles of the user's own file, quiet, never needed; hostile files get one sentence."""

from __future__ import annotations

import gzip
import io
import os
import random
import sqlite3
import struct
import urllib.error
import urllib.request

import pytest
from PIL import Image

from geo.errors import InputError
from tests.views import tiles as made
from views import basemap
from views.basemap_archive import hilbert_id, open_archive, plain_text, read_directory, unpack
from views.basemap_server import TileDesk, sound_picture, start_server
from views.basemap_vector import BadTileError, paint_tile
from views.map import LayerOptions
from views.map.palette import BASE_COLORS, THEME, contrast

PNG = made.picture()
KEY = "0123456789abcdef0123456789abcdef"
VIEWS = (
    "SELECT 1 AS zoom_level, 0 AS tile_column, 0 AS tile_row, 'text' AS tile_data",
    """WITH RECURSIVE n(zoom_level) AS (SELECT 1 UNION ALL SELECT zoom_level + 1 FROM n)
    SELECT zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n""",
)
"""Tables of tiles that are none: texts, and a question that has no end."""
TILES = {(10, 850, 420): PNG, (10, 851, 420): made.picture("#112233"), (11, 1700, 840): PNG}


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch):
    """Leave no setting of the person who runs the tests in force."""
    for name in (basemap.BASEMAP_VARIABLE, basemap.KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def pixel(data: bytes, x: int, y: int) -> tuple[int, ...]:
    """Return one pixel of a picture."""
    with Image.open(io.BytesIO(data)) as picture:
        return tuple(picture.convert("RGBA").getpixel((x, y)))


def fetch(address: str, host: str = ""):
    """Ask the server of the test for an address."""
    headers = {"Host": host} if host else {}
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers))  # noqa: S310 - our own server


def test_tiles_are_numbered_as_the_specification_says():
    """The Hilbert numbers are those of the published PMTiles readers."""
    assert hilbert_id(0, 0, 0) == 0
    assert hilbert_id(12, 3423, 1763) == 19078479
    numbers = {hilbert_id(3, x, y) for x in range(8) for y in range(8)}
    assert numbers == set(range(21, 85))


@pytest.mark.parametrize("leaf", [False, True])
def test_pictures_come_out_of_pmtiles(tmp_path, leaf):
    """Raster tiles are found, directly and through a directory below the root; what is not there is no tile."""
    path = made.write_pmtiles(tmp_path / "a.bin", TILES, meta={"attribution": "<a href=x>© 测绘院</a>"}, leaf=leaf)
    archive = open_archive(path)
    assert (archive.facts.kind, archive.facts.min_zoom, archive.facts.max_zoom) == ("raster", 10, 11)
    assert archive.facts.attribution == "© 测绘院"
    assert all(archive.tile(*place) == data for place, data in TILES.items())
    assert archive.tile(10, 0, 0) is archive.tile(11, 1701, 840) is None


def test_pictures_come_out_of_mbtiles(tmp_path):
    """Rows count from the south in MBTiles; the file is opened read-only and stays as it was."""
    path = made.write_mbtiles(tmp_path / "a.mbtiles", TILES, {"attribution": "© 规划局"})
    before = path.read_bytes()
    archive = open_archive(path)
    assert all(archive.tile(*place) == data for place, data in TILES.items())
    assert (archive.tile(10, 0, 0), archive.facts.attribution) == (None, "© 规划局")
    assert (path.read_bytes(), [p.name for p in tmp_path.iterdir()]) == (before, ["a.mbtiles"])


def test_vector_tiles_become_quiet_pictures(tmp_path):
    """Water, park and building of a vector tile are painted in their grey tones, borders and roads are not."""
    tile = made.vector_tile(
        {
            "water": made.square(0, 1024),
            "park": made.square(1024, 2048),
            "building": made.square(2048, 3072),
            "boundary": made.square(3072, 4000),
            "transportation": made.square(3072, 4000),
        }
    )
    path = made.write_pmtiles(tmp_path / "v.pmtiles", {(12, 3423, 1763): tile}, kind=1)
    desk = TileDesk(open_archive(path))
    data, kind = desk.picture(12, 3423, 1763)
    assert kind == "image/png"
    for name, at in (("water", 64), ("green", 192), ("building", 320)):
        assert pixel(data, at, at) == (*bytes.fromhex(BASE_COLORS[name][1:]), 255)
    assert pixel(data, 440, 440)[3] == 0


def test_holes_stay_open():
    """An inner ring of a polygon is no water."""
    hole = b"".join(map(made.varint, [9, 2048, 6143, 26, 0, 4096, 4096, 0, 0, 4095, 15]))
    data = paint_tile(made.vector_tile({"water": made.square(0, 4096) + hole}))
    assert pixel(data, 100, 100)[3] == 255
    assert pixel(data, 256, 256)[3] == 0


def test_the_base_map_stays_behind():
    """The tones are so near the ground that the darkest of them takes less than a third of a line's contrast of 3."""
    assert all(contrast(color, THEME["ground"]) < 1.3 for color in BASE_COLORS.values())


def _bomb() -> bytes:
    return gzip.compress(bytes(40_000_000), mtime=0)


def _patched(path, at: int, value: int):
    data = bytearray(path.read_bytes())
    data[at : at + 8] = struct.pack("<Q", value)
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("harm", ["text", "empty", "cut", "version", "brotli", "kind", "zooms", "root", "far", "bomb"])
def test_hostile_files_get_one_sentence(tmp_path, harm):
    """Files of another kind, cut, of impossible claims or packed to burst are refused in one bilingual sentence."""
    path = made.write_pmtiles(tmp_path / "x.pmtiles", TILES)
    data = bytearray(path.read_bytes())
    at = {"version": (7, 2), "brotli": (97, 3), "kind": (99, 9), "zooms": (101, 99)}
    if harm in at:
        data[at[harm][0]] = at[harm][1]
        path.write_bytes(bytes(data))
    elif harm in {"text", "empty"}:
        path.write_bytes({"text": b"<script>", "empty": b""}[harm])
    elif harm == "cut":
        path.write_bytes(bytes(data[:130]))
    elif harm == "root":
        path.write_bytes(bytes(data[:127]) + b"\xff" * 40 + bytes(data[167:]))
    elif harm == "far":
        _patched(path, 8, 2**63)
    else:
        bomb = _bomb()
        path.write_bytes(bytes(data) + bomb)
        _patched(path, 8, len(data))
        _patched(path, 16, len(bomb))
    with pytest.raises(InputError, match=r"底图 x.pmtiles：.*。 / base map x.pmtiles: .*\.$"):
        open_archive(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    """A path that is no file is refused in the same words."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="打不开"):
            open_archive(path)


def test_hostile_databases_are_refused(tmp_path):
    """Databases without tiles, with text for tiles, damaged, or with a question that never ends are refused."""
    path = tmp_path / "x.mbtiles"
    made.write_mbtiles(path, {})
    with pytest.raises(InputError, match=r"没有瓦片|不是完好"):
        open_archive(path)
    for k, view in enumerate(VIEWS):
        path = tmp_path / f"{k}.mbtiles"
        with sqlite3.connect(path) as base:
            base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
            base.execute(f"CREATE VIEW tiles AS {view}")
        base.close()
        with pytest.raises(InputError, match=r"MBTiles|瓦片"):
            open_archive(path)
    path.write_bytes(b"SQLite format 3\0" + bytes(200))
    with pytest.raises(InputError, match="MBTiles"):
        open_archive(path)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg onload=alert(1)>",
        b"<html>",
        PNG[:40],
        b"",
        made.picture(side=4000),
        b"RIFF0000AVI ",
        b"\xff\xd8\xff" + bytes(9),
    ],
    ids=["svg", "html", "cut", "empty", "huge", "avi", "jpeg"],
)
def test_what_is_no_picture_is_no_tile(tmp_path, data):
    """A browser is given PNG, JPEG and WebP of sane size only, whatever a file calls its tiles."""
    assert sound_picture(data) == ""
    path = made.write_mbtiles(tmp_path / "a.mbtiles", {(1, 0, 0): PNG, (1, 1, 1): data})
    desk = TileDesk(open_archive(path))
    assert desk.picture(1, 0, 0) == (PNG, "image/png")
    assert desk.picture(1, 1, 1) is None
    assert desk.picture(7, 0, 0) is desk.picture(1, 2, 0) is None


def test_jpeg_and_webp_pass():
    """The other picture formats of tiles are known by their first bytes."""
    assert [sound_picture(made.picture(kind=kind)) for kind in ("JPEG", "WEBP")] == ["image/jpeg", "image/webp"]


def test_random_bytes_paint_nothing_or_something_small():
    """Damaged vector tiles end in BadTileError or in a picture, never in anything else (seeded noise)."""
    good = made.vector_tile({"water": made.square(0, 4000), "landuse": made.square(5, 90)})
    rng = random.Random(7)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            assert paint_tile(bytes(data)).startswith(b"\x89PNG")
        except (BadTileError, ValueError, TypeError):
            continue


def test_bounds_hold():
    """Numbers without an end, more entries than bytes, and packed data that bursts are refused."""
    for data in (b"\xff" * 12, b"\x80\x80\x01", b"\x05\x01"):
        with pytest.raises((ValueError, IndexError)):
            read_directory(data)
    with pytest.raises(ValueError, match="large"):
        unpack(_bomb())
    with pytest.raises(ValueError, match="broken"):
        unpack(b"\x1f\x8b\x08" + b"\x00" * 20)
    with pytest.raises(BadTileError):
        paint_tile(made.vector_tile({"water": made.varint(9 | 1000 << 3)}))


def test_the_server_gives_tiles_to_those_who_know_the_address(tmp_path):
    """Pictures come from 127.0.0.1 under a random word; another word, path or host name gets nothing; no log is kept."""
    server, url = start_server(TileDesk(open_archive(made.write_pmtiles(tmp_path / "a.pmtiles", TILES))))
    try:
        with fetch(url + "10/850/420") as answer:
            assert (answer.read(), answer.headers["Content-Type"]) == (PNG, "image/png")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        with fetch(url + "10/1/1") as answer:
            assert (answer.status, answer.read()) == (204, b"")
        wrong = [
            url.replace(url[-33:-1], "0" * 32) + "10/850/420",
            url + "10/850/420/../x",
            url[:-34] + "/",
            url + "a/b/c",
        ]
        for address in wrong:
            with pytest.raises(urllib.error.HTTPError, match="404") as caught:
                fetch(address)
            caught.value.close()
        foreign = url + "10/850/420"
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            fetch(foreign, "evil.example")
        caught.value.close()
        assert server.server_address[0] == "127.0.0.1"
    finally:
        server.shutdown()
        server.server_close()


def test_none_is_needed(monkeypatch, tmp_path):
    """Without a setting there is no base map; with one it is opened once; the browser is told nothing but its address."""
    assert basemap.chosen_basemap() is None
    path = made.write_pmtiles(tmp_path / "a.pmtiles", TILES, meta={"attribution": "© 院"})
    monkeypatch.setenv("ROADSEAM_BASEMAP", str(path))
    chosen = basemap.chosen_basemap()
    assert chosen is basemap.chosen_basemap()
    assert chosen.to_json() == {"url": chosen.url, "min": 10, "max": 11, "credit": "© 院"}
    assert LayerOptions(base=chosen.to_json()).to_json()["base"]["url"].startswith("http://127.0.0.1:")
    with pytest.raises(InputError, match="this machine"):
        LayerOptions(base={"url": "https://tiles.example/"}).to_json()
    assert basemap.check_setting(os.path.relpath(path)) == str(path.resolve())


def test_tianditu_asks_for_a_key_and_keeps_it(monkeypatch, tmp_path):
    """Tianditu needs a key from environment or secrets file; it stands in the request alone, with matrix set w."""
    monkeypatch.setattr(basemap, "SECRETS", tmp_path / "secrets.toml")
    with pytest.raises(InputError, match="密钥"):
        basemap.open_source("tianditu:vec")
    with pytest.raises(InputError, match="tianditu:vec"):
        basemap.open_source("tianditu:x")
    monkeypatch.setenv("ROADSEAM_TIANDITU_KEY", "not a key; &x=")
    assert basemap.tianditu_key() == ""
    monkeypatch.delenv("ROADSEAM_TIANDITU_KEY")
    (tmp_path / "secrets.toml").write_text(f'tianditu_key = "{KEY}"', encoding="utf-8")
    source = basemap.open_source("tianditu:img")
    assert "TILEMATRIXSET=w" in source.address(12, 3423, 1763)
    assert f"tk={KEY}" in source.address(12, 3423, 1763)
    shown = basemap.Basemap("http://127.0.0.1:1/" + "0" * 32 + "/", source.facts).to_json()
    assert KEY not in str(shown) + basemap.check_setting("tianditu:img")
    assert "天地图" in shown["credit"]


def test_a_service_that_does_not_answer_is_no_tile(monkeypatch):
    """No network means no tile, not an error, and nothing that could hold the key is told."""

    def refuse(*_args, **_more):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    assert basemap.Tianditu("vec", KEY).tile(1, 0, 0) is None


def test_attributions_are_plain_text():
    """Markup and control signs of a file's attribution are left out, and it is short."""
    assert plain_text("<a href='x'>© A</a> &amp; \x00<script>x</script>B") == "© A & xB"
    assert (plain_text(None), plain_text({}), len(plain_text("长" * 999))) == ("", "", 120)
