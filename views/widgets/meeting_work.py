"""What a meeting does to the plan: options with prices, closing a dispute in one stroke, signing, undo by strokes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from geo.errors import InputError
from geo.travel import build_travel_graph
from jurisdiction.agencies import LOCAL
from plan.agreements import SHORT, Terms, head, sign_agreement
from plan.decisions import Decision
from plan.disputes import Dispute, DisputeState, close_dispute, list_disputes
from plan.model import Plan
from plan.options import Case, Option, OptionDesk, read_cases
from views.crews import units_of
from views.state import DEMO, Desk, keep, plan_key
from views.widgets.meeting_case import (
    SETTLES,
    Hearing,
    Place,
    agree_place,
    choose_convention,
    decide_all,
    give_roads,
    hear,
    is_settlement,
)

END = "end"
"""The last chip of the agenda: the decision list."""
_STATE = "meeting"


@dataclass
class Meeting:
    """Where the meeting stands: the only thing of it that is not in the plan.

    Attributes
    ----------
    number
        The dispute on the table, or ``END``.
    view
        ``positions`` or ``difference``.
    mode
        The form that is open: ``""``, ``agree``, ``reserve``, ``refer`` or ``prepare``.
    chosen
        Dispute to the name of the option that is looked at.
    points
        Dispute to the place that was clicked on its road.
    terms
        What was typed last: offices, date, document number, authority.
    """

    number: str = ""
    view: str = "positions"
    mode: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    points: dict[str, Place] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """An option on the table: its name, its price and the decisions that adopt it.

    ``name`` is a convention, ``place:<side>`` (the place a side names), ``place:map`` (a clicked place) or
    ``give:<side>`` (judge the disputed ways as that side's).
    """

    name: str
    option: Option
    decisions: tuple[Decision, ...]
    proposed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """How a dispute is closed: outcome, offices, ISO date, document number, and what goes with the outcome."""

    outcome: DisputeState
    offices: tuple[str, ...]
    when: str
    document: str
    reason: str = ""
    authority: str = ""


def today() -> str:
    """Return today's ISO date."""
    return datetime.now(tz=UTC).date().isoformat()


def meeting_of(desk: Desk) -> Meeting:
    """Return where the meeting stands, with an item of the agenda on the table."""
    meeting: Meeting = desk.extra.setdefault(_STATE, Meeting())
    items = [d.id for d in agenda(desk)]
    if meeting.number not in {*items, END}:
        waiting = [d.id for d in agenda(desk) if d.state in {DisputeState.OPEN, DisputeState.OPTIONS}]
        meeting.number = (waiting or items or [END])[0]
        meeting.mode = ""
    return meeting


def agenda(desk: Desk) -> tuple[Dispute, ...]:
    """Return the items of the meeting: all disputes but those settled by an agreement signed before this session."""
    before = desk.opened.plan.decisions
    signed = max((k for k, d in enumerate(before) if d.kind == "sign"), default=-1)
    old = {d.key for d in before[: max(signed, 0)] if d.kind == "close_dispute" and d.value.get("outcome") == "agreed"}
    return keep(
        ("agenda", desk.key, tuple(sorted(old))), lambda: tuple(d for d in list_disputes(desk.plan) if d.id not in old)
    )


def argued_key(desk: Desk, number: str) -> str:
    """Return the hash of the plan that the sides argue about: closing a dispute changes nothing in it."""
    kept = tuple(d for d in desk.history.decisions if not is_settlement(d, number))
    return plan_key(desk.network_key, kept)


def hearing_of(desk: Desk, number: str) -> Hearing:
    """Return a dispute with its positions."""
    return keep(("hearing", argued_key(desk, number), number), lambda: hear(desk.plan, number))


def choices_of(desk: Desk, number: str) -> tuple[Choice, ...]:
    """Return the options of a dispute with their prices; computed once."""
    point = meeting_of(desk).points.get(number)
    cases = _cases(desk)

    def make() -> tuple[Choice, ...]:
        return _choices(hearing_of(desk, number), point, cases)

    return keep(("meeting-options", argued_key(desk, number), number, point, desk.opened.origin), make)


def _cases(desk: Desk) -> tuple[Case, ...]:
    """Return last year's cases: the demo has a table, other plans bring none."""
    if desk.opened.origin != DEMO:
        return ()
    from data.demo import table_path

    return keep(("demo-cases",), lambda: read_cases(table_path("cases.csv")))


def _choices(hearing: Hearing, point: Place | None, cases: tuple[Case, ...]) -> tuple[Choice, ...]:
    plan, dispute, station = hearing.plan, hearing.dispute, hearing.station
    made: dict[str, tuple[Decision, ...]] = {}
    for side, stand in hearing.stands.items():
        if stand.place is not None:
            _try_place(made, f"place:{side}", hearing, stand.place)
    if point is not None:
        _try_place(made, "place:map", hearing, point)
    if station is None:
        made |= {f"give:{side}": give_roads(plan, dispute, side) for side in ("local", "expressway")}
        return tuple(_unpriced(plan, name, decisions, hearing) for name, decisions in made.items())
    desk = OptionDesk(plan, units_of(plan), cases, graph=build_travel_graph(plan.network) if units_of(plan) else None)
    priced = desk.price(station, others={name: decide_all(plan, d) for name, d in made.items()}).options
    if not any(option.moved_mm for option in priced):
        made |= {f"give:{side}": give_roads(plan, dispute, side) for side in ("local", "expressway")}
        others = {name: decide_all(plan, decisions) for name, decisions in made.items()}
        priced = desk.price(station, others=others).options
    return tuple(
        Choice(
            option.convention,
            option,
            made.get(option.convention) or (choose_convention(plan, dispute, station, name=option.convention),),
            _proposers(hearing, option.convention),
        )
        for option in priced
    )


def _try_place(made: dict[str, tuple[Decision, ...]], name: str, hearing: Hearing, place: Place) -> None:
    try:
        made[name] = (agree_place(hearing.plan, hearing.dispute, place),)
    except InputError:
        # The place is not on this map any more: it cannot be agreed on, and its words remain in the position.
        return


def _proposers(hearing: Hearing, name: str) -> tuple[str, ...]:
    return tuple(
        side
        for side, stand in hearing.stands.items()
        if name in {stand.convention, f"place:{side}" if stand.place else "", f"give:{stand.gives}"}
    )


def _unpriced(plan: Plan, name: str, decisions: tuple[Decision, ...], hearing: Hearing) -> Choice:
    """Return an option of a dispute without a station: the metres it moves, no times and no cases."""
    old, new = plan.derived.ledger.of("agency"), decide_all(plan, decisions).derived.ledger.of("agency")
    moved = {a: new.get(a, 0) - old.get(a, 0) for a in sorted({*old, *new}) if new.get(a, 0) != old.get(a, 0)}
    option = Option(name, (), not moved, moved, {}, {}, 0, 0, 0, {})
    return Choice(name, option, decisions, _proposers(hearing, name))


def close(desk: Desk, number: str, closing: Closing, *, choice: Choice | None, minute: str) -> None:
    """Write what a meeting concluded: the option's decisions, if any, and the closing with its minute line.

    Raises
    ------
    InputError
        The plan is read-only, the offices, the document number, the reason or the authority is missing, or a
        subject is locked.
    """
    require_writable(desk)
    _check(closing, choice)
    who = " / ".join(closing.offices)
    agreed = closing.outcome is DisputeState.AGREED
    why = closing.reason or closing.document
    extra = {
        "offices": list(closing.offices),
        "document": closing.document,
        "reason": closing.reason,
        "authority": closing.authority,
        "option": choice.name if agreed and choice else "",
    }
    plan = close_dispute(desk.plan, number, closing.outcome, when=closing.when, who=who, minute=minute)
    end = plan.decisions[-1]
    end = replace(end, value={**end.value, **{k: v for k, v in extra.items() if v}}, why=why)
    decisions = choice.decisions if agreed and choice else ()
    history = desk.history
    for decision in (*(replace(d, who=who, when=closing.when, why=why) for d in decisions), end):
        history = history.decide(decision)
    desk.history = history


def require_writable(desk: Desk) -> None:
    """Refuse to write into a plan that is only looked at, whatever a browser asks for.

    Raises
    ------
    InputError
        The plan is an older version, or its file may not be written.
    """
    if desk.is_read_only:
        msg = (
            "只读方案不能写入决定；请打开最新版本或可写的副本。"
            " / this plan is read-only: open the newest version, or a copy that can be written."
        )
        raise InputError(msg)


def _check(closing: Closing, choice: Choice | None) -> None:
    offices = [name for name in closing.offices if name.strip()]
    if len(set(offices)) < 2:  # noqa: PLR2004 - a meeting has two sides
        msg = "请填写双方单位名称。 / name the offices of both sides."
        raise InputError(msg)
    if closing.outcome is DisputeState.AGREED:
        if choice is None:
            msg = "请先选定一个方案，再写入同意。 / choose an option before you agree."
            raise InputError(msg)
        if not closing.document.strip():
            msg = "请填写文号，例如 联席会议纪要〔2026〕11号。 / fill in the document number."
            raise InputError(msg)
        return
    if not closing.reason.strip():
        msg = "请写明理由，会后据此继续。 / give the reason: the work goes on from it."
        raise InputError(msg)
    if closing.outcome is DisputeState.REFERRED and not closing.authority.strip():
        msg = "请写明报请的机关。 / name the authority it is referred to."
        raise InputError(msg)


def settled_subjects(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Return the subjects that the agreed items of the agenda settled and no agreement covers yet."""
    numbers = {d.id for d in agenda(desk) if d.state is DisputeState.AGREED}
    last = {d.subject: d for d in desk.history.decisions}
    covered = {body for d in desk.history.decisions if d.kind == "sign" for body in d.value.get("decisions", ())}
    return tuple(
        subject
        for subject, decision in last.items()
        if decision.kind in SETTLES and decision.value.get("dispute") in numbers and decision.to_json() not in covered
    )


def sign_all(desk: Desk, terms: Terms, *, when: str) -> str:
    """Sign what the meeting agreed on and return the first characters of the head hash.

    Raises
    ------
    InputError
        The plan is read-only, nothing was agreed on, the number is taken, or a term is wrong.
    """
    require_writable(desk)
    subjects = settled_subjects(desk)
    if not subjects:
        msg = "没有可签的同意事项。 / nothing was agreed on that could be signed."
        raise InputError(msg)
    plan = sign_agreement(desk.plan, terms, when=when, covers=subjects)
    desk.history = desk.history.decide(plan.decisions[-1])
    return short_head(desk)


def short_head(desk: Desk) -> str:
    """Return the first characters of the last agreement's hash, ``""`` where nothing is signed."""
    value = head(desk.plan)
    return value[:SHORT] if value.strip("0") else ""


def undo_stroke(desk: Desk) -> None:
    """Take back what was written last, all decisions of a closing together, and show the item it was about."""
    done = desk.history.decisions[len(desk.opened.plan.decisions) :]
    if not done:
        return
    count = _stroke(reversed(done))
    last = done[-1]
    for _ in range(count):
        desk.undo()
    _show(desk, last)


def redo_stroke(desk: Desk) -> None:
    """Bring back what was taken back last, all decisions of a closing together."""
    undone = [decision for _, decision in reversed(desk.history.branch.undone)]
    if not undone:
        return
    number = _dispute_of(undone[0])
    count = 1
    if number and undone[0].kind in SETTLES:
        count = next((k + 1 for k, d in enumerate(undone) if d.kind == "close_dispute" and d.key == number), 1)
    for _ in range(count):
        desk.redo()
    _show(desk, undone[count - 1])


def _stroke(done: Iterable[Decision]) -> int:
    """Return how many of the last decisions, newest first, were written together."""
    count, number = 0, ""
    for decision in done:
        if count == 0:
            count, number = 1, decision.key if decision.kind == "close_dispute" else ""
        elif number and decision.kind in SETTLES and is_settlement(decision, number):
            count += 1
        else:
            break
    return count


def _dispute_of(decision: Decision) -> str:
    if decision.kind in {"close_dispute", "open_dispute"}:
        return decision.key
    if decision.kind == "position":
        return decision.key.rpartition("/")[0]
    return str(decision.value.get("dispute", "")) if decision.kind in SETTLES else ""


def _show(desk: Desk, decision: Decision) -> None:
    meeting = meeting_of(desk)
    meeting.mode = ""
    number = END if decision.kind == "sign" else _dispute_of(decision)
    if number in {*(d.id for d in agenda(desk)), END}:
        meeting.number = number


def closing_value(desk: Desk, number: str) -> dict[str, Any]:
    """Return what was written when a dispute was closed, empty while it is open."""
    decision = desk.plan.latest("close_dispute").get(number)
    return {} if decision is None else {**decision.value, "who": decision.who, "when": decision.when}


def sides_of(plan: Plan, option: Option) -> dict[str, float]:
    """Return side to the metres it gains, below zero what it loses."""
    local = {a.id for a in plan.agencies if a.kind == LOCAL}
    gains = {"local": 0.0, "expressway": 0.0}
    for agency, mm in option.moved_mm.items():
        gains["local" if agency in local else "expressway"] += mm / 1000
    return gains
