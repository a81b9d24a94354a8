"""Plans of newer and older versions."""

from __future__ import annotations

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from geo.errors import InputError
from plan import migrations, planfile, plantables
from plan.decisions import Decision
from plan.history import History
from plan.migrations import schema_version, upgrade_plan
from plan.planfile import SaveError, open_book, open_plan, save_plan
from tests.faults.planplay import Savers, is_old_or_new, posix

RELEASED = {1: Path(__file__).parents[1] / "plan" / "files" / "version1.gpkg"}
"""A plan as each released version saved it."""
CHOSEN = Decision("choose_convention", "*", {"convention": "ramp_end"}, "联席会议", "2026-10-01", "试行")


@pytest.fixture(params=sorted(RELEASED))
def old(request, tmp_path):
    """Return a plan of an older version, alone in its folder."""
    folder = tmp_path / "plans"
    folder.mkdir()
    return Path(shutil.copy(RELEASED[request.param], folder / "a.gpkg"))


def newer(monkeypatch):
    """Write the next version that will ever be."""
    monkeypatch.setattr(plantables, "SCHEMA_VERSION", plantables.SCHEMA_VERSION + 1)


def test_newer_version(path, plan, monkeypatch):
    """Fault 19: a plan of a newer version is refused with the advice to update, and is neither changed nor replaced."""
    newer(monkeypatch)
    save_plan(path, plan)
    monkeypatch.undo()
    before = path.read_bytes()
    with pytest.raises(InputError, match="update first"):
        open_plan(path)
    with pytest.raises(InputError, match="update first"):
        upgrade_plan(path)
    with pytest.raises(SaveError, match="newer version"):
        save_plan(path, plan)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["a.gpkg"]


def test_a_version_that_never_was(path, plan, monkeypatch):
    """Fault 19: version 0 is no plan of ours."""
    monkeypatch.setattr(plantables, "SCHEMA_VERSION", 0)
    save_plan(path, plan)
    monkeypatch.undo()
    with pytest.raises(InputError, match="hash"):
        open_plan(path)


def test_an_old_plan_opens_whole_and_is_not_written(old):
    """Fault 20: each released version opens with all it held, and opening changes neither file nor folder."""
    before = (old.read_bytes(), old.stat().st_mtime_ns)
    book = open_book(old)
    assert book.version == 1
    assert [d.kind for d in book.plan.decisions] == ["choose_convention", "open_dispute", "comment", "sign"]
    assert book.plan.decisions[0] == CHOSEN
    assert book.plan.title == "梅坞 v1"
    assert book.history == History.of(book.plan)
    assert book.plan.derived.ledger.of("owner")["contested"] > 0
    assert (old.read_bytes(), old.stat().st_mtime_ns) == before
    assert [p.name for p in old.parent.iterdir()] == ["a.gpkg"]


def test_an_old_plan_is_kept_when_it_is_saved(old):
    """Fault 20: the first save in the new version keeps a copy of the old file, and the plan reads as before."""
    body, book = old.read_bytes(), open_book(old)
    save_plan(old, book.plan.decide(Decision("comment", "new")))
    assert schema_version(old) == planfile.SCHEMA_VERSION
    assert open_plan(old).decisions[:-1] == book.plan.decisions
    copy = old.with_name("a.gpkg.v1.bak")
    assert open_book(copy).version == 1
    assert open_plan(copy).decisions == book.plan.decisions
    assert schema_version(copy) == 1
    assert len(copy.read_bytes()) == len(body)


def test_migration_twice_is_migration_once(old):
    """Fault 21: a second migration writes nothing; a third from the same old file gives the same bytes and no new copy."""
    first = old.read_bytes()
    assert upgrade_plan(old)
    once = old.read_bytes()
    assert not upgrade_plan(old)
    assert old.read_bytes() == once
    old.write_bytes(first)
    assert upgrade_plan(old)
    assert old.read_bytes() == once
    assert sorted(p.name for p in old.parent.iterdir()) == ["a.gpkg", "a.gpkg.v1.bak"]


def test_no_copy_is_ever_overwritten(old):
    """Fault 20: where another file has the name of the copy, the copy gets a number."""
    taken = old.with_name("a.gpkg.v1.bak")
    taken.write_bytes(b"somebody's")
    upgrade_plan(old)
    assert taken.read_bytes() == b"somebody's"
    assert open_book(old.with_name("a.gpkg.v1.2.bak")).version == 1


@posix
def test_kill_in_migration(old):
    """Fault 20: killed after each step of a migration, the plan is the old one or the new one, and a copy is kept."""
    body, plan = old.read_bytes(), open_plan(old)
    program = Savers(old)
    done = []
    try:
        for step in range(1, 80):
            for path in old.parent.iterdir():
                path.unlink()
            old.write_bytes(body)
            program.start(f"step {step}")
            ended = program.wait()
            assert is_old_or_new(old, plan)
            is_new = schema_version(old) == planfile.SCHEMA_VERSION
            assert is_new or old.read_bytes() == body
            copies = [p for p in old.parent.glob("*.bak") if p.stat().st_size]
            assert not is_new or [open_book(p).version for p in copies] == [1]
            done.append(is_new)
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
        else:
            pytest.fail("the migration never came to its end")
    finally:
        program.close()
    assert len(done) > 20
    assert (done[0], done[-1]) == (False, True)
    assert done == sorted(done)


def test_history_survives_the_file(path, plan):
    """Version 2 keeps branches, what was undone on each, the branch worked on and the locks."""
    history = History.of(plan).decide(Decision("comment", "a")).undo().start_branch("试").decide(CHOSEN)
    history = history.decide(Decision("comment", "b")).undo().lock([CHOSEN.subject]).start_branch("空")
    save_plan(path, history.apply(plan), history=history)
    assert open_book(path).history == history
    again = open_book(path).history.switch("main")
    save_plan(path, again.apply(plan), history=again)
    assert open_book(path).history == again
    assert open_plan(path).decisions == plan.decisions


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM roadseam_locks",
        "INSERT INTO roadseam_locks VALUES ('comment', 'x')",
        "DELETE FROM roadseam_history",
        "UPDATE roadseam_history SET state = 'done'",
        "UPDATE roadseam_history SET place = 7",
        "UPDATE roadseam_branches SET name = 'x' WHERE seq = 2",
        "UPDATE roadseam_meta SET value = '试' WHERE key = 'branch'",
    ],
)
def test_a_changed_history_is_found(path, plan, statement):
    """Fault 14: whatever is changed in branches, undone decisions or locks, the hash finds it."""
    import sqlite3
    from contextlib import closing

    history = History.of(plan).start_branch("试").decide(Decision("comment", "a")).undo().lock([CHOSEN.subject])
    history = history.switch("main")
    save_plan(path, history.apply(plan), history=history)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    with pytest.raises(InputError, match="hash"):
        open_plan(path)


def test_a_history_that_does_not_fit_together(path, plan, monkeypatch):
    """A file whose branch is not among its branches is refused even where its hash is right."""
    made = plantables.contents_of

    def broken(*args):
        contents = made(*args)
        contents.meta["branch"] = "gone"
        contents.meta["sha256"] = contents.seal()
        return contents

    monkeypatch.setattr(planfile, "contents_of", broken)
    save_plan(path, plan)
    with pytest.raises(InputError, match="history"):
        open_plan(path)


def test_a_plan_saved_without_its_history_keeps_branches_and_locks(path, plan):
    """Who saves only a plan loses nobody's branches, and cannot decide anew what the file has locked."""
    history = History.of(plan).start_branch("试").decide(Decision("comment", "a")).switch("main").lock([CHOSEN.subject])
    save_plan(path, plan, history=history)
    save_plan(path, plan.decide(Decision("comment", "b")))
    kept = open_book(path).history
    assert kept.locks == history.locks
    assert [d.key for d in kept.branches["试"].done] == ["*", "a"]
    assert [d.key for d in kept.decisions] == ["*", "b"]
    for changed in (plan.undo(), plan.decide(replace(CHOSEN, value={"convention": "toll_island"}))):
        with pytest.raises(InputError, match="locked"):
            save_plan(path, changed)
    assert open_book(path).history == kept


def test_a_damaged_plan_can_be_saved_over(path, plan):
    """A plan whose history cannot be read any more gives way to the plan that is saved."""
    import sqlite3
    from contextlib import closing

    for statement in ("UPDATE roadseam_decisions SET body = 'x'", "DROP TABLE roadseam_history"):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
        save_plan(path, plan)
        assert open_plan(path).decisions == plan.decisions
    assert migrations.schema_version(path.with_name("none")) is None
