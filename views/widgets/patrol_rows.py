"""The list of targets: what each is, where from, who must come, whose road it lies on; filters and ticks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geo.classes import RoadClass
from geo.network import Network
from patrol.access import road_of, snap_targets
from patrol.authority import owners_of_places
from patrol.breakdown import CLASS_NAMES
from patrol.pairs import partners_of
from patrol.targets import Target
from patrol.tasks import CHECKPOINT, find_bad_checkpoints
from patrol.week import WeekPlan, visits_of
from patrol.zones.columns import KINDS
from plan.model import Plan
from views.catalogue import both
from views.i18n import say, term, words_of
from views.state import Desk, keep
from views.widgets.patrol_state import store_of
from views.widgets.patrol_tables import NO_ORIGIN, Origin, table_of
from views.widgets.safe_text import one_line

_KINDS = {
    "land": both("公路用地"),
    "control_zone": both("建筑控制区"),
    "visible_range": both("可视范围"),
    "under_bridge": both("桥下空间"),
    "plaza": both("收费广场"),
    "connector": both("连接线"),
    CHECKPOINT: both("卡点"),
    "stretch": both("管段巡查"),
}


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target as it stands in the list.

    Attributes
    ----------
    target, origin
        The target, and where it comes from.
    owner
        Owner label of the road on which a crew stops, several joined by ``+``; ``""`` off the map.
    agency
        Who must come: the target's agency, else the owner; two joined by ``+``.
    road, road_class
        Number and name of the road on which a crew stops, and its class; ``""`` where it has none.
    trouble
        Why it may not be done there, in both languages, or ``("", "")``.
    """

    target: Target
    origin: Origin
    owner: str
    agency: str
    road: str
    road_class: str = ""
    trouble: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is listed: kinds, owners, agencies, skills (empty: all), and what is due.

    ``due`` is ``""`` for all, ``week`` for what is due this week, else the number of a day of the week plan.
    """

    kinds: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    due: str = ""


ALL = Filters()


def kind_label(kind: str) -> str:
    """Return a kind of target in the language of the session; an unknown one stands for itself."""
    return words_of(_KINDS[kind]) if kind in _KINDS else KINDS.get(kind, one_line(kind, limit=24))


def rows_of(desk: Desk) -> tuple[TargetRow, ...]:
    """Return the targets of the plan as rows, in the order of the plan."""
    return keep(("patrol_rows", desk.key), lambda: make_rows(desk.plan))


def make_rows(plan: Plan) -> tuple[TargetRow, ...]:
    """Return the targets of a plan as rows; see `TargetRow`."""
    table, network = table_of(plan), plan.derived.network
    if not table.targets:
        return ()
    places = snap_targets(network, table.targets)
    owners = owners_of_places(network, places, list(plan.derived.holder))
    bad = find_bad_checkpoints(network, table.targets, places)
    made = []
    for k, target in enumerate(table.targets):
        segment = int(places.segment[k])
        owner = "+".join(sorted(owners[k]))
        pair = partners_of(target, ()) if "+" in target.agency else None
        why = (bad[k].message, bad[k].message_en) if k in bad else ("", "")
        made.append(
            TargetRow(
                target,
                table.origins.get(target.id, NO_ORIGIN),
                owner,
                "+".join(pair) if pair else target.agency or owner,
                _road(network, segment),
                "" if segment < 0 else CLASS_NAMES[RoadClass(int(network.segment_class[segment]))],
                why,
            )
        )
    return tuple(made)


def road_label(row: TargetRow) -> str:
    """Return the road on which a crew stops in the language of the session; one without a name by what it is."""
    if row.road or not row.road_class:
        return one_line(row.road, limit=40)
    return f"{say('无名道路')} · {term(row.road_class)}"


def _road(network: Network, segment: int) -> str:
    """Return number and name of a road, ``""`` where it has neither."""
    name = "" if segment < 0 else road_of(network, segment)
    return "" if segment >= 0 and name == network.segment_ids[segment] else name


def choose_rows(
    rows: Sequence[TargetRow], filters: Filters, *, week: WeekPlan | None = None, number: int = 0
) -> list[TargetRow]:
    """Return the rows that pass the filters.

    Parameters
    ----------
    rows
        All rows.
    filters
        What is wanted.
    week
        The week plan, where there is one.
    number
        Number of the week, from 0, for targets that are due less than once a week.
    """
    return [
        row
        for row in rows
        if (not filters.kinds or row.target.kind in filters.kinds)
        and (not filters.owners or filters.owners & set(row.owner.split("+")))
        and (not filters.agencies or row.agency in filters.agencies)
        and (not filters.skills or row.target.skill in filters.skills)
        and _is_due(row.target, filters.due, week=week, number=number)
    ]


def _is_due(target: Target, due: str, *, week: WeekPlan | None, number: int) -> bool:
    if due == "week":
        return visits_of(target, number) > 0
    if due.isdigit() and week is not None:
        return int(due) in week.pattern.get(target.id, ())
    return True


def values_of(rows: Iterable[TargetRow]) -> dict[str, list[str]]:
    """Return what can be filtered by: the kinds, owners, agencies and skills that occur, sorted."""
    rows = list(rows)
    found = {
        "kinds": {r.target.kind for r in rows},
        "owners": {part for r in rows for part in r.owner.split("+")},
        "agencies": {r.agency for r in rows},
        "skills": {r.target.skill for r in rows},
    }
    return {name: sorted(values - {""}) for name, values in found.items()}


def off_of(desk: Desk) -> frozenset[str]:
    """Return the ids of the targets that are not ticked."""
    off: frozenset[str] = store_of(desk).get("off", frozenset())
    return off


def set_off(desk: Desk, off: Iterable[str]) -> None:
    """Choose which targets are not ticked; tables that show them begin anew."""
    store = store_of(desk)
    store["off"] = frozenset(off)
    store["ticks"] = int(store.get("ticks", 0)) + 1


def wanted_of(desk: Desk) -> tuple[Target, ...]:
    """Return the targets that are ticked."""
    off = off_of(desk)
    return tuple(target for target in table_of(desk.plan).targets if target.id not in off)
