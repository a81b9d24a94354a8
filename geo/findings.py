"""Findings: doubtful data, reported with code, count, place and remedy, never dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters to a boundary."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of doubtful data.

    Attributes
    ----------
    code
        Stable machine name, ``snake_case``.
    severity
        How much it matters.
    count
        How many things are concerned, at least 1.
    message
        One sentence in Chinese: what, and what to do.
    message_en
        The same sentence in English.
    length_m
        Metres of road concerned, rounded to millimetres; 0 where length means nothing.
    places
        Up to 50 ``(lon, lat)`` in WGS-84 degrees where a person should look.
    things
        Up to 50 ids (segments, nodes, stations) in the order of ``places``.
    """

    code: str
    severity: Severity
    count: int
    message: str
    message_en: str
    length_m: float = 0.0
    places: tuple[tuple[float, float], ...] = ()
    things: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.count < 1:
            msg = f"a finding counts at least one thing, {self.code} counts {self.count}"
            raise ValueError(msg)
        object.__setattr__(self, "length_m", round(float(self.length_m), 3))

    @property
    def remedy(self) -> str:
        """What to do, in Chinese: the last clause of ``message`` that asks for something, else its last clause."""
        clauses = [part for part in re.split(r"[，；：（）。]", self.message) if part.strip()]
        asking = [k for k, part in enumerate(clauses) if part.lstrip().startswith("请")]
        return "，".join(clauses[asking[-1] :] if asking else clauses[-1:]).strip() or self.message

    @property
    def remedy_en(self) -> str:
        """The same in English: what stands behind the last colon or semicolon, else the whole sentence."""
        return re.split(r"[:;] ", self.message_en)[-1].strip() or self.message_en

    def to_json(self) -> dict[str, object]:
        """Return the finding as plain JSON values."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "count": self.count,
            "message": self.message,
            "message_en": self.message_en,
            "remedy": self.remedy,
            "remedy_en": self.remedy_en,
            "length_m": self.length_m,
            "places": [list(place) for place in self.places],
            "things": list(self.things),
        }


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the gravest first, then by code and first place, so that order never varies."""
    return tuple(sorted(findings, key=lambda f: (_RANK[f.severity], f.code, f.places, f.message)))
