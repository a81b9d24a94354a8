"""The border with geopandas, networkx and osmnx: what goes out comes back."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely

from geo.classes import RoadClass
from geo.errors import InputError
from geo.interop import (
    OSMNX_NODE_TAGS,
    OSMNX_WAY_TAGS,
    SEGMENT_COLUMNS,
    from_osmnx,
    to_geodataframe,
    to_networkx,
    to_osmnx,
)
from geo.load import load_network
from tests.builders import make_network


def by_kind(network) -> Counter:
    """Return millimetres by road class and by whether they are one-way."""
    seg = network.segments
    total = Counter()
    one_way = network.ways.direction[seg.way] != 0
    for road_class, flag, mm in zip(
        network.segment_class.tolist(), one_way.tolist(), seg.length_mm.tolist(), strict=True
    ):
        total[road_class, flag] += mm
    return total


def booths(network) -> set[int]:
    """Return the ids of the booth nodes."""
    return set(network.nodes.id[network.nodes.rows_with("barrier", "toll_booth")].tolist())


@pytest.fixture
def town():
    """Return a small network with one-ways both ways round, a ring, a booth, a loop and parallel roads."""
    nodes = {
        1: (114.0, 22.5),
        2: (114.01, 22.5, {"barrier": "toll_booth", "name": "一站"}),
        3: (114.02, 22.5),
        4: (114.02, 22.51),
        5: (114.01, 22.51),
        6: (114.015, 22.505),
    }
    ways = [
        (10, [1, 2, 3], {"highway": "motorway", "name": "沈海高速", "ref": "G15"}),
        (11, [3, 4, 5], {"highway": "primary", "oneway": "-1", "maxspeed": "60"}),
        (12, [2, 5], {"highway": "secondary"}),
        (13, [3, 6, 4, 3], {"highway": "residential", "oneway": "no"}),
        (14, [5, 2], {"highway": "secondary", "bridge": "yes"}),
        (15, [4, 5], {"highway": "motorway", "oneway": "no"}),
    ]
    return make_network(nodes, ways)


def test_frame_has_the_written_columns(town):
    """The GeoDataFrame has the columns of the schema, one row a segment, in WGS-84."""
    frame = to_geodataframe(town)
    assert list(frame.columns) == list(SEGMENT_COLUMNS)
    assert frame.crs.to_epsg() == 4326
    assert frame["segment"].tolist() == list(town.segment_ids)
    assert frame["length_m"].tolist() == town.segments.length_m.tolist()
    for row in range(len(town.segments)):
        assert np.array_equal(shapely.get_coordinates(frame.geometry.iloc[row]), town.points(row))
    assert set(frame["road_class"]) == {"motorway", "primary", "secondary", "minor"}
    for column, (dtype, _, _) in SEGMENT_COLUMNS.items():
        assert dtype in {str(frame[column].dtype), "str"}, column


def test_driving_graph_has_the_allowed_directions(town):
    """The networkx graph has an edge for each direction a segment may be driven, with metres and seconds."""
    graph = to_networkx(town)
    assert graph.number_of_edges() == int(town.forward.sum() + town.backward.sum())
    assert graph.has_edge(1, 2)
    assert not graph.has_edge(2, 1)
    assert graph.has_edge(4, 3, key="w11/3-4")
    assert not graph.has_edge(3, 4, key="w11/3-4")
    assert graph.nodes[2]["name"] == "一站"
    edge = graph.edges[1, 2, "w10/1-2"]
    assert edge["time"] == pytest.approx(edge["length"] / (100 / 3.6))
    assert nx.shortest_path_length(graph, 1, 4, weight="length") > 0


def test_round_trip_through_osmnx_keeps_everything(town):
    """Out to osmnx and back: the same ids, millimetres, classes, directions, names, tags and booths."""
    back = from_osmnx(to_osmnx(town))
    assert set(back.segment_ids) == set(town.segment_ids)
    rows = [back.row_of_segment[text] for text in town.segment_ids]
    assert back.segments.length_mm[rows].tolist() == town.segments.length_mm.tolist()
    assert back.segment_class[rows].tolist() == town.segment_class.tolist()
    assert back.forward[rows].tolist() == town.forward.tolist()
    assert back.backward[rows].tolist() == town.backward.tolist()
    for tag in ("name", "ref", "maxspeed", "bridge"):
        assert [back.text(tag, r) for r in rows] == [town.text(tag, r) for r in range(len(rows))]
    assert booths(back) == {2}


@pytest.mark.parametrize("file", ["shenzhen-longgang-heao-2019.osm.bz2", "nanjing-jiangning-s5-2020.osm.bz2"])
def test_real_map_survives_the_round_trip(shared_data, file):
    """A real map keeps its millimetres by class and direction, its booths, and all ids but those on rings."""
    network = load_network(shared_data / "osm" / file)
    back = from_osmnx(to_osmnx(network))
    assert by_kind(back) == by_kind(network)
    assert booths(back) == booths(network)
    lost = set(network.segment_ids) - set(back.segment_ids)
    assert len(lost) < 0.05 * len(network.segments)


def test_simplified_graph_keeps_length_and_direction(shared_data):
    """A graph simplified by osmnx comes back with the same metres, and says which tags were merged."""
    network = load_network(shared_data / "osm/shenzhen-longgang-heao-2019.osm.bz2")
    back = from_osmnx(osmnx.simplify_graph(to_osmnx(network)))
    assert back.length_mm == network.length_mm
    assert sum(mm for (_, one_way), mm in by_kind(back).items() if one_way) == sum(
        mm for (_, one_way), mm in by_kind(network).items() if one_way
    )
    motorway = RoadClass.MOTORWAY.value, True
    assert by_kind(back)[motorway] == by_kind(network)[motorway]
    assert "merged_tags" in {f.code for f in back.findings}


def test_graph_made_by_osmnx_equals_our_reading(shared_data, tmp_path, monkeypatch):
    """A graph that osmnx reads of a file, with our tags, has the segments that we read of it."""
    import bz2

    monkeypatch.setattr(osmnx.settings, "useful_tags_node", list(OSMNX_NODE_TAGS))
    monkeypatch.setattr(osmnx.settings, "useful_tags_way", list(OSMNX_WAY_TAGS))
    source = shared_data / "osm/nanjing-jiangning-s5-2020.osm.bz2"
    path = tmp_path / "map.osm"
    path.write_bytes(bz2.decompress(source.read_bytes()))
    graph = osmnx.graph_from_xml(path, simplify=False, retain_all=True)
    ours = load_network(source)
    back = from_osmnx(graph)
    assert Counter(back.segment_class.tolist()) == Counter(ours.segment_class.tolist())
    assert abs(back.length_mm - ours.length_mm) < 0.005 * ours.length_mm
    assert by_kind(back).keys() == by_kind(ours).keys()


def test_projected_graph_comes_back_to_degrees(town):
    """A graph in metres is put back into WGS-84; its lengths stay."""
    projected = osmnx.project_graph(to_osmnx(town), to_crs="EPSG:4547")
    back = from_osmnx(projected)
    assert back.length_mm == town.length_mm
    assert np.allclose(np.sort(back.nodes.lon), np.sort(town.nodes.lon), atol=1e-7)


def test_osmnx_can_use_the_graph(town):
    """Osmnx measures, simplifies and searches the graph we hand over."""
    graph = to_osmnx(town)
    assert osmnx.nearest_nodes(osmnx.project_graph(graph, to_crs="EPSG:4547"), 500_000, 2_488_000) in graph
    assert osmnx.convert.graph_to_gdfs(graph, nodes=False)["length"].sum() > 0
    assert len(osmnx.simplify_graph(graph)) <= len(graph)
    assert osmnx.basic_stats(graph)["n"] == 6


def edges(*rows, nodes=None) -> nx.MultiDiGraph:
    """Return a graph of ``(u, v, data)``."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in (nodes or {1: (114.0, 22.5), 2: (114.01, 22.5), 3: (114.02, 22.5)}).items():
        graph.add_node(node, x=x, y=y)
    for u, v, data in rows:
        graph.add_edge(u, v, **data)
    return graph


@pytest.mark.parametrize("length", [None, "x", float("nan"), -5.0, float("inf")])
def test_missing_lengths_are_measured_and_told(length):
    """An edge whose length is missing, negative or no number is measured anew, and counted (fault 42)."""
    data = {"osmid": 5, "highway": "primary", "oneway": True, "reversed": False}
    if length is not None:
        data["length"] = length
    network = from_osmnx(edges((1, 2, data)))
    assert network.length_mm == pytest.approx(1_029_000, abs=1000)
    assert {f.code: f.count for f in network.findings}["missing_length"] == 1


def test_merged_tags_take_the_highest_class():
    """Lists made by simplification: highest class, lowest limit, all names, smallest way id."""
    data = {
        "osmid": [9, 4], "highway": ["tertiary", "primary"], "name": ["乙路", "甲路"], "maxspeed": ["80", "60", "none"],
        "bridge": ["yes", "no"], "oneway": True, "reversed": False, "length": 1000.0,
    }  # fmt: skip
    network = from_osmnx(edges((1, 2, data)))
    assert network.ways.id.tolist() == [4]
    assert [network.text(t, 0) for t in ("highway", "maxspeed", "bridge")] == ["primary", "60", "yes"]
    assert set(network.text("name", 0).split(";")) == {"甲路", "乙路"}


def test_untagged_motorway_follows_the_house_rule():
    """A motorway that osmnx reads as two-way for want of a tag is one-way, as it is when we read the file."""
    both = [
        {"osmid": 5, "highway": "motorway", "oneway": False, "reversed": r, "length": 1029.0} for r in (False, True)
    ]
    network = from_osmnx(edges((1, 2, both[0]), (2, 1, both[1])))
    assert network.ways.direction.tolist() == [1]
    assert network.segment_ids == ("w5/1-2",)


def test_unusable_graphs_are_one_sentence():
    """No road, no coordinates, coordinates out of range, ids that are no numbers: one sentence (fault 32)."""
    road = {"osmid": 5, "highway": "primary", "length": 10.0}
    for graph, words in (
        (edges(), "没有汽车可走"),
        (edges((1, 2, {"osmid": 5, "highway": "footway", "length": 1.0})), "没有汽车可走"),
        (edges((1, 2, road), nodes={1: (114.0, 22.5), 2: (float("inf"), 22.5)}), "没有有效坐标"),
        (edges((1, 2, road), nodes={1: (114.0, 22.5), 2: (190.0, 22.5)}), "没有有效坐标"),
        (edges(("a", "b", road), nodes={"a": (114.0, 22.5), "b": (114.1, 22.5)}), "不是整数"),
    ):
        with pytest.raises(InputError, match=words):
            from_osmnx(graph)
