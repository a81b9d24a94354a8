import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from plan.decisions import Decision
from plan.disputes import contested_mm
from plan.history import History, concerns_agency
from plan.importing import import_plan
from plan.model import Plan
from tests.sketches import expressway_with_ramp


def choose(station, convention="ramp_end"):
    return Decision("choose_convention", station, {"convention": convention})


def test_undo_after_decide_is_identity():
    """Undo brings back exactly the decisions before."""
    history = History().decide(choose("a"))
    assert history.decide(choose("b")).undo().decisions == history.decisions


def test_redo_after_undo_is_identity():
    """Redo brings back what undo took, where it stood."""
    history = History().decide(choose("a")).decide(choose("b"))
    assert history.undo().undo().redo().redo().decisions == history.decisions


def test_undo_steps_over_what_is_locked():
    """Undo takes back the last decision that is not locked and leaves the locked one in force."""
    history = History().decide(choose("a")).decide(choose("b")).lock([("choose_convention", "b")])
    assert [d.key for d in history.undo().decisions] == ["b"]
    assert history.undo_steps == 1


def test_a_locked_subject_takes_no_new_decision():
    """What is locked cannot be decided anew until it is unlocked."""
    history = History().decide(choose("a")).lock_all()
    with pytest.raises(InputError, match="locked"):
        history.decide(choose("a", "toll_island"))
    assert history.unlock([("choose_convention", "a")]).decide(choose("a", "toll_island")).undo_steps == 2


def test_branches_do_not_touch_each_other():
    """A decision on a branch leaves the branch it came from as it was."""
    history = History().decide(choose("a")).start_branch("what-if").decide(choose("b"))
    assert [d.key for d in history.switch("main").decisions] == ["a"]
    assert [d.key for d in history.switch("main").switch("what-if").decisions] == ["a", "b"]


@pytest.mark.parametrize("name", ["", "main", "  "])
def test_a_branch_needs_a_name_of_its_own(name):
    """An empty or taken name is refused."""
    with pytest.raises(InputError, match="branch"):
        History().start_branch(name)


def test_an_unknown_branch_is_refused():
    """Nobody switches to a branch that does not exist."""
    with pytest.raises(InputError, match="branch"):
        History().switch("gone")


def test_an_unknown_current_branch_cannot_be_made():
    """A history cannot stand on a branch it does not have."""
    with pytest.raises(ValueError, match="branch"):
        History(current="gone")


def test_lock_by_agency_locks_what_concerns_it():
    """An agency's own entry, its stretches and its units are locked, another agency's are not."""
    mine = [
        Decision("set_agency", "exp1", {"name": "a", "kind": "expressway", "letter": "高1"}),
        Decision("set_stretch", "G98", {"agency": "exp1"}),
    ]
    other = Decision("set_stretch", "S101", {"agency": "exp2"})
    history = History()
    for decision in (*mine, other):
        history = history.decide(decision)
    assert history.lock_agency("exp1").locks == {d.subject for d in mine}
    assert not concerns_agency(other, "exp1")


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.sampled_from("abc")),
        st.tuples(st.just("lock"), st.sampled_from("abc")),
        st.tuples(st.just("unlock"), st.sampled_from("abc")),
        st.sampled_from([("undo", ""), ("redo", "")]),
    ),
    max_size=25,
)


@given(ACTIONS)
def test_no_sequence_breaks_a_lock(actions):
    """Whatever is decided, undone, redone and locked: a locked subject keeps its decisions."""
    history = History()
    for action, key in actions:
        locked = [d for d in history.decisions if d.subject in history.locks]
        if action == "decide" and ("choose_convention", key) not in history.locks:
            history = history.decide(choose(key))
        elif action == "lock":
            history = history.lock([("choose_convention", key)])
        elif action == "unlock":
            history = history.unlock([("choose_convention", key)])
            continue
        elif action in {"undo", "redo"}:
            history = getattr(history, action)()
        assert [d for d in history.decisions if d.subject in history.locks and d in locked] == locked


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return expressway_with_ramp().load(tmp_path_factory.mktemp("history"))


KEYS = ("*", "x")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(KEYS), st.sampled_from(["ramp_end", "toll_island"])),
        st.tuples(st.just("dispute"), st.integers(0, 20), st.booleans()),
        st.tuples(st.just("lock"), st.sampled_from(KEYS)),
        st.tuples(st.just("unlock"), st.sampled_from(KEYS)),
        st.tuples(st.just("undo")),
        st.tuples(st.just("redo")),
        st.tuples(st.just("branch"), st.sampled_from(["main", "甲", "乙"])),
        st.tuples(st.just("merge"), st.sampled_from(["main", "甲", "乙"])),
    ),
    max_size=14,
)


def take(history, step, plan):
    """Return the history after one step; what a lock forbids leaves it as it was."""
    kind, *more = step
    if kind == "edit":
        try:
            return history.decide(choose(*more))
        except InputError:
            return history
    if kind == "dispute":
        segment = plan.network.segment_ids[more[0] % len(plan.network.segments)]
        value = {"segments": [segment]} | ({"parts": {segment: [5.0, 40.0]}} if more[1] else {})
        return history.decide(Decision("open_dispute", f"d{more[0]}", value))
    if kind in {"lock", "unlock"}:
        return getattr(history, kind)([("choose_convention", more[0])])
    if kind == "branch":
        return history.switch(more[0]) if more[0] in history.branches else history.start_branch(more[0])
    if kind == "merge":
        if more[0] not in history.branches:
            return history
        return import_plan(history.apply(plan), history, history.switch(more[0]).apply(plan)).history
    return getattr(history, kind)()


@settings(max_examples=40)
@given(STEPS)
def test_any_sequence_keeps_locks_and_totals(network, steps):
    """Edit, lock, undo, redo, branch and merge in any order: locked decisions stand on every branch, totals are fresh."""
    plan, history = Plan(network), History()
    for step in steps:
        after = take(history, step, plan)
        if step[0] not in {"lock", "unlock"}:
            assert after.locks == history.locks
            for name, branch in history.branches.items():
                held = [d for d in branch.done if d.subject in history.locks]
                assert [d for d in after.branches[name].done if d.subject in history.locks] == held
        history = after
    derived = history.apply(plan).derived
    fresh = Plan(network, history.decisions).derived
    assert derived.ledger.rows == fresh.ledger.rows
    assert sum(derived.ledger.of("owner").values()) == network.length_mm
    assert derived.ledger.of("owner")["contested"] == contested_mm(Plan(network, history.decisions))


def test_histories_are_the_same_when_nothing_would_be_lost():
    """Undone decisions alone make no difference; decisions, branches and locks do."""
    history = History().decide(choose("a"))
    assert history.decide(choose("b")).undo().is_same(history)
    assert not history.is_same(History())
    assert not history.is_same(history.lock_all())
    assert not history.is_same(history.start_branch("x"))
