"""The answer to whose road a place is, and the roads it may be meant to lie on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Candidate:
    """A road the place may be meant to lie on.

    Attributes
    ----------
    segment
        Segment id.
    owner, agency
        Who owns it.
    distance_m
        From the place to the road.
    road, highway, layer, direction
        Name or number, OSM class, layer (``0`` on the ground), heading in degrees of the carriageway (-1 two-way).
    """

    segment: str
    owner: str
    agency: str
    distance_m: float
    road: str
    highway: str
    layer: str
    direction: int

    def to_json(self) -> dict[str, object]:
        """Return the candidate as plain JSON values."""
        return {
            "segment": self.segment,
            "owner": self.owner,
            "agency": self.agency,
            "distance_m": round(self.distance_m, 2),
            "road": self.road,
            "highway": self.highway,
            "layer": self.layer,
            "direction": self.direction,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose road a place is.

    Attributes
    ----------
    owner
        ``expressway``, ``ordinary``, ``contested``, ``none``, ``ask`` (inside the band of uncertainty) or
        ``outside``.
    agency, segment
        Agency id and segment id of the nearest road, ``""`` outside.
    distance_m
        From the place to the nearest road.
    distance_to_seam_m
        Along the roads to the nearest seam; infinite where none can be reached.
    seam
        Id of that seam, or ``""``.
    candidates
        The nearest road and rivals, nearest first; near a seam the roads beyond it too.
    reason
        Why, as plain values.
    error_m
        The band of uncertainty: a seam or a border of two brigades nearer than this must be verified.
    distance_to_border_m
        Along the roads to the nearest place where owner or agency changes; infinite where none can be reached.
    row, offset_m
        Segment row and metres from its first point, -1 and 0 outside.
    """

    owner: str
    agency: str
    segment: str
    distance_m: float
    distance_to_seam_m: float
    seam: str
    candidates: tuple[Candidate, ...]
    reason: tuple[dict[str, object], ...]
    error_m: float = 0.0
    distance_to_border_m: float = np.inf
    row: int = -1
    offset_m: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain JSON values; an infinite distance is ``null``."""
        return {
            "owner": self.owner,
            "agency": self.agency,
            "segment": self.segment,
            "distance_m": round(self.distance_m, 2),
            "distance_to_seam_m": _finite(self.distance_to_seam_m),
            "distance_to_border_m": _finite(self.distance_to_border_m),
            "seam": self.seam,
            "candidates": [c.to_json() for c in self.candidates],
            "reason": list(self.reason),
            "error_m": round(self.error_m, 1),
        }


def answer_outside(distance_m: float) -> Answer:
    """Return the answer for a place off the network, so many metres from the nearest road."""
    return Answer("outside", "", "", distance_m, np.inf, "", (), ())


def _finite(metres: float) -> float | None:
    return round(metres, 1) if np.isfinite(metres) else None
