"""Patrol 勤务: who goes where today, in which order? Inspection routes, and sealing the exits."""

from __future__ import annotations

import streamlit as st

from patrol.day import DAY_START_S, DayPlan, plan_day
from patrol.solver import Search
from patrol.targets import Target
from views.catalogue import Words, both
from views.crews import owners_of, targets_of, units_of
from views.i18n import choose, format_clock, format_minutes, pick_sentence, say, say_in, term
from views.map.palette import route_style, stop_style, style_json
from views.pages.page import Page
from views.pictures.owners import describe
from views.pictures.routes import crew_name, draw_day, draw_routes
from views.pictures.sealing import draw_sealing
from views.state import Desk, current_desk, graph_of
from views.widgets.charts import Block, Lane, show_lanes
from views.widgets.exporting import geojson_bytes, map_bytes, plan_bytes
from views.widgets.map_view import Picture
from views.widgets.parts import empty, facts, heading, note, section, sentence, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line
from views.widgets.sealing import sealing_of, show_sealing

_JOB = "route"
_RESULT = "day"
_LAST = "day_settings"
_TAB = "patrol_tab"
_SHIFT_H, _ITERATIONS, _SEED = 8.0, 1_000, 1


def result_of(desk: Desk) -> tuple[str, DayPlan] | None:
    """Return the day last planned, with the key of what it was planned from."""
    result: tuple[str, DayPlan] | None = desk.extra.get(_RESULT)
    return result


def is_stale(desk: Desk) -> bool:
    """Whether the plan has changed since the day was planned."""
    result = result_of(desk)
    return result is not None and result[0] != desk.key


def picture(desk: Desk) -> Picture:
    """Return the day's routes, the sealing, or the crews and targets to be planned."""
    plan, result = desk.plan, result_of(desk)
    meta = describe(plan)
    if st.session_state.get(_TAB) == "seal":
        sealing = sealing_of(desk)
        if sealing is not None:
            sealed = ("sealing", desk.key, repr(sealing.sealing.assignment))
            return Picture(sealed, lambda: draw_sealing(graph_of(desk), sealing), meta)
    if result is not None and not is_stale(desk):
        day = result[1]
        routes = repr([(r.unit, r.car, [s.target for s in r.stops]) for r in day.routes])
        return Picture(("routes", desk.key, routes), lambda: draw_routes(graph_of(desk), day), meta)
    return Picture(("day", desk.key), lambda: draw_day(plan.derived.network, units_of(plan), targets_of(plan)), meta)


def card(desk: Desk) -> None:
    """Show targets and settings, the running search, or the result."""
    tabs = {"inspect": say("巡查"), "seal": say("封控")}
    tab = st.segmented_control(
        say("视图"),
        list(tabs),
        format_func=tabs.__getitem__,
        key=_TAB,
        default="inspect",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if tab == "seal":
        show_sealing(desk)
    else:
        _show_inspection(desk)
    _show_export(desk)


def _show_inspection(desk: Desk) -> None:
    heading(say("今天谁去哪里，按什么顺序？"), say("巡查线路"))
    job = job_of(desk, _JOB)
    if job is not None and not job.is_finished:
        watch_job(_JOB)
        return
    if job is not None:
        drop_job(desk, _JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif job.result is not None:
            desk.extra[_RESULT] = job.result
    targets, units = targets_of(desk.plan), units_of(desk.plan)
    if not targets or not units:
        empty(
            say("还没有目标或单元"),
            say("在覆盖页填写单元；目标表可由命令行 roadseam route 读取。"),
        )
        return
    result = result_of(desk)
    if result is not None:
        if is_stale(desk):
            warn(
                say("结果已过期：方案在排班后有改动。"),
                kind="stale",
            )
            label = say("重新计算")
            st.button(label, key="again", width="stretch", on_click=_start, args=desk.extra[_LAST])
        _show_result(result[1])
    with st.expander(say("排班设置"), expanded=result is None):
        _show_settings(desk, targets)


def _show_settings(desk: Desk, targets: tuple[Target, ...]) -> None:
    kinds = sorted({t.kind for t in targets if t.kind})
    agencies = sorted({t.agency for t in targets if t.agency})
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies}
    chosen_kinds = st.multiselect(
        say("目标类型"),
        kinds,
        key="kinds",
        placeholder=say("全部"),
        format_func=lambda k: one_line(term(k), limit=24),
    )
    chosen_agencies = st.multiselect(
        say("单位"),
        agencies,
        key="agencies",
        placeholder=say("全部"),
        format_func=lambda a: one_line(names.get(a, term(a)), limit=24),
    )
    wanted = tuple(
        t
        for t in targets
        if (not chosen_kinds or t.kind in chosen_kinds) and (not chosen_agencies or t.agency in chosen_agencies)
    )
    left, middle, right = st.columns(3)
    shift_h = left.number_input(say("班次（小时）"), 1.0, 16.0, _SHIFT_H, 0.5, key="shift_h")
    iterations = middle.number_input(say("求解步数"), 10, 20_000, _ITERATIONS, 100, key="iterations")
    seed = right.number_input(say("种子"), 0, 9_999, _SEED, 1, key="seed")
    label = say("排班：{count} 个目标", count=len(wanted))
    if result_of(desk) is not None:
        label = say("重新排班：{count} 个目标", count=len(wanted))
    st.button(
        label,
        key="run",
        type="primary",
        width="stretch",
        disabled=not wanted,
        on_click=_start,
        args=(wanted, float(shift_h), int(iterations), int(seed)),
    )
    _list_targets(wanted)


def _list_targets(targets: tuple[Target, ...]) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            say("目标"): [one_line(t.name or t.id) for t in targets],
            say("分钟"): [round(t.service_s / 60) for t in targets],
            say("时间窗"): [
                f"{format_clock(t.window.from_s)}–{format_clock(t.window.to_s)}" if t.window else "" for t in targets
            ],
        }
    )
    st.dataframe(frame, hide_index=True, height=240, key="targets_table")


def _start(targets: tuple[Target, ...], shift_h: float, iterations: int, seed: int) -> None:
    desk = current_desk()
    desk.extra[_LAST] = (targets, shift_h, iterations, seed)
    key, plan, graph, units = desk.key, desk.plan, graph_of(desk), units_of(desk.plan)
    owners = owners_of(plan)

    def work(job: Job) -> tuple[str, DayPlan]:
        def tell(done: int, total: int, best_s: float | None) -> None:
            best = "" if best_s is None else format_minutes(best_s)
            job.report(
                done,
                total,
                both("正在排班，目前最好 {best}", best=best) if best else both("正在排班"),
            )

        search = Search(iterations=iterations, seed=seed, progress=tell, cancel=job.stop.is_set)
        day = plan_day(
            graph, units, targets, shift_h=shift_h, owner_of_segment=owners, start_s=DAY_START_S, search=search
        )
        return key, day

    start_job(desk, _JOB, work)


def _show_result(day: DayPlan) -> None:
    stops = sum(len(route.stops) for route in day.routes)
    gap = "–" if day.gap is None else f"{day.gap:.1%}"
    facts(
        [
            (say_in("many", "班组"), str(len(day.routes))),
            (say("已安排"), f"{stops} / {stops + len(day.left_out)}"),
            (say("行驶"), format_minutes(day.drive_s)),
            (say("现场"), format_minutes(day.work_s)),
            (say("下界差距"), gap),
            (say("步数 · 种子"), f"{day.iterations:,} · {day.seed}"),
        ]
    )
    if day.cancelled:
        warn(say("已提前停止，这是当时最好的方案。"), kind="note")
    if day.left_out:
        section(say("未安排 {count} 个", count=len(day.left_out)))
        names = {t.id: t.name or t.id for t in day.day.targets}
        reasons = sorted({item.reason for item in day.left_out})
        for reason in reasons:
            items = [item for item in day.left_out if item.reason == reason]
            sentence(choose(items[0].message, items[0].message_en))
            table((say("目标"), say_in("code", "编号")), [(names[i.target], i.target) for i in items])


def tray(desk: Desk) -> None:
    """Show the crews as rows over the hours of the shift."""
    result = result_of(desk)
    if result is None:
        return
    day = result[1]
    names = {t.id: one_line(t.name or t.id) for t in day.day.targets}
    lanes = []
    for number, route in enumerate(day.routes):
        blocks = tuple(
            Block(
                s.start_s,
                s.depart_s,
                str(k),
                f"{k} {names[s.target]} {format_clock(s.start_s)}–{format_clock(s.depart_s)}",
            )
            for k, s in enumerate(route.stops, 1)
        )
        amount = f"{format_clock(route.leave_s)}–{format_clock(route.return_s)} · {len(route.stops)}"
        color = route_style(number, Words("")).color
        ink = str(style_json(stop_style(number, Words("")))["text"])
        lanes.append(Lane(crew_name(route), color, ink, (route.leave_s, route.return_s), blocks, amount))
    first = min((r.leave_s for r in day.routes), default=DAY_START_S)
    last = max((r.return_s for r in day.routes), default=DAY_START_S)
    show_lanes(lanes, from_s=min(first, DAY_START_S), to_s=max(last, DAY_START_S + 3600))


def has_day(desk: Desk) -> bool:
    """Whether there is a day with routes to show."""
    result = result_of(desk)
    return result is not None and bool(result[1].routes) and st.session_state.get(_TAB) != "seal"


def _show_export(desk: Desk) -> None:
    plan = desk.plan
    with st.container(key="next_step"), st.popover(say("导出 →"), type="primary", width="stretch"):
        st.download_button(
            say("离线地图（HTML）"),
            data=lambda: map_bytes(plan),
            file_name="map.html",
            key="out_html",
            mime="text/html",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            say("方案（GeoPackage）"),
            data=lambda: plan_bytes(plan, desk.history),
            file_name="plan.gpkg",
            key="out_gpkg",
            mime="application/geopackage+sqlite3",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            say("图层（GeoJSON）"),
            data=lambda: geojson_bytes(plan),
            file_name="plan.geojson",
            key="out_geojson",
            mime="application/geo+json",
            on_click="ignore",
            width="stretch",
        )
        note(say("导出内容为划界；打开无需网络。"))


PATROL = Page(
    "patrol",
    both("勤务"),
    both("今天谁去哪里，按什么顺序？"),
    picture,
    card,
    tray=tray,
    has_tray=has_day,
)
