"""The guided tour of the demo district: eight stops in five minutes, each turns the page and shows the thing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from geo.classes import RoadClass
from views.catalogue import Words, both
from views.i18n import say, say_in, words_of
from views.pictures.points import NOT_OURS
from views.search import middle_of_segment
from views.state import DEMO, Desk, Target, current_desk
from views.widgets.markup import element, show

TOUR = "tour"
"""In ``Desk.extra``: the stop the person is at, 0 for the invitation, ``None`` once it is over."""
_PARAM = "tour"
_OFF = "0"
_FOUND_BY_LINK = ("v", "sel", "view")


@dataclass(frozen=True)
class Stop:
    """One stop: the page it is on, what to see and do there, and what it does by itself."""

    page: str
    title: Words
    text: Words
    arrive: Callable[[Desk], None]


def _look_at_all(desk: Desk) -> None:
    nodes = desk.opened.plan.network.nodes
    bounds = (float(nodes.lon.min()), float(nodes.lat.min()), float(nodes.lon.max()), float(nodes.lat.max()))
    desk.clear()
    desk.extra["preview"] = None
    desk.jump(Target(bounds=bounds))


def _station(desk: Desk) -> str:
    """Return the station of the story: the one that is argued about, else the first with seams."""
    ours = [s for s in desk.plan.stations if s.kind not in NOT_OURS]
    seams = {seam.station for seam in desk.plan.derived.ownership.seams}
    titles = [str(d.value.get("title", "")) for d in desk.plan.latest("open_dispute").values()]
    ours.sort(key=lambda s: (not any(s.name and s.name in title for title in titles), s.id not in seams, s.id))
    return ours[0].id if ours else ""


def _look_at_station(desk: Desk) -> None:
    station = next((s for s in desk.plan.stations if s.id == _station(desk)), None)
    if station is not None:
        place = (station.lon, station.lat)
        desk.select("station", station.id, place)
        desk.jump(Target(place=place, zoom=15.0))


def _choose_station(desk: Desk) -> None:
    desk.extra["preview"] = None
    _look_at_station(desk)


def _look_at_option(desk: Desk) -> None:
    _look_at_station(desk)
    station = _station(desk)
    present = desk.plan.choices.of_station(station) if station else ""
    if station:
        other = "plaza_outer_edge" if present != "plaza_outer_edge" else "toll_island"
        desk.extra["preview"] = (other, station)


def _ask_whose(desk: Desk) -> None:
    """Ask about the middle of the longest expressway segment, far from every seam."""
    network = desk.plan.derived.network
    lengths = np.where(np.asarray(network.segment_class) == RoadClass.MOTORWAY, network.segments.length_mm, 0)
    place = middle_of_segment(network, int(lengths.argmax()))
    desk.clear()
    desk.extra["spot"] = place
    desk.jump(Target(place=place, zoom=14.0))


STOPS: tuple[Stop, ...] = (
    Stop(
        "network",
        both("路网可信吗"),
        both("卡片写明数据来源、日期和哈希；下表列出体检发现。点一行，或按 N，地图放大到该处。"),
        _look_at_all,
    ),
    Stop(
        "boundary",
        both("选一个收费站"),
        both("已选中东岗收费站：卡片写明界点、证据和余量。点地图上的其他站或道路，卡片随之更换。"),
        _choose_station,
    ),
    Stop(
        "boundary",
        both("比较划界方案"),
        both("地图正在预览“广场外缘”，彩色是会易手的路段。卡片列出双方得失；点“采用”成为一条决定，Ctrl+Z 撤销。"),
        _look_at_option,
    ),
    Stop(
        "coverage",
        both("谁能及时赶到"),
        both("拖动时限，看双方可达、仅一方可达和均不可达的路段怎样变化。"),
        _look_at_all,
    ),
    Stop(
        "patrol",
        both("今天谁去哪里"),
        both("检查目标已列好。按下方按钮排班：线路、停靠顺序和甘特图随即出现，可随时停止。"),
        _look_at_all,
    ),
    Stop(
        "meeting",
        both("会上定一件事"),
        both("左右两图是双方主张。选一张方案卡，再按同意、保留或报请，纪要当场写好。"),
        _look_at_all,
    ),
    Stop(
        "whose",
        both("这里归谁管"),
        both("已查询高速上的一处：一句话作答，下面是理由和联系单位。也可输入桩号、坐标，或粘贴一句话。"),
        _ask_whose,
    ),
    Stop(
        "papers",
        both("带什么去签"),
        both("选好文书，勾选内容，旁边就是成品；一次下载全部。导览到此结束。"),
        _look_at_all,
    ),
)


def begin_once(desk: Desk) -> None:
    """Invite a newcomer on the demo district; whoever came by a link, or skipped the tour before, is left alone."""
    if TOUR in desk.extra:
        return
    asked = str(st.query_params.get(_PARAM, ""))
    desk.extra[TOUR] = None
    if desk.opened.origin != DEMO or asked == _OFF:
        return
    if asked.isascii() and asked.isdigit() and int(asked) <= len(STOPS):
        desk.extra[TOUR] = int(asked)
    elif not asked and not any(name in st.query_params for name in _FOUND_BY_LINK):
        desk.extra[TOUR] = 0


def reopen() -> None:
    """Begin the tour from its first stop."""
    go_to(1)


def go_to(number: int) -> None:
    """Turn to a stop; past the last one the tour is over."""
    desk = current_desk()
    if number > len(STOPS):
        skip()
        return
    stop = STOPS[number - 1]
    desk.extra[TOUR] = number
    desk.page = stop.page
    stop.arrive(desk)
    desk.is_moved = True
    st.query_params.update({_PARAM: str(number), "page": stop.page})


def skip() -> None:
    """End the tour; the address remembers, so that a page loaded again does not begin anew."""
    desk = current_desk()
    desk.extra[TOUR] = None
    desk.is_moved = True
    st.query_params[_PARAM] = _OFF


def show_tour(desk: Desk) -> None:
    """Show where the tour is, what to do here, and the way on; nothing when there is no tour."""
    number: int | None = desk.extra.get(TOUR)
    if number is None:
        return
    with st.container(key="tour", gap="small"):
        if number == 0:
            title = say("第一次来？五分钟走一遍")
            text = say(
                "从路网、划界、覆盖、勤务、会商到文书，共 {count} 步，用示范区演示，随时可退出。", count=len(STOPS)
            )
            kicker, onward = say("导览"), say("开始导览")
        else:
            stop = STOPS[number - 1]
            title, text = words_of(stop.title), words_of(stop.text)
            kicker = say("导览 {number} / {count}", number=number, count=len(STOPS))
            onward = say("下一步") if number < len(STOPS) else say_in("tour", "完成")
        show(
            element("div", element("span", kicker, css="rs-kicker"), element("b", title), css="rs-tour-title"),
            element("p", text, css="rs-tour-text"),
        )
        with st.container(key="tour_buttons", horizontal=True, gap="small"):
            st.button(onward, key="tour_next", type="primary", on_click=go_to, args=(number + 1,))
            if number > 1:
                st.button(say("上一步"), key="tour_back", on_click=go_to, args=(number - 1,))
            st.button(say("跳过"), key="tour_skip", type="tertiary", on_click=skip)
