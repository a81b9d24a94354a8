"""A calibrated carriageway: its line, the stakes along it, and how far they may be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.chains import BrokenChain, Piece
from geo.findings import Finding
from geo.routeline import RouteLine
from geo.stakeerror import ErrorModel
from geo.stakes import Direction
from geo.staketable import StakeSource


@dataclass(frozen=True)
class Carriageway:
    """One calibrated carriageway.

    Attributes
    ----------
    route, direction
        As the table names them.
    travel
        1 where traffic drives towards higher stakes, -1 towards lower ones, 0 unknown (line drawn, or a road without
        separate carriageways).
    line
        Its line in the direction of growing stakes.
    pieces
        Its anchors between broken chains, in order.
    chains
        The broken chain after each piece but the last.
    errors
        Its error bounds.
    source
        What the stakes were read off.
    is_drawn
        Whether the line was drawn through table points instead of following the map.
    is_carried_over
        Whether the stakes were given for the other carriageway.
    """

    route: str
    direction: Direction
    travel: int
    line: RouteLine
    pieces: tuple[Piece, ...]
    chains: tuple[BrokenChain, ...]
    errors: ErrorModel
    source: StakeSource
    is_drawn: bool
    is_carried_over: bool = False

    def piece_at(self, along_m: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the piece that holds each place along the line, int64 (places,)."""
        starts = np.array([piece.along_m[0] for piece in self.pieces[1:]])
        return np.searchsorted(starts, np.atleast_1d(np.asarray(along_m, dtype=np.float64)), side="right").astype(
            np.int64
        )


@dataclass(frozen=True)
class Calibration:
    """Calibrated carriageways, sorted by route, direction and travel, and what is doubtful about the table."""

    carriageways: tuple[Carriageway, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def routes(self) -> tuple[str, ...]:
        """Routes that have stakes, sorted."""
        return tuple(sorted({c.route for c in self.carriageways}))


def name_carriageway(route: str, direction: Direction) -> str:
    """Return how a carriageway is named in sentences."""
    return f"{route} {direction}".strip() or "未注明路线 / unnamed route"
