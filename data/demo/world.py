"""What the building steps share: the net, the expressway curves and the truths noted on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from data.demo.curves import Curve
from data.demo.net import Net


@dataclass(slots=True)
class StationNote:
    """The truth about one station; booths and seams are node indices of the net."""

    id: str
    name: str
    kind: str
    lanes: int
    names: list[str]
    route: str
    booths: list[int] = field(default_factory=list)
    seams: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    centre: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class World:
    """The district in the making.

    Parameters
    ----------
    seed
        Any integer; the same seed gives the same district.
    """

    seed: int
    net: Net = field(default_factory=Net)
    curves: dict[str, Curve] = field(default_factory=dict)
    stations: list[StationNote] = field(default_factory=list)
    marks: dict[str, list[int]] = field(default_factory=dict)
    spots: dict[str, tuple[float, float]] = field(default_factory=dict)

    def rng(self, purpose: str) -> Random:
        """Return a random source of its own for one step, so that steps do not disturb each other."""
        return Random(f"{self.seed}-{purpose}")

    def mark(self, name: str, node: int) -> None:
        """Note a node under a name for the facts file."""
        self.marks.setdefault(name, []).append(node)
