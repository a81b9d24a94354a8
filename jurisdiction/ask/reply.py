"""The reply to a question: owner, place, stake, contacts, agreement, sentence and draft of a transfer paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.datum import Datum, state_datum
from geo.findings import Finding
from jurisdiction.agencies import Agency, Contact
from jurisdiction.ask.spots import Spot
from jurisdiction.ask.transfer import CRS, TransferDraft
from jurisdiction.ask.wording import Both
from jurisdiction.whose import Answer, Candidate

DOUBTFUL = frozenset({"ask", "contested", "none"})
"""Owners with which nobody may act without asking."""
_MOST = 12


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact office of one side."""

    agency: Agency
    contact: Contact

    def to_json(self) -> dict[str, str]:
        """Return agency, office, category, post and telephone as plain JSON values."""
        return {
            "agency": self.agency.id,
            "name": self.agency.name,
            "office": self.agency.office,
            "category": self.contact.category,
            "post": self.contact.post,
            "phone": self.contact.phone,
        }


@dataclass(frozen=True, slots=True)
class Road:
    """A candidate as it is shown: with the name of its agency, its carriageway and its part in the answer.

    ``role`` is ``nearest``, ``rival`` (another side's), ``carriageway`` (the other one of the same road) or ``beside``.
    """

    candidate: Candidate
    agency_name: str
    carriageway: str
    role: str

    def to_json(self) -> dict[str, object]:
        """Return the candidate as plain JSON values."""
        extra = {"agency_name": self.agency_name, "carriageway": self.carriageway, "role": self.role}
        return self.candidate.to_json() | extra


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one question.

    Attributes
    ----------
    answer
        Whose road the place is; for several places the common answer.
    spot
        The place that was answered for, None where no place was read.
    spots
        All places the question may mean.
    stake, carriageway, road
        Stake text, carriageway and name or number of the road at the place, ``""`` where there is none.
    roads
        Candidates and the other carriageway.
    agency_name
        Name of the agency, ``""`` outside.
    contacts
        Contact offices of the owner, or of every side where a person must ask.
    agreement
        Number of the agreement in force there on the day, ``""`` where there is none.
    sentence
        The answer in one sentence.
    transfer
        Draft of the transfer paper.
    findings
        What is doubtful about the question.
    day, day_from, category
        Date of the offence, where it came from (``given``, ``photo``, ``text`` or ``""``), category.
    datum
        What the coordinates were given in.
    """

    answer: Answer
    spot: Spot | None
    spots: tuple[Spot, ...]
    stake: str
    carriageway: str
    road: str
    roads: tuple[Road, ...]
    agency_name: str
    contacts: tuple[ContactLine, ...]
    agreement: str
    sentence: Both
    transfer: TransferDraft
    findings: tuple[Finding, ...] = ()
    day: str = ""
    day_from: str = ""
    category: str = ""
    datum: Datum = Datum.WGS84

    def to_json(self) -> dict[str, object]:
        """Return the reply as plain JSON values: lengths in metres, coordinates WGS-84."""
        spot = self.spot
        place = {"lon": round(spot.lon, 7), "lat": round(spot.lat, 7)} if spot else None
        return self.answer.to_json() | {
            "candidates": [road.to_json() for road in self.roads],
            "agency_name": self.agency_name,
            "place": place,
            "crs": CRS,
            "datum": str(self.datum),
            "datum_stated": state_datum(self.datum),
            "stake": self.stake,
            "carriageway": self.carriageway,
            "road": self.road,
            "readings": [each.to_json() for each in self.spots],
            "contacts": [line.to_json() for line in self.contacts],
            "agreement": self.agreement,
            "date": self.day,
            "date_from": self.day_from,
            "category": self.category,
            "sentence": self.sentence.to_json(),
            "transfer": self.transfer.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
        }


def merge_answers(answers: Sequence[Answer], *, best: int, why: str) -> Answer:
    """Return the common answer of several places.

    Parameters
    ----------
    answers
        One a place, at least one.
    best
        Which of them the rest of the answer is taken from.
    why
        Reason where their owners differ.

    Returns
    -------
    The best answer where all places have one owner and none is doubtful, else ``ask`` with the candidates of all.
    """
    main = answers[best]
    if len(answers) == 1:
        return main
    ordered = [main, *(a for k, a in enumerate(answers) if k != best)]
    candidates = tuple({c.segment: c for a in reversed(ordered) for c in reversed(a.candidates)}.values())[::-1]
    candidates = _keep(candidates)
    if len({(a.owner, a.agency) for a in answers}) == 1:
        return replace(main, candidates=candidates)
    doubts = [r for a in ordered for r in a.reason if r.get("vote") == "uncertain"]
    votes = tuple(r for r in main.reason if r.get("vote") != "uncertain")
    reason = {"vote": "uncertain", "why": why, "band_m": round(max(a.error_m for a in answers), 1)}
    return replace(main, owner="ask", candidates=candidates, reason=(reason, *doubts[:1], *votes))


def _keep(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return at most twelve candidates, at least one for each holder."""
    first = {(c.owner, c.agency): k for k, c in reversed(list(enumerate(candidates)))}
    must = set(first.values())
    rest = [k for k in range(len(candidates)) if k not in must]
    return tuple(candidates[k] for k in sorted([*must, *rest[: max(0, _MOST - len(must))]]))


def doubt_of(answer: Answer) -> str:
    """Return why a person must be asked, ``""`` where nobody must."""
    return next((str(r["why"]) for r in answer.reason if r.get("vote") == "uncertain"), "")
