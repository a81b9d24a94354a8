"""Disputes: metres that two agencies claim, both positions, and how they end.

A dispute is opened, both sides state their position, and a meeting closes it as agreed, reserved, or referred up to
the common superior (行政处罚法 25). Only an agreement ends the claim: reserved and referred metres stay contested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from geo.errors import InputError
from plan.agreements import read_day
from plan.decisions import Decision
from plan.model import Plan
from plan.replay import anchor

SIDES = ("local", "expressway")


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    OPTIONS = "options"
    AGREED = "agreed"
    RESERVED = "reserved"
    REFERRED = "referred"


OUTCOMES = (DisputeState.AGREED, DisputeState.RESERVED, DisputeState.REFERRED)


@dataclass(frozen=True, slots=True)
class Position:
    """What one side claims: its words, the convention it proposes, and references to its attachments (no files)."""

    side: str
    text: str
    convention: str = ""
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dispute:
    """A dispute as it stands.

    Attributes
    ----------
    id, title
        Its number and name.
    state
        ``open`` until both sides have a position, ``options`` then, or how it was closed.
    opened
        ISO date.
    segments
        Ids of the claimed segments, sorted.
    length_mm
        Their length; what several disputes claim counts in each of them here, but once in the ledger.
    positions
        Side to position.
    law, next_authority
        The row of law, and who decides when the sides do not agree.
    minute
        The line of the minutes that closed it.
    """

    id: str
    title: str
    state: DisputeState
    opened: str
    segments: tuple[str, ...]
    length_mm: int
    positions: Mapping[str, Position] = field(default_factory=lambda: MappingProxyType({}))
    law: str = ""
    next_authority: str = ""
    minute: str = ""

    def days_open(self, day: str) -> int:
        """Return the days from opening to a day (ISO date)."""
        return (read_day(day) - read_day(self.opened)).days


@dataclass(frozen=True, slots=True)
class Claim:
    """What a dispute is about: title, claimed segments, the row of law and the authority that decides in the end."""

    title: str
    segments: tuple[str, ...]
    law: str = "行政处罚法 第二十五条"
    next_authority: str = "共同的上一级交通运输主管部门"


def open_dispute(plan: Plan, number: str, claim: Claim, *, when: str, who: str = "") -> Plan:
    """Return the plan with a new dispute.

    Raises
    ------
    InputError
        The number is taken, nothing is claimed, or a segment is not on the map.
    """
    if number in plan.latest("open_dispute"):
        msg = f"争议编号 {number} 已用过，请另取编号。 / this number is taken: choose another."
        raise InputError(msg)
    unknown = [s for s in claim.segments if s not in plan.network.row_of_segment]
    if unknown or not claim.segments:
        named = unknown[0] if unknown else ""
        msg = f"争议 {number} 没有可用的路段（{named}），请在图上选取。 / choose the claimed roads on the map."
        raise InputError(msg)
    value = {
        "title": claim.title,
        "segments": sorted(set(claim.segments)),
        "positions": {},
        "law": claim.law,
        "next_authority": claim.next_authority,
    }
    return plan.decide(anchor(plan, Decision("open_dispute", number, value, who=who, when=read_day(when).isoformat())))


def state_position(plan: Plan, number: str, position: Position, *, when: str, who: str = "") -> Plan:
    """Return the plan with one side's position; a later one replaces it.

    Raises
    ------
    InputError
        There is no such open dispute, or no such side.
    """
    _require_open(plan, number)
    if position.side not in SIDES:
        msg = f"争议 {number} 的一方应为 local 或 expressway。 / a side is local or expressway."
        raise InputError(msg)
    value = {
        "dispute": number,
        "text": position.text,
        "convention": position.convention,
        "attachments": list(position.attachments),
    }
    return plan.decide(Decision("position", f"{number}/{position.side}", value, who=who, when=when))


def close_dispute(plan: Plan, number: str, outcome: DisputeState, *, when: str, who: str, minute: str) -> Plan:
    """Return the plan with a dispute closed by a meeting.

    Parameters
    ----------
    plan, number
        The plan and its dispute.
    outcome
        ``agreed``, ``reserved`` or ``referred``.
    when, who
        Date, and the offices that met.
    minute
        The line of the minutes.

    Raises
    ------
    InputError
        No such open dispute, no such outcome, or no offices.
    """
    _require_open(plan, number)
    if outcome not in OUTCOMES or not who.strip():
        msg = f"争议 {number} 的结论应为同意、保留或报请，并写明单位。 / agree, reserve or refer, and name the offices."
        raise InputError(msg)
    value = {"outcome": str(outcome), "minute": minute}
    return plan.decide(Decision("close_dispute", number, value, who=who, when=read_day(when).isoformat()))


def _require_open(plan: Plan, number: str) -> None:
    if number not in {d.key for d in plan.open_disputes}:
        msg = f"没有待议的争议 {number}。 / there is no open dispute with this number."
        raise InputError(msg)


def list_disputes(plan: Plan) -> tuple[Dispute, ...]:
    """Return every dispute of a plan, in the order they were opened."""
    closed = plan.latest("close_dispute")
    stated = plan.latest("position")
    found = []
    for number, decision in plan.latest("open_dispute").items():
        value = decision.value
        positions = dict(_positions(number, value.get("positions", {}), stated))
        end = closed.get(number)
        state = DisputeState.OPTIONS if set(SIDES) <= positions.keys() else DisputeState.OPEN
        if end is not None:
            state = DisputeState(str(end.value.get("outcome", DisputeState.AGREED)))
        segments = tuple(sorted(str(s) for s in value.get("segments", ())))
        found.append(
            Dispute(
                number,
                str(value.get("title", number)),
                state,
                decision.when,
                segments,
                _length(plan, segments),
                MappingProxyType(positions),
                str(value.get("law", "")),
                str(value.get("next_authority", "")),
                str(end.value.get("minute", "")) if end else "",
            )
        )
    return tuple(found)


def _positions(
    number: str, first: Mapping[str, Mapping[str, Any]], stated: Mapping[str, Decision]
) -> Iterable[tuple[str, Position]]:
    for side in SIDES:
        later = stated.get(f"{number}/{side}")
        value = later.value if later else first.get(side)
        if value:
            attachments: Sequence[str] = value.get("attachments", ())
            yield side, Position(side, str(value.get("text", "")), str(value.get("convention", "")), tuple(attachments))


def _length(plan: Plan, segments: Iterable[str]) -> int:
    rows = [plan.network.row_of_segment[s] for s in segments if s in plan.network.row_of_segment]
    return int(plan.network.segments.length_mm[rows].sum())
