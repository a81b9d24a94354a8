"""What one person's session holds: the plan with its history, what is selected, and where the plan came from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from geo.closures import graph_at
from geo.network import Network
from geo.reading import Progress
from geo.travel import TravelGraph
from plan.closures import closures_of
from plan.columns import hash_columns, pack_network
from plan.decisions import Decision
from plan.demo import demo_tables
from plan.history import History
from plan.locks import hash_file, save_over
from plan.model import EVERY_STATION, Plan
from plan.planfile import is_plan, open_book
from plan.source import open_source
from views.console.server import PLAN_VARIABLE
from views.crews import set_tables

DESK_KEY = "desk"
DEMO = "demo"
_KEPT_RESULTS = 48

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected: a kind (``segment``, ``station``, ``seam``, …), its id and the place that was clicked."""

    kind: str = ""
    id: str = ""
    place: tuple[float, float] | None = None

    def __bool__(self) -> bool:
        return bool(self.kind)


NOTHING = Selection()


@dataclass(frozen=True, slots=True)
class Target:
    """Where the map shall jump: bounds (west, south, east, north) or a place (lon, lat), WGS-84 degrees."""

    bounds: tuple[float, float, float, float] | None = None
    place: tuple[float, float] | None = None
    zoom: float = 16.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan as it was opened.

    Attributes
    ----------
    plan
        The plan.
    origin
        ``demo``, ``file`` (a plan that can be saved where it lies), ``upload`` or ``place``.
    path
        Where a ``file`` lies.
    history
        Branches, undone decisions and locks that came with it; the plan's decisions alone if None.
    """

    plan: Plan
    origin: str
    path: Path | None = None
    history: History | None = None


@dataclass
class Desk:
    """One person's work: the only thing of a session that changes.

    Attributes
    ----------
    opened
        What was opened.
    history
        The decisions, with undo and redo.
    network_key
        Hash of the network's content.
    page
        Name of the page.
    selection
        What is selected.
    target, jumps
        Where the map shall jump, and how often it was asked to: the same place twice is two jumps.
    saved
        The history as last saved.
    on_disk
        SHA-256 of the plan file as last read or written by us.
    newest
        The history that a permalink's older version was taken from; the plan is read-only as long as it is set.
    saved_at
        Local time of the last saving, ``HH:MM``.
    message
        One sentence for the person, shown once.
    is_moved
        Whether the whole page must be drawn again, not only the map and the card.
    extra
        What single pages keep, by name.
    """

    opened: Opened
    history: History
    network_key: str
    page: str = "boundary"
    selection: Selection = NOTHING
    target: Target | None = None
    jumps: int = 0
    saved: History | None = None
    on_disk: str = ""
    newest: History | None = None
    saved_at: str = ""
    message: str = ""
    is_moved: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Hash of everything the plan is made of: equal plans have equal keys."""
        return plan_key(self.network_key, self.history.decisions)

    @property
    def plan(self) -> Plan:
        """The plan with the decisions in force; what follows from it is computed once for all sessions."""
        return settle_plan(self.key, self.history.apply(self.opened.plan))

    @property
    def undo_steps(self) -> int:
        """How many decisions of this session can be taken back: those made since opening that are not locked."""
        began = self.opened.history or History.of(self.opened.plan)
        old = len(began.branches.get(self.history.current, began.branch).done)
        return sum(d.subject not in self.history.locks for d in self.history.decisions[old:])

    @property
    def redo_steps(self) -> int:
        """How many decisions can be brought back."""
        return self.history.redo_steps

    @property
    def is_saved(self) -> bool:
        """Whether the plan file (or what was opened) holds all decisions."""
        return self.saved is not None and self.history.is_same(self.saved)

    @property
    def is_read_only(self) -> bool:
        """Whether the plan may not be changed: an older version, or a file that may not be written."""
        if self.newest is not None:
            return True
        path = self.opened.path
        return path is not None and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))

    def decide(self, kind: str, key: str, value: dict[str, Any], *, why: str = "") -> None:
        """Make one decision, dated today; what is read-only is only looked at, and the person is told why."""
        if self.is_read_only:
            self.message = self.why_read_only()
            self.is_moved = True
            return
        decision = Decision(kind, key, value, when=datetime.now(tz=UTC).date().isoformat(), why=why)
        self.history = self.history.decide(decision)
        self.is_moved = True

    def why_read_only(self) -> str:
        """Return why nothing may be changed, in both languages."""
        if self.newest is None:
            return (
                "方案文件不可写，只能查看；请另存一份可写的副本再改。"
                " / the plan file may not be written, look only: change a copy that may be."
            )
        version = len(self.newest.decisions)
        return (
            f"此版本已被 v{version} 取代，只能查看；请先打开最新版本。"
            f" / v{version} has replaced this version: open the newest one to decide."
        )

    def undo(self) -> None:
        """Take back the last decision of this session."""
        if self.undo_steps:
            self.history = self.history.undo()
            self.is_moved = True

    def redo(self) -> None:
        """Bring back the decision taken back last."""
        self.history = self.history.redo()
        self.is_moved = True

    def look_back(self, version: int) -> None:
        """Show the plan as it was after so many decisions, read-only."""
        newest = self.newest or self.history
        plan = Plan(self.opened.plan.network, newest.decisions[:version], self.opened.plan.title)
        self.newest, self.history = newest, History.of(plan)
        self.is_moved = True

    def look_ahead(self) -> None:
        """Show the newest version again."""
        if self.newest is not None:
            self.history, self.newest = self.newest, None
            self.is_moved = True

    def select(self, kind: str, ident: str, place: tuple[float, float] | None = None) -> None:
        """Select a thing."""
        self.selection = Selection(kind, ident, place)

    def clear(self) -> None:
        """Select nothing."""
        self.selection = NOTHING

    def jump(self, target: Target) -> None:
        """Make the map jump."""
        self.target = target
        self.jumps += 1

    def with_convention(self, convention: str, station: str = EVERY_STATION) -> tuple[str, Plan]:
        """Return key and plan as it would be under another convention."""
        decision = Decision("choose_convention", station, {"convention": convention})
        decisions = (*self.history.decisions, decision)
        key = plan_key(self.network_key, decisions)
        plan = Plan(self.opened.plan.network, decisions, self.opened.plan.title)
        return key, settle_plan(key, plan)

    def save(self) -> None:
        """Save the plan where it lies.

        Raises
        ------
        InputError
            Somebody else has saved the file since we read it.
        SaveError
            The file cannot be written.
        """
        path = self.opened.path
        if path is None:
            return
        self.on_disk = save_over(path, self.plan, seen=self.on_disk, history=self.history)
        self.saved = self.history
        self.saved_at = datetime.now().astimezone().strftime("%H:%M")


def plan_key(network_key: str, decisions: tuple[Decision, ...]) -> str:
    """Return the hash of a network and decisions, 24 hex digits."""
    digest = hashlib.sha256(network_key.encode())
    for decision in decisions:
        digest.update(decision.to_json().encode("utf-8", "backslashreplace") + b"\0")
    return digest.hexdigest()[:24]


@st.cache_resource(max_entries=_KEPT_RESULTS, show_spinner=False)
def settle_plan(key: str, _plan: Plan) -> Plan:
    """Return the plan with its results computed; ``key`` names its content."""
    _ = _plan.derived, key
    return _plan


@st.cache_resource(max_entries=_KEPT_RESULTS, show_spinner=False)
def _keep(key: tuple[object, ...], _make: Callable[[], Any]) -> Any:
    _ = key
    return _make()


def keep(key: tuple[object, ...], make: Callable[[], T]) -> T:
    """Return a result computed once for all sessions; ``key`` must name everything it depends on."""
    result: T = _keep(key, make)
    return result


def graph_of(desk: Desk) -> TravelGraph:
    """Return the travel graph of the plan's network, cut at its seams, under the closures that always hold."""
    return keep(("graph", desk.key), lambda: graph_at(desk.plan.derived.network, closures_of(desk.plan)))


@st.cache_resource(max_entries=4, show_spinner=False)
def _open_demo() -> tuple[Plan, str]:
    tables = demo_tables()
    plan = set_tables(open_source(DEMO), tables.units, tables.targets)
    return plan, network_hash(plan.network)


def network_hash(network: Network) -> str:
    """Return the hash of a network's content."""
    return hash_columns(pack_network(network))


def open_named(path: Path) -> Desk:
    """Return a desk with the plan the server was started with; a file that stays as it is is read once for all."""
    try:
        state = path.stat()
    except OSError:
        return put_on_desk(open_file(path))
    opened, key, on_disk = _read_named(str(path), (state.st_mtime_ns, state.st_size, state.st_ino))
    return put_on_desk(opened, network_key=key, on_disk=on_disk)


@st.cache_resource(max_entries=2, show_spinner=False)
def _read_named(path: str, state: tuple[int, ...]) -> tuple[Opened, str, str]:
    _ = state
    desk = put_on_desk(open_file(Path(path)))
    return desk.opened, desk.network_key, desk.on_disk


def open_file(path: Path, *, origin: str = "file", progress: Progress | None = None) -> Opened:
    """Open a map file, or a plan with its branches and locks.

    Raises
    ------
    InputError
        The file cannot be used.
    """
    where = path if origin == "file" else None
    if is_plan(path):
        book = open_book(path)
        return Opened(book.plan, origin, where, book.history)
    return Opened(open_source(str(path), progress=progress), origin, where)


def put_on_desk(opened: Opened, *, network_key: str = "", on_disk: str = "") -> Desk:
    """Make a desk of what was opened; hashes that are known need not be computed again."""
    key = network_key or network_hash(opened.plan.network)
    on_disk = on_disk or (hash_file(opened.path) if opened.path is not None else "")
    history = opened.history or History.of(opened.plan)
    return Desk(opened, history, key, saved=history, on_disk=on_disk)


def open_desk() -> Desk:
    """Return the desk of this session; a new session opens the plan it was started with, else the demo district.

    Raises
    ------
    InputError
        The plan cannot be opened.
    """
    desk: Desk | None = st.session_state.get(DESK_KEY)
    if desk is None:
        named = os.environ.get(PLAN_VARIABLE, "")
        if named:
            desk = open_named(Path(named))
        else:
            plan, key = _open_demo()
            desk = put_on_desk(Opened(plan, DEMO), network_key=key)
        st.session_state[DESK_KEY] = desk
    return desk


def replace_desk(opened: Opened) -> None:
    """Open another plan in this session, on the page where the person is."""
    old: Desk | None = st.session_state.get(DESK_KEY)
    desk = put_on_desk(opened)
    if old is not None:
        desk.page = old.page
    desk.is_moved = True
    st.session_state[DESK_KEY] = desk


def open_demo_again() -> None:
    """Open the demo district in this session."""
    replace_desk(Opened(_open_demo()[0], DEMO))


def current_desk() -> Desk:
    """Return the desk that `open_desk` made."""
    desk: Desk = st.session_state[DESK_KEY]
    return desk
