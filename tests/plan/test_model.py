from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jurisdiction.agencies import DEFAULT_AGENCIES, Agency, Contact
from plan.agencies import agency_from, agency_value
from plan.decisions import Decision
from plan.model import Plan
from tests.builders import make_network
from tests.plan.test_decisions import decisions
from tests.sketches import expressway_with_ramp

EMPTY = make_network({1: (0.0, 0.0), 2: (0.001, 0.0)}, [(10, [1, 2], {"highway": "primary"})])


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan without decisions."""
    return Plan(expressway_with_ramp().load(tmp_path_factory.mktemp("model")), (), "梅坞")


@given(st.lists(decisions, max_size=4), decisions)
def test_undo_after_decide_is_the_same_plan(before, decision):
    """Deciding and undoing gives back the plan as it was, and changes neither."""
    plan = Plan(EMPTY, tuple(before))
    after = plan.decide(decision)
    assert after.undo() == plan
    assert after.decisions == (*before, decision)
    assert plan.decisions == tuple(before)


def test_undo_without_decisions():
    """A plan without decisions stays as it is when undone."""
    assert Plan(EMPTY).undo() == Plan(EMPTY)


@given(st.lists(decisions, max_size=6))
def test_latest_is_the_last_word_on_each_key(made):
    """Of several decisions of one kind on one key the last counts."""
    plan = Plan(EMPTY, tuple(made))
    for kind in {d.kind for d in made}:
        wanted = {d.key: d for d in made if d.kind == kind}
        assert plan.latest(kind) == wanted


def convention(name):
    """Return the decision for every station."""
    return Decision("choose_convention", "*", {"convention": name})


def test_convention(plan):
    """The convention is the last one chosen, ``toll_island`` before any choice."""
    assert plan.convention == "toll_island"
    chosen = plan.decide(convention("ramp_end"))
    assert chosen.convention == "ramp_end"
    assert {s.kind for s in chosen.derived.ownership.seams} == {"ramp_end"}
    assert {s.kind for s in plan.derived.ownership.seams} == {"booth"}


def test_undo_gives_back_the_owners(plan):
    """Owners after decide and undo are the owners before."""
    again = plan.decide(convention("ramp_end")).undo()
    assert again.derived.owner == plan.derived.owner
    assert again.derived.ledger == plan.derived.ledger


def test_override_of_a_class(plan):
    """A decided class moves its metres to the other owner in the ledger."""
    decided = plan.decide(Decision("override_class", "w111", {"class": "expressway"}, why="现场核对"))
    before, after = plan.derived.ledger.of("owner"), decided.derived.ledger.of("owner")
    assert after["expressway"] > before["expressway"]
    assert sum(after.values()) == sum(before.values()) == plan.network.length_mm
    assert decided.decide(Decision("override_class", "w111", {"class": "ordinary"})).derived.owner == plan.derived.owner


def dispute(plan, segments):
    """Return the plan with an open dispute."""
    return plan.decide(Decision("open_dispute", "d1", {"segments": segments}))


def test_an_open_dispute_is_contested(plan):
    """Fault 68: disputed segments are contested until the dispute is closed, and the ledger still adds up."""
    segment = plan.network.segment_ids[0]
    disputed = dispute(plan, [segment])
    assert disputed.derived.owner[0] == "contested"
    ledger = disputed.derived.ledger.of("owner")
    assert ledger["contested"] == int(plan.network.segments.length_mm[0])
    assert sum(ledger.values()) == plan.network.length_mm
    closed = disputed.decide(Decision("close_dispute", "d1"))
    assert closed.open_disputes == ()
    assert closed.derived.owner == plan.derived.owner


@pytest.mark.parametrize(
    "decision",
    [
        Decision("override_class", "w999", {"class": "expressway"}),
        Decision("open_dispute", "d1", {"segments": ["w999/1-2"]}),
        Decision("choose_convention", "n999", {"convention": "ramp_end"}),
        Decision("place_seam", "a", {"segment": "w999/1-2", "offset_m": 1.0}),
    ],
)
def test_decisions_about_what_is_gone(plan, decision):
    """Fault 66: a decision about a road that is no longer on the map is kept, reported and changes nothing."""
    stale = plan.decide(decision)
    (finding,) = [f for f in stale.derived.findings if f.code == "stale_decision"]
    assert finding.severity == "error"
    assert "999" in finding.things[0]
    assert stale.derived.owner == plan.derived.owner
    assert "stale_decision" not in {f.code for f in plan.derived.findings}


def test_agencies_and_routes(plan):
    """Without decisions the two default brigades stand; decided brigades and routes replace them."""
    assert plan.agencies == DEFAULT_AGENCIES
    contacts = (Contact("危化品", "值班室", "0000-0000001"),)
    brigades = (
        Agency("local", "区大队", "local", "普", "东岗", contacts),
        Agency("exp1", "高速一大队", "expressway", "高1"),
        Agency("exp2", "高速二大队", "expressway", "高2"),
    )
    made = plan
    for agency in brigades:
        made = made.decide(Decision("set_agency", agency.id, agency_value(agency)))
    made = made.decide(Decision("set_stretch", "G98", {"agency": "exp2"}))
    assert made.agencies == brigades
    assert set(made.derived.agency) == {"local", "exp2"}
    assert sum(made.derived.ledger.of("agency").values()) == plan.network.length_mm


def test_agency_survives_its_decision():
    """A brigade written into a decision and read back through JSON is equal."""
    agency = Agency("exp1", "高速一大队", "expressway", "高1", "南", (Contact("大件", "值班室", "1"),))
    decision = Decision.from_json(Decision("set_agency", "exp1", agency_value(agency)).to_json())
    assert agency_from(decision.key, decision.value) == agency


def test_whose_desk_uses_the_plan(plan):
    """The desk of a plan answers with the plan's agencies and disputes."""
    place = plan.network.points(0).mean(axis=0)
    assert plan.derived.whose.ask(*place).owner == "expressway"
    assert dispute(plan, [plan.network.segment_ids[0]]).derived.whose.ask(*place).owner == "contested"
