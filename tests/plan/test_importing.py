"""A colleague's plan taken into one's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from plan.agreements import Terms, find_tampering, sign_agreement
from plan.decisions import Decision
from plan.history import Branch, History
from plan.importing import ImportWish, import_plan
from plan.model import Plan
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return expressway_with_ramp().load(tmp_path_factory.mktemp("importing"))


def choose(key, convention):
    return Decision("choose_convention", key, {"convention": convention})


@pytest.fixture
def base(network):
    """Return the plan both started from."""
    return Plan(network, (choose("*", "toll_island"),), "共同")


def test_what_only_they_decided_is_taken(base):
    """New and changed decisions of theirs come in; mine stay."""
    mine = base.decide(choose("a", "ramp_end"))
    theirs = base.decide(choose("b", "ramp_end")).decide(choose("*", "ramp_end"))
    result = import_plan(mine, History.of(mine), theirs)
    assert result.conflicts == ()
    assert result.taken == (("choose_convention", "*"), ("choose_convention", "b"))
    latest = {d.key: d.value["convention"] for d in result.history.decisions}
    assert latest == {"*": "ramp_end", "a": "ramp_end", "b": "ramp_end"}
    assert result.to_json()["merged"] is True


def test_conflicts_are_named_and_mine_stays(base):
    """What both decided differently stays mine, with both values told, until a person chooses."""
    mine, theirs = base.decide(choose("a", "ramp_end")), base.decide(choose("a", "toll_island"))
    history = History.of(mine)
    result = import_plan(mine, history, theirs)
    assert result.history is history
    row = result.to_json()["conflicts"][0]
    assert (row["kind"], row["key"], row["locked"], row["base"]) == ("choose_convention", "a", False, None)
    assert (row["mine"]["value"], row["theirs"]["value"]) == ({"convention": "ramp_end"}, {"convention": "toll_island"})
    subject = ("choose_convention", "a")
    chosen = import_plan(mine, history, theirs, wish=ImportWish({subject: "theirs"}))
    assert chosen.conflicts == ()
    assert chosen.history.decisions[-1] == choose("a", "toll_island")
    assert import_plan(mine, history, theirs, wish=ImportWish({subject: "mine"})).history is history
    with pytest.raises(InputError, match="no such conflict"):
        import_plan(mine, history, theirs, wish=ImportWish({("comment", "x"): "mine"}))


def test_a_lock_is_not_broken_by_an_import(base):
    """What is locked here stays, is named, and cannot be settled by theirs."""
    theirs = base.decide(choose("*", "ramp_end")).decide(choose("b", "ramp_end"))
    history = History.of(base).lock([("choose_convention", "*"), ("choose_convention", "b")])
    result = import_plan(base, history, theirs)
    assert result.history is history
    assert result.locked == {("choose_convention", "*"), ("choose_convention", "b")}
    assert [c.subject[1] for c in result.conflicts] == ["*", "b"]
    assert result.to_json()["conflicts"][0]["locked"] is True
    with pytest.raises(InputError, match="no such conflict"):
        import_plan(base, history, theirs, wish=ImportWish({("choose_convention", "*"): "theirs"}))


def test_their_plan_beside_mine(base):
    """As a branch theirs comes in whole, and mine is untouched."""
    theirs = base.decide(choose("a", "toll_island"))
    result = import_plan(base, History.of(base), theirs, wish=ImportWish(as_branch="同事"))
    assert result.history.current == "同事"
    assert result.history.decisions == theirs.decisions
    assert result.history.branches["main"] == Branch(base.decisions)
    with pytest.raises(InputError, match="branch"):
        import_plan(base, result.history, theirs, wish=ImportWish(as_branch="同事"))


def test_two_chains_are_not_mixed(base):
    """Agreements signed on one side only come in; where both have signed since they parted, theirs is a conflict."""
    theirs = sign_agreement(base, Terms("2号", ("甲", "乙"), "2026-01-01"), when="2026-01-01")
    taken = import_plan(base, History.of(base), theirs)
    assert [d.key for d in taken.history.decisions if d.kind == "sign"] == ["2号"]
    assert find_tampering(Plan(base.network, taken.history.decisions)) == ()
    mine = sign_agreement(base, Terms("1号", ("甲", "乙"), "2026-01-01"), when="2026-01-01")
    result = import_plan(mine, History.of(mine), theirs)
    assert [c.subject for c in result.conflicts] == [("sign", "2号")]
    assert find_tampering(Plan(base.network, result.history.decisions)) == ()


def test_a_plan_of_another_map_is_carried_over_first(base, tmp_path):
    """Decisions made on another map are carried over to this one, and told which no longer fit."""
    sketch = expressway_with_ramp()
    sketch.put(t0=(0, 3000), t1=(900, 3000))
    sketch.way("t0 t1", "tertiary", name="新路")
    other = Plan(sketch.load(tmp_path)).decide(Decision("override_class", "w112", {"class": "expressway"}))
    other = other.decide(choose("*", "ramp_end"))
    result = import_plan(base, History.of(base), other)
    body = result.to_json()["replay"]
    assert (body["kept"], body["stale"]) == (1, 1)
    assert ("override_class", "w112") in result.taken


DECIDED = st.builds(choose, st.sampled_from("abc"), st.sampled_from(["ramp_end", "toll_island", "plaza_outer_edge"]))


@given(st.lists(DECIDED, max_size=4), st.lists(DECIDED, max_size=4), st.sets(st.sampled_from("abc")))
def test_an_import_keeps_mine_locks_and_every_conflict(network, ours, others, locked):
    """Whatever both decided: what is locked or in conflict is as in mine, and a second import changes nothing more."""
    base = (choose("*", "toll_island"),)
    mine, theirs = Plan(network, (*base, *ours)), Plan(network, (*base, *others))
    history = History.of(mine).lock(("choose_convention", key) for key in locked)
    result = import_plan(mine, history, theirs)
    before, after = ({d.subject: d for d in some} for some in (mine.decisions, result.history.decisions))
    for subject in [c.subject for c in result.conflicts] + sorted(history.locks):
        assert before.get(subject) == after.get(subject)
    assert result.history.locks == history.locks
    again = import_plan(Plan(network, result.history.decisions), result.history, theirs)
    assert again.taken == ()
