from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from jurisdiction.balance import fill_gaps, match_names, refine, split_fresh
from jurisdiction.balanceunits import make_units
from jurisdiction.regions import count_borders, is_whole, leaving
from jurisdiction.spreading import spread_labels
from tests.builders import make_network
from tests.jurisdiction.corridor import corridor, inside, stakes


def chain(count):
    """Return the neighbours of a chain."""
    return [[k for k in (i - 1, i + 1) if 0 <= k < count] for i in range(count)]


def grid(rows, columns):
    """Return the neighbours of a grid."""
    at = {(r, c): r * columns + c for r in range(rows) for c in range(columns)}
    steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
    return [[at[r + dr, c + dc] for dr, dc in steps if (r + dr, c + dc) in at] for r, c in at]


@st.composite
def networks(draw):
    """Return weights and neighbours of a random connected network."""
    count = draw(st.integers(6, 60))
    pairs = {(draw(st.integers(0, k - 1)), k) for k in range(1, count)}
    more = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=20))
    pairs |= {(min(a, b), max(a, b)) for a, b in more if a != b}
    neighbours = [sorted({b for a, b in pairs if a == k} | {a for a, b in pairs if b == k}) for k in range(count)]
    weight = np.array(draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), dtype=float)
    return weight, neighbours


@settings(deadline=None, max_examples=25)
@given(networks(), st.integers(1, 5), st.integers(0, 3))
def test_every_part_hangs_together_and_every_piece_has_one(case, count, seed):
    """A fresh split gives every piece to one brigade, every brigade one connected part, loads add up; a seed repeats."""
    weight, neighbours = case
    split = split_fresh(weight, neighbours, count, seed=seed)
    assert set(split.part.tolist()) == set(range(count))
    assert all(is_whole(split.part, neighbours, k) for k in range(count))
    assert split.load.sum() == pytest.approx(weight.sum())
    assert split.load.tolist() == pytest.approx([weight[split.part == k].sum() for k in range(count)])
    again = split_fresh(weight, neighbours, count, seed=seed)
    assert again.part.tolist() == split.part.tolist()


@settings(deadline=None, max_examples=25)
@given(networks(), st.integers(2, 4))
def test_refining_never_makes_it_worse(case, count):
    """Refining from any connected split keeps parts whole and never ends with a heavier heaviest brigade."""
    weight, neighbours = case
    start = split_fresh(weight, neighbours, count, tolerance=1e9)
    after = refine(weight, neighbours, start.part, count=count)
    assert after.over_mean <= start.over_mean + 1e-9
    assert all(is_whole(after.part, neighbours, k) for k in range(count))


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_a_planted_optimum_on_a_chain_is_found(count):
    """A chain of equal pieces that divides evenly is divided evenly, with the fewest borders there can be."""
    split = split_fresh(np.ones(60), chain(60), count)
    assert split.over_mean <= 0.01 + 1e-9
    assert count_borders(split.part, chain(60)) == count - 1


@pytest.mark.parametrize(("count", "seed"), [(2, 1), (4, 1), (4, 2), (5, 3)])
def test_a_planted_optimum_on_a_grid_is_found(count, seed):
    """A grid of equal pieces that divides evenly is balanced to one per cent, every part in one piece."""
    neighbours = grid(20, 20)
    split = split_fresh(np.ones(400), neighbours, count, seed=seed)
    assert split.over_mean <= 0.01 + 1e-9
    assert all(is_whole(split.part, neighbours, k) for k in range(count))


def test_present_owners_move_as_little_as_it_takes():
    """From present owners only what balances the work goes over: ten pieces of a chain, no more."""
    present = np.array([0] * 60 + [1] * 40)
    after = refine(np.ones(100), chain(100), present, count=2, tolerance=0.01)
    assert after.part.tolist() == [0] * 50 + [1] * 50
    assert after.moves == 10


def test_work_is_passed_on_through_a_brigade_between():
    """Where heavy and light brigades do not touch, pieces pass through the brigade between them."""
    present = np.array([0] * 21 + [1] * 20 + [2] * 19)
    after = refine(np.ones(60), chain(60), present, count=3, tolerance=0.0)
    assert np.bincount(after.part).tolist() == [20, 20, 20]


def test_what_cannot_be_balanced_stays_whole():
    """A star whose arms cannot be shared without tearing a part is left whole, however uneven."""
    neighbours = [[1, 2, 3], [0], [0], [0]]
    split = split_fresh(np.array([1.0, 10, 10, 10]), neighbours, 2)
    assert all(is_whole(split.part, neighbours, k) for k in range(2))
    assert split.over_mean > 0.01
    assert leaving(np.zeros(4, dtype=int), neighbours, 0, weight=np.ones(4)) == (0, 2, 3)
    assert leaving(np.array([0, 1, 1, 1]), neighbours, 0, weight=np.ones(4)) == ()


def test_too_many_brigades_or_none_are_refused():
    """More brigades than pieces is not feasible, none at all is bad input, a torn network cannot be split."""
    with pytest.raises(InfeasibleError, match="4"):
        split_fresh(np.ones(3), chain(3), 4)
    with pytest.raises(InputError):
        split_fresh(np.ones(3), chain(3), 0)
    with pytest.raises(InfeasibleError):
        split_fresh(np.ones(3), [[1], [0], []], 2)


def test_gaps_go_to_the_lightest_neighbour():
    """Pieces without a brigade go to the lightest brigade that touches them; what nobody touches stays open."""
    part = np.array([0, 0, -1, 1, -1])
    neighbours = [*chain(4)[:3], [2], []]
    assert fill_gaps(np.ones(5), neighbours, part, count=2).tolist() == [0, 0, 1, 1, -1]


def test_names_keep_what_they_have():
    """Parts are named so that brigades keep as much of their present work as they can."""
    part, present = np.array([0, 0, 1, 1]), np.array([1, 1, 0, -1])
    assert match_names(part, present, np.ones(4), count=2).tolist() == [1, 1, 0, 0]


def test_labels_spread_along_roads():
    """What has no label takes the nearest by road, of equal ones the smaller; what nothing reaches stays open."""
    places = {k: (k * 0.001, 0.0) for k in range(8)}
    ways = [(10 + k, [k, k + 1], {"highway": "primary"}) for k in (0, 1, 2, 3, 6)]
    network = make_network(places, ways)
    label = np.array([1, -1, -1, 0, -1])
    assert spread_labels(network, np.ones(5, dtype=bool), label).tolist() == [1, 1, 0, 0, -1]
    assert spread_labels(network, np.zeros(5, dtype=bool), label).tolist() == [-1] * 5


def test_pieces_cover_the_expressway_once():
    """Every expressway metre lies in one piece, both carriageways together, cut at round stakes and interchanges."""
    network = corridor(east_ref="G1;S9")
    units = make_units(network, inside(network), step_m=400, stakes=stakes()(network), borders={"G1": [3000.0]})
    expressway = inside(units.cut.network)
    assert (units.piece[expressway] >= 0).all()
    assert (units.piece[~expressway] == -1).all()
    weight = units.weigh(units.cut.network.segments.length_m)
    assert weight.sum() == pytest.approx(network.segments.length_m[inside(network)].sum())
    assert units.bridged == ()
    assert max(p.to_m - p.from_m for p in units.pieces) < 520
    assert sum(any(p.named) for p in units.pieces) >= 4
    assert all(any(abs(p.from_m - m) < 1 for p in units.pieces) for m in (3000.0,))


def test_torn_and_unnumbered_networks_hang_together_in_pieces():
    """Parts that no road joins count as touching where they are nearest; roads without a number are pieces as well."""
    places = {60: (0.3, 0.0), 61: (0.35, 0.0), 62: (0.5, 0.0), 63: (0.55, 0.0)}
    extra = [(40, [60, 61], {"highway": "motorway", "ref": "S2"}), (41, [62, 63], {"highway": "motorway"})]
    network = corridor(extra=extra, places=places)
    units = make_units(network, inside(network), step_m=2000, limits={"S2": (1000.0, np.inf)})
    assert len(units.bridged) == 2
    assert {p.route for p in units.pieces} == {"G1", "S2", ""}
    split = split_fresh(units.weigh(units.cut.network.segments.length_m), units.neighbours, 2)
    assert all(is_whole(split.part, units.neighbours, k) for k in range(2))
