from __future__ import annotations

import zipfile

import openpyxl
import pytest

import geo.sheet
from geo.errors import InputError
from geo.sheet import read_sheet

HEADINGS = {"name": ("名称",), "lon": ("经度", "x坐标")}


def test_headings_match_loosely(tmp_path):
    """Case, blanks, brackets and signs in a heading do not matter; unknown columns are passed over."""
    path = tmp_path / "t.csv"
    path.write_text("NAME,X坐标 (°),其他\n甲, 114.5°,x\n,,\n乙,,y\n", encoding="utf-8")
    sheet = read_sheet(path, headings=HEADINGS)
    assert [(row.line, row.get("name"), row.number("lon")) for row in sheet.rows] == [(2, "甲", 114.5), (4, "乙", None)]
    assert sheet.columns == {"name": "NAME", "lon": "X坐标 (°)"}


def test_tables_that_are_too_large(tmp_path, monkeypatch):
    """Fault 36: more rows, columns or bytes than a table of stations ever has are refused before they are kept."""
    path = tmp_path / "t.csv"
    path.write_text("名称,经度\n" + "甲,1\n" * 50, encoding="utf-8")
    monkeypatch.setattr(geo.sheet, "MOST_ROWS", 20)
    with pytest.raises(InputError, match="表过大"):
        read_sheet(path, headings=HEADINGS)
    monkeypatch.setattr(geo.sheet, "_CSV_BYTES", 100)
    with pytest.raises(InputError, match="表过大"):
        read_sheet(path, headings=HEADINGS)
    book = openpyxl.Workbook()
    for k in range(30):
        book.active.append(["名称" if k == 0 else "甲"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(InputError, match="表过大"):
        read_sheet(tmp_path / "t.xlsx", headings=HEADINGS)


def test_text_that_is_no_table(tmp_path):
    """Fault 40: bytes that are neither UTF-8 nor GBK, and quotes that never close, are refused with advice."""
    path = tmp_path / "t.csv"
    path.write_bytes("名称,经度\n甲,1\n".encode() * 6_000 + b"\xff\xff,1\n")
    with pytest.raises(InputError, match="GB18030"):
        read_sheet(path, headings=HEADINGS)
    path.write_text('名称,经度\n"甲,1\n乙,2\n', encoding="utf-8")
    with pytest.raises(InputError, match="另存为普通 CSV"):
        read_sheet(path, headings=HEADINGS)


@pytest.mark.parametrize(
    "sheet",
    [
        "<worksheet><broken",
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY a{k} "{"&a;" if k == 0 else f"&a{k - 1};" * 10}">' for k in range(12))
        + "]><worksheet><sheetData><row><c t='inlineStr'><is><t>&a11;</t></is></c></row></sheetData></worksheet>",
    ],
)
def test_damaged_and_hostile_workbooks(tmp_path, sheet):
    """Fault 26, 27: a workbook with broken XML, or with entities that blow up, is refused in one sentence."""
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    openpyxl.Workbook().save(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    with pytest.raises(InputError, match=r"bad\.xlsx"):
        read_sheet(bad, headings=HEADINGS)


def test_a_formula_counts_as_its_value(tmp_path):
    """Fault 59: a formula cell is never evaluated or passed on; only a stored value is read."""
    book = openpyxl.Workbook()
    for cells in (["名称", "经度"], ["=1+1", '=HYPERLINK("http://a")'], ["甲", 114]):
        book.active.append(cells)
    path = tmp_path / "t.xlsx"
    book.save(path)
    assert [row.get("name") for row in read_sheet(path, headings=HEADINGS).rows] == ["甲"]


def test_empty_sheets_are_passed_over(tmp_path):
    """The first sheet that holds anything is read; a workbook without any is refused."""
    book = openpyxl.Workbook()
    second = book.create_sheet("数据")
    second.append(["名称"])
    second.append(["甲"])
    book.save(tmp_path / "t.xlsx")
    assert [row.get("name") for row in read_sheet(tmp_path / "t.xlsx", headings=HEADINGS).rows] == ["甲"]
    openpyxl.Workbook().save(tmp_path / "e.xlsx")
    with pytest.raises(InputError, match="表是空的"):
        read_sheet(tmp_path / "e.xlsx", headings=HEADINGS)
