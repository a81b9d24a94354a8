"""The language of the screens: Chinese first, English beside it; this module alone knows which one a person reads."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

import streamlit as st
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from views.catalogue import Words, translate, translate_count
from views.words import word, word_en

Language = Literal["zh", "en"]

LANGUAGE_KEY = "language"
_METRES_A_KM = 1000.0
_TEN_KM = 10_000.0


def language() -> Language:
    """Return the language of this session."""
    return "en" if st.session_state.get(LANGUAGE_KEY) == "en" else "zh"


def set_language(code: Language) -> None:
    """Choose the language of this session."""
    st.session_state[LANGUAGE_KEY] = code


def say(text: str, /, **values: object) -> str:
    """Return a text of our own in the language of the session, with values put in."""
    return (translate(text) if language() == "en" else text).format(**values)


def say_in(context: str, text: str, /, **values: object) -> str:
    """Return a text that means several things in the language of the session; the context tells which."""
    return (translate(text, context=context) if language() == "en" else text).format(**values)


def say_count(text: str, count: int, /, **values: object) -> str:
    """Return a text in the form that goes with a count, which stands in it as ``{count}``."""
    return (translate_count(text, count) if language() == "en" else text).format(count=count, **values)


def choose(zh: str, en: str, /) -> str:
    """Return one of two texts of the domain, which carries both languages itself, in the language of the session."""
    return en if language() == "en" else zh


def term(key: str) -> str:
    """Return a word of `views.words`; an unknown key stands for itself."""
    return word_en(key) if language() == "en" else word(key)


def words_of(words: Words) -> str:
    """Return a pair of words in the language of the session."""
    return words.en or words.zh if language() == "en" else words.zh


def pick_sentence(text: str) -> str:
    """Return the half of a ``中文 / English`` sentence that the person reads, the whole where there is one half.

    Errors of the domain carry both languages in one text, parted by the last `` / ``.
    """
    zh, mark, en = text.rpartition(" / ")
    if not mark or not any(ord(letter) > 0x2E7F for letter in zh):  # noqa: PLR2004 - the first CJK block
        return text
    return choose(zh, en)


@cache
def _locale(name: str) -> Locale:
    # Naming a locale makes Babel look for its file, each time.
    return Locale.parse(name)


def locale_of(code: Language | None = None) -> str:
    """Return the CLDR locale of a language, that of the session where none is named."""
    return "en_GB" if (code or language()) == "en" else "zh_CN"


def format_number(value: float, *, digits: int = 0, signed: bool = False) -> str:
    """Return a number with a fixed count of decimals and the group marks of the language."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text: str = format_decimal(abs(value), format=pattern, locale=_locale(locale_of()))
    if not any(letter in "123456789" for letter in text):
        return text
    return ("\N{MINUS SIGN}" if value < 0 else "+" if signed else "") + text


def format_km(metres: float, *, signed: bool = False) -> str:
    """Return a length with its unit: metres below one kilometre, else kilometres."""
    size = abs(metres)
    if size < 0.5:  # noqa: PLR2004 - rounds to nothing
        return "0"
    if size < _METRES_A_KM:
        return f"{format_number(metres, signed=signed)} m"
    digits = 1 if size >= _TEN_KM else 2
    return f"{format_number(metres / _METRES_A_KM, digits=digits, signed=signed)} km"


def format_minutes(seconds: float | None) -> str:
    """Return a time span in minutes; an unknown one as a dash."""
    if seconds is None or seconds != seconds:  # noqa: PLR0124 - nan
        return "–"
    return f"{format_number(seconds / 60, digits=1)} min"


def format_clock(seconds: float) -> str:
    """Return seconds since midnight as ``HH:MM``."""
    whole = round(seconds / 60)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def format_day(iso: str) -> str:
    """Return a date the way the language writes it; what is no ISO date stays as it is.

    Chinese papers and screens write ``2026年11月25日``, English screens ``25 Nov 2026``.
    """
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return str(format_date(day, format="long" if language() == "zh" else "medium", locale=locale_of()))
