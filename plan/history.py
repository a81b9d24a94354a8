"""History: undo and redo over decisions, branches, and locks that undo cannot break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from geo.errors import InputError
from plan.decisions import Decision
from plan.model import Plan

Subject = tuple[str, str]
MAIN = "main"


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of decisions.

    Attributes
    ----------
    done
        Decisions in force, in order.
    undone
        What redo brings back: position and decision, the next one last.
    """

    done: tuple[Decision, ...] = ()
    undone: tuple[tuple[int, Decision], ...] = ()


@dataclass(frozen=True)
class History:
    """All branches of a plan, and what is locked; every change returns a new history.

    Attributes
    ----------
    branches
        Name to branch.
    current
        The branch that is worked on.
    locks
        Subjects (kind, key) that can be neither decided anew nor undone, on any branch.
    """

    branches: Mapping[str, Branch] = field(default_factory=lambda: MappingProxyType({MAIN: Branch()}))
    current: str = MAIN
    locks: frozenset[Subject] = frozenset()

    def __post_init__(self) -> None:
        if self.current not in self.branches:
            msg = f"there is no branch {self.current!r}"
            raise ValueError(msg)

    @classmethod
    def of(cls, plan: Plan) -> History:
        """Start a history with a plan's decisions."""
        return cls(MappingProxyType({MAIN: Branch(plan.decisions)}))

    @property
    def branch(self) -> Branch:
        """The branch that is worked on."""
        return self.branches[self.current]

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Decisions in force on the current branch."""
        return self.branch.done

    @property
    def undo_steps(self) -> int:
        """How many decisions undo can take back."""
        return sum(d.subject not in self.locks for d in self.branch.done)

    @property
    def redo_steps(self) -> int:
        """How many decisions redo can bring back."""
        return sum(d.subject not in self.locks for _, d in self.branch.undone)

    def is_same(self, other: History) -> bool:
        """Whether nothing would be lost if one stood for the other: decisions, branches and locks are equal."""
        done = [{name: branch.done for name, branch in h.branches.items()} for h in (self, other)]
        return done[0] == done[1] and (self.current, self.locks) == (other.current, other.locks)

    def with_branch(self, branch: Branch, name: str | None = None) -> History:
        """Return the history with the current branch (or a named one, which becomes current) replaced as a whole."""
        branches = {**self.branches, name or self.current: branch}
        return replace(self, branches=MappingProxyType(branches), current=name or self.current)

    def decide(self, decision: Decision) -> History:
        """Add a decision; what was undone before can no longer be redone.

        Raises
        ------
        InputError
            Its subject is locked.
        """
        if decision.subject in self.locks:
            msg = f"“{decision.key}”已锁定，请先解锁再改。 / {decision.key} is locked: unlock it first."
            raise InputError(msg)
        return self.with_branch(Branch((*self.branch.done, decision)))

    def undo(self) -> History:
        """Take back the last decision that is not locked; nothing to take back changes nothing."""
        done = self.branch.done
        for k in reversed(range(len(done))):
            if done[k].subject not in self.locks:
                return self.with_branch(Branch(done[:k] + done[k + 1 :], (*self.branch.undone, (k, done[k]))))
        return self

    def redo(self) -> History:
        """Bring back the last decision taken back, where it stood; a locked one stays undone."""
        undone = self.branch.undone
        for k in reversed(range(len(undone))):
            place, decision = undone[k]
            if decision.subject not in self.locks:
                done = self.branch.done
                return self.with_branch(Branch((*done[:place], decision, *done[place:]), undone[:k] + undone[k + 1 :]))
        return self

    def start_branch(self, name: str) -> History:
        """Copy the current branch under a new name and go on there.

        Raises
        ------
        InputError
            The name is empty or taken.
        """
        if not name.strip() or name in self.branches:
            msg = f"分支名“{name[:40]}”为空或已存在，请另取名称。 / choose another name for the branch."
            raise InputError(msg)
        return self.with_branch(self.branch, name)

    def switch(self, name: str) -> History:
        """Go on with another branch.

        Raises
        ------
        InputError
            There is no such branch.
        """
        if name not in self.branches:
            msg = f"没有分支“{name[:40]}”，可选：{'、'.join(self.branches)}。 / there is no such branch."
            raise InputError(msg)
        return replace(self, current=name)

    def lock(self, subjects: Iterable[Subject]) -> History:
        """Lock subjects."""
        return replace(self, locks=self.locks | frozenset(subjects))

    def unlock(self, subjects: Iterable[Subject]) -> History:
        """Unlock subjects."""
        return replace(self, locks=self.locks - frozenset(subjects))

    def lock_all(self) -> History:
        """Lock everything decided on the current branch."""
        return self.lock(d.subject for d in self.branch.done)

    def lock_agency(self, agency: str) -> History:
        """Lock everything decided about one agency: itself, its stretches, units and disputes."""
        return self.lock(d.subject for d in self.branch.done if concerns_agency(d, agency))

    def apply(self, plan: Plan) -> Plan:
        """Return the plan with the decisions of the current branch."""
        return replace(plan, decisions=self.decisions)


def concerns_agency(decision: Decision, agency: str) -> bool:
    """Whether a decision is about an agency, by its key or its value."""
    value = decision.value
    named = {str(value.get("agency", "")), *map(str, value.get("agencies", ()))}
    return (decision.kind == "set_agency" and decision.key == agency) or agency in named
