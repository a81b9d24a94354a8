"""What the top bar and its neighbours say: when a file was saved, whose it is, words for signs, the stale bar."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from views.widgets.frame import saved_when
from views.widgets.links import owner_of
from views.widgets.parts import told_as


def test_a_file_of_today_has_its_time_and_an_older_one_its_day(tmp_path: Path) -> None:
    """The bar says when the plan was saved before this session: the clock today, else the date."""
    path = tmp_path / "plan.gpkg"
    path.write_bytes(b"x")
    noon = datetime.now().astimezone().replace(hour=12, minute=4, second=0)
    os.utime(path, (noon.timestamp(), noon.timestamp()))
    assert saved_when(path) == "12:04"
    old = noon - timedelta(days=400)
    os.utime(path, (old.timestamp(), old.timestamp()))
    assert saved_when(path) == f"{old.year}年{old.month}月{old.day}日"
    assert saved_when(tmp_path / "gone.gpkg") == ""


def test_the_owner_of_a_file_is_named_where_the_system_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only plan says whose it is; where the system does not know, nothing is made up."""
    path = tmp_path / "plan.gpkg"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "owner", lambda _self: "gaosu2\n" + "x" * 80)
    assert owner_of(path).startswith("gaosu2")
    assert len(owner_of(path)) <= 33

    def unknown(_self: Path) -> str:
        raise KeyError

    monkeypatch.setattr(Path, "owner", unknown)
    assert owner_of(path) == ""


def test_a_sign_is_told_as_a_word() -> None:
    """A button that shows a sign carries a word that the style sheet hides from eyes alone."""
    assert told_as("↶ 3", "撤销") == "↶ 3 *撤销*"


def _stale() -> None:
    import streamlit as st

    from views.widgets.stale import stale_bar

    def again(name: str) -> None:
        st.session_state["done"] = name

    stale_bar("posts", again, ("x",))


def test_the_stale_bar_computes_anew_at_one_press() -> None:
    """Results that the plan has left behind say so and have one button, which calls what made them."""
    app = AppTest.from_function(_stale).run()
    button = app.button(key="again_posts")
    assert button.label == "重新计算"
    button.click().run()
    assert app.session_state["done"] == "x"
