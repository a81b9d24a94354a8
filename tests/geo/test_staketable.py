from __future__ import annotations

import numpy as np
import openpyxl
import pytest

from geo.datum import Datum, convert
from geo.errors import InputError
from geo.stakes import Direction
from geo.staketable import StakeSource, read_stake_table

HEAD = "路线编号,行车方向,桩号,经度,纬度\n"


def write(tmp_path, text, *, name="stakes.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def by_code(findings):
    return {finding.code: finding for finding in findings}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_in_every_encoding(tmp_path, encoding):
    """A table with Chinese headings is read from UTF-8, with or without mark, and from GBK."""
    path = write(tmp_path, HEAD + "G15,上行,K1+000,114.1,30.1\nG15,下行,K2+000,114.2,30.2\n", encoding=encoding)
    table, findings = read_stake_table(path)
    assert table.groups() == (("G15", Direction.UP), ("G15", Direction.DOWN))
    assert table.mm.tolist() == [1_000_000, 2_000_000]
    assert table.line.tolist() == [2, 3]
    assert table.source is StakeSource.TABLE
    assert findings == ()


def test_workbook(tmp_path):
    """The first filled sheet of a workbook is read like a CSV; numbers and text cells alike."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("桩号")
    for row in (
        ["路线", "方向", "里程桩号", "Lng", "LAT"],
        ["G15", "N", "289K+900", 114.1, "30.1"],
        [],
        ["G15", "N", "K291", 114, 30],
    ):
        sheet.append(row)
    path = tmp_path / "stakes.xlsx"
    book.save(path)
    table, findings = read_stake_table(path)
    assert table.mm.tolist() == [289_900_000, 291_000_000]
    assert table.line.tolist() == [2, 4]
    assert (table.lon[1], table.lat[1]) == (114.0, 30.0)
    assert findings == ()


def test_other_headings_can_be_named(tmp_path):
    """A heading nobody knows is named by the user; the delimiter is told from the first line."""
    path = write(tmp_path, "里程标;东;北\nK1+000;114.1;30.1\n")
    with pytest.raises(InputError, match="缺少"):
        read_stake_table(path)
    table, _ = read_stake_table(path, columns={"stake": "里程标", "lon": "东", "lat": "北"}, route="G15")
    assert (table.route, table.mm.tolist()) == (("G15",), [1_000_000])


def test_rows_that_cannot_be_used_are_named(tmp_path):
    """Fault 32: bad stakes, missing, swapped, infinite and zero coordinates are left out and named by line."""
    rows = [
        "K1+000,114.1,30.1",
        "K12-3,114.1,30.1",
        "K2+000,,30",
        "K3+000,30.1,114.1",
        "K4+000,inf,30",
        "K5+000,0,0",
        "K6+000,400,30",
    ]
    table, findings = read_stake_table(write(tmp_path, "桩号,经度,纬度\n" + "\n".join(rows) + "\n"))
    assert table.line.tolist() == [2]
    bad = by_code(findings)["stake_row_unreadable"]
    assert bad.things == tuple(f"line {k}" for k in range(3, 9))
    for words in ("应写加号", "没有坐标", "经纬度颠倒", "不是经纬度"):
        assert words in bad.message
    with pytest.raises(InputError, match="没有一行可用"):
        read_stake_table(write(tmp_path, "桩号,经度,纬度\nK1,,\nK2,,\n"))


def test_a_stake_outside_its_section(tmp_path):
    """A station at K1836+700 in a section that ends at K1836+000 is flagged, and still used."""
    text = "桩号,经度,纬度,起点桩号,终点桩号,区间\nK1836+700,114.1,30.1,K1800+000,K1836+000,\nK1820+000,114.2,30.1,,,K1800+000至K1836+000\n"
    table, findings = read_stake_table(write(tmp_path, text))
    assert len(table) == 2
    found = by_code(findings)["stake_outside_section"]
    assert found.things == ("line 2",)
    assert "K1836+700" in found.message
    assert "K1800+000—K1836+000" in found.message


def test_unknown_directions_and_chains(tmp_path):
    """A direction nobody knows is flagged; chain equations stand in a column of their own, with or without a stake."""
    text = "路线,方向,桩号,经度,纬度,断链\nG15,往杭州,K1+000,114.1,30.1,\nG15,上行,K2+000,114.2,30.1,K1+500=K1+450\nG15,上行,,,,K3+000=K3+100\n"
    table, findings = read_stake_table(write(tmp_path, text))
    assert [str(c) for c in table.chains_of("G15", Direction.UP)] == [
        "K1+500=K1+450（长链 50 m）",
        "K3+000=K3+100（短链 100 m）",
    ]
    assert by_code(findings)["stake_direction_unknown"].things == ("line 2",)


def test_datum_of_a_table(tmp_path):
    """Coordinates stated as GCJ-02 come out as WGS-84."""
    lon, lat = convert([114.1], [30.1], source=Datum.WGS84, target=Datum.GCJ02)
    path = write(tmp_path, f"桩号,经度,纬度\nK1+000,{lon[0]:.8f},{lat[0]:.8f}\n")
    table, _ = read_stake_table(path, datum=Datum.GCJ02)
    assert np.allclose([table.lon[0], table.lat[0]], [114.1, 30.1], atol=1e-7)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "stakes.csv"),
        (b"<html><body>x</body></html>", "网页"),
        ("桩号,经度,纬度\n".encode(), "stakes.csv"),
        (b"PK\x03\x04rubbish", "stakes.csv"),
        (b"\xff\xfe\x00\x01" * 50, "stakes.csv"),
    ],
)
def test_files_that_are_no_table(tmp_path, content, words):
    """Fault 16: an empty file, a web page, a heading alone, a broken workbook and rubbish are refused by name."""
    path = tmp_path / "stakes.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_stake_table(path)
