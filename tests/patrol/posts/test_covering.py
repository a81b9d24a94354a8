import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geo.errors import InfeasibleError, InputError
from patrol.posts.bacop import solve_bacop
from patrol.posts.covers import merge_rows
from patrol.posts.dsm import meets, solve_dsm
from patrol.posts.lscp import solve_lscp
from patrol.posts.mclp import solve_mclp
from patrol.posts.mexclp import solve_mexclp
from patrol.posts.question import Effort, Stock
from tests.patrol.posts.cases import every_choice, play_cover, play_stock

seeds = st.integers(0, 100_000)


@given(seed=seeds)
def test_merging_keeps_every_sum(seed):
    """Merged rows give each choice of sites the same covered demand as the plain table."""
    dice = np.random.default_rng(seed)
    table, weight = dice.random((20, 4)) < 0.4, dice.integers(0, 9, 20)
    cover = merge_rows(csr_array(table), weight)
    assert cover.total == weight.sum()
    assert cover.lost == weight[~table.any(axis=1)].sum()
    for units in every_choice([0] * 4, [1] * 4):
        count = table @ units
        assert cover.at_least(units, 1) == weight[count >= 1].sum()
        assert cover.at_least(units, 2) == weight[count >= 2].sum()
    assert ((cover.row < 0) <= ((weight == 0) | ~table.any(axis=1))).all() or (weight == 0).any()


@settings(max_examples=25)
@given(seed=seeds)
def test_mclp_equals_trying_everything(seed):
    """Maximal covering finds the best choice, proves it, and greedy is no better."""
    cover, stock = play_cover(seed), play_stock(seed)
    found = solve_mclp(cover, stock)
    best = max(cover.at_least(units, 1) for units in every_choice(stock.least, stock.most, stock.total))
    assert found.value == best == cover.at_least(found.units, 1)
    assert found.bound == pytest.approx(best)
    assert found.proven
    assert found.greedy <= best
    assert found.units.sum() == stock.total
    assert ((found.units >= stock.least) & (found.units <= stock.most)).all()


@settings(max_examples=25)
@given(seed=seeds, first=st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_bacop_equals_trying_everything(seed, first):
    """Backup covering finds the best choice, also where the second unit is worth more than the first."""
    cover, stock = play_cover(seed), play_stock(seed, room=2)
    found = solve_bacop(cover, stock, first=first)

    def value(units):
        return first * cover.at_least(units, 1) + (1 - first) * cover.at_least(units, 2)

    best = max(value(units) for units in every_choice(stock.least, stock.most, stock.total))
    assert found.value == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    assert value(found.units) == pytest.approx(best)


@settings(max_examples=25)
@given(seed=seeds, busy=st.sampled_from([0.0, 0.3, 0.7]))
def test_mexclp_equals_trying_everything(seed, busy):
    """Expected covering finds the best choice; several units may stand at one site."""
    cover, stock = play_cover(seed), play_stock(seed, room=2, total=4)
    found = solve_mexclp(cover, stock, busy=busy)

    def value(units):
        return float(cover.weight @ (1 - busy ** cover.counts(units)))

    best = max(value(units) for units in every_choice(stock.least, stock.most, stock.total))
    assert found.value == pytest.approx(best, rel=1e-5)
    assert found.bound == pytest.approx(best, rel=1e-5)


@settings(max_examples=25)
@given(seed=seeds, share=st.sampled_from([0.0, 0.5, 0.8]))
def test_dsm_equals_trying_everything(seed, share):
    """The double standard finds the best choice that meets both limits, and says when there is none."""
    cover, stock = play_cover(seed, demands=10, wide=True), play_stock(seed, room=2, total=4)
    good = [units for units in every_choice(stock.least, stock.most, stock.total) if meets(cover, units, share)]
    if not good:
        with pytest.raises(InfeasibleError, match="cannot meet both standards"):
            solve_dsm(cover, stock, share=share)
        return
    found = solve_dsm(cover, stock, share=share)
    best = max(cover.at_least(units, 2) for units in good)
    assert found.value == best == cover.at_least(found.units, 2)
    assert found.bound == pytest.approx(best)
    assert meets(cover, found.units, share)


@settings(max_examples=25)
@given(seed=seeds, share=st.sampled_from([0.6, 0.9, 1.0]))
def test_lscp_equals_trying_everything(seed, share):
    """Set covering finds the fewest units, and among those one that covers most twice (with a share: most once)."""
    cover = play_cover(seed)
    stock = play_stock(seed)
    wanted = share * cover.weight.sum()
    good = [u for u in every_choice(stock.least, stock.most) if cover.at_least(u, 1) >= wanted - 1e-6]
    if not good:
        with pytest.raises(InfeasibleError, match="allowed sites reach"):
            solve_lscp(cover, stock.least, stock.most, share=share)
        return
    fewest = min(units.sum() for units in good)
    times = 2 if share == 1 else 1
    most = max(cover.at_least(units, times) for units in good if units.sum() == fewest)
    found = solve_lscp(cover, stock.least, stock.most, share=share)
    assert found.value == found.bound == fewest
    assert found.greedy >= fewest
    assert cover.at_least(found.units, 1) >= wanted - 1e-6
    if cover.at_least(stock.least, 1) < wanted:
        assert cover.at_least(found.units, times) == most


def serve(cover, units, capacity):
    """Return the most demand units can serve: a maximum flow with whole numbers."""
    from scipy.sparse.csgraph import maximum_flow

    rows, sites = cover.matrix.shape
    graph = np.zeros((rows + sites + 2, rows + sites + 2), dtype=np.int32)
    graph[0, 1 : rows + 1] = cover.weight
    graph[1 : rows + 1, rows + 1 : -1] = cover.matrix.toarray() * 10_000
    graph[rows + 1 : -1, -1] = units * capacity
    return maximum_flow(csr_array(graph).tocsr(), 0, rows + sites + 1).flow_value


@settings(max_examples=25)
@given(seed=seeds, capacity=st.sampled_from([20, 60, 1_000]))
def test_capacity_equals_trying_everything(seed, capacity):
    """With a capacity of units, the demand served is the best maximum flow over all choices."""
    cover, stock = play_cover(seed, demands=9), play_stock(seed, room=2)
    found = solve_mclp(cover, stock, capacity=float(capacity))
    best = max(serve(cover, units, capacity) for units in every_choice(stock.least, stock.most, stock.total))
    assert found.value == pytest.approx(best)
    assert found.bound == pytest.approx(best, rel=1e-5)


@settings(max_examples=10)
@given(seed=seeds)
def test_one_more_unit_or_site_never_covers_less(seed):
    """Adding a unit, or a candidate site, never lowers the covered demand."""
    cover = play_cover(seed, sites=7)
    values = [solve_mclp(cover, Stock(np.zeros(7, int), np.ones(7, int), p)).value for p in range(1, 6)]
    assert values == sorted(values)
    fewer = np.ones(7, dtype=np.int64)
    fewer[seed % 7] = 0
    assert solve_mclp(cover, Stock(np.zeros(7, int), fewer, 3)).value <= values[2]


@settings(max_examples=10)
@given(seed=seeds)
def test_relabelled_input_same_objective(seed):
    """Fault 68: shuffled demands and sites give the same values, and the same question the same units."""
    dice = np.random.default_rng(seed)
    table, weight = dice.random((15, 6)) < 0.3, dice.integers(1, 50, 15)
    rows, cols = dice.permutation(15), dice.permutation(6)
    stock = Stock(np.zeros(6, int), np.ones(6, int), 3)
    one = solve_mclp(merge_rows(csr_array(table), weight), stock)
    two = solve_mclp(merge_rows(csr_array(table[rows][:, cols]), weight[rows]), stock)
    again = solve_mclp(merge_rows(csr_array(table), weight), stock)
    assert one.value == two.value
    assert one.units.tolist() == again.units.tolist()


def test_hard_cover_needs_a_tree():
    """Where the relaxation is fractional, the search divides and still proves the optimum."""
    dice = np.random.default_rng(5)
    cover = merge_rows(csr_array(dice.random((120, 16)) < 0.18), dice.integers(1, 50, 120))
    stock = Stock(np.zeros(16, int), np.ones(16, int), 5)
    found = solve_mclp(cover, stock)
    best = max(cover.at_least(units, 1) for units in every_choice(stock.least, stock.most, 5))
    assert (found.value, found.bound) == (best, pytest.approx(best))
    assert found.nodes > 1


def test_cancelled_search_keeps_the_best_and_an_honest_bound():
    """Fault 70: a cancelled search returns its best answer so far, marked as not proven by its bound."""
    dice = np.random.default_rng(5)
    cover = merge_rows(csr_array(dice.random((120, 16)) < 0.18), dice.integers(1, 50, 120))
    stock = Stock(np.zeros(16, int), np.ones(16, int), 5)
    best = solve_mclp(cover, stock)
    stopped = solve_mclp(cover, stock, effort=Effort(cancel=lambda: True))
    assert stopped.value <= best.value <= stopped.bound + 1e-6
    assert not stopped.proven
    assert stopped.value >= stopped.greedy
    assert solve_lscp(cover, stock.least, stock.most, effort=Effort(cancel=lambda: True)).value >= 1


def share_case(seed):
    """Return a cover table of 60 demands and 12 sites."""
    dice = np.random.default_rng(seed)
    return merge_rows(csr_array(dice.random((60, 12)) < 0.2), dice.integers(1, 50, 60))


def test_stopped_share_keeps_an_honest_bound():
    """Fault 70: a search for a share that is stopped after one node gives a number, and a bound below it."""
    cover, none, one = share_case(7), np.zeros(12, dtype=np.int64), np.ones(12, dtype=np.int64)
    best = solve_lscp(cover, none, one, share=0.9)
    stopped = solve_lscp(cover, none, one, share=0.9, effort=Effort(nodes=1))
    assert best.bound == best.value == stopped.value == 6
    assert stopped.bound == 5
    assert not stopped.proven


def test_share_by_proof_not_by_greed():
    """Where greedy needs six units for a share, five that reach it are found and proven."""
    found = solve_lscp(share_case(9), np.zeros(12, dtype=np.int64), np.ones(12, dtype=np.int64), share=0.9)
    assert (found.greedy, found.value, found.bound) == (6, 5, 5)
    assert share_case(9).at_least(found.units, 1) >= 0.9 * share_case(9).weight.sum()


def test_posts_of_today_that_are_enough():
    """Where the units of today reach all, none is added."""
    found = solve_lscp(share_case(9), np.ones(12, dtype=np.int64), np.ones(12, dtype=np.int64))
    assert (found.value, found.bound) == (12, 12)


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        (lambda c, s: solve_bacop(c, s, first=1.2), "worth of the first cover"),
        (lambda c, s: solve_mexclp(c, s, busy=1.0), "busy share"),
        (lambda c, s: solve_dsm(c, s, share=2.0), "share is 2"),
        (lambda c, s: solve_lscp(c, s.least, s.most, share=0.0), "share is 0"),
        (lambda c, s: solve_mclp(c, s, capacity=0.0), "capacity is 0"),
        (lambda c, s: Stock(s.least, s.most, 99), "room for"),
    ],
)
def test_impossible_values_are_refused(job, problem):
    """A value outside its range is refused in a sentence that says what to give."""
    with pytest.raises(InputError, match=problem):
        job(play_cover(1), play_stock(1))


def test_nothing_to_cover():
    """A table that no site covers gives an answer worth nothing, with all demand lost."""
    cover = merge_rows(csr_array((3, 2)), [1, 2, 3])
    stock = Stock(np.zeros(2, int), np.ones(2, int), 1)
    assert cover.lost == 6
    for found in (solve_mclp(cover, stock), solve_bacop(cover, stock), solve_bacop(cover, stock, first=0.1)):
        assert (found.value, found.bound) == (0, 0)
    assert solve_lscp(cover, stock.least, stock.most).value == 0
