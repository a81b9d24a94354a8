import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.decisions import Decision
from plan.merge import merge_decisions, settle


def choose(station, convention="ramp_end"):
    return Decision("choose_convention", station, {"convention": convention})


A, B, C = choose("a"), choose("b"), choose("c")


def test_changes_of_different_things_merge():
    """Two people who decided different things both keep their decision."""
    merged = merge_decisions([A], [A, B], [A, C])
    assert {d.key for d in merged.decisions} == {"a", "b", "c"}
    assert merged.conflicts == ()


def test_two_decisions_on_one_key_conflict_and_the_base_stays():
    """Nobody's edit wins unseen: the base stays until a person chooses."""
    mine, theirs = choose("a", "toll_island"), choose("a", "plaza_outer_edge")
    merged = merge_decisions([A], [A, mine], [A, theirs])
    assert merged.decisions == (A,)
    assert (merged.conflicts[0].mine, merged.conflicts[0].theirs) == (mine, theirs)
    assert settle(merged, {A.subject: "theirs"}).decisions == (theirs,)
    assert settle(merged, {A.subject: "mine"}).conflicts == ()


def test_the_same_change_is_one_change():
    """Two people who decided the same do not conflict."""
    assert merge_decisions([], [A], [A]).decisions == (A,)


def test_taking_back_against_changing_conflicts():
    """Undone by one and changed by the other is a conflict, and settling for the undo removes it."""
    merged = merge_decisions([A], [], [A, choose("a", "toll_island")])
    assert merged.conflicts[0].mine is None
    assert settle(merged, {A.subject: "mine"}).decisions == ()


def test_a_choice_must_name_a_conflict_and_a_side():
    """Settling something else is an error of the caller."""
    with pytest.raises(ValueError, match="no conflict"):
        settle(merge_decisions([], [A], [A]), {A.subject: "mine"})


DECISIONS = st.lists(
    st.builds(choose, st.sampled_from("abc"), st.sampled_from(["ramp_end", "toll_island"])), max_size=5
)


@given(DECISIONS, DECISIONS)
def test_merging_with_an_unchanged_side_gives_the_other(base, theirs):
    """A side that changed nothing gives way, whatever the other did."""
    merged = merge_decisions(base, base, theirs)
    last = {d.subject: d for d in theirs}
    assert merged.conflicts == ()
    assert {d.subject: d for d in merged.decisions} == last


@given(DECISIONS, DECISIONS, DECISIONS)
def test_sides_can_be_swapped(base, mine, theirs):
    """The outcome, order apart, does not depend on whose side is called mine."""
    one, two = merge_decisions(base, mine, theirs), merge_decisions(base, theirs, mine)
    assert {d.subject: d for d in one.decisions} == {d.subject: d for d in two.decisions}
    assert [c.subject for c in one.conflicts] == [c.subject for c in two.conflicts]
