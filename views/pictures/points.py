"""Points that several pictures share: stations, units, targets, findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.columns import TextColumn
from geo.findings import Finding
from geo.network import Network
from geo.stations import StationKind
from patrol.targets import Target
from patrol.units import Unit, is_local
from views.catalogue import both, both_in
from views.map.palette import FINDING, STATION, TARGET, UNIT_EXPRESSWAY, UNIT_LOCAL
from views.map.tables import PointTable
from views.pictures.base import card
from views.words import word, word_en

_UNITS = tuple(
    replace(style, numbered=False, radius_px=8.0, label_zoom=10.0) for style in (UNIT_LOCAL, UNIT_EXPRESSWAY)
)
"""Units by side, named beside the symbol: their names are too long to stand in it."""

NOT_OURS = frozenset({StationKind.GATE, StationKind.BORDER})


def draw_stations(network: Network) -> PointTable:
    """Return the toll stations of a network by name and kind."""
    stations = [s for s in network.stations if s.kind not in NOT_OURS]
    kinds = [word(s.kind) for s in stations]
    english = {word(kind): word_en(kind) for kind in StationKind}
    return PointTable(
        np.array([s.lon for s in stations], dtype=np.float64),
        np.array([s.lat for s in stations], dtype=np.float64),
        np.zeros(len(stations), dtype=np.uint8),
        [s.id for s in stations],
        TextColumn.from_strings([s.name for s in stations]),
        (STATION,),
        cards=(card(both("类型"), kinds, english=english.__getitem__),),
        kind="station",
        key="stations",
        title=both_in("many", "收费站"),
    )


def draw_units(units: Sequence[Unit]) -> PointTable:
    """Return units at their posts, by side."""
    return PointTable(
        np.array([u.lon for u in units], dtype=np.float64),
        np.array([u.lat for u in units], dtype=np.float64),
        np.array([0 if is_local(u.agency) else 1 for u in units], dtype=np.uint8),
        [u.id for u in units],
        TextColumn.from_strings([u.id for u in units]),
        _UNITS,
        cards=(
            card(both("单位"), [u.agency for u in units]),
            card(both("可出动车辆"), [str(u.available) for u in units]),
        ),
        kind="unit",
        key="units",
        title=both_in("many", "单元"),
    )


def draw_targets(targets: Sequence[Target]) -> PointTable:
    """Return inspection targets."""
    return PointTable(
        np.array([t.lon for t in targets], dtype=np.float64),
        np.array([t.lat for t in targets], dtype=np.float64),
        np.zeros(len(targets), dtype=np.uint8),
        [t.id for t in targets],
        TextColumn.from_strings([t.name or t.id for t in targets]),
        (TARGET,),
        cards=(card(both("停留"), [f"{t.service_s / 60:.0f} min" for t in targets]),),
        kind="target",
        key="targets",
        title=both_in("many", "检查目标"),
    )


def finding_id(row: int, place: int) -> str:
    """Return the id of one place of a finding: its row in the list of findings and its number."""
    return f"f{row}.{place}"


def draw_findings(findings: Sequence[Finding]) -> PointTable:
    """Return every place of every finding."""
    places = [(row, k, *place) for row, f in enumerate(findings) for k, place in enumerate(f.places)]
    messages = [findings[row].message for row, *_ in places]
    english = {f.message: f.message_en for f in findings}
    return PointTable(
        np.array([lon for _, _, lon, _ in places], dtype=np.float64),
        np.array([lat for _, _, _, lat in places], dtype=np.float64),
        np.zeros(len(places), dtype=np.uint8),
        [finding_id(row, k) for row, k, _, _ in places],
        TextColumn.from_strings(["" for _ in places]),
        (FINDING,),
        cards=(card(both("发现"), messages, english=english.__getitem__),),
        kind="finding",
        key="findings",
        title=both_in("many", "体检发现"),
    )
