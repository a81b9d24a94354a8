"""Comments anchored on a road and a metre, in threads: who said what about which place, and who answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.errors import InputError
from plan.agreements import read_day
from plan.decisions import Decision
from plan.model import Plan
from plan.replay import anchor

LONGEST_TEXT = 4_000
"""Characters of one comment."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a place.

    Attributes
    ----------
    id
        Its number, unique in the plan.
    text
        The words.
    segment, offset_m
        Where: segment id and metres from its first point; an answer has the place of what it answers.
    dispute
        Number of the dispute it belongs to, or ``""``.
    reply_to
        Id of the comment it answers, or ``""``.
    who, when
        Office and ISO date.
    """

    id: str
    text: str
    segment: str
    offset_m: float
    dispute: str = ""
    reply_to: str = ""
    who: str = ""
    when: str = ""


@dataclass(frozen=True)
class Thread:
    """A comment and its answers, oldest first."""

    comment: Comment
    answers: tuple[Thread, ...] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, answers inside."""
        c = self.comment
        return {
            "id": c.id,
            "text": c.text,
            "segment": c.segment,
            "offset_m": c.offset_m,
            "dispute": c.dispute,
            "reply_to": c.reply_to,
            "who": c.who,
            "when": c.when,
            "answers": [answer.to_json() for answer in self.answers],
        }


def add_comment(plan: Plan, comment: Comment) -> Plan:
    """Return the plan with one more comment; an empty id is filled with the next free number.

    Raises
    ------
    InputError
        The text is empty or far too long, the id is taken, or what it names is not there (road, metre, dispute,
        comment).
    """
    known = {c.id: c for c in list_comments(plan)}
    ident = comment.id or _next_id(known)
    if not comment.text.strip() or len(comment.text) > LONGEST_TEXT:
        msg = f"批注没有内容，或超过 {LONGEST_TEXT} 字，请改写。 / the comment is empty or too long."
        raise InputError(msg)
    if ident in known:
        msg = f"批注编号 {ident[:40]} 已用过，请另取编号。 / this number is taken: choose another."
        raise InputError(msg)
    if comment.reply_to and comment.reply_to not in known:
        msg = f"没有批注 {comment.reply_to[:40]} 可回复。 / there is no such comment to answer."
        raise InputError(msg)
    if comment.dispute and comment.dispute not in plan.latest("open_dispute"):
        msg = f"没有争议 {comment.dispute[:40]}。 / there is no dispute with this number."
        raise InputError(msg)
    above = known.get(comment.reply_to)
    segment, offset = comment.segment, comment.offset_m
    if not segment and above is not None:
        segment, offset = above.segment, above.offset_m
    row = plan.network.row_of_segment.get(segment)
    if row is None:
        msg = f"批注所指路段 {segment[:60]} 不在地图上，请重新选点。 / its road is not on the map: choose a place."
        raise InputError(msg)
    if not 0 <= offset <= int(plan.network.segments.length_mm[row]) / 1000 + 0.001:
        msg = f"批注位置 {offset:.1f} m 不在路段上，请重新选点。 / the metre lies outside the road."
        raise InputError(msg)
    value = {
        "text": comment.text,
        "segment": segment,
        "offset_m": round(offset, 3),
        "dispute": comment.dispute or (above.dispute if above else ""),
        "reply_to": comment.reply_to,
    }
    when = read_day(comment.when).isoformat() if comment.when else ""
    return plan.decide(anchor(plan, Decision("comment", ident, value, who=comment.who, when=when)))


def list_comments(plan: Plan, *, dispute: str | None = None) -> tuple[Comment, ...]:
    """Return the comments of a plan, or of one dispute, in the order they were made."""
    found = (_read(key, d.value, d) for key, d in plan.latest("comment").items())
    return tuple(c for c in found if dispute is None or c.dispute == dispute)


def thread_comments(plan: Plan, *, dispute: str | None = None) -> tuple[Thread, ...]:
    """Return the comments as threads; an answer whose comment is gone starts a thread of its own."""
    comments = list_comments(plan, dispute=dispute)
    place = {comment.id: k for k, comment in enumerate(comments)}
    answers: dict[str, list[Thread]] = {}
    roots: list[Thread] = []
    for k in reversed(range(len(comments))):
        comment = comments[k]
        thread = Thread(comment, tuple(reversed(answers.pop(comment.id, []))))
        is_answer = place.get(comment.reply_to, k) < k
        (answers.setdefault(comment.reply_to, []) if is_answer else roots).append(thread)
    return tuple(reversed(roots))


def _next_id(known: Mapping[str, Comment]) -> str:
    number = len(known) + 1
    while f"c{number}" in known:
        number += 1
    return f"c{number}"


def _read(key: str, value: Mapping[str, Any], decision: Decision) -> Comment:
    try:
        offset = float(value.get("offset_m", 0.0))
    except (TypeError, ValueError):
        offset = 0.0
    text, segment, dispute, above = (str(value.get(n, "")) for n in ("text", "segment", "dispute", "reply_to"))
    return Comment(key, text, segment, offset, dispute, above, decision.who, decision.when)
