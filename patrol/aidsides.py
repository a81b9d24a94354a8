"""What mutual aid buys for each side, over all permissions that were ranked."""

from __future__ import annotations

from collections.abc import Sequence

from patrol.aidtable import Gain
from patrol.units import is_local


def sum_sides(gains: Sequence[Gain]) -> dict[str, dict[str, float | int]]:
    """Return for each side how many permissions its crews would hold, and the most that a single one buys.

    ``best_held_km`` is bought by one that its crews hold, on whatever road; ``best_gained_km`` and ``best_saved_min``
    fall on its own roads, whoever holds it.
    """
    sides: dict[str, dict[str, float | int]] = {}
    for side in ("local", "expressway"):
        held = [g for g in gains if is_local(g.permission.holder) == (side == "local")]
        bought = [b for g in gains for owner, b in g.bought.items() if is_local(owner) == (side == "local")]
        sides[side] = {
            "held": len(held),
            "best_held_km": round(max((g.gained_m for g in held), default=0.0) / 1000, 3),
            "best_gained_km": round(max((b.gained_m for b in bought), default=0.0) / 1000, 3),
            "best_saved_min": round(max((b.saved_s for b in bought), default=0.0) / 60, 3),
        }
    return sides
