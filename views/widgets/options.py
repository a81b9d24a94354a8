"""Option cards: what each convention would move, for one station or for all; preview, then adopt."""

from __future__ import annotations

import streamlit as st

from plan.model import EVERY_STATION, Plan
from views.i18n import format_km, say, term
from views.map.palette import text_color
from views.pictures.owners import owner_styles
from views.pictures.points import NOT_OURS
from views.state import Desk, Target, current_desk
from views.widgets.markup import element, show
from views.widgets.safe_text import one_line

CONVENTIONS = ("toll_island", "plaza_outer_edge", "ramp_end")
"""Conventions that need nothing but the map; the others need a survey or a meeting."""
_PREVIEW = "preview"
_MOST_AGENCIES = 3


def scope_of(desk: Desk) -> str:
    """Return what the option cards are about: the selected station, else all stations."""
    chosen = desk.selection
    ours = {s.id: s for s in desk.plan.stations if s.kind not in NOT_OURS}
    if chosen.kind == "station" and chosen.id in ours:
        return chosen.id
    if chosen.kind == "seam":
        seam = next((s for s in desk.plan.derived.ownership.seams if s.id == chosen.id), None)
        if seam is not None and seam.station in ours:
            return seam.station
    return EVERY_STATION


def present_preview(desk: Desk) -> tuple[str, str] | None:
    """Return convention and scope of the running preview; it ends when something else is selected."""
    preview: tuple[str, str] | None = desk.extra.get(_PREVIEW)
    if preview is not None and preview[1] != scope_of(desk):
        desk.extra[_PREVIEW] = preview = None
    return preview


def present_convention(plan: Plan, scope: str) -> str:
    """Return the convention in force at a station, or at all of them."""
    return plan.convention if scope == EVERY_STATION else plan.choices.of_station(scope)


def show_options(desk: Desk) -> None:
    """Show one card a convention with the kilometres it moves."""
    scope = scope_of(desk)
    present = present_convention(desk.plan, scope)
    with st.container(key="options_row", horizontal=True, gap="small"):
        for name in CONVENTIONS:
            is_present, is_previewed = name == present, present_preview(desk) == (name, scope)
            mark = "now" if is_present else "preview" if is_previewed else "other"
            with st.container(key=f"option_{mark}_{name}", border=True, gap="xsmall"):
                _show_option(desk, name, scope)
                if is_present:
                    show(element("div", say("现行"), css="rs-present"))
                else:
                    _show_buttons(name, scope, is_previewed=is_previewed)
    station = next((s for s in desk.plan.stations if s.id == scope), None)
    about = one_line(station.name or station.id, limit=24) if station else say("全部收费站")
    show(element("div", say("划界方式："), element("b", about), css="rs-scope"))


def _show_option(desk: Desk, name: str, scope: str) -> None:
    plan = desk.plan
    styles, index = owner_styles(plan.agencies)
    same = name == present_convention(plan, scope)
    after = plan if same else desk.with_convention(name, scope)[1]
    moved = moved_metres(plan, after)
    rows = []
    for agency in sorted(plan.agencies, key=lambda a: (a.kind != "local", -abs(moved.get(a.id, 0.0)), a.id))[
        :_MOST_AGENCIES
    ]:
        color = text_color(styles[index[agency.id]].color) if agency.id in index else "inherit"
        letter = element("td", element("b", agency.letter, style=f"color:{color}"))
        rows.append(
            element("tr", letter, element("td", format_km(moved.get(agency.id, 0.0), signed=True), css="rs-number"))
        )
    title = [term(name), " ●"] if same else [term(name)]
    show(element("div", *title, css="rs-option-title"), element("table", element("tbody", *rows), css="rs-option"))


def moved_metres(before: Plan, after: Plan) -> dict[str, float]:
    """Return agency id to the metres it gains, below zero what it loses."""
    old, new = before.derived.ledger.of("agency"), after.derived.ledger.of("agency")
    return {key: (new.get(key, 0) - old.get(key, 0)) / 1000 for key in sorted({*old, *new})}


def _show_buttons(name: str, scope: str, *, is_previewed: bool) -> None:
    with st.container(key=f"option_buttons_{name}", horizontal=True, gap="xsmall"):
        label = say("退出") if is_previewed else say("预览")
        st.button(label, key=f"preview_{name}", on_click=_preview, args=(name, scope))
        st.button(
            say("采用"),
            key=f"adopt_{name}",
            type="primary" if is_previewed else "secondary",
            on_click=_adopt,
            args=(name, scope),
        )


def _preview(name: str, scope: str) -> None:
    desk = current_desk()
    if desk.extra.get(_PREVIEW) == (name, scope):
        desk.extra[_PREVIEW] = None
        return
    desk.extra[_PREVIEW] = (name, scope)
    station = next((s for s in desk.plan.stations if s.id == scope), None)
    if station is not None:
        desk.jump(Target(place=(station.lon, station.lat), zoom=15.0))


def _adopt(name: str, scope: str) -> None:
    desk = current_desk()
    desk.extra[_PREVIEW] = None
    desk.decide("choose_convention", scope, {"convention": name})
