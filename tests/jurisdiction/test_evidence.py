from __future__ import annotations

import numpy as np
import pytest

from geo.columns import TextColumn
from geo.load import complete
from jurisdiction.evidence import class_points, collect_evidence, read_numbers
from jurisdiction.rules import seam_rules
from tests.builders import make_network
from tests.sketch import Sketch
from tests.sketches import expressway_with_ramp

PLACES = {k: (k * 0.001, 0.0) for k in range(1, 9)}


def evidence_of(network, *, stubs=True, overrides=None):
    """Collect evidence with or without the stub vote everywhere."""
    votes = np.full(len(network.segments), stubs)
    return collect_evidence(network, seam_rules(), votes, overrides=overrides)


def rules_by_way(network, evidence):
    """Return OSM way id to the names of the rules that vote on it."""
    ways = network.ways.id[network.segments.way]
    names = [evidence.rule_names[k] for k in evidence.rule]
    return {int(w): {n for i, n in zip(ways, names, strict=True) if i == w} for w in set(ways.tolist())}


@pytest.mark.parametrize(
    ("ref", "expressway", "ordinary"),
    [
        ("G15", True, False),
        ("G2", True, False),
        ("S28", True, False),
        ("G0422", True, False),
        ("G4W2", True, False),
        ("G15W", True, False),
        ("G205", False, True),
        ("S101", False, True),
        ("X203", False, True),
        ("Y01", False, True),
        ("C1A2", False, True),
        ("G98;S278", True, True),
        ("G98/S17", True, False),
        ("g98", False, False),
        ("A9", False, False),
        ("G15沈海", False, False),
        ("", False, False),
        ("G12345", False, False),
    ],
)
def test_numbers(ref, expressway, ordinary):
    """GB/T 917-2017: G or S with 1, 2 or 4 digits is an expressway, with 3 an ordinary road; each part counts."""
    found = read_numbers(TextColumn.from_strings([ref]))
    assert tuple(bool(mask[0]) for mask in found) == (expressway, ordinary)


@pytest.mark.parametrize(
    ("tags", "is_expressway"),
    [
        ({"highway": "motorway"}, True),
        ({"highway": "motorway", "ref": "S101"}, True),
        ({"highway": "motorway", "name": "滨江快速路"}, False),
        ({"highway": "motorway", "name": "绕城高速", "ref": "G2503"}, True),
        ({"highway": "motorway", "name": "机场高架", "ref": "S1"}, True),
        ({"highway": "motorway", "name": "滨江大道", "toll": "yes"}, False),
        ({"highway": "trunk", "ref": "G318"}, False),
        ({"highway": "trunk", "name": "沿江高速"}, False),
        ({"highway": "trunk", "name": "沿江高速", "ref": "G98", "toll": "yes"}, True),
        ({"highway": "trunk", "name": "沿江高速连接线", "ref": "G98", "toll": "yes"}, False),
        ({"highway": "trunk", "name": "滨江快速路"}, False),
        ({"highway": "primary", "toll": "yes"}, False),
    ],
)
def test_class_by_vote(tags, is_expressway):
    """Class, name, number and toll vote together on whether a way is an expressway main line."""
    network = make_network(PLACES, [(10, [1, 2], tags)])
    assert (class_points(network, seam_rules())[0] > 0) == is_expressway
    assert evidence_of(network).main_line[0] == is_expressway
    assert evidence_of(network).urban[0] == (tags["highway"] == "motorway" and not is_expressway)


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (None, False)])
def test_a_person_overrides_the_vote(value, expected):
    """What a person decided about a way holds against every vote, and without a decision the vote holds."""
    network = make_network(PLACES, [(10, [1, 2], {"highway": "trunk"}), (11, [2, 3], {"highway": "trunk"})])
    overrides = {} if value is None else {10: value}
    assert evidence_of(network, overrides=overrides).main_line.tolist() == [expected, False]


def test_votes_around_a_station(tmp_path):
    """Inside the booths ramps vote for the expressway, outside them they are stubs; roads vote as their class."""
    network = expressway_with_ramp().load(tmp_path)
    found = rules_by_way(network, evidence_of(network))
    main, ramps, lanes, road = (101, 102), (103, 106), (107, 108, 109, 110), 111
    assert {n for w in main for n in found[w]} == {"motorway"}
    assert {n for w in ramps for n in found[w]} == {"link"}
    assert {n for w in lanes for n in found[w]} == {"link", "stub"}
    assert found[104] == found[105] == {"stub"}
    assert found[road] == {"ordinary"}


def test_without_the_stub_vote_ramps_are_ramps(tmp_path):
    """A convention without the stub vote lets a ramp beyond its booth vote like any ramp."""
    network = expressway_with_ramp().load(tmp_path)
    found = rules_by_way(network, evidence_of(network, stubs=False))
    assert found[104] == found[105] == {"link"}


def test_toll_free_ramps(tmp_path):
    """Without booths a long main line makes its ramps toll-free links, that hardly vote."""
    sketch = expressway_with_ramp()
    sketch.points = {n: (i, x, y, {}) for n, (i, x, y, _) in sketch.points.items()}
    network = sketch.load(tmp_path)
    found = rules_by_way(network, evidence_of(network))
    assert found[103] == found[104] == {"toll_free_link"}
    assert found[101] == {"motorway"}


@pytest.mark.parametrize(("length_m", "rule"), [(1200, "stub"), (1300, "motorway")])
def test_a_stub_has_less_than_2500_m(tmp_path, length_m, rule):
    """A booth-free main line of two carriageways is a stub below 2,500 m in all, and none above."""
    sketch = Sketch().put(a=(0, 0), b=(length_m, 0), c=(length_m, 30), d=(0, 30), e=(length_m + 500, 0))
    sketch.way("a b", "motorway")
    sketch.way("b d", "motorway")
    sketch.way("b e", "trunk")
    network = sketch.load(tmp_path)
    assert rules_by_way(network, evidence_of(network))[101] == {rule}


def test_ramps_of_an_ordinary_road_are_ordinary(tmp_path):
    """Ramps that join ordinary roads only are ordinary, however they are tagged; one inside a booth is not."""
    sketch = Sketch().put(a=(0, 0), b=(500, 0), c=(500, -300), d=(900, -300), e=(900, -600), f=(900, -900))
    sketch.way("a b", "trunk")
    sketch.way("b c", "motorway_link")
    sketch.way("c d", "secondary")
    sketch.way("d e f", "motorway_link", oneway="yes")
    network = sketch.load(tmp_path)
    assert rules_by_way(network, evidence_of(network))[102] == {"ordinary_link"}
    network = sketch.booth("e").load(tmp_path)
    assert rules_by_way(network, evidence_of(network))[104] == {"link", "stub"}


def test_service_roads(tmp_path):
    """A service-area road votes for the expressway, any other service road hardly for ordinary, a toll lane not at all."""
    sketch = expressway_with_ramp()
    sketch.put(p=(-500, 60), q=(-300, 60), z=(0, 900))
    sketch.way("x1 p q", "service", name="青石服务区")
    sketch.way("r z", "service")
    sketch.ways[6] = (107, ["a", "e0", "b"], {"highway": "service", "oneway": "yes"})
    network = sketch.load(tmp_path)
    evidence = evidence_of(network)
    found = rules_by_way(network, evidence)
    assert (found[112], found[113], found[107]) == ({"service_area"}, {"service"}, {"plaza_lane"})
    assert evidence.service_area.sum() == 1


def test_weights_are_metres(tmp_path):
    """A segment's evidence is its length times its rule's weight, in millimetres."""
    network = expressway_with_ramp().load(tmp_path)
    evidence = evidence_of(network)
    weights = np.array([seam_rules().votes[evidence.rule_names[k]].weight for k in evidence.rule])
    assert evidence.weight_mm.tolist() == np.rint(weights * network.segments.length_mm).astype(int).tolist()


def test_a_ferry_is_an_ordinary_road_that_starts_no_reach():
    """A ferry is ordinary, but a ramp that meets nothing else is not reached from it."""
    network = complete(
        make_network(PLACES, [(10, [1, 2], {"route": "ferry"}), (11, [2, 3], {"highway": "motorway_link"})])
    )
    found = rules_by_way(network, evidence_of(network))
    assert found == {10: {"ordinary"}, 11: {"link"}}
