from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jurisdiction.mincut import FORCE, Energy, capacity_graph, find_labels


@st.composite
def energies(draw, most=12):
    """Return a random energy of a few segments; loops, parallels and junctions without a road included."""
    count = draw(st.integers(1, most))
    junctions = draw(st.integers(1, 7))
    end = st.lists(st.integers(0, junctions - 1), min_size=count, max_size=count)
    pay = st.lists(st.integers(0, 12), min_size=count, max_size=count)
    price = draw(st.lists(st.integers(0, 6), min_size=junctions, max_size=junctions))
    return make(draw(end), draw(end), draw(pay), draw(pay), price)


def make(u, v, if_ordinary, if_expressway, price):
    """Return an energy from plain lists."""
    ints = [np.array(x, dtype=np.int64) for x in (if_ordinary, if_expressway, price)]
    return Energy(np.array(u, dtype=np.int32), np.array(v, dtype=np.int32), *ints)


def labelings(count):
    """Yield every labelling of some segments."""
    for bits in product([False, True], repeat=count):
        yield np.array(bits)


def by_definition(energy, label):
    """Return the energy of a labelling, term by term as the design words it."""
    total = 0
    for k, ours in enumerate(label.tolist()):
        total += int(energy.pay_if_expressway[k] if ours else energy.pay_if_ordinary[k])
    for junction, price in enumerate(energy.price.tolist()):
        ends = [
            ours
            for end in (energy.u, energy.v)
            for j, ours in zip(end.tolist(), label.tolist(), strict=True)
            if j == junction
        ]
        total += price * min(sum(ends), len(ends) - sum(ends))
    return total


@given(energies(most=8))
def test_cost_is_the_definition(energy):
    """The vectorised energy equals the sum of its terms for every labelling."""
    for label in labelings(len(energy.u)):
        assert energy.cost(label) == by_definition(energy, label)


@given(energies())
def test_cut_is_the_cheapest_and_ties_go_to_ordinary(energy):
    """The labelling costs the least of all, and is expressway only where every cheapest labelling is."""
    costs = {tuple(label.tolist()): energy.cost(label) for label in labelings(len(energy.u))}
    least = min(costs.values())
    cheapest = np.array([label for label, cost in costs.items() if cost == least])
    assert find_labels(energy).tolist() == cheapest.all(axis=0).tolist()


@given(energies(), st.randoms(use_true_random=False))
def test_order_of_segments_and_junctions_does_not_matter(energy, random):
    """Fault 68: renumbered segments, junctions and turned roads get the same labels."""
    count, junctions = len(energy.u), len(energy.price)
    order, number = list(range(count)), list(range(junctions))
    random.shuffle(order)
    random.shuffle(number)
    place = np.empty(junctions, dtype=np.int64)
    place[number] = np.arange(junctions)
    flip = np.array([random.random() < 0.5 for _ in order])
    u, v = place[energy.u[order]], place[energy.v[order]]
    other = make(
        np.where(flip, v, u),
        np.where(flip, u, v),
        energy.pay_if_ordinary[order],
        energy.pay_if_expressway[order],
        energy.price[number],
    )
    assert find_labels(other).tolist() == find_labels(energy)[order].tolist()


def test_nothing_to_label():
    """A network without roads has no labels."""
    assert find_labels(make([], [], [], [], [1])).tolist() == []


def test_no_evidence_at_all_is_ordinary():
    """Where nothing speaks for an expressway the road is ordinary."""
    assert find_labels(make([0, 1], [1, 2], [0, 0], [0, 0], [5, 5, 5])).tolist() == [False, False]


def test_a_force_outweighs_any_evidence():
    """A held road keeps its owner against the longest road there is, and stays within 32 bits."""
    longest = 40_000_000 * 10
    energy = make([0, 0], [1, 1], [FORCE, 0], [0, longest], [2000, 2000])
    assert find_labels(energy).tolist() == [True, False]
    assert capacity_graph(energy).dtype == np.int32


def test_inputs_are_not_changed():
    """Finding labels leaves the energy as it was."""
    energy = make([0, 1], [1, 2], [9, 0], [0, 9], [1, 1, 1])
    before = [x.copy() for x in (energy.u, energy.v, energy.pay_if_ordinary, energy.pay_if_expressway, energy.price)]
    find_labels(energy)
    after = (energy.u, energy.v, energy.pay_if_ordinary, energy.pay_if_expressway, energy.price)
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
