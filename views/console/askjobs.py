"""Jobs of questions: whose road a place or a table of cases is, and the stakes of a source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.datum import Datum, read_datum, state_datum
from geo.errors import InputError
from geo.findings import sort_findings
from jurisdiction.ask.cases import CaseReport, read_cases
from jurisdiction.ask.coordinates import find_coordinates
from jurisdiction.ask.photo import open_photo
from jurisdiction.ask.transfer import CRS
from plan.askcases import answer_cases
from plan.askdesk import AskDesk, Question
from plan.model import Plan
from plan.stakes import make_stake_decisions
from views.console.jobs import Tell, open_for, parse_place, refuse_suffix, save_as

AUTO = "auto"
_TABLES = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class AskOptions:
    """What to ask: exactly one of ``at``, ``stake``, ``text``, ``station``, ``photo`` and ``file``.

    Attributes
    ----------
    datum
        Name of a datum, ``auto`` where nobody knows; a table counts as ``auto`` by default, a place as WGS-84.
    on, category, case, sender
        Date of the offence, category, number of the case, agency that asks.
    convention
        Where seams lie; None for the plan's own.
    today
        ISO date, for the agreement in force where no date is given.
    """

    at: str | None = None
    stake: str | None = None
    text: str | None = None
    station: str | None = None
    photo: Path | None = None
    file: Path | None = None
    datum: str | None = None
    on: str | None = None
    category: str = ""
    case: str = ""
    sender: str = ""
    convention: str | None = None
    today: str = ""


def owner(source: str, options: AskOptions, *, out: Path | None = None, tell: Tell) -> dict[str, Any]:
    """Answer whose road one place, or each case of a table, is; write the answers of a table when asked."""
    _check(options, out)
    datum = _datum(options)
    question = _question(options, datum) if options.file is None else None
    cases = read_cases(options.file) if options.file is not None else ()
    if options.on:
        from plan.agreements import read_day

        read_day(options.on)
    plan = open_for(source, options.convention, tell=tell)
    if question is not None:
        return AskDesk(plan, today=options.today).ask(question).to_json()
    tell(f"查询 {len(cases)} 件案件 … / answering {len(cases)} cases")
    report = answer_cases(
        plan, cases, datum=datum, day=options.on or "", category=options.category, today=options.today
    )
    document = report.to_json() | {"datum": state_datum(datum or Datum.WGS84), "datum_confirmed": datum is not None}
    if out is not None:
        write_report(out, report)
        tell(f"已写入 {out.name} / written")
        document["written"] = [{"file": out.name, "bytes": out.stat().st_size}]
    return document


def _check(options: AskOptions, out: Path | None) -> None:
    given = (options.at, options.stake, options.text, options.station, options.photo, options.file)
    if sum(each is not None for each in given) != 1:
        msg = (
            "请用 --at 经度,纬度、--stake、--text、--station、--photo 给出一处，或用 --file 给出表格（只选一项）。"
            " / give exactly one of --at LON,LAT, --stake, --text, --station, --photo and --file TABLE."
        )
        raise InputError(msg)
    if out is not None and (options.file is None or out.suffix.lower() not in _TABLES):
        msg = (
            f"{out.name}：--out 只用于表格查询，写成 .csv 或 .xlsx。"
            f" / {out.name}: --out is for tables of cases and ends in .csv or .xlsx."
        )
        raise InputError(msg)


def _datum(options: AskOptions) -> Datum | None:
    if options.datum is None:
        return None if options.file is not None else Datum.WGS84
    return None if options.datum.strip().casefold() == AUTO else read_datum(options.datum)


def _question(options: AskOptions, datum: Datum | None) -> Question:
    return Question(
        at=read_place(options.at) if options.at is not None else None,
        stake=_filled(options.stake, "--stake"),
        text=_filled(options.text, "--text"),
        station=_filled(options.station, "--station"),
        photo=open_photo(options.photo) if options.photo is not None else None,
        datum=datum,
        day=options.on or "",
        category=options.category,
        case=options.case,
        from_agency=options.sender,
    )


def _filled(text: str | None, option: str) -> str:
    if text is None:
        return ""
    if not text.strip():
        raise InputError(f"{option} 是空的，请填写。 / {option} is empty: fill it in.")
    return text


def read_place(text: str) -> tuple[float, float]:
    """Read ``LON,LAT``, or coordinates that name their axes or are written in degrees and minutes.

    Raises
    ------
    InputError
        Not one place.
    """
    if any(letter.isalpha() or letter in "°′'" for letter in text):
        found = find_coordinates(text)
        if len(found) == 1 and (found[0].is_labelled or "°" in text or "度" in text):
            return found[0].lon, found[0].lat
    return parse_place(text)


def write_report(out: Path, report: CaseReport) -> None:
    """Write the answers as CSV or XLSX, by the suffix of the file."""
    from views.map.store import write_bytes_atomic

    write_bytes_atomic(out, report.to_xlsx() if out.suffix.lower() == ".xlsx" else report.to_csv())


@dataclass(frozen=True, slots=True)
class StakeOptions:
    """A stake table to import, its datum, the route of rows that name none, and the date of the decision."""

    table: Path | None = None
    datum: str | None = None
    route: str = ""
    when: str = ""


def stakes(source: str, options: StakeOptions, *, out: Path | None = None, tell: Tell) -> dict[str, Any]:
    """Calibrate the routes of a source: from a table, the plan's own tables, or what the map holds."""
    refuse_suffix(out)
    is_open = options.datum is None or options.datum.strip().casefold() == AUTO
    datum = Datum.WGS84 if is_open else read_datum(str(options.datum))
    plan = open_for(source, tell=tell)
    if options.table is not None:
        made = make_stake_decisions(
            options.table, plan.derived.network, datum=datum, route=options.route, when=options.when
        )
        for decision in made:
            plan = plan.decide(decision)
    tell("定标 … / calibrating")
    document = stakes_json(plan, routes=[options.route] if options.route and options.table is None else None)
    document |= {"datum": state_datum(datum), "datum_confirmed": not is_open}
    if out is not None:
        save_as(out, plan, tell)
        document["written"] = [{"file": out.name, "bytes": out.stat().st_size}]
    return document


def stakes_json(plan: Plan, *, routes: list[str] | None = None) -> dict[str, Any]:
    """Return the calibrated routes of a plan with their source, error bound and findings."""
    desk = plan.derived.stakes
    found = [desk.of(route) for route in (routes if routes is not None else desk.routes)]
    return {
        "crs": CRS,
        "routes": [stakes.to_json() for stakes in found],
        "findings": [f.to_json() for f in sort_findings([f for stakes in found for f in stakes.findings])],
    }
