"""Linear models for HiGHS, built from CSR tables: one thread, no clock, stopped by nodes or by a callable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InfeasibleError
from patrol.posts.question import Floats, Ints, never

if TYPE_CHECKING:
    from highspy import Highs
    from scipy.sparse import csr_array

Mask = npt.NDArray[np.bool_]

_REL_GAP = 1e-7
_ABS_STEP = 0.999


@dataclass(frozen=True)
class LinearModel:
    """Minimise ``cost @ x`` subject to ``row_lower <= matrix @ x <= row_upper``.

    Attributes
    ----------
    cost
        float64 (columns,).
    matrix
        float64 CSR (rows, columns).
    row_lower, row_upper
        float64 (rows,).
    col_lower, col_upper
        float64 (columns,).
    whole
        bool (columns,): the column takes whole numbers only.
    step
        All values are multiples of this; 0 where that is not known.
    """

    cost: Floats
    matrix: csr_array
    row_lower: Floats
    row_upper: Floats
    col_lower: Floats
    col_upper: Floats
    whole: Mask
    step: float = 0.0


@dataclass(frozen=True)
class Solution:
    """What HiGHS found.

    Attributes
    ----------
    x
        float64 (columns,), or ``None`` where it found nothing before it was stopped.
    value, bound
        Of the minimised sum.
    nodes
        Subproblems looked at.
    dual
        float64 (columns,), reduced costs of a model without whole columns, else empty.
    """

    x: Floats | None
    value: float
    bound: float
    nodes: int
    dual: Floats = field(default_factory=lambda: np.zeros(0))


def scale_of(cost: Floats) -> float:
    """Return the power of two that brings the largest cost near 1,000, where HiGHS's tolerances fit."""
    largest = float(np.abs(cost).max(initial=0.0))
    return float(2.0 ** np.floor(np.log2(largest / 1000.0))) if largest > 0 else 1.0


@cache
def _quiet() -> type[Highs]:
    """Return HiGHS without its banner, which would stand before the JSON document on stdout."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802 (the name is theirs; it is the first call of the constructor)
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Quiet


def load_model(model: LinearModel, *, relaxed: bool, options: dict[str, Any] | None = None) -> Highs:
    """Return HiGHS with the model in it, costs divided by ``scale_of``."""
    import highspy

    scale = scale_of(model.cost)
    solver = _quiet()()
    settings: dict[str, Any] = {"threads": 1, "random_seed": 0, "mip_rel_gap": _REL_GAP}
    if model.step:
        settings["mip_abs_gap"] = _ABS_STEP * model.step / scale
    for name, value in (settings | (options or {})).items():
        solver.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = model.matrix.shape
    lp.col_cost_ = model.cost / scale
    lp.col_lower_, lp.col_upper_ = model.col_lower, model.col_upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.matrix.indptr
    lp.a_matrix_.index_ = model.matrix.indices
    lp.a_matrix_.value_ = model.matrix.data
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in model.whole]
    solver.passModel(lp)
    return solver


def solve_relaxed(model: LinearModel) -> Solution:
    """Solve a model without its whole numbers.

    Raises
    ------
    InfeasibleError
        Where nothing satisfies the rows.
    """
    import highspy

    solver = load_model(model, relaxed=True, options={"simplex_strategy": 4})
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise InfeasibleError("约束互相矛盾，没有可行方案。 / nothing satisfies all conditions; relax one of them")
    answer, scale = solver.getSolution(), scale_of(model.cost)
    value = float(solver.getInfo().objective_function_value) * scale
    return Solution(np.array(answer.col_value), value, value, 0, np.array(answer.col_dual) * scale)


def solve_whole(model: LinearModel, *, nodes: int, cancel: Callable[[], bool] = never) -> Solution:
    """Solve a model with its whole numbers, by HiGHS's branch and cut.

    A known answer is not handed over: HiGHS 1.16 may carry it wrongly into the presolved model and call a value
    optimal that no answer reaches. Callers keep the better of both answers.

    Parameters
    ----------
    model
        The model.
    nodes
        At most so many subproblems.
    cancel
        Asked now and then.

    Raises
    ------
    InfeasibleError
        Where nothing satisfies the rows.
    """
    import highspy

    solver = load_model(model, relaxed=False, options={"mip_max_nodes": max(nodes, 1)})
    if cancel is not never:
        watch = _watch(cancel)
        solver.cbMipInterrupt.subscribe(watch)
        solver.cbSimplexInterrupt.subscribe(watch)
    solver.run()
    if solver.getModelStatus() in {
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    }:
        raise InfeasibleError("约束互相矛盾，没有可行方案。 / nothing satisfies all conditions; relax one of them")
    info, scale = solver.getInfo(), scale_of(model.cost)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if found else None
    value = float(info.objective_function_value) * scale if found else np.inf
    return Solution(x, value, min(float(info.mip_dual_bound) * scale, value), max(int(info.mip_node_count), 0))


def _watch(cancel: Callable[[], bool]) -> Callable[[Any], None]:
    def look(event: Any) -> None:
        if cancel():
            event.interrupt()

    return look


def stack_columns(parts: Any) -> csr_array:
    """Return one CSR table from rows of blocks, ``None`` for an empty block."""
    from scipy.sparse import block_array, csr_array

    table = csr_array(block_array(parts, format="csr"))
    table.sort_indices()
    return table.astype(np.float64)


def whole_units(x: Floats, sites: int) -> Ints:
    """Return the first columns of a solution as whole units."""
    return np.rint(x[:sites]).astype(np.int64)
