"""Mutual aid on the screen: permissions ranked by what they buy, and one of them shown on the map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from geo.stations import StationKind
from patrol.aid import rank_permissions
from patrol.aidmap import Won, find_gained
from patrol.aidsides import sum_sides
from patrol.aidtable import ACT, PASS, Gain, rank_gains
from plan.model import Plan
from views.catalogue import Words, both
from views.i18n import format_km, format_number, say
from views.pictures.gain import draw_gain
from views.pictures.owners import describe
from views.state import Desk, Target, current_desk, keep
from views.widgets.coverage_jobs import Result, recall, result_of, running
from views.widgets.coverage_roads import agency_letter, answering, conditions_key, limit_min, roads_of
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, note, section, table
from views.widgets.progress import Job, start_job, watch_job
from views.widgets.safe_text import one_line, plain
from views.widgets.stale import stale_bar

_JOB, _SHOWN, _BY_UNIT = "aid", "aid_shown", "aid_by_unit"
_MOST = 15


def show_aid(desk: Desk, minutes: int) -> None:
    """Show what each permission between the two sides buys."""
    if running(desk, _JOB) is not None:
        watch_job(_JOB)
        return
    result = result_of(desk, _JOB)
    if result is None:
        empty(
            say("哪项许可最划算？"), say("逐项试算：准许对方在本方路段执法，或经某收费站通行，能多覆盖多少、早到多少。")
        )
    elif result.key[:-1] != _key(desk):
        stale_bar(_JOB, _start)
    holders = {"agency": say("整个单位"), "unit": say("逐个单元")}
    holder = st.segmented_control(
        say("准许"),
        list(holders),
        format_func=holders.__getitem__,
        required=True,
        key=recall(desk, "aid_by", "agency"),
        width="stretch",
        label_visibility="collapsed",
    )
    desk.extra[_BY_UNIT] = holder == "unit"
    label = say("计算互助收益") if result is None else say("重新计算互助收益")
    st.button(label, key="aid_run", type="secondary" if result else "primary", width="stretch", on_click=_start)
    if result is not None:
        _show(desk, result.value, minutes)


def _key(desk: Desk) -> tuple[object, ...]:
    return (*conditions_key(desk), limit_min(desk))


def passable_stations(plan: Plan) -> tuple[str, ...]:
    """Return the ids of the stations that somebody might be allowed to pass."""
    return tuple(s.id for s in plan.derived.network.stations if s.kind != StationKind.GATE)


def _start() -> None:
    desk = current_desk()
    by_unit, limit_s = bool(desk.extra.get(_BY_UNIT)), limit_min(desk) * 60.0
    key = (*_key(desk), by_unit)
    graph, units = roads_of(desk), answering(desk)
    owners, gates = desk.plan.derived.holder, passable_stations(desk.plan)
    desk.extra.pop(_SHOWN, None)

    def work(job: Job) -> Result:
        found: list[Gain] = []
        for kind, words in ((PASS, both("试算通行许可")), (ACT, both("试算执法许可"))):
            if kind == PASS and not gates:
                continue

            job.report(0, 0, words)
            needs = gates if kind == PASS else ()
            ranked = rank_permissions(
                graph,
                units,
                owners=owners,
                limit_s=limit_s,
                needs_pass=needs,
                by_unit=by_unit,
                kinds=(kind,),
                watch=_watch(job, words),
            )
            found += ranked.gains
        return Result(key, (tuple(rank_gains(found)), job.stop.is_set()))

    start_job(desk, _JOB, work)


def _watch(job: Job, words: Words) -> Callable[[int, int], bool]:
    def watch(done: int, total: int) -> bool:
        job.report(done, total, words)
        return job.stop.is_set()

    return watch


def _show(desk: Desk, value: tuple[tuple[Gain, ...], bool], minutes: int) -> None:
    gains, is_part = value
    if is_part:
        note(say("已提前停止，只列出已试算的许可。"))
    if not gains:
        empty(say("没有可增益的许可"), say("可调整时限后再算。"))
        return
    shown: Gain | None = desk.extra.get(_SHOWN)
    section(say("{count} 项许可，按收益排列", count=len(gains)))
    for number, gain in enumerate(gains[:_MOST]):
        _show_line(desk, number, gain, is_shown=shown == gain)
    if len(gains) > _MOST:
        note(say("只列出前 {count} 项。", count=_MOST))
    sides = sum_sides(gains)
    section(say("各方所得"))
    table(
        (say("一方"), say("可得许可"), say("本方路最多"), say("最多提前")),
        [
            (
                name,
                str(sides[side]["held"]),
                format_km(1000 * float(sides[side]["best_gained_km"]), signed=True),
                f"{format_number(-float(sides[side]['best_saved_min']), digits=1)} min",
            )
            for side, name in (("local", say("普通")), ("expressway", say("高速")))
        ],
        numbers=3,
    )
    note(say("里程按行车方向计；只计有权执法者在 {minutes} 分钟内可达的增量；p90 为所涉路段。", minutes=minutes))
    note(say("通行许可以“未经许可不得过站”为前提试算；站内驻守的单元过本站不需许可。"))


def _show_line(desk: Desk, number: int, gain: Gain, *, is_shown: bool) -> None:
    with st.container(key=f"aid_line_{number}", horizontal=True, vertical_alignment="center", gap="small"):
        amount = _amounts(gain)
        st.button(
            f"**{number + 1}. {plain(say_permission(desk, gain), limit=120)}**  \n{plain(amount)}",
            key=f"row_aid_{number}",
            type="tertiary",
            on_click=_toggle,
            args=(gain,),
        )
        st.button(
            say("在图上") if not is_shown else say("收起"),
            key=f"aid_show_{number}",
            type="primary" if is_shown else "secondary",
            on_click=_toggle,
            args=(gain,),
            help=say("在图上显示这项许可多覆盖的路段"),
        )
    if is_shown:
        table(
            (say("哪方的路"), say("时限内"), say("平均提前"), "p90"),
            [
                (
                    agency_letter(desk, owner),
                    format_km(b.gained_m, signed=True),
                    f"{format_number(-b.saved_s / 60, digits=1)} min",
                    f"{format_number(-b.p90_saved_s / 60, digits=1)} min",
                )
                for owner, b in gain.bought.items()
            ],
            numbers=3,
        )


def _amounts(gain: Gain) -> str:
    parts = [format_km(gain.gained_m, signed=True)]
    if gain.opened_m:
        parts.append(say("新通 {km}", km=format_km(gain.opened_m)))
    parts.append(f"p90 {format_number(-gain.p90_saved_s / 60, digits=1)} min")
    return say("，").join(parts)


def say_permission(desk: Desk, gain: Gain) -> str:
    """Return a permission as one sentence: who may do what where."""
    p = gain.permission
    holder, name = _holder(desk, p.holder), one_line(p.name, limit=20)
    if p.kind == ACT:
        return say(
            "准许 {holder} 在 {owner} 的 {name} 执法", holder=holder, owner=agency_letter(desk, p.owner), name=name
        )
    return say("准许 {holder} 经 {name} 上下高速", holder=holder, name=name)


def _holder(desk: Desk, ident: str) -> str:
    return agency_letter(desk, ident) if ident in {a.id for a in desk.plan.agencies} else one_line(ident, limit=20)


def _toggle(gain: Gain) -> None:
    desk = current_desk()
    if desk.extra.get(_SHOWN) == gain:
        desk.extra.pop(_SHOWN)
        return
    desk.extra[_SHOWN] = gain
    bounds = _bounds(desk, gain)
    if bounds is not None:
        desk.jump(Target(bounds=bounds))


def _won(desk: Desk, gain: Gain) -> Won | None:
    """Return the road a permission wins, None where it belongs to an older question."""
    result = result_of(desk, _JOB)
    if result is None or result.key[:-1] != _key(desk):
        return None
    graph, units, by_unit = roads_of(desk), answering(desk), bool(result.key[-1])
    gates = passable_stations(desk.plan) if gain.permission.kind == PASS else ()
    return keep(
        ("won", *result.key, repr(gain.permission)),
        lambda: find_gained(
            graph,
            units,
            gain.permission,
            owners=desk.plan.derived.holder,
            limit_s=limit_min(desk) * 60.0,
            needs_pass=gates,
            by_unit=by_unit,
        ),
    )


def _bounds(desk: Desk, gain: Gain) -> tuple[float, float, float, float] | None:
    won = _won(desk, gain)
    if won is None or not len(won.segment):
        return None
    network = desk.plan.derived.network
    nodes = [int(n) for row in set(won.segment.tolist()) for n in (network.segments.u[row], network.segments.v[row])]
    lon, lat = network.nodes.lon[nodes], network.nodes.lat[nodes]
    margin = 0.005
    return (
        float(lon.min()) - margin,
        float(lat.min()) - margin,
        float(lon.max()) + margin,
        float(lat.max()) + margin,
    )


def aid_picture(desk: Desk) -> Picture | None:
    """Return the road that the shown permission wins, None where none is shown."""
    gain: Gain | None = desk.extra.get(_SHOWN)
    won = _won(desk, gain) if gain is not None else None
    if gain is None or won is None:
        return None
    network, units = desk.plan.derived.network, answering(desk)
    key = ("aid", *_key(desk), repr(gain.permission))
    return Picture(key, lambda: draw_gain(network, won, units), describe(desk.plan))


def aid_marks(desk: Desk) -> Sequence[Mark]:
    """Return the station of the permission that is shown."""
    gain: Gain | None = desk.extra.get(_SHOWN)
    if gain is None or gain.permission.kind != PASS:
        return []
    stations = desk.plan.derived.network.stations
    return [Mark(((s.lon, s.lat),)) for s in stations if s.id == gain.permission.subject]
