"""The frame of all screens: rail, top bar, the stage with map and card, ledger bar."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from geo.errors import RoadseamError
from plan.planfile import SaveError
from views.i18n import LANGUAGE_KEY, Language, format_day, language, pick_sentence, say, say_in, set_language, words_of
from views.map.store import sweep_data_files
from views.pages import all_pages
from views.pages.page import Page
from views.scheme import next_scheme, scheme, set_scheme, style_of
from views.search import Hit, require_things
from views.state import Desk, Target, current_desk
from views.widgets.ask_batch import known_cases
from views.widgets.exporting import plan_bytes
from views.widgets.keys import show_keys, take_step
from views.widgets.ledger import show_ledger
from views.widgets.links import follow_address, show_version_bar, tell_address
from views.widgets.map_view import show_map, take_click
from views.widgets.markup import element, show
from views.widgets.parts import go, told_as, warn
from views.widgets.safe_text import one_line
from views.widgets.tour import TOUR, begin_once, reopen, show_tour


def dress() -> None:
    """Put our style sheets on the page, in the colours of the session."""
    st.html(style_of(scheme()))


@st.cache_resource(show_spinner=False)
def sweep_once() -> int:
    """Remove old data files of the map, once a server."""
    return sweep_data_files(keep=32)


def read_address() -> None:
    """Take language and page from the address of a new session; unknown values count for nothing."""
    if LANGUAGE_KEY not in st.session_state:
        set_language("en" if st.query_params.get("lang") == "en" else "zh")


def page_of(desk: Desk) -> Page:
    """Return the page on which the desk is."""
    pages = {page.name: page for page in all_pages()}
    if "is_addressed" not in desk.extra:
        desk.extra["is_addressed"] = True
        wanted = st.query_params.get("page")
        if wanted in pages:
            desk.page = wanted
        begin_once(desk)
        follow_address(desk)
    return pages.get(desk.page) or pages["boundary"]


def show_rail(desk: Desk) -> None:
    """Show the places of the app and the language switch."""
    with st.container(key="rail"):
        show(element("div", "路界", css="rs-brand", title="Roadseam"))
        for page in all_pages():
            kind: Literal["primary", "tertiary"] = "primary" if page.name == desk.page else "tertiary"
            st.button(
                words_of(page.label), key=f"go_{page.name}", type=kind, width="stretch", on_click=go, args=(page.name,)
            )
        with st.container(key="rail_foot"):
            st.button(
                say("导览"),
                key="tour_open",
                type="tertiary",
                width="stretch",
                icon=":material/help:",
                help=say("五分钟导览，从路网到文书"),
                on_click=reopen,
            )
            names = {"auto": say_in("scheme", "自动"), "light": say("浅色"), "dark": say("深色")}
            icons = {"auto": "contrast", "light": "light_mode", "dark": "dark_mode"}
            st.button(
                names[scheme()],
                key="switch_scheme",
                type="tertiary",
                width="stretch",
                icon=f":material/{icons[scheme()]}:",
                help=say("外观：自动（随系统）、浅色、深色"),
                on_click=_switch_scheme,
            )
            st.button(
                "English" if language() == "zh" else "中文",
                key="switch_language",
                type="tertiary",
                width="stretch",
                on_click=_switch_language,
            )


def _switch_language() -> None:
    code: Language = "zh" if language() == "en" else "en"
    set_language(code)
    st.query_params["lang"] = code


def _switch_scheme() -> None:
    name = next_scheme()
    set_scheme(name)
    if name == "auto":
        st.query_params.pop("theme", None)
    else:
        st.query_params["theme"] = name


def show_bar(desk: Desk) -> None:
    """Show the plan's title and version, saved state, undo and redo, the search box."""
    with st.container(key="topbar", horizontal=True, vertical_alignment="center", gap="small"):
        version = len(desk.history.decisions)
        state, css = _saved_state(desk)
        title = one_line(desk.opened.plan.title or say("未命名方案"), limit=60)
        show(
            element(
                "div",
                element("b", title, title=title),
                element("span", f" v{version} · "),
                element("span", state, css=css),
                css="rs-plan",
            )
        )
        _save_button(desk)
        st.button(
            told_as(f"↶ {desk.undo_steps}", say("撤销")),
            key="undo",
            on_click=desk.undo,
            disabled=not desk.undo_steps,
            help=say("撤销上一条决定（Ctrl+Z）"),
            shortcut="Ctrl+Z",
        )
        st.button(
            told_as(f"↷ {desk.redo_steps}", say("重做")),
            key="redo",
            on_click=desk.redo,
            disabled=not desk.redo_steps,
            help=say("重做（Ctrl+Y）"),
            shortcut="Ctrl+Y",
        )
        show_keys(desk)
        st.text_input(
            say("搜索"),
            key="search",
            on_change=_search,
            label_visibility="collapsed",
            placeholder=say("桩号 / 收费站 / 路名 / 坐标 / 案号 / 文号"),
        )


def _saved_state(desk: Desk) -> tuple[str, str]:
    if desk.is_read_only:
        return say("只读"), "rs-stale-text"
    if not desk.is_saved:
        return say("未保存"), "rs-stale-text"
    if desk.opened.path is None:
        return say("未改动"), "rs-quiet"
    return say("已保存 {when}", when=desk.saved_at or saved_when(desk.opened.path)).strip(), "rs-quiet"


def saved_when(path: Path) -> str:
    """Return when a file was last written: the time of a file of today, else its day; empty where nobody knows."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except OSError:
        return ""
    is_today = written.date() == datetime.now().astimezone().date()
    return written.strftime("%H:%M") if is_today else format_day(written.date().isoformat())


def _save_button(desk: Desk) -> None:
    if desk.opened.path is not None and not desk.is_read_only:
        st.button(
            say("保存"),
            key="save",
            on_click=_save,
            disabled=desk.is_saved,
            shortcut="Ctrl+S",
            help=say("保存到原文件（Ctrl+S）"),
        )
        return
    plan, history = desk.plan, desk.history
    st.download_button(
        say("下载方案"),
        data=lambda: plan_bytes(plan, history),
        file_name="plan.gpkg",
        key="download_plan",
        mime="application/geopackage+sqlite3",
        on_click="ignore",
        help=say("下载为 .gpkg，可用 QGIS 打开"),
    )


def _save() -> None:
    desk = current_desk()
    try:
        desk.save()
    except (RoadseamError, SaveError) as error:
        desk.message = str(error)


def _search() -> None:
    desk = current_desk()
    text = str(st.session_state.get("search", ""))
    desk.extra["hits"] = []
    if not text.strip():
        return
    try:
        hits = require_things(desk.plan, text, cases=known_cases(desk))
    except RoadseamError as error:
        desk.message = str(error)
        return
    show_hit(desk, hits[0])
    desk.extra["hits"] = hits if len(hits) > 1 else []


def show_hit(desk: Desk, hit: Hit) -> None:
    """Select what was found and jump to it."""
    place = (hit.lon, hit.lat)
    desk.extra["spot"] = place
    if hit.kind in {"place", "stake", "case"}:
        desk.clear()
        desk.page = "whose"
        desk.is_moved = True
    else:
        desk.select(hit.kind, hit.id, place)
    desk.jump(Target(bounds=hit.bounds, place=None if hit.bounds else place, zoom=16.0))


@st.fragment
def show_stage() -> None:
    """Show map and side card of the page; a click on the map draws these anew and nothing else."""
    desk = current_desk()
    if desk.is_moved:
        desk.is_moved = False
        st.rerun()
    page = page_of(desk)
    take_click(desk)
    take_step(desk)
    tell_address(desk)
    # The map's place in the page never changes, so that its frame is never moved and never loads again.
    frame = st.container(key="mapbox")
    with st.container(key="card"):
        show_tour(desk)
        _messages(desk)
        show_version_bar(desk)
        page.card(desk)
    if page.options is not None:
        with st.container(key="options"):
            page.options(desk)
    with frame:
        show_map(desk, page.picture(desk), page.marks(desk))
    if page.tray is not None and page.has_tray(desk):
        with st.container(key="tray"):
            page.tray(desk)


@st.fragment
def show_whole() -> None:
    """Show a page that fills the window."""
    desk = current_desk()
    if desk.is_moved:
        desk.is_moved = False
        st.rerun()
    page = page_of(desk)
    if page.whole is not None:
        page.whole(desk)
        if desk.extra.get(TOUR):
            show_tour(desk)


def _messages(desk: Desk) -> None:
    if desk.message:
        warn(pick_sentence(desk.message), kind="error")
        desk.message = ""
    hits: list[Hit] = desk.extra.get("hits") or []
    if len(hits) > 1:
        with st.container(key="hits"):
            names = {hit.id: hit for hit in hits}
            st.selectbox(
                say("搜索结果 {count} 项", count=len(hits)),
                list(names),
                key="hit",
                on_change=_choose_hit,
                format_func=lambda ident: one_line(names[ident].label),
            )


def _choose_hit() -> None:
    desk = current_desk()
    chosen = st.session_state.get("hit")
    for hit in desk.extra.get("hits") or []:
        if hit.id == chosen:
            show_hit(desk, hit)


def show_foot(desk: Desk) -> None:
    """Show the ledger bar."""
    with st.container(key="ledger", horizontal=True, vertical_alignment="center"):
        show_ledger(desk)
