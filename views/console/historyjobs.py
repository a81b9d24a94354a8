"""Jobs on the history of a plan: branches, locks, undo, import of a colleague's plan, copies and upgrades."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import InputError
from plan.backups import back_up, restore
from plan.decisions import KIND_KEYS
from plan.diff import diff_plans
from plan.history import History
from plan.importing import ImportWish, import_plan
from plan.merge import Subject
from plan.migrations import upgrade_plan
from plan.model import Plan
from plan.planfile import open_book
from views.console.jobs import Tell, open_for
from views.console.planfiles import open_on_disk


@dataclass(frozen=True)
class HistoryWish:
    """What to change, in this order: unlock, branch, undo, redo, lock; nothing changes nothing."""

    lock: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()
    lock_all: bool = False
    unlock_all: bool = False
    lock_agency: tuple[str, ...] = ()
    branch: str = ""
    undo: int = 0
    redo: int = 0
    compare: str = ""

    @property
    def is_change(self) -> bool:
        """Whether anything but looking is asked for."""
        return self != HistoryWish(compare=self.compare)


def history(path: Path, wish: HistoryWish, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """List the decisions of a plan with branches and locks, after changing what is asked for."""
    book = open_on_disk(path, tell)
    changed = _change(book.history, wish)
    document = history_json(book.plan, changed)
    if wish.compare:
        document["compare"] = _compare(book.plan, changed, wish.compare)
    if wish.is_change or out is not None:
        book.save(changed, out=out, tell=tell)
    return document


def history_json(plan: Plan, found: History) -> dict[str, Any]:
    """Return a history as JSON values."""
    return {
        "title": plan.title,
        "branch": found.current,
        "branches": [
            {"name": name, "decisions": len(branch.done), "undone": len(branch.undone)}
            for name, branch in found.branches.items()
        ],
        "undo_steps": found.undo_steps,
        "redo_steps": found.redo_steps,
        "locks": [f"{kind}:{key}" for kind, key in sorted(found.locks)],
        "decisions": [
            {
                "step": k,
                "kind": d.kind,
                "key": d.key,
                "who": d.who,
                "when": d.when,
                "why": d.why,
                "locked": d.subject in found.locks,
            }
            for k, d in enumerate(found.decisions, start=1)
        ],
    }


def _change(found: History, wish: HistoryWish) -> History:
    if wish.unlock_all:
        found = found.unlock(found.locks)
    found = found.unlock(_subjects(wish.unlock))
    if wish.branch:
        found = found.switch(wish.branch) if wish.branch in found.branches else found.start_branch(wish.branch)
    for steps, there_are, step, word in (
        (wish.undo, found.undo_steps, History.undo, "撤销 / undo"),
        (wish.redo, found.redo_steps + wish.undo, History.redo, "重做 / redo"),
    ):
        if steps > there_are:
            msg = (
                f"只有 {there_are} 步可{word}，要求 {steps} 步（已锁定的不计）。 / only {there_are} steps, locks apart."
            )
            raise InputError(msg)
        for _ in range(steps):
            found = step(found)
    found = found.lock(_known(found, _subjects(wish.lock)))
    if wish.lock_all:
        found = found.lock_all()
    for agency in wish.lock_agency:
        found = found.lock_agency(agency)
    return found


def _subjects(texts: tuple[str, ...]) -> tuple[Subject, ...]:
    found = []
    for text in texts:
        kind, colon, key = text.partition(":")
        if not colon or kind not in KIND_KEYS or not key:
            kinds = "、".join(KIND_KEYS)
            msg = f"“{text[:60]}”应写成 类型:对象，类型为 {kinds}。 / write KIND:KEY, for example choose_convention:t1."
            raise InputError(msg)
        found.append((kind, key))
    return tuple(found)


def _known(found: History, subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    decided = {d.subject for branch in found.branches.values() for d in branch.done}
    unknown = [s for s in subjects if s not in decided]
    if unknown:
        msg = f"“{unknown[0][0]}:{unknown[0][1][:40]}”没有决定可锁定。 / nothing was decided about it yet."
        raise InputError(msg)
    return subjects


def _compare(plan: Plan, found: History, name: str) -> dict[str, Any]:
    other = found.switch(name)
    return {"branch": name} | diff_plans(found.apply(plan), other.apply(plan)).to_json()


def take_in(path: Path, theirs: str, wish: ImportWish, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Take a colleague's plan into one's own; conflicts are named and one's own decision stays."""
    mine = open_on_disk(path, tell)
    other = open_for(theirs, tell=tell)
    result = import_plan(mine.plan, mine.history, other, wish=wish)
    mine.save(result.history, out=out, tell=tell)
    return result.to_json()


def read_choices(mine: tuple[str, ...], theirs: tuple[str, ...]) -> dict[Subject, str]:
    """Return how conflicts are settled, from ``KIND:KEY`` texts."""
    return dict.fromkeys(_subjects(mine), "mine") | dict.fromkeys(_subjects(theirs), "theirs")


def backup(path: Path, out: Path | None, *, tell: Tell) -> dict[str, Any]:
    """Copy a plan as it stands."""
    copy = back_up(path, out)
    tell(f"已备份为 {copy.name} / copied")
    return {"plan": path.name, "backup": copy.name, "bytes": copy.stat().st_size}


def bring_back(source: Path, path: Path, *, tell: Tell) -> dict[str, Any]:
    """Bring a backup back in the place of a plan; what stood there is kept."""
    kept = restore(source, path)
    tell(f"已恢复 {path.name} / restored")
    return {"plan": path.name, "from": source.name, "kept": kept.name if kept else None}


def upgrade(path: Path, *, tell: Tell) -> dict[str, Any]:
    """Rewrite an older plan in the latest version; the old file is kept."""
    before = open_book(path).version
    done = upgrade_plan(path)
    tell(f"{path.name}: {'已升级 / upgraded' if done else '无需升级 / nothing to do'}")
    return {"plan": path.name, "upgraded": done, "from_version": before, "version": open_book(path).version}
