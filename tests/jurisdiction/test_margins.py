from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jurisdiction import margins
from jurisdiction.margins import measure_margins
from jurisdiction.mincut import UNITS_PER_M, find_labels
from tests.jurisdiction.test_mincut import energies, labelings, make


def seams(energy, label):
    """Return the junctions where labels meet."""
    ours = set(energy.u[label].tolist()) | set(energy.v[label].tolist())
    theirs = set(energy.u[~label].tolist()) | set(energy.v[~label].tolist())
    return np.array(sorted(ours & theirs), dtype=np.int64)


def by_force(energy, label, junction):
    """Return the margin by trying every labelling in which the junction's roads have one owner."""
    here = (energy.u == junction) | (energy.v == junction)
    moved = [energy.cost(x) for x in labelings(len(energy.u)) if x[here].all() or not x[here].any()]
    return (min(moved) - energy.cost(label)) / UNITS_PER_M


@given(energies(most=10))
def test_margin_is_the_price_of_the_next_best(energy):
    """A margin equals the difference to the cheapest labelling without that seam, found by trying all."""
    label = find_labels(energy)
    places = seams(energy, label)
    found = measure_margins(energy, label, places)
    assert found == [by_force(energy, label, j) for j in places.tolist()]


def chain(count):
    """Return an expressway half and an ordinary half joined in the middle of a chain of roads."""
    u, v = list(range(count)), list(range(1, count + 1))
    ours = [k < count // 2 for k in range(count)]
    return make(u, v, [10 if o else 0 for o in ours], [0 if o else 10 for o in ours], [3] * (count + 1))


@pytest.mark.parametrize("count", [4, 40, 3000])
def test_margin_of_a_chain(count):
    """On a chain the seam moves by one road: its evidence is the margin, however long the chain is."""
    energy = chain(count)
    label = find_labels(energy)
    assert measure_margins(energy, label, seams(energy, label)) == [1.0]


@given(energies(most=10), st.integers(1, 4))
def test_a_small_neighbourhood_never_understates(energy, size):
    """With most roads frozen the margin is at least the true one: the seam is never called weaker than it is."""
    label = find_labels(energy)
    places = seams(energy, label)
    full = measure_margins(energy, label, places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(margins, "NEIGHBOURHOOD_SEGMENTS", size)
        part = measure_margins(energy, label, places)
    assert all(p >= f for p, f in zip(part, full, strict=True))


def test_no_seam_no_margin():
    """Without seams there is no margin."""
    energy = chain(2)
    assert measure_margins(energy, np.array([True, True]), np.zeros(0, dtype=np.int64)) == []
