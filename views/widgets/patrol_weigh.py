"""An overloaded truck: how much it may weigh, and to which weigh station it is taken."""

from __future__ import annotations

import streamlit as st

from geo.errors import RoadseamError
from patrol.weigh import Truck, find_weigh_stations, mass_limit_t, send_to_weigh
from views.i18n import format_km, format_minutes, format_number, pick_sentence, say
from views.state import Desk, graph_of, keep
from views.widgets.parts import facts, note, warn
from views.widgets.safe_text import one_line


def show_weigh(desk: Desk) -> None:
    """Show the truck's form and where it goes; the truck stands where the map was clicked last."""
    left, right = st.columns(2)
    axles = left.number_input(say("轴数"), 2, 12, 6, 1, key="truck_axles")
    mass_t = right.number_input(say("总质量（吨）"), 1.0, 300.0, 60.0, 1.0, key="truck_mass")
    train = left.toggle(say("汽车列车"), value=True, key="truck_train")
    single = right.toggle(say("单轴驱动"), value=False, key="truck_single")
    limit_t = mass_limit_t(int(axles), train=train, single_drive=single)
    over_t = mass_t - limit_t
    facts(
        [
            (say("限值"), say("{tonnes} 吨", tonnes=format_number(limit_t, digits=1))),
            (say("超限"), say("{tonnes} 吨", tonnes=format_number(over_t, digits=1)) if over_t > 0 else say("未超限")),
        ]
    )
    spot = desk.extra.get("spot")
    if over_t <= 0 or spot is None:
        note(say("在图上点车辆所在处，看送往哪个超限检测站。"))
        return
    graph = graph_of(desk)
    stations = find_weigh_stations(graph.network)
    names = {s.id: s.name or s.id for s in stations}
    try:
        sent = keep(("weigh", desk.key, spot), lambda: send_to_weigh(graph, [Truck("truck", *spot)], stations))
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        return
    if not sent:
        warn(say("没有可到达的超限检测站。"))
        return
    way = sent[0]
    facts(
        [
            (say("送往"), one_line(names[way.station], limit=30)),
            (say("行驶"), f"{format_minutes(way.time_s)} · {format_km(way.length_m)}"),
            (say("次近"), one_line(names.get(way.next_station, ""), limit=30)),
        ]
    )
