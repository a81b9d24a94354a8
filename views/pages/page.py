"""What every screen is made of: a picture on the one map, a side card, and at need marks, options, a tray."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from folium.map import Layer

from views.catalogue import Words
from views.state import Desk
from views.widgets.map_view import Mark, Picture


def _no_marks(_desk: Desk) -> Sequence[Mark | Layer]:
    return ()


@dataclass(frozen=True)
class Page:
    """One screen.

    Attributes
    ----------
    name
        Its name in the address (``?page=boundary``).
    label
        What the rail says.
    question
        The one question it answers.
    picture
        What the map shows.
    card
        Fills the side card.
    marks
        Lines, places and handles over the map.
    options
        Fills a row of cards over the map.
    tray
        Fills a tray under the map.
    has_tray
        Whether there is something to put in the tray now.
    whole
        Fills the whole window instead: no rail, no bar, no ledger; map and card are its own affair.
    """

    name: str
    label: Words
    question: Words
    picture: Callable[[Desk], Picture]
    card: Callable[[Desk], None]
    marks: Callable[[Desk], Sequence[Mark | Layer]] = _no_marks
    options: Callable[[Desk], None] | None = None
    tray: Callable[[Desk], None] | None = None
    has_tray: Callable[[Desk], bool] = bool
    whole: Callable[[Desk], None] | None = None
