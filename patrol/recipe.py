"""How a day is searched: one recipe or several one after another, and one iterated local search by a recipe.

The numbers are measured on the public sets (docs/performance.md): where tasks are many, a search that remembers few
past plans comes down sooner; where they can be done in either direction, one that does not search each best plan
through at once comes lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patrol.matrices import Day

if TYPE_CHECKING:
    import pyvrp
    from pyvrp.stop import StoppingCriterion

_MANY = 200
_LONG_DAY = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """One search.

    Attributes
    ----------
    patience
        Iterations without a better plan after which it goes on from the best one.
    history
        Plans it remembers: a new one is taken when it is better than the oldest of them.
    thorough
        Whether each best plan is searched through at once with every move.
    near
        Nearest tasks with which a task is put together.
    kick
        Most tasks taken out and put back before each local search.
    weight
        Its share of the iterations of the day, beside those of the other recipes.
    """

    patience: int
    history: int
    thorough: bool = True
    near: int = 50
    kick: int = 25
    weight: int = 1


def choose_recipes(day: Day, wanted: Sequence[int]) -> list[Recipe]:
    """Return the searches of a day, which share its iterations.

    With tasks that can be done in either direction one long search stays in its valley: several from other seeds and
    by other recipes come lower.
    """
    if day.task is None:
        return [Recipe(5_000, 50) if len(wanted) < _MANY else Recipe(10_000, 100, near=40)]
    if len({day.task_of(j) for j in wanted}) >= _LONG_DAY:
        return [
            Recipe(10_000, 300, thorough=False, weight=2),
            Recipe(4_000, 100, thorough=False),
            Recipe(2_500, 100, thorough=False, near=25, kick=50),
        ]
    return [
        Recipe(4_000, 100, thorough=False),
        Recipe(10_000, 300),
        Recipe(4_000, 100, thorough=False),
        Recipe(15_000, 200),
    ]


def share_iterations(recipes: Sequence[Recipe], iterations: int) -> list[int]:
    """Return after how many iterations in all each search ends.

    Examples
    --------
    >>> share_iterations([Recipe(1, 1, weight=2), Recipe(1, 1)], 10)
    [7, 10]
    """
    whole = sum(recipe.weight for recipe in recipes)
    return [-(-iterations * sum(r.weight for r in recipes[: k + 1]) // whole) for k in range(len(recipes))]


def run_recipe(
    data: pyvrp.ProblemData,
    stop: StoppingCriterion,
    *,
    recipe: Recipe,
    seed: int,
    first: pyvrp.Solution | None = None,
) -> pyvrp.Result:
    """Search once.

    Parameters
    ----------
    data
        The problem of the solver.
    stop
        Called with the best cost before each iteration; ``True`` ends the search.
    recipe, seed
        How to search, and the dice.
    first
        Where to begin; drawn by the dice where ``None``.
    """
    import pyvrp
    from pyvrp.search import (
        LocalSearch,
        NeighbourhoodParams,
        PerturbationManager,
        PerturbationParams,
        compute_neighbours,
    )

    plain = pyvrp.SolveParams()
    dice = pyvrp.RandomNumberGenerator(seed=seed)
    local = LocalSearch(
        data,
        dice,
        compute_neighbours(data, NeighbourhoodParams(num_neighbours=recipe.near)),
        PerturbationManager(PerturbationParams(max_perturbations=recipe.kick)),
    )
    for move in plain.operators:
        if move.supports(data):
            local.add_operator(move(data))
    fines = pyvrp.PenaltyManager(plain.penalty.midpoint_penalties(data), plain.penalty)
    if first is None:
        first = local(pyvrp.Solution.make_random(data, dice), fines.max_cost_evaluator(), exhaustive=True)
    params = pyvrp.IteratedLocalSearchParams(
        num_iters_no_improvement=recipe.patience,
        history_length=recipe.history,
        exhaustive_on_best=recipe.thorough,
    )
    return pyvrp.IteratedLocalSearch(data, fines, local, first, params).run(stop, collect_stats=False)
