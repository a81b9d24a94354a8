"""What the option cards cost to know: prices are computed in the background, so that cards and map never wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from geo.travel import build_travel_graph
from plan.model import EVERY_STATION, Plan
from plan.options import Case, Option, OptionDesk, read_cases
from views.catalogue import both
from views.crews import units_of
from views.i18n import say
from views.state import DEMO, Desk, current_desk, keep
from views.widgets.markup import element, show
from views.widgets.progress import Job, drop_job, job_of, start_job

_JOB, _KNOWN, _ASKED, _DESK = "prices", "prices", "prices_for", "option_desk"
_MOST_KNOWN = 24
_LOOK_EVERY_S = 0.5

Asked = tuple[str, str]
"""Key of the plan, and the station (or ``*``)."""


@dataclass(frozen=True)
class Prices:
    """The options of a station (or of all), or the sentence why there are none."""

    options: Mapping[str, Option]
    error: str = ""


def cases_of(desk: Desk) -> tuple[Case, ...]:
    """Return last year's cases: the demo has a table, other plans bring none."""
    if desk.opened.origin != DEMO:
        return ()
    from data.demo import table_path

    return keep(("demo-cases",), lambda: read_cases(table_path("cases.csv")))


def prices_of(desk: Desk, scope: str) -> Prices | None:
    """Return the options, ``None`` while they are computed; the first call begins that."""
    _take(desk)
    known: dict[Asked, Prices] = desk.extra.setdefault(_KNOWN, {})
    asked = (desk.key, scope)
    if asked in known:
        return known[asked]
    job = job_of(desk, _JOB)
    if job is None or desk.extra.get(_ASKED) != asked:
        _begin(desk, asked)
    return None


def _begin(desk: Desk, asked: Asked) -> None:
    plan, cases, ready = desk.plan, cases_of(desk), desk.extra.get(_DESK)
    desk.extra[_ASKED] = asked

    def work(job: Job) -> Any:
        job.report(0, 0, both("正在计算各方案的里程、p90、案件、桥梁"))
        priced: OptionDesk = ready[1] if ready and ready[0] == asked[0] else make_option_desk(plan, cases)
        return asked, price(plan, priced, asked[1]), priced

    start_job(desk, _JOB, work)


def make_option_desk(plan: Plan, cases: tuple[Case, ...]) -> OptionDesk:
    """Return the desk that prices options of a plan."""
    units = units_of(plan)
    return OptionDesk(plan, units, cases, graph=build_travel_graph(plan.network) if units else None)


def price(plan: Plan, priced: OptionDesk, scope: str) -> tuple[Option, ...]:
    """Return the options of a station, or of all stations; none where the station is gone."""
    if scope == EVERY_STATION:
        return priced.price_everywhere()
    station = next((s for s in plan.stations if s.id == scope), None)
    return () if station is None else priced.price(station).options


def _take(desk: Desk) -> None:
    """Put what a finished job found where the cards look for it."""
    job = job_of(desk, _JOB)
    if job is None or not job.is_finished:
        return
    drop_job(desk, _JOB)
    known: dict[Asked, Prices] = desk.extra.setdefault(_KNOWN, {})
    if job.result is None:
        known[desk.extra[_ASKED]] = Prices({}, job.error)
    else:
        asked, options, priced = job.result
        known[asked] = Prices({option.convention: option for option in reversed(options)})
        desk.extra[_DESK] = (asked[0], priced)
    for old in list(known)[:-_MOST_KNOWN]:
        del known[old]


def option_desk_of(desk: Desk) -> OptionDesk:
    """Return the desk that prices the plan as it stands: the one at hand, else a new one."""
    _take(desk)
    ready = desk.extra.get(_DESK)
    if ready is None or ready[0] != desk.key:
        ready = desk.extra[_DESK] = (desk.key, make_option_desk(desk.plan, cases_of(desk)))
    priced: OptionDesk = ready[1]
    return priced


@st.fragment(run_every=_LOOK_EVERY_S)
def watch_prices() -> None:
    """Say that prices are computed until they are; then the page is drawn again."""
    job = job_of(current_desk(), _JOB)
    if job is None or job.is_finished:
        st.rerun()
    show(element("div", say("正在计算各方案的里程、p90、案件、桥梁"), " …", css="rs-scope"))
