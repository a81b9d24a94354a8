"""A fugitive with a head start: which exits can still be closed in time, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.snapping import SnapIndex, Snapped
from geo.times import matrix
from geo.travel import TravelGraph
from patrol.exits import Exit
from patrol.places import require_on_network, snap_places
from patrol.units import Unit


@dataclass(frozen=True, slots=True)
class ExitClock:
    """One exit in the race.

    Attributes
    ----------
    exit
        Id of the exit.
    fugitive_s
        Seconds from now until the fugitive is there; negative when already through, inf where no way leads there.
    unit, agency
        The unit sent there, ``""`` where none is sent or can come in time.
    unit_s
        Seconds until that unit arrives; of the quickest unit where none is sent; inf where none can come at all.
    closable
        Whether some unit, sent at once, is there no later than the fugitive.
    """

    exit: str
    fugitive_s: float
    unit: str
    agency: str
    unit_s: float
    closable: bool

    @property
    def closed(self) -> bool:
        """Whether a unit is sent that comes in time."""
        return bool(self.unit)

    @property
    def margin_s(self) -> float:
        """Seconds the unit is there before the fugitive; negative when it is late."""
        return self.fugitive_s - self.unit_s if np.isfinite(self.unit_s) else -np.inf

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values; ``None`` for a time that does not exist."""
        return {
            "exit": self.exit,
            "fugitive_s": _finite(self.fugitive_s),
            "unit": self.unit or None,
            "agency": self.agency or None,
            "unit_s": _finite(self.unit_s),
            "margin_s": _finite(self.margin_s),
            "closable": self.closable,
            "closed": self.closed,
        }


@dataclass(frozen=True, slots=True)
class Flight:
    """What is known of a fugitive: seconds since the last sighting, and how much faster than free flow."""

    head_start_s: float = 0.0
    faster: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.head_start_s) and self.head_start_s >= 0 and 0 < self.faster < np.inf):
            raise InputError(
                "逃逸提前量应为 0 或正数秒，速度倍数应为正数。"
                f" / head start {self.head_start_s:g} s, {self.faster:g} x free flow: give 0 or more seconds "
                "and a positive factor"
            )


def race_to_exits(
    graph: TravelGraph,
    units: Sequence[Unit],
    exits: Sequence[Exit],
    *,
    seen: Snapped,
    flight: Flight,
    index: SnapIndex | None = None,
) -> tuple[ExitClock, ...]:
    """Close as many exits as can still be closed in time, and among those ways the one with the least sum of times.

    Parameters
    ----------
    graph
        The travel graph; the fugitive drives on it too, in any direction from where it was seen.
    units
        Units; one a unit is sent, however many cars it has.
    exits
        Exits, each with an id of its own.
    seen
        Where the fugitive was seen, one place on the network.
    flight
        Head start and speed.
    index
        A search tree built before.

    Returns
    -------
    One entry an exit, in the order given.

    Raises
    ------
    InputError
        Where there is no exit, or a place is far from every road.
    """
    if not exits:
        raise InputError("没有出口，请至少列出一处。 / no exit is given; list at least one place to seal")
    ready = sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id)
    ends = snap_places(graph.network, exits, index=index)
    require_on_network(exits, ends, "exit")
    left = matrix(graph, seen, ends)[0] / flight.faster - flight.head_start_s
    if not ready:
        return tuple(ExitClock(e.id, float(left[k]), "", "", np.inf, closable=False) for k, e in enumerate(exits))
    posts = snap_places(graph.network, ready, index=index)
    require_on_network(ready, posts, "unit")
    times = matrix(graph, posts, ends)
    sent = _send(times, left)
    clocks = []
    for k, exit_ in enumerate(exits):
        row = sent.get(k, -1)
        quickest = float(times[:, k].min())
        clocks.append(
            ExitClock(
                exit_.id,
                float(left[k]),
                ready[row].id if row >= 0 else "",
                ready[row].agency if row >= 0 else "",
                float(times[row, k]) if row >= 0 else quickest,
                bool(np.isfinite(quickest) and quickest <= left[k]),
            )
        )
    return tuple(clocks)


def _send(times: npt.NDArray[np.float64], left: npt.NDArray[np.float64]) -> dict[int, int]:
    """Return exit to unit: as many exits as possible in time, then the least sum."""
    from scipy.optimize import linear_sum_assignment

    fits = np.isfinite(times) & (times <= left[None, :]) & np.isfinite(left)[None, :]
    if not fits.any():
        return {}
    penalty = float(times[fits].sum()) + 1.0
    rows, cols = linear_sum_assignment(np.where(fits, times, penalty))
    return {int(c): int(r) for r, c in zip(rows, cols, strict=True) if fits[r, c]}


def _finite(value: float) -> float | None:
    return round(value, 3) if np.isfinite(value) else None
