"""The question of a person: what was typed, clicked or photographed, and the reply to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from geo.datum import Datum
from geo.errors import InputError, RoadseamError
from geo.stakes import find_stakes
from jurisdiction.ask.coordinates import find_coordinates
from jurisdiction.ask.photo import read_photo
from jurisdiction.ask.reply import Reply
from plan.askdesk import AskDesk, Question
from plan.model import Plan
from views.catalogue import both
from views.i18n import words_of
from views.search import require_things
from views.state import Desk, Target, current_desk, keep

SPOT = "spot"
_ASKED, _REPLY, _GUESSED = "asked", "reply", "whose_guessed"
_ZOOM = 16.5
DATUMS: dict[str, Datum | None] = {
    "wgs84": Datum.WGS84,
    "cgcs2000": Datum.CGCS2000,
    "gcj02": Datum.GCJ02,
    "bd09": Datum.BD09,
    "auto": None,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without its settings, and the place its reply put on the map."""

    question: Question
    place: tuple[float, float] | None


def datum_names() -> dict[str, str]:
    """Return what each datum is called in the choice."""
    names = {
        "wgs84": both("WGS-84（GPS、OSM）"),
        "cgcs2000": both("CGCS2000（天地图）"),
        "gcj02": both("GCJ-02（高德、腾讯）"),
        "bd09": both("BD-09（百度）"),
        "auto": both("不清楚，请判断"),
    }
    return {key: words_of(pair) for key, pair in names.items()}


def today() -> str:
    """Return the date of today, ISO."""
    return datetime.now(tz=UTC).date().isoformat()


def ask_desk(desk: Desk) -> AskDesk:
    """Return the desk that answers questions about the plan in force; kept as long as the plan stays what it is."""
    plan = desk.plan
    return keep(("ask", desk.key, today()), lambda: AskDesk(plan, today=today()))


def categories_of(plan: Plan) -> list[str]:
    """Return the categories of cases that some agency has an office for, in the order of the tables."""
    return list(dict.fromkeys(c.category for agency in plan.agencies for c in agency.contacts if c.category))


def guess_category(text: str, categories: Iterable[str]) -> str:
    """Return the category of cases that a sentence names by a word of two letters, ``""`` where none or several fit.

    Examples
    --------
    >>> guess_category("货车涉嫌超限", ["非法营运", "超限超载"])
    '超限超载'
    """
    fits = [name for name in categories if any(name[at : at + 2] in text for at in range(0, len(name) - 1, 2))]
    return fits[0] if len(fits) == 1 else ""


def _take_category(desk: Desk, text: str) -> None:
    """Choose the category that the words name; one that a person chose stays."""
    chosen, guessed = str(st.session_state.get("whose_category") or ""), desk.extra.get(_GUESSED, "")
    if chosen == guessed:
        desk.extra[_GUESSED] = st.session_state["whose_category"] = guess_category(text, categories_of(desk.plan))


def read_box(plan: Plan, text: str) -> Question:
    """Return the question that a typed text is.

    Raises
    ------
    InputError
        Nothing on the map answers to the text.
    """
    plain = text.strip()
    network = plan.derived.network
    if plain in network.row_of_segment:
        hit = require_things(plan, plain)[0]
        return Question(at=(hit.lon, hit.lat), datum=None)
    if find_coordinates(plain) or find_stakes(plain):
        return Question(text=plain)
    hits = _hits(plan, plain)
    if hits and hits[0].kind == "station":
        return Question(station=hits[0].label)
    return Question(text=plain)


def _hits(plan: Plan, text: str) -> list[Any]:
    from views.search import find_things

    try:
        return list(find_things(plan, text))
    except InputError:
        return []


def settings() -> tuple[Datum | None, str, str]:
    """Return datum, date and category as chosen."""
    chosen = st.session_state.get("whose_datum", "wgs84")
    day = st.session_state.get("whose_day")
    category = str(st.session_state.get("whose_category") or "")
    return DATUMS.get(chosen, Datum.WGS84), day.isoformat() if isinstance(day, date) else "", category


def reply_now(desk: Desk) -> Reply | None:
    """Return the reply to what stands on the desk: the question last asked, or the place last clicked.

    Raises
    ------
    InputError
        The question cannot be answered under the settings chosen.
    """
    spot = desk.extra.get(SPOT)
    asked: Asked | None = desk.extra.get(_ASKED)
    datum, day, category = settings()
    if asked is not None and spot == asked.place:
        question = asked.question
        is_typed = question.text or question.photo is not None
        question = replace(question, datum=datum if is_typed else Datum.WGS84, day=day, category=category)
    elif spot is not None:
        # The map is drawn in WGS-84: a click is, whatever the datum of typed coordinates.
        question = Question(at=spot, day=day, category=category)
    else:
        return None
    key, known = (desk.key, today(), question), desk.extra.get(_REPLY)
    if known is None or known[0] != key:
        known = (key, ask_desk(desk).ask(question))
        desk.extra[_REPLY] = known
    reply: Reply = known[1]
    return reply


def put_question(desk: Desk, question: Question) -> None:
    """Ask, and put the place of the reply on the map; what cannot be answered is one sentence."""
    desk.extra[_ASKED] = None
    datum, day, category = settings()
    try:
        full = replace(question, datum=datum if question.at is None else Datum.WGS84, day=day, category=category)
        reply = ask_desk(desk).ask(full)
    except RoadseamError as error:
        desk.message = str(error)
        return
    place = (reply.spot.lon, reply.spot.lat) if reply.spot is not None else None
    kept = replace(question, datum=Datum.WGS84)
    desk.extra[_ASKED], desk.extra[SPOT] = Asked(kept, place), place
    if reply.answer.segment:
        desk.select("segment", reply.answer.segment, place)
    else:
        desk.clear()
    if place is not None:
        desk.jump(Target(place=place, zoom=_ZOOM))


def ask_typed() -> None:
    """Answer what stands in the box."""
    desk = current_desk()
    text = str(st.session_state.get("where", ""))
    if not text.strip():
        return
    _take_category(desk, text)
    try:
        question = read_box(desk.plan, text)
        put_question(desk, question)
        if desk.message and not (find_coordinates(text) or find_stakes(text)):
            # The words name no place: say what the search box would say.
            desk.message = ""
            hit = require_things(desk.plan, text)[0]
            put_question(desk, Question(at=(hit.lon, hit.lat)))
    except RoadseamError as error:
        desk.message = str(error)


def ask_photo() -> None:
    """Answer the place of an uploaded photograph; its file name is a stranger's text and is not used."""
    desk = current_desk()
    upload = st.session_state.get("whose_photo")
    if upload is None:
        return
    try:
        photo = read_photo(upload.getvalue(), "photo.jpg")
    except RoadseamError as error:
        desk.message = str(error)
        return
    put_question(desk, Question(photo=photo))
