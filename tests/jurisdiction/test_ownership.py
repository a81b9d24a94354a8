from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.classes import RoadClass
from geo.errors import InputError
from geo.load import complete
from jurisdiction.choices import Choices
from jurisdiction.mincut import find_labels
from jurisdiction.ownership import EXPRESSWAY, ORDINARY
from jurisdiction.splitting import split
from tests.builders import make_network
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Return an expressway with a plaza of two lanes a side."""
    return expressway_with_ramp().load(tmp_path_factory.mktemp("ownership"))


def test_each_segment_has_one_owner(network):
    """Every segment is expressway or ordinary, as its label says."""
    ownership = split(network)
    assert set(ownership.owner.tolist()) == {EXPRESSWAY, ORDINARY}
    assert ((ownership.owner == EXPRESSWAY) == ownership.expressway).all()


def test_a_seam_explains_itself(network):
    """A seam knows its node, kind, station, price and the segments on either side."""
    seam = split(network).seams[0]
    assert seam.kind == "booth"
    assert seam.station == network.stations[0].id
    assert seam.id == f"s{network.nodes.id[seam.node]}"
    assert seam.price_m == 0.0
    assert seam.margin_m > 0
    assert len(seam.expressway) == len(seam.ordinary) == 1


def test_price_counts_the_smaller_side():
    """A seam's price is that of its junction times the segments on the smaller side."""
    places = {1: (0.0, 0.0), 2: (0.05, 0.0), 3: (0.06, 0.0), 4: (0.05, 0.01), 5: (0.05, -0.01)}
    ways = [(10, [1, 2], {"highway": "motorway"})]
    ways += [(11 + k, [2, 3 + k], {"highway": "primary"}) for k in range(3)]
    (seam,) = split(complete(make_network(places, ways))).seams
    assert (seam.kind, seam.price_m) == ("ramp_end", 50.0)
    assert (len(seam.expressway), len(seam.ordinary)) == (1, 3)


def test_reasons_name_the_votes(network):
    """Each segment's reasons hold its rule, its class points and, where booth-free, its reach; for plain JSON."""
    ownership = split(network)
    cut = ownership.network
    by_way = {int(cut.ways.id[cut.segments.way[k]]): ownership.reasons(k) for k in range(len(cut.segments))}
    votes = [r["vote"] for r in by_way[104]]
    assert votes == ["stub", "class_points", "booth_free_reach"]
    assert [r["vote"] for r in by_way[111]] == ["ordinary", "class_points"]
    assert by_way[101][0]["for"] == "expressway"
    assert by_way[101][0]["evidence_m"] == pytest.approx(3000, rel=0.01)
    assert all(r["source"] for reasons in by_way.values() for r in reasons)


@pytest.mark.parametrize(("decided", "owner"), [(True, "expressway"), (False, "ordinary")])
def test_an_override_decides_its_way(network, decided, owner):
    """A person's word on the class of a road decides its owner."""
    way = 111 if decided else 101
    ownership = split(network, choices=Choices(overrides={way: decided}))
    cut = ownership.network
    mine = cut.ways.id[cut.segments.way] == way
    assert set(ownership.owner[mine].tolist()) == {owner}


def test_an_override_says_why(network):
    """A road whose class a person judged keeps the votes against it, and shows the person's reason."""
    choices = Choices(overrides={111: True}, override_reasons={111: "现场核对"})
    ownership = split(network, choices=choices)
    cut = ownership.network
    row = int((cut.ways.id[cut.segments.way] == 111).argmax())
    told = {vote["vote"]: vote for vote in ownership.reasons(row)}
    assert told["override"] == {
        "vote": "override",
        "for": "expressway",
        "reason": "现场核对",
        "source": "override_class",
    }
    points = told["class_points"]
    assert sum(vote["points"] for vote in points["votes"]) == points["points"]
    assert all(vote["source"] for vote in points["votes"])


def test_unknown_convention(network):
    """An unknown convention is refused, for all stations and for one."""
    with pytest.raises(InputError):
        split(network, "by_dice")
    with pytest.raises(InputError):
        split(network, choices=Choices(by_station={network.stations[0].id: "by_dice"}))


def test_findings_keep_those_of_the_network(network):
    """The findings of a split hold those of the network."""
    assert set(network.findings) <= set(split(network).findings)


def test_a_network_of_one_kind():
    """Ordinary roads alone and an expressway alone have no seam, no leak and one owner."""
    places = {1: (0.0, 0.0), 2: (0.05, 0.0)}
    for highway, owner in (("primary", ORDINARY), ("motorway", EXPRESSWAY)):
        ownership = split(complete(make_network(places, [(10, [1, 2], {"highway": highway})])))
        assert (set(ownership.owner.tolist()), ownership.seams, ownership.leaks) == ({owner}, (), ())


CLASSES = ["motorway", "motorway_link", "trunk", "primary", "residential", "service", "trunk_link"]


@st.composite
def towns(draw):
    """Return a random small town: a grid of nodes, some with booths or gates, joined by random roads."""
    size = draw(st.integers(4, 9))
    tags = st.sampled_from([{}, {}, {}, {"barrier": "toll_booth"}, {"barrier": "gate"}])
    places = {}
    for k in range(1, size + 1):
        spread = 0.0001 * draw(st.integers(1, 60))
        places[k] = (114 + (k % 3) * 0.01 + spread, 22.7 + (k // 3) * 0.01, draw(tags))
    ways = []
    for k in range(draw(st.integers(3, 10))):
        ends = draw(st.lists(st.integers(1, size), min_size=2, max_size=3, unique=True))
        oneway = draw(st.sampled_from(["", "yes", "-1", "no"]))
        ways.append((100 + k, ends, {"highway": draw(st.sampled_from(CLASSES)), "oneway": oneway}))
    return places, ways


@settings(max_examples=60)
@given(towns(), st.sampled_from(["toll_island", "ramp_end"]))
def test_every_metre_has_one_owner_and_every_seam_a_reason(town, convention):
    """Fault 68: on any network the owners' metres add up, and seams are exactly where both meet, with margins of 0 or more."""
    network = complete(make_network(*town))
    ownership = split(network, convention)
    length = ownership.network.segments.length_mm
    assert length.sum() == network.length_mm
    seg, ours = ownership.network.segments, ownership.expressway
    meeting = np.intersect1d(np.union1d(seg.u[ours], seg.v[ours]), np.union1d(seg.u[~ours], seg.v[~ours]))
    assert sorted(s.node for s in ownership.seams) == meeting.tolist()
    assert all(s.margin_m >= 0 and s.expressway and s.ordinary for s in ownership.seams)
    assert find_labels(ownership.energy).tolist() == ours.tolist()


@settings(max_examples=60)
@given(towns(), st.sampled_from(["toll_island", "ramp_end"]), st.integers(0, 2**32))
def test_names_of_nodes_and_ways_do_not_matter(town, convention, seed):
    """Fault 68: relabelled nodes and ways, in any order, have the same owners and seams by place."""
    places, ways = town
    rng = np.random.default_rng(seed)
    nodes = {old: int(new) + 500 for old, new in zip(places, rng.permutation(len(places)), strict=True)}
    names = rng.permutation(len(ways)) + 900
    other = [(int(names[k]), [nodes[n] for n in points], tags) for k, (_, points, tags) in enumerate(ways)]
    other = [other[k] for k in rng.permutation(len(other))]
    first = by_place(split(complete(make_network(places, ways)), convention))
    second = by_place(split(complete(make_network({nodes[n]: p for n, p in places.items()}, other)), convention))
    assert first == second


def by_place(ownership):
    """Return owners and seams by coordinates."""
    network = ownership.network
    rows = range(len(network.segments))
    owners = sorted(
        (network.points(k).tolist(), RoadClass(int(network.segment_class[k])).name, str(ownership.owner[k]))
        for k in rows
    )
    return owners, [(s.lon, s.lat, s.kind, s.margin_m, s.price_m) for s in ownership.seams]
