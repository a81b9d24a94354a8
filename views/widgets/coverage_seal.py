"""The tab for emergencies: sealing the exits, or the card of an incident."""

from __future__ import annotations

import streamlit as st

from geo.errors import RoadseamError
from views.i18n import say
from views.state import Desk
from views.widgets.coverage_incident import incident_marks, incident_picture, show_incident
from views.widgets.coverage_jobs import recall
from views.widgets.coverage_roads import tell_conditions
from views.widgets.map_view import Mark, Picture
from views.widgets.sealing import sealed_marks, sealed_picture, show_seal

_MODE = "seal_mode"


def show_emergency(desk: Desk) -> None:
    """Show sealing or incident."""
    modes = {"seal": say("封控出口"), "incident": say("突发事件")}
    mode = st.segmented_control(
        say("内容"),
        list(modes),
        format_func=modes.__getitem__,
        key=recall(desk, _MODE, "seal"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    tell_conditions(desk)
    if mode == "incident":
        show_incident(desk)
    else:
        show_seal(desk)


def _is_incident() -> bool:
    return st.session_state.get(_MODE) == "incident"


def emergency_picture(desk: Desk) -> Picture | None:
    """Return what the map shows for it, None for the coverage."""
    try:
        return incident_picture(desk) if _is_incident() else sealed_picture(desk)
    except RoadseamError:
        return None


def emergency_marks(desk: Desk) -> list[Mark]:
    """Return what is marked over the map."""
    return incident_marks(desk) if _is_incident() else sealed_marks(desk)
