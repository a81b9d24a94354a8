from __future__ import annotations

import numpy as np
import pytest

from jurisdiction.choices import Choices, spread_conventions
from jurisdiction.evidence import collect_evidence
from jurisdiction.prices import JunctionKind, near_booths, price_junctions
from jurisdiction.rules import seam_rules
from tests.builders import make_network
from tests.sketch import Sketch
from tests.sketches import expressway_with_ramp

RULES = seam_rules()


def priced(sketch: Sketch, folder, convention: str = "toll_island"):
    """Return point name to ``(kind, metres)``."""
    network = sketch.load(folder)
    field = spread_conventions(network, Choices(convention), RULES)
    evidence = collect_evidence(network, RULES, field.stub_votes(network))
    prices = price_junctions(network, evidence, field, rules=RULES)
    assert (prices.price % 10 == 0).all()
    return {
        sketch.name(int(network.nodes.id[k])): (JunctionKind(prices.kind[k]).label, int(prices.price[k]) // 10)
        for k in range(len(network.nodes))
    }


@pytest.mark.parametrize(
    ("convention", "booth", "ramp_end"), [("toll_island", 0, 50), ("ramp_end", 50, 0), ("plaza_outer_edge", 0, 50)]
)
def test_prices_of_a_station(tmp_path, convention, booth, ramp_end):
    """Booths, ramp ends and nodes elsewhere are priced by the row of the convention."""
    found = priced(expressway_with_ramp(), tmp_path, convention)
    assert found["e0"] == found["f1"] == ("booth", booth)
    assert found["r"] == ("ramp_end", ramp_end)
    assert found["x1"] == ("junction", 200)


@pytest.mark.parametrize(("length_m", "kind"), [(55, "plaza"), (65, "junction")])
def test_plaza_is_sixty_metres(tmp_path, length_m, kind):
    """A node 55 m by road from a booth is a plaza node, one 65 m away is not."""
    sketch = Sketch().put(a=(0, 0), b=(1000, 0), p=(1000, -300), c=(1000, -300 - length_m), d=(1000, -900), e=(0, -900))
    sketch.way("a b", "motorway")
    sketch.way("b p c", "motorway_link")
    sketch.way("c d", "motorway_link")
    sketch.way("d e", "primary")
    assert priced(sketch.booth("p"), tmp_path)["c"][0] == kind


def test_booth_on_a_ramp_end_costs_the_less_of_both(tmp_path):
    """A booth on the very node where ramp and road meet costs nothing under either convention."""
    sketch = expressway_with_ramp().booth("r")
    assert priced(sketch, tmp_path)["r"] == ("booth", 0)
    assert priced(sketch, tmp_path, "ramp_end")["r"] == ("booth", 0)


def test_gate_costs_little(tmp_path):
    """A gate on a road costs five metres, also where a ramp meets the road."""
    sketch = expressway_with_ramp()
    sketch.tag("o0", {"barrier": "gate"})
    assert priced(sketch, tmp_path)["o0"] == ("gate", 5)


def test_a_campus_booth_is_but_a_gate(tmp_path):
    """A booth that belongs to no toll station is priced as a gate."""
    sketch = expressway_with_ramp()
    sketch.put(g=(-2000, 900), h=(-2000, 1200))
    sketch.way("o0 g h", "service")
    assert priced(sketch.booth("g"), tmp_path)["g"] == ("gate", 5)


def test_merge_of_an_inside_and_an_outside_ramp(tmp_path):
    """Where an inside ramp joins a stub before the booth, a seam costs as much as at a ramp end."""
    sketch = expressway_with_ramp()
    sketch.put(k=(550, 390), n=(2500, 15))
    sketch.ways[0] = (101, ["n0", "x1", "n", "n1"], sketch.ways[0][2])
    sketch.ways[4] = (105, ["r", "k", "d"], sketch.ways[4][2])
    sketch.way("n k", "motorway_link", oneway="yes")
    assert priced(sketch, tmp_path)["k"] == ("junction", 50)
    assert priced(sketch, tmp_path, "ramp_end")["k"] == ("junction", 200)


def test_no_booth_no_plaza():
    """Without booths nothing is near one."""
    network = make_network({1: (0.0, 0.0), 2: (0.001, 0.0)}, [(10, [1, 2], {"highway": "motorway"})])
    assert not near_booths(network, np.zeros(2, dtype=bool), 60).any()
