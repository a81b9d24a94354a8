"""The guided tour: who is invited, what each stop does by itself, and that it stays away once it was skipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from plan.model import Plan
from views.catalogue import Words
from views.pages import all_pages
from views.state import DEMO, DESK_KEY, Desk, Opened, put_on_desk
from views.widgets import tour


@pytest.fixture
def newcomer(repo_root: Path, monkeypatch: pytest.MonkeyPatch, demo: Plan) -> AppTest:
    """Return the app as it meets a person for the first time."""
    assert demo.title
    monkeypatch.delenv("ROADSEAM_PLAN", raising=False)
    monkeypatch.chdir(repo_root)
    return AppTest.from_file(str(repo_root / "app.py"), default_timeout=60)


def desk_of(app: AppTest) -> Desk:
    """Return the desk of a session."""
    desk: Desk = app.session_state[DESK_KEY]
    return desk


def test_every_stop_is_on_a_page_and_has_both_languages() -> None:
    """The stops go through all seven pages in the order of the story, each with words in Chinese and English."""
    pages = [stop.page for stop in tour.STOPS]
    assert list(dict.fromkeys(pages)) == [page.name for page in all_pages()]
    texts: list[Words] = [words for stop in tour.STOPS for words in (stop.title, stop.text)]
    assert all(words.zh and words.en for words in texts)


def test_a_newcomer_is_led_to_a_station_and_its_options(newcomer: AppTest) -> None:
    """The invitation moves nothing; its stops turn the page, select the station, preview an option; skip ends it."""
    newcomer.run()
    assert desk_of(newcomer).extra[tour.TOUR] == 0
    assert not desk_of(newcomer).selection
    newcomer.button(key="tour_next").click().run()
    assert desk_of(newcomer).page == "network"
    newcomer.button(key="tour_next").click().run()
    desk = desk_of(newcomer)
    assert (desk.page, desk.selection.kind) == ("boundary", "station")
    newcomer.button(key="tour_next").click().run()
    assert desk.extra["preview"][1] == desk.selection.id
    newcomer.button(key="tour_back").click().run()
    assert desk.extra["preview"] is None
    newcomer.button(key="tour_skip").click().run()
    assert desk.extra[tour.TOUR] is None
    assert newcomer.query_params["tour"] in ("0", ["0"])
    assert not any(button.key == "tour_next" for button in newcomer.button)
    newcomer.button(key="tour_open").click().run()
    assert desk.extra[tour.TOUR] == 1


@pytest.mark.parametrize("query", [{"tour": "0"}, {"v": "3"}, {"tour": "99"}, {"tour": "²"}])
def test_nobody_is_invited_twice_or_on_the_way_to_a_place(
    demo: Plan, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever skipped the tour before, or follows a link to a version or place, sees no tour."""
    monkeypatch.setattr(tour.st, "query_params", query)
    desk = put_on_desk(Opened(demo, DEMO), network_key="0" * 64)
    tour.begin_once(desk)
    assert desk.extra[tour.TOUR] is None


@pytest.mark.parametrize(("query", "stop"), [({}, 0), ({"tour": "4"}, 4), ({"page": "coverage", "lang": "en"}, 0)])
def test_the_address_keeps_the_stop(
    demo: Plan, query: dict[str, str], stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page loaded again goes on at its stop; a bare address invites; a plan of one's own never does."""
    monkeypatch.setattr(tour.st, "query_params", query)
    desk = put_on_desk(Opened(demo, DEMO), network_key="0" * 64)
    tour.begin_once(desk)
    assert desk.extra[tour.TOUR] == stop
    own = put_on_desk(Opened(demo, "upload"), network_key="0" * 64)
    tour.begin_once(own)
    assert own.extra[tour.TOUR] is None
