"""Faults that strike a plan file: kills, full disks, flipped bits, foreign files."""

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
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError
from plan import columns, planfile
from plan.decisions import Decision
from plan.model import Plan
from plan.planfile import SaveError, is_plan, open_plan, save_plan
from tests.sketches import expressway_with_ramp

SAVER = Path(__file__).with_name("saver.py")
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals or rights")


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan with one decision."""
    network = expressway_with_ramp().load(tmp_path_factory.mktemp("faults"))
    return Plan(network, (Decision("choose_convention", "*", {"convention": "ramp_end"}),), "梅坞")


@pytest.fixture
def path(plan, tmp_path):
    """Return a saved plan, alone in its folder."""
    folder = tmp_path / "plans"
    folder.mkdir()
    save_plan(folder / "a.gpkg", plan)
    return folder / "a.gpkg"


def is_old_or_new(path, plan):
    """Whether the file is the plan before the save or the one after it."""
    found = open_plan(path)
    assert found.network.segment_ids == plan.network.segment_ids
    return found.decisions in [plan.decisions, (*plan.decisions, Decision("comment", "new"))]


class Savers:
    """The program that forks savers, spoken to line by line."""

    def __init__(self, path):
        self._process = subprocess.Popen(
            [sys.executable, SAVER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        return int(self._process.stdout.readline())

    def start(self, command):
        """Start a saver and return its process id."""
        process = self._say(command)
        assert process > 0, "the saver failed before it saved"
        return process

    def wait(self):
        """Wait for a saver to end and return how."""
        return self._say("wait")

    def close(self):
        """End the program."""
        self._process.communicate()


@pytest.fixture
def savers(path):
    """Return the program that forks savers of the plan."""
    program = Savers(path)
    yield program
    program.close()


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


@contextmanager
def small_disk(size_kb):
    """Give a folder on a disk of its own, or skip."""
    folder = Path(tempfile.mkdtemp())
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        folder.rmdir()
        pytest.skip("no right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


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


def broken_disk(*_args, **_kwargs):
    """Fail as a broken disk does."""
    raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_broken_disk(path, plan, monkeypatch, call):
    """Fault 4: when flushing or replacing fails the save is refused, the old plan is whole and no draft stays."""
    if call == "fsync":
        monkeypatch.setattr(planfile.os, "fsync", broken_disk)
    else:
        monkeypatch.setattr(planfile.Path, "replace", broken_disk)
    with pytest.raises(SaveError, match=r"Input/output error.*old file is kept"):
        save_plan(path, plan.undo())
    monkeypatch.undo()
    assert open_plan(path).decisions == plan.decisions
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


def test_folder_that_cannot_be_flushed(path, plan, monkeypatch):
    """Fault 4: when only the folder cannot be flushed the person is told that the plan is written but not confirmed."""
    flush = planfile._flush
    monkeypatch.setattr(planfile, "_flush", lambda p: broken_disk() if p.is_dir() else flush(p))
    with pytest.raises(SaveError, match="save again"):
        save_plan(path, plan.undo())
    monkeypatch.undo()
    assert open_plan(path).decisions == ()


@contextmanager
def ordinary_user():
    """Give up the rights of the superuser for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


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
    left = planfile._draft(path, gone.pid)
    left.write_bytes(b"half a plan")
    left.with_name(left.name + "-journal").write_bytes(b"its journal")
    mine = planfile._draft(path, os.getppid())
    mine.write_bytes(b"somebody is saving")
    other = planfile._draft(path.with_name("b.gpkg"), gone.pid)
    other.write_bytes(b"of another plan")
    save_plan(path, plan)
    assert {p.name for p in path.parent.iterdir()} == {"a.gpkg", mine.name, other.name}


def test_file_replaced_while_open(path, plan):
    """Fault 7: a reader that has the old file open reads the old plan to its end while a new one is saved."""
    with closing(planfile._connect(path)) as connection:
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


def test_bit_flips(path, plan):
    """Fault 14: with any bit flipped the plan is refused in one sentence, or reads exactly as it was saved."""
    body = path.read_bytes()
    rng = np.random.default_rng(14)
    refused = 0
    for place in rng.integers(0, len(body), 300).tolist():
        damaged = bytearray(body)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            found = open_plan(path)
        except InputError:
            refused += 1
        else:
            assert (found.decisions, found.title) == (plan.decisions, plan.title)
            assert found.network.segment_ids == plan.network.segment_ids
            assert found.network.segments.length_mm.tolist() == plan.network.segments.length_mm.tolist()
    assert refused > 20


def test_flips_in_what_people_decided(path, plan):
    """Fault 14: a single changed letter of a decision or the title is found by the hash."""
    for table, column in (("roadseam_decisions", "body"), ("roadseam_meta", "value")):
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall()  # noqa: S608 - our own names
        for row, text in rows:
            save_plan(path, plan)
            with closing(sqlite3.connect(path)) as connection, connection:
                changed = text[:-2] + chr(ord(text[-2]) ^ 1) + text[-1] if len(text) > 1 else "9"
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, row))  # noqa: S608
            with pytest.raises(InputError):
                open_plan(path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM roadseam_decisions",
        "INSERT INTO roadseam_decisions SELECT 2, kind, key, body FROM roadseam_decisions",
    ],
)
def test_decisions_taken_away_or_added(path, statement):
    """Fault 14: a decision that was removed from the file, or put in beside ours, is found by the hash."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    with pytest.raises(InputError, match="hash"):
        open_plan(path)


def test_truncation(path, plan):
    """Fault 15: cut at every fortieth of its length, a plan is refused in one sentence, never read as a smaller one."""
    body = path.read_bytes()
    for part in range(40):
        path.write_bytes(body[: len(body) * part // 40])
        with pytest.raises(InputError) as caught:
            open_plan(path)
        assert "\n" not in str(caught.value)
    path.write_bytes(body)
    assert open_plan(path).decisions == plan.decisions


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>404</body></html>", "方案".encode(), b"\x89PNG\r\n\x1a\n" + b"\0" * 100]
)
def test_something_else_under_our_suffix(tmp_path, body):
    """Fault 16: an empty file, a web page, a text and a picture under our suffix are refused in one sentence."""
    file = tmp_path / "a.gpkg"
    file.write_bytes(body)
    assert not is_plan(file)
    with pytest.raises(InputError, match=r"^a\.gpkg: .*damaged"):
        open_plan(file)
    assert file.read_bytes() == body


def test_database_that_is_no_plan(tmp_path):
    """Fault 17: a SQLite database without our tables, and one with but some of them, is refused in one sentence."""
    file = tmp_path / "a.gpkg"
    for tables in ("t", "roadseam_meta", "roadseam_columns"):
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(f"CREATE TABLE {tables} (key, value, name, dtype, body)")
        with pytest.raises(InputError, match=r"no plan|not a plan"):
            open_plan(file)


def test_foreign_journal(path, plan):
    """Fault 18: journals of another program beside a plan are neither replayed nor touched by opening, and go at a save."""
    beside = [path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm")]
    for file in beside:
        file.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\xff" * 4096)
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    assert open_plan(path).decisions == plan.decisions
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before
    save_plan(path, plan.undo())
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM roadseam_decisions").fetchone() == (0,)


@pytest.mark.parametrize(
    ("version", "is_readable"), [(planfile.SCHEMA_VERSION, True), (planfile.SCHEMA_VERSION + 1, False)]
)
def test_newer_version(path, plan, monkeypatch, version, is_readable):
    """Fault 19: a plan of a newer version is refused with the advice to update, and is not changed; today's opens."""
    monkeypatch.setattr(planfile, "SCHEMA_VERSION", version)
    save_plan(path, plan)
    monkeypatch.undo()
    before = path.read_bytes()
    if is_readable:
        assert open_plan(path).decisions == plan.decisions
    else:
        with pytest.raises(InputError, match="update first"):
            open_plan(path)
    assert path.read_bytes() == before


def test_opening_never_writes(path, plan):
    """Promise P2: opening, asking and deriving leave bytes, times and folder as they were."""
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns)
    assert is_plan(path)
    assert open_plan(path).derived.owner == plan.derived.owner
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns) == before
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


def test_a_column_that_is_a_bomb(path, monkeypatch):
    """Fault 27: a plan whose column unpacks to more than any network needs is refused without unpacking it."""
    monkeypatch.setattr(columns, "MOST_BYTES", 2**20)
    with closing(sqlite3.connect(path)) as connection, connection:
        body = zlib.compress(b"\0" * 2**22, 9)
        connection.execute("UPDATE roadseam_columns SET body = ? WHERE name = 'segments.u'", (body,))
    with pytest.raises(InputError, match="hash"):
        open_plan(path)
