"""Light, dark, or as the system has it: which colours the screens of this session wear."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import streamlit as st

from views.map.palette import FONTS, THEME, THEME_DARK

Scheme = Literal["auto", "light", "dark"]

SCHEMES: tuple[Scheme, ...] = ("auto", "light", "dark")
SCHEME_KEY = "scheme"
SHEETS = tuple(
    Path(__file__).resolve().parent / name
    for name in ("style.css", "controls.css", "boundary.css", "patrol.css", "coverage.css")
)


def scheme() -> Scheme:
    """Return the scheme of this session: that of the address, else that of the system."""
    if SCHEME_KEY not in st.session_state:
        set_scheme(str(st.query_params.get("theme", "")))
    chosen: Scheme = st.session_state[SCHEME_KEY]
    return chosen


def set_scheme(name: str) -> None:
    """Choose the scheme of this session; an unknown name is the system's."""
    st.session_state[SCHEME_KEY] = name if name in SCHEMES else "auto"


def next_scheme() -> Scheme:
    """Return the scheme after the present one, going round."""
    return SCHEMES[(SCHEMES.index(scheme()) + 1) % len(SCHEMES)]


@cache
def style_of(name: Scheme) -> str:
    """Return the style sheet of the screens in a scheme: custom properties, and the two sheets that use them."""
    light = f"color-scheme:light;--rs-light:initial;--rs-dark: ;{_properties(THEME)}"
    dark = f"color-scheme:dark;--rs-light: ;--rs-dark:initial;{_properties(THEME_DARK)}"
    root = {
        "light": f":root{{{light}}}@media (prefers-color-scheme:dark){{{_TURNED}}}",
        "dark": f":root{{{dark}}}@media (prefers-color-scheme:light){{{_TURNED}}}",
        "auto": f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}",
    }[name]
    sheets = "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
    return f"<style>:root{{--rs-fonts:{FONTS};}}{root}{sheets}</style>"


# Tables are drawn on a canvas in the colours of the system: where the person wants the others, the picture is turned.
_TURNED = '[data-testid="stDataFrame"]{filter:invert(0.88) hue-rotate(180deg);}'


def _properties(theme: dict[str, str]) -> str:
    return "".join(f"--rs-{name}:{color};" for name, color in theme.items())
