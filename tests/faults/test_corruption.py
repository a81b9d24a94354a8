"""Faults that strike a plan file on disk: flipped bits, cuts, foreign files and journals."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing

import numpy as np
import pytest

from geo.errors import InputError
from plan import columns
from plan.planfile import is_plan, open_plan, save_plan


def test_bit_flips(path, plan):
    """Fault 14: with any bit flipped the plan is refused in one sentence, or reads exactly as it was saved."""
    body = path.read_bytes()
    rng = np.random.default_rng(14)
    refused = 0
    for place in rng.integers(0, len(body), 450).tolist():
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
            path.unlink()
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
