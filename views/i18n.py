"""The language of the screens: Chinese first, English beside it; this module alone knows which one a person reads."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from views.map.palette import Words
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


def say(zh: str, en: str) -> str:
    """Return one of two texts of our own, by the language of the session."""
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
    return en if language() == "en" else zh


def format_km(metres: float, *, signed: bool = False) -> str:
    """Return a length with its unit: metres below one kilometre, else kilometres."""
    sign = "+" if signed and metres > 0 else ""
    size = abs(metres)
    if size < 0.5:  # noqa: PLR2004 - rounds to nothing
        return "0"
    digits = 1 if size >= _TEN_KM else 2
    text = f"{metres:.0f} m" if size < _METRES_A_KM else f"{metres / _METRES_A_KM:.{digits}f} km"
    return sign + text.replace("-", "\N{MINUS SIGN}")


def format_minutes(seconds: float | None) -> str:
    """Return a time span in minutes; an unknown one as a dash."""
    if seconds is None or seconds != seconds:  # noqa: PLR0124 - nan
        return "–"
    return f"{seconds / 60:.1f} min"


def format_clock(seconds: float) -> str:
    """Return seconds since midnight as ``HH:MM``."""
    whole = round(seconds / 60)
    return f"{whole // 60:02d}:{whole % 60:02d}"
