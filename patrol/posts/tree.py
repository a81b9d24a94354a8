"""Branch and bound over the units at sites, on linear relaxations that start from the basis of their parent.

Where covering models are large but nearly whole (a few dozen fractional sites), a small tree of quick
relaxations is several times faster than branch and cut, which spends its time on cuts at the root.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from patrol.posts.exact import LinearModel, load_model, scale_of
from patrol.posts.question import Effort, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WHOLE = 1e-6
_CLOSE = 1e-7
_ROUND_EVERY = 25

_ROUNDS_ROOT, _ROUNDS_BELOW = 40, 2
"""How often rows may be added to one relaxation: the first, and the others while they are not whole."""

Judge = Callable[[Ints], float]
Rounder = Callable[[Floats], Ints]
Breaker = Callable[[Floats], "csr_array | None"]


class Tree:
    """The search for the least value; maximise by giving negative costs.

    Parameters
    ----------
    model
        Its first columns are the units at the sites, the others follow from them.
    sites
        How many columns are sites.
    judge
        True value of whole units (to be minimised).
    rounder
        Makes whole units of a fractional answer.
    goal
        Stop as soon as an answer is no worse than this, or none can be.
    broken
        Returns rows that belong to the model but were left out, those an answer breaks: each is to be 0 at least.
    """

    def __init__(
        self,
        model: LinearModel,
        sites: int,
        *,
        judge: Judge,
        rounder: Rounder,
        goal: float = -np.inf,
        broken: Breaker | None = None,
    ) -> None:
        self.model, self.sites, self.judge, self.rounder, self.goal = model, sites, judge, rounder, goal
        self.broken = broken
        self.best: Ints = np.zeros(0, dtype=np.int64)
        self.value = np.inf
        self.nodes = self.pushed = 0
        self.leaf = np.inf
        self.scale = scale_of(model.cost)
        self.queue: list[tuple[float, int, tuple[Floats, Floats, Any]]] = []

    @property
    def cut(self) -> float:
        """A relaxation from here on cannot lead to a better answer."""
        known = np.isfinite(self.value)
        better = self.value - max(self.model.step * (1 - 1e-6), _CLOSE * abs(self.value)) if known else np.inf
        return better if self.goal == -np.inf else min(better, self.goal + _CLOSE * abs(self.goal))

    @property
    def bound(self) -> float:
        """No answer is below this."""
        low = min(self.queue[0][0] if self.queue else np.inf, self.leaf)
        return (
            min(self.cut if self.goal > -np.inf else self.value, self.value)
            if low >= self.cut
            else min(low, self.value)
        )

    def offer(self, units: Ints) -> None:
        """Keep an answer if it is the best."""
        value = self.judge(units)
        if value < self.value:
            self.best, self.value = units.copy(), value

    def search(self, effort: Effort, *, rounds: int = 8) -> None:
        """Search until proven, out of nodes, or cancelled; ``rounds`` noisy roundings of the first relaxation."""
        import highspy

        self.solver = load_model(self.model, relaxed=True, options={"presolve": "off", "simplex_strategy": 4})
        lower, upper = self.model.col_lower[: self.sites], self.model.col_upper[: self.sites]
        self.columns = np.arange(self.sites, dtype=np.int32)
        self.optimal = highspy.HighsModelStatus.kOptimal
        self._look(lower.copy(), upper.copy(), None, effort=effort, rounds=rounds)
        self.solver.setOptionValue("simplex_strategy", 1)
        while self.queue and self.queue[0][0] < self.cut and self.nodes < effort.nodes and not effort.cancel():
            if self.value <= self.goal:
                return
            low, _, (lower, upper, basis) = heapq.heappop(self.queue)
            self._look(lower, upper, basis, effort=effort, rounds=0, least=low)

    def _look(
        self, lower: Floats, upper: Floats, basis: Any, *, effort: Effort, rounds: int, least: float = -np.inf
    ) -> None:
        """Solve one relaxation; keep what rounding finds; split it where it stays open."""
        self.solver.changeColsBounds(self.sites, self.columns, lower, upper)
        if basis is not None:
            self.solver.setBasis(self._stretch(basis))
        self.solver.run()
        self.nodes += 1
        if not self._mend(_ROUNDS_BELOW if self.nodes > 1 else _ROUNDS_ROOT):
            return
        value = max(float(self.solver.getInfo().objective_function_value) * self.scale, least)
        answer = self.solver.getSolution()
        x = np.array(answer.col_value)[: self.sites]
        dual = np.array(answer.col_dual)[: self.sites] * self.scale
        self._round(x, effort.seed, rounds)
        if value >= self.cut:
            return
        slack = np.abs(dual) >= self.cut - value
        upper = np.where(slack & (x <= lower + _WHOLE), lower, upper)
        lower = np.where(slack & (x >= upper - _WHOLE), upper, lower)
        part = np.abs(x - np.rint(x))
        free = upper > lower + 0.5
        if not free.any():
            self.offer(np.rint(lower).astype(np.int64))
            return
        if part.max() <= _WHOLE:
            self.offer(np.rint(x).astype(np.int64))
            self.leaf = min(self.leaf, value)
            return
        branch = int(np.argmax(part * free))
        below, above = upper.copy(), lower.copy()
        below[branch] = np.floor(x[branch] + _WHOLE)
        above[branch] = below[branch] + 1
        here = self.solver.getBasis()
        if above[branch] <= upper[branch] and value < self.cut:
            self._push(value, (above, upper, here))
        if value < self.cut:
            self._push(value, (lower, below, here))

    def _mend(self, rounds: int) -> bool:
        """Add the rows the answer breaks and solve again; return whether there is an answer.

        A whole answer is mended to the end, since nothing is left to divide.
        """
        done = 0
        while self.solver.getModelStatus() == self.optimal:
            answer = np.array(self.solver.getSolution().col_value)
            x = answer[: self.sites]
            whole = float(np.abs(x - np.rint(x)).max(initial=0.0)) <= _WHOLE
            rows = self.broken(answer) if self.broken and (whole or done < rounds) else None
            if rows is None:
                return True
            size = rows.shape[0]
            zero, most = np.zeros(size), np.full(size, np.inf)
            self.solver.addRows(
                size, zero, most, rows.nnz, rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data
            )
            self.solver.setOptionValue("simplex_strategy", 1)
            self.solver.run()
            done += 1
        return False

    def _stretch(self, basis: Any) -> Any:
        """Return a basis for the rows added since it was kept: they do not bind."""
        import highspy

        missing = self.solver.getNumRow() - len(basis.row_status)
        if missing > 0:
            basis.row_status = [*basis.row_status, *[highspy.HighsBasisStatus.kBasic] * missing]
        return basis

    def _push(self, value: float, part: tuple[Floats, Floats, Any]) -> None:
        self.pushed += 1
        heapq.heappush(self.queue, (value, self.pushed, part))

    def _round(self, x: Floats, seed: int, rounds: int) -> None:
        dice = np.random.default_rng(seed)
        if rounds or self.nodes % _ROUND_EVERY == 0:
            self.offer(self.rounder(x))
        for _ in range(rounds):
            noisy = x + dice.normal(0.0, 0.25, self.sites) * (x > _WHOLE)
            self.offer(self.rounder(np.clip(noisy, 0.0, None)))
