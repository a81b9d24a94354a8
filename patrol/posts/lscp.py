"""Set covering: the fewest units that reach all road some site can reach (Toregas et al. 1971)."""

from __future__ import annotations

import numpy as np

from geo.errors import InfeasibleError, InputError
from patrol.posts.covers import Cover
from patrol.posts.exact import LinearModel, solve_whole, stack_columns, whole_units
from patrol.posts.greedy import Worth
from patrol.posts.question import Answer, Effort, Ints, Stock

_SLACK = 1e-9


def solve_lscp(
    cover: Cover, least: Ints, most: Ints, *, share: float = 1.0, effort: Effort | None = None, double: bool = True
) -> Answer:
    """Solve set covering, then choose among the smallest answers one that covers much road twice.

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
    model = _build(cover, least, np.minimum(most, np.maximum(least, 1)), wanted=None if share == 1 else wanted)
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    units = first if found.x is None else whole_units(found.x, cover.sites)
    if units.sum() > first.sum() or cover.at_least(units, 1) < wanted:
        units = first
    bound = min(float(units.sum()), float(np.ceil(max(found.bound, least.sum() + 1.0) - 1e-6)))
    nodes = found.nodes
    if double and not effort.cancel():
        units, more = _double(cover, least, most, units, wanted=wanted, effort=effort)
        nodes += more
    return Answer(units, float(units.sum()), bound, float(first.sum()), nodes)


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


def _build(cover: Cover, least: Ints, most: Ints, *, wanted: float | None) -> LinearModel:
    """Build the model; with a share below one each row has a column of its own that says whether it is reached."""
    from scipy.sparse import csr_array, eye_array

    size, sites = len(cover.weight), cover.sites
    if wanted is None:
        matrix, lower, more = stack_columns([(cover.matrix,)]), np.ones(size), 0
    else:
        largest = float(cover.weight.max())
        total = csr_array(cover.weight[None, :] / largest)
        matrix = stack_columns([(cover.matrix, -eye_array(size, format="csr")), (None, total)])
        lower, more = np.append(np.zeros(size), [wanted / largest]), size
    return LinearModel(
        np.concatenate((np.ones(sites), np.zeros(more))),
        matrix,
        lower,
        np.full(len(lower), np.inf),
        np.concatenate((least, np.zeros(more))).astype(np.float64),
        np.concatenate((most, np.ones(more))).astype(np.float64),
        np.arange(sites + more) < sites,
        1.0,
    )


def _double(cover: Cover, least: Ints, most: Ints, units: Ints, *, wanted: float, effort: Effort) -> tuple[Ints, int]:
    """Among answers with as many units, return one that covers as much demand as possible twice."""
    from scipy.sparse import csr_array, eye_array

    size, sites = len(cover.weight), cover.sites
    stock = Stock(least, most, int(units.sum()))
    whole = wanted >= float(cover.weight.sum()) * (1 - 2 * _SLACK)
    one = eye_array(size, format="csr")
    count = csr_array(np.ones((1, sites)))
    largest = float(cover.weight.max())
    weight = csr_array(cover.weight[None, :] / largest)
    matrix = stack_columns([(cover.matrix, -one, -one), (None, one, -one), (None, weight, None), (count, None, None)])
    reached = np.ones(size) if whole else np.zeros(size)
    model = LinearModel(
        -np.concatenate((np.zeros(sites + size), cover.weight)),
        matrix,
        np.concatenate((np.zeros(2 * size), [wanted / largest, float(stock.total)])),
        np.append(np.full(2 * size + 1, np.inf), [float(stock.total)]),
        np.concatenate((least, reached, np.zeros(size))).astype(np.float64),
        np.concatenate((most, np.ones(2 * size))).astype(np.float64),
        (np.arange(sites + 2 * size) < sites) | (not whole),
    )
    found = solve_whole(model, nodes=effort.nodes, cancel=effort.cancel)
    if found.x is None:
        return units, found.nodes
    better = whole_units(found.x, sites)
    good = better.sum() == stock.total and cover.at_least(better, 1) >= wanted
    if good and cover.at_least(better, 2) >= cover.at_least(units, 2):
        return better, found.nodes
    return units, found.nodes
