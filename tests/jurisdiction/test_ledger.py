from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jurisdiction.ledger import OWNERS, STATES, Ledger, LedgerRow, keys_of, list_jumps, make_ledger, number_keys
from tests.builders import make_network

NODES = {k: (k * 0.001, 0.0) for k in range(8)}


@st.composite
def books(draw):
    """Return a network of up to six roads of random metres, with owners and agencies."""
    count = draw(st.integers(1, 6))
    refs = st.sampled_from(["", "G98", "G98;S17"])
    classes = st.sampled_from(["motorway", "primary", "service"])
    ways = [(10 + k, [k, k + 1], {"highway": draw(classes), "ref": draw(refs)}) for k in range(count)]
    length = {(k, k + 1): draw(st.floats(0, 10**6)) for k in range(count)}
    network = make_network(NODES, ways, length_m=length)
    owner = draw(st.lists(st.sampled_from(OWNERS), min_size=count, max_size=count))
    agency = draw(st.lists(st.sampled_from(["", "local", "exp1"]), min_size=count, max_size=count))
    return network, owner, agency


@given(books())
def test_every_group_adds_up_to_the_millimetre(book):
    """Fault 68: by owner, agency, class and route the ledger adds up to the network exactly."""
    network, owner, agency = book
    ledger = make_ledger(network, owner, agency)
    for group in ("owner", "agency", "class", "route"):
        assert sum(ledger.of(group).values()) == network.length_mm
        assert sum(row.segments for row in ledger.rows if row.group == group) == len(network.segments)


@given(books())
def test_each_line_is_the_sum_of_its_roads(book):
    """Fault 68: the line of an owner holds the metres of its roads and no others, and no owner is left out."""
    network, owner, agency = book
    lines = make_ledger(network, owner, agency).of("owner")
    lengths = network.segments.length_mm.tolist()
    for name in OWNERS:
        assert lines[name] == sum(mm for mm, o in zip(lengths, owner, strict=True) if o == name)


def test_a_ledger_that_does_not_add_up_is_refused():
    """A ledger one millimetre short is refused; the right one is not."""
    row = LedgerRow("owner", "ordinary", 1000, 1)
    with pytest.raises(ValueError, match="999"):
        Ledger((LedgerRow("owner", "ordinary", 999, 1),), 1000)
    assert Ledger((row,), 1000).of("owner") == {"ordinary": 1000}


@given(books(), st.data())
def test_states_and_towns_add_up_too(book, data):
    """By state and by town the ledger adds up as well; every state is listed."""
    network, owner, agency = book
    size = len(network.segments)
    state = data.draw(st.lists(st.sampled_from(STATES), min_size=size, max_size=size))
    town = data.draw(st.lists(st.sampled_from(["", "东镇"]), min_size=size, max_size=size))
    ledger = make_ledger(network, owner, agency, state=state, town=town)
    assert sum(ledger.of("state").values()) == sum(ledger.of("town").values()) == network.length_mm
    assert set(ledger.of("state")) == set(STATES)


@given(books())
def test_each_line_knows_its_place(book):
    """A line jumps to bounds that hold all its roads, and to its first road; a line without roads jumps nowhere."""
    network, owner, _ = book
    rows = list_jumps(network, number_keys(owner), always=OWNERS)
    assert {row.key for row in rows} == set(OWNERS)
    assert sum(row.length_mm for row in rows) == network.length_mm
    for row in rows:
        mine = [k for k, o in enumerate(owner) if o == row.key]
        assert row.first == (network.segment_ids[mine[0]] if mine else "")
        assert (row.bounds is None) == (not mine)
        if row.bounds is not None:
            west, south, east, north = row.bounds
            points = [network.points(k) for k in mine]
            assert all(west <= x <= east and south <= y <= north for line in points for x, y in line)
        assert row.to_json()["length_m"] == row.length_mm / 1000


@given(books())
def test_class_and_route_keys_are_those_of_the_ledger(book):
    """The jump list by class and by route holds the lines of the ledger."""
    network, owner, agency = book
    ledger = make_ledger(network, owner, agency)
    for group in ("class", "route"):
        found = {row.key: row.length_mm for row in list_jumps(network, keys_of(network, group))}
        assert found == ledger.of(group)
