from __future__ import annotations

import numpy as np
import pytest

from jurisdiction.agencies import End, Stretch
from jurisdiction.brigades import Why
from jurisdiction.concurrency import ConcurrencyRule, Ruling
from jurisdiction.rules import parse_rules, seam_rules
from jurisdiction.stretches import resolve_stretches
from jurisdiction.tabledoubts import list_concurrencies, list_gaps, list_overlaps, table_findings
from tests.jurisdiction.corridor import BRIGADES, assign, corridor, metres, stakes
from tests.jurisdiction.test_rules import table as rule_table  # noqa: F401 - a fixture

ALL_M = 2 * 0.1 * 111_319.49


def resolve(*stretches, network=None, with_stakes=True):
    """Return network and claims."""
    network = network or corridor()
    return network, resolve_stretches(network, stretches, stakes=stakes()(network) if with_stakes else None)


def codes(cut, expressway, found, agencies=BRIGADES):
    """Return code to finding."""
    return {f.code: f for f in table_findings(cut, expressway, found, agencies=agencies)}


def test_a_gap_is_named_with_route_and_metres():
    """Main line between two stretches that neither claims has no agency and is named with route, stakes and metres."""
    a = Stretch("exp1", "G1", End("", "西区界"), End("K103+000"), id="a")
    b = Stretch("exp2", "G1", End("K104+500"), End("", "东区界"), id="b")
    network, claims = resolve(a, b)
    cut, expressway, found = assign(network, claims)
    gaps = list_gaps(cut, found)
    assert sorted(run.travel for run in gaps) == [-1, 1]
    assert [run.length_mm / 1000 for run in gaps] == pytest.approx([1500, 1500], abs=2)
    assert {(run.from_stake, run.to_stake) for run in gaps} == {("K103+000", "K104+500")}
    assert metres(cut, found, expressway)["none"] == pytest.approx(3000, abs=4)
    finding = codes(cut, expressway, found)["stretch_gap"]
    assert finding.length_m == pytest.approx(3000, abs=4)
    assert "G1 K103+000—K104+500" in finding.message
    document = gaps[0].to_json(cut.network.segment_ids)
    assert document["route"] == "G1"
    assert document["first_segment"] in cut.network.segment_ids


def test_an_overlap_is_named_and_the_first_listed_has_it():
    """Fault 67: metres that two stretches of one route claim go to the one listed first, and are named."""
    a = Stretch("exp1", "G1", End("", "西区界"), End("K105+000"), id="a")
    b = Stretch("exp2", "G1", End("K104+000"), End("", "东区界"), id="b")
    network, claims = resolve(a, b)
    cut, expressway, found = assign(network, claims)
    assert metres(cut, found, expressway)["exp1"] == pytest.approx(10_000, abs=4)
    runs = list_overlaps(cut, found)
    assert sum(run.length_mm for run in runs) == pytest.approx(2_000_000, abs=4000)
    assert {run.agencies for run in runs} == {("exp1", "exp2")}
    finding = codes(cut, expressway, found)["stretch_overlap"]
    assert "exp1/exp2" in finding.message
    turned = assign(network, resolve(b, a, network=network)[1])
    assert metres(turned[0], turned[2], turned[1])["exp2"] == pytest.approx(ALL_M - 8000, abs=4)


def test_two_whole_stretches_of_one_route_overlap():
    """The same route given whole to two brigades is an overlap although it has no axis."""
    network, claims = resolve(Stretch("exp1", "G1", id="a"), Stretch("exp2", "G1", id="b"))
    cut, _, found = assign(network, claims)
    runs = list_overlaps(cut, found)
    assert sum(run.length_mm for run in runs) == pytest.approx(ALL_M * 1000, rel=1e-3)
    assert runs[0].to_json(cut.network.segment_ids)["from_m"] is None
    assert not list_gaps(cut, found)


TWO = (Stretch("exp2", "G0611", id="b"), Stretch("exp1", "G6", id="a"))


@pytest.mark.parametrize(
    ("rule", "agency", "how", "reason"),
    [
        (ConcurrencyRule(), "exp2", "concurrency", "first_listed"),
        (ConcurrencyRule("lower_number"), "exp1", "concurrency", "lower_number"),
        (ConcurrencyRule(rulings={("G0611", "G6"): Ruling("G6", "", "会商商定")}), "exp1", "ruling", "会商商定"),
        (ConcurrencyRule(rulings={("G0611", "G6"): Ruling("", "exp3", "上级指定")}), "exp3", "ruling", "上级指定"),
        (ConcurrencyRule(rulings={("G6", "S1"): Ruling("G6", "", "x")}), "exp2", "concurrency", "first_listed"),
    ],
)
def test_a_concurrency_is_settled_by_rule_or_decision(rule, agency, how, reason):
    """Fault 68: a road of two numbers goes to one brigade by the rule table or by a decision, and says why."""
    network = corridor(ref="G6", east_ref="G6;G0611")
    _, claims = resolve(*TWO, network=network, with_stakes=False)
    cut, expressway, found = assign(network, claims, rule=rule)
    (row,) = list_concurrencies(cut, expressway, found)
    assert row.routes == ("G6", "G0611")
    assert row.agencies == ("exp2", "exp1")
    assert (row.chosen, row.how, row.reason) == ((agency,), how, reason)
    assert row.length_mm == pytest.approx(2 * 0.03 * 111_319.49 * 1000, rel=1e-3)
    assert row.to_json(cut.network.segment_ids)["key"] == "concurrency:G6;G0611"
    told = found.reason(row.pieces[0])
    assert told["agency"] == agency
    assert told["why"] == how
    finding = codes(cut, expressway, found)["concurrency"]
    assert f"→{agency}" in finding.message


def test_the_rule_table_says_how(rule_table):  # noqa: F811 - the fixture
    """The row of the rule table names the rule; an unknown one is refused."""
    assert seam_rules().concurrency == "first_listed"
    rule_table["concurrency"]["several_numbers"]["rule"] = "lower_number"
    assert parse_rules(rule_table).concurrency == "lower_number"
    rule_table["concurrency"]["several_numbers"]["rule"] = "by_lot"
    with pytest.raises(ValueError, match="by_lot"):
        parse_rules(rule_table)


def test_a_route_that_no_table_lists_is_named():
    """An expressway whose number no stretch has goes to the nearest brigade, and the route is named."""
    network = corridor(east_ref="S9")
    _, claims = resolve(Stretch("exp1", "G1"), network=network)
    cut, expressway, found = assign(network, claims)
    finding = codes(cut, expressway, found)["route_without_stretch"]
    assert finding.things == ("S9",)
    assert finding.length_m == pytest.approx(2 * 0.03 * 111_319.49, rel=1e-3)
    assert set(found.agency[expressway].tolist()) == {"exp1"}


def test_roads_beyond_the_border_have_no_agency_and_are_no_gap():
    """What lies beyond a border given with its stake is outside the district: no agency, named once, no gap."""
    ends = End("K101+000", "西区界"), End("K109+000", "东区界")
    network, claims = resolve(Stretch("exp1", "G1", *ends, id="a"))
    cut, expressway, found = assign(network, claims, BRIGADES)
    assert metres(cut, found, expressway)["none"] == pytest.approx(ALL_M - 16_000, abs=5)
    told = codes(cut, expressway, found)
    assert told["outside_district"].length_m == pytest.approx(ALL_M - 16_000, abs=5)
    assert "stretch_gap" not in told


def test_ramps_follow_the_nearest_stretch():
    """A ramp goes to the brigade whose main line it leaves, whatever its number; every piece says why."""
    a = Stretch("exp1", "G1", End("", "西区界"), End("K106+000"), id="a")
    b = Stretch("exp2", "G1", End("K106+000"), End("", "东区界"), id="b")
    network, claims = resolve(a, b)
    cut, expressway, found = assign(network, claims)
    (ramp,) = np.flatnonzero(cut.network.segment_class == 1)
    assert found.agency[ramp] == "exp2"
    assert found.reason(int(ramp))["why"] == "nearest"
    assert {found.reason(k)["why"] for k in np.flatnonzero(~expressway).tolist()} == {"ordinary"}
    assert found.reason(int(np.flatnonzero(found.why == Why.STRETCH)[0]))["stretch"] in {"a", "b"}
