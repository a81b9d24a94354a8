"""The files of agency layers: formats, text encodings, damage, drivers."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import warnings

import numpy as np
import pytest

from geo.errors import InputError
from geo.layers import read_line_layer
from geo.mapping import as_text
from tests.geo.layerplay import codes, frame, geodatabase, line, save


@pytest.mark.parametrize("stated", [None, "GBK", "UTF-8", "ISO-8859-1", "nonsense"])
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_shapefile_text_is_read_whatever_it_states(tmp_path, encoding, stated):
    """Chinese names in GBK or UTF-8 are read with a right, a wrong and no .cpg, also cut after 80 bytes (fault 40)."""
    path = tmp_path / "r.shp"
    save(frame([line((0, 0), (100, 0))], name=["沈海高速" + "长" * 60]), path, encoding=encoding)
    page = path.with_suffix(".cpg")
    page.unlink(missing_ok=True)
    if stated:
        page.write_text(stated)
    assert read_line_layer(path).ways.text["name"][0].startswith("沈海高速长长")


def test_damaged_layers_are_one_sentence(tmp_path):
    """Each format cut at every twentieth or fortieth of its length, or with junk inside, is refused or read whole (fault 15)."""
    data = frame([line((0, k), (100 + k, k)) for k in range(40)], name=[f"路{k}" for k in range(40)])
    for suffix in (".gpkg", ".shp", ".fgb", ".geojson", ".parquet"):
        folder = tmp_path / suffix[1:]
        folder.mkdir()
        path = save(data, folder / f"r{suffix}")
        whole = path.read_bytes()
        parts = 40 if suffix in {".gpkg", ".parquet"} else 20
        for part in range(parts):
            path.write_bytes(whole[: len(whole) * part // parts])
            with pytest.raises(InputError):
                read_line_layer(path)
        rng = random.Random(suffix)
        for _ in range(3):
            broken = bytearray(whole)
            for _ in range(30):
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            path.write_bytes(broken)
            with contextlib.suppress(InputError):
                read_line_layer(path)


def test_dangerous_drivers_are_never_loaded():
    """After geo.layerfile has opened GDAL, drivers that follow pointers or addresses are not registered (fault 43)."""
    code = (
        "import os\nfrom geo.drivers import guard_gdal, SKIPPED_DRIVERS\nos.environ['OGR_SKIP'] = 'NoSuchDriver,CSV'\n"
        "guard_gdal()\nimport pyogrio\nassert 'CSV' not in pyogrio.list_drivers()\nassert 'CPL_LOG' not in os.environ\n"
        "print(sorted(set(SKIPPED_DRIVERS) & set(pyogrio.list_drivers())))\n"
        "print({'GPKG', 'ESRI Shapefile', 'GeoJSON', 'FlatGeobuf', 'KML', 'GPX'} <= set(pyogrio.list_drivers()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True"]
    assert done.stderr == ""


def test_cells_become_text():
    """Cells of any type become one line of text of a sane length, without control characters (fault 39)."""
    assert as_text(np.float64("nan")) == as_text(None) == ""
    assert as_text(80.5) == "80.5"
    assert as_text("a\0b\x1b[31mc\n d") == "a b [31mc d"
    assert len(as_text("长" * 10_000)) == 500


RARE = "䶮溪𠮷路㛃堃喆"
"""Characters of the extensions A and B, which GBK lacks and GB18030 writes in four bytes, and rare ones of GBK."""


@pytest.mark.parametrize("stated", [None, "GBK", "GB18030", "936"])
def test_rare_characters_survive(tmp_path, stated):
    """Names with rare characters come through a GB18030 table, also where the .cpg says GBK or is missing (fault 40)."""
    path = tmp_path / "r.shp"
    save(frame([line((0, 0), (100, 0))], name=[RARE]), path, encoding="GB18030")
    page = path.with_suffix(".cpg")
    page.unlink(missing_ok=True)
    if stated:
        page.write_text(stated)
    network = read_line_layer(path)
    assert network.ways.text["name"][0] == RARE
    assert "unreadable_text" not in codes(network)


def test_letters_that_are_lost_are_named(tmp_path):
    """A name with bytes that are no letter in any encoding is read with a gap, and the finding names it (fault 40)."""
    path = tmp_path / "r.shp"
    save(frame([line((0, 0), (100, 0)), line((0, 9), (100, 9))], name=["甲乙丙路", "丁路"]), path, encoding="GBK")
    body = path.with_suffix(".dbf").read_bytes()
    broken = "甲乙丙路".encode("gbk")
    path.with_suffix(".dbf").write_bytes(body.replace(broken, broken[:2] + b"\xff\xff" + broken[4:]))
    (finding,) = [f for f in read_line_layer(path).findings if f.code == "unreadable_text"]
    assert finding.count == 1
    assert finding.things[0].startswith("甲")
    assert finding.things[0].endswith("丙路")


@pytest.mark.parametrize("suffix", [".shp", ".gdb", ".fgb", ".parquet"])
def test_a_layer_without_crs_asks(tmp_path, suffix):
    """A shapefile without .prj, and any layer without a CRS, is asked about and never guessed (faults 33, 40)."""
    path = tmp_path / f"r{suffix}"
    data = frame([line((0, 0), (100, 0))])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        save(data if suffix == ".shp" else data.set_crs(None, allow_override=True), path)
    path.with_suffix(".prj").unlink(missing_ok=True)
    with pytest.raises(InputError, match="坐标系"):
        read_line_layer(path)
    assert read_line_layer(path, crs="EPSG:4547").length_mm == pytest.approx(100_000, abs=1)


def test_a_file_geodatabase_is_read(tmp_path):
    """A geodatabase gives the same network as a GeoPackage of the same lines, booths and Chinese names included."""
    import geopandas as gpd
    import shapely

    roads = frame([line((0, 0), (100, 0)), line((100, 0), (100, 80))], name=["沈海高速", "䶮路"], ref=["G15", "S1"])
    booths = gpd.GeoDataFrame({"name": ["甲站"]}, geometry=[shapely.Point(500_050, 2_500_000)], crs=4547)
    path = geodatabase(tmp_path / "r.gdb", {"roads": roads, "收费站": booths})
    for name, data in (("roads", roads), ("收费站", booths)):
        data.to_file(tmp_path / "r.gpkg", layer=name)
    one, other = read_line_layer(path), read_line_layer(tmp_path / "r.gpkg")
    assert one.source.format == "gdb"
    assert len(one.source.sha256) == 64
    assert one.segment_ids == other.segment_ids
    assert one.length_mm == other.length_mm
    assert one.ways.text["name"][1] == "䶮路"
    assert [tags["barrier"] for tags in one.nodes.tags.values()] == ["toll_booth"]


def test_geodatabases_of_several_layers_are_asked_about(tmp_path):
    """Of several layers that may be roads one has to be named; a table without geometry is none of them."""
    import pandas as pd

    roads = frame([line((0, 0), (100, 0))])
    path = geodatabase(tmp_path / "r.gdb", {"a": roads, "b": roads})
    geodatabase(path, {"notes": pd.DataFrame({"x": [1]})})
    with pytest.raises(InputError, match=r"name one|请指明"):
        read_line_layer(path)
    assert len(read_line_layer(path, layer="b").segments) == 1
    with pytest.raises(InputError, match="no layer c"):
        read_line_layer(path, layer="c")


def test_geodatabases_that_are_not_let_in(tmp_path, monkeypatch):
    """A link or folder inside, another suffix, a cut table, a too large one: one sentence each (faults 15, 43, 46)."""
    path = geodatabase(tmp_path / "r.gdb", {"a": frame([line((0, 0), (100, k)) for k in range(40)])})
    (path / "x.lock").write_bytes(b"")
    assert len(read_line_layer(path).segments) == 40
    path.rename(tmp_path / "r.folder")
    with pytest.raises(InputError, match="rename it"):
        read_line_layer(tmp_path / "r.folder")
    (tmp_path / "r.folder").rename(path)
    (path / "sub").mkdir()
    with pytest.raises(InputError, match="link or a folder"):
        read_line_layer(path)
    (path / "sub").rmdir()
    monkeypatch.setattr("geo.gdbfolder.MAX_BYTES", 1000)
    with pytest.raises(InputError, match="larger than"):
        read_line_layer(path)
    monkeypatch.undo()
    whole = {file: file.read_bytes() for file in path.glob("*.gdbtable")}
    for file, body in whole.items():
        for part in range(8):
            file.write_bytes(body[: len(body) * part // 8])
            with contextlib.suppress(InputError):
                read_line_layer(path)
        file.write_bytes(body)
    (tmp_path / "none.gdb").mkdir()
    with pytest.raises(InputError, match="folder"):
        read_line_layer(tmp_path / "none.gdb")
