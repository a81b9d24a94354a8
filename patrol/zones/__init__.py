"""Roadside zones: land, control zones, set-backs, sight, structures, under-bridge spaces, plazas and connectors.

Every zone is a reference line, with the width and the rule row that it rests on; ``make_zones`` makes them all.
"""

from __future__ import annotations

from patrol.zones.build import make_zones
from patrol.zones.columns import COLUMNS, KINDS, LABEL, Zones
from patrol.zones.rivers import Rivers
from patrol.zones.rules import ZoneRules, zone_rules

__all__ = ["COLUMNS", "KINDS", "LABEL", "Rivers", "ZoneRules", "Zones", "make_zones", "zone_rules"]
