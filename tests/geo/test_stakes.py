from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.stakes import (
    LARGEST_KM,
    Direction,
    Stake,
    StakeRange,
    find_stakes,
    format_mm,
    format_stake,
    parse_range,
    parse_stake,
    read_direction,
)

ROUTES = st.sampled_from(["", "G15", "S28", "G0422", "G4W2", "G1523N", "X205", "沈海高速"])
STAKES = st.builds(
    Stake,
    st.integers(0, (LARGEST_KM + 1) * 1_000_000 - 1),
    ROUTES,
    st.sampled_from(list(Direction)),
    st.sampled_from(["", "A", "B", "L"]),
)


def km(value):
    return round(value * 1_000_000)


@given(STAKES)
def test_a_written_stake_reads_back(stake):
    """Whatever is written by format_stake is read back as the same stake, to the millimetre."""
    assert parse_stake(format_stake(stake)) == stake


@given(STAKES, STAKES)
def test_a_written_range_reads_back(a, b):
    """Two written stakes with a joining word between them are read back as a range with both numbers."""
    found = parse_range(f"{format_mm(a.mm)}至{format_mm(b.mm)}")
    assert (found.start.mm, found.end.mm) == (a.mm, b.mm)
    assert found.low_mm <= found.high_mm


@given(st.integers(0, LARGEST_KM), st.integers(0, 999), st.data())
def test_width_case_and_blanks_do_not_matter(kilometre, metre, data):
    """Full-width letters, digits and plus, small letters, blanks and a unit change nothing."""
    text = f"K{kilometre}+{metre}" + data.draw(st.sampled_from(["", "m", "M", "米", " m"]))
    wide = "".join(chr(ord(c) + 0xFEE0) if c in "K+0123456789" and data.draw(st.booleans()) else c for c in text)
    spaced = wide.replace("+", data.draw(st.sampled_from(["+", " +", "+ ", " + "]))).replace("＋", " ＋ ")
    assert parse_stake(data.draw(st.sampled_from([spaced, spaced.lower(), f"  {spaced}\t"]))).mm == (
        kilometre * 1_000_000 + metre * 1_000
    )


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    """No text crashes the parser: it yields a stake in range or an InputError."""
    find_stakes(text)
    with suppress(InputError):
        assert 0 <= parse_stake(text).mm < (LARGEST_KM + 1) * 1_000_000


@pytest.mark.parametrize(
    ("text", "stake"),
    [
        ("K1234+567", Stake(km(1234.567))),
        ("k0+15", Stake(15_000)),
        ("K1836+000m", Stake(km(1836))),
        ("K138+700M", Stake(km(138.7))),
        ("上行K12+300", Stake(km(12.3), "", Direction.UP)),
        ("K12+300（下行）", Stake(km(12.3), "", Direction.DOWN)),
        ("左幅 K12+300", Stake(km(12.3), "", Direction.LEFT)),
        ("右幅K3+1", Stake(km(3.001), "", Direction.RIGHT)),
        ("Ｋ１２＋３００", Stake(km(12.3))),
        ("K12+300.5", Stake(12_300_500)),
        ("G15 K1518+500", Stake(km(1518.5), "G15")),
        ("G15K1518+500", Stake(km(1518.5), "G15")),
        ("G15沈海高速K1518+500处", Stake(km(1518.5), "G15")),
        ("沈海高速公路 K1+2", Stake(km(1.002), "沈海高速")),
        ("s28 k5+020（上行线）", Stake(km(5.02), "S28", Direction.UP)),
        ("289K+900", Stake(km(289.9))),
        ("0K+500", Stake(km(0.5))),
        ("12公里300米", Stake(km(12.3))),
        ("ZK12+300", Stake(km(12.3), "", Direction.LEFT)),
        ("YK12+300", Stake(km(12.3), "", Direction.RIGHT)),
        ("AK0+500", Stake(km(0.5), "", Direction.NONE, "A")),
        ("1518+500", Stake(km(1518.5))),
        ("K12", Stake(km(12))),
        ("K9999+999.9999", Stake(9_999_999_999)),
    ],
)
def test_every_written_form(text, stake):
    """Each form that signs, papers and tables use is read."""
    assert parse_stake(text) == stake


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("K1766+600至K1800+500m", km(1766.6), km(1800.5)),
        ("K1766+600～K1800+500", km(1766.6), km(1800.5)),
        ("K1800+500—K1766+600", km(1800.5), km(1766.6)),
        ("K1766+600-1800+500", km(1766.6), km(1800.5)),
        ("K12+300~+800", km(12.3), km(12.8)),
        ("289K+900～291K+100", km(289.9), km(291.1)),
        ("K12+300", km(12.3), km(12.3)),
    ],
)
def test_ranges_in_either_order(text, start, end):
    """Ranges are read with every joining sign, in either order; the second K may be missing."""
    found = parse_range(text)
    assert (found.start.mm, found.end.mm) == (start, end)


def test_what_one_end_says_holds_for_both():
    """Route and direction named once hold for both ends of a range."""
    found = parse_range("G15 K12+300～K13+100（下行）")
    assert {(s.route, s.direction) for s in (found.start, found.end)} == {("G15", Direction.DOWN)}


def test_stakes_in_a_pasted_sentence():
    """Stakes and ranges are found inside a sentence, with their places in the original text."""
    text = "巡查Ｇ15沈海高速上行K1518+500至K1520+100，另在S28 K5+020（下行）处、289K+900停车；电话K12345，编号BK12。"
    found = find_stakes(text)
    assert [text[f.start : f.end] for f in found] == [
        "Ｇ15沈海高速上行K1518+500至K1520+100",
        "S28 K5+020（下行）",
        "289K+900",
        "BK12",
    ]
    assert isinstance(found[0].value, StakeRange)
    assert found[0].value.end == Stake(km(1520.1), "G15", Direction.UP)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "没有填写"),
        ("收费站", "没有数字"),
        ("K12+1300", "0 至 999 米"),
        ("K-1+200", "不能为负"),
        ("K12-300", "应写加号"),
        ("K12.3", "应写加号"),
        ("K12345+001", "不能超过"),
        ("K12+", "缺少米数"),
        ("K12+300 K13+100", "多个桩号"),
        ("K12+300至K13+100", "只要一个"),
        ("里程1518", "写法应如"),
        ("K12+300附近的桥", "读不懂"),
    ],
)
def test_an_error_says_what_is_wrong(text, why):
    """Fault 39: each way a stake can be wrong is named, in Chinese and English, with the text quoted."""
    with pytest.raises(InputError) as caught:
        parse_stake(text)
    assert why in str(caught.value)
    assert " / stake " in str(caught.value)


def test_impossible_numbers_are_refused():
    """A stake below zero or beyond the longest route cannot be made."""
    for mm in (-1, (LARGEST_KM + 1) * 1_000_000):
        with pytest.raises(ValueError, match="a stake lies between"):
            Stake(mm)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("上行", Direction.UP),
        ("（下行线）", Direction.DOWN),
        ("N", Direction.NORTH),
        ("南下", Direction.SOUTH),
        ("東向", Direction.EAST),
        ("右幅", Direction.RIGHT),
        ("", Direction.NONE),
        ("往杭州", None),
    ],
)
def test_direction_words(text, direction):
    """Direction words of the mainland and of Taiwan are known; others are said to be unknown."""
    assert read_direction(text) is direction


def test_taiwan_form():
    """A stake can be written the way Taiwan writes it, and is read back."""
    assert format_stake(Stake(km(289.9)), taiwan=True) == "289K+900"


def test_a_long_sentence_is_refused():
    """A text of a megabyte is refused instead of searched."""
    with pytest.raises(InputError, match="过长"):
        find_stakes("K1+1" * 100_000)
