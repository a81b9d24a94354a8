"""Option cards: what each place of the seam means for both sides, at one station or at all; preview, then adopt."""

from __future__ import annotations

import streamlit as st

from plan.decisions import Decision
from plan.incremental import placed_seams
from plan.model import EVERY_STATION, Plan
from plan.options import AGREED, Option
from views.i18n import format_km, format_number, say, say_in, term
from views.map.palette import text_color
from views.pictures.owners import owner_styles
from views.pictures.points import NOT_OURS
from views.state import Desk, Target, current_desk
from views.widgets.boundary_drag import Drag, present_drag, result_of, start_drag, withdraw
from views.widgets.boundary_prices import Prices, prices_of, watch_prices
from views.widgets.boundary_work import act, seams_at
from views.widgets.markup import Markup, Part, element, show
from views.widgets.meeting_work import sides_of
from views.widgets.safe_text import one_line, plain

CONVENTIONS = ("toll_island", "plaza_outer_edge", "ramp_end")
"""Conventions that need nothing but the map; the others need a survey or a meeting."""
LAND = "land_boundary"
HEIGHT_PX = 208
"""What the row of cards and the line below it cover of the map's upper edge."""
_PREVIEW = "preview"
_SIDES = ("local", "expressway")
_NOTHING_M = 5.0


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
    preview: tuple[str, str] | None = desk.extra.get(_PREVIEW) or None
    if preview is not None and preview[1] != scope_of(desk):
        desk.extra[_PREVIEW] = preview = None
    return preview


def placed_at(plan: Plan, scope: str) -> dict[str, str]:
    """Return seam id to the key of the decision that placed it, for the seams of one station."""
    placed = placed_seams(plan)
    here = {s.id for s in seams_at(plan, scope)}
    return {ident: key for ident, key in placed.items() if ident in here}


def present_convention(plan: Plan, scope: str) -> str:
    """Return what is in force at a station (a convention, or ``agreed``), or the convention for all of them."""
    if scope == EVERY_STATION:
        return plan.convention
    return AGREED if placed_at(plan, scope) else plan.choices.of_station(scope)


def show_options(desk: Desk) -> None:
    """Show one card an option; the numbers follow when they are known."""
    scope, drag = scope_of(desk), present_drag(desk)
    prices = prices_of(desk, scope)
    present = present_convention(desk.plan, scope)
    names = [*CONVENTIONS, *([LAND] if desk.plan.choices.land or scope != EVERY_STATION else [])]
    with st.container(key="options_row", horizontal=True, gap="small"):
        for name in names:
            _show_card(desk, name, scope, prices=prices, present=present)
        if scope != EVERY_STATION:
            _show_agreed(desk, scope, prices, drag=drag)
    station = next((s for s in desk.plan.stations if s.id == scope), None)
    about = one_line(station.name or station.id, limit=24) if station else say("全部收费站")
    with st.container(key="options_about", horizontal=True, gap="small"):
        show(element("div", say("划界方式："), element("b", about), css="rs-scope"))
        if prices is None:
            watch_prices()
        elif prices.error:
            show(element("div", say("数字算不出来，可以照常预览和采用。"), css="rs-scope"))
        elif desk.is_read_only:
            show(element("div", say("只读：可以预览，不能采用。"), css="rs-scope"))


def _show_card(desk: Desk, name: str, scope: str, *, prices: Prices | None, present: str) -> None:
    """Show the card of a convention; the whole card is the button that previews it."""
    is_present, is_previewed = name == present, present_preview(desk) == (name, scope)
    mark = "now" if is_present else "preview" if is_previewed else "other"
    with st.container(key=f"option_{mark}_{name}", border=True, gap=None):
        if name == LAND and not desk.plan.choices.land:
            show(_title(name, ""), element("p", say("没有用地界桩资料。"), css="rs-option-hint"))
            return
        option = prices.options.get(name) if prices else None
        show(_title(name, "●" if is_present else ""), _grid(desk.plan, option, is_known=prices is not None))
        if not is_present:
            label = say("退出预览") if is_previewed else say("预览")
            st.button(f"{label} {plain(term(name))}", key=f"preview_{name}", on_click=_preview, args=(name, scope))
        with st.container(key=f"option_foot_{name}", horizontal=True, vertical_alignment="center", gap="xsmall"):
            words: list[Part] = [element("b", say_in("short", "现行")), " "] if is_present else []
            show(element("span", *words, _judgement(option)))
            if not is_present:
                st.button(
                    say("采用"),
                    key=f"adopt_{name}",
                    type="primary" if is_previewed else "secondary",
                    on_click=_adopt,
                    args=(name, scope),
                    disabled=desk.is_read_only,
                )


def _judgement(option: Option | None) -> str:
    if option is None or not option.response_s:
        return ""
    return say("互有得失") if option.is_pareto else say("劣于他案")


def _show_agreed(desk: Desk, scope: str, prices: Prices | None, *, drag: Drag | None) -> None:
    """Show the card of a place that people agree on: present, in hand, or how to begin."""
    plan, placed = desk.plan, placed_at(desk.plan, scope)
    held = result_of(desk, drag) if drag else None
    mark = "preview" if drag else "now" if placed else "other"
    with st.container(key=f"option_{mark}_{AGREED}", border=True, gap=None):
        if held is not None:
            show(_title(AGREED, ""), _grid(plan, held.option, is_known=True))
        elif placed and not drag:
            option = prices.options.get(AGREED) if prices else None
            show(_title(AGREED, "●"), _grid(plan, option, is_known=prices is not None))
        else:
            hint = say("拖动图上的圆点，数字随动。") if drag else say("在图上沿路拖动界点，数字随动。")
            show(_title(AGREED, ""), element("p", hint, css="rs-option-hint"))
        with st.container(key=f"option_foot_{AGREED}", horizontal=True, vertical_alignment="center", gap="xsmall"):
            if drag:
                show(element("span", say("右侧填理由后采用") if held else ""))
                return
            show(element("span", element("b", say_in("short", "现行")) if placed else ""))
            seam = _seam_to_move(desk, scope)
            if seam:
                st.button(say("拖动"), key="drag_from_card", on_click=start_drag, args=(seam,))


def _seam_to_move(desk: Desk, scope: str) -> str:
    """Return the seam that is moved from the card: the selected one, else the weakest of the station."""
    seams = seams_at(desk.plan, scope)
    if desk.selection.kind == "seam" and desk.selection.id in {s.id for s in seams}:
        return desk.selection.id
    return min(((s.margin_m, s.id) for s in seams), default=(0.0, ""))[1]


def _title(name: str, mark: str) -> Markup:
    parts: list[Part] = [element("span", term(name))]
    if mark:
        parts.append(element("span", mark))
    return element("div", *parts, css="rs-option-title", title=term(name))


def _grid(plan: Plan, option: Option | None, *, is_known: bool) -> Markup:
    """Return the numbers of a card for both sides; three dots until they are known."""
    styles, index = owner_styles(plan.agencies)
    blank = "–" if is_known else "…"
    gains = sides_of(plan, option) if option else {}
    colors = [text_color(styles[_style_of(plan, side, index)].color) for side in _SIDES]
    heads = [
        element("th", element("b", name, style=f"color:{color}"), css="rs-number")
        for name, color in zip((say_in("side", "普通"), say_in("side", "高速")), colors, strict=True)
    ]
    rows = [element("tr", element("th", ""), *heads)]
    cells = {
        "km": [signed_km(gains[side]) for side in _SIDES] if option else [],
        "p90": [minutes_text(option.response_s.get(side, {}).get("p90")) for side in _SIDES] if option else [],
        say("案件"): [signed_count(option.cases, gains[side]) for side in _SIDES] if option else [],
        say_in("short", "桥"): [signed_count(option.bridges, gains[side]) for side in _SIDES] if option else [],
    }
    for name, texts in cells.items():
        values = [element("td", text, css="rs-number") for text in (texts or (blank, blank))]
        rows.append(element("tr", element("td", name, css="rs-name"), *values))
    return element("table", element("tbody", *rows), css="rs-option")


def _style_of(plan: Plan, side: str, index: dict[str, int]) -> int:
    """Return the style of a side: the district's brigade, or the first expressway brigade."""
    first = next((a.id for a in plan.agencies if (a.kind == "local") == (side == "local")), "")
    return index.get(first, index["none"])


def signed_km(metres: float) -> str:
    """Return kilometres gained or lost with two decimals, 0 for what rounds to nothing."""
    return "0" if abs(metres) < _NOTHING_M else format_number(metres / 1000, digits=2, signed=True)


def minutes_text(seconds: float | None) -> str:
    """Return minutes with one decimal and a prime, a dash where nobody knows."""
    return "–" if seconds is None else f"{format_number(seconds / 60, digits=1)}′"


def signed_count(count: int, gain_m: float) -> str:
    """Return how many change hands, with the sign of the side's gain."""
    return "0" if not count or not gain_m else f"{'+' if gain_m > 0 else chr(0x2212)}{count}"


def moved_metres(before: Plan, after: Plan) -> dict[str, float]:
    """Return agency id to the metres it gains, below zero what it loses."""
    old, new = before.derived.ledger.of("agency"), after.derived.ledger.of("agency")
    return {key: (new.get(key, 0) - old.get(key, 0)) / 1000 for key in sorted({*old, *new})}


def moved_facts(before: Plan, after: Plan) -> list[tuple[str, str]]:
    """Return each agency's name and what it gains, for a card."""
    names = {a.id: f"{a.letter} {a.name}" for a in before.agencies}
    moved = moved_metres(before, after)
    return [(names.get(a, term(a)), format_km(m, signed=True)) for a, m in moved.items() if abs(m) >= 1]


def _preview(name: str, scope: str) -> None:
    desk = current_desk()
    desk.extra["drag"] = None
    if desk.extra.get(_PREVIEW) == (name, scope):
        desk.extra[_PREVIEW] = None
        return
    desk.extra[_PREVIEW] = (name, scope)
    station = next((s for s in desk.plan.stations if s.id == scope), None)
    if station is not None:
        desk.jump(Target(place=(station.lon, station.lat), zoom=15.0))


def _adopt(name: str, scope: str) -> None:
    desk = current_desk()
    desk.extra[_PREVIEW] = desk.extra["drag"] = None
    adopt(desk, name, scope)


def adopt(desk: Desk, name: str, scope: str) -> bool:
    """Choose a convention; seams that were placed at the station go back to it, and what is locked refuses."""
    land = [ring.tolist() for ring in desk.plan.choices.land] if name == LAND else []
    value = {"convention": name, "land": land} if land else {"convention": name}
    placed = placed_at(desk.plan, scope) if scope != EVERY_STATION else {}
    gone = [withdraw(key) for key in dict.fromkeys(placed.values())]
    return act(desk, *gone, Decision("choose_convention", scope, value))
