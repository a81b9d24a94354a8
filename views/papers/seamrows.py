"""The seams of a plan as rows: what a person signs under."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from geo.classes import CLASS_OF_HIGHWAY
from jurisdiction.ownership import Seam
from plan.model import EVERY_STATION, Derived, Plan
from views.papers.facts import agency_names
from views.papers.model import Column, Table
from views.papers.stakes import read_places
from views.papers.text import clean
from views.words import word

HANDOVER: Mapping[str, str] = {"pending": "待移交", "done": "已移交", "handed_over": "已移交", "none": "不涉及"}
"""Status of a handover (``set_handover``) as papers write it; no decision means nothing is to be handed over."""


@dataclass(frozen=True, slots=True)
class SeamRow:
    """One seam.

    Attributes
    ----------
    number
        From 1, in the order of the table.
    id, station, kind
        Seam id, name of the station (``""`` where none), kind of place.
    road, stake
        Number and name of the road on the expressway's side, its stake (``""`` where not known).
    segment, offset_m
        Where it lies: segment of the map and metres from its first point.
    lon, lat
        WGS-84 degrees.
    expressway, ordinary
        Letters of the agencies on either side (`letter_key` says who they are).
    convention, reason, handover
        Which rule put it there, in words why, and the status of the handover.
    """

    number: int
    id: str
    station: str
    kind: str
    road: str
    stake: str
    segment: str
    offset_m: float
    lon: float
    lat: float
    expressway: str
    ordinary: str
    convention: str
    reason: str
    handover: str


def seam_rows(plan: Plan, *, only: Collection[str] | None = None) -> list[SeamRow]:
    """Return the seams of a plan by station, then longitude; ``only`` keeps seams of these ids."""
    derived = plan.derived
    network = derived.network
    named = {s.id: clean(s.name or s.id, limit=40) for s in network.stations}
    chosen = [s for s in derived.ownership.seams if only is None or s.id in only]
    chosen.sort(key=lambda s: (not s.station, named.get(s.station, ""), s.lon, s.lat, s.id))
    sides = [_place(derived, seam) for seam in chosen]
    stakes = read_places(plan, sides)
    names = {**agency_names(plan), **{a.id: clean(a.letter, limit=8) or a.id for a in plan.agencies}}
    return [
        _row(plan, seam, k, place=place, stake=stake, named=(named, names))
        for k, (seam, place, stake) in enumerate(zip(chosen, sides, stakes, strict=True), start=1)
    ]


def _place(derived: Derived, seam: Seam) -> tuple[int, float]:
    """Return segment row and metres along it of a seam, on the expressway's side where it has one."""
    row = min((*seam.expressway, *seam.ordinary)[: max(1, len(seam.expressway))])
    segments = derived.network.segments
    at_start = int(segments.u[row]) == seam.node
    return row, 0.0 if at_start else float(segments.length_m[row])


def _row(
    plan: Plan,
    seam: Seam,
    number: int,
    *,
    place: tuple[int, float],
    stake: str,
    named: tuple[Mapping[str, str], Mapping[str, str]],
) -> SeamRow:
    derived = plan.derived
    cut = derived.ownership.cut
    row, offset = place
    base = plan.network.segment_ids[int(cut.base[row])]
    return SeamRow(
        number,
        seam.id,
        named[0].get(seam.station, ""),
        word(seam.kind),
        road_of(derived, row),
        stake,
        base,
        round(float(cut.from_mm[row]) / 1000 + offset, 3),
        seam.lon,
        seam.lat,
        _agencies(derived, seam.expressway, named[1]),
        _agencies(derived, seam.ordinary, named[1]),
        _convention(plan, seam),
        reason_of(derived, seam),
        handover_of(plan, seam.id),
    )


def road_of(derived: Derived, row: int) -> str:
    """Return number and name of the road of a segment, or what kind of road it is."""
    network = derived.network
    parts = [clean(network.text(tag, row), limit=24) for tag in ("ref", "name")]
    told = " ".join(part for part in parts if part)
    kind = CLASS_OF_HIGHWAY.get(network.text("highway", row))
    return told or (word(kind.name.lower()) if kind is not None else "无名道路")


def _agencies(derived: Derived, rows: tuple[int, ...], names: Mapping[str, str]) -> str:
    keys = {derived.agency[row] if derived.owner[row] != "none" else "none" for row in rows}
    contested = any(derived.owner[row] == "contested" for row in rows)
    told = "、".join(names.get(key, clean(key, limit=40)) for key in sorted(keys))
    return told + ("（争议）" if contested else "")


def _convention(plan: Plan, seam: Seam) -> str:
    if seam.kind == "agreed":
        return word("agreed")
    chosen = plan.latest("choose_convention")
    decision = chosen.get(seam.station) or chosen.get(EVERY_STATION)
    return word(str(decision.value.get("convention", plan.convention)) if decision else plan.convention)


def reason_of(derived: Derived, seam: Seam) -> str:
    """Return in words why a seam lies where it lies: the votes on both sides, the price, the margin."""
    ownership = derived.ownership
    votes = []
    for rows in (seam.expressway, seam.ordinary):
        if rows:
            vote: dict[str, Any] = dict(ownership.reasons(rows[0])[0])
            votes.append(f"{word(str(vote['vote']))}→{word(str(vote['for']))}")
    return "；".join([*votes, f"反证须满 {seam.margin_m:,.0f} m"])


def letter_key(plan: Plan) -> str:
    """Return one line that says which agency each letter of the table stands for."""
    return "；".join(f"{clean(a.letter, limit=8) or a.id}＝{clean(a.name, limit=40)}" for a in plan.agencies)


def handover_of(plan: Plan, seam: str) -> str:
    """Return the status of a seam's handover as papers write it."""
    decision = plan.latest("set_handover").get(seam)
    if decision is None:
        return "不涉及"
    status = str(decision.value.get("status", "pending"))
    return HANDOVER.get(status, clean(status, limit=12))


SEAM_COLUMNS = (
    Column("序号", 0.6, "center"),
    Column("收费站", 1.1),
    Column("路线", 1.1),
    Column("桩号", 1.0),
    Column("路段与米数", 2.55),
    Column("经度，纬度", 1.2),
    Column("高速侧", 0.75, "center"),
    Column("普通侧", 0.75, "center"),
    Column("划界方式", 0.95, "center"),
    Column("理由", 3.5),
    Column("移交", 0.75, "center"),
)
"""Columns of the table of seams, for a page that lies across."""


def seam_table(rows: list[SeamRow], *, note: str = "") -> Table:
    """Return the table of seams for a page that lies across; ``note`` stands under it."""
    body = [
        (
            str(r.number),
            r.station or r.kind,
            r.road,
            r.stake or "—",
            f"{r.segment} +{r.offset_m:,.1f} m",
            f"{r.lon:.6f}, {r.lat:.6f}",
            r.expressway,
            r.ordinary,
            r.convention,
            r.reason,
            r.handover,
        )
        for r in rows
    ]
    return Table(SEAM_COLUMNS, body, size_pt=9.0, empty="无界点", note=note)
