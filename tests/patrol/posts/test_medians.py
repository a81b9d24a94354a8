from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError
from patrol.posts.interchange import start_median
from patrol.posts.mediantree import bound_root, prove_median
from patrol.posts.pcenter import solve_pcenter
from patrol.posts.pmedian import _prove_by_radius, solve_pmedian
from patrol.posts.question import Effort, Stock
from tests.patrol.posts.cases import every_choice, play_cost, play_stock

seeds = st.integers(0, 100_000)
NONE = np.zeros(0, dtype=np.int64)


def mean(cost, units):
    """Return the sum of the cheapest sites with a unit."""
    return cost[:, units > 0].min(axis=1).sum()


@settings(max_examples=25)
@given(seed=seeds, step=st.sampled_from([0.0, 1.0]))
def test_pmedian_equals_trying_everything(seed, step):
    """The p-median finds the least sum and proves it, with posts of today and closed sites."""
    cost, stock = play_cost(seed), play_stock(seed, sites=7)
    if stock.total == 0:
        return
    found = solve_pmedian(cost, stock, step=step)
    best = min(mean(cost, units) for units in every_choice(stock.least, stock.most, stock.total))
    assert found.value == best == mean(cost, found.units)
    assert found.bound == pytest.approx(best, rel=1e-5)
    assert found.greedy >= best
    assert found.units.sum() == stock.total


@settings(max_examples=25)
@given(seed=seeds)
def test_tree_and_radius_model_agree(seed):
    """Both ways to the proof, each forced, find the least sum, from a poor start too."""
    dice = np.random.default_rng(seed)
    spots, posts = dice.uniform(0, 100, (40, 2)), dice.uniform(0, 100, (12, 2))
    cost = np.rint(np.hypot(*(spots[:, None] - posts[None]).transpose(2, 0, 1)))
    best = min(cost[:, list(c)].min(axis=1).sum() for c in combinations(range(12), 4))
    root = bound_root(cost, np.arange(4), held=0, step=1.0, rounds=0)
    tree = prove_median(cost, root, step=1.0)
    radius = _prove_by_radius(cost, root, step=1.0, effort=Effort())
    for found in (tree, radius):
        assert (found.value, found.bound) == (best, best)
    assert root.median.bound <= best <= root.median.value


@settings(max_examples=25)
@given(seed=seeds)
def test_interchange_is_never_worse_than_greedy(seed):
    """Swapping never makes an answer worse, and its value is the true sum."""
    cost = play_cost(seed, demands=30, sites=10)
    sites, value, greedy = start_median(cost, 3, held=np.array([2]), seed=seed)
    assert value <= greedy
    assert value == cost[:, sites].min(axis=1).sum()
    assert sites[0] == 2
    assert len(set(sites.tolist())) == 3


@settings(max_examples=6)
@given(seed=seeds)
def test_bound_never_lies_above_the_best(seed):
    """Stopped after no or few nodes, the bound still lies at or below the least sum."""
    cost = play_cost(seed, demands=30, sites=9)
    best = min(cost[:, list(c)].min(axis=1).sum() for c in combinations(range(9), 3))
    for nodes in (0, 1, 3):
        effort = Effort(nodes=nodes)
        found = solve_pmedian(cost, Stock(np.zeros(9, int), np.ones(9, int), 3), step=1.0, effort=effort)
        assert found.bound <= best <= found.value


@settings(max_examples=25)
@given(seed=seeds)
def test_pcenter_equals_trying_everything(seed):
    """The p-center finds the shortest longest time; unreached pairs are infinite."""
    dice = np.random.default_rng(seed)
    cost = play_cost(seed)
    cost[dice.random(cost.shape) < 0.2] = np.inf
    stock = play_stock(seed, sites=7)
    values = [
        cost[:, u > 0].min(axis=1, initial=np.inf).max() for u in every_choice(stock.least, stock.most, stock.total)
    ]
    best = min(values)
    if np.isinf(best):
        with pytest.raises(InfeasibleError, match="cannot reach all the road"):
            solve_pcenter(cost, stock)
        return
    found = solve_pcenter(cost, stock)
    assert (found.value, found.bound) == (best, best)
    assert cost[:, found.units > 0].min(axis=1).max() == best
    assert found.greedy >= best


@settings(max_examples=10)
@given(seed=seeds)
def test_relabelled_input_same_objective(seed):
    """Fault 68: shuffled demands and sites give the same value; one more site never a longer time."""
    dice = np.random.default_rng(seed)
    cost = play_cost(seed)
    mixed = cost[dice.permutation(12)][:, dice.permutation(7)]
    stock = Stock(np.zeros(7, int), np.ones(7, int), 3)
    fewer = Stock(np.zeros(7, int), (np.arange(7) != seed % 7).astype(np.int64), 3)
    for solve in (solve_pmedian, solve_pcenter):
        assert solve(cost, stock).value == pytest.approx(solve(mixed, stock).value)
        assert solve(cost, fewer).value >= solve(cost, stock).value
        assert solve(cost, stock).units.tolist() == solve(cost, stock).units.tolist()


def test_cancelled_search_is_marked_by_its_gap():
    """Fault 70: a cancelled p-median keeps its answer with the bound reached so far."""
    cost = play_cost(3, demands=40, sites=14)
    stock = Stock(np.zeros(14, int), np.ones(14, int), 3)
    stopped = solve_pmedian(cost, stock, step=1.0, effort=Effort(cancel=lambda: True))
    assert stopped.bound <= solve_pmedian(cost, stock, step=1.0).value <= stopped.value
    assert solve_pcenter(cost, stock, effort=Effort(cancel=lambda: True)).value < np.inf
