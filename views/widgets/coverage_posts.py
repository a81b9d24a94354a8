"""Posts on the screen: the question (model, number, candidates), the greedy answer at once, the exact one after it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from geo.errors import RoadseamError
from geo.travel import TravelGraph
from patrol.posts.place import MODELS, Placement, Wish, place_posts
from patrol.posts.places import POINT, Site, find_sites, read_sites
from patrol.posts.question import Effort
from patrol.units import JOINT, Unit
from views.catalogue import both, both_in
from views.crews import units_of
from views.i18n import format_km, format_minutes, pick_sentence, say, say_count, words_of
from views.map.tables import Table
from views.pictures.sites import draw_sites
from views.state import Desk, Target, current_desk
from views.widgets.coverage_compare import Side, begin_compare, comparing, put_side, show_ab
from views.widgets.coverage_jobs import (
    Result,
    keep_result,
    recall,
    recall_some,
    result_of,
    running,
)
from views.widgets.coverage_losses import show_losses
from views.widgets.coverage_roads import agency_label, agency_letter, answering, conditions_key, roads_of
from views.widgets.coverage_units import agencies_of, put_units
from views.widgets.parts import empty, facts, note, section, warn
from views.widgets.progress import Job, start_job, watch_job
from views.widgets.safe_text import one_line, plain
from views.widgets.stale import stale_bar

_JOB, _POINTS, _ADDING, _LAST = "posts", "post_points", "post_adding", "post_question"
_KINDS = ("station", "service_area", "weigh_station", POINT)
_NODES = 3_000
_KIND_WORDS = {
    "station": both_in("many", "收费站"),
    "service_area": both("服务区"),
    "weigh_station": both("治超站"),
    POINT: both("自选点"),
}
MODEL_WORDS = {
    "mclp": both("覆盖里程最多（MCLP）"),
    "lscp": both("全部覆盖，驻点最少（LSCP）"),
    "bacop": both("双重覆盖（BACOP）"),
    "mexclp": both("考虑出动占用（MEXCLP）"),
    "dsm": both("两级时限（DSM）"),
    "pmedian": both("平均到达最快（p-中位）"),
    "pcenter": both("最远处最近（p-中心）"),
}
"""What each model wants, in words."""


@dataclass(frozen=True)
class Question:
    """What is asked: the model, the wish, the candidates, and the agency of the new units."""

    model: str
    wish: Wish
    sites: tuple[Site, ...]
    agency: str


@dataclass(frozen=True)
class Found:
    """A placement with its question, and whether the exact search has ended."""

    question: Question
    placement: Placement
    is_exact: bool


def show_posts(desk: Desk, minutes: int) -> None:
    """Show the question of posts, its answer, the comparison of two placements, and the loss of units."""
    job = running(desk, _JOB)
    if job is not None:
        result = result_of(desk, _JOB)
        if result is not None:
            _show_found(desk, result, is_running=True)
        watch_job(_JOB)
        return
    if comparing(desk):
        show_ab(desk, minutes)
    result = result_of(desk, _JOB)
    with st.expander(say("选址问题"), expanded=result is None):
        _ask(desk, minutes)
    if result is not None:
        _show_found(desk, result, is_running=False)
    if not comparing(desk):
        show_ab(desk, minutes)
    show_losses(desk, minutes)


def _ask(desk: Desk, minutes: int) -> None:
    model = st.selectbox(
        say("模型"),
        list(MODELS),
        key=recall(desk, "posts_model", MODELS[0]),
        format_func=lambda m: words_of(MODEL_WORDS[m]),
    )
    left, right = st.columns([3, 2])
    agencies = [JOINT, *(a for a in agencies_of(desk.plan) if a != JOINT)]
    agency = left.selectbox(
        say("派驻"),
        agencies,
        key=recall(desk, "posts_agency", JOINT),
        format_func=lambda a: plain(agency_label(desk, a), limit=20),
    )
    add = right.number_input(say("增设"), 1, 50, key=recall(desk, "posts_add", 1), disabled=model == "lscp")
    sites = _ask_sites(desk)
    names = {site.id: one_line(site.name or site.id, limit=20) for site in sites}
    fixed = st.multiselect(
        say("必选"),
        list(names),
        key=recall_some(desk, "posts_fixed", names),
        format_func=lambda i: plain(names[i]),
        placeholder=say("无"),
    )
    barred = st.multiselect(
        say("排除"),
        list(names),
        key=recall_some(desk, "posts_barred", names),
        format_func=lambda i: plain(names[i]),
        placeholder=say("无"),
    )
    wish = _ask_model(
        desk, model, Wish(add=int(add), limit_s=minutes * 60.0, fixed=tuple(fixed), forbidden=tuple(barred))
    )
    if agency != JOINT:
        wish = replace(wish, agency=agency)
        note(say("只计 {agency} 有权执法的路段。", agency=agency_letter(desk, agency)))
    question = Question(model, wish, sites, agency)
    label = say("选址（{count} 个候选点）", count=len(sites))
    st.button(
        label,
        key="posts_run",
        type="primary",
        width="stretch",
        disabled=not sites,
        on_click=_start,
        args=(question,),
    )
    if not sites:
        note(say("没有候选点：请打开一类候选点，或在图上添加自选点。"))


def _ask_model(desk: Desk, model: str, wish: Wish) -> Wish:
    """Ask for what only one model needs."""
    limit = wish.limit_s / 60
    if model == "mclp":
        km = st.number_input(
            say("每单元最多照看（公里，0 = 不限）"), 0.0, 100_000.0, key=recall(desk, "posts_capacity", 0.0)
        )
        return replace(wish, capacity_m=km * 1000 or None)
    if model == "lscp":
        share = st.number_input(say("须覆盖（%）"), 1.0, 100.0, key=recall(desk, "posts_share", 100.0))
        return replace(wish, share=share / 100)
    if model == "bacop":
        first = st.number_input(say("首次覆盖的分量（%）"), 0.0, 100.0, key=recall(desk, "posts_first", 50.0))
        return replace(wish, first=first / 100)
    if model == "mexclp":
        busy = st.number_input(say("单元被占用的时间（%）"), 0.0, 99.0, key=recall(desk, "posts_busy", 30.0))
        return replace(wish, busy=busy / 100)
    if model == "dsm":
        left, right = st.columns(2)
        wide = left.number_input(say("长时限（分钟）"), limit, 240.0, 2 * limit, key=f"posts_wide_{limit:g}")
        share = right.number_input(say("短时限内（%）"), 0.0, 100.0, key=recall(desk, "posts_dsm_share", 80.0))
        return replace(wish, wide_s=wide * 60, share=share / 100)
    return wish


def _ask_sites(desk: Desk) -> tuple[Site, ...]:
    """Return the candidates of the kinds that are switched on."""
    kinds = st.pills(
        say("候选点"),
        _KINDS,
        selection_mode="multi",
        key=recall_some(desk, "posts_kinds", _KINDS, first=_KINDS),
        format_func=lambda k: words_of(_KIND_WORDS[k]),
    )
    chosen = tuple(kinds or ())
    points: tuple[Site, ...] = desk.extra.get(_POINTS) or ()
    sites = find_sites(desk.plan.derived.network, kinds=tuple(k for k in chosen if k != POINT))
    if POINT in chosen:
        _ask_points(desk, points)
        sites = (*sites, *points)
    return sites


def _ask_points(desk: Desk, points: Sequence[Site]) -> None:
    if desk.extra.get(_ADDING):
        note(say("请点选地图上的候选点，可连续点选。"))
    left, middle, right = st.columns(3)
    label = say("完成点选") if desk.extra.get(_ADDING) else say("加点")
    left.button(label, key="posts_point", width="stretch", on_click=_toggle_adding, help=say("点选地图添加候选点"))
    with middle.popover("CSV", width="stretch"):
        _import_points(desk, points)
    clear = say("清除 {count}", count=len(points))
    right.button(clear, key="posts_clear", width="stretch", on_click=_clear_points, disabled=not points)


def _import_points(desk: Desk, points: Sequence[Site]) -> None:
    upload = st.file_uploader(say("自选点 CSV：id, lon, lat, name, room"), key="posts_file")
    if upload is not None and st.button(say("导入自选点"), key="posts_import", width="stretch"):
        with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
            file = Path(folder) / "sites.csv"
            file.write_bytes(upload.getvalue())
            try:
                desk.extra[_POINTS] = merge_points(points, read_sites(file))
            except RoadseamError as error:
                warn(pick_sentence(str(error)), kind="error")
                return
        st.rerun(scope="fragment")


def merge_points(points: Sequence[Site], more: Sequence[Site]) -> tuple[Site, ...]:
    """Return candidate points with more of them; of two with one id the later counts."""
    return tuple({site.id: site for site in (*points, *more)}.values())


def _toggle_adding() -> None:
    desk = current_desk()
    desk.extra[_ADDING] = not desk.extra.get(_ADDING)
    desk.extra.pop("spot", None)


def _clear_points() -> None:
    current_desk().extra.pop(_POINTS, None)


def take_post_click(desk: Desk) -> None:
    """Make a candidate of the place that was clicked since, while candidates are added on the map."""
    place: tuple[float, float] | None = desk.extra.get("spot")
    if not desk.extra.get(_ADDING) or place is None:
        return
    desk.extra.pop("spot")
    points: tuple[Site, ...] = desk.extra.get(_POINTS) or ()
    taken = {site.id for site in points}
    number = next(k for k in range(1, len(points) + 2) if f"P{k}" not in taken)
    site = Site(f"P{number}", POINT, say("自选点 {number}", number=number), round(place[0], 6), round(place[1], 6))
    desk.extra[_POINTS] = (*points, site)
    desk.clear()


def _start(question: Question) -> None:
    desk = current_desk()
    desk.extra.pop(_ADDING, None)
    graph, units, key = roads_of(desk), answering(desk), conditions_key(desk)
    owners = desk.plan.derived.holder
    desk.extra[_LAST] = question
    desk.extra.pop(f"result:{_JOB}", None)

    def work(job: Job) -> Result:
        job.report(0, 2, both("贪心解"))
        first = solve(graph, units, question, owners=owners, effort=Effort(nodes=0))
        greedy = Result(key, Found(question, first, is_exact=False))
        keep_result(desk, _JOB, greedy)
        if job.stop.is_set():
            return greedy
        job.report(1, 2, both("贪心解已得，正在精确求解"))
        effort = Effort(nodes=_NODES, cancel=job.stop.is_set)
        exact = solve(graph, units, question, owners=owners, effort=effort)
        return Result(key, Found(question, exact, is_exact=not job.stop.is_set()))

    start_job(desk, _JOB, work)


def solve(
    graph: TravelGraph, units: Sequence[Unit], question: Question, *, owners: Sequence[str], effort: Effort
) -> Placement:
    """Return the placement that answers a question."""
    return place_posts(
        graph, units, question.sites, wish=question.wish, model=question.model, owners=owners, effort=effort
    )


def _amount(value: float, unit: str) -> str:
    if unit == "m":
        return format_km(value)
    return format_minutes(value) if unit == "s" else f"{value:g}"


def _show_found(desk: Desk, result: Result, *, is_running: bool) -> None:
    found: Found = result.value
    p = found.placement
    section(words_of(MODEL_WORDS[p.model]))
    if result.key != conditions_key(desk) and not is_running:
        stale_bar(_JOB, _start, (found.question,))
    gap = say("0 · 已证最优") if p.proven else f"{p.gap:.2%}"
    state = say("精确") if found.is_exact else say("贪心，精确解还在算") if is_running else say("贪心（已停止）")
    facts(
        [
            (say("求解"), state),
            (say("目标值"), _amount(p.objective, p.unit)),
            (say("贪心值"), _amount(p.greedy, p.unit)),
            (say("上界") if p.unit == "m" else say("下界"), _amount(p.bound, p.unit)),
            (say("差距"), gap),
            (say("时限内可达"), format_km(p.covered_m) if p.covered_m else ""),
            (say("双重覆盖"), format_km(p.twice_m) if p.twice_m else ""),
        ]
    )
    if not p.chosen:
        empty(say("不需增设"), say("现有单元已满足这个模型。"))
        return
    for number, chosen in enumerate(p.chosen):
        site = chosen.site
        name, kind = plain(site.name or site.id, limit=24), plain(words_of(_KIND_WORDS[site.kind]))
        words = f"**{name}**  \n{kind} · +{chosen.units}"
        st.button(words, key=f"row_post_{number}", type="tertiary", width="stretch", on_click=_look_at, args=(site,))
    if is_running:
        return
    left, right = st.columns(2)
    left.button(say("与现状比较"), key="posts_as_b", width="stretch", on_click=_compare, args=(found,))
    right.button(
        say("采用"),
        key="posts_adopt",
        type="primary",
        width="stretch",
        on_click=_adopt,
        args=(found,),
        disabled=desk.is_read_only,
        help=say("作为新单元写入方案，可撤销"),
    )


def _look_at(site: Site) -> None:
    current_desk().jump(Target(place=(site.lon, site.lat), zoom=14.0))


def with_placement(units: Sequence[Unit], found: Found) -> tuple[Unit, ...]:
    """Return units with those of a placement added, under names of their own."""
    taken = {unit.id for unit in units}
    made = list(units)
    for chosen in found.placement.chosen:
        base = one_line(chosen.site.name or chosen.site.id, limit=24)
        name, k = base, 2
        while name in taken:
            name, k = f"{base}{k}", k + 1
        taken.add(name)
        made.append(Unit(name, found.question.agency, chosen.site.lon, chosen.site.lat, chosen.units))
    return tuple(made)


def _compare(found: Found) -> None:
    desk = current_desk()
    more = say_count("增设 {count} 处", len(found.placement.chosen))
    put_side(desk, "a", Side(answering(desk), say("现有单元")))
    put_side(desk, "b", Side(with_placement(answering(desk), found), more))
    begin_compare()


def _adopt(found: Found) -> None:
    desk = current_desk()
    put_units(desk, with_placement(units_of(desk.plan), found), why=say("采用联合驻点"))


def post_key(desk: Desk) -> tuple[object, ...]:
    """Return what names the candidates and the answer on the map."""
    result, points = result_of(desk, _JOB), desk.extra.get(_POINTS) or ()
    chosen = [(c.site.id, c.units) for c in result.value.placement.chosen] if result is not None else []
    question: Question | None = desk.extra.get(_LAST)
    return ("sites", repr(chosen), repr(points), repr(question.sites if question is not None else ()))


def draw_wish(desk: Desk) -> list[Table]:
    """Return the candidates of the last question, and the sites that were chosen."""
    result, question = result_of(desk, _JOB), desk.extra.get(_LAST)
    points: tuple[Site, ...] = desk.extra.get(_POINTS) or ()
    sites: Sequence[Site] = question.sites if question is not None else ()
    chosen: dict[str, Any] = {}
    if result is not None:
        chosen = {c.site.id: c.units for c in result.value.placement.chosen}
    return draw_sites(merge_points(sites, points), chosen)
