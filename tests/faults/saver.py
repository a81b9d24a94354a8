"""A program that forks savers of a plan, for tests that kill them: ``saver.py TARGET``, commands on stdin.

``loop`` starts a child that saves two plans in turn until it is killed. ``step N`` starts one that saves once and
dies, like a machine that loses power, right after N steps of the save. Each child's process id is printed when it
is about to save, and how it ended (a negative signal, or 0 for a save that came to its end) when ``wait`` is read.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from plan import atomic, backups, geopackage, migrations, planfile
from plan.decisions import Decision

STEPS = {
    planfile: ("_write_draft", "write_tables"),
    atomic: ("sweep", "remove", "remove_sidecars"),
    backups: ("copy_database",),
    migrations: ("copy_database", "keep_old_version", "publish", "remove", "sweep"),
    geopackage: ("add_layer", "start_geopackage"),
}


class _Dying:
    """Counts the steps of a save and dies after one of them."""

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self, function):
        def counted(*args, **kwargs):
            result = function(*args, **kwargs)
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return counted


def arm(step: int) -> None:
    """Wrap every step of a save that touches the disk."""
    dying = _Dying(step)
    for module, names in STEPS.items():
        for name in names:
            setattr(module, name, dying(getattr(module, name)))
    atomic.os.fsync = dying(os.fsync)
    atomic.os.link = dying(os.link)
    Path.replace = dying(Path.replace)
    Path.unlink = dying(Path.unlink)
    planfile.sqlite3.connect = dying(sqlite3.connect)


def save(target: Path, plan, command: str) -> None:
    """Save until killed, or once up to a step."""
    other = plan.decide(Decision("comment", "new"))
    kind, _, step = command.partition(" ")
    if kind == "step":
        arm(int(step))
    print(os.getpid(), flush=True)
    while True:
        planfile.save_plan(target, other)
        if kind == "step":
            return
        planfile.save_plan(target, plan)


def main() -> None:
    """Fork a saver for each command."""
    target = Path(sys.argv[1])
    plan = planfile.open_plan(target)
    assert plan.derived.owner
    for line in sys.stdin:
        if line.strip() == "wait":
            _, status = os.wait()
            print(os.waitstatus_to_exitcode(status), flush=True)
        elif os.fork() == 0:
            try:
                save(target, plan, line.strip())
            except BaseException:  # noqa: BLE001 - whatever it was, the test must hear of it
                traceback.print_exc()
                print(-1, flush=True)
                os._exit(1)
            os._exit(0)


if __name__ == "__main__":
    main()
