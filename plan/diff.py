"""What differs between two plans: decisions by what they decide, metres by who owns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plan.decisions import Decision
from plan.model import Plan


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """A decision that differs; ``None`` where a plan has none."""

    kind: str
    key: str
    before: Decision | None
    after: Decision | None

    @property
    def change(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True)
class PlanDiff:
    """The difference of two plans.

    Attributes
    ----------
    decisions
        What was decided differently, sorted.
    moved_mm
        (owner or agency before, after) to millimetres of road on both maps that changed hands.
    only_before_mm, only_after_mm
        Millimetres of road that only one map has.
    seams_gone, seams_new
        Ids of seams.
    """

    decisions: tuple[DecisionChange, ...]
    moved_mm: Mapping[tuple[str, str], int]
    only_before_mm: int
    only_after_mm: int
    seams_gone: tuple[str, ...]
    seams_new: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the plans say the same."""
        metres = sum(self.moved_mm.values()) + self.only_before_mm + self.only_after_mm
        return not (self.decisions or metres or self.seams_gone or self.seams_new)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, lengths in metres."""
        return {
            "same": self.is_empty,
            "decisions": [{"kind": c.kind, "key": c.key, "change": c.change} for c in self.decisions],
            "moved_m": [{"from": a, "to": b, "length_m": mm / 1000} for (a, b), mm in sorted(self.moved_mm.items())],
            "only_before_m": self.only_before_mm / 1000,
            "only_after_m": self.only_after_mm / 1000,
            "seams_gone": list(self.seams_gone),
            "seams_new": list(self.seams_new),
        }


def diff_plans(before: Plan, after: Plan) -> PlanDiff:
    """Compare two plans, on one map or on two."""
    old, new = _stretches(before), _stretches(after)
    moved: dict[tuple[str, str], int] = {}
    for segment in old.keys() & new.keys():
        for holder, other, length in _overlay(old[segment], new[segment]):
            if holder != other:
                moved[holder, other] = moved.get((holder, other), 0) + length
    gone = sum(_length(old[segment]) for segment in old.keys() - new.keys())
    added = sum(_length(new[segment]) for segment in new.keys() - old.keys())
    old_seams = {s.id for s in before.derived.ownership.seams}
    new_seams = {s.id for s in after.derived.ownership.seams}
    return PlanDiff(
        _decision_changes(before, after),
        moved,
        gone,
        added,
        tuple(sorted(old_seams - new_seams)),
        tuple(sorted(new_seams - old_seams)),
    )


Stretches = list[tuple[int, int, str]]


def _stretches(plan: Plan) -> dict[str, Stretches]:
    """Return segment id to its intervals (from, to in millimetres, holder); a holder is an agency or a state."""
    derived, cut = plan.derived, plan.derived.ownership.cut
    ids = plan.network.segment_ids
    rows = zip(
        cut.base.tolist(),
        cut.from_mm.tolist(),
        derived.network.segments.length_mm.tolist(),
        derived.holder,
        strict=True,
    )
    found: dict[str, Stretches] = {}
    for base, start, length, holder in rows:
        found.setdefault(ids[base], []).append((start, start + length, holder))
    return found


def _overlay(a: Stretches, b: Stretches) -> list[tuple[str, str, int]]:
    """Return holder before, holder after and millimetres of every overlap of two coverings of one segment."""
    return [
        (x, y, min(end, stop) - max(start, begin))
        for start, end, x in a
        for begin, stop, y in b
        if min(end, stop) > max(start, begin)
    ]


def _length(stretches: Stretches) -> int:
    return sum(end - start for start, end, _ in stretches)


def _decision_changes(before: Plan, after: Plan) -> tuple[DecisionChange, ...]:
    old = {d.subject: d for d in before.decisions}
    new = {d.subject: d for d in after.decisions}
    changed = sorted(s for s in old.keys() | new.keys() if old.get(s) != new.get(s))
    return tuple(DecisionChange(*subject, old.get(subject), new.get(subject)) for subject in changed)
