"""Dictionary-encoded text columns: one small pool of strings, one int32 code a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of strings; code 0 is the empty string, which stands for "no value".

    Attributes
    ----------
    codes
        int32, shape (n,), row to pool position.
    pool
        The distinct strings; ``pool[0]`` is ``""``.

    Examples
    --------
    >>> column = TextColumn.from_strings(["a", "", "a"])
    >>> column[2], len(column), column.where({"a"}).tolist()
    ('a', 3, [True, False, True])
    """

    codes: npt.NDArray[np.int32]
    pool: tuple[str, ...]

    @classmethod
    def from_strings(cls, values: Iterable[str]) -> TextColumn:
        """Encode strings; the pool keeps the order of first appearance after ``""``."""
        index: dict[str, int] = {"": 0}
        codes = np.fromiter((index.setdefault(v, len(index)) for v in values), dtype=np.int32)
        return cls(codes, tuple(index))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.pool[int(self.codes[row])]

    def where(self, wanted: Collection[str] | Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        """Return a boolean mask, shape (n,), of the rows whose text is in a set or satisfies a predicate."""
        test = wanted if callable(wanted) else wanted.__contains__
        flags = np.fromiter((bool(test(text)) for text in self.pool), dtype=bool, count=len(self.pool))
        return flags[self.codes]

    def take(self, rows: npt.NDArray[np.integer]) -> TextColumn:
        """Return the column of the given rows, with the same pool."""
        return TextColumn(self.codes[rows], self.pool)

    def tolist(self) -> list[str]:
        """Return the strings as a list of length n."""
        return [self.pool[code] for code in self.codes.tolist()]
