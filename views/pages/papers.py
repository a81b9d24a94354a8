"""Papers 文书: what do we take along to be signed? A pack, its contents with ticks, its pages, one download."""

from __future__ import annotations

import streamlit as st

from patrol.day import DayPlan
from views.catalogue import both
from views.i18n import say
from views.pages.page import Page
from views.papers.facts import facts_of
from views.papers.order import Item, Order
from views.pictures.owners import describe, draw_owners
from views.state import Desk
from views.widgets.map_view import Picture
from views.widgets.papers import choose_preview, show_error, show_making, tick_items
from views.widgets.papersorder import choose_pack, fill_in
from views.widgets.papersview import show_preview
from views.widgets.parts import heading, note

_VIEW = "papers_view_now"


def picture(desk: Desk) -> Picture:
    """Return the split; the pages lie over it."""
    plan = desk.plan
    return Picture(("owners", desk.key), lambda: draw_owners(plan), describe(plan))


def card(desk: Desk) -> None:
    """Show packs, fields, contents with ticks, and the one next step."""
    heading(say("文书"), say("带什么去签？"))
    show_error(desk)
    pack = choose_pack(desk)
    order = fill_in(desk, pack, _day_of(desk))
    chosen = tick_items(desk, pack, order)
    item = choose_preview(desk, chosen)
    facts = desk.extra.get("papers_facts")
    if facts is None or facts[0] != desk.key:
        facts = desk.extra["papers_facts"] = (desk.key, facts_of(desk.plan).stamp)
    note(facts[1])
    key = (desk.key, pack.key, *_fields(order))
    desk.extra[_VIEW] = (item, order, (*key, item.key if item else ""))
    show_making(desk, pack, order, chosen=chosen, key=(*key, tuple(one.key for one in chosen)))


def pages(desk: Desk) -> None:
    """Show the pages of the chosen paper over the map."""
    now: tuple[Item | None, Order, tuple[object, ...]] | None = desk.extra.get(_VIEW)
    if now is None:
        return
    with st.container(key="papers_view"):
        show_preview(desk, now[0], now[1], key=now[2])


def _fields(order: Order) -> tuple[object, ...]:
    """Return what an order depends on besides the plan."""
    day = "" if order.day is None else repr([(r.unit, r.car, [s.target for s in r.stops]) for r in order.day.routes])
    return (order.number, order.disputes, order.since, order.meeting, order.scale, order.paper, order.route, day)


def _day_of(desk: Desk) -> DayPlan | None:
    """Return the day planned on the patrol page, if the plan has not changed since."""
    from views.pages.patrol import is_stale, result_of

    result = result_of(desk)
    return None if result is None or is_stale(desk) else result[1]


PAPERS = Page(
    "papers",
    both("文书"),
    both("带什么去签？"),
    picture,
    card,
    options=pages,
)
