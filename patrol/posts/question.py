"""What every model of posts is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PROVEN = 1e-6
"""An answer within this share of its bound counts as proven."""


def never() -> bool:
    """Do not cancel."""
    return False


@dataclass(frozen=True)
class Effort:
    """How hard to try; steps, never seconds, so that the same input gives the same answer.

    Attributes
    ----------
    nodes
        Subproblems of the exact search; 0 stops after the greedy answer and its bound from the relaxation.
    seed
        Of everything drawn by lot.
    cancel
        Asked now and then; ``True`` stops with the best answer so far.
    """

    nodes: int = 3_000
    seed: int = 1
    cancel: Callable[[], bool] = never


@dataclass(frozen=True)
class Stock:
    """How many units may stand where.

    Attributes
    ----------
    least, most
        int64 (sites,), units that stand there in any case and at most.
    total
        Units in all, ``least.sum()`` to ``most.sum()``.
    """

    least: Ints
    most: Ints
    total: int

    def __post_init__(self) -> None:
        if (self.least < 0).any() or (self.least > self.most).any():
            msg = "a site cannot hold the units that stand there"
            raise ValueError(msg)
        if not self.least.sum() <= self.total <= self.most.sum():
            raise InputError(
                f"候选点共可再设 {int(self.most.sum() - self.least.sum())} 个驻点，"
                f"无法增设 {self.total - int(self.least.sum())} 个。"
                f" / the candidate sites have room for {int(self.most.sum() - self.least.sum())} more units, "
                f"not {self.total - int(self.least.sum())}; give more sites or ask for fewer posts"
            )

    @property
    def free(self) -> int:
        """Units still to be placed."""
        return self.total - int(self.least.sum())


@dataclass(frozen=True)
class Answer:
    """Units at each site and how good that is.

    Attributes
    ----------
    units
        int64 (sites,).
    value
        What the model counts.
    bound
        No answer is better than this.
    greedy
        What the greedy answer counted.
    nodes
        Subproblems looked at.
    """

    units: Ints
    value: float
    bound: float
    greedy: float
    nodes: int

    @property
    def gap(self) -> float:
        """How far the bound lies from the value, as a share of the value."""
        return abs(self.bound - self.value) / max(abs(self.value), 1e-12) if self.bound != self.value else 0.0

    @property
    def proven(self) -> bool:
        """Whether no answer is better."""
        return self.gap <= PROVEN
