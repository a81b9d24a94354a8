"""Agreements: signed sets of seams with a number, a term and a place in a hash chain.

The chain is tamper-evident, not tamper-proof: a changed, inserted or reordered agreement is found by the chain; a cut
tail or a full rewrite only by the head that is printed on the signed paper. Hashes cover segment ids and whole
millimetres, never coordinates, so that jitter in a redrawn map does not look like a forgery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from geo.errors import InputError
from geo.network import Network
from plan.decisions import Decision
from plan.model import Plan

Subject = tuple[str, str]

COMPETENCE_SENTENCE = (
    "本纪要只确认既有职责的界点，不创设、不变更法定管辖权；管辖争议依《行政处罚法》第二十五条报请共同上级指定。"
)
"""Minutes cannot create competence (行政处罚法 22, 25, 26): printed on every confirmation."""
SHORT = 12
"""Characters of the head hash that are printed and typed back."""
_FIRST = "0" * 64
_SETTLES = frozenset({"override_class", "place_seam", "choose_convention", "set_stretch", "set_handover"})
"""Kinds of decisions that an agreement can cover: those that move metres."""


class Status(StrEnum):
    """Life of an agreement on a day."""

    DRAFT = "draft"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the signatories write on an agreement.

    Attributes
    ----------
    number
        Document number, unique in the plan.
    offices
        Names of the signing offices, two or more; never persons.
    valid_from, valid_to
        ISO dates; ``valid_to`` is the last day, ``""`` without end.
    """

    number: str
    offices: tuple[str, ...]
    valid_from: str
    valid_to: str = ""

    def __post_init__(self) -> None:
        if not self.number.strip():
            msg = "协议没有文号，请填写。 / the agreement needs a document number."
            raise InputError(msg)
        if len(set(self.offices)) < 2:  # noqa: PLR2004 - an agreement has two sides
            msg = f"协议 {self.number} 至少由两个单位签署。 / at least two offices sign an agreement."
            raise InputError(msg)
        start = read_day(self.valid_from)
        if self.valid_to and read_day(self.valid_to) < start:
            msg = f"协议 {self.number} 的终止日早于生效日，请改正。 / the last day lies before the first."
            raise InputError(msg)


def read_day(text: str) -> date:
    """Read an ISO date.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        msg = f"“{text[:20]}”不是日期，请写成 2026-11-25。 / not a date, write 2026-11-25."
        raise InputError(msg) from None


def fingerprint(network: Network) -> str:
    """Return the SHA-256 over segment ids and lengths, in id order: what an agreement stands on."""
    rows = sorted(zip(network.segment_ids, network.segments.length_mm.tolist(), strict=True))
    return _hash(rows)


def sign_agreement(plan: Plan, terms: Terms, *, when: str, covers: Iterable[Subject] | None = None) -> Plan:
    """Return the plan with a signed agreement at the end of its chain.

    Parameters
    ----------
    plan
        The plan; its latest decisions on the covered subjects are written into the agreement.
    terms
        Number, offices, term.
    when
        ISO date of signing.
    covers
        Subjects that the agreement settles; all that move metres by default.

    Raises
    ------
    InputError
        The number is taken, or a covered subject was never decided.
    """
    if terms.number in plan.latest("sign"):
        msg = f"文号 {terms.number} 已用过，修改须另立文号。 / this number is taken: a change needs a new number."
        raise InputError(msg)
    last = {d.subject: d for d in plan.decisions}
    chosen = tuple(covers) if covers is not None else tuple(s for s in last if s[0] in _SETTLES)
    missing = [key for kind, key in chosen if (kind, key) not in last or kind not in _SETTLES]
    if missing:
        msg = f"协议 {terms.number} 所列“{missing[0]}”没有决定可签。 / nothing was decided about {missing[0]}."
        raise InputError(msg)
    content = _content(plan, terms, [last[s] for s in sorted(chosen)])
    previous = head(plan)
    value = content | {"previous": previous, "hash": _hash([previous, content])}
    return plan.decide(Decision("sign", terms.number, value, who=" / ".join(terms.offices), when=when))


def draft_agreement(plan: Plan, terms: Terms, *, when: str, covers: Iterable[Subject] | None = None) -> Plan:
    """Return the plan with an agreement that is prepared and not signed: it settles nothing and is in no chain.

    Drafting a number again replaces the draft; ``sign_agreement`` with that number ends it.

    Raises
    ------
    InputError
        The number is signed already, or a covered subject was never decided.
    """
    signed = sign_agreement(plan, terms, when=when, covers=covers)
    value = {k: v for k, v in signed.decisions[-1].value.items() if k not in {"hash", "previous"}}
    day = read_day(when).isoformat()
    return plan.decide(Decision("draft", terms.number, value, who=" / ".join(terms.offices), when=day))


def sign_draft(plan: Plan, number: str, *, when: str) -> Plan:
    """Return the plan with a draft signed, on what is decided today about the subjects it covers.

    Raises
    ------
    InputError
        There is no such draft, or it is signed already.
    """
    draft = plan.latest("draft").get(number)
    if draft is None:
        msg = f"没有文号为 {number} 的协议草案。 / there is no draft with this number."
        raise InputError(msg)
    value = draft.value
    offices = tuple(map(str, value["offices"]))
    terms = Terms(number, offices, str(value["valid_from"]), str(value.get("valid_to", "")))
    return sign_agreement(plan, terms, when=when, covers=[(str(s[0]), str(s[1])) for s in value["covers"]])


def agreement_numbers(plan: Plan) -> tuple[str, ...]:
    """Return the numbers of all agreements, signed ones first in the order of the chain, then drafts."""
    return tuple(dict.fromkeys([*plan.latest("sign"), *plan.latest("draft")]))


def _content(plan: Plan, terms: Terms, covered: Sequence[Decision]) -> dict[str, Any]:
    derived = plan.derived
    network = derived.ownership.network
    by_agency: dict[str, list[str]] = {}
    for segment, agency in zip(network.segment_ids, derived.agency, strict=True):
        by_agency.setdefault(agency, []).append(segment)
    return {
        "number": terms.number,
        "offices": list(terms.offices),
        "valid_from": terms.valid_from,
        "valid_to": terms.valid_to,
        "covers": [list(d.subject) for d in covered],
        "decisions": [d.to_json() for d in covered],
        "seams": sorted(s.id for s in derived.ownership.seams),
        "owners": {agency: _hash(sorted(rows)) for agency, rows in sorted(by_agency.items())},
        "length_mm": dict(sorted(derived.ledger.of("agency").items())),
        "network": fingerprint(plan.network),
        "sentence": COMPETENCE_SENTENCE,
    }


def head(plan: Plan) -> str:
    """Return the hash of the last agreement, 64 zeros where there is none."""
    signed = [d for d in plan.decisions if d.kind == "sign"]
    return str(signed[-1].value.get("hash", "")) if signed else _FIRST


def check_head(plan: Plan, printed: str) -> bool:
    """Whether the characters on a signed paper (12 or more) belong to an agreement of this plan's chain."""
    text = printed.strip().lower().replace(" ", "")
    if len(text) < SHORT:
        return False
    return any(str(d.value.get("hash", "")).startswith(text) for d in plan.decisions if d.kind == "sign")


def find_tampering(plan: Plan) -> tuple[str, ...]:
    """Return one sentence for every agreement that was changed after it was signed; empty when the chain holds."""
    problems = []
    previous = _FIRST
    numbers: set[str] = set()
    for decision in (d for d in plan.decisions if d.kind == "sign"):
        value = dict(decision.value)
        stated, before = str(value.pop("hash", "")), str(value.pop("previous", ""))
        if decision.key in numbers:
            problems.append(f"协议 {decision.key} 出现两次。 / agreement {decision.key} appears twice.")
        numbers.add(decision.key)
        if before != previous:
            problems.append(
                f"协议 {decision.key} 与前一份不衔接。 / agreement {decision.key} does not follow the last."
            )
        if value.get("number") != decision.key or stated != _hash([before, value]):
            problems.append(f"协议 {decision.key} 的内容被改动。 / agreement {decision.key} was changed after signing.")
        previous = stated
    return tuple(problems)


def is_stale(plan: Plan, number: str) -> bool:
    """Whether the road network is no longer the one that an agreement was signed on."""
    return str(plan.latest("sign")[number].value["network"]) != fingerprint(plan.network)


def status_on(plan: Plan, number: str, day: str) -> Status:
    """Return the status of an agreement on a day.

    An agreement is superseded from the day on which a later one that covers all its subjects comes into force.

    Raises
    ------
    InputError
        There is no such agreement, or ``day`` is no date.
    """
    signed = plan.latest("sign")
    if number not in signed and number in plan.latest("draft"):
        return Status.DRAFT
    if number not in signed:
        msg = f"没有文号为 {number} 的协议。 / there is no agreement with this number."
        raise InputError(msg)
    value, today = signed[number].value, read_day(day)
    if today < read_day(value["valid_from"]):
        return Status.SIGNED
    order = list(signed)
    covered = {tuple(s) for s in value["covers"]}
    for later in order[order.index(number) + 1 :]:
        other = signed[later].value
        if _is_within(other, today) and covered <= {tuple(s) for s in other["covers"]}:
            return Status.SUPERSEDED
    return Status.IN_FORCE if _is_within(value, today) else Status.EXPIRED


def _is_within(value: Mapping[str, Any], day: date) -> bool:
    ends = str(value.get("valid_to", ""))
    return read_day(value["valid_from"]) <= day and (not ends or day <= read_day(ends))


def as_of(plan: Plan, day: str) -> Plan:
    """Return the plan as it stood on a day: whose road a place was on the date of an offence.

    Decisions made later are left out. A decision that an agreement covers counts only within the term of an
    agreement that covers it; outside every term the decision before it counts.

    Raises
    ------
    InputError
        ``day`` is no date.
    """
    today = read_day(day)
    made = [d for d in plan.decisions if not d.when or read_day(d.when) <= today]
    held: dict[Subject, list[tuple[str, bool]]] = {}
    for decision in plan.decisions:
        if decision.kind == "sign":
            for subject, body in zip(decision.value["covers"], decision.value["decisions"], strict=True):
                held.setdefault((subject[0], subject[1]), []).append((body, _is_within(decision.value, today)))
    in_term: dict[Subject, str] = {}
    for subject, terms in held.items():
        for body, counts in terms:
            if counts:
                in_term[subject] = body
    bodies = {body for terms in held.values() for body, _ in terms}
    free = [d for d in made if d.subject not in held or d.to_json() not in bodies]
    agreed = [Decision.from_json(body) for body in in_term.values()]
    return replace(plan, decisions=(*free, *agreed))


def _hash(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
