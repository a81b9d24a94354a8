"""Words and figures in both languages."""

from __future__ import annotations

import pytest
import streamlit as st

from geo.classes import RoadClass
from geo.stations import StationKind
from jurisdiction.rules import seam_rules
from views import i18n
from views.words import word, word_en


@pytest.fixture
def english(monkeypatch):
    """Read English."""
    monkeypatch.setattr(st, "session_state", {i18n.LANGUAGE_KEY: "en"})


def test_chinese_comes_first(monkeypatch):
    """Without a choice, or with an unknown one, the screens speak Chinese."""
    for state in ({}, {i18n.LANGUAGE_KEY: "xx"}):
        monkeypatch.setattr(st, "session_state", state)
        assert i18n.language() == "zh"
        assert i18n.say("路段") == "路段"
        assert i18n.term("ramp_end") == "匝道终点"


def test_english_beside_it(english):
    """In English every word of ours is English."""
    assert i18n.say("路段") == "Segment"
    assert i18n.term("ramp_end") == "Ramp end"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("文件是空的。 / the file is empty.", "文件是空的。", "the file is empty."),
        ("a/b.osm：空。 / a/b.osm: empty.", "a/b.osm：空。", "a/b.osm: empty."),
        ("no car / no way", "no car / no way", "no car / no way"),
        ("只有中文", "只有中文", "只有中文"),
    ],
)
def test_errors_are_read_in_one_language(monkeypatch, text, zh, en):
    """An error that carries both languages shows the reader's own; one without keeps its text."""
    monkeypatch.setattr(st, "session_state", {})
    assert i18n.pick_sentence(text) == zh
    monkeypatch.setattr(st, "session_state", {i18n.LANGUAGE_KEY: "en"})
    assert i18n.pick_sentence(text) == en


@pytest.mark.parametrize(
    ("metres", "signed", "text"),
    [
        (0, False, "0"),
        (0.4, True, "0"),
        (999, False, "999 m"),
        (1000, False, "1.00 km"),
        (12345, True, "+12.3 km"),
        (-640, True, "−640 m"),
        (-2900, True, "−2.90 km"),
    ],
)
def test_lengths_carry_their_unit(metres, signed, text):
    """A length below a kilometre is in metres, above in kilometres, with a true minus sign."""
    assert i18n.format_km(metres, signed=signed) == text


def test_times_carry_their_unit():
    """Time spans are in minutes, an unknown one is a dash; times of day are HH:MM."""
    assert i18n.format_minutes(90) == "1.5 min"
    assert i18n.format_minutes(None) == i18n.format_minutes(float("nan")) == "–"
    assert i18n.format_clock(8 * 3600 + 29.6 * 60) == "08:30"


def test_every_code_of_the_domain_has_words():
    """Each class, station kind, convention and vote that a screen shows has a Chinese and an English word."""
    rules = seam_rules()
    codes = [kind.name.lower() for kind in RoadClass]
    codes += [str(kind) for kind in StationKind]
    codes += [*rules.names, *rules.votes, "expressway", "ordinary", "none", "contested", "ask", "outside"]
    silent = [code for code in codes if word(code) == code or word_en(code) == code]
    assert silent == []


def test_numbers_and_dates_follow_the_language(english):
    """Thousands are marked, the minus is a minus, dates read the way the language writes them."""
    assert i18n.format_km(1_234_567.0) == "1,234.6 km"
    assert i18n.format_km(-250.0, signed=True) == "−250 m"
    assert i18n.format_km(1500.0, signed=True) == "+1.50 km"
    assert i18n.format_day("2026-11-25") == "25 Nov 2026"
    assert i18n.format_day("soon") == "soon"


def test_chinese_dates(monkeypatch):
    """A Chinese date has year, month and day."""
    monkeypatch.setattr(st, "session_state", {})
    assert i18n.format_day("2026-11-25") == "2026年11月25日"
