"""Side card of a road: owner, agency, votes, distance to the seam, and how to judge its class anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from plan.decisions import Decision
from plan.model import Plan
from views.catalogue import Words
from views.i18n import format_km, say, term
from views.map.palette import owner_style
from views.pictures.owners import owner_styles
from views.search import middle_of_segment
from views.state import Desk, Selection, current_desk
from views.widgets.boundary_acts import show_agency_lock, show_comments, show_lock, show_road_dispute, told_comments
from views.widgets.boundary_work import act, way_key
from views.widgets.parts import bars, empty, facts, heading, labelled, note, section, sentence, warn
from views.widgets.safe_text import one_line

_LONGEST_REASON = 200
_COLORS = {"ordinary": owner_style(0, Words("")).color, "expressway": owner_style(1, Words("")).color}


def show_segment(desk: Desk, chosen: Selection) -> None:
    """Show the card of a segment."""
    plan = desk.plan
    network = plan.derived.network
    row = network.row_of_segment.get(chosen.id)
    if row is None:
        empty(
            say("已不在图上"),
            say("界点移动后路段已重新切分，请在图上重新点击。"),
        )
        return
    name = network.text("name", row) or network.text("ref", row) or say("未命名道路")
    told = [network.text("ref", row), told_comments(plan, chosen)]
    heading(f"{say('路段')} · {term(_class_of(plan, row))}", name, " · ".join(filter(None, told)))
    _show_owner(plan, row, chosen)
    _show_votes(plan, row)
    _show_agency(desk, row)
    _show_dispute(plan, row)
    section(say("可以做什么"))
    show_lock(desk, chosen)
    base = plan.network.segment_ids[int(plan.derived.ownership.cut.base[row])]
    if plan.derived.owner[row] != "contested":
        show_road_dispute(desk, base, title=say("{name}的管辖", name=one_line(name, limit=40)))
    show_comments(desk, chosen)
    _show_override(desk, row)


def _class_of(plan: Plan, row: int) -> str:
    from geo.classes import RoadClass

    return RoadClass(int(plan.derived.network.segment_class[row])).name.lower()


def _show_owner(plan: Plan, row: int, chosen: Selection) -> None:
    network, derived = plan.derived.network, plan.derived
    styles, index = owner_styles(plan.agencies)
    owner, agency = derived.owner[row], derived.agency[row]
    style = styles[index.get(owner if owner in {"contested", "none"} else agency, index["none"])]
    names = {a.id: f"{a.letter} {a.name}" for a in plan.agencies}
    place = chosen.place or middle_of_segment(network, row)
    answer = derived.whose.ask(*place)
    far = answer.distance_to_seam_m
    direction = (bool(network.forward[row]), bool(network.backward[row]))
    facts(
        [
            (say("归属"), labelled(style.color, term(owner), second=style.second)),
            (say("单位"), names.get(agency, agency) if owner != "none" else ""),
            (
                say("距界点"),
                format_km(far) if far < float("inf") else say("无界点可达"),
            ),
            (say("长度"), format_km(float(network.segments.length_m[row]))),
            (say("通行"), say("双向") if all(direction) else say("单向")),
            (say("路段号"), chosen.id),
        ]
    )


def _show_votes(plan: Plan, row: int) -> None:
    section(say("为什么"))
    votes = plan.derived.ownership.reasons(row)
    bars(
        [
            (term(str(v["vote"])), float(str(v["evidence_m"])), _COLORS[str(v["for"])], "")
            for v in votes
            if "evidence_m" in v
        ]
    )
    law = str(votes[0].get("source", ""))
    lines: list[tuple[str, Any]] = [(say("法条"), law)] if is_law(law) else []
    for vote in votes:
        if "points" in vote:
            lines.append((term(str(vote["vote"])), f"{vote['points']} → {term(str(vote['for']))}"))
        if "main_line_m" in vote:
            text = say("区域内高速主线 ") + format_km(float(str(vote["main_line_m"])))
            lines.append((term(str(vote["vote"])), text))
    facts(lines)
    sources = [str(part.get("source", "")) for vote in votes for part in (vote, *inner_votes(vote))]
    told = "；".join(dict.fromkeys(term(one) for one in sources if one))
    note(say("橙 = 高速，蓝 = 普通；依据：") + told)


def is_law(source: str) -> bool:
    """Whether a source is Chinese law or regulation; standards, wikis and our own values have Latin names."""
    return not source.isascii()


def inner_votes(vote: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return the single votes that a sum of points is made of."""
    found = vote.get("votes")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def _show_dispute(plan: Plan, row: int) -> None:
    if plan.derived.owner[row] != "contested":
        return
    base = plan.network.segment_ids[int(plan.derived.ownership.cut.base[row])]
    for dispute in plan.open_disputes:
        if base not in dispute.value.get("segments", ()):
            continue
        section(say("争议") + f" {dispute.key}")
        sentence(str(dispute.value.get("title", "")))
        for side, position in dispute.value.get("positions", {}).items():
            facts([(term(str(side)), str(position.get("text", "")))])
        law, above = str(dispute.value.get("law", "")), str(dispute.value.get("next_authority", ""))
        note(f"{law} · {above}" if above else law)


def _show_agency(desk: Desk, row: int) -> None:
    """Show why the road's agency has it, and lead to the agency's stretches."""
    derived = desk.plan.derived
    told = derived.settlement.assignment.reason(row)
    agency = str(told["agency"])
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies}
    section(say("为什么是这个单位"))
    state = derived.settlement.state[row]
    facts(
        [
            (say("单位"), names.get(agency, term(agency))),
            (say("依据"), why_words(str(told["why"]))),
            (say("管段"), str(told.get("stretch", ""))),
            (say("理由"), str(told.get("reason", ""))),
            (say("状态"), term(state) if state != "owned" else ""),
        ]
    )
    if agency in names:
        show_agency_lock(desk, agency, name=names[agency].split(" ")[0])


def why_words(why: str) -> str:
    """Return why an agency has a road, in words."""
    words = {
        "ordinary": say("普通公路归属地大队"),
        "only": say("只有一个高速大队"),
        "stretch": say("管段表"),
        "concurrency": say("共线规则"),
        "ruling": say("共线裁定"),
        "overlap": say("管段重叠，取先列者"),
        "nearest": say("管段表未列，归路网最近的大队"),
        "gap": say("管段之间有空档"),
        "beyond": say("管段表之外，不在本区"),
        "town": say("乡镇边界"),
        "outside": say("所有乡镇边界之外"),
    }
    return words.get(why, why)


def _show_override(desk: Desk, row: int) -> None:
    plan = desk.plan
    key = way_key(plan, row)
    made: Decision | None = plan.latest("override_class").get(key)
    if made is not None:
        side = term(str(made.value.get("class", "")))
        warn(say("已改判为{side}：{why}", side=side, why=made.why), kind="note")
    with st.expander(say("改判路段类别")):
        sides = ("expressway", "ordinary")
        with st.form("override", border=False):
            st.radio(say("改判为"), sides, format_func=term, key="override_side", horizontal=True)
            st.text_input(say("理由（必填）"), key="override_why", max_chars=_LONGEST_REASON)
            st.form_submit_button(
                say("改判整条道路（way）"),
                on_click=_override,
                args=(key,),
                disabled=desk.newest is not None,
                width="stretch",
            )


def _override(key: str) -> None:
    desk = current_desk()
    why = str(st.session_state.get("override_why", "")).strip()
    side = str(st.session_state.get("override_side", ""))
    if not why:
        desk.message = "改判需要理由，请填写文件号或现场情况。 / give a reason: a document or what was seen on site."
        return
    act(desk, Decision("override_class", key, {"class": side}, why=why))
