"""The bar over results that the plan has left behind: one look and one button on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from views.i18n import say
from views.widgets.markup import element, show


def stale_bar(name: str, again: Callable[..., None], args: tuple[Any, ...] = (), *, again_text: str = "") -> None:
    """Show that a result is out of date, with the one button that computes it anew.

    Parameters
    ----------
    name
        Name of the result; the button's key is ``again_<name>``.
    again, args
        What the button calls.
    again_text
        What the button says; "recompute" when empty.
    """
    with st.container(key=f"stale_{name}", horizontal=True, vertical_alignment="center", gap="small"):
        show(element("b", say("结果已过期"), css="rs-stale-bar"))
        st.button(again_text or say("重新计算"), key=f"again_{name}", on_click=again, args=args)
