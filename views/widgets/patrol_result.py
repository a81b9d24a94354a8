"""The planned day in the card: figures, one crew at a time, the stop that is chosen, what is left out and why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from patrol.day import Route, Stop
from patrol.reasons import LeftOut, Reason
from views.i18n import choose, format_clock, format_km, format_minutes, format_number, say, say_count
from views.state import Desk, current_desk
from views.widgets.markup import Markup, element, show
from views.widgets.parts import empty, facts, heading, note, section, strong, warn
from views.widgets.patrol_gantt import CREW, look_at_crew, show_stop
from views.widgets.patrol_give import show_gifts
from views.widgets.patrol_state import Planned, day_of, keep_day, store_of
from views.widgets.patrol_wish import describe_asked
from views.widgets.safe_text import one_line, plain

_MINUTE_S = 60.0
_MORE_TIME = {Reason.CAPACITY, Reason.SHIFT}


def show_result(desk: Desk) -> None:
    """Show the planned day."""
    planned = day_of(desk)
    if planned is None:
        heading(say("今天谁去哪里，按什么顺序？"), say("排班结果"))
        empty(say("还没有排班"), say("在“排班”页填好要求，按下面的按钮开始。"))
        return
    heading(say("今天谁去哪里，按什么顺序？"), _title(planned), describe_asked(planned.asked))
    _show_change(planned)
    _show_figures(planned)
    _choose_crew(desk, planned)
    _show_stop(desk, planned)
    _show_left_out(desk, planned)


def _title(planned: Planned) -> str:
    tasks = {t.id for t in planned.plan.day.targets} | {s.target for _, r, _ in planned.kept for s in r.stops}
    done = len(tasks) - len({item.target for item in planned.plan.left_out})
    return say(
        "{crews} 个班组，{done} / {total} 个目标",
        crews=len(planned.crews),
        done=done,
        total=len(tasks) + len(planned.lost),
    )


def _show_change(planned: Planned) -> None:
    """Show what was changed by hand last, and the way back."""
    if planned.before is None:
        return
    left, right = st.columns([3, 1])
    with left:
        note(choose(planned.change.zh, planned.change.en or planned.change.zh))
    right.button(say("↶ 撤销"), key="undo_change", width="stretch", on_click=_undo)


def _undo() -> None:
    desk = current_desk()
    planned = day_of(desk)
    if planned is not None and planned.before is not None:
        keep_day(desk, planned.before)


def _show_figures(planned: Planned) -> None:
    plan, audit = planned.plan, planned.audit
    length = "" if audit is None else format_km(audit.length_m)
    facts(
        [
            (say("行驶"), f"{format_minutes(plan.drive_s)} · {length}" if length else format_minutes(plan.drive_s)),
            (say("现场"), format_minutes(plan.work_s)),
            (say("两家会合"), say_count("{count} 处", len(planned.made.meetings)) if planned.made.meetings else ""),
            (say("步数 · 种子"), f"{plan.iterations:,} · {plan.seed}"),
        ]
    )
    for unit in planned.made.idle:
        warn(choose(unit.message, unit.message_en))


def quality_tiles(planned: Planned) -> Sequence[tuple[str, str, str]]:
    """Return the figures of the strip: name, value, and what it means."""
    plan, q = planned.plan, planned.quality
    if q is None:
        return ()
    gap = "–" if plan.gap is None else f"{plan.gap:.1%}"
    return (
        (
            say("最长班次"),
            say("{hours} 小时", hours=format_number(q.longest_s / 3600, digits=1)),
            say("出车最久的班组"),
        ),
        (say("空驶"), f"{q.deadhead:.1%}", say("行驶占行驶与现场之和")),
        (
            say("闲置均值"),
            say("{hours} 小时", hours=format_number(q.idle_mean_s / 3600, digits=1)),
            say("一处两次到访之间的平均间隔"),
        ),
        (say("重复"), f"{q.duplication:.1%}", say("两家都走过的里程占比")),
        (say("基尼"), f"{q.gini:.2f}", say("各车出车时间的不均，0 为全同；未出车者计 0")),
        (say("下界"), format_minutes(plan.bound_s), bound_words(plan.bound_name)),
        (say("差距"), gap, say("行驶高出下界的比例；下界不含班次，真实差距更小")),
    )


def bound_words(name: str) -> str:
    """Return what a lower bound is made of."""
    words = {
        "assignment": say("指派松弛：每处一进一出，不禁止小圈"),
        "assignment, meetings free": say("指派松弛，会合不限同时"),
    }
    return words.get(name, one_line(name))


def show_strip(planned: Planned) -> None:
    """Show the quality of the day in one row."""
    tiles: list[Markup] = []
    for name, value, meaning in quality_tiles(planned):
        tiles.append(element("div", element("span", name), element("b", value), css="rs-tile", title=meaning))
    if tiles:
        show(element("div", *tiles, css="rs-tiles"))


def _choose_crew(desk: Desk, planned: Planned) -> None:
    store, crews = store_of(desk), ["", *planned.crews]
    kept = str(store.get(CREW, ""))
    st.session_state["crew_shown"] = kept if kept in crews else ""
    chosen = st.selectbox(
        say("看哪个班组"),
        crews,
        key="crew_shown",
        on_change=_choose,
        format_func=lambda c: one_line(c, limit=20) if c else say("全部班组"),
    )
    if not chosen:
        return
    number = 0
    routes = [part.route for part in planned.kept if part.crew == chosen]
    routes += [r for r in planned.plan.routes if planned.label(r) == chosen]
    for route in routes:
        for stop in route.stops:
            number += 1
            _stop_button(planned, chosen, stop, number=number)
    if routes:
        note(
            say(
                "{leave} 出发，{back} 返回；行驶 {drive}。",
                leave=format_clock(min(r.leave_s for r in routes)),
                back=format_clock(max(r.return_s for r in routes)),
                drive=format_minutes(sum(r.drive_s for r in routes)),
            )
        )


def _choose() -> None:
    look_at_crew(current_desk(), str(st.session_state.get("crew_shown") or ""))


def _stop_button(planned: Planned, crew: str, stop: Stop, *, number: int) -> None:
    name = plain(planned.names.get(stop.target, stop.target), limit=26)
    st.button(
        f"**{number} {name}** {format_clock(stop.start_s)}–{format_clock(stop.depart_s)}",
        key=f"row_stop_{number}_{stop.target}",
        type="tertiary",
        width="stretch",
        on_click=_look,
        args=(stop.target, crew),
    )


def _look(task: str, crew: str) -> None:
    show_stop(current_desk(), task, crew)


def _show_stop(desk: Desk, planned: Planned) -> None:
    """Show the stop that is chosen, and which crews could take it over."""
    if desk.selection.kind != "target":
        note(say("点图上的停靠点或时间表中的一格，可看详情、改派班组。"))
        return
    task = desk.selection.id
    target = next((t for t in planned.plan.day.targets if t.id == task), None)
    if target is None:
        return
    section(one_line(target.name or task, limit=40))
    held = [(r, s, k) for r in planned.plan.routes for k, s in enumerate(r.stops, 1) if s.target == task]
    for route, stop, number in held:
        facts(_stop_rows(planned, route, stop, number=number))
    if desk.key == planned.key:
        show_gifts(desk, planned, task)


def _stop_rows(planned: Planned, route: Route, stop: Stop, *, number: int) -> list[tuple[str, str | Markup]]:
    wait = stop.start_s - stop.arrive_s
    return [
        (
            say("班组"),
            strong(say("{crew} 第 {number} 站", crew=one_line(planned.label(route), limit=20), number=number)),
        ),
        (
            say("到达"),
            format_clock(stop.arrive_s) + (f" · {say('等候')} {format_minutes(wait)}" if wait >= _MINUTE_S else ""),
        ),
        (say("检查"), f"{format_clock(stop.start_s)}–{format_clock(stop.depart_s)}"),
    ]


def _show_left_out(desk: Desk, planned: Planned) -> None:
    """Show what nobody does: why, what would fix it, and the fix itself where the page can do it."""
    items = planned.left_out
    if not items:
        return
    section(say("未安排 {count} 个", count=len(items)))
    for reason in sorted({item.reason for item in items}):
        group = [item for item in items if item.reason == reason]
        why, fix = split_reason(choose(group[0].message, group[0].message_en))
        warn(why)
        if fix:
            note(say("怎么办：{fix}", fix=fix))
        for item in group:
            _left_out_row(planned, item)
        if reason in _MORE_TIME and desk.key == planned.key:
            st.button(say("班次加 1 小时重排"), key=f"fix_{reason}", width="stretch", on_click=_add_hour)


def _left_out_row(planned: Planned, item: LeftOut) -> None:
    name = plain(planned.names.get(item.target, item.target), limit=34)
    st.button(
        f"**{name}**",
        key=f"row_left_{item.target}",
        type="tertiary",
        width="stretch",
        on_click=_look,
        args=(item.target, ""),
    )


def _add_hour() -> None:
    from dataclasses import replace

    from views.widgets.patrol_run import start_day
    from views.widgets.patrol_wish import wish_of

    desk = current_desk()
    planned = day_of(desk)
    if planned is None:
        return
    hours = min(24.0, planned.asked.shift_h + 1)
    wish_of(desk)["shift_h"] = hours
    start_day(replace(planned.asked, shift_h=hours), planned.lost)
    st.session_state["patrol_tab"] = "plan"


def split_reason(message: str) -> tuple[str, str]:
    """Return a reason and what would fix it: the sentences of the domain part them by a semicolon.

    Examples
    --------
    >>> split_reason("排不下；请增加车辆。")
    ('排不下。', '请增加车辆。')
    >>> split_reason("It has no time; add a car.")
    ('It has no time.', 'Add a car.')
    """
    for mark, stop in (("；", "。"), ("; ", ".")):
        why, found, fix = message.partition(mark)
        if found:
            return why + stop, fix[:1].upper() + fix[1:]
    return message, ""
