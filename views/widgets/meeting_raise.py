"""Raise a dispute from the card of a station or a seam: both sides name where the seam should lie."""

from __future__ import annotations

import numpy as np
import streamlit as st

from geo.errors import InputError, RoadseamError
from jurisdiction.ownership import Seam
from plan.decisions import Decision
from plan.disputes import SIDES, Claim, open_dispute
from plan.model import Plan
from views.i18n import say, say_in, term
from views.state import Desk, current_desk
from views.widgets.meeting_cards import read_only_reason
from views.widgets.meeting_words import side_word
from views.widgets.meeting_work import meeting_of, require_writable, today
from views.widgets.parts import go, note, warn

_CONVENTIONS = ("toll_island", "plaza_outer_edge", "ramp_end")
_LONGEST = 80


def show_raise(desk: Desk, station: str, *, title: str, seam: Seam | None = None) -> None:
    """Show the form that raises a dispute about a station, or about a seam that has none."""
    with st.expander(say("提出争议")):
        if desk.is_read_only:
            note(read_only_reason(desk))
        with st.form("raise", border=False):
            named = f"raise_title_{station or (seam.id if seam else '')}"
            st.text_input(say("争议名称"), value=title, key=named, max_chars=_LONGEST)
            if station:
                for side, first in zip(SIDES, ("toll_island", "ramp_end"), strict=True):
                    st.selectbox(
                        say("{side}主张", side=side_word(side)),
                        _CONVENTIONS,
                        index=_CONVENTIONS.index(first),
                        format_func=term,
                        key=f"raise_{side}",
                    )
            else:
                note(say("争议路段：此界点相邻的路段。"))
            st.form_submit_button(
                say_in("short", "提出争议"),
                key="raise_write",
                on_click=_raise,
                args=(station, seam.id if seam else ""),
                disabled=desk.is_read_only,
                width="stretch",
            )
        if desk.extra.get("raised"):
            number = str(desk.extra["raised"])
            warn(say("已提出争议 {number}。", number=number), kind="note")
            st.button(say("到会商"), key="raise_go", on_click=_go, args=(number,), width="stretch")


def _go(number: str) -> None:
    desk = current_desk()
    desk.extra.pop("raised", None)
    go("meeting")
    meeting_of(desk).number = number


def _raise(station: str, seam: str) -> None:
    desk = current_desk()
    title = str(st.session_state.get(f"raise_title_{station or seam}") or "").strip()
    conventions = {side: str(st.session_state.get(f"raise_{side}") or "") for side in SIDES} if station else {}
    try:
        require_writable(desk)
        decision = raise_dispute(desk.plan, station, seam=seam, title=title, conventions=conventions, when=today())
        desk.history = desk.history.decide(decision)
    except RoadseamError as error:
        desk.message = str(error)
        return
    desk.extra["raised"] = decision.key
    desk.is_moved = True


def raise_dispute(
    plan: Plan, station: str, *, seam: str, title: str, conventions: dict[str, str], when: str
) -> Decision:
    """Return the decision that opens a dispute.

    Parameters
    ----------
    plan, station
        The plan, and the station's id or ``""``.
    seam
        Id of the seam, used where there is no station.
    title
        Its name.
    conventions
        Side to the convention it proposes; the disputed metres are those the two differ by.
    when
        ISO date.

    Raises
    ------
    InputError
        There is no name, or both sides would own the same metres.
    """
    if not title:
        msg = "请给争议取名，例如“东岗收费站界点”。 / give the dispute a name."
        raise InputError(msg)
    segments = _between(plan, station, conventions) if station else _beside(plan, seam)
    if not segments:
        msg = (
            "双方主张没有差别，没有争议路段；请改选划界方式。 / both positions are the same: choose another convention."
        )
        raise InputError(msg)
    number = next_number(plan, when)
    opened = open_dispute(plan, number, Claim(title, segments, station=station), when=when).decisions[-1]
    positions = {side: {"text": "", "convention": name} for side, name in conventions.items()}
    return Decision(opened.kind, number, {**opened.value, "positions": positions}, when=opened.when)


def next_number(plan: Plan, when: str) -> str:
    """Return the next free number of a dispute of that year: ``D-2026-03``."""
    year = when[:4]
    taken = plan.latest("open_dispute")
    number = 1
    while f"D-{year}-{number:02d}" in taken:
        number += 1
    return f"D-{year}-{number:02d}"


def _between(plan: Plan, station: str, conventions: dict[str, str]) -> tuple[str, ...]:
    """Return the segments that the two conventions give to different agencies."""
    owned: list[set[tuple[int, str]]] = []
    for side in SIDES:
        after = plan.decide(Decision("choose_convention", station, {"convention": conventions[side]}))
        owned.append(set(zip(after.derived.ownership.cut.base.tolist(), after.derived.agency, strict=True)))
    rows = sorted({row for row, _ in owned[0] ^ owned[1]})
    return tuple(plan.network.segment_ids[row] for row in rows)


def _beside(plan: Plan, ident: str) -> tuple[str, ...]:
    """Return the segments that meet at a seam."""
    seam = next((s for s in plan.derived.ownership.seams if s.id == ident), None)
    if seam is None:
        return ()
    cut = plan.derived.ownership.cut
    rows = np.unique(cut.base[np.array([*seam.expressway, *seam.ordinary], dtype=np.int64)])
    return tuple(plan.network.segment_ids[row] for row in rows.tolist())
