"""Whole real maps: every metre has one owner, and known figures are written down."""

from __future__ import annotations

import numpy as np
import pytest

from geo.load import load_network
from jurisdiction.splitting import split
from plan.model import Plan

TOWNS = {
    # file: segments, length_mm, expressway_mm under toll_island, seams, leaks
    "nanjing-jiangning-s5-2020.osm.bz2": (32, 12_935_548, 6_712_871, 0, 0),
    "nanjing-centre-2021.osm.bz2": (529, 76_211_516, 0, 0, 0),
    "us-harrisburg-2015.osm.pbf": (6450, 927_146_564, 109_020_890, 46, 46),
    "ad-andorra-2026.osm.pbf": (5913, 554_770_377, 0, 0, 0),
    "de-north-bayreuth-2014.osm.gz": (1334, 219_405_139, 27_389_074, 7, 7),
}
KNOWN_DIFFERENCES = {
    "us-harrisburg-2015.osm.pbf": "the free interstates have no station: each of their 46 ramp ends is a leak",
    "de-north-bayreuth-2014.osm.gz": "A 9 and A 70 have no station: each of their 7 ramp ends is a leak",
}
"""Where our answer differs from a tidy toll network, and why; every leak of a town must be explained here."""


@pytest.fixture(scope="module", params=TOWNS)
def town(request, shared_data):
    """Return one town's file name and its network."""
    return request.param, load_network(shared_data / "osm" / request.param)


@pytest.mark.parametrize("convention", ["toll_island", "ramp_end"])
def test_every_metre_has_one_owner(town, convention):
    """Fault 68: under either convention the ledger of a whole town adds up to the millimetre, by every key."""
    name, network = town
    ownership = split(network, convention)
    length = ownership.network.segments.length_mm
    assert int(length[ownership.expressway].sum()) + int(length[~ownership.expressway].sum()) == network.length_mm
    ledger = Plan(network, ()).derived.ledger
    for group in ("owner", "agency", "class", "route"):
        assert sum(ledger.of(group).values()) == network.length_mm == TOWNS[name][1]


def test_known_figures(town):
    """Segments, metres, seams and leaks are those written down, and each town with leaks has its reason."""
    name, network = town
    ownership = split(network)
    ours = int(ownership.network.segments.length_mm[ownership.expressway].sum())
    found = (len(network.segments), network.length_mm, ours, len(ownership.seams), len(ownership.leaks))
    assert found == TOWNS[name]
    assert bool(ownership.leaks) == (name in KNOWN_DIFFERENCES)


def test_expressway_without_a_booth(shared_data):
    """A Chinese expressway without any booth is split without a crash, and the missing station is an error."""
    ownership = split(load_network(shared_data / "osm" / "nanjing-jiangning-s5-2020.osm.bz2"))
    (finding,) = [f for f in ownership.findings if f.code == "no_station"]
    assert finding.severity == "error"
    classes = ownership.network.segment_class[ownership.expressway]
    assert set(classes.tolist()) <= {0, 1}
    main = ownership.network.segment_class == 0
    assert ownership.expressway[main].all()


def test_town_without_an_expressway(shared_data):
    """A town centre without any motorway is ordinary throughout."""
    ownership = split(load_network(shared_data / "osm" / "nanjing-centre-2021.osm.bz2"))
    assert not ownership.expressway.any()


def test_plaza_on_a_trunk_road(shared_data):
    """Andorra's plaza of six lanes is one cluster, and a gate: it separates no expressway."""
    network = load_network(shared_data / "osm" / "ad-andorra-2026.osm.pbf")
    (station,) = network.stations
    assert (len(station.booths), station.lanes, station.kind) == (6, 6, "gate")
    assert not split(network).expressway.any()


def test_main_line_station_of_the_turnpike(shared_data):
    """The two booths across the I 76 are one main-line station and no seam."""
    ownership = split(load_network(shared_data / "osm" / "us-harrisburg-2015.osm.pbf"))
    (station,) = ownership.network.stations
    assert station.kind == "main_line"
    assert not set(station.booths) & {s.node for s in ownership.seams}


def test_seams_lie_where_owners_meet(town):
    """A seam lies at every node where both owners meet, and at no other."""
    _, network = town
    ownership = split(network)
    cut, ours = ownership.network, ownership.expressway
    seg = cut.segments
    inside = np.union1d(seg.u[ours], seg.v[ours])
    outside = np.union1d(seg.u[~ours], seg.v[~ours])
    assert sorted(s.node for s in ownership.seams) == np.intersect1d(inside, outside).tolist()
