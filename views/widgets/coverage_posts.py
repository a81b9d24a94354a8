"""Posts on the screen: more units placed by a model, what losing a unit costs, and two placements side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from patrol.coverage import classify, time_response
from patrol.posts.compare import Comparison, compare_posts, lose_units
from patrol.posts.place import MODELS, Placement, Wish, place_posts, posts_of_units
from patrol.posts.places import find_sites
from patrol.posts.question import Effort
from patrol.units import JOINT, Unit
from views.catalogue import both, both_in
from views.crews import TABLE, units_of, units_value
from views.i18n import format_km, format_minutes, pick_sentence, say, say_in, words_of
from views.map import Focus
from views.pictures.coverage import draw_coverage
from views.pictures.owners import describe
from views.state import Desk, current_desk, keep
from views.widgets.coverage_roads import answering, conditions_key, roads_of
from views.widgets.map_view import Picture
from views.widgets.meeting_maps import show_two_maps
from views.widgets.parts import facts, note, section, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

_JOB, _RESULT, _LOSSES = "posts", "posts", "losses"
_A, _B = "placement_a", "placement_b"
_KINDS = ("station", "service_area", "weigh_station")
_NODES = 3_000
_WORDS = {
    "mclp": both("覆盖里程最多"),
    "lscp": both("驻点最少"),
    "bacop": both("双重覆盖"),
    "mexclp": both("考虑占用率"),
    "dsm": both("两级时限"),
    "pmedian": both("平均时间最短"),
    "pcenter": both("最远处最近"),
}


@dataclass(frozen=True)
class _Found:
    """A placement with what it was asked for."""

    key: tuple[object, ...]
    placement: Placement
    is_exact: bool


def show_posts(desk: Desk, minutes: int) -> None:
    """Show the question of posts, its answer, the loss of units and the comparison."""
    section(say("联合驻点"))
    job = job_of(desk, _JOB)
    if job is not None and not job.is_finished:
        _show_found(desk, desk.extra.get(_RESULT))
        watch_job(_JOB)
        return
    if job is not None:
        drop_job(desk, _JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif isinstance(job.result, _Found):
            desk.extra[_RESULT] = job.result
    _ask(desk, minutes)
    _show_found(desk, desk.extra.get(_RESULT))
    _show_compare(desk, minutes)
    _show_losses(desk, minutes)


def _ask(desk: Desk, minutes: int) -> None:
    left, right = st.columns([3, 1])
    model = left.selectbox(say("模型"), list(MODELS), key="posts_model", format_func=lambda m: words_of(_WORDS[m]))
    add = right.number_input(say("增设"), 1, 20, 1, key="posts_add")
    kinds = st.pills(
        say("候选点"),
        _KINDS,
        selection_mode="multi",
        default=list(_KINDS),
        key="posts_kinds",
        format_func=lambda k: words_of(
            {
                "station": both_in("many", "收费站"),
                "service_area": both("服务区"),
                "weigh_station": both("治超站"),
            }[k]
        ),
    )
    sites = find_sites(roads_of(desk).network, kinds=tuple(kinds or ()))
    names = {site.id: one_line(site.name or site.id, limit=20) for site in sites}
    fixed = st.multiselect(say("必选"), list(names), key="posts_fixed", format_func=lambda i: names.get(i, i))
    barred = st.multiselect(say("排除"), list(names), key="posts_barred", format_func=lambda i: names.get(i, i))
    wish = Wish(
        add=int(add),
        limit_s=minutes * 60.0,
        wide_s=minutes * 90.0 if model == "dsm" else None,
        fixed=tuple(fixed),
        forbidden=tuple(barred),
    )
    st.button(
        say("选址（{count} 个候选点）", count=len(sites)),
        key="posts_run",
        type="primary",
        width="stretch",
        disabled=not sites,
        on_click=_start,
        args=(wish, model, tuple(kinds or ())),
    )


def _start(wish: Wish, model: str, kinds: tuple[str, ...]) -> None:
    desk = current_desk()
    graph, units, owners, key = roads_of(desk), answering(desk), desk.plan.derived.holder, conditions_key(desk)
    sites = find_sites(graph.network, kinds=kinds)

    def work(job: Job) -> Any:
        job.report(0, 2, both("贪心解"))
        first = place_posts(graph, units, sites, wish=wish, model=model, owners=owners, effort=Effort(nodes=0))
        desk.extra[_RESULT] = _Found(key, first, is_exact=False)
        if job.stop.is_set():
            return desk.extra[_RESULT]
        job.report(1, 2, both("精确求解"))
        effort = Effort(nodes=_NODES, cancel=job.stop.is_set)
        exact = place_posts(graph, units, sites, wish=wish, model=model, owners=owners, effort=effort)
        return _Found(key, exact, is_exact=not job.stop.is_set())

    start_job(desk, _JOB, work)


def _amount(value: float, unit: str) -> str:
    if unit == "m":
        return format_km(value)
    return format_minutes(value) if unit == "s" else f"{value:g}"


def _show_found(desk: Desk, found: _Found | None) -> None:
    if found is None:
        return
    if found.key != conditions_key(desk):
        warn(say("结果已过期 · 请重新选址"), kind="stale")
    p = found.placement
    facts(
        [
            (
                say("求解"),
                say("精确") if found.is_exact else say("贪心（精确解在后）"),
            ),
            (say("目标值"), _amount(p.objective, p.unit)),
            (say("贪心值"), _amount(p.greedy, p.unit)),
            (say("上下界"), _amount(p.bound, p.unit)),
            (say("差距"), say("0 · 已证最优") if p.proven else f"{p.gap:.2%}"),
        ]
    )
    table(
        (say("增设驻点"), say_in("many", "单元")),
        [(one_line(c.site.name or c.site.id, limit=24), f"{c.units}") for c in p.chosen],
    )
    left, right = st.columns(2)
    left.button(say("设为方案 B"), key="posts_as_b", width="stretch", on_click=_set_b, args=(p,))
    right.button(say("采用"), key="posts_adopt", width="stretch", on_click=_adopt, args=(p,))


def _with(units: Sequence[Unit], placement: Placement) -> tuple[Unit, ...]:
    """Return units with those of a placement added, under names of their own."""
    taken = {unit.id for unit in units}
    made = list(units)
    for chosen in placement.chosen:
        base = one_line(chosen.site.name or chosen.site.id, limit=24)
        name, k = base, 2
        while name in taken:
            name, k = f"{base}{k}", k + 1
        taken.add(name)
        made.append(Unit(name, JOINT, chosen.site.lon, chosen.site.lat, chosen.units))
    return tuple(made)


def _set_b(placement: Placement) -> None:
    desk = current_desk()
    desk.extra[_A] = answering(desk)
    desk.extra[_B] = _with(answering(desk), placement)


def _adopt(placement: Placement) -> None:
    desk = current_desk()
    why = say("采用联合驻点")
    desk.decide("set_units", TABLE, units_value(_with(units_of(desk.plan), placement)), why=why)


def _store(side: str) -> None:
    desk = current_desk()
    desk.extra[side] = answering(desk)


def _take(side: str) -> None:
    desk = current_desk()
    value = units_value(desk.extra[side])
    desk.decide("set_units", TABLE, value, why=say("采用选址方案"))


def _show_compare(desk: Desk, minutes: int) -> None:
    section(say("比较两个布点"))
    left, right = st.columns(2)
    left.button(say("当前单元存为 A"), key="store_a", width="stretch", on_click=_store, args=(_A,))
    right.button(say("当前单元存为 B"), key="store_b", width="stretch", on_click=_store, args=(_B,))
    a, b = desk.extra.get(_A), desk.extra.get(_B)
    if not a or not b:
        note(say("存好 A 与 B，或把选址结果设为 B，即可并排比较。"))
        return
    if st.button(say("并排比较 A | B"), key="compare_ab", type="primary", width="stretch"):
        _dialog()(desk, minutes)


def _dialog() -> Any:
    return st.dialog(say("两个布点：A | B"), width="large")(compare_dialog)


def compare_dialog(desk: Desk, minutes: int) -> None:
    """Show two placements on maps that move together, with what changes between them."""
    a, b = desk.extra[_A], desk.extra[_B]
    graph = roads_of(desk)
    limit_s = minutes * 60.0
    both = keep(
        ("compare", conditions_key(desk), repr(a), repr(b), minutes),
        lambda: compare_posts(graph, posts_of_units(a), posts_of_units(b), limit_s=limit_s),
    )
    with st.container(key="cover_compare"):
        nodes = desk.opened.plan.network.nodes
        bounds = (float(nodes.lon.min()), float(nodes.lat.min()), float(nodes.lon.max()), float(nodes.lat.max()))
        show_two_maps(
            desk, _picture(desk, a, minutes), _picture(desk, b, minutes), focus=Focus(bounds=bounds, zoom=16.0)
        )
    _difference(both)
    left, right = st.columns(2)
    if left.button(say("采用 A"), key="take_a", width="stretch"):
        _take(_A)
        st.rerun()
    if right.button(say("采用 B"), key="take_b", type="primary", width="stretch"):
        _take(_B)
        st.rerun()


def _picture(desk: Desk, units: Sequence[Unit], minutes: int) -> Picture:
    graph = roads_of(desk)

    def draw() -> Any:
        coverage = classify(time_response(graph, units), limit_s=minutes * 60.0)
        return draw_coverage(graph.network, coverage, units)

    return Picture(("placement", conditions_key(desk), repr(tuple(units)), minutes), draw, describe(desk.plan))


def _difference(both: Comparison) -> None:
    one, two = both.first, both.second
    km, minutes = 1000.0, 60.0
    rows = [
        (say_in("many", "单元"), f"{one.units}", f"{two.units}", f"{two.units - one.units:+d}"),
        *(
            (name, f"{x / by:.1f} {unit}", f"{y / by:.1f} {unit}", f"{(y - x) / by:+.1f}")
            for name, x, y, by, unit in (
                (say("时限内可达"), one.covered_m, two.covered_m, km, "km"),
                (say("双重覆盖"), one.twice_m, two.twice_m, km, "km"),
                (say("平均到达"), one.mean_s, two.mean_s, minutes, "min"),
                (say("最远到达"), one.longest_s, two.longest_s, minutes, "min"),
                (say("无法到达"), one.lost_m, two.lost_m, km, "km"),
            )
        ),
    ]
    table((say("按行车方向"), "A", "B", "B − A"), rows, numbers=3)
    note(
        say(
            "由 A 改为 B：新增可达 {won_m}，失去 {given_up_m}。",
            won_m=format_km(both.won_m),
            given_up_m=format_km(both.given_up_m),
        )
    )


def _show_losses(desk: Desk, minutes: int) -> None:
    with st.expander(say("若缺一个单元"), expanded=False):
        key = (_LOSSES, conditions_key(desk), minutes)
        if not st.toggle(say("计算"), key="lose_on"):
            return
        graph, units = roads_of(desk), answering(desk)
        losses = keep(key, lambda: lose_units(graph, units, limit_s=minutes * 60.0))
        table(
            (say("缺"), say("失去"), say("只剩一家"), say("平均晚到")),
            [
                (x.unit, format_km(x.lost_m), format_km(x.single_m), format_minutes(x.delay_s))
                for x in sorted(losses, key=lambda x: (-x.lost_m, x.unit))
            ],
            numbers=3,
        )
