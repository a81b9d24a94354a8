"""What a task table may refer to on a plan: stakes of its routes, and its zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from patrol.tasktable import Lookup, Place
from views.console.jobs import Tell

if TYPE_CHECKING:
    from patrol.targets import Target
    from plan.model import Plan


def make_lookup(plan: Plan, *, tell: Tell) -> Lookup:
    """Return the lookup of a plan; zones are made when one is asked for first."""
    return Lookup(_stake_finder(plan), _zone_finder(plan, tell))


def _stake_finder(plan: Plan) -> Callable[[str, str], tuple[Place, ...]]:
    from geo.stakes import parse_stake

    def find(road: str, text: str) -> tuple[Place, ...]:
        places = plan.derived.stakes.locate(parse_stake(text, route=road))
        return tuple((place.lon, place.lat) for place in places)

    return find


def _zone_finder(plan: Plan, tell: Tell) -> Callable[[str], tuple[Target, ...]]:
    @cache
    def table() -> dict[str, list[Target]]:
        from patrol.zones.targets import TARGET_KINDS, make_targets
        from views.console.zonejobs import ZoneOptions, build

        zones = build(plan, ZoneOptions(kinds=TARGET_KINDS), tell=tell)
        found: dict[str, list[Target]] = defaultdict(list)
        for made in make_targets(zones, agency=plan.derived.agency):
            found[made.zone].append(made.target)
        return found

    def find(zone: str) -> tuple[Target, ...]:
        return tuple(table().get(zone, ()))

    return find
