"""The table of units: what is wrong in it is named row by row; skills and shifts survive the plan."""

from __future__ import annotations

import pytest

from geo.errors import InputError
from geo.snapping import build_snap_index
from patrol.units import JOINT, Unit
from plan.decisions import Decision
from views.crews import TABLE, shifts_of, units_of, units_value
from views.widgets.coverage_table import COLUMNS, read_shift, read_table, read_units_file, rows_of
from views.widgets.coverage_units import agencies_of, move_unit, name_unit, write_shift


@pytest.fixture(scope="module")
def index(demo):
    """Return the search tree of the demo's roads."""
    return build_snap_index(demo.derived.network)


def records_of(demo, index):
    """Return the table of the demo as the editor gives it back."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(demo, index=index)]


def test_a_table_left_alone_is_the_plan(demo, index):
    """What the table shows reads back as the units it was made of, each with the road it stands on."""
    records = records_of(demo, index)
    read = read_table(records, demo, index=index)
    assert (read.units, read.faults, read.shifts) == (units_of(demo), (), {})
    assert any("G389" in record["road"] for record in records)


def test_each_fault_is_named_by_its_row(demo, index):
    """A table with one fault of each kind gives one sentence a row, and no units are taken over unnoticed."""
    good = records_of(demo, index)[0]
    rows = [
        good,
        good | {"id": ""},
        good | {"id": "x" * 41},
        dict(good),
        good | {"id": "a", "agency": None},
        good | {"id": "b", "lon": float("nan")},
        good | {"id": "c", "lat": 91.0},
        good | {"id": "d", "cars": -1},
        good | {"id": "e", "cars": 1.5},
        good | {"id": "f", "shift": "8点到20点"},
        good | {"id": "g", "lon": 100.0, "lat": 30.0},
    ]
    faults = read_table(rows, demo, index=index).faults
    wanted = ["缺名称", "40 字", "重复", "缺单位", "缺坐标", "超出范围", "车辆", "车辆", "班次", "最近的道路"]
    assert [k for k, _ in enumerate(faults)] == list(range(10))
    for row, fault, word in zip(range(2, 12), faults, wanted, strict=True):
        assert f"第 {row} 行" in fault
        assert word in fault


def test_many_faults_are_counted(demo, index):
    """Of a hundred bad rows twelve are named and the others counted."""
    bad = records_of(demo, index)[0] | {"agency": ""}
    faults = read_table([bad | {"id": f"u{k}"} for k in range(100)], demo, index=index).faults
    assert len(faults) == 13
    assert "88" in faults[-1]


def test_empty_rows_and_texts_with_line_breaks(demo, index):
    """A row nobody has filled in counts for nothing; a name is one line; skills and shift are read."""
    good = records_of(demo, index)[0]
    empty = dict.fromkeys(COLUMNS)
    full = good | {"id": "新\n单元", "skills": "危化品；无人机、 危化品", "shift": "22:00–6:00", "cars": 2.0}
    read = read_table([empty, full], demo, index=index)
    assert read.faults == ()
    assert read.units == (Unit("新 单元", good["agency"], good["lon"], good["lat"], 2, ("危化品", "无人机")),)
    assert read.shifts == {"新 单元": (22 * 60, 6 * 60)}


@pytest.mark.parametrize("text", ["8", "08:00", "08:00-08:00", "25:00-26:00", "08:00-12:00-16:00", "-"])
def test_no_shift(text):
    """What is no shift is refused."""
    with pytest.raises(ValueError, match="is no shift"):
        read_shift(text)


def test_skills_and_shifts_survive_the_plan(demo):
    """Skills and shifts come back from the decision; units without either leave no trace of them."""
    units = (Unit("a", "local", 118.6, 31.3, 1, ("drone",)), Unit("b", "exp1", 118.7, 31.3))
    plan = demo.decide(Decision("set_units", TABLE, units_value(units, {"a": (480, 1200), "gone": (0, 1)})))
    assert units_of(plan) == units
    assert shifts_of(plan) == {"a": (480, 1200)}
    assert write_shift(shifts_of(plan)["a"]) == "08:00–20:00"
    assert set(units_value(units)["units"][1]) == {"id", "agency", "lon", "lat", "cars"}
    assert shifts_of(demo) == {}


def test_units_move_and_get_names(demo):
    """A moved unit keeps all but its place; a new one gets the letter of its agency and the next free number."""
    units = units_of(demo)
    moved = move_unit(units, units[0].id, (118.123456789, 31.1))
    assert (moved[0].lon, moved[0].lat) == (118.123457, 31.1)
    assert (moved[0].id, moved[0].agency, moved[1:]) == (units[0].id, units[0].agency, units[1:])
    taken = [unit.id for unit in units]
    assert name_unit(demo, "local", taken) == "普9"
    assert name_unit(demo, "exp1", taken) == "高1-4"
    assert name_unit(demo, JOINT, taken) == "联3"
    assert name_unit(demo, "unknown", taken) == "unkn1"
    assert agencies_of(demo) == ["local", "exp1", "exp2", JOINT]


def test_an_uploaded_table_of_units():
    """A CSV gives units, shifts, and the rows left out; a broken one is one sentence with its line."""
    head = "id,agency,lon,lat,available,skills,duty\n"
    data = head + "a,local,118.6,31.3,1,危化品,08:00-20:00\na,local,118.6,31.3,1,,\nb,exp1,118.7,31.3,是,,\n"
    units, shifts, idle = read_units_file(data.encode())
    assert [unit.id for unit in units] == ["a", "b"]
    assert shifts == {"a": (480, 1200)}
    assert [one.unit for one in idle] == ["a"]
    with pytest.raises(InputError, match="2"):
        read_units_file((head + "a,local,east,31.3,1,,\n").encode())
