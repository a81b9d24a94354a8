"""Everything that is doubtful about a plan in one list: reading, stations, split, decisions, closures, the doctor.

A person who has looked at a finding ticks it as reviewed with a reason: a ``comment`` decision whose key names the
finding. A review holds as long as the finding counts the same and says the same; when more turns up it is open again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from geo.findings import Finding, sort_findings
from plan.decisions import Decision

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from geo.network import Network
    from plan.model import Plan

COMMENT = "comment"
PREFIX = "finding:"


@dataclass(frozen=True, slots=True)
class Review:
    """Who looked at a finding, when, and why it may stay."""

    who: str
    when: str
    reason: str


def examine_plan(
    plan: Plan, *, today: date | None = None, edited: npt.NDArray[np.datetime64] | None = None
) -> tuple[Finding, ...]:
    """Return all findings of a plan, the gravest first.

    Parameters
    ----------
    plan
        The plan.
    today
        The day from which the age of the map is counted; without it age is not judged.
    edited
        datetime64[D] (ways,), the day each way was last edited.
    """
    from geo.doctor import examine

    doctor = examine(plan.land, today=today, edited=edited)
    return sort_findings({*plan.derived.findings, *doctor, *closure_findings(plan)})


def closure_findings(plan: Plan) -> tuple[Finding, ...]:
    """Return closures of the plan that concern no road of its map, whatever the hour."""
    from dataclasses import replace

    from geo.closures import DAY_MIN, EVERY_DAY, find_effect
    from plan.closures import closures_of

    always = [replace(c, start=None, end=None, from_min=0, to_min=DAY_MIN, days=EVERY_DAY) for c in closures_of(plan)]
    return find_effect(plan.land, always).findings


def edit_days(source: str, network: Network) -> npt.NDArray[np.datetime64] | None:
    """Return the day each way was last edited where the source is an OSM file, None where it is not."""
    from geo.doctor.edits import read_edit_days
    from geo.sniff import OSM_FORMATS

    path = Path(source)
    if network.source.format not in OSM_FORMATS or not path.is_file() or path.name != network.source.name:
        return None
    return read_edit_days(path, network)


def review_key(finding: Finding) -> str:
    """Return the key of the comment that reviews a finding: its code and what it is about."""
    about = "\0".join((finding.code, *finding.things, *(f"{x:.6f},{y:.6f}" for x, y in finding.places)))
    return f"{PREFIX}{finding.code}:{hashlib.sha256(about.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def review(finding: Finding, reason: str, *, who: str = "", when: str = "") -> Decision:
    """Return the decision that ticks a finding as reviewed; an empty reason takes the tick back."""
    value = {"reviewed": True, "code": finding.code, "count": finding.count} if reason.strip() else {"reviewed": False}
    return Decision(COMMENT, review_key(finding), value, who=who, when=when, why=reason.strip())


def reviews(plan: Plan, findings: Sequence[Finding]) -> Mapping[int, Review]:
    """Return the row in ``findings`` to the review in force, for findings that were ticked and still count the same."""
    made = plan.latest(COMMENT)
    found = {}
    for row, finding in enumerate(findings):
        decision = made.get(review_key(finding))
        if decision is None or not decision.value.get("reviewed") or decision.value.get("count") != finding.count:
            continue
        found[row] = Review(decision.who, decision.when, decision.why)
    return found
