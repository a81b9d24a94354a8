from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from plan.decisions import DECISION_VERSION, KIND_KEYS, Decision

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
decisions = st.builds(
    Decision,
    st.sampled_from(sorted(KIND_KEYS)),
    st.text(min_size=1, max_size=9),
    st.dictionaries(st.text(max_size=6), values, max_size=4),
    who=st.text(max_size=6),
    when=st.sampled_from(["", "2026-11-25"]),
    why=st.text(max_size=20),
)


@given(decisions)
def test_round_trip(decision):
    """A decision written as JSON and read back is equal, and its text is canonical."""
    text = decision.to_json()
    again = Decision.from_json(text)
    assert again == decision
    assert again.to_json() == text
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_the_kinds_of_the_design_are_all_there():
    """Every kind of decision the design names can be made."""
    named = (
        "override_class place_seam choose_convention set_stretch set_agency set_handover open_dispute position "
        "close_dispute sign set_units set_targets close_road comment"
    )
    assert set(named.split()) <= set(KIND_KEYS)


def test_subject_is_what_conflicts():
    """Two decisions of one kind on one key have one subject, others have not."""
    one = Decision("override_class", "w1", {"class": "expressway"})
    assert one.subject == Decision("override_class", "w1", {"class": "ordinary"}).subject
    assert one.subject != Decision("override_class", "w2").subject
    assert one.subject != Decision("comment", "w1").subject


@pytest.mark.parametrize(("kind", "key"), [("declare_war", "w1"), ("comment", ""), ("", "w1")])
def test_nonsense_is_refused(kind, key):
    """An unknown kind and a decision about nothing are refused."""
    with pytest.raises(InputError):
        Decision(kind, key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "no json",
        '{"version":1}',
        '{"version":1,"kind":"comment","key":"a","value":7,"who":"","when":"","why":""}',
        '{"version":"x","kind":"comment","key":"a","value":{},"who":"","when":"","why":""}',
        '{"version":1,"kind":"declare_war","key":"a","value":{},"who":"","when":"","why":""}',
    ],
)
def test_damaged_text_is_refused(text):
    """A text that is no decision is refused in one sentence."""
    with pytest.raises(InputError):
        Decision.from_json(text)


@pytest.mark.parametrize(("version", "is_readable"), [(DECISION_VERSION, True), (DECISION_VERSION + 1, False)])
def test_newer_decisions_are_refused(version, is_readable):
    """Fault 19: a decision of a newer version is refused with the advice to update, today's is read."""
    body = json.loads(Decision("comment", "a").to_json()) | {"version": version}
    if is_readable:
        assert Decision.from_json(json.dumps(body)).key == "a"
    else:
        with pytest.raises(InputError, match="update"):
            Decision.from_json(json.dumps(body))
