"""A colleague's plan taken into one's own: merged by what each decision decides, every conflict named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.errors import InputError
from plan.agreements import fingerprint
from plan.decisions import Decision
from plan.history import Branch, History
from plan.merge import Conflict, Merge, Subject, merge_decisions, settle
from plan.model import Plan
from plan.replay import Replay, replay


@dataclass(frozen=True)
class Imported:
    """What an import gives.

    Attributes
    ----------
    history
        One's own history with what could be taken, on the branch that is worked on.
    taken
        Subjects that changed, sorted.
    conflicts
        Subjects that both decided differently, or that are locked here; one's own decision stays.
    locked
        Those of the conflicts that are locked here.
    replay
        What became of the colleague's decisions on this map; None where both plans are on the same one.
    """

    history: History
    taken: tuple[Subject, ...]
    conflicts: tuple[Conflict, ...]
    locked: frozenset[Subject] = frozenset()
    replay: Replay | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "merged": not self.conflicts,
            "decisions": len(self.history.decisions),
            "taken": [{"kind": kind, "key": key} for kind, key in self.taken],
            "conflicts": [conflict_json(c, is_locked=c.subject in self.locked) for c in self.conflicts],
            "replay": self.replay.to_json() if self.replay else None,
        }


@dataclass(frozen=True, slots=True)
class ImportWish:
    """How to settle conflicts: subject to ``mine`` or ``theirs``; and a name to put theirs beside mine as a branch."""

    choices: Mapping[Subject, str] = field(default_factory=dict)
    as_branch: str = ""


def import_plan(plan: Plan, history: History, theirs: Plan, *, wish: ImportWish | None = None) -> Imported:
    """Take the decisions of another plan into a history.

    What both plans hold alike is their common base. On another map the colleague's decisions are first carried over
    to this one.

    Parameters
    ----------
    plan, history
        One's own plan, and its history.
    theirs
        The colleague's plan.
    wish
        How to settle conflicts; without it they stay open, with one's own decisions.

    Raises
    ------
    InputError
        A choice names no conflict, or the branch's name is taken.
    """
    wish = wish or ImportWish()
    carried = replay(theirs, plan.network) if fingerprint(theirs.network) != fingerprint(plan.network) else None
    others = (carried.plan if carried else theirs).decisions
    if wish.as_branch:
        started = history.start_branch(wish.as_branch)
        return Imported(
            started.with_branch(Branch(others)), tuple(sorted({d.subject for d in others})), (), replay=carried
        )
    mine = history.decisions
    merged, locked = merge_into(mine, others, locks=history.locks)
    unknown = [s for s in wish.choices if s not in {c.subject for c in merged.conflicts} or s in locked]
    if unknown:
        msg = f"“{unknown[0][0]}:{unknown[0][1][:40]}”没有可裁定的冲突。 / there is no such conflict to settle."
        raise InputError(msg)
    result = settle(merged, dict(wish.choices))
    before = {d.subject: d for d in mine}
    after = {d.subject: d for d in result.decisions}
    taken = tuple(sorted(s for s in before.keys() | after.keys() if before.get(s) != after.get(s)))
    kept = [d for d in mine if d.subject not in taken]
    new = [d for d in result.decisions if d.subject in taken]
    changed = history.with_branch(Branch((*kept, *new))) if taken else history
    return Imported(changed, taken, result.conflicts, locked, carried)


def merge_into(
    mine: Sequence[Decision], theirs: Sequence[Decision], *, locks: frozenset[Subject]
) -> tuple[Merge, frozenset[Subject]]:
    """Merge two lists whose common base is what both hold; at a conflict and on what is locked, mine stays.

    Returns
    -------
    Merge
        Of a conflict, mine is what stands in its decisions.
    frozenset
        The conflicts that are locked.
    """
    shared = set(map(Decision.to_json, theirs)) & set(map(Decision.to_json, mine))
    base = [d for d in mine if d.to_json() in shared]
    result = merge_decisions(base, mine, theirs)
    own = {d.subject: d for d in mine}
    other = {d.subject: d for d in theirs}
    conflicts = {c.subject: c for c in result.conflicts}
    known = {d.subject: d for d in base}
    chain = _chain_conflict(mine, theirs)
    merged = {d.subject: d for d in result.decisions}
    held = {s for s in locks | chain if own.get(s) != merged.get(s)}
    for subject in held:
        conflicts[subject] = Conflict(subject, known.get(subject), own.get(subject), other.get(subject))
    for subject in conflicts:
        merged.pop(subject, None)
        if subject in own:
            merged[subject] = own[subject]
    order = dict.fromkeys([d.subject for d in (*mine, *theirs)])
    decisions = tuple(merged[s] for s in order if s in merged)
    ordered = tuple(conflicts[s] for s in sorted(conflicts))
    return Merge(decisions, ordered), frozenset(held & locks)


def _chain_conflict(mine: Sequence[Decision], theirs: Sequence[Decision]) -> set[Subject]:
    """Return the agreements of theirs that would not follow mine in the chain: both have signed since they parted."""
    ours = [d.to_json() for d in mine if d.kind == "sign"]
    others = [d for d in theirs if d.kind == "sign"]
    if [d.to_json() for d in others[: len(ours)]] == ours:
        return set()
    return {d.subject for d in others if d.to_json() not in ours}


def conflict_json(conflict: Conflict, *, is_locked: bool = False) -> dict[str, Any]:
    """Return what a person needs to choose: the thing, and what each side decided."""

    def side(decision: Decision | None) -> dict[str, Any] | None:
        if decision is None:
            return None
        return {"value": dict(decision.value), "who": decision.who, "when": decision.when, "why": decision.why}

    return {
        "kind": conflict.subject[0],
        "key": conflict.subject[1],
        "locked": is_locked,
        "base": side(conflict.base),
        "mine": side(conflict.mine),
        "theirs": side(conflict.theirs),
    }
