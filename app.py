"""Front door of the screens: ``streamlit run app.py``, or ``roadseam app [PLAN]``."""

from __future__ import annotations

import streamlit as st

from geo.errors import RoadseamError
from views.i18n import pick_sentence, say
from views.state import open_desk
from views.widgets import frame
from views.widgets.parts import empty


def main() -> None:
    """Show the page that the person is on."""
    st.set_page_config(page_title="路界 Roadseam", page_icon="🛣️", layout="wide", initial_sidebar_state="collapsed")
    frame.dress()
    frame.read_address()
    frame.sweep_once()
    try:
        with st.spinner(say("正在打开方案、划分管辖 …")):
            desk = open_desk()
            _ = desk.plan
    except RoadseamError as error:
        empty(say("方案打不开"), pick_sentence(str(error)))
        st.stop()
    desk.is_moved = False
    if frame.page_of(desk).whole is not None:
        frame.show_whole()
        return
    frame.show_rail(desk)
    frame.show_bar(desk)
    frame.show_stage()
    frame.show_foot(desk)


main()
