"""The incident card 突发事件: a road is clicked, and the duty desk reads who goes, where to turn, what to close."""

from __future__ import annotations

import math

import streamlit as st

from patrol.incident import Command, Detour, FirstCar, IncidentCard, make_card
from patrol.mainline import Closing
from views.i18n import choose, format_km, format_minutes, say
from views.pictures.incident import draw_incident
from views.pictures.owners import describe
from views.state import Desk, Target, current_desk, keep
from views.widgets.coverage_closures import road_name
from views.widgets.coverage_roads import agency_letter, agency_name, answering, conditions_key, index_of, roads_of
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, facts, note, section, sentence, strong, table
from views.widgets.safe_text import one_line

Place = tuple[float, float]


def incident_place(desk: Desk) -> Place | None:
    """Return where the incident is: the road that was clicked last."""
    if desk.selection.kind == "segment" and desk.selection.place is not None:
        return desk.selection.place
    spot: Place | None = desk.extra.get("spot")
    return spot


def card_of(desk: Desk, place: Place) -> IncidentCard:
    """Return the card of an incident at a place.

    Raises
    ------
    InputError
        The place is far from every road, or no unit can leave.
    """
    graph, units, owners, index = roads_of(desk), answering(desk), desk.plan.derived.holder, index_of(desk)
    at = (round(place[0], 6), round(place[1], 6))
    return keep(
        ("incident", *conditions_key(desk), at), lambda: make_card(graph, units, at=at, owners=owners, index=index)
    )


def show_incident(desk: Desk) -> None:
    """Show the card of the road that was clicked, or what to do."""
    place = incident_place(desk)
    if place is None:
        empty(say("哪里出事了？"), say("点选图上一段路：谁先到、在哪掉头、关哪些站、怎么绕行、谁指挥。"))
        return
    with st.spinner(say("正在计算 …")):
        card = card_of(desk, place)
    section(road_name(desk.plan, card.segment))
    first = card.first
    if first is None:
        sentence(strong(say("没有有权执法的车辆能到这里。")))
    else:
        car = say(
            "{unit}（{agency}）{minutes} 到",
            unit=one_line(first.unit, limit=20),
            agency=agency_letter(desk, first.agency),
            minutes=format_minutes(first.time_s),
        )
        sentence(say("最先到且有权："), strong(car))
    facts([(say("路权"), agency_name(desk, card.owner))])
    table(
        (say("各单位首车"), say("单元"), say("到场"), say("执法权")),
        [_car_row(desk, car) for car in card.cars],
        numbers=2,
    )
    _show_roads(card)
    section(say("谁指挥"))
    for command in card.commands:
        sentence(say_command(desk, command))
    note(say("行车按单行、封闭和高速掉头规则计算；行驶时间为估算*。"))


def _car_row(desk: Desk, car: FirstCar) -> tuple[str, str, str, str]:
    time = format_minutes(car.time_s) if math.isfinite(car.time_s) else say("到不了")
    return (
        agency_letter(desk, car.agency),
        one_line(car.unit, limit=14),
        time,
        say("有") if car.may_act else say("无，先期处置"),
    )


def _show_roads(card: IncidentCard) -> None:
    if card.closings:
        section(say("关站分流"))
        for closing in card.closings:
            sentence(say_closing(closing))
    if card.turn_rounds:
        section(say("下一处掉头"))
        for number, turn in enumerate(card.turn_rounds):
            where = one_line(turn.station, limit=24) or say("掉头口")
            st.button(
                f"{_way(turn.direction)} · {where} · {format_minutes(turn.time_s)}",
                key=f"row_turn_{number}",
                type="tertiary",
                width="stretch",
                on_click=_look_at,
                args=((turn.lon, turn.lat),),
            )
    section(say("绕行"))
    for detour in card.detours:
        sentence(say_detour(detour))
    if not card.detours:
        note(say("没有可绕行的普通道路。"))


def _look_at(place: Place) -> None:
    current_desk().jump(Target(place=place, zoom=15.0))


def _way(direction: int) -> str:
    return say("顺行") if direction > 0 else say("逆行")


def say_closing(closing: Closing) -> str:
    """Return what to close before an incident, in one sentence."""
    parts = []
    if closing.divert_at:
        away = format_km(closing.divert_m) if math.isfinite(closing.divert_m) else "–"
        parts.append(say("在 {station} 分流（距 {away}）", station=one_line(closing.divert_at, limit=20), away=away))
    if closing.close_entries:
        names = say("、").join(one_line(name, limit=20) for name in closing.close_entries)
        parts.append(say("关闭入口 {names}", names=names))
    what = say("；").join(parts) or say("上游没有可分流的出口")
    return say("{way}：{what}", way=_way(closing.direction), what=what)


def say_detour(detour: Detour) -> str:
    """Return a way round in one sentence: its roads in order, length and time."""
    names = [one_line(road, limit=20) for road, length in detour.roads if road and length >= _SHORTEST_M]
    shown = " → ".join(dict.fromkeys(names[:_MOST_ROADS])) or say("无名道路")
    more = " …" if len(names) > _MOST_ROADS else ""
    return say(
        "{way}：{roads}（{km}，{minutes}）",
        way=_way(detour.direction),
        roads=shown + more,
        km=format_km(detour.length_m),
        minutes=format_minutes(detour.time_s),
    )


_SHORTEST_M, _MOST_ROADS = 30.0, 6


def say_command(desk: Desk, command: Command) -> str:
    """Return who commands, with the name of the agency in place of its id."""
    name = agency_name(desk, command.agency)
    text = choose(command.text, command.text_en)
    for mark in ("：", ": "):
        text = text.replace(f"{mark}{command.agency} ", f"{mark}{name} ")
    return one_line(text, limit=120)


def incident_picture(desk: Desk) -> Picture | None:
    """Return the picture of the incident, None where none was clicked."""
    place = incident_place(desk)
    if place is None:
        return None
    card, graph, units = card_of(desk, place), roads_of(desk), answering(desk)
    key = ("incident", *conditions_key(desk), card.lon, card.lat)
    return Picture(key, lambda: draw_incident(graph, card, units), describe(desk.plan))


def incident_marks(desk: Desk) -> list[Mark]:
    """Return the place of the incident."""
    place = incident_place(desk)
    return [Mark((place,))] if place is not None else []
