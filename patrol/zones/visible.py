"""Visible range 可视范围: what is seen from an expressway, within a distance that the rule table assumes."""

from __future__ import annotations

from geo.findings import Finding, Severity
from patrol.zones.control import make_distances
from patrol.zones.drafts import Draft
from patrol.zones.groups import Layout
from patrol.zones.overlay import Taken
from patrol.zones.rules import ZoneRules


def make_visible(layout: Layout, rules: ZoneRules, land: Taken) -> tuple[list[Draft], list[Finding]]:
    """Return the visible range of expressways, and what it leaves out."""
    drafts = make_distances("visible_range", layout, rules, land=land)
    if not drafts:
        return [], []
    width = max(draft.row.distance_m for draft in drafts)
    finding = Finding(
        "zone_visible_assumed",
        Severity.NOTE,
        len(drafts),
        f"可视范围按用地外缘起 {width:g} m 假定，未计地形、声屏障和树木；以现场所见为准。",
        f"the visible range is assumed as {width:g} m from the edge of land; terrain, screens and trees are unknown.",
    )
    return drafts, [finding]
