"""Whose road, asked of a plan: as of the date of the offence, with stakes, names, contacts and agreements."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from geo.findings import Finding, Severity
from geo.stakedesk import StakeDesk
from geo.stakes import format_stake
from jurisdiction.agencies import Agency
from jurisdiction.ask.gazetteer import Gazetteer
from jurisdiction.ask.reply import DOUBTFUL, ContactLine, Road, doubt_of
from jurisdiction.ask.sentence import Bounds, Reader
from jurisdiction.ask.spots import Spot, SpotKind
from jurisdiction.ask.transfer import contact_for
from jurisdiction.ask.wording import Both, say_ask, say_open, say_outside, say_owned, say_where
from jurisdiction.ownership import Seam
from jurisdiction.whose import Answer, Candidate, WhoseRoad
from plan.agreements import Status, as_of, read_day, status_on
from plan.decisions import Decision
from plan.model import Plan

NOBODY = "none"
"""Agency of a road that no stretch gives to anybody."""
_REGISTERS = frozenset({"set_agency", "set_stretch", "set_stakes", "correct_station", "set_town"})
"""Decisions that record what was already so: the first record of a thing holds for earlier days too."""


@dataclass(frozen=True)
class Standing:
    """A plan as it stood on a day.

    Attributes
    ----------
    plan
        The plan with the decisions that counted.
    day
        A day on which it stood so, ISO date; ``""`` for the plan as it stands with no agreement named.
    is_before_records
        Whether some of its records were made later than the day and are taken to have held then.
    """

    plan: Plan
    day: str = ""
    is_before_records: bool = False

    @property
    def whose(self) -> WhoseRoad:
        """The desk that answers by coordinates."""
        return self.plan.derived.whose

    @property
    def stakes(self) -> StakeDesk:
        """The desk that answers about stakes."""
        return self.plan.derived.stakes

    @cached_property
    def agencies(self) -> dict[str, Agency]:
        """Agency id to agency."""
        return {agency.id: agency for agency in self.plan.agencies}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names of stations and roads."""
        return Gazetteer(self.plan.derived.network, self.plan.derived.network.stations)

    @cached_property
    def reader(self) -> Reader:
        """Reads sentences."""
        return Reader(self.gazetteer, self.stakes, self.bounds)

    @cached_property
    def bounds(self) -> Bounds:
        """West, south, east, north of the network, WGS-84 degrees."""
        nodes = self.plan.network.nodes
        if len(nodes) == 0:
            return (0.0, 0.0, 0.0, 0.0)
        return (float(nodes.lon.min()), float(nodes.lat.min()), float(nodes.lon.max()), float(nodes.lat.max()))

    @cached_property
    def _seams(self) -> dict[str, Seam]:
        return {seam.id: seam for seam in self.plan.derived.ownership.seams}

    @cached_property
    def _signed(self) -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
        """Number, keys and seams of each agreement that may hold on the day, the last one first."""
        if not self.day:
            return ()
        found = []
        for number, decision in self.plan.latest("sign").items():
            if status_on(self.plan, number, self.day) is Status.IN_FORCE:
                keys = frozenset(str(subject[1]) for subject in decision.value.get("covers", ()))
                found.append((number, keys, frozenset(decision.value.get("seams", ()))))
        return tuple(reversed(found))

    def name(self, agency: str) -> str:
        """Return the name of an agency; an unknown id stands for itself."""
        if agency in self.agencies:
            return self.agencies[agency].name
        return "无主（nobody）" if agency == NOBODY else agency

    def answer(self, spots: Sequence[Spot]) -> list[Answer]:
        """Return whose road each spot is."""
        found: dict[int, Answer] = {}
        placed = [k for k, spot in enumerate(spots) if spot.row < 0]
        if placed:
            lon, lat = [spots[k].lon for k in placed], [spots[k].lat for k in placed]
            errors = [spots[k].error_m for k in placed]
            found.update(zip(placed, self.whose.ask_many(lon, lat, error_m=errors), strict=True))
        for k, spot in enumerate(spots):
            if spot.row >= 0:
                found[k] = self.whose.ask_on(spot.row, spot.offset_m, reach=spot.reach, error_m=spot.error_m)
        return [found[k] for k in range(len(spots))]

    def stakes_of(self, spots: Sequence[Spot | None], answers: Sequence[Answer]) -> list[tuple[str, str]]:
        """Return stake text and carriageway at each place, ``""`` where its road has no stakes."""
        result = [("", "")] * len(answers)
        asked = []
        for k, (spot, answer) in enumerate(zip(spots, answers, strict=True)):
            if spot is not None and spot.kind is SpotKind.STAKE and spot.stake is not None:
                result[k] = (format_stake(spot.stake), str(spot.stake.direction))
            elif answer.row >= 0 and (spot is None or spot.kind is not SpotKind.ROAD):
                asked.append(k)
        readings = self.stakes.read_on([answers[k].row for k in asked], [answers[k].offset_m for k in asked])
        for k, reading in zip(asked, readings, strict=True):
            if reading is not None:
                result[k] = (format_stake(reading.stake), str(reading.stake.direction))
        return result

    def sides(self, answer: Answer) -> list[str]:
        """Return the agencies that an answer concerns: the owner, or every candidate where a person must ask."""
        if answer.owner in DOUBTFUL:
            return list(dict.fromkeys(c.agency for c in answer.candidates if c.agency))
        return [answer.agency] if answer.agency else []

    def contacts(self, answer: Answer, category: str) -> tuple[ContactLine, ...]:
        """Return the contact offices of all sides for a category of cases."""
        known = [self.agencies[side] for side in self.sides(answer) if side in self.agencies]
        return tuple(ContactLine(agency, contact) for agency in known for contact in contact_for(agency, category))

    def roads(self, answer: Answer) -> tuple[Road, ...]:
        """Return candidates and the other carriageway with agency names and carriageways."""
        others = self.whose.other_carriageways(answer)
        rows = [self.whose.row_of(c.segment) for c in answer.candidates] + [row for row, _ in others]
        readings = self.stakes.read_on(rows, [0.0] * len(rows))
        ways = [str(reading.stake.direction) if reading is not None else "" for reading in readings]
        everyone = [*answer.candidates, *(candidate for _, candidate in others)]
        roles = [_role(everyone[0], c, is_other=k >= len(answer.candidates)) for k, c in enumerate(everyone)]
        return tuple(
            Road(c, self.name(c.agency), way, role) for c, way, role in zip(everyone, ways, roles, strict=True)
        )

    def agreement(self, answer: Answer) -> str:
        """Return the number of the agreement in force that concerns a place: its seam, road or station first."""
        seam = self._seams.get(answer.seam)
        keys = {answer.seam, answer.segment.partition("/")[0], "*", *((seam.station,) if seam else ())} - {""}
        relevant = [number for number, covers, _ in self._signed if covers & keys]
        with_seam = [number for number, _, seams in self._signed if answer.seam in seams]
        return next(iter((*relevant, *with_seam)), "")

    def across(self, answer: Answer) -> str:
        """Return the agency on the other side of the nearest seam, ``""`` where there is none."""
        seam = self._seams.get(answer.seam)
        if seam is None:
            return ""
        agency = self.plan.derived.agency
        rows = seam.ordinary if answer.owner == "expressway" else seam.expressway
        return next((agency[row] for row in rows if agency[row] != answer.agency), "")

    def sentence(self, answer: Answer, spot: Spot | None, *, stake: str, road: str) -> Both:
        """Return the answer in one sentence."""
        if answer.owner == "outside":
            return say_outside(answer.distance_m)
        seam = self._seams.get(answer.seam)
        station = next((s.name for s in self.gazetteer.stations if seam is not None and s.id == seam.station), "")
        is_near = answer.owner == "ask" and answer.distance_to_seam_m <= answer.error_m
        named = station if is_near and station else road
        where = say_where(named, stake, (spot.lon, spot.lat)) if spot is not None else named
        names = [self.name(side) for side in self.sides(answer)]
        if answer.owner == "ask":
            why = doubt_of(answer)
            near = answer.distance_to_border_m if why == "near_border" else answer.distance_to_seam_m
            return say_ask(why, where, names, seam_m=near if near < float("inf") else None)
        if answer.owner in DOUBTFUL:
            return say_open(answer.owner, where, names)
        if answer.agency == NOBODY:
            return say_open(NOBODY, where, ())
        to_seam = answer.distance_to_seam_m
        return say_owned(self.name(answer.agency), where, to_seam if to_seam < float("inf") else None)

    def findings(self, day: str) -> list[Finding]:
        """Return the note that records of the plan are younger than a day on which this plan stood so."""
        if not self.is_before_records:
            return []
        return [
            Finding(
                "date_before_records",
                Severity.NOTE,
                1,
                f"{day} 早于方案中单位与管段的记录，按最早的记录推定，请核对当日的职责分工。",
                f"{day} is earlier than the plan's records of brigades and stretches; the first ones are taken"
                " to have held: check who was in charge on that day.",
            )
        ]


class Almanac:
    """Plans as they stood on days; days between which nothing changed share one plan.

    Parameters
    ----------
    plan
        The plan.
    today
        ISO date for questions without a date: which agreements are in force then; ``""`` to name none.
    """

    def __init__(self, plan: Plan, *, today: str = "") -> None:
        self._plan = plan
        self._today = today
        self._known: dict[tuple[int, bool], Standing] = {}

    def on(self, day: str) -> Standing:
        """Return the plan as of a day, or as it stands for ``""``.

        Raises
        ------
        InputError
            ``day`` is no date.
        """
        ordinal = read_day(day).toordinal() if day else 0
        key = (bisect_right(self._turns, ordinal), bool(day))
        if key not in self._known:
            self._known[key] = self._stand(day) if day else Standing(self._plan, self._today)
        return self._known[key]

    @cached_property
    def _turns(self) -> list[int]:
        """Days on which a decision begins to count, or an agreement begins or has ended, ascending."""
        days: set[int] = set()
        for decision in self._plan.decisions:
            if decision.when:
                days.add(read_day(decision.when).toordinal())
            if decision.kind == "sign":
                days.add(read_day(str(decision.value["valid_from"])).toordinal())
                ends = str(decision.value.get("valid_to", ""))
                if ends:
                    days.add((read_day(ends) + timedelta(days=1)).toordinal())
        return sorted(days)

    def _stand(self, day: str) -> Standing:
        stood = as_of(self._plan, day)
        known = {decision.subject for decision in stood.decisions}
        agreed = {tuple(s) for d in self._plan.decisions if d.kind == "sign" for s in d.value.get("covers", ())}
        later = _first_records(self._plan.decisions, known | agreed)
        decisions = (*stood.decisions, *later)
        plan = self._plan if decisions == self._plan.decisions else replace(stood, decisions=decisions)
        if plan is not self._plan and set(map(id, decisions)) == set(map(id, self._plan.decisions)):
            plan = self._plan
        return Standing(plan, day, bool(later))


def _role(nearest: Candidate, candidate: Candidate, *, is_other: bool) -> str:
    """Return the part of a candidate: ``nearest``, ``rival``, ``carriageway`` or ``beside``."""
    if candidate is nearest:
        return "nearest"
    if (candidate.owner, candidate.agency) != (nearest.owner, nearest.agency):
        return "rival"
    turned = abs((candidate.direction - nearest.direction + 180) % 360 - 180)
    is_opposite = turned > 90 and min(candidate.direction, nearest.direction) >= 0  # noqa: PLR2004 - right angle
    same = (candidate.road, candidate.highway) == (nearest.road, nearest.highway) and bool(candidate.road)
    return "carriageway" if is_other or (is_opposite and same) else "beside"


def _first_records(decisions: Sequence[Decision], known: set[Any]) -> list[Decision]:
    """Return the first record of each thing that has none yet, agreements left alone: their terms say from when."""
    found: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        if decision.kind in _REGISTERS and decision.subject not in known:
            found.setdefault(decision.subject, decision)
    return list(found.values())
