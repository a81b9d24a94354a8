"""How a day is searched: one recipe or several one after another, and one iterated local search by a recipe.

Measured on the public sets (docs/performance.md): a plan that is best so far is kept as it is rather than searched
through at once, and the search remembers few past plans, wherever tasks are many or can be done in either direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patrol.matrices import Day

if TYPE_CHECKING:
    import pyvrp
    from pyvrp.stop import StoppingCriterion

_MANY = 200
_LONG_DAY = 100
_SHARED_NEAR = 40


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
        return [Recipe(5_000, 50) if len(wanted) < _MANY else Recipe(10_000, 100, thorough=False)]
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
    apart: Callable[[int, int], bool] | None = None,
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
    apart
        Whether no crew may serve both of two clients: they are then no neighbours, which leaves room for others.
    """
    import pyvrp
    from pyvrp.search import LocalSearch, PerturbationManager, PerturbationParams

    plain = pyvrp.SolveParams()
    dice = pyvrp.RandomNumberGenerator(seed=seed)
    local = LocalSearch(
        data,
        dice,
        _find_neighbours(data, recipe.near, apart),
        PerturbationManager(PerturbationParams(max_perturbations=recipe.kick)),
    )
    for move in plain.operators:
        if move.supports(data):
            local.add_operator(move(data))
    fines = pyvrp.PenaltyManager(plain.penalty.midpoint_penalties(data), plain.penalty)
    drawn = pyvrp.Solution.make_random(data, dice)
    first = local(drawn, fines.max_cost_evaluator(), exhaustive=True)
    params = pyvrp.IteratedLocalSearchParams(
        num_iters_no_improvement=recipe.patience,
        history_length=recipe.history,
        exhaustive_on_best=recipe.thorough,
    )
    return pyvrp.IteratedLocalSearch(data, fines, local, first, params).run(stop, collect_stats=False)


def _find_neighbours(
    data: pyvrp.ProblemData, near: int, apart: Callable[[int, int], bool] | None
) -> dict[pyvrp.Activity, list[pyvrp.Activity]]:
    from pyvrp.search import NeighbourhoodParams, compute_neighbours

    if apart is None:
        return compute_neighbours(data, NeighbourhoodParams(num_neighbours=near))
    every = compute_neighbours(data, NeighbourhoodParams(num_neighbours=max(1, data.num_clients)))
    room = min(near, _SHARED_NEAR)
    return {a: [b for b in some if not apart(a.idx, b.idx)][:room] for a, some in every.items()}
