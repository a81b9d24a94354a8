from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from patrol.zones import KINDS, LABEL, zone_rules
from tests.patrol.zones.ground import agencies_of, draw, masks_of, owners_of, shape_at, straight

ORDER = ("trunk", "primary", "secondary", "tertiary")
SIX_LANES = {"highway": "motorway", "oneway": "yes", "lanes": "3", "ref": "G15"}


def six_lane_expressway(length_m=2000.0):
    """Return an expressway of six lanes as OSM draws it: two lines 15.75 m apart, the median between them."""
    half = 15.75 / 2
    points = {1: (0, -half), 2: (length_m, -half), 3: (length_m, half), 4: (0, half)}
    return draw(points, [(1, [1, 2], SIX_LANES), (2, [3, 4], SIX_LANES)])


def test_control_edge_of_a_six_lane_expressway(zones_of):
    """The control zone of a six-lane expressway ends 53 to 55 m from the median, on both sides (domain.md §5)."""
    zones = zones_of(six_lane_expressway())
    control = shape_at(zones, "control_zone")
    _, low, _, high = control.bounds
    assert 53 <= high <= 55
    assert low == pytest.approx(-high)
    naive = shapely.box(0, -30, 2000, 30)
    assert shapely.area(shapely.difference(control, naive)) > 0.4 * shapely.area(control)


def test_both_carriageways_make_one_zone_without_the_median(zones_of):
    """Land covers the median, the control zone has one strip on either side and none between the carriageways."""
    zones = zones_of(six_lane_expressway())
    land, control = shape_at(zones, "land"), shape_at(zones, "control_zone")
    assert list(zones.where(kinds={"land"}).ids) == ["zland/w1/1-2"]
    assert shapely.area(land) == pytest.approx(2 * 24.0 * 2000)
    assert shapely.area(control) == pytest.approx(2 * 30 * 2000)
    assert shapely.get_num_geometries(control) == 2


@settings(max_examples=25)
@given(
    st.sampled_from(
        [("G205", "trunk", 20), ("S202", "primary", 15), ("X261", "secondary", 10), ("Y12", "tertiary", 5)]
    ),
    st.integers(50, 5000),
    st.sampled_from(["no", "yes"]),
    st.integers(0, 4),
)
def test_a_straight_road_has_the_exact_area(zones_of, road, length_m, oneway, lanes):
    """Property: land and control zone of a straight road are its length times twice the width, whatever the lanes."""
    ref, highway, control_m = road
    tags = {"highway": highway, "ref": ref, "oneway": oneway, "lanes": str(lanes)}
    zones = zones_of(straight(tags, length_m=length_m), kinds={"land", "control_zone"})
    land, control = zones.drafts
    assert zones.area_m2[0] == pytest.approx(2 * land.group.edge_m * length_m, rel=1e-6)
    assert zones.area_m2[1] == pytest.approx(2 * control_m * length_m, rel=1e-6)
    assert (control.from_m, control.to_m) == (land.group.edge_m, land.group.edge_m + control_m)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(20, 200), st.integers(-70, 70)), min_size=1, max_size=5), st.integers(0, 2))
def test_a_higher_class_never_gives_a_narrower_zone(zones_of, steps, step_up):
    """Property: on the same line a higher class covers all that a lower one does (1 % of the width aside)."""
    xy, angle = [(0.0, 0.0)], 0.0
    for length, turn in steps:
        angle += np.radians(turn)
        xy.append((xy[-1][0] + length * np.cos(angle), xy[-1][1] + length * np.sin(angle)))
    points = {k + 1: place for k, place in enumerate(xy)}
    covers = []
    for highway in (ORDER[step_up], ORDER[step_up + 1]):
        network = draw(points, [(1, list(points), {"highway": highway})])
        zones = zones_of(network, kinds={"land", "control_zone"})
        assert shapely.is_valid(zones.shape).all()
        covers.append(shapely.union_all(zones.shape))
    lost = shapely.difference(covers[1], shapely.buffer(covers[0], 0.5))
    assert shapely.area(lost) < 0.01


def test_every_zone_says_what_it_rests_on(zones_of):
    """Each zone states half width, rule row, source, province, class, owner, area, metres of road and 参考线."""
    zones = zones_of(six_lane_expressway(), province="浙江", kinds={"control_zone"})
    (row,) = zones.to_json()["zones"]
    assert row["id"] == "zcontrol_zone/w1/1-2"
    assert (row["label"], row["province"], row["agency"], row["road_class"]) == (
        LABEL,
        "zhejiang",
        "exp1",
        "expressway",
    )
    assert (row["half_width_m"], row["land_edge_m"]) == (9.125, 16.125)
    assert (row["rule"], row["rule_m"], row["is_law"]) == ("national/control_zone/expressway", 30.0, True)
    assert "第十一条" in row["source"]
    assert row["area_m2"] == pytest.approx(120_000, rel=1e-4)
    assert row["road_m"] == pytest.approx(4000, rel=1e-3)


def test_all_offsets_start_at_the_edge_of_land(zones_of):
    """Each kind lies where its row puts it, from the edge of land or of the control zone, and on no highway land."""
    zones = zones_of(straight({"highway": "trunk", "ref": "G205"}))
    found = {d.kind: (d.from_m, d.to_m) for d in zones.drafts}
    edge = 5.0 + 3.0 + 1.0
    assert found["land"] == (0, edge)
    assert found["control_zone"] == (edge, edge + 20)
    assert found["setback"] == (edge + 20, edge + 70)
    assert found["quarry"] == found["danger"] == (edge, edge + 100)
    assert "visible_range" not in found
    land = shape_at(zones, "land")
    for kind in ("control_zone", "setback", "quarry", "danger"):
        shape = shape_at(zones, kind)
        begin, end = found[kind]
        assert shapely.area(shape) == pytest.approx(2 * (end - begin) * 1000)
        assert shapely.area(shapely.intersection(shape, land)) == pytest.approx(0, abs=1e-6)


def test_county_and_township_roads_differ_in_quarrying(zones_of):
    """Quarrying keeps 100 m from a county road and 50 m from a township road; dangerous goods 100 m from both."""
    zones = {ref: zones_of(straight({"highway": "tertiary", "ref": ref})) for ref in ("X261", "Y12")}
    rows = {(ref, d.kind): d.row.distance_m for ref, made in zones.items() for d in made.drafts}
    assert (rows["X261", "quarry"], rows["Y12", "quarry"]) == (100, 50)
    assert (rows["X261", "danger"], rows["Y12", "danger"]) == (100, 100)


def test_village_roads_only_where_a_province_has_them(zones_of):
    """A village road has no national control zone, and 3 m in Zhejiang; without it a finding says why."""
    network = straight({"highway": "unclassified", "ref": "C123"})
    national, own = zones_of(network), zones_of(network, province="浙江")
    assert "control_zone" not in set(national.kind.tolist())
    assert "zone_village_no_rule" in {f.code for f in national.findings}
    assert own.where(kinds={"control_zone"}).drafts[0].row.id == "zhejiang/control_zone/C"
    assert "zone_village_no_rule" not in {f.code for f in own.findings}


def test_zones_are_split_where_the_owner_changes(zones_of):
    """A straight road of two owners gives two zones that meet squarely and add up to the zone of one owner."""
    network = straight({"highway": "primary", "ref": "S202"}, parts=2)
    whole = zones_of(network, kinds={"control_zone"})
    both = zones_of(network, kinds={"control_zone"}, agency=["local", "exp1"], owner=["ordinary", "expressway"])
    assert both.agency.tolist() == ["local", "exp1"]
    assert whole.area_m2.sum() == pytest.approx(both.area_m2.sum())
    assert both.area_m2[0] == pytest.approx(both.area_m2[1])
    assert shapely.area(shapely.intersection(*both.shape)) == pytest.approx(0, abs=1e-6)


def test_a_bend_between_two_owners_leaves_no_gap(zones_of):
    """Where the owner changes in a bend, the outside of the bend is covered as under one owner."""
    network = draw(
        {1: (0, 0), 2: (400, 0), 3: (400, 400)}, [(k, [k, k + 1], {"highway": "primary", "ref": "S1"}) for k in (1, 2)]
    )
    one = zones_of(network, kinds={"land"})
    two = zones_of(network, kinds={"land"}, agency=["a", "b"])
    lost = shapely.difference(shapely.union_all(one.shape), shapely.union_all(two.shape))
    assert len(two) == 2
    assert shapely.area(lost) < 0.01


def test_a_fork_of_one_road_has_no_notch(zones_of):
    """Three ways of one road that meet are covered all around their node."""
    arms = {1: (0, 0), 2: (-300, 0), 3: (260, 150), 4: (260, -150)}
    network = draw(arms, [(k, [1, k], {"highway": "primary", "ref": "S1"}) for k in (2, 3, 4)])
    zones = zones_of(network, kinds={"land"})
    disc = shapely.buffer(shapely.Point(0, 0), zones.drafts[0].group.edge_m - 0.2)
    assert shape_at(zones, "land").contains(disc)


def test_tunnels_have_no_land(zones_of):
    """A tunnel has no highway land or control zone above it; the open road on either side does."""
    ways = [(1, [1, 2], {}), (2, [2, 3], {"tunnel": "yes"}), (3, [3, 4], {})]
    points = {k + 1: (500.0 * k, 0) for k in range(4)}
    network = draw(points, [(w, p, {"highway": "trunk", "ref": "G205"} | t) for w, p, t in ways])
    zones = zones_of(network)
    assert shapely.area(shape_at(zones, "land")) == pytest.approx(2 * 9 * 1000)
    assert shape_at(zones, "tunnel_quarry").bounds[1] == pytest.approx(-105, abs=0.1)


def test_town_streets_without_a_number_are_marked(zones_of):
    """A class taken from the map is told on the zone and in a finding; yards and lanes get no zone."""
    network = draw(
        {1: (0, 0), 2: (500, 0), 3: (0, 900), 4: (500, 900)},
        [(1, [1, 2], {"highway": "secondary", "name": "中山路"}), (2, [3, 4], {"highway": "residential"})],
    )
    zones = zones_of(network, kinds={"control_zone"})
    assert [(d.group.road, d.group.admin, d.group.basis) for d in zones.drafts] == [("中山路", "X", "map_class")]
    assert {"zone_class_from_map", "zone_no_class"} <= {f.code for f in zones.findings}


def test_urban_fast_roads_and_their_ramps_get_no_zone(zones_of):
    """A motorway that is an urban fast road, and the ramps that serve only it, get no expressway zones."""
    network = draw(
        {1: (0, 0), 2: (900, 0), 3: (1200, 200)},
        [(1, [1, 2], {"highway": "motorway", "name": "环南快速路"}), (2, [2, 3], {"highway": "motorway_link"})],
    )
    zones = zones_of(network, masks=masks_of(network, urban={1}))
    assert len(zones.where(kinds={"land", "control_zone", "visible_range"})) == 0
    assert "zone_urban_fast_road" in {f.code for f in zones.findings}


def test_a_number_alone_makes_no_expressway(zones_of):
    """GB/T 917: an expressway number on an ordinary road is not believed; its map class is used and reported."""
    zones = zones_of(straight({"highway": "trunk", "ref": "G15"}), kinds={"control_zone"})
    assert [(d.group.admin, d.group.basis) for d in zones.drafts] == [("G", "map_class")]


def test_service_area_outline_is_land(zones_of):
    """The outline of a service area counts as highway land, and the control zone begins at its edge."""
    from dataclasses import replace

    from geo.network import Area
    from tests.patrol.zones.ground import degrees

    network = draw(
        {1: (0, 0), 2: (900, 0), 3: (300, 40), 4: (600, 40)},
        [(1, [1, 2], SIX_LANES), (2, [3, 4], {"highway": "service"})],
    )
    ring = np.array([degrees(*p) for p in ((250, 30), (650, 30), (650, 130), (250, 130), (250, 30))])
    network = replace(network, areas=(Area("w9", "services", "云栖服务区", (ring,), {}),))
    zones = zones_of(network, masks=masks_of(network, service={2}), kinds={"land", "control_zone"})
    assert shape_at(zones, "land").contains(shapely.box(260, 40, 640, 120))
    assert shape_at(zones, "control_zone").bounds[3] == pytest.approx(160, abs=0.01)


def test_shuffled_input_gives_the_same_zones(zones_of):
    """Fault 68: nodes and ways in any order give the same ids, areas and outlines."""
    points = {1: (0, 0), 2: (600, 30), 3: (1200, 0), 4: (600, 700), 5: (600, -700), 6: (590, 20), 7: (1300, 500)}
    ways = [
        (1, [1, 2, 3], {"highway": "motorway", "ref": "G15", "bridge": "yes", "layer": "1", "oneway": "yes"}),
        (2, [4, 6, 5], {"highway": "primary", "ref": "S202"}),
        (3, [3, 7], {"highway": "motorway_link"}),
        (4, [5, 3], {"highway": "secondary", "ref": "X261"}),
    ]
    first = zones_of(draw(points, ways))
    again = zones_of(draw(dict(reversed(points.items())), list(reversed(ways))))
    assert first.ids == again.ids
    assert first.rows() == again.rows()
    assert all(shapely.equals_exact(a, b, 1e-6) for a, b in zip(first.shape, again.shape, strict=True))


def test_an_unknown_kind_is_refused(zones_of):
    """A kind that does not exist is refused with the list of those that do."""
    with pytest.raises(InputError, match=r"没有区域类型“moat”.*control_zone"):
        zones_of(straight({"highway": "primary"}), kinds={"moat"})


def test_owners_of_another_network_are_refused(zones_of):
    """Owners that do not fit the segments are refused."""
    with pytest.raises(InputError, match="2 行"):
        zones_of(straight({"highway": "primary"}), agency=["a", "b"])


def test_a_map_without_roads_has_no_zones(zones_of):
    """Fault 36: a map of footpaths and ferries has no zones and does not fail."""
    zones = zones_of(draw({1: (0, 0), 2: (900, 0)}, [(1, [1, 2], {"route": "ferry"})]))
    assert len(zones) == 0
    assert zones.to_json()["zones"] == []
    assert len(zones.to_frame()) == 0


def test_a_segment_without_length_is_passed_over(zones_of):
    """Fault 35: a road whose two ends lie on one point makes no polygon and harms no other."""
    network = draw(
        {1: (0, 0), 2: (0, 0), 3: (500, 0)},
        [(1, [1, 2], {"highway": "primary", "ref": "S1"}), (2, [2, 3], {"highway": "primary", "ref": "S1"})],
    )
    zones = zones_of(network, kinds={"land"})
    assert shapely.area(shape_at(zones, "land")) == pytest.approx(2 * 9 * 500)


def test_a_province_without_rows_is_told(zones_of):
    """The national default of a province without rows of its own is a finding, the nation itself is not."""
    network = straight({"highway": "primary"})
    assert "zone_province_default" in {f.code for f in zones_of(network, province="湖南").findings}
    assert "zone_province_default" not in {f.code for f in zones_of(network).findings}


def test_rules_of_the_user(zones_of):
    """A rule table of the user's own replaces the one that ships."""
    from dataclasses import replace

    from patrol.zones.rules import Row

    rules = zone_rules()
    mine = replace(rules, rows={**rules.rows, ("control_zone", "S"): Row("own", 17, is_law=True, source="县政府公告")})
    zones = zones_of(straight({"highway": "primary", "ref": "S1"}), rules=mine, kinds={"control_zone"})
    assert zones.area_m2[0] == pytest.approx(2 * 17 * 1000)


def test_frame_and_layer_rows(zones_of):
    """The frame has the documented columns in order, WGS-84, one row a zone; kinds keep the order of ``KINDS``."""
    zones = zones_of(six_lane_expressway())
    frame = zones.to_frame()
    assert frame.crs.to_epsg() == 4326
    assert list(frame.columns[:3]) == ["id", "kind", "road"]
    assert frame["id"].is_unique
    assert list(dict.fromkeys(frame["kind"])) == [k for k in KINDS if k in set(frame["kind"])]
    assert zones.on_the_ground_m2()["land"] == pytest.approx(96_000, rel=1e-3)


def test_helpers_agree():
    """The owners and agencies these tests use fit the network they are made for."""
    network = six_lane_expressway()
    assert owners_of(network) == ["expressway"] * 2
    assert agencies_of(network) == ["exp1"] * 2
