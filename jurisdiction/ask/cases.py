"""Tables of cases: read from what offices keep, written back with whose road each case was on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geo.errors import InputError
from geo.findings import Finding
from geo.sheet import SheetRow, read_sheet
from geo.stakes import StakeRange, find_stakes
from jurisdiction.ask.coordinates import find_coordinates
from jurisdiction.ask.reply import doubt_of
from jurisdiction.ask.transfer import CRS
from jurisdiction.ask.wording import Both, find_day, mask_persons, reason_words
from jurisdiction.askanswer import Answer

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "案号", "案件编号", "序号", "案件号", "case", "case_id", "no"),
    "lon": ("经度", "lng", "long", "longitude", "x", "x坐标"),
    "lat": ("纬度", "latitude", "y", "y坐标"),
    "stake": ("桩号", "里程桩号", "里程桩", "违法桩号", "chainage"),
    "route": ("路线", "路线编号", "线路", "公路", "公路编号", "道路", "ref", "road"),
    "direction": ("方向", "行车方向", "行驶方向", "上下行", "dir"),
    "text": (
        "地点",
        "违法地点",
        "案发地点",
        "位置",
        "违法地址",
        "地址",
        "经纬度",
        "坐标",
        "place",
        "location",
        "where",
    ),
    "date": ("日期", "违法日期", "案发日期", "违法时间", "案发时间", "时间", "day", "time"),
    "category": ("类别", "业务类别", "案由", "案件类型", "类型", "违法类型", "kind", "type"),
    "handled_by": ("承办单位", "办案单位", "查处单位", "agency", "office"),
}
"""Our columns and the headings they are known by; columns of plates, names and telephones are not read at all."""
COLUMNS = (
    "id",
    "owner",
    "agency",
    "agency_name",
    "contact",
    "reason",
    "distance_to_seam_m",
    "error_m",
    "lon",
    "lat",
    "crs",
    "stake",
    "carriageway",
    "segment",
    "date",
    "category",
    "agreement",
    "handled_by",
    "candidates",
    "datum",
    "datum_warning",
    "problem",
    "answer",
)
"""Columns of the table that is written, in order; lengths in metres, coordinates WGS-84 degrees."""
_DIRECT = frozenset("=+-@\t\r＝＋－＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table of cases.

    Attributes
    ----------
    id, line
        Number of the case and line of the file.
    place
        lon, lat in degrees as given, None where the row has none.
    stake, text
        Stake with route and direction, and the words of the place, ``""`` where the row has none.
    day, category, handled_by
        ISO date, category, office, ``""`` where the row has none.
    problem
        What could not be read, None where all could.
    is_swapped
        Whether latitude stood in the column of longitude.
    """

    id: str
    line: int
    place: tuple[float, float] | None = None
    stake: str = ""
    text: str = ""
    day: str = ""
    category: str = ""
    handled_by: str = ""
    problem: Both | None = None
    is_swapped: bool = False


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """The answer to one case.

    Attributes
    ----------
    case, answer
        The case and whose road its place is.
    place
        lon, lat in WGS-84 degrees, None where the place could not be read.
    stake, carriageway
        Stake text and carriageway at the place, ``""`` where its road has none.
    agency_name, contact, candidates
        Names and contact offices as one text.
    agreement, datum, datum_warning
        Agreement in force, datum of the coordinates, doubt about it.
    sentence
        The answer in one sentence.
    """

    case: Case
    answer: Answer
    place: tuple[float, float] | None
    stake: str
    carriageway: str
    agency_name: str
    contact: str
    candidates: str
    agreement: str
    datum: str
    datum_warning: str
    sentence: Both

    def row(self) -> dict[str, object]:
        """Return the row of the table that is written, by column."""
        answer, case = self.answer, self.case
        far = answer.distance_to_seam_m
        return {
            "id": mask_persons(case.id),
            "owner": answer.owner,
            "agency": "" if answer.owner == "ask" else answer.agency,
            "agency_name": "" if answer.owner == "ask" else self.agency_name,
            "contact": self.contact,
            "reason": reason_words(answer),
            "distance_to_seam_m": round(far, 1) if far < float("inf") else "",
            "error_m": round(answer.error_m, 1),
            "lon": round(self.place[0], 6) if self.place else "",
            "lat": round(self.place[1], 6) if self.place else "",
            "crs": CRS,
            "stake": self.stake,
            "carriageway": self.carriageway,
            "segment": answer.segment,
            "date": case.day,
            "category": case.category,
            "agreement": self.agreement,
            "handled_by": case.handled_by,
            "candidates": self.candidates,
            "datum": self.datum,
            "datum_warning": self.datum_warning,
            "problem": case.problem.zh if case.problem else "",
            "answer": self.sentence.zh,
        }

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain JSON values."""
        place = {"lon": round(self.place[0], 7), "lat": round(self.place[1], 7)} if self.place else None
        return (
            {"id": mask_persons(self.case.id), "line": self.case.line}
            | self.answer.to_json()
            | {
                "agency_name": self.agency_name,
                "place": place,
                "crs": CRS,
                "stake": self.stake,
                "carriageway": self.carriageway,
                "contact": self.contact,
                "agreement": self.agreement,
                "date": self.case.day,
                "category": self.case.category,
                "handled_by": self.case.handled_by,
                "datum": self.datum,
                "datum_warning": self.datum_warning,
                "problem": self.case.problem.to_json() if self.case.problem else None,
                "doubt": doubt_of(self.answer),
                "sentence": self.sentence.to_json(),
            }
        )


@dataclass(frozen=True)
class CaseReport:
    """The answers to a table of cases, one for each row in its order, and what is doubtful about the table."""

    answers: tuple[CaseAnswer, ...]
    findings: tuple[Finding, ...]

    def counts(self) -> dict[str, int]:
        """Return how many cases each owner has."""
        found: dict[str, int] = {}
        for each in self.answers:
            found[each.answer.owner] = found.get(each.answer.owner, 0) + 1
        return dict(sorted(found.items()))

    def to_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return {
            "count": len(self.answers),
            "owners": self.counts(),
            "crs": CRS,
            "answers": [each.to_json() for each in self.answers],
            "findings": [finding.to_json() for finding in self.findings],
        }

    def to_csv(self) -> bytes:
        """Return the table as CSV (UTF-8 with a mark for Excel); no cell can act as a formula."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        writer.writerow(COLUMNS)
        writer.writerows(self._cells())
        return buffer.getvalue().encode("utf-8-sig", "backslashreplace")

    def to_xlsx(self) -> bytes:
        """Return the table as an Excel workbook; no cell can act as a formula."""
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("whose road")
        sheet.append(list(COLUMNS))
        for cells in self._cells():
            sheet.append(list(cells))
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def _cells(self) -> Iterable[Sequence[object]]:
        for each in self.answers:
            row = each.row()
            yield [safe_cell(row[name]) for name in COLUMNS]


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula, without control characters.

    Examples
    --------
    >>> safe_cell("=HYPERLINK(1)"), safe_cell(-3.5), safe_cell("G98 K1+000")
    ("'=HYPERLINK(1)", -3.5, 'G98 K1+000')
    """
    if not isinstance(value, str):
        return value
    text = _CONTROL.sub("", value)
    return f"'{text}" if text.lstrip(" \n")[:1] in _DIRECT and text.strip() else text


def read_cases(path: str | Path, *, columns: Mapping[str, str] | None = None) -> tuple[Case, ...]:
    """Read a table of cases from CSV (UTF-8 or GBK) or XLSX; every row becomes a case.

    Parameters
    ----------
    path
        The file. It names the place of a case by lon and lat, by a stake, or in words.
    columns
        Our column name to the heading in this file, where it is none of ``HEADINGS``.

    Raises
    ------
    InputError
        The file is no table, or no column names a place.
    """
    sheet = read_sheet(path, headings=HEADINGS, columns=columns)
    has_place = {"lon", "lat"} <= set(sheet.columns) or {"stake", "text"} & set(sheet.columns)
    if not has_place:
        msg = (
            f"{sheet.name}：没有写地点的列，请加上 lon 与 lat（经度、纬度）、桩号或地点。"
            f" / {sheet.name}: no column names a place; add lon and lat, a stake, or a column of words (地点)."
        )
        raise InputError(msg)
    return tuple(_read_case(row) for row in sheet.rows)


def _read_case(row: SheetRow) -> Case:
    stake = _join_stake(row)
    case = Case(
        row.get("id") or f"line {row.line}",
        row.line,
        stake=stake,
        text=row.get("text"),
        day=find_day(row.get("date")),
        category=row.get("category"),
        handled_by=row.get("handled_by"),
    )
    if row.get("date") and not case.day:
        case = replace(case, problem=_day_unread(row.get("date")))
    if not (row.get("lon") or row.get("lat")):
        if not (case.stake or case.text):
            case = replace(case, problem=Both("没有写地点", "the row names no place"))
        return case
    return _read_place(case, row)


def _read_place(case: Case, row: SheetRow) -> Case:
    lon, lat = row.number("lon"), row.number("lat")
    if lon is None or lat is None:
        found = find_coordinates(f"{row.get('lon')}, {row.get('lat')}")
        if not found:
            shown = f"{row.get('lon')}, {row.get('lat')}"[:40]
            return replace(case, problem=Both(f"坐标“{shown}”读不出来", f"coordinates {shown!r} cannot be read"))
        return replace(case, place=(found[0].lon, found[0].lat), is_swapped=found[0].is_swapped)
    if abs(lat) > 90 >= abs(lon) and abs(lat) <= 180:  # noqa: PLR2004 - degrees
        return replace(case, place=(lat, lon), is_swapped=True)
    if abs(lat) > 90 or abs(lon) > 180 or (lon == 0 and lat == 0):  # noqa: PLR2004 - degrees
        shown = f"{lon:g}, {lat:g}"
        return replace(
            case, problem=Both(f"坐标“{shown}”不是经纬度", f"coordinates {shown} are no lon, lat in degrees")
        )
    return replace(case, place=(lon, lat))


def _join_stake(row: SheetRow) -> str:
    """Return the stake with the route and direction of their own columns, where it lacks them."""
    stake = row.get("stake")
    if not stake:
        return ""
    found = find_stakes(stake)
    value = found[0].value if found else None
    known = value.start if isinstance(value, StakeRange) else value
    route = "" if known is not None and known.route else row.get("route")
    way = "" if known is not None and known.direction else row.get("direction")
    return " ".join(part for part in (route, f"{way}{stake}") if part)


def _day_unread(text: str) -> Both:
    shown = text[:20]
    return Both(f"日期“{shown}”读不出来，按方案现状回答", f"date {shown!r} cannot be read; answered as the plan stands")
