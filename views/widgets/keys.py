"""Keys of the frame, each a button that names its key: B before, P and N previous and next, F full screen, Esc."""

from __future__ import annotations

import streamlit as st

from views.i18n import say
from views.state import Desk, Target, current_desk
from views.widgets.markup import element, show
from views.widgets.parts import told_as

BEFORE, FULL, STEP = "before", "full", "step"
MODES = (FULL, BEFORE, "drag", "preview", "proposal")
"""What Esc leaves, one after the other, before it clears the selection; each is false in the desk when it is off."""
_WALKED = frozenset({"network", "boundary"})
_ZOOM = 16.0


def show_keys(desk: Desk) -> None:
    """Show the buttons; what the page cannot do has none."""
    with st.container(key="keys", horizontal=True, vertical_alignment="center"):
        is_before, is_full = bool(desk.extra.get(BEFORE)), bool(desk.extra.get(FULL))
        if desk.page == "boundary":
            st.button(
                say("前 B"),
                key="key_before",
                type="primary" if is_before else "secondary",
                on_click=_toggle,
                args=(BEFORE,),
                disabled=not (desk.undo_steps or is_before),
                shortcut="B",
                help=say("显示本次决定之前（B）"),
            )
        if desk.page in _WALKED:
            st.button(
                told_as("‹ P", say("上一处")),
                key="key_previous",
                on_click=walk,
                args=(-1,),
                shortcut="P",
                help=say("上一处（P）"),
            )
            st.button(
                told_as("› N", say("下一处")),
                key="key_next",
                on_click=walk,
                args=(1,),
                shortcut="N",
                help=say("下一处（N）"),
            )
        st.button(
            told_as("F", say("全屏")),
            icon=":material/fullscreen:",
            key="key_full",
            type="primary" if is_full else "secondary",
            on_click=_toggle,
            args=(FULL,),
            shortcut="F",
            help=say("地图全屏（F）"),
        )
        if desk.selection or any(desk.extra.get(name) for name in MODES):
            st.button(
                told_as("Esc", say("退出")),
                key="key_leave",
                on_click=leave,
                shortcut="Esc",
                help=say("退出当前模式或取消选中（Esc）"),
            )
    if is_full:
        show(element("div", css="rs-full"))


def _toggle(name: str) -> None:
    desk = current_desk()
    desk.extra[name] = not desk.extra.get(name)
    desk.is_moved = True


def leave() -> None:
    """Leave the mode entered last: full screen, before, a preview, the selection."""
    desk = current_desk()
    for name in MODES:
        if desk.extra.get(name):
            desk.extra[name] = False
            return
    desk.clear()


def walk(by: int) -> None:
    """Go to the next or previous thing that wants a look, and come round at the end."""
    desk = current_desk()
    if desk.page == "network":
        _walk_findings(desk, by)
    elif desk.page == "boundary":
        _walk_seams(desk, by)


def take_step(desk: Desk) -> None:
    """Take the step that was asked for by a key pressed on the map."""
    by = desk.extra.pop(STEP, 0)
    if by:
        walk(by)


def _walk_findings(desk: Desk, by: int) -> None:
    from views.widgets.doctor import chosen_finding, listed_findings, look_at, step_place

    findings = listed_findings(desk)
    if not findings:
        desk.message = "没有发现，无处可跳。 / No finding to jump to."
        return
    chosen = chosen_finding(desk)
    # A finding may have many places: they come first, the next finding after the last of them.
    if chosen is not None and 0 <= chosen[1] + by < len(chosen[0].places):
        step_place(by)
        return
    at = findings.index(chosen[0]) if chosen else (-1 if by > 0 else len(findings))
    look_at((at + by) % len(findings))


def _walk_seams(desk: Desk, by: int) -> None:
    seams = sorted(desk.plan.derived.ownership.seams, key=lambda seam: (seam.margin_m, seam.id))
    if not seams:
        desk.message = "没有界点，无处可跳。 / No seam to jump to."
        return
    ids = [seam.id for seam in seams]
    is_seam = desk.selection.kind == "seam" and desk.selection.id in ids
    at = ids.index(desk.selection.id) if is_seam else (-1 if by > 0 else len(ids))
    seam = seams[(at + by) % len(seams)]
    place = (float(seam.lon), float(seam.lat))
    desk.select("seam", seam.id, place)
    desk.jump(Target(place=place, zoom=_ZOOM))
