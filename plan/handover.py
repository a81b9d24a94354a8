"""Handover 移交: metres that change hands by agreement but were not handed over yet.

A ``set_handover`` decision names a seam, a stretch, or segments, with a status ``pending`` or ``done``. Of a seam the
connector is meant: the ramps, plazas and roads named 连接线 on its ordinary side, up to the first ordinary road.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from jurisdiction.brigades import Assignment
    from jurisdiction.ownership import Ownership, Seam
    from plan.model import Plan

Mask = npt.NDArray[np.bool_]

DONE = "done"
_CONNECTOR = "连接线"
_RAMPS = ("motorway", "stub", "link", "toll_free_link", "plaza_lane", "ordinary_link")
"""Rows of the rule table that vote on ramps, plazas and stubs."""


def find_pending(plan: Plan, ownership: Ownership, assignment: Assignment) -> tuple[Mask, list[Finding]]:
    """Return which pieces are pending handover, and a finding about decisions that name nothing on this map.

    Parameters
    ----------
    plan, ownership
        The plan, and a split of its network.
    assignment
        The brigades of its pieces, for handovers of a stretch.
    """
    pending = np.zeros(len(ownership.cut.base), dtype=bool)
    lost = []
    for key, decision in plan.latest("set_handover").items():
        mask = _pieces(plan, ownership, assignment, named=(key, decision.value))
        if not mask.any():
            lost.append(key)
        elif decision.value.get("status") != DONE:
            pending |= mask
    if not lost:
        return pending, []
    listed = "、".join(lost[:5])
    gone = Finding(
        "handover_off_map",
        Severity.WARNING,
        len(lost),
        f"{len(lost)} 项移交所指的界点、管段或路段不在地图上（{listed}），决定仍保留，请重新指定。",
        f"{len(lost)} handovers name no seam, stretch or segment of this map ({listed}); kept, name them anew.",
        things=tuple(lost[:50]),
    )
    return pending, [gone]


def _pieces(plan: Plan, ownership: Ownership, assignment: Assignment, *, named: tuple[str, Mapping[str, Any]]) -> Mask:
    key, value = named
    base = ownership.cut.base
    if value.get("segments"):
        known = plan.network.row_of_segment
        rows = [known[s] for s in value["segments"] if s in known]
        return np.isin(base, rows)
    stretch = str(value.get("stretch", "") or key.removeprefix("stretch:"))
    numbers = [k for k, span in enumerate(assignment.claims.spans) if span.stretch.name == stretch]
    if numbers:
        return np.isin(assignment.stretch, numbers)
    wanted = str(value.get("seam", "") or key)
    seam = next((s for s in ownership.seams if s.id == wanted), None)
    return connector_of(ownership, seam) if seam is not None else np.zeros(len(base), dtype=bool)


def connector_of(ownership: Ownership, seam: Seam) -> Mask:
    """Return bool (pieces,): what lies between a seam and the first ordinary road on its ordinary side.

    Where the seam meets an ordinary road at once, the pieces of that road at the seam.
    """
    network = ownership.network
    seg = network.segments
    named = network.ways.text["name"].where(lambda name: _CONNECTOR in name)[seg.way]
    evidence = ownership.evidence
    ramps = np.isin(evidence.rule, [evidence.rule_names.index(name) for name in _RAMPS])
    open_roads = ~ownership.expressway & (ramps | named)
    result = np.zeros(len(seg), dtype=bool)
    first = [row for row in seam.ordinary if open_roads[row]]
    if not first:
        result[list(seam.ordinary)] = True
        return result
    at: dict[int, list[int]] = {}
    for row in np.flatnonzero(open_roads).tolist():
        for node in (int(seg.u[row]), int(seg.v[row])):
            at.setdefault(node, []).append(row)
    front, seams = list(first), {s.node for s in ownership.seams}
    while front:
        row = front.pop()
        if result[row]:
            continue
        result[row] = True
        for node in (int(seg.u[row]), int(seg.v[row])):
            if node not in seams:
                front += [other for other in at[node] if not result[other]]
    return result
