"""What a person asks for when papers are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from patrol.day import DayPlan
from plan.model import Plan
from views.catalogue import Words
from views.papers.minutes import Meeting

Files = list[tuple[str, bytes]]
Tell = Callable[[int, int, Words], None]


@dataclass(frozen=True)
class Order:
    """An order of papers.

    Attributes
    ----------
    plan
        The plan.
    number
        Document number of a signed agreement, ``""`` for a draft.
    disputes
        Ids of the disputes for the minutes; all when empty.
    since
        Day or version since which changes are listed.
    meeting
        Date, place, offices of the meeting.
    scale, paper, route
        1:N (``None``: one sheet), ``A3`` or ``A4``, and the route of strip maps.
    day
        The day planned for the crews, ``None`` where there is none.
    transfer
        Data of a transfer letter.
    """

    plan: Plan
    number: str = ""
    disputes: tuple[str, ...] = ()
    since: str = ""
    meeting: Meeting = field(default_factory=Meeting)
    scale: float | None = None
    paper: str = "A3"
    route: str = ""
    day: DayPlan | None = None
    transfer: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Item:
    """One paper of a pack.

    Attributes
    ----------
    key, label
        Its name for code and for people.
    file
        What the file is called.
    make
        Returns its files; told how far it is.
    missing
        What would have to be filled in first; a paper with something missing is still made, with room to write.
    is_blocked
        Whether it cannot be made at all.
    view
        Returns a PDF for the preview, ``None`` where a paper has no pages (tables, map files).
    """

    key: str
    label: Words
    file: str
    make: Callable[[Order, Tell], Files]
    missing: Callable[[Order], tuple[Words, ...]]
    is_blocked: Callable[[Order], bool]
    view: Callable[[Order, Tell], bytes] | None = None
