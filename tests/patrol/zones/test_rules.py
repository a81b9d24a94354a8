from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from geo.errors import InputError
from patrol.zones.rules import Row, parse_zone_rules, zone_rules


@pytest.fixture
def table():
    """Return the parsed rule table."""
    return tomllib.loads(files("data.rules").joinpath("zones.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["浙江", "浙江省", "zhejiang", " Zhejiang "])
def test_a_province_is_found_by_any_of_its_names(name):
    """A province answers to its Chinese names and its Latin one."""
    assert zone_rules(name).province == "zhejiang"


def test_a_province_overrides_only_its_own_rows():
    """Zhejiang adds the village row and takes all others from the nation."""
    national, own = zone_rules(), zone_rules("浙江")
    assert national.row("control_zone", "C") is None
    assert own.row("control_zone", "C").distance_m == 3
    assert own.row("control_zone", "G") == national.row("control_zone", "G")
    assert (own.has_own, national.has_own) == (True, False)


def test_guangdong_has_wider_setbacks():
    """Guangdong keeps new villages and schools 200, 100 and 50 m away."""
    rules = zone_rules("广东")
    assert [rules.row("setback", c).distance_m for c in ("expressway", "G", "S", "X", "Y")] == [200, 100, 100, 50, 50]


def test_a_province_without_rows_takes_the_national_ones():
    """Hunan has no rows: every row is national, and the rules say so."""
    rules = zone_rules("湖南")
    assert not rules.has_own
    assert {row.id.partition("/")[0] for row in rules.rows.values()} == {"national"}


def test_unknown_province_is_refused_with_a_sentence():
    """A name that is no province is refused, and the sentence says what to write."""
    with pytest.raises(InputError, match=r"没有省份“火星”.*zhejiang"):
        zone_rules("火星")


def test_law_of_the_control_zone():
    """The distances of article 11 stand in the table as law: 30, 20, 15, 10 and 5 m."""
    rows = [zone_rules().row("control_zone", c) for c in ("expressway", "G", "S", "X", "Y")]
    assert [row.distance_m for row in rows] == [30, 20, 15, 10, 5]
    assert all(row.is_law and "第十一条" in row.source for row in rows)


def test_what_no_law_fixes_is_marked_as_assumption():
    """Visible range, slopes, spans and sight distances are not printed as law."""
    rows = zone_rules().rows
    assert not any(row.is_law for (zone, _), row in rows.items() if zone in {"visible_range", "slope_ditch", "sight"})


def test_every_row_names_its_source(table):
    """Each number of the table, also roadbeds, speeds, limits and targets, names where it comes from."""
    rows = [row for name in ("formation", "design_speed", "limits", "targets") for row in table[name].values()]
    assert all(row["source"] for row in rows)
    assert all(row.source for row in zone_rules("浙江").rows.values())


@pytest.mark.parametrize(
    "row", [{}, {"m": 5}, {"m": -1, "law": True, "source": "x"}, {"m": 1, "law": True, "source": ""}]
)
def test_a_row_that_cannot_be_used_is_named(table, row):
    """A row without metres or source is refused by its name; a good one is not."""
    table["national"]["control_zone"]["G"] = row
    with pytest.raises(InputError, match="national/control_zone/G"):
        parse_zone_rules(table)
    table["national"]["control_zone"]["G"] = {"m": 20, "law": True, "source": "x"}
    assert parse_zone_rules(table).need("control_zone", "G").distance_m == 20


def test_a_missing_row_is_named():
    """A row that every table must have is asked for by name."""
    with pytest.raises(InputError, match="land/cobbles"):
        zone_rules().need("land", "cobbles")


def test_impossible_row_is_refused():
    """A distance beyond ten kilometres is no rule."""
    with pytest.raises(ValueError, match="10,000"):
        Row("x", 20_000, is_law=True, source="x")


@pytest.mark.parametrize(
    ("technical", "lanes", "one_way", "half_m"),
    [
        ("expressway", 3, True, 17 - 2.25 - 5.625),
        ("expressway", 2, True, 13 - 2.25 - 3.75),
        ("expressway", 0, True, 13 - 2.25 - 3.75),
        ("expressway", 6, False, 17.0),
        ("expressway", 5, True, 20.75 - 2.25 - 7.5 + 1.875),
        ("ramp", 1, True, 4.25),
        ("ramp", 2, True, 5.25),
        ("I", 2, True, 12.25 - 1.75 - 3.75),
        ("I", 4, False, 12.25),
        ("II", 2, False, 5.0),
        ("IV", 0, False, 2.75),
    ],
)
def test_half_width(technical, lanes, one_way, half_m):
    """Half widths are those of the roadbed, less median and inner lanes where a carriageway has its own line."""
    assert zone_rules().half_width_m(technical, lanes=lanes, one_way=one_way) == pytest.approx(half_m)


@pytest.mark.parametrize(
    ("speed_kmh", "distance_m"), [(120, 210), (119, 210), (90, 160), (80, 110), (15, 20), (140, 210)]
)
def test_sight_distance_takes_the_next_higher_speed(speed_kmh, distance_m):
    """A speed between two rows takes the longer sight distance."""
    assert zone_rules().sight_row(speed_kmh).distance_m == distance_m
