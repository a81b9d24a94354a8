"""Closures of a plan: ``close_road`` decisions, one a closure, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geo.closures import CLOSED, DAY_MIN, EVERY_DAY, RADIUS_M, Closure, read_moment
from geo.errors import InputError
from plan.decisions import Decision

if TYPE_CHECKING:
    from plan.model import Plan

KIND = "close_road"


def close_road(closure: Closure, *, who: str = "", when: str = "", why: str = "") -> Decision:
    """Return the decision that puts a closure into a plan; a later one on the same id replaces it."""
    return Decision(KIND, closure.id, closure_value(closure), who=who, when=when, why=why or closure.reason)


def reopen_road(closure_id: str, *, who: str = "", when: str = "", why: str = "") -> Decision:
    """Return the decision that takes a closure back."""
    return Decision(KIND, closure_id, {}, who=who, when=when, why=why)


def closures_of(plan: Plan) -> tuple[Closure, ...]:
    """Return the closures in force in a plan, sorted by id; one whose value cannot be read is left out."""
    found = []
    for key, decision in sorted(plan.latest(KIND).items()):
        try:
            found += [closure_from(key, decision.value)] if decision.value else []
        except InputError:
            continue
    return tuple(found)


def closure_value(closure: Closure) -> dict[str, Any]:
    """Return a closure as the JSON value of its decision; what is as usual is left out."""
    value: dict[str, Any] = {"factor": None if closure.factor == CLOSED else closure.factor}
    if closure.roads:
        value["roads"] = list(closure.roads)
    if closure.line:
        value |= {"line": [list(place) for place in closure.line], "radius_m": closure.radius_m}
    for name in ("is_area", "speed_kmh", "reason", "source"):
        if getattr(closure, name):
            value[name] = getattr(closure, name)
    if closure.direction != "both":
        value["direction"] = closure.direction
    for name in ("start", "end"):
        moment: datetime | None = getattr(closure, name)
        if moment is not None:
            value[name] = moment.isoformat(timespec="minutes")
    if (closure.from_min, closure.to_min) != (0, DAY_MIN):
        value |= {"from_min": closure.from_min, "to_min": closure.to_min}
    if closure.days != EVERY_DAY:
        value["days"] = sorted(closure.days)
    return value


def closure_from(key: str, value: Mapping[str, Any]) -> Closure:
    """Return the closure of a decision's value.

    Raises
    ------
    InputError
        The value is none.
    """
    try:
        start, end = (read_moment(str(value[name])) if value.get(name) else None for name in ("start", "end"))
        factor = value.get("factor")
        kmh = value.get("speed_kmh")
        return Closure(
            key,
            tuple(map(str, value.get("roads", ()))),
            tuple((float(x), float(y)) for x, y in value.get("line", ())),
            float(value.get("radius_m", RADIUS_M)),
            bool(value.get("is_area", False)),
            str(value.get("direction", "both")),
            start,
            end,
            int(value.get("from_min", 0)),
            int(value.get("to_min", DAY_MIN)),
            frozenset(int(day) for day in value.get("days", EVERY_DAY)),
            CLOSED if factor is None else float(factor),
            None if kmh is None else float(kmh),
            str(value.get("reason", "")),
            str(value.get("source", "")),
        )
    except (TypeError, ValueError) as error:
        raise InputError(
            f"封闭 {key[:40]} 的内容读不出来，请重新录入。 / closure {key[:40]} cannot be read; enter it anew."
        ) from error
