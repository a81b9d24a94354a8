from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jurisdiction.ledger import OWNERS, Ledger, LedgerRow, make_ledger
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
