"""Authority: which unit may work where. A crew works only where its agency owns; a mixed crew everywhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from geo.network import Network
from geo.snapping import Snapped
from patrol.targets import Target
from patrol.units import JOINT, LOCAL, Unit, is_local

EXPRESSWAY = "expressway"

NOBODY = frozenset({"", "none", "contested", "pending", "ask", "outside"})
"""Owner labels that give no single agency authority; only a mixed crew works there."""


def may_work(agency: str, owner: str) -> bool:
    """Return whether a unit of one agency may work where the owner label says so.

    Parameters
    ----------
    agency
        Agency of the unit.
    owner
        Owner of the place: ``ordinary`` or ``local``, ``expressway``, or the id of an agency.

    Examples
    --------
    >>> may_work("local", "ordinary"), may_work("expressway", "ordinary"), may_work("joint", "none")
    (True, False, True)
    """
    if agency == JOINT:
        return True
    if owner in NOBODY or owner == JOINT:
        return False
    if agency == owner:
        return True
    if is_local(owner) or is_local(agency):
        return is_local(owner) and is_local(agency)
    return EXPRESSWAY in {agency, owner}


def can_do(unit: Unit, target: Target) -> bool:
    """Return whether a crew has the skill that a target asks for."""
    return not target.skill or target.skill in unit.skills


def owners_of_places(network: Network, places: Snapped, owner_of_segment: Sequence[str]) -> list[frozenset[str]]:
    """Return the owner labels at each place: one, or all that meet where the place is a node."""
    at_node = np.unique(places.node[places.node >= 0])
    seg = network.segments
    touching = np.flatnonzero(np.isin(seg.u, at_node) | np.isin(seg.v, at_node))
    meeting: dict[int, set[str]] = {}
    for row in touching.tolist():
        for node in (int(seg.u[row]), int(seg.v[row])):
            meeting.setdefault(node, set()).add(owner_of_segment[row])
    return [
        frozenset() if segment < 0 else frozenset(meeting[node] if node >= 0 else {owner_of_segment[segment]})
        for segment, node in zip(places.segment.tolist(), places.node.tolist(), strict=True)
    ]


def allow_targets(
    units: Sequence[Unit], targets: Sequence[Target], owners: Sequence[Collection[str]]
) -> npt.NDArray[np.bool_]:
    """Return which unit may work on which target and has the skill for it, bool (units, targets).

    Parameters
    ----------
    units, targets
        The crews and the places.
    owners
        Owner labels at each target; a target that names its agency overrides them.
    """
    allowed = np.zeros((len(units), len(targets)), dtype=bool)
    for j, target in enumerate(targets):
        labels = {target.agency} if target.agency else owners[j]
        for i, unit in enumerate(units):
            allowed[i, j] = can_do(unit, target) and any(may_work(unit.agency, label) for label in labels)
    return allowed


__all__ = ["EXPRESSWAY", "LOCAL", "NOBODY", "allow_targets", "can_do", "may_work", "owners_of_places"]
