"""Plan files that a command reads, changes and writes: whole history kept, nobody's edit overwritten unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from geo.errors import InputError
from plan.history import History
from plan.locks import hash_file, save_over
from plan.model import Plan
from plan.planfile import is_plan, open_book, save_plan
from views.console.jobs import Tell


@dataclass
class PlanOnDisk:
    """A plan that was opened to be changed.

    Attributes
    ----------
    path
        Where it lies.
    plan, history
        As opened.
    seen
        SHA-256 of the file as opened.
    """

    path: Path
    plan: Plan
    history: History
    seen: str

    def decide_as(self, plan: Plan) -> History:
        """Return the history with what a plan decides beyond this one; a locked subject refuses."""
        history = self.history
        for decision in plan.decisions[len(self.plan.decisions) :]:
            history = history.decide(decision)
        return history

    def save(self, history: History, *, out: Path | None, tell: Tell) -> None:
        """Save a history in place, or as another file."""
        plan = replace(self.plan, decisions=history.decisions)
        if out is None or out.resolve() == self.path.resolve():
            save_over(self.path, plan, seen=self.seen, history=history)
            tell(f"已保存 {self.path.name} / saved")
            return
        save_plan(out, plan, history=history)
        tell(f"已保存 {out.name} / saved")


def open_on_disk(path: Path, tell: Tell) -> PlanOnDisk:
    """Open a plan file to change it.

    Raises
    ------
    InputError
        It is no plan, damaged, or of a newer version.
    """
    tell(f"读取 {path.name} … / reading")
    if not path.is_file() or not is_plan(path):
        msg = f"{path.name}: 不是方案文件，请先用 load 或 split --out 生成。 / not a plan: make one with split --out."
        raise InputError(msg)
    seen = hash_file(path)
    book = open_book(path)
    return PlanOnDisk(path, book.plan, book.history, seen)
