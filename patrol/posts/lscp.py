"""Set covering: the fewest units that reach all road some site can reach (Toregas et al. 1971)."""

from __future__ import annotations

import numpy as np

from geo.errors import InfeasibleError, InputError
from patrol.posts.concave import build_concave, solve_concave
from patrol.posts.covers import Cover, minimal_rows
from patrol.posts.exact import LinearModel, solve_relaxed, solve_whole, stack_columns, whole_units
from patrol.posts.greedy import Worth
from patrol.posts.question import Answer, Effort, Ints, Stock

_SLACK = 1e-9


def solve_lscp(
    cover: Cover, least: Ints, most: Ints, *, share: float = 1.0, effort: Effort | None = None, double: bool = True
) -> Answer:
    """Solve set covering, then choose among the smallest answers: one that covers much road twice.

    With a share below one, the choice among the smallest answers goes to one that covers most.

    Parameters
    ----------
    cover
        The cover table.
    least, most
        int64 (sites,), units that stand there in any case and at most; a second unit at a site covers nothing new.
    share
        Part of the coverable demand that must be reached, above 0 and at most 1.
    effort
        How hard to try.
    double
        Whether to choose among the smallest answers.

    Returns
    -------
    Answer
        Value: units in all.

    Raises
    ------
    InputError
        Where the share lies outside.
    InfeasibleError
        Where the sites that are allowed do not reach the share.
    """
    if not 0 < share <= 1:
        raise InputError(f"覆盖比例应大于 0、不超过 1。 / the share is {share:g}; give more than 0, at most 1")
    effort = effort or Effort()
    wanted = share * float(cover.weight.sum()) * (1 - _SLACK)
    first = cover_greedily(cover, least, most, wanted=wanted)
    if len(cover.weight) == 0 or cover.at_least(least, 1) >= wanted:
        return Answer(least.copy(), float(least.sum()), float(least.sum()), float(first.sum()), 0)
    if share < 1:
        return _solve_share(cover, least, most, first, wanted=wanted, effort=effort)
    model = _build(cover, least, np.minimum(most, np.maximum(least, 1)))
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    units = first if found.x is None else whole_units(found.x, cover.sites)
    if units.sum() > first.sum() or cover.at_least(units, 1) < wanted:
        units = first
    bound = min(float(units.sum()), float(np.ceil(max(found.bound, least.sum() + 1.0) - 1e-6)))
    nodes = found.nodes
    if double and not effort.cancel():
        units, more = _double(cover, least, most, units, effort=effort)
        nodes += more
    return Answer(units, float(units.sum()), bound, float(first.sum()), nodes)


def _solve_share(cover: Cover, least: Ints, most: Ints, first: Ints, *, wanted: float, effort: Effort) -> Answer:
    """Take away one unit after the other until maximal covering proves that fewer do not reach enough."""
    model = Worth(cover, np.array([1.0]))
    units, nodes, bound = first, 0, float(first.sum())
    for total in range(int(first.sum()) - 1, int(least.sum()), -1):
        found = solve_concave(model, Stock(least, most, total), effort, goal=wanted)
        nodes += found.nodes
        if found.value >= wanted:
            units, bound = found.units, float(total)
            continue
        if found.bound >= wanted:
            bound = _relaxed_number(cover, least, most, wanted, total)
        break
    if not effort.cancel():
        filled = solve_concave(model, Stock(least, most, int(units.sum())), effort)
        nodes += filled.nodes
        units = filled.units if filled.value >= wanted else units
    return Answer(units, float(units.sum()), min(bound, float(units.sum())), float(first.sum()), nodes)


def _relaxed_number(cover: Cover, least: Ints, most: Ints, wanted: float, top: int) -> float:
    """Return the fewest units whose relaxation reaches enough: a bound where the search was stopped."""
    low, high = int(least.sum()) + 1, top
    while low < high:
        middle = (low + high) // 2
        stock = Stock(least, most, middle)
        relaxed = solve_relaxed(build_concave(Worth(cover, np.array([1.0])), stock, step=0.0))
        if -relaxed.value >= wanted * (1 - 1e-9):
            high = middle
        else:
            low = middle + 1
    return float(low)


def cover_greedily(cover: Cover, least: Ints, most: Ints, *, wanted: float) -> Ints:
    """Add the site that reaches most new demand until enough is reached, then take away what is not needed.

    Raises
    ------
    InfeasibleError
        Where all sites together do not reach enough.
    """
    units = least.copy()
    model = Worth(cover, np.array([1.0]))
    while (reached := cover.at_least(units, 1)) < wanted:
        gain = np.asarray(model.by_site @ model.gain(cover.counts(units)))
        gain[units >= most] = 0.0
        best = int(gain.argmax())
        if gain[best] <= 0:
            raise InfeasibleError(
                f"允许的候选点最多覆盖 {reached / 1e6:.1f} 公里，达不到要求。"
                f" / the allowed sites reach {reached / 1e6:.1f} km at most, not the {wanted / 1e6:.1f} km asked for; "
                "allow more sites or more time"
            )
        units[best] += 1
    for site in np.flatnonzero(units > least).tolist():
        units[site] -= 1
        if cover.at_least(units, 1) < wanted:
            units[site] += 1
    return units


def _build(cover: Cover, least: Ints, most: Ints) -> LinearModel:
    table = minimal_rows(cover.matrix)
    size = table.shape[0]
    return LinearModel(
        np.ones(cover.sites),
        stack_columns([(table,)]),
        np.ones(size),
        np.full(size, np.inf),
        least.astype(np.float64),
        most.astype(np.float64),
        np.ones(cover.sites, dtype=bool),
        1.0,
    )


def _double(cover: Cover, least: Ints, most: Ints, units: Ints, *, effort: Effort) -> tuple[Ints, int]:
    """Among answers with as many units, return one that covers as much demand as possible twice."""
    from scipy.sparse import csr_array, eye_array

    size, sites = len(cover.weight), cover.sites
    total = int(units.sum())
    matrix = stack_columns([(cover.matrix, -eye_array(size, format="csr")), (csr_array(np.ones((1, sites))), None)])
    model = LinearModel(
        -np.concatenate((np.zeros(sites), cover.weight)),
        matrix,
        np.append(np.ones(size), [float(total)]),
        np.append(np.full(size, np.inf), [float(total)]),
        np.concatenate((least, np.zeros(size))).astype(np.float64),
        np.concatenate((most, np.ones(size))).astype(np.float64),
        np.arange(sites + size) < sites,
    )
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    if found.x is None:
        return units, found.nodes
    better = whole_units(found.x, sites)
    good = better.sum() == total and cover.at_least(better, 1) >= float(cover.weight.sum()) * (1 - _SLACK)
    if good and cover.at_least(better, 2) >= cover.at_least(units, 2):
        return better, found.nodes
    return units, found.nodes
