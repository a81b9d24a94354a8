"""Disputes: metres that two agencies claim, both positions, and how they end.

A dispute is opened, both sides state their position, and a meeting closes it as agreed, reserved, or referred up to
the common superior (行政处罚法 25). Only an agreement ends the claim: reserved and referred metres stay contested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.errors import InputError
from jurisdiction.rules import seam_rules
from plan.agreements import read_day
from plan.decisions import Decision
from plan.disputeparts import claimed_mm
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
    """What one side claims.

    Attributes
    ----------
    side
        ``local`` or ``expressway``.
    text
        Its words.
    convention
        The convention it proposes, or ``""``.
    attachments
        References to its papers, never the papers: ``NAME sha256:HEX`` (see ``refer_to``).
    place
        Where it wants the seam, lon/lat WGS-84 degrees, if it names a place.
    """

    side: str
    text: str
    convention: str = ""
    attachments: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


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
    station
        Id of the station it is about, or ``""``.
    closed, who, document
        ISO date, offices and document number of the meeting that closed it, ``""`` while it is open.
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
    station: str = ""
    closed: str = ""
    who: str = ""
    document: str = ""

    @property
    def is_claimed(self) -> bool:
        """Whether its metres are still claimed twice: only an agreement ends that."""
        return self.state is not DisputeState.AGREED

    def days_open(self, day: str) -> int:
        """Return the days from opening to a day (ISO date), or to the agreement that ended it before."""
        end = read_day(day)
        if not self.is_claimed and self.closed:
            end = min(end, read_day(self.closed))
        return max((end - read_day(self.opened)).days, 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a dispute is about: title, claimed segments, the row of law, who decides in the end, and the station.

    ``parts`` are segment, and from and to in metres, of segments of which only a part is claimed.
    """

    title: str
    segments: tuple[str, ...]
    law: str = "行政处罚法 第二十五条"
    next_authority: str = "共同的上一级交通运输主管部门"
    station: str = ""
    parts: tuple[tuple[str, float, float], ...] = ()


def open_dispute(plan: Plan, number: str, claim: Claim, *, when: str, who: str = "") -> Plan:
    """Return the plan with a new dispute.

    Raises
    ------
    InputError
        The number is taken, nothing is claimed, or a segment or the station is not on the map.
    """
    if number in plan.latest("open_dispute"):
        msg = f"争议编号 {number} 已用过，请另取编号。 / this number is taken: choose another."
        raise InputError(msg)
    unknown = [s for s in claim.segments if s not in plan.network.row_of_segment]
    if unknown or not claim.segments:
        named = unknown[0] if unknown else ""
        msg = f"争议 {number} 没有可用的路段（{named}），请在图上选取。 / choose the claimed roads on the map."
        raise InputError(msg)
    if claim.station and claim.station not in {s.id for s in plan.stations}:
        msg = f"争议 {number} 所指收费站 {claim.station[:40]} 不在地图上。 / its station is not on the map."
        raise InputError(msg)
    value: dict[str, Any] = {
        "title": claim.title,
        "segments": sorted(set(claim.segments)),
        "positions": {},
        "law": claim.law,
        "next_authority": claim.next_authority,
    }
    if claim.station:
        value["station"] = claim.station
    if claim.parts:
        value["parts"] = {segment: [round(a, 3), round(b, 3)] for segment, a, b in claim.parts}
    return plan.decide(anchor(plan, Decision("open_dispute", number, value, who=who, when=read_day(when).isoformat())))


def refer_to(path: Path) -> str:
    """Return a reference to an attachment, ``NAME sha256:HEX``: the plan names papers, it does not hold them.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"附件 {path.name} 无法读取（{error.strerror}），请检查路径。 / the attachment cannot be read."
        raise InputError(msg) from error
    return f"{path.name} sha256:{digest}"


def state_position(plan: Plan, number: str, position: Position, *, when: str, who: str = "") -> Plan:
    """Return the plan with one side's position; a later one replaces it.

    Raises
    ------
    InputError
        There is no such open dispute, no such side, or no such convention.
    """
    _require_open(plan, number)
    if position.side not in SIDES:
        msg = f"争议 {number} 的一方应为 local 或 expressway。 / a side is local or expressway."
        raise InputError(msg)
    if position.convention:
        seam_rules().convention(position.convention)
    value: dict[str, Any] = {
        "dispute": number,
        "text": position.text,
        "convention": position.convention,
        "attachments": list(position.attachments),
    }
    if position.place is not None:
        value["place"] = {"lon": position.place[0], "lat": position.place[1]}
    day = read_day(when).isoformat()
    return plan.decide(Decision("position", f"{number}/{position.side}", value, who=who, when=day))


def close_dispute(
    plan: Plan, number: str, outcome: DisputeState, *, when: str, who: str, minute: str, document: str = ""
) -> Plan:
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
    document
        Document number of the minutes.

    Raises
    ------
    InputError
        No such open dispute, no such outcome, no offices, or a day before it was opened.
    """
    _require_open(plan, number)
    if outcome not in OUTCOMES or not who.strip():
        msg = f"争议 {number} 的结论应为同意、保留或报请，并写明单位。 / agree, reserve or refer, and name the offices."
        raise InputError(msg)
    day, opened = read_day(when), plan.latest("open_dispute")[number].when
    if opened and day < read_day(opened):
        msg = f"争议 {number} 的结论早于提出之日 {opened[:10]}，请改正。 / it was opened after that day."
        raise InputError(msg)
    value = {"outcome": str(outcome), "minute": minute} | ({"document": document} if document else {})
    return plan.decide(Decision("close_dispute", number, value, who=who, when=day.isoformat()))


def contested_mm(plan: Plan) -> int:
    """Return the millimetres that open disputes claim, each metre once however many disputes claim it."""
    return claimed_mm(plan, plan.open_disputes)


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
                claimed_mm(plan, [decision]),
                MappingProxyType(positions),
                str(value.get("law", "")),
                str(value.get("next_authority", "")),
                str(end.value.get("minute", "")) if end else "",
                str(value.get("station", "")),
                end.when if end else "",
                end.who if end else "",
                str(end.value.get("document", "")) if end else "",
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
            words = str(value.get("text", "")), str(value.get("convention", ""))
            yield side, Position(side, *words, tuple(map(str, attachments)), _place(value))


def _place(value: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the place a position names; old plans wrote it beside the text."""
    place = value.get("place", value)
    try:
        return float(place["lon"]), float(place["lat"])
    except (KeyError, TypeError, ValueError):
        return None
