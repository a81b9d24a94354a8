"""The tables of a plan file, and the hash over all they hold.

Version 1 held the decisions in force. Version 2 adds the whole history: every branch with what was undone on it, which
branch is worked on, and the locks. Both are read; the latest is written.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from geo.errors import InputError
from plan.columns import Columns, hash_columns, unpack_network
from plan.decisions import Decision
from plan.history import MAIN, Branch, History
from plan.model import Plan

SCHEMA_VERSION = 2
_TABLES = """
CREATE TABLE roadseam_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE roadseam_columns (name TEXT PRIMARY KEY, dtype TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE roadseam_decisions (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE roadseam_branches (seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE roadseam_history (seq INTEGER PRIMARY KEY, branch TEXT NOT NULL, state TEXT NOT NULL,
  place INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE roadseam_locks (kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, key));
"""
_DONE, _UNDONE = "done", "undone"

HistoryRow = tuple[str, str, int, str]
"""Branch, ``done`` or ``undone``, place among the decisions, decision as JSON."""


@dataclass(frozen=True)
class Book:
    """A plan with its whole history.

    Attributes
    ----------
    plan
        With the decisions of the branch that is worked on.
    history
        All branches, what was undone, and the locks.
    version
        Schema version of the file it came from.
    """

    plan: Plan
    history: History
    version: int = SCHEMA_VERSION


@dataclass(frozen=True)
class Contents:
    """Everything a plan file holds besides the derived layers, as text and bytes.

    Attributes
    ----------
    meta
        Header.
    columns
        The network.
    bodies
        Decisions in force on the branch that is worked on, in order.
    branches
        Names of branches, in order.
    history
        Decisions of the other branches, and what was undone on all.
    locks
        Locked subjects, sorted.
    """

    meta: dict[str, str]
    columns: Columns
    bodies: tuple[str, ...]
    branches: tuple[str, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    locks: tuple[tuple[str, str], ...] = ()

    @property
    def version(self) -> int:
        """Schema version."""
        return int(self.meta["schema_version"])

    def seal(self) -> str:
        """Return the SHA-256 over header (with the network's hash), decisions, and history, in order."""
        header = {key: value for key, value in self.meta.items() if key != "sha256"}
        parts: list[object] = [header, list(self.bodies)]
        if self.version > 1:
            parts += [list(self.branches), [list(row) for row in self.history], [list(row) for row in self.locks]]
        text = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def is_intact(self) -> bool:
        """Whether the contents match the hashes that were saved with them."""
        try:
            return self.meta["sha256"] == self.seal() and hash_columns(self.columns) == self.meta["network_sha256"]
        except (KeyError, ValueError, TypeError, zlib.error):
            return False

    def to_book(self) -> Book:
        """Return the plan and its history.

        Raises
        ------
        InputError
            The network or a decision cannot be read, or the history names branches that are not there.
        """
        history = self.to_history()
        return Book(Plan(unpack_network(self.columns), history.decisions, self.meta["title"]), history, self.version)

    def to_history(self) -> History:
        """Return the history; the network is not needed for it.

        Raises
        ------
        InputError
            A decision cannot be read, or the history names branches that are not there.
        """
        decisions = tuple(map(Decision.from_json, self.bodies))
        if self.version == 1:
            return History(MappingProxyType({MAIN: Branch(decisions)}))
        return _history(self, decisions)


def contents_of(plan: Plan, history: History, columns: Columns) -> Contents:
    """Return what is written of a plan and its history; the plan's decisions are those of the current branch."""
    rows: list[HistoryRow] = []
    for name, branch in history.branches.items():
        if name != history.current:
            rows += [(name, _DONE, k, d.to_json()) for k, d in enumerate(branch.done)]
        rows += [(name, _UNDONE, place, d.to_json()) for place, d in branch.undone]
    meta = {
        "schema_version": str(SCHEMA_VERSION),
        "title": plan.title.encode("utf-8", "replace").decode(),
        "network_sha256": hash_columns(columns),
        "branch": history.current,
        "crs": "EPSG:4326",
        "licence": "© OpenStreetMap contributors, ODbL 1.0",
    }
    bodies = tuple(d.to_json() for d in plan.decisions)
    made = Contents(meta, columns, bodies, tuple(history.branches), tuple(rows), tuple(sorted(history.locks)))
    meta["sha256"] = made.seal()
    return made


def write_tables(connection: sqlite3.Connection, contents: Contents) -> None:
    """Write everything but the derived layers, in the caller's transaction."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.executemany("INSERT INTO roadseam_meta VALUES (?, ?)", sorted(contents.meta.items()))
    connection.executemany(
        "INSERT INTO roadseam_columns VALUES (?, ?, ?)",
        [(name, dtype, body) for name, (dtype, body) in sorted(contents.columns.items())],
    )
    decisions = [Decision.from_json(body) for body in contents.bodies]
    connection.executemany(
        "INSERT INTO roadseam_decisions VALUES (?, ?, ?, ?)",
        [(k, d.kind, d.key, b) for k, (d, b) in enumerate(zip(decisions, contents.bodies, strict=True), start=1)],
    )
    connection.executemany("INSERT INTO roadseam_branches VALUES (?, ?)", list(enumerate(contents.branches, start=1)))
    connection.executemany(
        "INSERT INTO roadseam_history VALUES (?, ?, ?, ?, ?)",
        [(k, *row) for k, row in enumerate(contents.history, start=1)],
    )
    connection.executemany("INSERT INTO roadseam_locks VALUES (?, ?)", contents.locks)


def read_tables(connection: sqlite3.Connection, *, with_network: bool = True) -> Contents:
    """Read everything but the derived layers; a version newer than ours is read as far as its header.

    Parameters
    ----------
    connection
        An open plan file.
    with_network
        Whether the columns of the network are read.

    Raises
    ------
    sqlite3.Error, KeyError, ValueError, TypeError
        The tables are not those of a plan.
    """
    meta = {str(key): str(value) for key, value in connection.execute("SELECT key, value FROM roadseam_meta")}
    version = int(meta["schema_version"])
    if version > SCHEMA_VERSION:
        return Contents(meta, {}, ())
    query = "SELECT name, dtype, body FROM roadseam_columns"
    rows = connection.execute(query).fetchall() if with_network else []
    columns: Columns = {name: (dtype, body) for name, dtype, body in rows}
    bodies = tuple(_column(connection, "SELECT body FROM roadseam_decisions ORDER BY seq"))
    if version == 1:
        return Contents(meta, columns, bodies)
    history = connection.execute("SELECT branch, state, place, body FROM roadseam_history ORDER BY seq").fetchall()
    locks = connection.execute("SELECT kind, key FROM roadseam_locks ORDER BY kind, key").fetchall()
    branches = tuple(_column(connection, "SELECT name FROM roadseam_branches ORDER BY seq"))
    return Contents(meta, columns, bodies, branches, tuple(history), tuple(sorted(locks)))


def _column(connection: sqlite3.Connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query)]


def _history(contents: Contents, decisions: Sequence[Decision]) -> History:
    current = contents.meta.get("branch", MAIN)
    done: dict[str, list[Decision]] = {name: [] for name in contents.branches}
    undone: dict[str, list[tuple[int, Decision]]] = {name: [] for name in contents.branches}
    try:
        done[current] = list(decisions)
        for name, state, place, body in contents.history:
            decision = Decision.from_json(body)
            if state == _DONE:
                done[name].append(decision)
            else:
                undone[name].append((int(place), decision))
        branches = {name: Branch(tuple(done[name]), tuple(undone[name])) for name in contents.branches}
        return History(MappingProxyType(branches), current, frozenset(contents.locks))
    except (KeyError, ValueError) as error:
        msg = "方案中的历史无法读取，请从备份恢复。 / the history in the plan cannot be read: restore a backup."
        raise InputError(msg) from error
