"""Permalinks on the screens: the address follows the desk, a new session follows its address, older versions say so."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from views.address import Address, read_address, write_address
from views.i18n import say
from views.state import Desk, Target
from views.widgets.markup import element, show
from views.widgets.safe_text import one_line

PLAN_DIGITS = 12
_OURS = ("plan", "v", "sel")


def follow_address(desk: Desk) -> None:
    """Take version, selection and view from the address of a new session."""
    address = read_address(st.query_params.to_dict())
    if address.plan and address.plan != desk.network_key[:PLAN_DIGITS]:
        desk.message = (
            "链接属于另一份方案，这里显示的是当前打开的方案。"
            " / The link belongs to another plan: this is the one that is open here."
        )
        return
    newest = len(desk.history.decisions)
    if address.plan and address.version is not None:
        if address.version < newest:
            desk.look_back(address.version)
        elif address.version > newest:
            desk.message = (
                f"链接的版本 v{address.version} 不在这份文件里（尚未保存？），这里显示 v{newest}。"
                f" / Version v{address.version} of the link is not in this file (not saved?): this is v{newest}."
            )
    if address.kind and _is_known(desk, address):
        desk.select(address.kind, address.id)
    if address.view is not None:
        zoom, lat, lon = address.view
        desk.jump(Target(place=(lon, lat), zoom=zoom))


def _is_known(desk: Desk, address: Address) -> bool:
    derived = desk.plan.derived
    known = {
        "segment": lambda: set(derived.network.segment_ids),
        "station": lambda: {station.id for station in desk.plan.stations},
        "seam": lambda: {seam.id for seam in derived.ownership.seams},
    }
    return address.kind not in known or address.id in known[address.kind]()


def tell_address(desk: Desk) -> None:
    """Bring the address up to date: plan, version, page and selection; the map adds its view when a link is copied."""
    chosen = desk.selection
    wanted = write_address(Address(desk.network_key[:PLAN_DIGITS], len(desk.history.decisions), chosen.kind, chosen.id))
    wanted["page"] = desk.page
    now = st.query_params.to_dict()
    if {**{k: v for k, v in now.items() if k not in _OURS and k != "view"}, **wanted} != now:
        for name in (*_OURS, "view"):
            if name in now and name not in wanted:
                del st.query_params[name]
        st.query_params.update(wanted)


def show_version_bar(desk: Desk) -> None:
    """Say that a newer version has taken the place of the one on the screen, and open that one at one press."""
    if desk.newest is None:
        _show_holder(desk)
        return
    version = len(desk.newest.decisions)
    with st.container(key="version_bar"):
        show(element("b", say("此版本已被 v{version} 取代", version=version)))
        st.button(say("打开 v{version}", version=version), key="open_newest", on_click=desk.look_ahead, width="stretch")


def _show_holder(desk: Desk) -> None:
    """Say why a plan file cannot be written, and whose it is."""
    path = desk.opened.path
    if path is None or not desk.is_read_only:
        return
    owner = owner_of(path)
    with st.container(key="version_bar"):
        show(element("b", say("只读：文件属于 {owner}", owner=owner) if owner else say("只读：文件不可写")))
        show(element("span", say("可查看、导出；要改动，请对方开放写权限，或下载方案另存一份。"), css="rs-note"))


def owner_of(path: Path) -> str:
    """Return the account that owns a file, as one short line; empty where the system does not tell."""
    try:
        return one_line(path.owner(), limit=32)
    except (OSError, KeyError, NotImplementedError):
        return ""
