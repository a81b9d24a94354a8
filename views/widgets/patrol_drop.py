"""A crew drops out: choose the crew and the moment, see what the others would take over, then take the new day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta

import streamlit as st

from patrol.day import DayPlan, Route
from patrol.joint import read_meetings
from patrol.pairs import pairs_of
from patrol.planner import WorkPlan
from patrol.replan import Replanned, replan
from patrol.solver import Search
from views.catalogue import both
from views.i18n import choose, format_clock, pick_sentence, say
from views.pictures.routes import Driven, crew_label
from views.state import Desk, current_desk
from views.widgets.parts import note, table, warn
from views.widgets.patrol_state import Planned, check_day, day_of, keep_day, store_of
from views.widgets.patrol_wish import seconds_of
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

JOB = "dropout"
_OFFER, _OPEN = "dropout", "drop_open"
_STEP = timedelta(minutes=5)
_LAST_S = 86_340.0
_ITERATIONS = 300


@dataclass(frozen=True)
class Without:
    """The day without a crew: the one it was made from, what was found, and the day as it would be."""

    old: Planned
    found: Replanned
    new: Planned


def moment_of(desk: Desk) -> float | None:
    """Return the moment that is looked at, seconds since midnight, ``None`` while nobody drops out."""
    store = store_of(desk)
    return float(store["drop_at"]) if store.get(_OPEN) and "drop_at" in store else None


def offer_of(desk: Desk) -> Without | None:
    """Return the day without a crew that is looked at."""
    offer: Without | None = desk.extra.get(_OFFER)
    return offer if offer is not None and offer.old is day_of(desk) else None


def show_drop(desk: Desk, planned: Planned) -> None:
    """Show the form, the work, and what would change."""
    store = store_of(desk)
    store[_OPEN] = st.toggle(say("有班组退出"), bool(store.get(_OPEN)), key="drop_open")
    if not store[_OPEN]:
        desk.extra.pop(_OFFER, None)
        return
    crews = [(r.unit, r.car) for r in planned.plan.routes]
    names = {(r.unit, r.car): planned.label(r) for r in planned.plan.routes}
    if len(crews) < 1 or sum(u.available for u in planned.plan.day.units) < 2:  # noqa: PLR2004 - nobody would be left
        note(say("没有其他班组可以接替。"))
        return
    kept = store.get("drop_crew")
    store["drop_crew"] = st.selectbox(
        say("退出的班组"),
        crews,
        index=crews.index(kept) if kept in crews else 0,
        key="drop_crew",
        format_func=lambda crew: one_line(names[crew], limit=20),
    )
    low, high = span_of(planned)
    now = min(max(store.get("drop_at", (low + high) / 2), low), high)
    picked = st.slider(say("退出时刻"), _time(low), _time(high), _time(now), step=_STEP, key="drop_at", format="HH:mm")
    store["drop_at"] = seconds_of(picked)
    note(say("{clock}：图上的圈是各班组此刻的位置，已完成的不再变。", clock=format_clock(store["drop_at"])))
    _show_work(desk, planned)


def span_of(planned: Planned) -> tuple[float, float]:
    """Return when the first crew leaves and the last is back, within one day, seconds since midnight."""
    low = min(route.leave_s for route in planned.plan.routes)
    high = max(route.return_s for route in planned.plan.routes)
    return min(low, _LAST_S - 60), min(high, _LAST_S)


def _time(seconds: float) -> time:
    minutes = int(seconds // 60)
    return time(minutes // 60, minutes % 60)


def _show_work(desk: Desk, planned: Planned) -> None:
    job = job_of(desk, JOB)
    if job is not None and not job.is_finished:
        watch_job(JOB)
        return
    if job is not None:
        drop_job(desk, JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif isinstance(job.result, Without):
            desk.extra[_OFFER] = job.result
    store = store_of(desk)
    crew, at_s = store["drop_crew"], float(store["drop_at"])
    st.button(
        say("{clock} 起重排其余班组", clock=format_clock(at_s)),
        key="drop",
        width="stretch",
        on_click=_start,
        args=(planned, crew, at_s),
    )
    offer = offer_of(desk)
    if offer is not None:
        _show_offer(offer)


def _start(planned: Planned, crew: tuple[str, int], at_s: float) -> None:
    def work(job: Job) -> Without:
        def tell(done: int, total: int, _best_s: float | None) -> None:
            job.report(done, total, both("正在重排"))

        search = Search(_ITERATIONS, planned.asked.seed, progress=tell, cancel=job.stop.is_set)
        return drop_crew(planned, crew, at_s=at_s, search=search)

    desk = current_desk()
    desk.extra.pop(_OFFER, None)
    start_job(desk, JOB, work)


def drop_crew(planned: Planned, crew: tuple[str, int], *, at_s: float, search: Search) -> Without:
    """Plan the rest of a day without a crew.

    Raises
    ------
    InputError
        No other crew is left.
    """
    plan, wish = planned.plan, planned.made.wish
    found = replan(planned.graph, plan, unit=crew[0], car=crew[1], at_s=at_s, search=search, rest=wish.rest)
    rest = wish.rest if any(route.pauses for route in found.rest.routes) else None
    served = {stop.row for route in found.rest.routes for stop in route.stops}
    meetings = read_meetings(found.rest, [pair for pair in pairs_of(found.rest.day) if set(pair) <= served])
    made = WorkPlan(found.rest, meetings, "", exact=False, pauses=(), curve=(), idle=(), wish=replace(wish, rest=rest))
    kept = (*planned.kept, *(_driven(plan, route) for route in found.kept))
    change = both("{clock} {crew} 退出后的安排", clock=format_clock(at_s), crew=found.gone)
    new = replace(
        planned,
        made=made,
        kept=tuple(sorted(kept, key=lambda part: (part.crew, part.route.leave_s))),
        change=change,
        before=planned,
    )
    return Without(planned, found, check_day(new))


def _driven(plan: DayPlan, route: Route) -> Driven:
    """Return what a crew has driven; one that was home by then came home when it had planned to."""
    home = next(r.return_s for r in plan.routes if (r.unit, r.car) == (route.unit, route.car))
    return Driven(crew_label(plan.day, route), replace(route, return_s=min(route.return_s, home)), plan)


def without_rest(offer: Without) -> list[str]:
    """Return the crews that still drive and had a rest before them which the new day no longer holds."""
    wish = offer.old.made.wish.rest
    if wish is None:
        return []
    ahead = {
        offer.old.label(r) for r in offer.old.plan.routes if any(begin > offer.found.at_s for begin, _ in r.pauses)
    }
    rests = {offer.new.label(r) for r in offer.new.plan.routes if r.pauses}
    return sorted((ahead & {offer.new.label(r) for r in offer.new.plan.routes}) - rests)


def _show_offer(offer: Without) -> None:
    """Show who takes what over, what is left out, and the button that takes the day."""
    found, names = offer.found, offer.old.names
    done = len({stop.target for _, route, _ in offer.new.kept for stop in route.stops})
    note(
        say(
            "已完成 {done} 处，改由别人去 {moved} 处，未安排 {left} 处。",
            done=done,
            moved=len(found.moved),
            left=len(found.rest.left_out),
        )
    )
    if found.moved:
        table(
            (say("目标"), say("原班组"), say("现班组")),
            [(one_line(names.get(m.task, m.task), limit=20), m.before, m.after) for m in found.moved],
            numbers=0,
        )
    tired = without_rest(offer)
    if tired:
        warn(say("{crews} 的休息需另行安排。", crews="、".join(one_line(crew, limit=12) for crew in tired)))
    for item in found.rest.left_out[:6]:
        warn(f"{one_line(names.get(item.target, item.target), limit=24)}：{choose(item.message, item.message_en)}")
    st.button(say("采用重排结果"), key="take_drop", type="primary", width="stretch", on_click=_take, args=(offer,))


def _take(offer: Without) -> None:
    desk = current_desk()
    keep_day(desk, offer.new)
    desk.extra.pop(_OFFER, None)
    store_of(desk)[_OPEN] = False
    st.session_state["drop_open"] = False
