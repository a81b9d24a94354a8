"""The plan's table of tasks on the patrol page: targets with where they come from, and stretches to be patrolled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.network import Network
from patrol.reasons import LeftOut, Reason
from patrol.targets import Target, Window
from patrol.tasks import Stretch
from patrol.zones import Zones
from patrol.zones.targets import ZoneTarget
from plan.model import Plan
from views.crews import TABLE, targets_of, targets_value


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a target comes from: its zone, the rule row with its source, and the segment that gives access."""

    zone: str = ""
    rule: str = ""
    source: str = ""
    access: str = ""


NO_ORIGIN = Origin()


@dataclass(frozen=True)
class TaskTable:
    """The tasks of a plan.

    Attributes
    ----------
    targets
        Places.
    origins
        Where targets come from, by target id; those a person made have none.
    stretches
        Stretches, written as ways of segments and directions.
    """

    targets: tuple[Target, ...]
    origins: Mapping[str, Origin]
    stretches: tuple[Mapping[str, Any], ...] = ()

    def value(self) -> dict[str, Any]:
        """Return the value of the decision that sets these tasks."""
        kept = {t.id for t in self.targets}
        made = targets_value(self.targets)
        origins = {k: [o.zone, o.rule, o.source, o.access] for k, o in self.origins.items() if k in kept}
        if origins:
            made["origins"] = origins
        if self.stretches:
            made["stretches"] = [dict(row) for row in self.stretches]
        return made

    def with_targets(self, added: Iterable[Target], origins: Mapping[str, Origin] | None = None) -> TaskTable:
        """Return the table with more targets; one of the same id takes the place of the old."""
        merged = {t.id: t for t in self.targets} | {t.id: t for t in added}
        return TaskTable(tuple(merged.values()), {**self.origins, **(origins or {})}, self.stretches)

    def without(self, ids: Iterable[str]) -> TaskTable:
        """Return the table without some tasks."""
        gone = set(ids)
        return TaskTable(
            tuple(t for t in self.targets if t.id not in gone),
            {k: o for k, o in self.origins.items() if k not in gone},
            tuple(row for row in self.stretches if row["id"] not in gone),
        )


def table_of(plan: Plan) -> TaskTable:
    """Return the tasks that a plan sets."""
    decision = plan.latest("set_targets").get(TABLE)
    if decision is None:
        return TaskTable((), {})
    value = decision.value
    origins = {str(k): Origin(*map(str, parts)) for k, parts in dict(value.get("origins", {})).items()}
    return TaskTable(targets_of(plan), origins, tuple(value.get("stretches", ())))


def origins_from(zones: Zones, found: Sequence[ZoneTarget]) -> dict[str, Origin]:
    """Return the origin of each target that was made from a zone."""
    row = {ident: number for number, ident in enumerate(zones.ids)}
    rules = {made.zone: zones.drafts[row[made.zone]].row for made in found}
    return {
        made.target.id: Origin(made.zone, rules[made.zone].id, rules[made.zone].source, made.access) for made in found
    }


def stretch_rows(network: Network, stretches: Sequence[Stretch]) -> tuple[dict[str, Any], ...]:
    """Return stretches as JSON values: arcs become segment ids with a direction, which outlive a new numbering."""
    return tuple(
        {
            "id": s.id,
            "ways": [[[network.segment_ids[arc >> 1], arc & 1] for arc in way] for way in s.ways],
            "pace": s.pace,
            "stop_s": s.stop_s,
            "kind": s.kind,
            "window": [s.window.from_s, s.window.to_s] if s.window else None,
            "agency": s.agency,
            "name": s.name,
            "skill": s.skill,
        }
        for s in stretches
    )


def read_stretches(
    network: Network, rows: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Stretch, ...], tuple[LeftOut, ...]]:
    """Return the stretches on a network; one whose segments were cut anew by a moved seam is left out and named."""
    found, lost = list[Stretch](), list[LeftOut]()
    known = network.row_of_segment
    for row in rows:
        ways = [[(str(ident), int(back)) for ident, back in way] for way in row["ways"]]
        if any(ident not in known for way in ways for ident, _ in way):
            lost.append(_cut_anew(str(row["id"])))
            continue
        window = row.get("window")
        found.append(
            Stretch(
                str(row["id"]),
                tuple(tuple(2 * known[ident] + back for ident, back in way) for way in ways),
                float(row["pace"]),
                float(row["stop_s"]),
                str(row["kind"]),
                Window(int(window[0]), int(window[1])) if window else None,
                str(row["agency"]),
                str(row["name"]),
                str(row["skill"]),
            )
        )
    return tuple(found), tuple(lost)


def _cut_anew(name: str) -> LeftOut:
    return LeftOut(
        name,
        Reason.NO_ACCESS,
        "界点移动后管段的路段已变；请重新上传任务表。",
        "A seam has moved and the stretch's segments have changed; upload the task table again.",
    )
