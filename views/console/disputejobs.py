"""Jobs of the dispute desk: list, open, state a position, comment, close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import InputError
from geo.snapping import snap_points
from geo.stakes import Direction, Stake, parse_range, parse_stake
from plan.comments import Comment, add_comment, thread_comments
from plan.disputes import (
    OUTCOMES,
    Claim,
    Dispute,
    DisputeState,
    Position,
    close_dispute,
    contested_mm,
    list_disputes,
    open_dispute,
    refer_to,
    state_position,
)
from plan.model import Plan
from views.console.jobs import Tell, open_for, parse_place
from views.console.planfiles import open_on_disk
from views.words import word

ACTIONS = ("list", "open", "position", "comment", "close")
_SNAP_M = 60.0
_STATES = {
    "open": "待议 open",
    "options": "议价 options",
    "agreed": "同意 agreed",
    "reserved": "保留 reserved",
    "referred": "报请 referred",
}


@dataclass(frozen=True)
class DisputeWish:
    """What a person typed; see the options of ``roadseam dispute``."""

    number: str = ""
    title: str = ""
    segments: tuple[str, ...] = ()
    route: str = ""
    start: str = ""
    end: str = ""
    station: str = ""
    law: str = ""
    next_authority: str = ""
    side: str = ""
    text: str = ""
    convention: str = ""
    attach: tuple[Path, ...] = ()
    at: str = ""
    segment: str = ""
    offset_m: float = 0.0
    stake: str = ""
    reply_to: str = ""
    outcome: str = ""
    offices: tuple[str, ...] = ()
    document: str = ""
    minute: str = ""
    when: str = ""
    on: str = ""
    who: str = ""


def read_wish(given: Mapping[str, Any], *, today: str) -> DisputeWish:
    """Return what was typed, by the names of the command's parameters; days that were not given are today."""
    segments, when = tuple(given["segment"] or ()), given["when"] or today
    texts = {f.name: given[f.name] for f in fields(DisputeWish) if isinstance(given.get(f.name), str)}
    rest = {
        "segments": segments,
        "segment": segments[0] if segments else "",
        "attach": tuple(given["attach"] or ()),
        "offices": tuple(given["office"] or ()),
        "offset_m": given["offset"],
        "when": when,
        "on": given["on"] or when,
    }
    return DisputeWish(**{**texts, **rest})


def dispute(source: str, action: str, wish: DisputeWish, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Do one thing at the dispute desk and return how the disputes stand."""
    if action not in ACTIONS:
        msg = f"争议操作“{action[:20]}”未知，可选：{'、'.join(ACTIONS)}。 / choose one of: {', '.join(ACTIONS)}."
        raise InputError(msg)
    if action == "list":
        return disputes_json(open_for(source, tell=tell), wish.on, number=wish.number)
    path = Path(source)
    if source == "demo":
        if out is None:
            msg = "示范区不能原地修改，请用 --out 指定方案文件。 / the demo cannot be changed in place: give --out."
            raise InputError(msg)
        plan = _ACTIONS[action](open_for(source, tell=tell), wish)
        from plan.planfile import save_plan

        save_plan(out, plan)
        tell(f"已保存 {out.name} / saved")
    else:
        book = open_on_disk(path, tell)
        plan = _ACTIONS[action](book.plan, wish)
        book.save(book.decide_as(plan), out=out, tell=tell)
    last = plan.decisions[-1]
    return {"action": action, "key": last.key} | disputes_json(plan, wish.on, number=_number_of(plan, wish))


def disputes_json(plan: Plan, day: str, *, number: str = "") -> dict[str, Any]:
    """Return the disputes of a plan, or one of them, with days open as of a day and the comments.

    Raises
    ------
    InputError
        There is no dispute with this number.
    """
    found = [d for d in list_disputes(plan) if number in {"", d.id}]
    if number and not found:
        msg = f"没有争议 {number[:40]}。 / there is no dispute with this number."
        raise InputError(msg)
    return {
        "on": day,
        "contested_m": contested_mm(plan) / 1000,
        "disputes": [dispute_json(plan, d, day) for d in found],
        "comments": [t.to_json() for t in thread_comments(plan) if not t.comment.dispute],
    }


def dispute_json(plan: Plan, dispute: Dispute, day: str) -> dict[str, Any]:
    """Return one dispute as JSON values."""
    from plan.options import stations_of

    return {
        "id": dispute.id,
        "title": dispute.title,
        "state": str(dispute.state),
        "opened": dispute.opened,
        "days_open": dispute.days_open(day) if dispute.opened else None,
        "segments": list(dispute.segments),
        "length_m": dispute.length_mm / 1000,
        "station": dispute.station,
        "stations": [s.id for s in stations_of(plan, dispute)],
        "law": dispute.law,
        "next_authority": dispute.next_authority,
        "positions": {
            side: {
                "text": p.text,
                "convention": p.convention,
                "attachments": list(p.attachments),
                "place": {"lon": p.place[0], "lat": p.place[1]} if p.place else None,
            }
            for side, p in dispute.positions.items()
        },
        "minute": dispute.minute,
        "closed": dispute.closed,
        "offices": dispute.who,
        "document": dispute.document,
        "comments": [t.to_json() for t in thread_comments(plan, dispute=dispute.id)],
    }


def _number_of(plan: Plan, wish: DisputeWish) -> str:
    return wish.number if wish.number in plan.latest("open_dispute") else ""


def _open(plan: Plan, wish: DisputeWish) -> Plan:
    from plan.options import find_station

    segments = wish.segments
    parts: tuple[Part, ...] = ()
    if not segments:
        segments, parts = _between(plan, wish)
    if not segments and wish.at:
        segments = (_locate(plan, wish)[0],)
    station = find_station(plan, wish.station).id if wish.station else ""
    plain = Claim("", ())
    number = wish.number or _free_number(plan, wish.when)
    claim = Claim(
        wish.title or number,
        segments,
        wish.law or plain.law,
        wish.next_authority or plain.next_authority,
        station,
        parts,
    )
    return open_dispute(plan, number, claim, when=wish.when, who=wish.who)


def _free_number(plan: Plan, when: str) -> str:
    taken, k = plan.latest("open_dispute"), 1
    while f"D-{when[:4]}-{k:02}" in taken:
        k += 1
    return f"D-{when[:4]}-{k:02}"


Part = tuple[str, float, float]


def _between(plan: Plan, wish: DisputeWish) -> tuple[tuple[str, ...], tuple[Part, ...]]:
    """Return the segments between two stakes on every carriageway that has both, and the parts at the ends."""
    if not (wish.start or wish.end):
        return (), ()
    if not wish.end:
        span = parse_range(wish.start)
        ends = (span.start, span.end)
    else:
        ends = (parse_stake(wish.start, route=wish.route), parse_stake(wish.end, route=wish.route))
    start, end = (Stake(s.mm, s.route or wish.route, s.direction, s.line) for s in ends)
    desk = plan.derived.stakes
    ways: set[Direction] = {place.stake.direction for stake in (start, end) for place in desk.locate(stake)}
    segments: set[str] = set()
    parts: list[Part] = []
    for way in sorted(ways, key=str):
        pair = [Stake(s.mm, s.route, way, s.line) for s in (start, end)]
        rows = desk.between(pair[0], pair[1])
        if rows:
            places = [next(p for p in desk.locate(stake) if p.stake.direction == way) for stake in pair]
            more, cut_off = _on_base(plan, rows, [(p.segment, p.offset_m) for p in places])
            segments |= more
            parts += cut_off
    if not segments:
        msg = f"{start} 至 {end} 之间没有定位到路段，请核对桩号。 / no road lies between these stakes: check them."
        raise InputError(msg)
    return tuple(sorted(segments)), tuple(parts)


def _on_base(plan: Plan, rows: Sequence[int], ends: Sequence[tuple[int, float]]) -> tuple[set[str], list[Part]]:
    """Return the segments of the uncut network that pieces belong to, and the parts of those that a claim ends on."""
    cut = plan.derived.ownership.cut
    base, ids = cut.base.tolist(), plan.network.segment_ids
    seg, whole = plan.network.segments, {base[row] for row in rows}
    at: dict[int, list[float]] = {}
    for row, offset in ends:
        if row >= 0 and base[row] in whole:
            at.setdefault(base[row], []).append(int(cut.from_mm[row]) / 1000 + offset)
    parts = []
    for row, metres in at.items():
        length = int(seg.length_mm[row]) / 1000
        if len(metres) > 1:
            parts.append((ids[row], min(metres), max(metres)))
            continue
        others = whole - {row}
        goes_on = any(int(seg.v[row]) in (int(seg.u[k]), int(seg.v[k])) for k in others)
        parts.append((ids[row], metres[0], length) if goes_on else (ids[row], 0.0, metres[0]))
    return {ids[row] for row in whole}, parts


def _locate(plan: Plan, wish: DisputeWish) -> tuple[str, float]:
    """Return segment id and metres of a place given by segment, stake or coordinate; ``""`` where none is given."""
    if wish.segment:
        return wish.segment, wish.offset_m
    if wish.stake:
        derived = plan.derived
        place = derived.stakes.locate(parse_stake(wish.stake, route=wish.route))[0]
        lon, lat = place.lon, place.lat
        if place.segment >= 0:
            cut = derived.ownership.cut
            offset = int(cut.from_mm[place.segment]) / 1000 + place.offset_m
            return plan.network.segment_ids[int(cut.base[place.segment])], offset
    elif wish.at:
        lon, lat = parse_place(wish.at)
    else:
        return "", 0.0
    at = snap_points(plan.network, np.array([lon]), np.array([lat]), max_m=_SNAP_M)
    if at.segment[0] < 0:
        msg = f"所给位置 {_SNAP_M:.0f} m 内没有道路，请重新选点。 / no road near this place: choose another."
        raise InputError(msg)
    return plan.network.segment_ids[int(at.segment[0])], float(at.offset_m[0])


def _position(plan: Plan, wish: DisputeWish) -> Plan:
    references = tuple(refer_to(path) for path in wish.attach)
    place = parse_place(wish.at) if wish.at else None
    position = Position(wish.side, wish.text, wish.convention, references, place)
    return state_position(plan, wish.number, position, when=wish.when, who=wish.who or wish.side)


def _comment(plan: Plan, wish: DisputeWish) -> Plan:
    segment, offset = _locate(plan, wish)
    if not segment and not wish.reply_to and wish.number:
        dispute = next((d for d in list_disputes(plan) if d.id == wish.number), None)
        segment = dispute.segments[0] if dispute and dispute.segments else ""
    comment = Comment("", wish.text, segment, offset, wish.number, wish.reply_to, wish.who, wish.when)
    return add_comment(plan, comment)


def _close(plan: Plan, wish: DisputeWish) -> Plan:
    words = {"agree": "agreed", "reserve": "reserved", "refer": "referred"}
    name = words.get(wish.outcome, wish.outcome)
    if name not in {str(o) for o in OUTCOMES}:
        msg = "结论应为 agree、reserve 或 refer。 / the outcome is agree, reserve or refer."
        raise InputError(msg)
    outcome = DisputeState(name)
    if outcome is DisputeState.AGREED and (len(set(wish.offices)) < 2 or not wish.document):  # noqa: PLR2004 - two sides
        msg = (
            "同意须写明双方单位（--office 两次）和文号（--document）。 / agreeing needs two --office and a --document."
        )
        raise InputError(msg)
    who = " / ".join(wish.offices)
    return close_dispute(
        plan, wish.number, outcome, when=wish.when, who=who, minute=wish.minute, document=wish.document
    )


_ACTIONS = {"open": _open, "position": _position, "comment": _comment, "close": _close}


def summarise_disputes(document: dict[str, Any]) -> str:
    """Return the desk as lines for a person at a terminal."""
    lines = [f"争议里程 contested: {document['contested_m'] / 1000:.3f} km · 截至 as of {document['on']}"]
    for row in document["disputes"]:
        days = "–" if row["days_open"] is None else f"{row['days_open']} 天 days"
        lines.append(
            f"{row['id']}  {row['title']} · {_STATES[row['state']]} · {days} · {row['length_m'] / 1000:.3f} km"
        )
        for side, stand in row["positions"].items():
            papers = f" · 附件 papers {len(stand['attachments'])}" if stand["attachments"] else ""
            lines.append(f"  {word(side)}: {stand['text']} {word(stand['convention'])}{papers}".rstrip())
        lines.append(f"  {row['law']} · {row['next_authority']}")
        if row["closed"]:
            lines.append(f"  {row['closed']} {row['offices']} {row['document']} {row['minute']}".rstrip())
        lines += _comment_lines(row["comments"], depth=1)
    lines += _comment_lines(document["comments"], depth=0)
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def _comment_lines(threads: list[dict[str, Any]], *, depth: int) -> list[str]:
    """Return comments with their answers indented, no further than the twentieth."""
    lines, waiting = [], [(t, depth) for t in reversed(threads)]
    while waiting:
        thread, level = waiting.pop()
        place = f"{thread['segment']} {thread['offset_m']:.0f} m"
        lines.append(
            f"{'  ' * min(level, 20)}{thread['id']} {thread['who']} {thread['when']} [{place}] {thread['text']}"
        )
        waiting += [(answer, level + 1) for answer in reversed(thread["answers"])]
    return lines
