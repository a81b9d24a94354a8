"""Three-way merge of plans by what each decision decides: nobody's edit is overwritten unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plan.decisions import Decision

Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people decided one thing differently; ``None`` means that it was taken back (or never decided)."""

    subject: Subject
    base: Decision | None
    mine: Decision | None
    theirs: Decision | None


@dataclass(frozen=True)
class Merge:
    """The outcome of a merge.

    Attributes
    ----------
    decisions
        Merged decisions; at a conflict the base's decision stays until a person chooses.
    conflicts
        What a person must choose, sorted by subject.
    """

    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]


def merge_decisions(base: Sequence[Decision], mine: Sequence[Decision], theirs: Sequence[Decision]) -> Merge:
    """Merge two descendants of a common list of decisions.

    Per subject (kind and key) the last decision counts. A side that left it as in the base gives way to the side
    that changed it; two equal changes are one; two different ones conflict.

    Parameters
    ----------
    base, mine, theirs
        The common ancestor and the two lists.

    Returns
    -------
    Merge
        The order is that of ``mine``, then what only ``theirs`` has, in its order.
    """
    old, ours, others = _last(base), _last(mine), _last(theirs)
    kept: dict[Subject, Decision | None] = {}
    conflicts = []
    for subject in dict.fromkeys([*old, *ours, *others]):
        was, a, b = old.get(subject), ours.get(subject), others.get(subject)
        if b in (a, was):
            kept[subject] = a
        elif a == was:
            kept[subject] = b
        else:
            kept[subject] = was
            conflicts.append(Conflict(subject, was, a, b))
    order = dict.fromkeys([*ours, *others, *old])
    decisions = tuple(d for subject in order if (d := kept[subject]) is not None)
    return Merge(decisions, tuple(sorted(conflicts, key=lambda c: c.subject)))


def settle(merge: Merge, choices: dict[Subject, str]) -> Merge:
    """Settle conflicts by ``mine`` or ``theirs``; conflicts without a choice remain.

    Raises
    ------
    ValueError
        A choice is neither, or names no conflict.
    """
    open_ones = {c.subject: c for c in merge.conflicts}
    decisions = {d.subject: d for d in merge.decisions}
    for subject, side in choices.items():
        if subject not in open_ones or side not in {"mine", "theirs"}:
            msg = f"there is no conflict {subject} to settle by {side!r}"
            raise ValueError(msg)
        conflict = open_ones.pop(subject)
        chosen = conflict.mine if side == "mine" else conflict.theirs
        decisions.pop(subject, None)
        if chosen is not None:
            decisions[subject] = chosen
    return Merge(tuple(decisions.values()), tuple(c for c in merge.conflicts if c.subject in open_ones))


def _last(decisions: Sequence[Decision]) -> dict[Subject, Decision]:
    return {d.subject: d for d in decisions}
