"""The facts file agrees with the map."""

from __future__ import annotations

from collections import Counter


def by_id(facts):
    """Return the stations by their id."""
    return {station["id"]: station for station in facts["stations"]}


def classes_at(demo_map, node):
    """Return the road classes that meet at a node."""
    return {tags.get("highway") for nodes, tags in demo_map.ways.values() if node in nodes}


def test_all_kinds_of_stations_are_there(facts):
    """There are six stations with seams, one on a main line, and one removed at the border."""
    assert Counter(station["kind"] for station in facts["stations"]) == {"ramp": 6, "main_line": 1, "border": 1}
    assert all(1 <= s["lanes"] <= 10 for s in facts["stations"] if s["kind"] != "border")


def test_booths_carry_the_names_of_their_station(demo_map, facts):
    """Every booth node is a toll booth of one of the station's names, and all names occur."""
    for station in facts["stations"]:
        names = {demo_map.node_tags[n]["name"] for n in station["booth_nodes"]}
        assert all(demo_map.node_tags[n]["barrier"] == "toll_booth" for n in station["booth_nodes"])
        assert names == (set(station["names"]) if station["booth_nodes"] else set())


def test_no_other_booth_than_the_campus_gate(demo_map, facts):
    """All booth nodes of the map belong to a station, but the gate of the campus."""
    known = {n for station in facts["stations"] for n in station["booth_nodes"]}
    assert demo_map.nodes_with("barrier", "toll_booth") - known == {facts["campus_gate_node"]}
    assert classes_at(demo_map, facts["campus_gate_node"]) <= {"service", "residential", "living_street"}


def test_lane_without_booth(demo_map, facts):
    """At 梅坞 one of six lanes has no booth, and the seams of its side are called unclear."""
    station = by_id(facts)["meiwu"]
    (bare,) = station["lane_nodes_without_booth"]
    assert bare not in demo_map.node_tags
    assert len(station["booth_nodes"]) == station["lanes"] - 1
    assert set(station["toll_island_seams"]) | set(station["unclear_booths"]) == set(station["booth_nodes"])


def test_station_with_two_names(facts):
    """At 东岗 the booths carry two names and ten lanes."""
    station = by_id(facts)["donggang"]
    assert station["names"] == ["东岗收费站", "高速东岗收费站"]
    assert len(station["booth_nodes"]) == station["lanes"] == 10


def test_station_as_an_area_only(demo_map, facts):
    """At 澄湖 no node is a booth and a building lies over the lanes."""
    station = by_id(facts)["chenghu"]
    assert station["booth_nodes"] == []
    (area,) = station["area_way_ids"]
    nodes, tags = demo_map.ways[area]
    assert nodes[0] == nodes[-1]
    assert tags["barrier"] == "toll_booth"
    lons, lats = zip(*(demo_map.places[n] for n in nodes), strict=True)
    for lane in station["lane_nodes_without_booth"]:
        lon, lat = demo_map.places[lane]
        assert min(lons) < lon < max(lons)
        assert min(lats) < lat < max(lats)


def test_one_booth_at_the_ramp_end(demo_map, facts):
    """At 砚塘 the one booth is the node where ramp and ordinary road meet."""
    (booth,) = by_id(facts)["yantang"]["booth_nodes"]
    assert {"motorway_link", "secondary"} <= classes_at(demo_map, booth)


def test_booths_on_one_way_ramps(demo_map, facts):
    """At 柳汀 each booth stands on its own one-way ramp."""
    for booth in by_id(facts)["liuting"]["booth_nodes"]:
        touching = [tags for nodes, tags in demo_map.ways.values() if booth in nodes]
        assert [(t["highway"], t["oneway"]) for t in touching] == [("motorway_link", "yes")]


def test_main_line_stations_stand_on_the_motorway(demo_map, facts):
    """The booths of 岚东主线 and 北垣 stand on motorway lanes of both carriageways."""
    for key in ("landong", "beiyuan"):
        for booth in by_id(facts)[key]["booth_nodes"]:
            assert classes_at(demo_map, booth) == {"motorway"}


def test_expressway_ends_in_a_trunk_road(demo_map, facts):
    """Beyond 北垣 the motorway turns into a trunk road at one node of each carriageway."""
    assert len(facts["expressway_end_nodes"]) == 2
    for node in facts["expressway_end_nodes"]:
        assert {"motorway", "trunk"} <= classes_at(demo_map, node)


def test_removed_border_station(demo_map, facts):
    """The border station is a building with an old name and carries no booth."""
    (area,) = facts["removed_border_station_way_ids"]
    assert demo_map.ways[area][1]["old_name"] == by_id(facts)["border"]["name"]
    assert by_id(facts)["border"]["booth_nodes"] == []


def test_service_area_has_roads_on_both_sides_and_a_gate(demo_map, facts):
    """The service area has two areas, service roads, and a gate where its road meets a village road."""
    area = facts["service_area"]
    assert len(area["area_way_ids"]) == 2
    assert {demo_map.ways[i][1]["highway"] for i in area["way_ids"]} == {"service"}
    assert demo_map.node_tags[area["gate_node"]]["barrier"] == "gate"
    assert {"service", "unclassified"} <= classes_at(demo_map, area["gate_node"])


def test_labelled_ways_are_what_they_say(demo_map, facts):
    """Fast road, connectors, ferry, islands and doubtful ways have the tags their names promise."""
    tags = {i: way[1] for i, way in demo_map.ways.items()}
    assert all("快速路" in tags[i]["name"] for i in facts["fast_road_way_ids"])
    assert all(tags[i]["highway"] == "trunk_link" for i in facts["fast_road_ramp_way_ids"])
    assert all("连接线" in tags[i]["name"] for i in facts["connector_way_ids"])
    assert [tags[i]["route"] for i in facts["ferry_way_ids"]] == ["ferry"]
    (twin,) = facts["doubtful_way_ids"]["duplicate"]
    same = [i for i, (nodes, _) in demo_map.ways.items() if nodes == demo_map.ways[twin][0]]
    assert len(same) == 2
    (empty,) = facts["doubtful_way_ids"]["zero_length"]
    assert len({demo_map.places[n] for n in demo_map.ways[empty][0]}) == 1
    (wrong,) = facts["doubtful_way_ids"]["wrong_oneway"]
    assert tags[wrong]["oneway"] == "yes"
