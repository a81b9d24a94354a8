"""A table of cases asked of a plan: each as of its own date, all places of one day in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geo.classes import RoadClass
from geo.datum import Datum, convert
from geo.errors import InputError
from geo.findings import Finding, Severity, sort_findings
from geo.suspicion import DatumReport, suspect_by_roads
from jurisdiction.ask.cases import Case, CaseAnswer, CaseReport
from jurisdiction.ask.coordinates import FoundPlace
from jurisdiction.ask.reply import merge_answers
from jurisdiction.ask.sentence import orient, swapped_finding
from jurisdiction.ask.spots import Spot, SpotKind, spot_of_place
from jurisdiction.ask.wording import Both
from jurisdiction.askanswer import Answer
from plan.asking import Almanac, Standing
from plan.model import Plan

Progress = Callable[[int, int], None]

_MOST_NAMED, _ENOUGH = 50, 1_000
_SMALL = (RoadClass.SERVICE, RoadClass.MINOR, RoadClass.FERRY)


@dataclass
class _Row:
    """One case while it is worked on."""

    case: Case
    spots: list[Spot] = field(default_factory=list)


def answer_cases(
    plan: Plan,
    cases: Sequence[Case],
    *,
    datum: Datum | None = None,
    day: str = "",
    category: str = "",
    today: str = "",
    progress: Progress | None = None,
) -> CaseReport:
    """Answer every case of a table; none is dropped.

    Parameters
    ----------
    plan
        The plan.
    cases
        The cases.
    datum
        What the coordinates are given in; None where nobody knows: they are read as WGS-84, held against the roads
        as a whole, and where another datum fits better the cases whose owner it would change are to be verified.
    day, category
        For cases that name none.
    today
        ISO date for cases without a date: which agreements are in force then.
    progress
        Told how many cases are done, and of how many; may raise to stop.

    Returns
    -------
    CaseReport
        One answer for each case, in order.
    """
    almanac = Almanac(plan, today=today)
    rows = [_Row(replace(c, day=c.day or day, category=c.category or category)) for c in cases]
    placed = _place_rows(rows, almanac.on("").bounds, datum or Datum.WGS84)
    report = _suspect(almanac.on(""), rows, placed, datum)
    doubted = _doubted(report) if datum is None else None
    groups: dict[int, tuple[Standing, list[int]]] = {}
    for k, row in enumerate(rows):
        standing = almanac.on(row.case.day)
        groups.setdefault(id(standing), (standing, []))[1].append(k)
    answers: list[CaseAnswer | None] = [None] * len(rows)
    done = 0
    for standing, members in groups.values():
        for k, answered in zip(members, _answer_group(standing, [rows[k] for k in members], doubted), strict=True):
            answers[k] = answered
        done += len(members)
        if progress is not None:
            progress(done, len(rows))
    findings = _findings(rows, groups, report)
    return CaseReport(tuple(a for a in answers if a is not None), sort_findings(findings))


def _place_rows(rows: Sequence[_Row], bounds: tuple[float, float, float, float], datum: Datum) -> list[int]:
    """Turn exchanged coordinates round, convert them all at once, and return the rows that have them."""
    placed = [k for k, row in enumerate(rows) if row.case.place is not None]
    for k in placed:
        case = rows[k].case
        if case.place is not None and not case.is_swapped:
            found = orient(FoundPlace(*case.place, 0, 0), bounds)
            if found.is_swapped:
                rows[k].case = replace(case, place=(found.lon, found.lat), is_swapped=True)
    given = [place for k in placed if (place := rows[k].case.place) is not None]
    if given:
        lon, lat = convert([x for x, _ in given], [y for _, y in given], source=datum)
        for k, (x, y), a, b in zip(placed, given, lon.tolist(), lat.tolist(), strict=True):
            rows[k].spots.append(spot_of_place(f"{x:g},{y:g}", (a, b), datum))
    return placed


def _suspect(
    standing: Standing, rows: Sequence[_Row], placed: Sequence[int], datum: Datum | None
) -> DatumReport | None:
    """Hold the coordinates as given against the main roads, or all roads where the map has no main ones."""
    if not placed or datum in {Datum.GCJ02, Datum.BD09}:
        return None
    network = standing.plan.derived.network
    main = ~np.isin(network.segment_class, _SMALL)
    # A thousand places, spread over the table, say as much as all of them.
    sample = placed[:: max(1, len(placed) // _ENOUGH)]
    given = [place for k in sample if (place := rows[k].case.place) is not None]
    lon, lat = np.array([x for x, _ in given]), np.array([y for _, y in given])
    try:
        return suspect_by_roads(lon, lat, network=network, usable=main if main.any() else None)
    except InputError:
        return None


def _doubted(report: DatumReport | None) -> Datum | None:
    """Return the other datum that fits the coordinates better, None where there is none."""
    if report is None or not report.must_ask or not report.scores:
        return None
    best = report.scores[0].datum
    return None if best is Datum.WGS84 else best


def _answer_group(standing: Standing, rows: Sequence[_Row], doubted: Datum | None) -> list[CaseAnswer]:
    for row in rows:
        _read_words(standing, row)
    flat = [spot for row in rows for spot in row.spots]
    found = iter(standing.answer(flat))
    other = iter(_under(standing, flat, doubted)) if doubted else None
    merged: list[Answer] = []
    best: list[Spot | None] = []
    for row in rows:
        mine = [next(found) for _ in row.spots]
        more = [next(other) for _ in row.spots] if other is not None else []
        if not mine:
            merged.append(_unplaced())
            best.append(None)
            continue
        chosen = min(range(len(mine)), key=lambda k: (row.spots[k].error_m, k))
        answer = merge_answers(mine, best=chosen, why="several_places")
        if more:
            answer = merge_answers([answer, *more], best=0, why="datum_doubt")
        merged.append(answer)
        best.append(row.spots[chosen])
    stakes = standing.stakes_of(best, merged)
    return [
        _case_answer(standing, row.case, answer, spot, stake=stake, doubted=doubted)
        for row, answer, spot, stake in zip(rows, merged, best, stakes, strict=True)
    ]


def _read_words(standing: Standing, row: _Row) -> None:
    """Add the spots of a row's stake, or of its words where it has neither coordinates nor stake."""
    case = row.case
    if not case.stake and (row.spots or not case.text):
        return
    try:
        reading = standing.reader.read(case.stake or case.text)
    except InputError as error:
        chinese, _, english = str(error).partition(" / ")
        if not row.spots and case.stake and case.text:
            row.case = replace(case, stake="", problem=Both(chinese, english or chinese))
            _read_words(standing, row)
            return
        row.case = replace(case, problem=case.problem or Both(chinese, english or chinese))
        return
    row.spots += [spot for spot in reading.spots if spot.kind is not SpotKind.COORDINATES or not row.spots]
    for road in reading.roads if not row.spots else ():
        problem = Both(f"只写了道路“{road.name}”，请补桩号或坐标", f"only the road {road.name!r} is named; add a stake")
        row.case = replace(case, problem=problem)


def _under(standing: Standing, spots: Sequence[Spot], datum: Datum) -> list[Answer]:
    """Return the answers if coordinates were given in another datum; other spots keep theirs."""
    moved = []
    for spot in spots:
        if spot.kind is SpotKind.COORDINATES and spot.row < 0:
            lon, lat = convert([spot.lon], [spot.lat], source=datum)
            moved.append(replace(spot, lon=float(lon[0]), lat=float(lat[0])))
        else:
            moved.append(spot)
    return standing.answer(moved)


def _unplaced() -> Answer:
    reason = ({"vote": "uncertain", "why": "not_placed", "band_m": 0.0},)
    return Answer("ask", "", "", 0.0, float("inf"), "", (), reason)


def _case_answer(
    standing: Standing,
    case: Case,
    answer: Answer,
    spot: Spot | None,
    *,
    stake: tuple[str, str],
    doubted: Datum | None,
) -> CaseAnswer:
    road = answer.candidates[0].road if answer.candidates else ""
    lines = standing.contacts(answer, case.category)
    contact = "；".join(f"{line.agency.name} {line.contact.post} {line.contact.phone}" for line in lines[:4])
    names = [standing.name(side) for side in standing.sides(answer)]
    return CaseAnswer(
        case,
        answer,
        (spot.lon, spot.lat) if spot is not None else None,
        stake[0],
        stake[1],
        standing.name(answer.agency) if answer.agency else "",
        contact,
        " / ".join(names) if answer.owner in {"ask", "contested"} else "",
        standing.agreement(answer),
        str(spot.datum) if spot is not None else "",
        f"可能为 {doubted}，请确认坐标系" if doubted and spot is not None and spot.row < 0 else "",
        standing.sentence(answer, spot, stake=stake[0], road=road),
    )


def _findings(
    rows: Sequence[_Row], groups: dict[int, tuple[Standing, list[int]]], report: DatumReport | None
) -> list[Finding]:
    findings = []
    suspicion = report.to_finding() if report is not None else None
    if suspicion is not None:
        findings.append(suspicion)
    swapped = [row.spots[0] for row in rows if row.case.is_swapped and row.spots]
    if swapped:
        findings.append(swapped_finding([(round(s.lon, 7), round(s.lat, 7)) for s in swapped]))
    troubled = [row.case for row in rows if row.case.problem is not None]
    if troubled:
        zh = "；".join(f"第 {c.line} 行 {c.problem.zh}" for c in troubled[:8] if c.problem)
        en = "; ".join(f"line {c.line}: {c.problem.en}" for c in troubled[:8] if c.problem)
        things = tuple(f"line {c.line}" for c in troubled[:_MOST_NAMED])
        findings.append(
            Finding(
                "case_unclear",
                Severity.WARNING,
                len(troubled),
                f"{len(troubled)} 行有读不出的内容，仍列出并请核实：{zh}。",
                f"{len(troubled)} rows hold something that cannot be read; they are listed, to be verified: {en}.",
                things=things,
            )
        )
    early = [(standing, members) for standing, members in groups.values() if standing.is_before_records]
    if early:
        count = sum(len(members) for _, members in early)
        first = min(rows[k].case.day for _, members in early for k in members)
        findings += [replace(finding, count=count) for finding in early[0][0].findings(first)]
    return findings
