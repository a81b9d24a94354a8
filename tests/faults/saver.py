"""A program that saves two plans in turn, for tests that kill it: ``saver.py TARGET [STEP]``.

Without a step it saves until it is killed. With a step it saves once and dies, like a machine that loses power, right
after that many calls of the operating system.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from plan import planfile  # noqa: E402 - the path must be set first
from plan.decisions import Decision  # noqa: E402


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
    for name in (
        "_sweep",
        "_write_draft",
        "_remove",
        "_remove_sidecars",
        "_write_tables",
        "add_layer",
        "start_geopackage",
    ):
        setattr(planfile, name, dying(getattr(planfile, name)))
    planfile.os.fsync = dying(os.fsync)
    Path.replace = dying(Path.replace)
    Path.unlink = dying(Path.unlink)
    planfile.sqlite3.connect = dying(sqlite3.connect)


def main() -> None:
    """Save until killed, or once up to a step."""
    target = Path(sys.argv[1])
    plan = planfile.open_plan(target)
    other = plan.decide(Decision("comment", "new"))
    if len(sys.argv) > 2:
        arm(int(sys.argv[2]))
        planfile.save_plan(target, other)
        print("saved", flush=True)
        return
    print("ready", flush=True)
    while True:
        planfile.save_plan(target, other)
        planfile.save_plan(target, plan)


if __name__ == "__main__":
    main()
