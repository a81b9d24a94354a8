"""What the patrol page keeps on the desk: the day as planned, what was asked, and the one before each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from geo.travel import TravelGraph
from patrol.audit import Audit, audit_plan
from patrol.day import DayPlan, Route
from patrol.planner import Wish, WorkPlan
from patrol.quality import Quality, measure_quality
from patrol.reasons import LeftOut
from patrol.targets import Target
from patrol.tasks import Stretch
from patrol.units import Unit
from views.catalogue import Words
from views.pictures.routes import Driven, crew_label
from views.state import Desk

_DAY, _STORE = "day", "patrol"
NOTHING_NEW = Words("")


@dataclass(frozen=True)
class Asked:
    """What a day is planned with; times in hours and seconds since midnight."""

    units: tuple[Unit, ...]
    targets: tuple[Target, ...]
    stretches: tuple[Stretch, ...]
    shift_h: float
    start_s: float
    wish: Wish
    iterations: int
    seed: int


@dataclass(frozen=True)
class Planned:
    """A planned day.

    Attributes
    ----------
    key
        Key of the plan it was made on.
    graph
        The travel graph it was made on.
    made
        The day.
    asked
        What it was made with.
    audit, quality
        The independent re-pricing, and how good the patrol is; ``None`` for a draft that is only looked at.
    kept
        What had been driven when a crew dropped out.
    lost
        Tasks that could not be asked for.
    change
        What was changed by hand last, in both languages.
    before
        The day before that change, ``None`` for the first.
    """

    key: str
    graph: TravelGraph
    made: WorkPlan
    asked: Asked
    audit: Audit | None = None
    quality: Quality | None = None
    kept: tuple[Driven, ...] = ()
    lost: tuple[LeftOut, ...] = ()
    change: Words = NOTHING_NEW
    before: Planned | None = None

    @property
    def plan(self) -> DayPlan:
        """The day's routes."""
        return self.made.plan

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Everything nobody does, with the reasons."""
        return (*self.plan.left_out, *self.lost)

    @property
    def names(self) -> dict[str, str]:
        """Names of the tasks by id, those done before a crew dropped out too."""
        old = {} if self.before is None else self.before.names
        return old | {t.id: t.name or t.id for t in self.plan.day.targets}

    def label(self, route: Route) -> str:
        """Return the name of a crew."""
        return crew_label(self.plan.day, route)

    @property
    def crews(self) -> tuple[str, ...]:
        """Names of all crews that drive or have driven, sorted."""
        now = [self.label(route) for route in self.plan.routes]
        return tuple(sorted({*now, *(part.crew for part in self.kept)}))

    @property
    def palette(self) -> tuple[str, ...]:
        """Names of the crews in the order of their colours: a change by hand leaves the colours of the others."""
        old = () if self.before is None else self.before.palette
        return (*old, *(crew for crew in self.crews if crew not in old))


def check_day(planned: Planned) -> Planned:
    """Return a day with its re-pricing and its quality."""
    made = planned.made
    audit = audit_plan(planned.graph, made.plan, meetings=made.meetings, rest=made.wish.rest)
    return replace(planned, audit=audit, quality=measure_quality(planned.graph, [made.plan]))


def changed(planned: Planned, made: WorkPlan, change: Words, **more: Any) -> Planned:
    """Return a day that was changed by hand, priced again; the one before is kept for the way back."""
    return check_day(replace(planned, made=made, change=change, before=planned, **more))


def day_of(desk: Desk) -> Planned | None:
    """Return the day last planned."""
    planned: Planned | None = desk.extra.get(_DAY)
    return planned


def keep_day(desk: Desk, planned: Planned) -> None:
    """Keep a day as the one that is shown and printed."""
    desk.extra[_DAY] = planned


def result_of(desk: Desk) -> tuple[str, DayPlan] | None:
    """Return the day last planned, with the key of the plan it was made on."""
    planned = day_of(desk)
    return None if planned is None else (planned.key, planned.plan)


def is_stale(desk: Desk) -> bool:
    """Whether the plan has changed since the day was planned."""
    planned = day_of(desk)
    return planned is not None and planned.key != desk.key


def store_of(desk: Desk) -> dict[str, Any]:
    """Return what the forms of the page keep through reruns and page changes."""
    store: dict[str, Any] = desk.extra.setdefault(_STORE, {})
    return store


def stops_of(planned: Planned, crew: str) -> Sequence[str]:
    """Return the tasks a crew does, in order."""
    return [s.target for r in planned.plan.routes if planned.label(r) == crew for s in r.stops]
