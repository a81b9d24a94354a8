"""Public instances of posts: OR-Library p-median and Sao Jose dos Campos maximal covering, proven and as published."""

import csv

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrol.posts.covers import merge_rows
from patrol.posts.mclp import solve_mclp
from patrol.posts.pmedian import solve_pmedian
from patrol.posts.question import Stock

QUICK_PMED = (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 16)
QUICK_SJC = ("SJC324", "SJC402", "SJC500")
OTHER_PMED = tuple(k for k in range(1, 41) if k not in QUICK_PMED)
SJC = [("SJC324", range(1, 6)), *((f"SJC{n}", range(1, 7)) for n in (402, 500, 708, 818))]


def plain_stock(sites, p):
    """Return a stock of ``p`` units anywhere."""
    return Stock(np.zeros(sites, dtype=np.int64), np.ones(sites, dtype=np.int64), p)


def check_pmed(shared_data, number):
    """Solve one p-median instance to proven optimality and compare with the published value."""
    folder = shared_data / "bench" / "pmed"
    published = dict(line.split() for line in (folder / "pmedopt.txt").read_text().splitlines()[1:] if line.strip())
    numbers = list(map(int, (folder / f"pmed{number}.txt").read_text().split()))
    nodes, edges, p = numbers[:3]
    cost = {}
    for k in range(edges):
        a, b, c = numbers[3 + 3 * k : 6 + 3 * k]
        cost[a - 1, b - 1] = cost[b - 1, a - 1] = c  # the last of two equal edges counts
    row, col = zip(*cost, strict=True)
    table = np.rint(dijkstra(csr_array((list(cost.values()), (row, col)), shape=(nodes, nodes))))
    found = solve_pmedian(table, plain_stock(nodes, p), step=1.0)
    assert found.value == found.bound == int(published[f"pmed{number}"])


def check_sjc(shared_data, name, p):
    """Solve one covering instance to proven optimality and compare with the listed value."""
    folder = shared_data / "bench" / "mclp_sjc"
    with (folder / "optimal_r800.csv").open(encoding="utf-8") as file:
        listed = {(row["instance"], int(row["p"])): int(row["covered"]) for row in csv.DictReader(file)}
    places = np.array((folder / f"{name}.txt").read_text().split(), dtype=np.int64)[1:].reshape(-1, 2).astype(float)
    demand = np.array((folder / f"demand-{name}.dat").read_text().split(), dtype=np.int64)
    near = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) <= 800
    found = solve_mclp(merge_rows(csr_array(near), demand), plain_stock(len(demand), p))
    assert found.value == listed[name, p]
    assert found.proven


@pytest.mark.parametrize("number", QUICK_PMED)
def test_small_pmed(shared_data, number):
    """The smaller OR-Library p-median instances come out at the published value, proven."""
    check_pmed(shared_data, number)


@pytest.mark.slow
@pytest.mark.parametrize("number", OTHER_PMED)
def test_large_pmed(shared_data, number):
    """The other OR-Library p-median instances come out at the published value, proven."""
    check_pmed(shared_data, number)


@pytest.mark.parametrize(("name", "p"), [(name, p) for name, ps in SJC for p in ps if name in QUICK_SJC])
def test_small_sjc(shared_data, name, p):
    """The smaller Sao Jose dos Campos instances come out at the listed value, proven."""
    check_sjc(shared_data, name, p)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "p"), [(name, p) for name, ps in SJC for p in ps if name not in QUICK_SJC])
def test_large_sjc(shared_data, name, p):
    """The larger Sao Jose dos Campos instances come out at the listed value, proven."""
    check_sjc(shared_data, name, p)
