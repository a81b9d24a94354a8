from __future__ import annotations

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo import store as store_module
from geo.errors import CancelledError, InputError
from geo.network import WAY_TAGS
from geo.store import OUTSIDE, SUMMARY, open_store, read_district, write_store
from geo.storecolumns import COLUMN_NAMES, make_schema, measure_bounds, segment_ids
from geo.zorder import number_places
from tests.geo.doctor.drawing import draw, place
from tests.geo.redraw import load_shared, longgang  # noqa: F401 - a fixture


def box(west: float, south: float, east: float, north: float) -> list[np.ndarray]:
    """Return a rectangle as an outline."""
    return [np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])]


def metres(west: float, south: float, east: float, north: float) -> list[np.ndarray]:
    """Return a rectangle in metres from the origin as an outline."""
    return box(*place(west, south), *place(east, north))


WORLD = box(-179, -89, 179, 89)
ROADS = {"a": (0, 0), "b": (1000, 0), "c": (2000, 500), "d": (5000, 500)}


@pytest.fixture
def roads():
    """Return a two-way road, a one-way road and one against its line."""
    names = {"name": "中山路", "ref": "G15"}
    return draw(ROADS, [("a b", names), ("b c", {"oneway": "yes"}), ("c d", {"oneway": "-1", "name": "x\ud800"})])


def test_rows_are_directed(roads, tmp_path):
    """A two-way segment makes two rows, a one-way one; each says where the car comes from and goes to."""
    store = write_store(roads, tmp_path / "s")
    rows = read_district(store, WORLD).to_pylist()
    ends = sorted((r["way"], r["from_node"], r["to_node"], r["against"]) for r in rows)
    assert ends == [(101, 1, 2, False), (101, 2, 1, True), (102, 2, 3, False), (103, 4, 3, True)]
    assert [p.rows for p in store.partitions] == [4]
    assert store.length_mm == roads.length_mm


def test_every_column_comes_back(longgang, tmp_path):  # noqa: F811
    """Ids, lengths, classes, tags and lines of a real map come back as they were."""
    table = read_district(write_store(longgang, tmp_path / "s"), WORLD)
    assert tuple(table.column_names) == COLUMN_NAMES
    rows = [longgang.row_of_segment[text] for text in segment_ids(table)]
    assert set(rows) == set(range(len(longgang.segments)))
    assert table.column("length_mm").to_pylist() == longgang.segments.length_mm[rows].tolist()
    assert table.column("road_class").to_pylist() == longgang.segment_class[rows].tolist()
    for tag in WAY_TAGS:
        assert [text or "" for text in table.column(tag).to_pylist()] == [longgang.text(tag, row) for row in rows]
    against = np.array(table.column("against").to_pylist())
    assert sorted(np.array(rows)[~against].tolist()) == np.flatnonzero(longgang.forward).tolist()
    assert sorted(np.array(rows)[against].tolist()) == np.flatnonzero(longgang.backward).tolist()


def test_valid_geoparquet(longgang, tmp_path):  # noqa: F811
    """GeoPandas opens a file of the store as GeoParquet: WGS-84, the same lines, and its own bounding-box filter works."""
    geopandas = pytest.importorskip("geopandas")
    store = write_store(longgang, tmp_path / "s", rows_per_group=100)
    file = store.folder / store.partitions[0].folder / "roads.parquet"
    frame = geopandas.read_parquet(file)
    assert frame.crs.to_string() in {"OGC:CRS84", "EPSG:4326"}
    rows = [longgang.row_of_segment[text] for text in segment_ids(pq.read_table(file))]
    assert all(
        np.array_equal(np.array(line.coords), longgang.points(row))
        for line, row in zip(frame.geometry[::37], rows[::37], strict=True)
    )
    window = (114.2, 22.68, 114.21, 22.69)
    inside = frame.cx[window[0] : window[2], window[1] : window[3]]
    filtered = geopandas.read_parquet(file, bbox=window)
    assert len(inside) > 20
    assert set(inside["way"]) <= set(filtered["way"])


def test_metadata_of_geoparquet(roads, tmp_path):
    """The file metadata is that of GeoParquet 1.1 with a covering."""
    store = write_store(roads, tmp_path / "s")
    geo = json.loads(pq.read_schema(store.folder / store.partitions[0].folder / "roads.parquet").metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]


@pytest.mark.parametrize(
    ("outline", "ways"),
    [
        (metres(-100, -100, 500, 100), {101}),
        (metres(-100, -100, 999, 100), {101}),
        (metres(-100, -100, 1001, 100), {101, 102}),
        (metres(1900, 499, 2500, 600), {102, 103}),
        (metres(1400, -100, 1600, 100), set()),
        (metres(9000, 9000, 9100, 9100), set()),
    ],
)
def test_district_by_outline(roads, tmp_path, outline, ways):
    """A district has the segments that touch its outline, whole, and no others: not those whose box alone touches it."""
    table = read_district(write_store(roads, tmp_path / "s"), outline)
    assert set(table.column("way").to_pylist()) == ways
    assert tuple(table.column_names) == COLUMN_NAMES


def test_only_needed_row_groups_are_read(shared_data, tmp_path, monkeypatch):
    """Of a store of many row groups, a small district reads few."""
    network = load_shared(shared_data, "us-harrisburg-2015.osm.pbf")
    store = write_store(network, tmp_path / "s", rows_per_group=200)
    read = []
    original = pq.ParquetFile.read_row_groups

    def watch(self, groups, **more):
        read.append((len(groups), self.num_row_groups))
        return original(self, groups, **more)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", watch)
    lon, lat = float(np.median(network.nodes.lon)), float(np.median(network.nodes.lat))
    table = read_district(store, box(lon - 0.002, lat - 0.002, lon + 0.002, lat + 0.002))
    assert table.num_rows > 0
    assert sum(groups for groups, _ in read) < sum(total for _, total in read) / 4


def test_chosen_columns(roads, tmp_path):
    """Only the columns asked for come back, in the order asked; an unknown one is refused by name."""
    store = write_store(roads, tmp_path / "s")
    assert read_district(store, WORLD, columns=["name", "way"]).column_names == ["name", "way"]
    with pytest.raises(InputError, match="color"):
        read_district(store, WORLD, columns=["color"])


def test_districts_share_out_every_metre(longgang, tmp_path):  # noqa: F811
    """Fault 68: each segment lies in one district or outside; the metres of all files are those of the network."""
    west, east = {"西/区": box(114.0, 22.0, 114.205, 23.0)}, {"东区": box(114.205, 22.0, 114.22, 23.0)}
    store = write_store(longgang, tmp_path / "s", districts=west | east)
    assert store.length_mm == longgang.length_mm
    assert [part.folder for part in store.partitions] == [
        "district=%E4%B8%9C%E5%8C%BA",
        "district=%E8%A5%BF%2F%E5%8C%BA",
        f"district={OUTSIDE}",
    ]
    bounds = measure_bounds(longgang)
    middle = (bounds[:, 0] + bounds[:, 2]) / 2
    assert store.partitions[1].length_mm == int(longgang.segments.length_mm[middle < 114.205].sum())


def test_overlapping_districts_go_by_name(roads, tmp_path):
    """Where two outlines hold a segment, the first by name has it."""
    store = write_store(roads, tmp_path / "s", districts={"b": WORLD, "a": WORLD})
    assert [part.folder for part in store.partitions] == ["district=a"]


def test_open_again(roads, tmp_path):
    """A store opens with what was written."""
    made = write_store(roads, tmp_path / "s")
    assert open_store(tmp_path / "s") == made


def test_same_bytes_five_times(longgang, tmp_path):  # noqa: F811
    """The same network gives the same bytes, five times."""
    contents = set()
    for k in range(5):
        store = write_store(longgang, tmp_path / str(k))
        contents.add((store.folder / store.partitions[0].folder / "roads.parquet").read_bytes())
    assert len(contents) == 1


def test_existing_folder_is_not_touched(roads, tmp_path):
    """A folder that exists is refused by name and stays as it is."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="已存在"):
        write_store(roads, tmp_path / "s")
    assert [f.name for f in tmp_path.rglob("*")] == ["s", "mine.txt"]


def test_cancel_leaves_nothing(roads, tmp_path):
    """Fault 70: a store cancelled half-way leaves no file."""
    told = []
    with pytest.raises(CancelledError):
        write_store(roads, tmp_path / "s", rows_per_group=1, progress=lambda *what: bool(told.append(what)))
    assert told == [("store", 1)]
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_nothing(roads, tmp_path, monkeypatch):
    """Fault 3: a disk that refuses gives one sentence and leaves no file."""

    def refuse(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", refuse)
    with pytest.raises(InputError, match="磁盘空间"):
        write_store(roads, tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["no summary", "text", "list", "newer", "no file", "cut file"])
def test_damaged_store(roads, tmp_path, damage):
    """Faults 15 and 16: a folder that is no store, a newer store and a lost or cut file are each refused in a sentence."""
    folder = write_store(roads, tmp_path / "s").folder
    summary, (file,) = folder / SUMMARY, list(folder.rglob("*.parquet"))
    if damage == "no summary":
        summary.unlink()
    elif damage == "newer":
        summary.write_text(json.dumps(json.loads(summary.read_text()) | {"version": 99}), encoding="utf-8")
    elif damage == "no file":
        shutil.rmtree(file.parent)
    elif damage == "cut file":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        summary.write_text({"text": "<html>", "list": "[1]"}[damage], encoding="utf-8")
    with pytest.raises(InputError, match="路网库"):
        read_district(open_store(folder), WORLD)


@pytest.mark.parametrize("ring", [[(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)], [(0, 0), (1, 0), (0, 0)], []])
def test_invalid_outline(roads, tmp_path, ring):
    """Fault 37: an outline that crosses itself or encloses nothing is refused, for reading and for writing."""
    outline = [np.array(ring, dtype=float).reshape(-1, 2)]
    store = write_store(roads, tmp_path / "s")
    with pytest.raises(InputError, match="边界"):
        read_district(store, outline)
    with pytest.raises(InputError, match="边界"):
        write_store(roads, tmp_path / "t", districts={"a": outline})
    assert not (tmp_path / "t.part").exists()


def test_a_district_called_outside(roads, tmp_path):
    """The name of what lies in no district is taken."""
    with pytest.raises(InputError, match=OUTSIDE):
        write_store(roads, tmp_path / "s", districts={OUTSIDE: WORLD})


def test_boxes_enclose_their_lines(shared_data, tmp_path):
    """The float32 boxes of the rows hold the exact ones, so that no reader loses a segment."""
    network = load_shared(shared_data, "us-harrisburg-2015.osm.pbf")
    table = read_district(write_store(network, tmp_path / "s"), WORLD)
    exact = measure_bounds(network)[[network.row_of_segment[text] for text in segment_ids(table)]]
    boxes = table.column("bbox").combine_chunks()
    west, south, east, north = (np.asarray(boxes.field(k)).astype(np.float64) for k in range(4))
    assert (west <= exact[:, 0]).all()
    assert (south <= exact[:, 1]).all()
    assert (east >= exact[:, 2]).all()
    assert (north >= exact[:, 3]).all()


def test_z_order_keeps_neighbours_together():
    """Along the Z-order a quarter of the square is one run, so its row groups are few."""
    x, y = (v.ravel().astype(float) for v in np.meshgrid(np.arange(64), np.arange(64)))
    number = number_places(x, y, box=(0, 0, 63.999, 63.999))
    quarter = np.sort(np.argsort(np.argsort(number))[(x < 32) & (y < 32)])
    assert quarter.tolist() == list(range(32 * 32))
    assert number_places(x[:1], y[:1], box=(0, 0, 0, 0)).tolist() == [0]


def test_schema_is_written_down():
    """The schema names every column once, with the types of the table in its module."""
    schema = make_schema()
    assert tuple(schema.names) == COLUMN_NAMES
    assert schema.field("length_mm").type == pa.int64()
