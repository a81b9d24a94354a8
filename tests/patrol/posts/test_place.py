import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from geo.travel import build_travel_graph
from patrol.coverage import Reached, cover
from patrol.posts.compare import compare_posts, lose_units
from patrol.posts.matrix import reach_from
from patrol.posts.medians import time_table
from patrol.posts.place import MODELS, Wish, place_posts, posts_of_units
from patrol.posts.places import Site, find_sites, read_sites
from patrol.units import Unit
from tests.builders import make_network
from tests.roadplay import length_of, play_network, slow_times, stands_on

PRIMARY = {"highway": "primary", "maxspeed": "36"}
ROW = {k: (116 + 0.01 * k, 40.0) for k in range(7)}
seeds = st.integers(0, 100_000)


def row_graph(**closures):
    """Return the graph of seven nodes in a row, 1,000 m and 100 s apart, both ways."""
    ways = [(k, [k, k + 1], PRIMARY) for k in range(6)]
    return build_travel_graph(make_network(ROW, ways, length_m={(k, k + 1): 1000.0 for k in range(6)}), **closures)


def at(*columns, room=1):
    """Return candidate sites at nodes of the row."""
    return [Site(f"P{k}", "point", "", *ROW[k], room) for k in columns]


def play_sites(seed, network, count=4):
    """Return sites inside segments and on nodes."""
    dice = np.random.default_rng(seed)
    sites = []
    for k in range(count):
        line = network.points(int(dice.integers(0, len(network.segments))))
        lon, lat = line[0] if k % 2 else line.mean(axis=0)
        sites.append(Site(f"S{k}", "point", "", float(lon), float(lat)))
    return sites


@settings(max_examples=15)
@given(seed=seeds, limit_s=st.sampled_from([20.0, 60.0, 200.0]))
def test_cover_table_equals_plain_search(seed, limit_s):
    """A piece is covered exactly when a plain search over arcs drives all of it within the limit."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    reach = reach_from(graph, play_sites(seed, network))
    demand = reach.demand(piece_m=700.0)
    table = reach.cover(demand, limit_s)
    for k in range(4):
        tails, starts = slow_times(graph, reach.places, k, rules=True), dict(stands_on(graph, reach.places, k))
        for row in range(len(demand)):
            arc, pace = int(demand.arc[row]), graph.arc_ms[demand.arc[row]] / length_of(graph, int(demand.arc[row]))
            time = tails.get(arc, np.inf) + demand.to_mm[row] * pace / 1000
            if arc in starts and demand.from_mm[row] >= starts[arc] - 0.5:
                time = min(time, (demand.to_mm[row] - starts[arc]) * pace / 1000)
            if abs(time - limit_s) > 0.01 and demand.to_mm[row] - demand.from_mm[row] > 1:
                merged = int(table.row[row])
                assert (merged >= 0 and table.matrix[[merged], [k]][0] > 0) == (time <= limit_s)


@settings(max_examples=30)
@given(seed=seeds)
def test_pieces_tile_the_road(seed):
    """Fault 68: the pieces tile every allowed direction; short ones make no metre more or less."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    reach = reach_from(graph, play_sites(seed, network))
    lengths = set()
    for piece_m in (150.0, 1000.0, np.inf):
        demand = reach.demand(piece_m=piece_m)
        lengths.add(int((demand.to_mm - demand.from_mm).sum()))
        same = demand.arc[1:] == demand.arc[:-1]
        assert (demand.to_mm[:-1] == demand.from_mm[1:])[same].all()
        assert (demand.to_mm > demand.from_mm).all()
        assert (demand.to_mm - demand.from_mm).max() <= max(piece_m * 1000 + 1, 0)
    assert len(lengths) == 1
    assert lengths.pop() == np.repeat(network.segments.length_mm, 2)[graph.arc_ms >= 0].sum()


@settings(max_examples=6)
@given(seed=seeds, limit_s=st.sampled_from([40.0, 150.0]))
def test_short_pieces_agree_with_joint_coverage(seed, limit_s):
    """With pieces of a metre the covered length is that of the exact coverage, less a metre for each place cut."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    sites = play_sites(seed, network)
    units = [Unit(s.id, "local", s.lon, s.lat) for s in sites]
    exact = cover(graph, units, limit_s=limit_s)
    other = Site("other", "point", "", sites[0].lon, sites[0].lat)
    found = place_posts(graph, units, [other], wish=Wish(add=0, limit_s=limit_s, piece_m=1.0))
    reached = (exact.total_mm - exact.length_mm[Reached.NONE]) / 1000
    assert found.total_m == exact.total_mm / 1000
    assert found.covered_m <= reached + 0.01
    assert found.covered_m >= reached - 8 * len(network.segments) - 8


@settings(max_examples=25)
@given(seed=seeds)
def test_time_table_keeps_mean_and_longest(seed):
    """The merged tables give each single site its mean and its longest time over the road it reaches."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    reach = reach_from(graph, play_sites(seed, network))
    demand = reach.demand(piece_m=np.inf)
    base = reach.bases(demand)
    mean, far = (time_table(reach, demand, longest=flag) for flag in (False, True))
    assert mean.weight.sum() + mean.lost_m == pytest.approx(demand.weight.sum())
    for k in range(4):
        ours = np.isfinite(base[:, k])
        middle = base[ours, k] + (demand.from_mm[ours] + demand.to_mm[ours]) / 2 * demand.pace[ours]
        fine = np.isfinite(mean.extra_ms[:, k])
        sum_ = ((mean.quickest_ms + mean.extra_ms[:, k]) * mean.weight)[fine].sum()
        assert sum_ == pytest.approx(float(middle @ demand.weight[ours]), rel=1e-9, abs=1e-3)
        end = (base[ours, k] + demand.to_mm[ours] * demand.pace[ours]).max(initial=0.0)
        known = np.isfinite(far.extra_ms[:, k])
        assert (far.quickest_ms + far.extra_ms[:, k])[known].max(initial=0.0) == pytest.approx(end)
    assert len(mean.weight) <= len(demand)


def test_roads_of_one_junction_merge():
    """Both directions that leave one node make one row of the mean: a row of nodes needs one row a node."""
    reach = reach_from(row_graph(), at(0, 6))
    assert len(time_table(reach, reach.demand(piece_m=np.inf), longest=False).weight) <= 7


def test_one_post_in_the_middle():
    """Maximal covering, p-median and p-center all put the one post in the middle of the row."""
    graph = row_graph()
    for model in ("mclp", "pmedian", "pcenter"):
        found = place_posts(graph, [], at(0, 1, 3, 5, 6), wish=Wish(add=1, limit_s=310), model=model)
        assert [c.site.id for c in found.chosen] == ["P3"]
        assert found.proven
    assert found.objective == pytest.approx(400.0)
    assert place_posts(graph, [], at(0, 3), wish=Wish(add=1, limit_s=310)).covered_m == pytest.approx(10_000.0)


def test_mean_time_by_hand():
    """From an end of the row the mean time to a metre of road, both ways, is 350 s."""
    found = place_posts(row_graph(), [], at(0), wish=Wish(add=1), model="pmedian")
    assert (found.unit, found.objective, found.bound) == ("s", pytest.approx(350.0), pytest.approx(350.0))


def test_posts_of_today_stay():
    """A unit at its post is kept, its road is not covered again, and a unit without a car does not count."""
    graph = row_graph()
    units = [Unit("A", "local", *ROW[1]), Unit("B", "local", *ROW[5], 0)]
    found = place_posts(graph, units, at(1, 5), wish=Wish(add=1, limit_s=210))
    assert [site.id for site in found.kept] == ["A"]
    assert [(c.site.id, c.units) for c in found.chosen] == [("P5", 1)]
    assert [site.id for site in found.posts] == ["A", "P5"]


def test_fixed_and_forbidden_sites():
    """A fixed site gets a unit though another is better; a forbidden one gets none."""
    graph = row_graph()
    for model in ("mclp", "bacop", "mexclp", "pmedian", "pcenter"):
        fixed = place_posts(graph, [], at(0, 3, 6), wish=Wish(add=1, limit_s=310, fixed=("P0",)), model=model)
        assert [c.site.id for c in fixed.chosen] == ["P0"]
        banned = place_posts(graph, [], at(0, 3), wish=Wish(add=1, limit_s=310, forbidden=("P3",)), model=model)
        assert [c.site.id for c in banned.chosen] == ["P0"]


def test_every_model_answers_and_speaks_json():
    """Each model gives chosen, objective, bound and gap in plain JSON, and the greedy answer is no better."""
    for model in MODELS:
        wish = Wish(add=2, limit_s=310, wide_s=700, share=0.5)
        found = place_posts(row_graph(), [], at(0, 1, 3, 5, 6, room=2), wish=wish, model=model)
        document = json.loads(json.dumps(found.to_json(), allow_nan=False))
        assert {"chosen", "objective", "bound", "gap", "greedy", "proven", "unit", "model"} <= set(document)
        assert document["gap"] <= 1e-6
        better = found.objective <= found.greedy if found.unit in {"s", "posts"} else found.objective >= found.greedy
        assert better


def test_fewest_posts_reach_all():
    """Set covering needs two posts for the row at 300 s, and the number is proven."""
    found = place_posts(row_graph(), [], at(0, 1, 3, 5, 6), wish=Wish(limit_s=310), model="lscp")
    assert (found.objective, found.bound, found.unit) == (2, 2, "posts")
    assert found.covered_m == found.total_m


def test_only_the_roads_of_an_agency_count():
    """With an agency, only road where it may work is counted."""
    graph = row_graph()
    owners = ["expressway"] * 3 + ["ordinary"] * 3
    wish = Wish(add=1, limit_s=110, agency="local")
    found = place_posts(graph, [], at(1, 5), wish=wish, owners=owners)
    assert [c.site.id for c in found.chosen] == ["P5"]
    assert found.total_m == 6000.0
    with pytest.raises(InputError, match="no road counts for G6"):
        place_posts(graph, [], at(1), wish=Wish(agency="G6"), owners=["ordinary"] * 6)
    with pytest.raises(InputError, match="owner label"):
        place_posts(graph, [], at(1), wish=Wish(agency="local"))


def test_closed_road_is_lost():
    """Fault 35: a closed road counts and nobody reaches it, in every kind of model."""
    graph = row_graph(closed=[0])
    for model in ("mclp", "pmedian"):
        found = place_posts(graph, [], at(3), wish=Wish(add=1, limit_s=900), model=model)
        assert (found.total_m, found.lost_m) == (12_000.0, 2_000.0)


@pytest.mark.parametrize(
    ("sites", "wish", "options", "problem"),
    [
        ([], Wish(), {}, "no candidate site"),
        (at(1, 1), Wish(), {}, "share the id P1"),
        ([Site("far", "point", "", 110.0, 40.0)], Wish(), {}, "site far at"),
        (at(1), Wish(add=2), {}, "room for 1 more units"),
        (at(1), Wish(add=-1), {}, "cannot be added"),
        (at(1), Wish(limit_s=0), {}, "limit is 0"),
        (at(1), Wish(limit_s=60, wide_s=30), {"model": "dsm"}, "must be longer"),
        (at(1), Wish(fixed=("X",)), {}, "no candidate site X"),
        (at(1), Wish(fixed=("P1",), forbidden=("P1",)), {}, "both fixed and forbidden"),
        (at(1, 2), Wish(add=1, fixed=("P1", "P2")), {}, "only 1 may be added"),
        (at(1), Wish(), {"model": "magic"}, "unknown model"),
    ],
)
def test_inputs_that_place_nothing(sites, wish, options, problem):
    """What cannot be placed is refused in one sentence that says what to do."""
    with pytest.raises(InputError, match=problem):
        place_posts(row_graph(), [], sites, wish=wish, **options)


def test_standards_that_cannot_be_met():
    """Too few units for the double standard is no feasible answer."""
    with pytest.raises(InfeasibleError, match="1 units cannot meet both standards"):
        place_posts(row_graph(), [], at(0, 6), wish=Wish(add=1, limit_s=100, wide_s=650), model="dsm")


def test_candidate_sites_of_a_map():
    """Stations, service areas and weigh stations of a map are found; gates are not; kinds can be chosen."""
    tags = {"amenity": "weighbridge", "name": "青石超限检测站"}
    nodes = {**ROW, 8: (116.0, 40.01, tags), 9: (116.01, 40.01, {"highway": "services", "name": "云栖服务区"})}
    ways = [(k, [k, k + 1], PRIMARY) for k in range(6)]
    network = make_network(nodes, [*ways, (9, [8, 9], PRIMARY)], stations={"n1": [1]})
    found = {(s.kind, s.id, s.name) for s in find_sites(network)}
    assert found == {
        ("station", "n1", "n1"),
        ("weigh_station", "n8", "青石超限检测站"),
        ("service_area", "n9", "云栖服务区"),
    }
    assert [s.id for s in find_sites(network, kinds=["weigh_station"], room=3)] == ["n8"]
    with pytest.raises(InputError, match="no kind of site"):
        find_sites(network, kinds=["pub"])


def test_points_of_the_user(tmp_path):
    """A table of points gives sites with name, room and units; odd cells are named."""
    file = tmp_path / "points.csv"
    file.write_text("id,lon,lat,name,room,units\na,116.0,40.0,东口,2,1\nb,116.01,40.0,,,\n", encoding="utf-8")
    assert read_sites(file) == (
        Site("a", "point", "东口", 116.0, 40.0, 2, 1),
        Site("b", "point", "", 116.01, 40.0),
    )
    file.write_text("id,lon,lat,room\na,116.0,40.0,1.5\n", encoding="utf-8")
    with pytest.raises(InputError, match="whole number"):
        read_sites(file)
    with pytest.raises(ValueError, match="room"):
        Site("a", "point", "", 0.0, 0.0, 1, 2)


def test_two_placements_side_by_side():
    """Moving the post from an end to the middle wins road, gives up the road at the end, and halves the mean."""
    found = compare_posts(
        row_graph(), [Site("A", "post", "", *ROW[0], 1, 1)], [Site("A", "post", "", *ROW[3], 1, 1)], limit_s=210
    )
    assert found.first.covered_m == pytest.approx(4000 - 1000, abs=1000)
    assert found.second.covered_m > found.first.covered_m
    assert found.won_m - found.given_up_m == pytest.approx(found.second.covered_m - found.first.covered_m)
    assert (found.first.mean_s, found.first.longest_s) == (pytest.approx(350), pytest.approx(700, abs=101))
    assert found.second.mean_s == pytest.approx(200)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["first"]["units"] == 1


def test_losing_a_unit():
    """The unit that stands alone is the heavier loss; the only unit leaves road that nobody reaches."""
    graph = row_graph()
    units = [Unit("A", "local", *ROW[0]), Unit("B", "local", *ROW[0]), Unit("C", "exp1", *ROW[6])]
    losses = lose_units(graph, units, limit_s=310)
    assert [loss.unit for loss in losses] == ["C", "A", "B"]
    assert losses[0].lost_m > 0
    assert losses[1].lost_m == losses[1].delay_s == 0
    assert losses[1].single_m > 0
    assert losses[0].delay_s > 0
    alone = lose_units(graph, [Unit("A", "local", *ROW[0])], limit_s=310)[0]
    assert alone.unreachable_m == 12_000.0
    assert json.dumps(alone.to_json(), allow_nan=False)
    with pytest.raises(InputError, match="no candidate site"):
        lose_units(graph, [], limit_s=310)
    assert [site.id for site in posts_of_units(units)] == ["A", "B", "C"]
