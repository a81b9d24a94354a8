"""One question about one place: whose road it is, answered from a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.datum import Datum, convert, datum_rules, is_shifted_place
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.measure import measure_between
from geo.stakes import parse_stake
from geo.suspicion import HYPOTHESES, suspect_by_roads
from jurisdiction.ask.gazetteer import FoundRoad
from jurisdiction.ask.photo import Photo
from jurisdiction.ask.reply import Reply, doubt_of, merge_answers
from jurisdiction.ask.sentence import Reading
from jurisdiction.ask.spots import Spot, SpotKind, spot_of_place, spot_of_station
from jurisdiction.ask.transfer import TransferDraft
from jurisdiction.ask.wording import find_day, mask_persons
from jurisdiction.whose import Answer
from plan.agreements import read_day
from plan.asking import NOBODY, Almanac, Standing
from plan.model import Plan

_CONFLICT_M = 300.0
"""Coordinates and stake of one sentence that lie farther apart than this contradict each other."""
_CLEAR = frozenset({"expressway", "ordinary"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question; exactly one of ``at``, ``stake``, ``text``, ``station`` and ``photo`` is given.

    Attributes
    ----------
    at
        lon, lat in degrees of ``datum``.
    stake, text, station, photo
        A stake, a sentence, the name of a station, a photograph.
    datum
        What coordinates are given in; None where nobody knows: then every datum is tried and doubt is said.
    day
        ISO date of the offence, ``""`` for the plan as it stands.
    category, case
        Category and number of the case.
    from_agency
        Id of the agency that asks, for the transfer paper; ``""`` for the other side of the nearest seam.
    """

    at: tuple[float, float] | None = None
    stake: str = ""
    text: str = ""
    station: str = ""
    photo: Photo | None = None
    datum: Datum | None = Datum.WGS84
    day: str = ""
    category: str = ""
    case: str = ""
    from_agency: str = ""


class AskDesk:
    """Answers questions about one plan.

    Parameters
    ----------
    plan
        The plan.
    today
        ISO date for questions without a date: which agreements are in force then; ``""`` to name none.
    """

    def __init__(self, plan: Plan, *, today: str = "") -> None:
        self.almanac = Almanac(plan, today=today)

    def ask(self, question: Question) -> Reply:
        """Return whose road the place of a question is.

        Raises
        ------
        InputError
            The question names no place of this district, or not exactly one thing to ask about.
        """
        _check(question)
        day, day_from = _day_of(question)
        standing = self.almanac.on(day)
        reading = _read(question, standing)
        answers = standing.answer(reading.spots)
        spots, findings = list(reading.spots), [*reading.findings, *standing.findings(day)]
        for road in reading.roads:
            more = _spots_of_road(standing, road)
            spots += more
            answers += standing.answer(more)
        best = min(range(len(spots)), key=lambda k: (spots[k].error_m, k))
        why = "several_owners" if reading.roads and not reading.spots else "several_places"
        answer = merge_answers(answers, best=best, why=why)
        findings += _conflicts(spots)
        if question.datum is None:
            answer, found = _doubt_datum(standing, spots, answer)
            findings += found
        elif spots[best].kind is SpotKind.COORDINATES:
            findings += _note_datum(standing, spots[best], question.datum)
        reply = _reply(standing, tuple(spots), answer, best=best)
        return replace(
            reply,
            transfer=_draft(standing, reply, question, day),
            contacts=standing.contacts(answer, question.category),
            findings=tuple(findings),
            day=day,
            day_from=day_from,
            category=question.category,
            datum=spots[best].datum,
        )


def _check(question: Question) -> None:
    given = [
        question.at is not None,
        bool(question.photo),
        *map(bool, (question.stake, question.text, question.station)),
    ]
    if sum(given) != 1:
        msg = (
            "请用坐标、桩号、文字、收费站或照片之一提问（只给一项）。"
            " / ask by one of coordinates, stake, text, station and photo."
        )
        raise InputError(msg)


def _day_of(question: Question) -> tuple[str, str]:
    """Return the date of the offence and where it came from."""
    if question.day:
        return read_day(question.day).isoformat(), "given"
    if question.photo is not None and question.photo.day:
        return question.photo.day, "photo"
    found = find_day(question.text)
    return (found, "text") if found else ("", "")


def _read(question: Question, standing: Standing) -> Reading:
    datum = question.datum or Datum.WGS84
    if question.at is not None:
        lon, lat = (float(v[0]) for v in convert([question.at[0]], [question.at[1]], source=datum))
        return Reading((spot_of_place(f"{question.at[0]:g},{question.at[1]:g}", (lon, lat), datum),))
    if question.photo is not None:
        return Reading((_spot_of_photo(question.photo, question.datum),))
    if question.stake:
        return _read_stake(question.stake, standing)
    if question.station:
        found = standing.gazetteer.stations_named(question.station)
        return Reading(tuple(spot_of_station(station) for station in found))
    return standing.reader.read(question.text, datum=datum)


def _read_stake(text: str, standing: Standing) -> Reading:
    """Read a stake strictly; a range or a stake among other words is read as a sentence."""
    try:
        return Reading(tuple(standing.reader.stake_spots(parse_stake(text), text.strip())))
    except InputError:
        reading = standing.reader.read(text)
        spots = tuple(spot for spot in reading.spots if spot.kind is SpotKind.STAKE)
        if not spots:
            raise
        return Reading(spots, findings=reading.findings)


def _spot_of_photo(photo: Photo, datum: Datum | None) -> Spot:
    stated = photo.datum if datum is None or photo.datum is not Datum.WGS84 else datum
    lon, lat = (float(v[0]) for v in convert([photo.lon], [photo.lat], source=stated))
    spot = spot_of_place("EXIF GPS", (lon, lat), stated, error_m=photo.error_m)
    return replace(spot, kind=SpotKind.PHOTO)


def _spots_of_road(standing: Standing, road: FoundRoad) -> list[Spot]:
    """Return one spot for each owner of a road, on its longest segment; the whole road is as wide as the doubt."""
    derived = standing.plan.derived
    length = derived.network.segments.length_m
    longest: dict[tuple[str, str], int] = {}
    for row in road.rows.tolist():
        holder = (derived.owner[row], derived.agency[row])
        if holder not in longest or length[row] > length[longest[holder]]:
            longest[holder] = row
    whole = float(length[road.rows].sum())
    spots = []
    for _, row in sorted(longest.items()):
        points = derived.network.points(row)
        lon, lat = (float(v) for v in points[len(points) // 2]) if len(points) > 2 else points.mean(axis=0).tolist()  # noqa: PLR2004
        spots.append(Spot(SpotKind.ROAD, road.name, lon, lat, whole, row=row, offset_m=float(length[row]) / 2))
    return spots


def _conflicts(spots: Sequence[Spot]) -> list[Finding]:
    """Return the warning that coordinates and stake of one question lie apart."""
    exact = [s for s in spots if s.kind is SpotKind.COORDINATES]
    stakes = [s for s in spots if s.kind is SpotKind.STAKE]
    if not exact or not stakes:
        return []
    far = min(measure_between((a.lon, a.lat), (b.lon, b.lat)) - b.error_m for a in exact for b in stakes)
    if far <= _CONFLICT_M:
        return []
    return [
        Finding(
            "place_conflict",
            Severity.WARNING,
            1,
            f"文中坐标与桩号相距 {far:.0f} 米，请核对哪一个为准。",
            f"coordinates and stake of the text lie {far:.0f} m apart: check which of them is right.",
            places=tuple((round(s.lon, 7), round(s.lat, 7)) for s in (*exact[:1], *stakes[:1])),
        )
    ]


def _note_datum(standing: Standing, spot: Spot, datum: Datum) -> list[Finding]:
    """Return the note that a place stated in one datum lies off every road and fits one in another."""
    given = convert([spot.lon], [spot.lat], source=Datum.WGS84, target=datum)
    if datum not in {Datum.WGS84, Datum.CGCS2000} or not is_shifted_place(*given)[0]:
        return []
    residual = _residuals(standing, given)
    good = float(datum_rules()["suspicion"]["good_residual_m"]["value"])
    better = [h for h in HYPOTHESES if residual[h] <= good]
    if residual[Datum.WGS84] <= good or not better:
        return []
    return [_finding_of(residual, better, Severity.NOTE)]


def _residuals(standing: Standing, given: tuple[object, object]) -> dict[Datum, float]:
    """Return the distance to the nearest road under each hypothesis."""
    report = suspect_by_roads(
        np.asarray(given[0]), np.asarray(given[1]), network=standing.plan.derived.network, index=standing.whose.index
    )
    far = {score.datum: score.residual_m for score in report.scores}
    return {h: far[h] if np.isfinite(far[h]) else float("inf") for h in HYPOTHESES}


def _finding_of(residual: dict[Datum, float], fits: Sequence[Datum], severity: Severity) -> Finding:
    listed = "，".join(f"{h} {residual[h]:.0f} 米" for h in HYPOTHESES)
    listed_en = ", ".join(f"{h} {residual[h]:.0f} m" for h in HYPOTHESES)
    names = "、".join(fits) or "无"
    return Finding(
        "datum_unclear",
        severity,
        1,
        f"坐标系未确认：按各坐标系离最近道路 {listed}，可能为 {names}；现按 WGS-84 回答，请用坐标系选项确认。",
        f"the datum is not confirmed: distance to the nearest road under each is {listed_en}; it may be {names};"
        " answered as WGS-84, confirm it with the datum option.",
    )


def _doubt_datum(standing: Standing, spots: Sequence[Spot], answer: Answer) -> tuple[Answer, list[Finding]]:
    """Try every datum on coordinates of unknown datum; the answer stands only where it is the same under all."""
    places = [s for s in spots if s.kind in {SpotKind.COORDINATES, SpotKind.PHOTO}]
    if not places or not is_shifted_place(places[0].lon, places[0].lat)[0]:
        return answer, []
    good = float(datum_rules()["suspicion"]["good_residual_m"]["value"])
    given = ([places[0].lon], [places[0].lat])
    residual = _residuals(standing, given)
    fits = [h for h in HYPOTHESES if residual[h] <= good] or [min(HYPOTHESES, key=lambda h: residual[h])]
    finding = _finding_of(residual, fits, Severity.WARNING if fits != [Datum.WGS84] else Severity.NOTE)
    others = [convert(*given, source=h) for h in fits if h is not Datum.WGS84]
    if not others:
        return answer, [finding]
    more = list(
        standing.whose.ask_many(np.concatenate([lon for lon, _ in others]), np.concatenate([lat for _, lat in others]))
    )
    return merge_answers([answer, *more], best=0, why="datum_doubt"), [finding]


def _reply(standing: Standing, spots: tuple[Spot, ...], answer: Answer, *, best: int) -> Reply:
    spot = spots[best]
    ((stake, way),) = standing.stakes_of([spot], [answer])
    ways = {str(s.stake.direction) for s in spots if s.stake is not None}
    if len(ways) > 1 and spot.kind is SpotKind.STAKE and spot.stake is not None:
        stake, way = stake.replace(str(spot.stake.direction), ""), ""
    road = answer.candidates[0].road if answer.candidates else ""
    sentence = standing.sentence(answer, spot, stake=stake, road=road)
    blank = TransferDraft(False, "", "", "", "", "", None, None, "", "", "", "", "")
    roads = standing.roads(answer) if answer.row >= 0 else ()
    name = standing.name(answer.agency) if answer.agency else ""
    return Reply(answer, spot, spots, stake, way, road, roads, name, (), standing.agreement(answer), sentence, blank)


def _draft(standing: Standing, reply: Reply, question: Question, day: str) -> TransferDraft:
    """Return the draft of the transfer paper: to the owner, from the agency that asks or the other side."""
    answer, spot = reply.answer, reply.spot
    is_clear = answer.owner in _CLEAR and answer.agency != NOBODY
    known = standing.contacts(answer, question.category) if is_clear else ()
    # Each category has its own post: without one a letter names a post only where there is no choice.
    contact = known[0] if known and (question.category or len(known) == 1) else None
    sender = question.from_agency or (standing.across(answer) if is_clear else "")
    where = reply.road or question.station or (f"{spot.lon:.6f}, {spot.lat:.6f}" if spot is not None else "")
    return TransferDraft(
        is_clear,
        question.case,
        day,
        question.category,
        mask_persons(" ".join(where.split()))[:200],
        reply.stake,
        round(spot.lon, 6) if spot else None,
        round(spot.lat, 6) if spot else None,
        standing.name(sender) if sender else "",
        standing.name(answer.agency) if is_clear else "",
        contact.contact.post if contact else "",
        contact.contact.phone if contact else "",
        _say_reason(reply),
        mask_persons(" ".join(question.text.split()))[:500],
        reply.agreement,
    )


def _say_reason(reply: Reply) -> str:
    doubt = doubt_of(reply.answer)
    if doubt or reply.answer.owner not in _CLEAR or reply.answer.agency == NOBODY:
        return f"管辖单位待核实：{reply.sentence.zh}。"
    kind = "高速公路" if reply.answer.owner == "expressway" else "普通公路"
    agreed = f"，依据协议 {reply.agreement}" if reply.agreement else ""
    return f"违法行为发生地属{kind}管辖范围，{reply.sentence.zh}{agreed}。"
