"""Mutual aid: permissions, what each of them buys, and their ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ACT, PASS = "act", "pass"


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission.

    Attributes
    ----------
    kind
        ``act`` or ``pass``.
    holder
        The agency, or the unit, that gets it.
    subject
        Road of the stretch (number, else name), or id of the station.
    name
        For people.
    owner
        Agency that owns the stretch; ``""`` for a station.
    """

    kind: str
    holder: str
    subject: str
    name: str
    owner: str = ""

    def sentence(self) -> str:
        """Return the permission in words, in both languages."""
        if self.kind == ACT:
            zh = f"允许 {self.holder} 在 {self.owner} 管辖的 {self.name} 上执法"
            return f"{zh} / {self.holder} may act on {self.name} of {self.owner}"
        return f"允许 {self.holder} 经 {self.name} 通行 / {self.holder} may pass {self.name}"


@dataclass(frozen=True, slots=True)
class Bought:
    """What a permission buys on the roads of one owner.

    Attributes
    ----------
    gained_m
        Directed metres that somebody with authority reaches within the limit, and did not before.
    opened_m
        Directed metres that somebody with authority reaches at all, and nobody did before.
    saved_s
        Mean seconds saved over the metres reached before, of this owner and within what the permission concerns.
    p90_saved_s
        How much sooner nine tenths of these metres are reached, seconds.
    """

    gained_m: float
    opened_m: float
    saved_s: float
    p90_saved_s: float = 0.0


@dataclass(frozen=True)
class Gain:
    """A permission, what it buys by owner, and how many directed metres it concerns."""

    permission: Permission
    bought: Mapping[str, Bought]
    road_m: float

    @property
    def gained_m(self) -> float:
        """Directed metres gained within the limit, over all owners."""
        return sum(b.gained_m for b in self.bought.values())

    @property
    def opened_m(self) -> float:
        """Directed metres reached at all for the first time, over all owners."""
        return sum(b.opened_m for b in self.bought.values())

    @property
    def saved_s(self) -> float:
        """Largest mean saving of one owner, seconds."""
        return max((b.saved_s for b in self.bought.values()), default=0.0)

    @property
    def p90_saved_s(self) -> float:
        """Largest saving of one owner in the time within which nine tenths of its metres are reached, seconds."""
        return max((b.p90_saved_s for b in self.bought.values()), default=0.0)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values: metres, kilometres, minutes."""
        permission = self.permission
        return {
            "kind": permission.kind,
            "holder": permission.holder,
            "subject": permission.subject,
            "name": permission.name,
            "owner": permission.owner or None,
            "sentence": permission.sentence(),
            "road_m": self.road_m,
            "gained_m": self.gained_m,
            "gained_km": round(self.gained_m / 1000, 3),
            "bought": {
                owner: {
                    "gained_m": b.gained_m,
                    "gained_km": round(b.gained_m / 1000, 3),
                    "opened_m": b.opened_m,
                    "saved_min": round(b.saved_s / 60, 3),
                    "p90_saved_min": round(b.p90_saved_s / 60, 3),
                }
                for owner, b in self.bought.items()
            },
        }


@dataclass(frozen=True)
class AidTable:
    """The ranked permissions.

    Attributes
    ----------
    limit_s
        The limit, seconds.
    lawful_m, total_m
        Owner to directed metres that a unit with authority reaches within the limit, and all its directed metres.
    gains
        Permissions that buy something, the most metres first, then the most seconds.
    """

    limit_s: float
    lawful_m: Mapping[str, float]
    total_m: Mapping[str, float]
    gains: tuple[Gain, ...]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "limit_s": self.limit_s,
            "lawful_m": dict(self.lawful_m),
            "total_m": dict(self.total_m),
            "permissions": [gain.to_json() for gain in self.gains],
        }


def rank_gains(gains: Sequence[Gain]) -> list[Gain]:
    """Return gains with the most metres first, then the most metres opened, then the most seconds."""
    return sorted(
        gains,
        key=lambda g: (
            -g.gained_m,
            -g.opened_m,
            -g.saved_s,
            g.permission.kind,
            g.permission.holder,
            g.permission.subject,
        ),
    )
