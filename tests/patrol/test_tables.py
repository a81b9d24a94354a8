import pytest

from geo.errors import InputError
from patrol.exits import Exit, read_exits
from patrol.targets import Target, Window, read_targets
from patrol.units import Unit, is_local, read_units

UNITS = "id,agency,lon,lat,available\nA1,local,116.5,39.9,2\nB1,expressway,116.6,39.8,0\n"
EXITS = "id,lon,lat\nX1,116.5,39.9\n"
TARGETS = (
    "id,lon,lat,service_min,kind,window,visits_per_week,agency\n"
    "T1,116.5,39.9,20,桥下空间,09:00-11:30,2,\n"
    "T2,116.6,39.8,0,,,,joint\n"
)


@pytest.fixture
def table(tmp_path):
    """Return a function that writes a table and returns its path."""

    def write(content, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return write


def test_units_are_read(table):
    """A units table becomes units in file order."""
    expected = (Unit("A1", "local", 116.5, 39.9, 2), Unit("B1", "expressway", 116.6, 39.8, 0))
    assert read_units(table(UNITS)) == expected


def test_exits_are_read(table):
    """An exits table becomes exits."""
    assert read_exits(table(EXITS)) == (Exit("X1", 116.5, 39.9),)


def test_targets_are_read(table):
    """A targets table becomes targets; empty cells take their defaults."""
    first, second = read_targets(table(TARGETS))
    assert first == Target("T1", 116.5, 39.9, 1200, "桥下空间", Window(9 * 3600, 11 * 3600 + 1800), 2.0, "")
    assert second == Target("T2", 116.6, 39.8, 0.0, "", None, 1.0, "joint")


def test_target_may_have_a_name(table):
    """A column ``name`` is read where it is there, and columns nobody asked for are passed over."""
    text = TARGETS.replace("agency\n", "agency,name,colour\n").replace("2,\n", "2,,李家桥,red\n")
    assert [target.name for target in read_targets(table(text))] == ["李家桥", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings_of_chinese_spreadsheets(table, encoding):
    """Fault 40: a table saved as UTF-8, with or without mark, or as GBK gives the same text."""
    assert read_targets(table(TARGETS, encoding))[0].kind == "桥下空间"


@pytest.mark.parametrize("text", [UNITS.replace("\n", "\r\n"), UNITS + "\n\n , ,,,\n", UNITS.replace("id,", " ID ,")])
def test_harmless_differences(table, text):
    """Line ends of Windows, empty lines and spaces in the header do not matter."""
    assert len(read_units(table(text))) == 2


@pytest.mark.parametrize(("word", "cars"), [("yes", 1), ("是", 1), ("TRUE", 1), ("否", 0), ("false", 0), ("3", 3)])
def test_available_may_be_a_word(table, word, cars):
    """Available is a number of cars, or yes for one and no for none."""
    assert read_units(table(UNITS.replace("39.9,2", f"39.9,{word}")))[0].available == cars


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("available", "cars", "line 1: column available is missing"),
        ("116.5,39.9,2", "abc,39.9,2", "line 2, column lon: 'abc' is not a number"),
        ("116.5,39.9,2", "116.5,39.9,two", "line 2, column available"),
        ("116.5,39.9,2", "116.5,39.9,1.5", "line 2, column available: 1.5 is not a whole number"),
        ("116.5,39.9,2", "116.5,39.9,-1", "line 2, column available"),
        ("116.5,39.9,2", "39.9,116.5,2", "line 2, column lat: lon 39.9 and lat 116.5 look swapped"),
        ("116.5,39.9,2", "516.5,39.9,2", "line 2, column lon: 516.5 lies outside"),
        ("116.5,39.9,2", "116.5,439.9,2", "line 2, column lat"),
        ("116.5,39.9,2", "4416500,39.9,2", "not metres"),
        ("116.5,39.9,2", "nan,39.9,2", "line 2, column lon: 'nan' is not finite"),
        ("116.5,39.9,2", "116.5,inf,2", "line 2, column lat"),
        ("116.5,39.9,2", "0,0,2", r"line 2, column lon: the place is \(0, 0\)"),
        ("116.5,39.9,2", ",39.9,2", "line 2, column lon"),
        ("A1,local", ",local", "line 2, column id: the cell is empty"),
        ("A1,local", "A1,", "line 2, column agency: the cell is empty"),
        ("B1,expressway", "A1,expressway", "line 3, column id: 'A1' is already used in line 2"),
        ("39.9,2", "39.9,2,9", "line 2: 6 cells stand under 5 column names"),
        ("A1,local", '"A1,local', "save the table as plain CSV"),
    ],
)
def test_bad_units_name_line_and_column(table, old, new, where):
    """Fault 32: what cannot be used is named with file, line, column and what to do."""
    with pytest.raises(InputError, match=where) as caught:
        read_units(table(UNITS.replace(old, new)))
    assert "table.csv" in str(caught.value)
    assert str(table("")) not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("20,桥", "-20,桥", "line 2, column service_min"),
        ("20,桥", "1441,桥", "line 2, column service_min"),
        ("20,桥", ",桥", "line 2, column service_min"),
        ("09:00-11:30", "morning", "line 2, column window: 'morning' is no time window"),
        ("09:00-11:30", "11:30-09:00", "line 2, column window: '11:30-09:00' ends before it begins"),
        ("09:00-11:30", "09:00-24:30", "line 2, column window"),
        ("09:00-11:30", "09:61-11:30", "line 2, column window"),
        ("30,2,", "30,-2,", "line 2, column visits_per_week"),
    ],
)
def test_bad_targets_name_line_and_column(table, old, new, where):
    """A target that cannot be used is named with line, column and what to do."""
    with pytest.raises(InputError, match=where):
        read_targets(table(TARGETS.replace(old, new)))


@pytest.mark.parametrize("text", ["09:00-09:00", "00:00-24:00", "9:00–11:30", "09：00至11：30"])
def test_windows_that_are_fine(table, text):
    """A window may be a moment or a whole day, and may use the dashes and colons of Chinese keyboards."""
    window = read_targets(table(TARGETS.replace("09:00-11:30", text)))[0].window
    assert window.from_s <= window.to_s


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1: column id is missing"),
        (b"id,agency,lon,lat,available\n", "has a header and no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "neither UTF-8 nor GB18030"),
        (b"id,agency\x00\n", "neither UTF-8 nor GB18030"),
        (b"<html><body>404</body></html>", "column id is missing"),
    ],
)
def test_files_that_are_no_table(table, content, problem):
    """Fault 16: an empty file, a picture or a web page under our suffix is refused in one sentence."""
    with pytest.raises(InputError, match=problem):
        read_units(table(content))


def test_missing_and_huge_files(table, tmp_path, monkeypatch):
    """A file that is not there, or is far too large, is refused before it is read."""
    with pytest.raises(InputError, match=r"no\.csv cannot be read"):
        read_units(tmp_path / "no.csv")
    monkeypatch.setattr("patrol.tables.LARGEST_BYTES", 10)
    with pytest.raises(InputError, match="is larger than"):
        read_units(table(UNITS))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Unit("", "local", 116, 40),
        lambda: Unit("a", "", 116, 40),
        lambda: Unit("a", "local", 116, 40, -1),
        lambda: Target("", 116, 40),
        lambda: Target("a", 116, 40, -1),
        lambda: Window(3600, 0),
        lambda: Window(0, 86_401),
    ],
)
def test_impossible_values_are_refused(make):
    """No unit, target or window can be made that makes no sense."""
    with pytest.raises(ValueError, match="got"):
        make()


def test_sides():
    """The district brigade is local under both of its names, everyone else is the expressway side."""
    assert [is_local(agency) for agency in ("local", "ordinary", "expressway", "G6-1", "joint")] == [
        True,
        True,
        False,
        False,
        False,
    ]
