"""The brigades' stretches: by route and stake with their kilometres, an end changed, everything of a brigade locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from jurisdiction.agencies import EXPRESSWAY, End, Stretch
from jurisdiction.stretchends import Located, stake_at
from jurisdiction.stretches import Span
from plan.agencies import claims_of, stretch_from, stretch_value, stretches_of
from plan.decisions import Decision
from plan.model import Plan
from views.i18n import choose, format_km, say, say_count
from views.state import Desk, Target, current_desk
from views.widgets.boundary_acts import show_agency_lock
from views.widgets.boundary_balance import show_balance
from views.widgets.boundary_work import act
from views.widgets.parts import empty, heading, section, warn
from views.widgets.safe_text import one_line, plain

_LONGEST = 80
_FIELDS = ("stretch_from", "stretch_to", "stretch_agency", "stretch_why")
_FOR = "stretch_for"


@dataclass(frozen=True)
class StretchRow:
    """A stretch as the table shows it: metres it holds, its ends as stakes or names, its box, and what is doubtful."""

    stretch: Stretch
    length_m: float
    ends: tuple[str, str]
    bounds: tuple[float, float, float, float] | None
    problems: tuple[tuple[str, str], ...]


def show_stretches(desk: Desk) -> None:
    """Show the stretches agency by agency, the form that changes one, and the balanced proposal."""
    plan = desk.plan
    rows = list_stretches(plan)
    total = sum(row.length_m for row in rows)
    heading(say("高速大队的管段"), say_count("{count} 个管段", len(rows)), format_km(total) if rows else "")
    if not rows:
        empty(say("没有管段表"), say("高速路段归路网最近的大队。可用“均衡划分”提出管段，或在命令行导入管段表。"))
    for agency in plan.agencies:
        if agency.kind != EXPRESSWAY:
            continue
        held = format_km(plan.derived.ledger.of("agency").get(agency.id, 0) / 1000)
        section(f"{agency.letter} {one_line(agency.name, limit=40)} · {held}")
        for number, row in enumerate(rows):
            if row.stretch.agency == agency.id:
                _show_row(number, row)
        show_agency_lock(desk, agency.id, name=agency.letter)
    if rows:
        _show_change(desk, rows)
    show_balance(desk)


def _show_row(number: int, row: StretchRow) -> None:
    name = f"{row.stretch.route} · {row.ends[0]} – {row.ends[1]}"
    told = [format_km(row.length_m), one_line(row.stretch.direction, limit=12), one_line(row.stretch.note, limit=60)]
    st.button(
        f"**{plain(name, limit=80)}**  \n{plain(' · '.join(filter(None, told)), limit=120)}",
        key=f"row_stretch_{number}",
        type="tertiary",
        width="stretch",
        on_click=_jump,
        args=(row.stretch.name,),
        disabled=row.bounds is None,
    )
    for zh, en in row.problems[:3]:
        warn(choose(zh, en))


def _jump(name: str) -> None:
    desk = current_desk()
    st.session_state["stretch_pick"] = name
    row = next((r for r in list_stretches(desk.plan) if r.stretch.name == name), None)
    if row is not None and row.bounds is not None:
        desk.jump(Target(bounds=row.bounds))


def list_stretches(plan: Plan) -> tuple[StretchRow, ...]:
    """Return the stretches in the order of the table, each with the metres it holds."""
    claims, derived = claims_of(plan), plan.derived
    assignment, network = derived.settlement.assignment, derived.network
    found = []
    for number, span in enumerate(claims.spans):
        pieces = np.flatnonzero(assignment.stretch == number)
        axis, calibration = claims.axes.get(span.stretch.route), claims.calibrations.get(span.stretch.route)
        texts = []
        for end, located in zip((span.stretch.start, span.stretch.end), _in_order(span), strict=True):
            stake = ""
            if located is not None and axis is not None and np.isfinite(located.middle_m):
                stake = stake_at(calibration, axis, min(max(located.middle_m, 0.0), axis.length_m))
            stake = stake.removeprefix(span.stretch.route).strip()
            texts.append(" ".join(dict.fromkeys(filter(None, (stake or end.stake, end.name)))) or say("路线端点"))
        length = float(network.segments.length_m[pieces].sum())
        problems = tuple((p.zh, p.en) for p in span.problems)
        found.append(StretchRow(span.stretch, length, (texts[0], texts[1]), _bounds(plan, pieces), problems))
    return tuple(found)


def _in_order(span: Span) -> tuple[Located | None, Located | None]:
    return (span.low, span.high) if span.start_is_low else (span.high, span.low)


def _bounds(plan: Plan, pieces: np.ndarray[tuple[int], np.dtype[np.intp]]) -> tuple[float, float, float, float] | None:
    if not len(pieces):
        return None
    seg, nodes = plan.derived.network.segments, plan.derived.network.nodes
    ends = np.concatenate((seg.u[pieces], seg.v[pieces]))
    lon, lat = nodes.lon[ends], nodes.lat[ends]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _show_change(desk: Desk, rows: Sequence[StretchRow]) -> None:
    plan = desk.plan
    named = {row.stretch.name: row for row in rows}
    with st.expander(say("改一个管段的端点")):
        pick = st.selectbox(
            say("管段"),
            list(named),
            key="stretch_pick",
            format_func=lambda key: one_line(f"{key} · {named[key].ends[0]} – {named[key].ends[1]}", limit=60),
        )
        stretch = named[str(pick)].stretch
        agencies = {a.id: f"{a.letter} {a.name}" for a in plan.agencies if a.kind == EXPRESSWAY}
        if st.session_state.get(_FOR) != (pick, desk.key):
            st.session_state[_FOR] = (pick, desk.key)
            st.session_state["stretch_from"], st.session_state["stretch_to"] = (
                end_text(end) for end in (stretch.start, stretch.end)
            )
            st.session_state["stretch_agency"] = stretch.agency if stretch.agency in agencies else next(iter(agencies))
            st.session_state["stretch_why"] = ""
        with st.form("stretch_change", border=False):
            st.text_input(say("起点（桩号、收费站、枢纽或区界）"), key="stretch_from", max_chars=_LONGEST)
            st.text_input(say("终点"), key="stretch_to", max_chars=_LONGEST)
            st.selectbox(say("归属大队"), list(agencies), key="stretch_agency", format_func=agencies.__getitem__)
            st.text_input(say("理由（必填）"), key="stretch_why", max_chars=200)
            st.form_submit_button(
                say("改这个管段"),
                key="stretch_write",
                on_click=_change,
                disabled=desk.is_read_only,
                width="stretch",
            )


def end_text(end: End) -> str:
    """Return an end as a person would type it: its stake, else its name, else its place."""
    return end.stake or end.name or ("" if end.place is None else f"{end.place[0]:.6f},{end.place[1]:.6f}")


def _change() -> None:
    desk = current_desk()
    start, end, agency, why = (str(st.session_state.get(key) or "").strip() for key in _FIELDS)
    change_stretch(desk, str(st.session_state.get("stretch_pick") or ""), (start, end), agency=agency, why=why)


def change_stretch(desk: Desk, name: str, ends: tuple[str, str], *, agency: str, why: str) -> bool:
    """Change ends or brigade of a stretch: one decision; an end that is not on the map is refused with its sentence."""
    plan = desk.plan
    old = next((s for s in stretches_of(plan) if s.name == name), None)
    if old is None:
        desk.message = "这个管段已不在表中，请重新选择。 / This stretch is no longer in the table: choose again."
        return False
    if not why:
        desk.message = "改管段需要理由，请填写文号或约定。 / Give a reason: the document or the agreement."
        return False
    parts = [text if text != end_text(end) else None for text, end in zip(ends, (old.start, old.end), strict=True)]
    typed = stretch_from(name, {"from": parts[0] or "", "to": parts[1] or ""})
    new = replace(
        old,
        agency=agency or old.agency,
        start=old.start if parts[0] is None else typed.start,
        end=old.end if parts[1] is None else typed.end,
    )
    if new == old:
        desk.message = "没有改动，请先改端点或大队。 / Nothing was changed: change an end or the brigade first."
        return False
    made = Decision("set_stretch", name, stretch_value(new), why=why)
    span = next((s for s in claims_of(plan.decide(made)).spans if s.stretch.name == name), None)
    if span is None or not span.is_resolved:
        told = span.problems[0] if span is not None and span.problems else None
        desk.message = f"{told.zh} / {told.en}" if told else "端点定位不了，请改写。 / An end cannot be located."
        return False
    return act(desk, made)
