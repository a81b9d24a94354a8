import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from plan.decisions import Decision
from plan.history import History, concerns_agency


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
