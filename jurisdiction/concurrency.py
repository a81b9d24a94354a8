"""Roads that carry several route numbers: which brigade has them, by rule or by decision, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from jurisdiction.routeaxis import split_routes

Routes = tuple[str, ...]

_NUMBER = re.compile(r"([A-Z])(\d{1,4})")
_RANKS = "GSXYCZ"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided about one concurrency: the route whose brigade has it, or the agency itself, and why."""

    route: str = ""
    agency: str = ""
    why: str = ""


@dataclass(frozen=True)
class ConcurrencyRule:
    """How concurrencies are settled.

    Attributes
    ----------
    rule
        ``first_listed`` (the stretch that the table lists first) or ``lower_number``.
    rulings
        Sorted route numbers to what was decided about the roads that carry exactly these.
    """

    rule: str = "first_listed"
    rulings: Mapping[Routes, Ruling] = field(default_factory=lambda: MappingProxyType({}))

    def ruling(self, routes: Iterable[str]) -> Ruling | None:
        """Return what was decided about the roads that carry these numbers."""
        return self.rulings.get(tuple(sorted(routes)))

    def rank(self, route: str) -> tuple[int, int, int, str]:
        """Return what routes are sorted by under the rule; the table's order decides where all ranks are equal."""
        return (0, 0, 0, "") if self.rule == "first_listed" else rank_number(route)


def rank_number(route: str) -> tuple[int, int, int, str]:
    """Return a sort key: G before S, one and two digits before four, then the lower number (GB/T 917-2017).

    Examples
    --------
    >>> sorted(["S17", "G0611", "G6"], key=rank_number)
    ['G6', 'G0611', 'S17']
    """
    match = _NUMBER.match(route.upper())
    if not match:
        return len(_RANKS), 0, 0, route
    rank = _RANKS.find(match[1])
    return (rank if rank >= 0 else len(_RANKS)), len(match[2]) > 2, int(match[2]), route  # noqa: PLR2004


def read_key(key: str) -> Routes | None:
    """Return the sorted route numbers of a decision key ``concurrency:G6;G0611``; ``None`` for other keys.

    Examples
    --------
    >>> read_key("concurrency:G6;G0611"), read_key("G98")
    (('G0611', 'G6'), None)
    """
    head, mark, text = key.partition(":")
    if head != "concurrency" or not mark:
        return None
    return tuple(sorted(split_routes(text)))
