from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from geo.errors import InputError
from jurisdiction.agencies import Agency, Contact
from jurisdiction.ask.cases import COLUMNS, Case, CaseAnswer, CaseReport, read_cases, safe_cell
from jurisdiction.ask.reply import ContactLine, merge_answers
from jurisdiction.ask.transfer import TransferDraft, contact_for
from jurisdiction.ask.wording import Both
from jurisdiction.askanswer import Answer, Candidate

HEAD = "案号,经度,纬度,桩号,路线,方向,地点,违法日期,类别,车牌,承办单位\n"


def write(tmp_path, rows, *, encoding="utf-8", head=HEAD):
    path = tmp_path / "cases.csv"
    path.write_bytes((head + rows).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_tables_in_every_encoding(tmp_path, encoding):
    """Chinese headings are known in UTF-8 and GBK; plates are not read at all."""
    rows = "甲1,118.6,31.3,,,,,2025年1月6日,危化品,皖A12345,local\n"
    (case,) = read_cases(write(tmp_path, rows, encoding=encoding))
    assert case == Case("甲1", 2, (118.6, 31.3), day="2025-01-06", category="危化品", handled_by="local")
    assert "12345" not in repr(case)


def test_workbooks(tmp_path):
    """A workbook with real dates and numbers reads like the CSV."""
    book = Workbook()
    book.active.append(["id", "lon", "lat", "date"])
    book.active.append(["a", 118.6, 31.3, date(2025, 1, 6)])
    book.save(tmp_path / "cases.xlsx")
    (case,) = read_cases(tmp_path / "cases.xlsx")
    assert (case.place, case.day) == ((118.6, 31.3), "2025-01-06")


@pytest.mark.parametrize(
    ("row", "stake"),
    [
        ("1,,,K12+300,G98,上行,,,,,", "G98 上行K12+300"),
        ("1,,,G15 K12+300,G98,,,,,,", "G15 K12+300"),
        ("1,,,上行K12+300,G98,下行,,,,,", "G98 上行K12+300"),
        ("1,,,K1+000至K2+000,G98,,,,,,", "G98 K1+000至K2+000"),
        ("1,,,不清楚,,,,,,,", "不清楚"),
    ],
)
def test_stakes_with_their_own_columns(tmp_path, row, stake):
    """Route and direction of their own columns complete a stake that lacks them, and only then."""
    assert read_cases(write(tmp_path, row + "\n"))[0].stake == stake


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        ("1,31.3,118.6,,,,,,,,", (118.6, 31.3), ""),
        ("1,118°36′E,31°18′N,,,,,,,,", (118.6, 31.3), ""),
        ("1,abc,31.3,,,,,,,,", None, "读不出来"),
        ("1,3460000,500000,,,,,,,,", None, "不是经纬度"),
        ("1,0,0,,,,,,,,", None, "不是经纬度"),
        ("1,,,,,,,,,,", None, "没有写地点"),
        ("1,118.6,31.3,,,,,昨天,,,", (118.6, 31.3), "日期"),
    ],
)
def test_doubtful_rows_stay_with_their_problem(tmp_path, row, place, words):
    """Exchanged, written-out, impossible and missing coordinates and dates: the row stays and says what is wrong."""
    (case,) = read_cases(write(tmp_path, row + "\n"))
    assert case.place == (pytest.approx(place) if place else None)
    assert words in (case.problem.zh if case.problem else "")
    assert bool(case.problem) == bool(words)


def test_rows_without_a_number_are_known_by_their_line(tmp_path):
    """A row without a number is known by its line, so that every row can be found again."""
    assert [c.id for c in read_cases(write(tmp_path, ",118.6,31.3,,,,,,,,\n,118.7,31.3,,,,,,,,\n"))] == [
        "line 2",
        "line 3",
    ]


def test_a_table_without_a_place_is_refused(tmp_path):
    """A table in which no column names a place is refused with what to add."""
    with pytest.raises(InputError, match="没有写地点的列"):
        read_cases(write(tmp_path, "1,2025-01-01\n", head="id,date\n"))


def answered(ident="a", *, owner="expressway", problem=None, text="甲"):
    """Return an answered case."""
    answer = Answer(owner, "exp1", "w1/1-2", 3.0, 1_200.0, "s1", (), ({"vote": "motorway", "evidence_m": 3.0},))
    case = Case(ident, 2, (118.6, 31.3), day="2025-01-06", problem=problem)
    return CaseAnswer(
        case, answer, (118.6, 31.3), "G98 K1+000", "上行", text, text, "", "", "WGS-84", "", Both("归甲", "A")
    )


def test_every_row_is_written_and_no_cell_is_a_formula():
    """Fault 46: texts that a spreadsheet would run are neutralised in CSV and XLSX, and no row is lost."""
    evil = ["=1+1", "+1", "-1", "@a", "\t=1", "＝1", " =1", "a\x07b"]
    report = CaseReport(tuple(answered(text, text=text) for text in evil), ())
    rows = list(csv.reader(io.StringIO(report.to_csv().decode("utf-8-sig"))))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == len(evil) + 1
    sheet = load_workbook(io.BytesIO(report.to_xlsx())).active
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert len(cells) == len(rows)
    texts = [text for row in (*rows[1:], *cells[1:]) for text in row if isinstance(text, str)]
    assert not any(text.lstrip()[:1] in set("=+@＝") for text in texts)
    assert not any("\x07" in text for text in texts)
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "inlineStr"}


def test_numbers_stay_numbers():
    """Figures, negative ones too, stay figures; every row states its CRS."""
    assert safe_cell(-3.5) == -3.5
    assert safe_cell(None) is None
    row = answered().row()
    assert row["lon"] == 118.6
    assert "EPSG:4326" in row["crs"]


def test_doubtful_rows_name_no_agency():
    """A row that must be verified names no agency in its own columns, so that nobody sorts by a guess."""
    row = answered(owner="ask", problem=Both("坏", "bad")).row()
    assert (row["agency"], row["agency_name"], row["problem"]) == ("", "", "坏")
    body = json.loads(json.dumps(answered(problem=Both("坏", "bad")).to_json(), allow_nan=False))
    assert body["problem"] == {"zh": "坏", "en": "bad"}


def test_counts_add_up():
    """The counts by owner add up to the rows."""
    report = CaseReport((answered(), answered(owner="ask"), answered()), ())
    assert report.to_json()["owners"] == {"ask": 1, "expressway": 2}
    assert report.to_json()["count"] == 3


AGENCY = Agency(
    "exp1", "甲大队", "expressway", "高", "站区", (Contact("危化品", "危货科", "1"), Contact("班线客运", "客运科", "2"))
)


@pytest.mark.parametrize(
    ("category", "posts"),
    [("危化品", ["危货科"]), ("客运", ["客运科"]), ("", ["危货科", "客运科"]), ("路政", ["危货科", "客运科"])],
)
def test_contacts_for_a_category(category, posts):
    """The office for a category is found exactly, else by part of its name, else all offices are shown."""
    assert [c.post for c in contact_for(AGENCY, category)] == posts
    assert ContactLine(AGENCY, AGENCY.contacts[0]).to_json()["phone"] == "1"


def test_the_transfer_paper_leaves_room_for_what_is_unknown():
    """A draft states coordinates with their CRS, law and reason, leaves blanks, and says when it is not ready."""
    ready = TransferDraft(
        True, "1", "2025-01-06", "危化品", "G98", "K1", 118.6, 31.3, "甲", "乙", "科", "1", "理由。", "案情", "协1"
    )
    text = ready.to_text()
    assert all(word in text for word in ("EPSG:4326", "第二十二条", "理由。", "协1", "案情", "科"))
    assert "待核实" not in text
    blank = TransferDraft(False, "", "", "", "", "", None, None, "", "", "", "", "")
    assert "核实前不得发出" in blank.to_text()
    assert ready.to_json()["evidence"] == []
    assert ready.to_json()["crs"] == "WGS-84 (EPSG:4326)"


def place(owner, agency, segment, doubt=""):
    reason = ({"vote": "uncertain", "why": doubt, "band_m": 30.0},) if doubt else ()
    candidate = Candidate(segment, owner, agency, 1.0, "路", "primary", "0", -1)
    return Answer("ask" if doubt else owner, agency, segment, 1.0, 9.0, "", (candidate,), reason, 30.0)


def test_several_places_with_one_owner_are_clear():
    """Places that share their owner give that owner, with the candidates of all."""
    merged = merge_answers([place("expressway", "e", "w1"), place("expressway", "e", "w2")], best=1, why="x")
    assert (merged.owner, merged.segment) == ("expressway", "w2")
    assert [c.segment for c in merged.candidates] == ["w2", "w1"]


def test_several_places_with_several_owners_are_asked():
    """Places with different owners, or one of them doubtful, must be verified, and every holder is a candidate."""
    many = [place("expressway", "e", f"w{k}") for k in range(20)]
    merged = merge_answers([*many, place("ordinary", "l", "w99")], best=0, why="several_places")
    assert merged.owner == "ask"
    assert merged.reason[0]["why"] == "several_places"
    assert {c.agency for c in merged.candidates} == {"e", "l"}
    assert len(merged.candidates) <= 12
    doubtful = merge_answers([many[0], place("expressway", "e", "w50", "near_seam")], best=0, why="x")
    assert doubtful.owner == "ask"
    assert [r["why"] for r in doubtful.reason] == ["x", "near_seam"]
