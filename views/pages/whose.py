"""Whose road 查询: whose is this place? One box, one sentence, why, whom to call."""

from __future__ import annotations

import streamlit as st

from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import RoadseamError
from jurisdiction.agencies import Agency
from jurisdiction.whose import Answer, Candidate
from plan.model import Plan
from views.i18n import format_km, say, term
from views.map.palette import Words
from views.pages.page import Page
from views.pictures.owners import describe, draw_owners
from views.search import require_things
from views.state import Desk, Target, current_desk
from views.widgets.map_view import Mark, Picture
from views.widgets.markup import Part, element, show
from views.widgets.parts import empty, facts, heading, next_step, note, section, sentence, table

_SPOT = "spot"
_PLACES = frozenset({"segment", "station", "seam"})


def picture(desk: Desk) -> Picture:
    """Return the split."""
    plan = desk.plan
    return Picture(("owners", desk.key), lambda: draw_owners(plan), describe(plan))


def marks(desk: Desk) -> list[Mark]:
    """Return a ring around the place that was asked about."""
    spot = desk.extra.get(_SPOT)
    return [Mark((spot,))] if spot else []


def card(desk: Desk) -> None:
    """Show the box and the answer."""
    heading(say("这里归谁管？", "Whose is this place?"), say("查询", "Whose road"))
    st.text_input(
        say("地点", "Place"),
        key="where",
        on_change=_ask,
        label_visibility="collapsed",
        placeholder=say("经度,纬度 / 收费站 / 路名 / 路段号", "LON,LAT / station / road / segment id"),
    )
    spot = desk.extra.get(_SPOT)
    if spot is None:
        empty(
            say("输入一个地点，或点击地图", "Type a place, or click the map"),
            say("例如 118.6503,31.2742；坐标为 WGS-84。", "For example 118.6503,31.2742; coordinates are WGS-84."),
        )
    else:
        _show_answer(desk, spot)
    next_step("查看划界", "Look at the boundary", "boundary")


def _ask() -> None:
    desk = current_desk()
    text = str(st.session_state.get("where", ""))
    if not text.strip():
        return
    try:
        hit = require_things(desk.plan, text)[0]
    except RoadseamError as error:
        desk.message = str(error)
        return
    desk.extra[_SPOT] = (hit.lon, hit.lat)
    if hit.kind in _PLACES:
        desk.select(hit.kind, hit.id, (hit.lon, hit.lat))
    else:
        desk.clear()
    desk.jump(Target(place=(hit.lon, hit.lat), zoom=16.5))


def _show_answer(desk: Desk, spot: tuple[float, float]) -> None:
    plan = desk.plan
    answer = plan.derived.whose.ask(*spot)
    agencies = {agency.id: agency for agency in plan.agencies}
    show(element("p", *_sentence(answer, agencies), css="rs-answer"))
    st.code(say_answer(answer, agencies, spot), language=None, wrap_lines=True)
    if answer.owner == "outside":
        return
    if answer.owner == "ask":
        _show_candidates(answer, agencies)
    _show_reason(plan, answer)
    for agency in _concerned(answer, agencies):
        _show_contacts(agency)


def _name(agency_id: str, agencies: dict[str, Agency]) -> str:
    return agencies[agency_id].name if agency_id in agencies else term(agency_id)


def _far(answer: Answer) -> str:
    if answer.distance_to_seam_m == float("inf"):
        return say("附近无界点", "no seam in reach")
    return say("距界点 ", "") + format_km(answer.distance_to_seam_m) + say("", " to the seam")


def _road(answer: Answer) -> str:
    return answer.candidates[0].road if answer.candidates else ""


def _sentence(answer: Answer, agencies: dict[str, Agency]) -> list[Part]:
    """Return the answer in one sentence, the part that counts in bold."""
    details = say("，", ", ").join(part for part in (_road(answer), _far(answer)) if part)
    if answer.owner == "outside":
        far = format_km(answer.distance_m)
        return [element("b", term("outside")), say(f"：最近的道路在 {far} 以外", f": the nearest road is {far} away")]
    if answer.owner == "ask":
        return [element("b", term("ask")), say("：", ": "), _why_ask(answer)]
    if answer.owner in {"contested", "none"}:
        return [element("b", term(answer.owner)), say(f"（{details}）", f" ({details})")]
    name = _name(answer.agency, agencies)
    return [element("b", say("归", "") + name), say(f"（{details}）", f" ({details})")]


def _why_ask(answer: Answer) -> str:
    why = next((str(r["why"]) for r in answer.reason if r.get("vote") == "uncertain"), "")
    return _far(answer) if why == "near_seam" else term(why)


def say_answer(answer: Answer, agencies: dict[str, Agency], spot: tuple[float, float]) -> str:
    """Return the sentence to be copied into a message."""
    text = "".join(part if isinstance(part, str) else "" for part in _sentence(answer, agencies))
    if answer.owner == "outside":
        text = term("outside") + text
    elif answer.owner == "ask":
        both = " / ".join(dict.fromkeys(_name(c.agency, agencies) for c in answer.candidates))
        text = term("ask") + text + say(f"；可能归：{both}", f"; may be: {both}")
    elif answer.owner in {"contested", "none"}:
        text = term(answer.owner) + text
    else:
        text = say("归", "") + _name(answer.agency, agencies) + text
    lon, lat = spot
    return f"{lon:.6f},{lat:.6f} (WGS-84) {text}"


def _show_candidates(answer: Answer, agencies: dict[str, Agency]) -> None:
    section(say("候选", "Candidates"))
    nearest: dict[tuple[str, str], float] = {}
    for c in answer.candidates:
        nearest.setdefault((_candidate(c), _name(c.agency, agencies)), c.distance_m)
    rows = [(road, name, f"{far:.0f} m") for (road, name), far in nearest.items()]
    table((say("道路", "Road"), say("单位", "Agency"), say("距离", "Away")), rows)


def _candidate(candidate: Candidate) -> str:
    kind = CLASS_OF_HIGHWAY.get(candidate.highway)
    return candidate.road or (term(kind.name.lower()) if kind is not None else candidate.segment)


def _show_reason(plan: Plan, answer: Answer) -> None:
    section(say("为什么", "Why"))
    lines: list[tuple[str, str]] = [(say("最近的路段", "Nearest segment"), answer.segment)]
    lines.append((say("离道路", "Off the road"), format_km(answer.distance_m)))
    for reason in answer.reason:
        if "evidence_m" in reason:
            text = f"{term(str(reason['for']))} · {format_km(float(str(reason['evidence_m'])))}"
            lines.append((term(str(reason["vote"])), text))
        elif "points" in reason:
            lines.append((term(str(reason["vote"])), f"{reason['points']} → {term(str(reason['for']))}"))
        elif "main_line_m" in reason:
            lines.append((term(str(reason["vote"])), term(str(reason["for"]))))
    facts(lines)
    band = plan.derived.ownership.rules.uncertainty_m
    note(
        say(f"离界点或另一方道路 {band:.0f} m 以内须核实。", f"Within {band:.0f} m of a seam or a rival road: verify.")
    )


def _concerned(answer: Answer, agencies: dict[str, Agency]) -> list[Agency]:
    """Return the agencies to be called: the owner, or all candidates."""
    ids = [c.agency for c in answer.candidates] if answer.owner in {"ask", "contested"} else [answer.agency]
    return [agencies[ident] for ident in dict.fromkeys(ids) if ident in agencies]


def _show_contacts(agency: Agency) -> None:
    if not agency.contacts and not agency.office:
        return
    section(agency.name)
    if agency.office:
        sentence(say("驻地：", "Office: "), agency.office)
    if agency.contacts:
        rows = [(c.category, c.post, c.phone) for c in agency.contacts]
        table((say("业务", "Category"), say("联系岗位", "Contact post"), say("电话", "Phone")), rows)


WHOSE = Page(
    "whose",
    Words("查询", "Whose road"),
    Words("这里归谁管？", "Whose is this place?"),
    picture,
    card,
    marks=marks,
)
