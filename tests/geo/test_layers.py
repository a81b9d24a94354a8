"""Agency line layers: their columns, their measure, their joints, and what is wrong with them."""

from __future__ import annotations

import random
import sqlite3

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import InputError
from geo.layers import read_line_layer
from geo.mapping import read_mapping
from tests.geo.layerplay import EAST, NORTH, codes, damage, frame, line, load, save


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".fgb", ".geojson", ".parquet"])
def test_every_format_gives_the_same_network(tmp_path, suffix):
    """The five formats give the same roads, names and joints; metric ones keep the grid's own lengths."""
    data = frame(
        [line((0, 0), (500, 0), (1000, 0)), line((500, 0), (500, 300))],
        name=["沈海高速", "龙岗大道"], ref=["G15", "S202"], highway=["motorway", "trunk"], oneway=["yes", "no"], id=[70, 80],
    )  # fmt: skip
    network = read_line_layer(
        save(data, tmp_path / f"roads{suffix}", **({"encoding": "GBK"} if suffix == ".shp" else {}))
    )
    assert sorted(network.segment_ids) == ["w70/-1--2", "w70/-2--4", "w80/-2--3"]
    assert network.ways.text["name"].tolist() == ["沈海高速", "龙岗大道"]
    assert network.ways.text["maxspeed"].tolist() == ["60", "60"]
    assert network.ways.direction.tolist() == [1, 0]
    assert network.length_mm == pytest.approx(1_300_000, abs=0 if suffix != ".geojson" else 2)
    assert ("grid_lengths" in codes(network)) == (suffix != ".geojson")


def test_lengths_agree_with_the_agencys_books(tmp_path):
    """In a Gauss-Krüger grid off its central meridian the planar length counts, not the geodesic one."""
    data = frame([line((140_000, 0), (150_000, 0))])
    network = load(data, tmp_path)
    assert network.length_mm == 10_000_000
    geodesic = load(data.to_crs(4490), tmp_path)
    assert 9_990_000 < geodesic.length_mm < 9_999_000


def test_web_mercator_is_never_measured(tmp_path):
    """Coordinates in EPSG:3857 are measured on the ellipsoid."""
    network = load(frame([line((0, 0), (1000, 0))]).to_crs(3857), tmp_path)
    assert network.length_mm == pytest.approx(1_000_000, abs=300)
    assert "grid_lengths" not in codes(network)


def test_lines_meeting_within_half_a_metre_are_joined(tmp_path):
    """Ends, end and vertex, two vertices, end and edge: joined at 0.49 m, apart at 0.51 m, and told with their gap."""
    main = line((0, 0), (100, 0), (200, 0))
    for gap, pieces in ((0.0, 4), (0.49, 4), (0.51, 3)):
        end_at_vertex = load(frame([main, line((100, gap), (100, 80))]), tmp_path)
        assert len(end_at_vertex.segments) == pieces - 1 if gap <= 0.5 else 2
        assert ("joined_gaps" in codes(end_at_vertex)) == (0 < gap <= 0.5)
    tee = load(frame([main, line((50, 0.4), (50, 80))]), tmp_path)
    assert len(tee.segments) == 3
    assert codes(tee)["joined_tees"] == 1
    assert tee.length_mm == 200_000 + 79_600
    vertices = load(frame([main, line((100, -50), (100.3, 0.2), (100, 50))]), tmp_path)
    assert len(vertices.segments) == 4
    crossing = load(frame([main, line((50, -50), (50, 50))]), tmp_path)
    assert len(crossing.segments) == 2


def test_bridges_are_not_joined_to_the_road_below(tmp_path):
    """Inner vertices on different levels stay apart though they coincide; a ramp's end joins its own level."""
    data = frame(
        [line((0, 0), (100, 0), (200, 0)), line((100, -50), (100, 0), (100, 50)), line((100, 0), (170, 70))],
        bridge=["", "yes", ""],
    )
    network = load(data, tmp_path)
    assert len(network.segments) == 4
    assert np.bincount(network.ways.refs).max() == 2


def test_short_lines_and_dense_curves_keep_their_shape(tmp_path):
    """A line of 0.3 m between two roads, and a curve with a vertex every 0.2 m, are not folded together."""
    short = load(frame([line((0, 0), (100, 0)), line((100, 0), (100.3, 0)), line((100.3, 0), (200, 0))]), tmp_path)
    assert len(short.segments) == 3
    assert short.length_mm == 200_000
    curve = [(20 * np.cos(t), 20 * np.sin(t)) for t in np.arange(0, 3, 0.01)]
    dense = load(frame([line(*curve), line(curve[-1], (-80, 0))]), tmp_path)
    assert len(dense.segments) == 2
    assert len(dense.ways.refs) == len(curve) + 2


def test_order_of_rows_does_not_matter(tmp_path):
    """Shuffled rows give the same network, column by column, with and without ids (fault 68)."""
    rng = random.Random(4)
    lines = [
        line(*((rng.choice((0, 100, 200)) + rng.uniform(-0.2, 0.2), rng.choice((0, 100)) + i * 0) for i in range(3)))
        for _ in range(30)
    ]
    for ids in ({}, {"osm_id": list(range(100, 130))}):
        data = frame(lines, name=[f"n{i}" for i in range(30)], **ids)
        first = read_line_layer(save(data, tmp_path / f"a{len(ids)}.fgb", SPATIAL_INDEX="NO"))
        for seed in range(2):
            mixed = data.sample(frac=1, random_state=seed)
            again = read_line_layer(save(mixed, tmp_path / f"b{seed}{len(ids)}.fgb", SPATIAL_INDEX="NO"))
            assert again.segment_ids == first.segment_ids
            assert again.segments.length_mm.tolist() == first.segments.length_mm.tolist()
            assert again.ways.text["name"].tolist() == first.ways.text["name"].tolist()
            assert again.nodes.lon.tolist() == first.nodes.lon.tolist()
            assert [f.code for f in again.findings] == [f.code for f in first.findings]


def test_bad_geometry_is_reported_not_dropped_in_silence(tmp_path):
    """Empty, point, one-place, not-a-number, far-off and doubled lines are counted (faults 30, 32, promise P11)."""
    good, oneway = line((0, 0), (100, 0)), line((0, 50), (100, 50))
    bad = [
        None,
        shapely.LineString(),
        shapely.Point(EAST, NORTH),
        shapely.LineString([(EAST, NORTH), (EAST, NORTH)]),
        damage(line((0, 0), (5, 5), (9, 9))),
        shapely.LineString([(0, 0), (EAST, NORTH)]),
        good,
        good.reverse(),
        oneway.reverse(),
    ]
    n = len(bad)
    data = frame([good, oneway, *bad], oneway=["", "yes", *[""] * (n - 1), "yes"])
    network = read_line_layer(save(data, tmp_path / "roads.gpkg", layer="roads"))
    found = codes(network)
    assert found["empty_geometry"] == 2
    assert found["not_a_line"] == 1
    assert found["short_line"] == 1
    assert found["bad_coordinates"] == 2
    assert found["duplicate_line"] == 2
    assert network.length_mm == 300_000
    by_code = {f.code: f for f in network.findings}
    assert by_code["duplicate_line"].length_m == pytest.approx(200)
    assert by_code["bad_coordinates"].places
    assert abs(by_code["not_a_line"].places[0][0] - 114) < 0.01


def test_multi_part_lines_become_ways(tmp_path):
    """The parts of a feature are ways of their own; the first keeps its id."""
    both = shapely.MultiLineString([line((0, 0), (100, 0)), line((300, 0), (400, 0))])
    network = load(frame([both, line((100, 0), (300, 0))], id=[7, 9]), tmp_path)
    assert sorted(network.ways.id.tolist()) == [7, 9, 10]
    assert network.length_mm == 400_000


def test_missing_class_column_names_what_is_there(tmp_path):
    """A layer without a highway column is refused with its columns and an example; a mapping helps."""
    data = frame([line((0, 0), (100, 0))]).rename(columns={"highway": "道路等级", "name": "路名"})
    data["道路等级"] = "高速公路"
    with pytest.raises(InputError, match=r"路名.*道路等级") as caught:
        load(data, tmp_path)
    assert "[values.highway]" not in str(caught.value)
    with pytest.raises(InputError, match=r"高速公路.*\[values.highway\]"):
        load(data, tmp_path, mapping={"highway": "道路等级"})
    table = tmp_path / "columns.toml"
    table.write_text(
        '[columns]\nhighway = "道路等级"\nname = "路名"\n[values.highway]\n"高速公路" = "motorway"\n', "utf-8"
    )
    network = load(data, tmp_path, mapping=table)
    assert network.ways.text["highway"].tolist() == ["motorway"]
    with pytest.raises(InputError, match="没有字段 dj"):
        load(data, tmp_path, mapping={"highway": "dj"})
    with pytest.raises(InputError, match="不是本系统的字段"):
        load(data, tmp_path, mapping={"klass": "dj"})


@pytest.mark.parametrize("text", ["columns = 3", "[columns", "[values]\nhighway = 1"])
def test_broken_mapping_file_is_one_sentence(tmp_path, text):
    """A mapping file that is no such table is refused."""
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="字段对照表"):
        read_mapping(path)
    with pytest.raises(InputError, match="字段对照表"):
        read_mapping(tmp_path / "none.toml")


def test_unknown_classes_and_paths_are_counted(tmp_path):
    """Footpaths and unknown classes are left out and told apart; only footpaths is an error (fault 36)."""
    data = frame([line((0, k), (100, k)) for k in (0, 10, 20)], highway=["Primary", "footway", "K7"])
    network = load(data, tmp_path)
    assert {k: v for k, v in codes(network).items() if k != "grid_lengths"} == {"unknown_highway": 1, "not_for_cars": 1}
    with pytest.raises(InputError, match=r"没有汽车可走的道路.*footway"):
        load(frame([line((0, 0), (9, 0))], highway=["footway"]), tmp_path)


@pytest.mark.parametrize(
    ("values", "directions"),
    [
        ([True, False, True], [1, 0, 1]),
        (["F", "T", "B"], [1, -1, 0]),
        (["T", "F", ""], [1, 0, 0]),
        (["是", "否", "双向"], [1, 0, 0]),
        ([1, 0, -1], [1, 0, -1]),
        (["yes", "no", "reverse"], [1, 0, -1]),
        ([1.0, None, 0.0], [1, 0, 0]),
    ],
)
def test_oneway_is_read_in_many_hands(tmp_path, values, directions):
    """Directions in words, figures, booleans and Geofabrik's letters mean what their writers mean (fault 34)."""
    data = frame([line((0, 10 * k), (100, 10 * k)) for k in range(3)], oneway=values, id=[1, 2, 3])
    assert load(data, tmp_path).ways.direction.tolist() == directions


def test_odd_oneway_is_a_finding(tmp_path):
    """A direction nobody can read is two-way and reported (fault 34)."""
    network = load(frame([line((0, 0), (100, 0))], oneway=["perhaps"]), tmp_path)
    assert codes(network)["odd_oneway"] == 1


def test_coordinate_system_is_asked_for_and_checked(tmp_path):
    """No system: asked for; a wrong one: refused; one given: used (fault 33)."""
    data = frame([line((0, 0), (100, 0))])
    bare = tmp_path / "bare.shp"
    save(data, bare)
    bare.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match=r"没有注明坐标系.*EPSG:4547"):
        read_line_layer(bare)
    assert read_line_layer(bare, crs=4547).length_mm == 100_000
    with pytest.raises(InputError, match="无法识别"):
        read_line_layer(bare, crs="EPSG:1")
    with pytest.raises(InputError, match="像是以米为单位"):
        load(data.set_crs(4326, allow_override=True), tmp_path)
    with pytest.raises(InputError, match="像是经纬度"):
        load(data.to_crs(4326).set_crs(4547, allow_override=True), tmp_path)
    swapped = gpd.GeoDataFrame(
        data.to_crs(4326).drop(columns="geometry"), geometry=[shapely.LineString([(22.5, 114), (22.6, 114)])], crs=4326
    )
    with pytest.raises(InputError, match="颠倒"):
        load(swapped, tmp_path)
    mixed = frame([line((0, 0), (100, 0)), shapely.LineString([(114.0, 22.6), (114.1, 22.6)])])
    assert load(mixed, tmp_path).length_mm > 0


def test_ids_that_are_none_are_replaced(tmp_path):
    """Ids that repeat or are no positive whole numbers give way to counting in the order of place (fault 31)."""
    lines = [line((100, 0), (200, 0)), line((0, 0), (100, 0))]
    for ids in ([5, 5], [-1, 2], ["a", "b"], [None, 3]):
        network = read_line_layer(save(frame(lines, id=ids), tmp_path / f"{ids[0]}.fgb"))
        assert network.ways.id.tolist() == [1, 2]
        assert codes(network)["unusable_ids"] == 2
    big = read_line_layer(save(frame(lines, id=[2**53 + 1, 2**62]), tmp_path / "big.fgb"))
    assert big.ways.id.tolist() == [2**53 + 1, 2**62]


def test_booth_points_stand_on_the_road(tmp_path):
    """Points of a booth layer become booth nodes: on a vertex, on the nearest line, or reported as too far off."""
    roads = frame([line((0, 0), (100, 0), (200, 0)), line((0, 40), (200, 40))])
    places = [(100, 0.3), (50, 6), (50.2, 6.1), (150, 25.5), (150, 90)]
    points = gpd.GeoDataFrame(
        {"name": ["一站", "二站", "二站", "三站", "远"]},
        geometry=[shapely.Point(EAST + x, NORTH + y) for x, y in places],
        crs=4547,
    )
    path = tmp_path / "roads.gpkg"
    save(roads, path, layer="roads")
    save(points.to_crs(4490), path, layer="收费站")
    network = read_line_layer(path)
    booths = network.nodes.rows_with("barrier", "toll_booth")
    assert sorted(network.nodes.tags[int(row)]["name"] for row in booths) == ["一站", "三站", "二站"]
    assert codes(network)["booth_off_road"] == 1
    assert sorted(network.segments.length_mm.tolist()) == [50_000, 50_000, 50_000, 100_000, 150_000]
    assert network.length_mm == 400_000
    with pytest.raises(InputError, match="没有名为 x 的收费站点图层"):
        read_line_layer(path, booths="x")


def test_layers_are_chosen_or_asked_for(tmp_path):
    """One layer with a class column is taken; of several one must be named; a wrong name is told."""
    path = tmp_path / "many.gpkg"
    roads = frame([line((0, 0), (100, 0))])
    save(roads, path, layer="roads")
    save(roads.drop(columns="highway"), path, layer="rivers")
    assert read_line_layer(path).length_mm == 100_000
    save(roads, path, layer="roads2")
    with pytest.raises(InputError, match="roads、roads2"):
        read_line_layer(path)
    assert read_line_layer(path, layer="roads2").length_mm == 100_000
    with pytest.raises(InputError, match="没有名为 x 的图层"):
        read_line_layer(path, layer="x")
    only = tmp_path / "points.gpkg"
    save(gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=4326), only, layer="p")
    with pytest.raises(InputError, match="没有线图层"):
        read_line_layer(only)


def test_views_and_virtual_tables_are_not_opened(tmp_path):
    """A layer of a GeoPackage that is a view, code of the file's author, is passed over."""
    path = tmp_path / "view.gpkg"
    save(frame([line((0, 0), (100, 0))]), path, layer="roads")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIEW evil AS SELECT fid, geom, 'motorway' AS highway FROM roads")
        connection.execute("UPDATE gpkg_contents SET table_name = 'evil', identifier = 'evil'")
        connection.execute("UPDATE gpkg_geometry_columns SET table_name = 'evil'")
    connection.close()
    with pytest.raises(InputError, match="没有线图层"):
        read_line_layer(path)


def test_open_database_is_refused_and_none_is_changed(tmp_path):
    """A GeoPackage that another program is writing is refused; reading changes no byte and leaves no file (fault 18)."""
    path = tmp_path / "busy.gpkg"
    save(frame([line((0, 0), (100, 0))]), path, layer="roads")
    before = path.read_bytes()
    read_line_layer(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "busy.gpkg-wal").write_bytes(b"x")
    with pytest.raises(InputError, match="正被其他软件编辑"):
        read_line_layer(path)
