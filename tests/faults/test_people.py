"""Faults that people cause: two at one plan, somebody who died, edits of what was signed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from geo.errors import InputError
from plan import locks
from plan.agreements import Terms, check_head, find_tampering, head, is_stale, sign_agreement
from plan.atomic import draft_path
from plan.decisions import Decision
from plan.locks import hash_file, hold, save_over
from plan.planfile import SaveError, open_plan, save_plan
from plan.replay import replay
from tests.faults.planplay import ordinary_user, posix
from tests.sketches import expressway_with_ramp

ROOT = Path(__file__).resolve().parents[2]
HOLDER = "import sys; from pathlib import Path; from plan.locks import hold\nwith hold(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def new(plan):
    """Return the plan with one more decision."""
    return plan.decide(Decision("comment", "new"))


def test_stale_edit(path, plan):
    """Fault 62: who opened the plan before somebody else saved it is told so, and overwrites nothing."""
    mine = theirs = hash_file(path)
    save_over(path, new(plan), seen=theirs)
    with pytest.raises(InputError, match="changed by somebody else"):
        save_over(path, plan.undo(), seen=mine)
    assert open_plan(path).decisions == new(plan).decisions
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


def test_a_plan_that_is_not_there_yet_is_saved_once(path, plan):
    """Fault 62: of two who create the same plan the second is told."""
    made = path.with_name("b.gpkg")
    saved = save_over(made, plan, seen="")
    assert saved == hash_file(made)
    with pytest.raises(InputError, match="changed by somebody else"):
        save_over(made, new(plan), seen="")


@pytest.fixture
def holder(path):
    """Return a program that holds the lock of the plan."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout.readline() == "held\n"
    yield program
    program.communicate()


@posix
def test_dead_lock(path, plan, holder):
    """Fault 63: while a program saves the others wait their turn; when it dies its lock dies with it."""
    with pytest.raises(InputError, match="try again"):
        save_over(path, new(plan), seen=hash_file(path))
    assert open_plan(path).decisions == plan.decisions
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert draft_path(path, "lock").exists()
    save_over(path, new(plan), seen=hash_file(path))
    assert open_plan(path).decisions == new(plan).decisions
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


@posix
def test_a_lock_that_goes_while_it_is_taken(path, monkeypatch):
    """Fault 63: a lock file removed between opening and locking is not taken for the lock; endless rivals are told of."""
    name, left = draft_path(path, "lock"), [3]
    lock = locks._lock

    def steal(handle):
        if left[0]:
            left[0] -= 1
            name.unlink()
        return lock(handle)

    monkeypatch.setattr(locks, "_lock", steal)
    with hold(path):
        assert name.exists()
    left[0] = 10_000
    with pytest.raises(InputError, match="keep saving"), hold(path):
        pytest.fail("held a lock that is not there")
    assert not name.exists()


@posix
def test_a_folder_that_cannot_be_written(path, plan):
    """Fault 5: where no lock can be made the save is refused in one sentence."""
    folder, seen = Path(tempfile.mkdtemp()), hash_file(path)
    shutil.copy(path, folder / "a.gpkg")
    folder.chmod(0o555)
    try:
        with ordinary_user(), pytest.raises(SaveError, match="check folder"):
            save_over(folder / "a.gpkg", plan, seen=seen)
        assert [p.name for p in folder.iterdir()] == ["a.gpkg"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.fixture
def signed(plan):
    """Return the plan with what it decides signed."""
    return sign_agreement(plan, Terms("岚联〔2026〕1号", ("甲", "乙"), "2026-01-01"), when="2026-01-01")


def test_edit_after_signing_makes_a_new_version(path, signed):
    """Fault 64: a decision made after signing leaves the agreement as it was, also through the file."""
    changed = signed.decide(Decision("choose_convention", "*", {"convention": "toll_island"}))
    save_plan(path, changed)
    found = open_plan(path)
    assert find_tampering(found) == ()
    assert head(found) == head(signed)
    assert check_head(found, head(signed)[:12])
    again = sign_agreement(found, Terms("岚联〔2026〕2号", ("甲", "乙"), "2026-06-01"), when="2026-06-01")
    assert head(again) != head(signed)
    assert check_head(again, head(signed)[:12])


def test_chain_attacks(path, signed):
    """Fault 65: a signed agreement that was changed, dropped from the middle or doubled is found after saving too."""
    twice = sign_agreement(signed, Terms("岚联〔2026〕2号", ("甲", "乙"), "2026-06-01"), when="2026-06-01")
    first, second = (d for d in twice.decisions if d.kind == "sign")
    rest = tuple(d for d in twice.decisions if d.kind != "sign")
    forged = Decision("sign", first.key, {**first.value, "valid_to": "2099-12-31"}, first.who, first.when)
    for chain in ((forged, second), (second,), (second, first), (first, second, second)):
        save_plan(path, type(signed)(signed.network, (*rest, *chain)))
        assert find_tampering(open_plan(path))
    save_plan(path, type(signed)(signed.network, (*rest, first)))
    assert not find_tampering(open_plan(path))
    assert not check_head(open_plan(path), head(twice)[:12])


def test_signed_plan_on_a_changed_network_is_marked_stale(signed, tmp_path):
    """Fault 66: carried over to a redrawn map, an agreement says that it stands on another network."""
    sketch = expressway_with_ramp()
    sketch.put(t0=(0, 3000), t1=(900, 3000))
    sketch.way("t0 t1", "tertiary", name="新路")
    moved = replay(signed, sketch.load(tmp_path)).plan
    assert not is_stale(signed, "岚联〔2026〕1号")
    assert is_stale(moved, "岚联〔2026〕1号")
    assert find_tampering(moved) == ()
