"""The demo map: its bytes, its size, its features and its topology."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import cos, hypot, radians

import pytest

from data.demo import TABLES, district_path, table_path
from data.demo.__main__ import write_all
from data.demo.terrain import SETTLEMENTS, to_lonlat

METRES = 111_320.0
EAST = METRES * cos(radians(31.32))


def gap_m(p, q):
    """Return the distance of two places in degrees, in metres."""
    return hypot((p[0] - q[0]) * EAST, (p[1] - q[1]) * METRES)


def test_generator_writes_the_same_bytes(tmp_path):
    """Promise P8: the generator writes the committed map, tables and facts again, byte for byte."""
    write_all(tmp_path)
    changed = [
        path.name
        for path in (district_path(), *(table_path(name) for name in TABLES))
        if path.read_bytes() != (tmp_path / path.name).read_bytes()
    ]
    assert changed == []


def test_map_has_the_promised_size(demo_map):
    """The map is at most 2 MB, has 8,000 to 15,000 segments and covers at least 25 by 20 km."""
    assert district_path().stat().st_size <= 2_000_000
    assert 8_000 <= demo_map.segments() <= 15_000
    lons, lats = zip(*demo_map.places.values(), strict=True)
    assert (max(lons) - min(lons)) * EAST > 25_000
    assert (max(lats) - min(lats)) * METRES > 20_000


def test_objects_are_sorted_and_complete(demo_map):
    """Nodes, ways and relations stand in this order, each by rising positive id, and nothing refers to a gap."""
    rank = {"n": 0, "w": 1, "r": 2}
    keys = [(rank[kind], number) for kind, number in demo_map.order]
    assert keys == sorted(set(keys))
    assert min(number for _, number in keys) > 0
    assert {n for nodes, _ in demo_map.ways.values() for n in nodes} <= set(demo_map.places)
    assert {ref for members, _ in demo_map.relations.values() for _, ref, _ in members} <= set(demo_map.ways)


WAY_FEATURES = {
    "expressway with a concurrent number": lambda t: t.get("highway") == "motorway" and t.get("ref") == "G98;S17",
    "expressway with one number": lambda t: t.get("highway") == "motorway" and t.get("ref") == "G98",
    "expressway numbered like an ordinary road": lambda t: t.get("ref") == "S101" and "高速" in t.get("name", ""),
    "ramp": lambda t: t.get("highway") == "motorway_link" and t.get("oneway") == "yes",
    "two-way ramp": lambda t: t.get("highway") == "motorway_link" and "oneway" not in t,
    "station as an area": lambda t: t.get("building") == "toll_booth" and t.get("barrier") == "toll_booth",
    "removed border station": lambda t: t.get("disused:barrier") == "toll_booth" and "省界" in t.get("old_name", ""),
    "service area": lambda t: t.get("highway") == "services" and t.get("name", "").endswith("服务区"),
    "connector": lambda t: t.get("highway") in {"primary", "secondary"} and "连接线" in t.get("name", ""),
    "urban fast road": lambda t: t.get("highway") == "trunk" and t.get("name", "").endswith("快速路"),
    "ramp of the urban fast road": lambda t: t.get("highway") == "trunk_link",
    "national road": lambda t: t.get("highway") == "trunk" and re.fullmatch(r"G3\d\d", t.get("ref", "")),
    "provincial road": lambda t: t.get("highway") == "primary" and re.fullmatch(r"S2\d\d", t.get("ref", "")),
    "county road": lambda t: t.get("highway") == "secondary" and t.get("ref", "").startswith("X"),
    "township road": lambda t: t.get("highway") == "tertiary" and t.get("ref", "").startswith("Y"),
    "village road": lambda t: t.get("highway") == "unclassified" and t.get("ref", "").startswith("C"),
    "expressway bridge": lambda t: t.get("highway") == "motorway" and t.get("bridge") == "yes",
    "bridge over the expressway": lambda t: t.get("highway") == "secondary" and t.get("layer") == "1",
    "underpass": lambda t: t.get("tunnel") == "yes" and t.get("layer") == "-1",
    "ramp above a bridge": lambda t: t.get("highway") == "motorway_link" and t.get("layer") == "2",
    "ferry": lambda t: t.get("route") == "ferry" and t.get("motor_vehicle") == "yes",
    "parking aisle": lambda t: t.get("service") == "parking_aisle",
    "construction": lambda t: t.get("highway") == "construction",
    "limit in miles": lambda t: t.get("maxspeed") == "80 mph",
    "limit none": lambda t: t.get("maxspeed") == "none",
    "river": lambda t: t.get("waterway") == "river",
    "lake": lambda t: t.get("natural") == "water",
    "boundary way": lambda t: t.get("boundary") == "administrative",
    "weigh station road": lambda t: "超限检测站" in t.get("name", ""),
}


@pytest.mark.parametrize("feature", WAY_FEATURES)
def test_every_listed_kind_of_way_is_there(demo_map, feature):
    """Each habit of Chinese road mapping that the demo promises is found on at least one way."""
    assert any(WAY_FEATURES[feature](tags) for _, tags in demo_map.ways.values())


NODE_FEATURES = {
    "booths": ("barrier", "toll_booth", 30),
    "gate": ("barrier", "gate", 1),
    "gantries": ("highway", "toll_gantry", 6),
    "exits": ("highway", "motorway_junction", 8),
    "milestones": ("highway", "milestone", 20),
    "weighbridge": ("amenity", "weighbridge", 1),
}


@pytest.mark.parametrize("feature", NODE_FEATURES)
def test_every_listed_kind_of_node_is_there(demo_map, feature):
    """Booths, gate, gantries, named exits, milestones and the weighbridge are there in number."""
    key, value, least = NODE_FEATURES[feature]
    assert len(demo_map.nodes_with(key, value)) >= least


def test_about_half_of_the_limits_are_missing(demo_map):
    """Between 35 and 65 percent of the classed roads carry no speed limit."""
    classes = {"motorway", "trunk", "primary", "secondary", "tertiary", "residential", "unclassified"}
    tags = [t for _, t in demo_map.ways.values() if t.get("highway") in classes]
    missing = sum("maxspeed" not in t for t in tags) / len(tags)
    assert 0.35 < missing < 0.65


def test_milestones_count_up(demo_map):
    """Milestones stand about a kilometre apart and count without a gap."""
    found = sorted((int(demo_map.node_tags[n]["distance"]), n) for n in demo_map.nodes_with("highway", "milestone"))
    assert [k for k, _ in found] == list(range(found[0][0], found[0][0] + len(found)))
    gaps = [gap_m(demo_map.places[a], demo_map.places[b]) for (_, a), (_, b) in pairwise(found)]
    assert all(700 < gap < 1250 for gap in gaps)


def test_boundaries_share_their_ways(demo_map):
    """One district and at least four towns are closed rings, and neighbours share member ways."""
    levels = Counter(tags["admin_level"] for _, tags in demo_map.relations.values())
    assert levels["6"] == 1
    assert levels["8"] >= 4
    for members, _ in demo_map.relations.values():
        ends = Counter(n for _, ref, _ in members for n in (demo_map.ways[ref][0][0], demo_map.ways[ref][0][-1]))
        assert set(ends.values()) == {2}
    uses = Counter(ref for members, _ in demo_map.relations.values() for _, ref, _ in members)
    assert max(uses.values()) == 2


def strong_core(demo_map):
    """Return the nodes of the largest strongly connected component."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    steps = np.array(list(demo_map.steps()))
    ids, rows = np.unique(steps, return_inverse=True)
    rows = rows.reshape(steps.shape)
    graph = coo_array((np.ones(len(rows)), (rows[:, 0], rows[:, 1])), shape=(len(ids), len(ids)))
    _, label = connected_components(graph, directed=True, connection="strong")
    return set(ids[label == np.bincount(label).argmax()].tolist())


@pytest.fixture(scope="module")
def core(demo_map):
    """Return the strong core."""
    return strong_core(demo_map)


def test_everything_is_reachable_and_back(demo_map, core, facts):
    """Town, villages, every station and both directions of each expressway can be reached from each other."""
    for s in SETTLEMENTS:
        middle = to_lonlat((s.x, s.y))
        assert min(gap_m(demo_map.places[n], middle) for n in core) < 150
    for station in facts["stations"]:
        assert set(station["booth_nodes"]) | set(station["lane_nodes_without_booth"]) <= core
    for ids in facts["expressway_way_ids"].values():
        steps = [(a, b) for i in ids for a, b in pairwise(demo_map.ways[i][0])]
        length = {step: gap_m(demo_map.places[step[0]], demo_map.places[step[1]]) for step in steps}
        inside = sum(m for (a, b), m in length.items() if a in core and b in core)
        assert inside > 0.6 * sum(length.values())
    assert set(facts["gantry_nodes"]) <= core


def test_little_lies_outside_the_core(demo_map, core, facts):
    """Only the tails beyond the last exits, three islands and a wrong direction are not reachable and back."""
    outside = {n for nodes, tags in demo_map.roads().values() for n in nodes} - core
    kinds = Counter(
        tags["highway"]
        for i, (nodes, tags) in demo_map.roads().items()
        if set(nodes) & outside and i not in facts["island_way_ids"]
    )
    assert set(kinds) <= {"motorway", "motorway_link", "residential", "service"}
    assert kinds["residential"] + kinds["service"] <= 4


def test_expressways_touch_ordinary_roads_only_where_they_may(demo_map, facts):
    """No main line shares a node with an ordinary road, but where S101 turns into a trunk road."""
    main = {n for nodes, t in demo_map.ways.values() if t.get("highway") == "motorway" for n in nodes}
    plain = {"trunk", "trunk_link", "primary", "secondary", "tertiary", "unclassified", "residential"}
    other = {n for nodes, t in demo_map.ways.values() if t.get("highway") in plain for n in nodes}
    assert main & other == set(facts["expressway_end_nodes"])


def test_links_touch_ordinary_roads_only_at_ramp_ends(demo_map):
    """Expressway links share nodes with ordinary roads at exactly ten ramp ends."""
    plain = {"trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street"}
    links = {n for nodes, t in demo_map.ways.values() if t.get("highway") == "motorway_link" for n in nodes}
    other = {n for nodes, t in demo_map.ways.values() if t.get("highway") in plain for n in nodes}
    assert len(links & other) == 10


def test_crossings_without_a_node_have_levels(demo_map):
    """Where two roads cross without a shared node, one lies on another layer."""
    from shapely import LineString, STRtree

    pieces, lines = [], []
    for way, (nodes, tags) in demo_map.roads().items():
        if "highway" in tags:
            for a, b in pairwise(nodes):
                pieces.append((way, a, b))
                lines.append(LineString([demo_map.places[a], demo_map.places[b]]))
    left, right = STRtree(lines).query(lines, predicate="crosses")
    pairs = [(pieces[i], pieces[j]) for i, j in zip(left.tolist(), right.tolist(), strict=True) if i < j]
    apart = [(p, q) for p, q in pairs if not set(p[1:]) & set(q[1:])]
    layer = {way: tags.get("layer") for way, (_, tags) in demo_map.ways.items()}
    assert len(apart) > 50
    assert [(p, q) for p, q in apart if layer[p[0]] == layer[q[0]]] == []


def test_carriageways_run_side_by_side(demo_map, facts):
    """Both expressways have two one-way carriageways, smooth: points at most 200 m apart, no sharp bends."""
    for ids in facts["expressway_way_ids"].values():
        for i in ids:
            nodes, tags = demo_map.ways[i]
            assert tags["oneway"] == "yes"
            steps = [gap_m(demo_map.places[a], demo_map.places[b]) for a, b in pairwise(nodes)]
            assert max(steps) < 200
