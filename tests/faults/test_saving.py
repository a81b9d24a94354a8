"""Faults that strike while a plan is saved: kills, full disks, broken disks, others who save."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError
from plan import atomic, planfile
from plan.backups import back_up, restore
from plan.decisions import Decision
from plan.planfile import SaveError, open_plan, save_plan
from tests.faults.planplay import broken_disk, is_old_or_new, ordinary_user, posix, small_disk


@posix
def test_kill_at_any_moment(path, plan, savers):
    """Fault 1: killed 25 times at random moments of saving, the file is each time the old plan or the new one."""
    rng = np.random.default_rng(20_261_125)
    never = threading.Event()
    for moment in rng.uniform(0.0, 0.08, 25):
        save_plan(path, plan)
        saver = savers.start("loop")
        never.wait(float(moment))
        os.kill(saver, signal.SIGKILL)
        assert savers.wait() == -signal.SIGKILL
        assert is_old_or_new(path, plan)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    save_plan(path, plan)
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


@posix
def test_kill_after_each_step(path, plan, savers):
    """Fault 2: killed after each step of a save, the file is the old plan or the new one, and once it is the new one."""
    done = []
    for step in range(1, 60):
        save_plan(path, plan)
        savers.start(f"step {step}")
        ended = savers.wait()
        done.append(open_plan(path).decisions != plan.decisions)
        assert is_old_or_new(path, plan)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    else:
        pytest.fail("the save never came to its end")
    assert len(done) > 15
    assert not done[0]
    assert done[-1]
    assert done == sorted(done)
    save_plan(path, plan)
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


@posix
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_disk_full(plan, tmp_path, share):
    """Fault 3: on a full disk the save is refused in one sentence, the old plan is whole and no draft stays."""
    save_plan(tmp_path / "a.gpkg", plan)
    size_kb = (tmp_path / "a.gpkg").stat().st_size // 1024
    with small_disk(size_kb + 8 + int(share * size_kb)) as disk:
        shutil.copy(tmp_path / "a.gpkg", disk / "a.gpkg")
        with pytest.raises(SaveError, match=r"full|space"):
            save_plan(disk / "a.gpkg", plan.decide(Decision("comment", "new")))
        assert open_plan(disk / "a.gpkg").decisions == plan.decisions
        assert [p.name for p in disk.iterdir()] == ["a.gpkg"]


@posix
def test_file_size_limit(plan, path):
    """Fault 3: where the system allows no larger file the save is refused and the old plan is whole."""
    import resource

    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, old[1]))
        with pytest.raises(SaveError):
            save_plan(path, plan.undo())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, before)
    assert open_plan(path).decisions == plan.decisions
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_broken_disk(path, plan, monkeypatch, call):
    """Fault 4: when flushing or replacing fails the save is refused, the old plan is whole and no draft stays."""
    if call == "fsync":
        monkeypatch.setattr(atomic.os, "fsync", broken_disk)
    else:
        monkeypatch.setattr(planfile.Path, "replace", broken_disk)
    with pytest.raises(SaveError, match=r"Input/output error.*old file is kept"):
        save_plan(path, plan.undo())
    monkeypatch.undo()
    assert open_plan(path).decisions == plan.decisions
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


def test_folder_that_cannot_be_flushed(path, plan, monkeypatch):
    """Fault 4: when only the folder cannot be flushed the person is told that the plan is written but not confirmed."""
    flush = atomic.flush
    monkeypatch.setattr(atomic, "flush", lambda p: broken_disk() if p.is_dir() else flush(p))
    with pytest.raises(SaveError, match="save again"):
        save_plan(path, plan.undo())
    monkeypatch.undo()
    assert open_plan(path).decisions == ()


@posix
def test_read_only_folder(plan):
    """Fault 5: in a read-only folder the save is refused in one sentence, and the plan opens without a trace."""
    folder = Path(tempfile.mkdtemp())
    try:
        save_plan(folder / "a.gpkg", plan)
        folder.chmod(0o555)
        with ordinary_user():
            with pytest.raises(SaveError, match=r"a\.gpkg"):
                save_plan(folder / "a.gpkg", plan.undo())
            assert open_plan(folder / "a.gpkg").decisions == plan.decisions
        assert [p.name for p in folder.iterdir()] == ["a.gpkg"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@posix
def test_leftovers_are_swept(path, plan):
    """Fault 6: drafts of a process that is gone are removed at the next save, those of a running one are not."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = atomic.draft_path(path, gone.pid)
    left.write_bytes(b"half a plan")
    left.with_name(left.name + "-journal").write_bytes(b"its journal")
    mine = atomic.draft_path(path, os.getppid())
    mine.write_bytes(b"somebody is saving")
    other = atomic.draft_path(path.with_name("b.gpkg"), gone.pid)
    other.write_bytes(b"of another plan")
    save_plan(path, plan)
    assert {p.name for p in path.parent.iterdir()} == {"a.gpkg", mine.name, other.name}


def test_file_replaced_while_open(path, plan):
    """Fault 7: a reader that has the old file open reads the old plan to its end while a new one is saved."""
    with closing(planfile.connect(path)) as connection:
        rows = connection.execute("SELECT name, body FROM roadseam_columns ORDER BY name")
        first = rows.fetchone()
        save_plan(path, plan.undo())
        others = rows.fetchall()
    assert len([first, *others]) > 20
    assert all(zlib.decompress(body) is not None for _, body in others)
    assert open_plan(path).decisions == ()


@posix
def test_symlink(path, plan, tmp_path):
    """Fault 8: saving through a symlink changes the file it points to and keeps the link."""
    link = tmp_path / "link.gpkg"
    link.symlink_to(path)
    save_plan(link, plan.undo())
    assert link.is_symlink()
    assert open_plan(path).decisions == ()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.gpkg", "plans"]


@posix
def test_two_saves_at_once(path, plan, savers):
    """Fault 9: three programs that save one plan at the same time leave one of the plans, whole, and no draft."""
    new = plan.decide(Decision("comment", "new"))
    running = [savers.start("loop") for _ in range(2)]
    for _ in range(20):
        save_plan(path, new)
        assert is_old_or_new(path, plan)
    for saver in running:
        os.kill(saver, signal.SIGKILL)
        assert savers.wait() == -signal.SIGKILL
    assert is_old_or_new(path, plan)
    save_plan(path, plan)
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


@posix
@pytest.mark.slow
def test_a_hundred_kills(path, plan, savers):
    """Fault 1: of 100 saves killed at random moments none loses the plan and none leaves half of one."""
    rng = np.random.default_rng(1)
    never = threading.Event()
    for moment in rng.uniform(0.0, 0.12, 100):
        saver = savers.start("loop")
        never.wait(float(moment))
        os.kill(saver, signal.SIGKILL)
        assert savers.wait() == -signal.SIGKILL
        assert is_old_or_new(path, plan)
    save_plan(path, plan)
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


@posix
def test_backup_while_saving(path, plan, savers):
    """Fault 10: copies made while another program saves are each the old plan or the new one, whole, and all are kept."""
    saver = savers.start("loop")
    copies = [back_up(path) for _ in range(12)]
    os.kill(saver, signal.SIGKILL)
    assert savers.wait() == -signal.SIGKILL
    assert len(set(copies)) == 12
    assert all(is_old_or_new(copy, plan) for copy in copies)
    assert copies[0].name == "a.gpkg.bak"


def test_backup_of_a_database_with_commits_in_its_journal(path, plan, tmp_path):
    """Fault 10: what was committed is in the copy even when another program has switched the file to another journal."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE qgis_projects (name TEXT)")
        connection.commit()
    copy = back_up(path, tmp_path / "copy.gpkg")
    assert is_old_or_new(copy, plan)


def test_backup_that_cannot_be_written(path, tmp_path, monkeypatch):
    """Fault 3: a copy that the disk refuses is told in one sentence and leaves nothing behind."""
    monkeypatch.setattr(atomic.os, "fsync", broken_disk)
    with pytest.raises(SaveError, match="Input/output error"):
        back_up(path, tmp_path / "copy.gpkg")
    monkeypatch.undo()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plans"]
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


def test_backup_without_links(path, plan, monkeypatch, tmp_path):
    """Fault 10: on a file system that knows no links a copy takes its name first and overwrites nothing either."""

    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    (tmp_path / "copy.gpkg").write_bytes(b"mine")
    monkeypatch.setattr(atomic.os, "link", refuse)
    copy = back_up(path, tmp_path / "copy.gpkg")
    assert copy.name == "copy.2.gpkg"
    assert is_old_or_new(copy, plan)
    assert (tmp_path / "copy.gpkg").read_bytes() == b"mine"


def test_restore_drill(path, plan):
    """Fault 11: a plan that was damaged comes back from its backup to the last bit, and the damaged file is kept."""
    copy = back_up(path)
    whole = open_plan(path)
    path.write_bytes(path.read_bytes()[:30_000])
    with pytest.raises(InputError):
        open_plan(path)
    kept = restore(copy, path)
    assert kept is not None
    assert kept.name == "a.gpkg.replaced.bak"
    assert kept.stat().st_size == 30_000
    found = open_plan(path)
    assert (found.decisions, found.title) == (whole.decisions, whole.title)
    assert found.derived.ledger.rows == plan.derived.ledger.rows
    path.unlink()
    assert restore(copy, path) is None
    assert open_plan(path).decisions == whole.decisions


def test_a_damaged_backup_is_not_brought_back(path, plan, monkeypatch):
    """Fault 11: from a damaged backup nothing is restored; on a broken disk the plan stays as it was."""
    copy = back_up(path)
    body = copy.read_bytes()
    copy.write_bytes(body[:20_000])
    with pytest.raises(InputError):
        restore(copy, path)
    copy.write_bytes(body)
    monkeypatch.setattr(atomic.os, "fsync", broken_disk)
    with pytest.raises(SaveError, match="Input/output error"):
        restore(copy, path)
    monkeypatch.undo()
    assert open_plan(path).decisions == plan.decisions
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.gpkg", copy.name]


def test_clock_backwards(path, plan):
    """Fault 12: a clock that runs backwards changes nothing: the last save counts, and no time stands in the file."""
    os.utime(path, (4_000_000_000, 4_000_000_000))
    save_plan(path, plan.undo())
    assert open_plan(path).decisions == ()
    first = path.read_bytes()
    os.utime(path, (0, 0))
    save_plan(path, plan.undo())
    assert path.read_bytes() == first
