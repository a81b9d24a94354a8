"""Broken chains 断链: places where the painted stakes jump, and the map between stakes and metres of road."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.measure import measure_steps
from geo.stakes import format_mm, parse_stake

Floats = npt.NDArray[np.float64]

SAME_PLACE_M = 1.0
"""Two rows of a table this near to each other stand at one place."""
_EQUATION = re.compile(r"[=＝]")


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """One broken chain: the stake that ends and the stake that begins at the same place.

    Attributes
    ----------
    before_mm, after_mm
        Stake reached coming from lower stakes, and the stake that holds from here on, millimetres. ``before`` above
        ``after`` is a long chain 长链 (stakes repeat), below it a short chain 短链 (stakes are missing).
    is_declared
        Whether a person stated it; otherwise it was found in the table.
    """

    before_mm: int
    after_mm: int
    is_declared: bool = True

    @property
    def extra_m(self) -> float:
        """Metres the road is longer than its stakes say: positive for a long chain, negative for a short one."""
        return (self.before_mm - self.after_mm) / 1000.0

    @property
    def is_long(self) -> bool:
        """Whether stakes repeat."""
        return self.before_mm > self.after_mm

    def __str__(self) -> str:
        kind = "长链" if self.is_long else "短链"
        return f"{format_mm(self.before_mm)}={format_mm(self.after_mm)}（{kind} {abs(self.extra_m):g} m）"


def parse_chain(text: str) -> BrokenChain:
    """Read a chain equation such as ``K10+050=K10+000``.

    Raises
    ------
    InputError
        Not two stakes joined by one equals sign, or both are the same.

    Examples
    --------
    >>> parse_chain("K10+050=K10+000").extra_m
    50.0
    """
    parts = _EQUATION.split(text)
    if len(parts) != 2:  # noqa: PLR2004 - an equation has two sides
        raise InputError(
            f"断链“{text[:40]}”有误，应写作 K10+050=K10+000。 / chain {text[:40]!r}: write it as K10+050=K10+000."
        )
    before, after = parse_stake(parts[0]), parse_stake(parts[1])
    if before.mm == after.mm:
        raise InputError(
            f"断链“{text[:40]}”两边相同，请核对。 / chain {text[:40]!r} has the same stake on both sides; check it."
        )
    return BrokenChain(before.mm, after.mm)


def find_paired_rows(stake_m: Floats, lon: Floats, lat: Floats) -> tuple[tuple[BrokenChain, int], ...]:
    """Find chains that a table declares by two successive rows at one place: the stake before and the stake after.

    Parameters
    ----------
    stake_m, lon, lat
        float64 (rows,), stakes in metres and places in WGS-84 degrees, in the order of the table.

    Returns
    -------
    Each chain and the second of its two rows. A pair counts only where the straight distance from the row before to
    the row after is explained better with the jump than without it; otherwise a place was copied by mistake.
    """
    found: list[tuple[BrokenChain, int]] = []
    rising = int((np.diff(stake_m) > 0).sum()) >= int((np.diff(stake_m) < 0).sum())
    step = measure_steps(lon, lat)
    for k in np.flatnonzero((step < SAME_PLACE_M) & (np.diff(stake_m) != 0)).tolist():
        before, after = (k, k + 1) if rising else (k + 1, k)
        chain = BrokenChain(round(float(stake_m[before]) * 1000), round(float(stake_m[after]) * 1000))
        if k == 0 or k + 2 == len(stake_m):
            continue
        chord = float(measure_steps(lon[[k - 1, k + 2]], lat[[k - 1, k + 2]])[0])
        stakes = abs(float(stake_m[k + 2] - stake_m[k - 1]))
        if abs(chord - stakes - chain.extra_m) < abs(chord - stakes):
            found.append((chain, k + 1))
    return tuple(found)


@dataclass(frozen=True)
class Piece:
    """Part of a carriageway without a broken chain: stakes and metres both rise.

    Attributes
    ----------
    along_m
        float64 (anchors,), metres along the line, rising.
    stake_m
        float64 (anchors,), stakes there in metres, rising.
    row
        int64 (anchors,), row of the table behind each anchor, -1 at a broken chain.
    """

    along_m: Floats
    stake_m: Floats
    row: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        rises = (np.diff(self.along_m) > 0).all() and (np.diff(self.stake_m) > 0).all()
        if len(self.along_m) < 2 or not rises:  # noqa: PLR2004 - two anchors span a piece
            msg = "a piece has two anchors or more, and both stakes and metres rise"
            raise ValueError(msg)

    @property
    def excess_m(self) -> Floats:
        """Metres of road minus metres of stakes between successive anchors, float64 (anchors - 1,)."""
        return np.diff(self.along_m) - np.diff(self.stake_m)

    def along_of(self, stake_m: npt.ArrayLike) -> Floats:
        """Return metres along the line of stakes; beyond the ends one metre of stake is one metre of road."""
        return _follow(np.asarray(stake_m, dtype=np.float64), self.stake_m, self.along_m)

    def stake_of(self, along_m: npt.ArrayLike) -> Floats:
        """Return stakes in metres of metres along the line; beyond the ends one for one."""
        return _follow(np.asarray(along_m, dtype=np.float64), self.along_m, self.stake_m)


def _follow(x: Floats, known_x: Floats, known_y: Floats) -> Floats:
    """Interpolate evenly between anchors: monotone, and one wrong anchor spoils its two intervals only."""
    inside = np.interp(x, known_x, known_y)
    before = np.minimum(x - known_x[0], 0.0)
    after = np.maximum(x - known_x[-1], 0.0)
    return np.asarray(inside + before + after, dtype=np.float64)
