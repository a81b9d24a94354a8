from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError
from jurisdiction.agencies import Agency, Contact, End, Stretch
from jurisdiction.towns import make_town
from plan.agencies import agency_value, stretch_from, stretch_value, town_value
from plan.decisions import Decision
from plan.demo import demo_plan
from plan.model import Plan
from plan.rebalance import Wish, decide_split, expressway_agencies, propose_split
from plan.stakes import stakes_value
from tests.builders import make_network
from tests.jurisdiction.corridor import BRIGADES, DEGREE_M, corridor
from tests.sketches import expressway_with_ramp

WHOLE_MM = 2 * round(0.1 * DEGREE_M * 1000)


def stake_decision(route="G1"):
    """Return the decision that gives the route of the corridor its stakes."""
    from geo.stakes import Direction
    from geo.staketable import make_stake_table

    rows = [
        (route, way, (100 + k) * 1_000_000, k * 1000 / DEGREE_M, lat)
        for way, lat in ((Direction.UP, 0.0), (Direction.DOWN, 0.0003))
        for k in range(12)
    ]
    return Decision("set_stakes", route, stakes_value(make_stake_table(rows)))


def brigades(plan, agencies=BRIGADES):
    """Return the plan with brigades decided."""
    for agency in agencies:
        plan = plan.decide(Decision("set_agency", agency.id, agency_value(agency)))
    return plan


@pytest.fixture(scope="module")
def plan():
    """Return the corridor with two expressway brigades and a stake table."""
    return brigades(Plan(corridor())).decide(stake_decision())


def codes(plan):
    """Return code to finding."""
    return {f.code: f for f in plan.derived.findings}


def stretch(key, agency, start, end, **more):
    """Return a decision on a stretch."""
    return Decision("set_stretch", key, {"agency": agency, "route": "G1", "from": start, "to": end} | more)


def total(plan, group):
    """Return key to millimetres, checked against the network."""
    found = plan.derived.ledger.of(group)
    assert sum(found.values()) == plan.network.length_mm
    return found


@pytest.mark.parametrize(
    "made",
    [
        Stretch("exp1", "G98", id="G98"),
        Stretch("exp1", "G98", End("K1+000", "东区界"), End("", "甲互通"), "上行", "a", "x"),
        Stretch("exp1", "G98", End(place=(118.5, 31.5)), End("K1+000"), "", "a"),
        Stretch("exp1", "G98", End(), End("", "乙收费站"), "", "a"),
    ],
)
def test_a_stretch_survives_its_decision(made):
    """A stretch comes back from the decision that makes it; the old form is the whole route of its key."""
    decision = Decision.from_json(Decision("set_stretch", made.name, stretch_value(made)).to_json())
    assert stretch_from(decision.key, decision.value) == made
    assert stretch_from("G98", {"agency": "exp1"}) == Stretch("exp1", "G98", id="G98")


def test_stretches_cut_the_plan_inside_segments(plan):
    """Two stretches that meet at a stake share both carriageways there, and the ledger stays exact."""
    made = plan.decide(stretch("a", "exp1", "西区界", "K104+500")).decide(stretch("b", "exp2", "K104+500", "东区界"))
    found = total(made, "agency")
    assert len(made.derived.network.segments) == len(plan.network.segments) + 2
    assert found["exp1"] == pytest.approx(2 * 4_500_000, abs=4000)
    assert found["exp1"] + found["exp2"] + found["local"] == made.network.length_mm
    row = made.derived.agency.index("exp1")
    assert made.derived.reasons(row)[-1] == {"vote": "agency", "why": "stretch", "agency": "exp1", "stretch": "a"}
    assert {s.id for s in made.derived.ownership.seams} == {s.id for s in plan.derived.ownership.seams}


def test_the_old_form_takes_whole_routes(plan):
    """A decision keyed by the route without ends gives the brigade the whole route."""
    made = plan.decide(Decision("set_stretch", "G1", {"agency": "exp2"}))
    assert total(made, "agency").get("exp1", 0) == 0


def test_a_gap_is_nobodys(plan):
    """Metres that no stretch of the table claims are nobody's in owner, agency and state, and named."""
    made = plan.decide(stretch("a", "exp1", "西区界", "K103+000")).decide(stretch("b", "exp2", "K104+000", "东区界"))
    for group in ("owner", "agency", "state"):
        assert total(made, group)["none"] == pytest.approx(2_000_000, abs=4000)
    assert codes(made)["stretch_gap"].length_m == pytest.approx(2000, abs=4)
    assert "none" in made.derived.holder


def test_concurrency_by_decision():
    """A decision keyed by the concurrency gives the shared road to one route's brigade, with its reason."""
    plan = brigades(Plan(corridor(ref="G6", east_ref="G6;G0611")))
    plan = plan.decide(Decision("set_stretch", "G6", {"agency": "exp1"}))
    plan = plan.decide(Decision("set_stretch", "G0611", {"agency": "exp2"}))
    assert total(plan, "agency").get("exp2", 0) == 0
    ruled = plan.decide(Decision("set_stretch", "concurrency:G6;G0611", {"route": "G0611"}, why="会商商定"))
    assert total(ruled, "agency")["exp2"] > 0
    row = ruled.derived.agency.index("exp2")
    assert ruled.derived.reasons(row)[-1]["reason"] == "会商商定"
    assert len(ruled.stretches) == 2


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision("set_stretch", "G77", {"agency": "exp1"}), "stretch_off_map"),
        (stretch("a", "exp1", "K500+000", "K600+000"), "stretch_empty"),
        (stretch("a", "exp1", "丙互通", "K103+000"), "stretch_end_unknown"),
        (stretch("a", "exp1", {"lon": "x", "lat": 1}, "K103+000"), "stretch_end_unknown"),
        (stretch("a", "exp9", "西区界", "东区界"), "unknown_agency"),
        (stretch("a", "exp1", "K099+000", "K103+000"), "stake_outside_route"),
        (Decision("set_handover", "s999", {"status": "pending"}), "handover_off_map"),
        (Decision("set_town", "t", {"name": "镇", "rings": [[[0, 0], [1, 1], [0, 0], [1, 1]]]}), "outline_refused"),
        (Decision("set_town", "t", {"rings": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}), "outline_mended"),
    ],
)
def test_bad_decisions_are_findings(plan, decision, code):
    """Faults 66 and 67: what a decision names wrongly is a sentence and a finding; it is kept, and the ledger adds up."""
    made = plan.decide(decision)
    assert codes(made)[code].message
    assert decision in made.decisions
    for group in ("owner", "state", "agency", "town"):
        total(made, group)


def test_missing_contacts_are_named_of_decided_agencies_only(plan):
    """Brigades of the plan without contact offices are named; the two default ones are not."""
    assert codes(plan)["contact_missing"].count == 18
    assert "contact_missing" not in codes(Plan(corridor()))
    full = Agency("local", "区大队", "local", "普", "", tuple(Contact(c, "班", "1") for c in "abc"))
    assert codes(plan.decide(Decision("set_agency", "local", agency_value(full))))["contact_missing"].count == 18


def ring(west, east):
    """Return a ring between two meridians."""
    return [[west, -1], [east, -1], [east, 1], [west, 1], [west, -1]]


def test_ordinary_roads_follow_outlines_that_name_agencies(plan):
    """Ordinary roads go to the agency of their town; those outside every outline have none, keep their owner, are named."""
    town, _ = make_town("t1", "甲镇", [ring(0.0, 0.05)], agency="local")
    made = plan.decide(Decision("set_town", "t1", town_value(town)))
    owners = total(made, "owner")
    assert owners == total(plan, "owner")
    assert total(made, "agency")["none"] == owners["ordinary"]
    assert codes(made)["outside_district"].length_m == pytest.approx(owners["ordinary"] / 1000)
    assert total(made, "town")["甲镇"] > 0
    wide, _ = make_town("t1", "甲镇", [ring(0.0, 0.2)], agency="local2")
    moved = made.decide(Decision("set_town", "t1", town_value(wide)))
    assert total(moved, "agency")["local2"] == owners["ordinary"]
    assert codes(moved)["unknown_agency"].things == ("甲镇",)


def test_the_outline_of_an_agency_is_its_district(plan):
    """An agency's own outline gives it the ordinary roads inside; a town without agency only names."""
    value = agency_value(Agency("local", "区大队", "local", "普")) | {"rings": [ring(0.0, 0.2)]}
    made = plan.decide(Decision("set_agency", "local", value))
    assert total(made, "agency")["local"] == total(plan, "owner")["ordinary"]
    town, _ = make_town("t1", "甲镇", [ring(0.0, 0.05)])
    named = plan.decide(Decision("set_town", "t1", town_value(town)))
    assert total(named, "agency") == total(plan, "agency")


def test_handover_of_seam_stretch_and_segments(tmp_path):
    """Pending metres of a seam's connector, a stretch or named segments count as pending until the handover is done."""
    plan = brigades(Plan(expressway_with_ramp().load(tmp_path)))
    assert total(plan, "state")["pending_handover"] == 0
    seam = plan.derived.ownership.seams[0]
    pending = plan.decide(Decision("set_handover", seam.id, {"status": "pending"}))
    ramp = total(pending, "state")["pending_handover"]
    rows = [k for k, s in enumerate(pending.derived.settlement.state) if s == "pending_handover"]
    assert ramp > 0
    assert {pending.derived.owner[k] for k in rows} == {"ordinary"}
    assert all(pending.derived.network.text("highway", k) == "motorway_link" for k in rows)
    assert (
        total(pending.decide(Decision("set_handover", seam.id, {"status": "done"})), "state")["pending_handover"] == 0
    )
    named = plan.network.segment_ids[:2]
    some = plan.decide(Decision("set_handover", "h1", {"segments": list(named), "status": "pending"}))
    assert total(some, "state")["pending_handover"] == int(plan.network.segments.length_mm[:2].sum())
    route = plan.decide(Decision("set_stretch", "G98", {"agency": "exp1"}))
    whole = route.decide(Decision("set_handover", "stretch:G98", {"status": "pending"}))
    assert total(whole, "state")["pending_handover"] == pytest.approx(12_000_000, rel=3e-3)
    contested = some.decide(Decision("open_dispute", "d", {"segments": [named[0]]}))
    assert total(contested, "state")["contested"] == int(plan.network.segments.length_mm[0])


def test_handover_where_the_seam_meets_an_ordinary_road_at_once(tmp_path):
    """Under ``ramp_end`` the seam lies on the ordinary road: the pieces of that road at the seam are meant."""
    plan = Plan(expressway_with_ramp().load(tmp_path)).decide(
        Decision("choose_convention", "*", {"convention": "ramp_end"})
    )
    seam = plan.derived.ownership.seams[0]
    made = plan.decide(Decision("set_handover", "h", {"seam": seam.id, "status": "pending"}))
    rows = [k for k, s in enumerate(made.derived.settlement.state) if s == "pending_handover"]
    assert sorted(rows) == sorted(seam.ordinary)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["exp1", "exp2"]), st.integers(0, 115), st.integers(0, 115), st.sampled_from(["", "上行"])
        ),
        max_size=5,
    )
)
def test_any_table_leaves_the_ledger_exact(rows):
    """Fault 68: whatever stretches a table lists, every group adds up to the millimetre and each metre counts once."""
    made = brigades(Plan(CORRIDOR)).decide(STAKES)
    for k, (agency, a, b, way) in enumerate(rows):
        stakes = [f"K{100 + h // 10}+{h % 10}00" for h in (a, b)]
        made = made.decide(stretch(f"s{k}", agency, *stakes, direction=way))
    for group in ("owner", "state", "agency", "class", "route", "town"):
        total(made, group)


CORRIDOR = corridor()
STAKES = stake_decision()


@pytest.fixture(scope="module")
def split_plan(plan):
    """Return the corridor in two uneven stretches."""
    return plan.decide(stretch("a", "exp1", "西区界", "K108+000")).decide(stretch("b", "exp2", "K108+000", "东区界"))


@pytest.mark.parametrize("fresh", [True, False])
def test_a_balanced_split_holds_after_it_is_decided(split_plan, fresh):
    """The proposed split is balanced to one per cent, and the plan that decides it has these loads, gap-free."""
    names = expressway_agencies(split_plan, 2)
    proposal = propose_split(split_plan, Wish(names, fresh=fresh))
    document = proposal.to_json()
    assert document["balanced"]
    assert all(document["contiguous"].values())
    after = decide_split(split_plan, proposal, why="均衡")
    found = total(after, "agency")
    for name in names:
        assert found[name] / 1000 == pytest.approx(document["load"][name], rel=0.01)
    assert not {"stretch_gap", "stretch_overlap"} & set(codes(after))
    assert document["moved_m"] == pytest.approx(sum(r["length_m"] for r in document["moved"]))
    if not fresh:
        (run,) = document["moved"]
        assert (run["route"], run["from"], run["to"]) == ("G1", "exp1", "exp2")
        assert document["moved_m"] == pytest.approx(2 * 2440, abs=250)
    again = propose_split(split_plan, Wish(names, fresh=fresh)).to_json()
    assert again == document


def test_new_brigades_are_made(split_plan):
    """A split among more brigades than there are makes new ones, and says which contacts they lack."""
    names = expressway_agencies(split_plan, 3)
    assert names == ("exp1", "exp2", "exp3")
    after = decide_split(split_plan, propose_split(split_plan, Wish(names, fresh=True)))
    assert {a.id for a in after.agencies} == {"local", *names}
    assert total(after, "agency")["exp3"] > 0
    bare = Plan(split_plan.network)
    made = decide_split(bare, propose_split(bare, Wish(expressway_agencies(bare, 2), fresh=True)))
    assert {a.kind for a in made.agencies} == {"local", "expressway"}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(("exp1", "exp1")), "twice"),
        (Wish(("exp1", "local")), "local"),
        (Wish(("exp1",), by="luck"), "length"),
        (Wish(("exp1", "exp2"), by="cases"), "cases"),
    ],
)
def test_a_bad_wish_is_one_sentence(split_plan, wish, words):
    """A brigade named twice, the district's, unknown work, or cases without cases are refused in a sentence."""
    with pytest.raises(ValueError, match=words):
        propose_split(split_plan, wish)


def test_without_expressway_there_is_nothing_to_split():
    """A map without expressway is no feasible question."""
    network = make_network({1: (0.0, 0.0), 2: (0.001, 0.0)}, [(10, [1, 2], {"highway": "primary"})])
    with pytest.raises(InfeasibleError, match="no expressway"):
        propose_split(Plan(network), Wish(("exp1",)))


def test_work_by_lanes_and_by_cases():
    """Work may be lane-metres or cases; borders of the district stay where the table has them."""
    from data.demo import table_path
    from plan.options import read_cases

    plan = demo_plan()
    cases = read_cases(table_path("cases.csv"))
    for by, given_cases in (("lane", ()), ("cases", cases)):
        proposal = propose_split(plan, Wish(("exp1", "exp2"), by=by), cases=given_cases)
        assert proposal.split.load.sum() > 0
        after = decide_split(plan, proposal)
        assert total(after, "agency")["none"] == total(plan, "agency")["none"]
