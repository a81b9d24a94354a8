"""Joint visits as pairs: one visit for each of the two agencies that must come, side by side in a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from geo.errors import InputError
from patrol.matrices import Day
from patrol.targets import Target
from patrol.units import JOINT, LOCAL, Unit

Pairs = tuple[tuple[int, int], ...]

_SPLIT = re.compile(r"\s*[+＋&＆]\s*")


def partners_of(target: Target, units: Sequence[Unit]) -> tuple[str, str] | None:
    """Return the two agencies that must come to a target, or ``None`` where one crew does.

    ``local+exp1`` names them; ``joint`` means the district and an expressway brigade where no mixed crew has a car.

    Raises
    ------
    InputError
        Where an agency is joined with itself, or more than two are named.
    """
    parts = _SPLIT.split(target.agency)
    if len(parts) == 1:
        mixed = any(unit.agency == JOINT and unit.available for unit in units)
        return (LOCAL, "expressway") if target.agency == JOINT and not mixed else None
    if len(parts) != 2 or parts[0] == parts[1] or not all(parts):  # noqa: PLR2004
        raise InputError(
            f"目标 {target.id} 的单位“{target.agency}”应为两个不同单位，例如 local+expressway。"
            f" / target {target.id}: {target.agency} must join two different agencies, such as local+expressway"
        )
    return parts[0], parts[1]


def split_visits(targets: Sequence[Target], units: Sequence[Unit]) -> list[Target]:
    """Return the targets with two visits, one an agency, in place of each joint one."""
    return [
        visit
        for target in targets
        for visit in ([replace(target, agency=side) for side in partners_of(target, units) or ()] or [target])
    ]


def pairs_of(day: Day) -> Pairs:
    """Return the pairs of visits of a day that must begin together: neighbours of one id that are two tasks."""
    return tuple(
        (j, j + 1)
        for j in range(len(day.targets) - 1)
        if day.targets[j].id == day.targets[j + 1].id and day.task_of(j) != day.task_of(j + 1)
    )
