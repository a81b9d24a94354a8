from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.findings import Finding, Severity, sort_findings

some = st.builds(
    Finding,
    code=st.sampled_from(["b_code", "a_code"]),
    severity=st.sampled_from(Severity),
    count=st.integers(1, 9),
    message=st.sampled_from(["甲", "乙"]),
    message_en=st.just("x"),
    places=st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=2).map(tuple),
)


@pytest.mark.parametrize("count", [0, -1])
def test_a_finding_counts_something(count):
    """A finding about nothing is refused."""
    with pytest.raises(ValueError, match="counts at least one"):
        Finding("code", Severity.NOTE, count, "", "")


def test_one_thing_is_enough():
    """A finding about one thing is accepted."""
    assert Finding("code", Severity.NOTE, 1, "", "").count == 1


@given(st.lists(some, max_size=8), st.randoms(use_true_random=False))
def test_order_never_varies(findings, random):
    """However findings arrive, they come out in one order, errors before warnings before notes."""
    shuffled = list(findings)
    random.shuffle(shuffled)
    ordered = sort_findings(findings)
    assert [(f.severity, f.code, f.places, f.message) for f in sort_findings(shuffled)] == [
        (f.severity, f.code, f.places, f.message) for f in ordered
    ]
    rank = [list(Severity).index(f.severity) for f in ordered]
    assert rank == sorted(rank)


@given(some)
def test_json_is_plain(finding):
    """A finding becomes strict JSON with every field."""
    body = json.loads(json.dumps(finding.to_json(), allow_nan=False))
    assert body["code"] == finding.code
    assert body["severity"] == finding.severity.value
    assert [tuple(p) for p in body["places"]] == list(finding.places)
