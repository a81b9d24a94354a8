"""From zones to inspection targets: a place on a road that a car can reach, time on site, and who must come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.classes import RoadClass
from geo.errors import InputError
from patrol.targets import Target
from patrol.units import JOINT
from patrol.zones.columns import KINDS, Zones
from patrol.zones.drafts import Draft
from patrol.zones.overlaps import Overlaps
from patrol.zones.plane import Plane
from patrol.zones.roads import STRUCTURE

TARGET_KINDS = ("plaza", "connector", "under_bridge", "control_zone", "land", "visible_range")
"""Kinds of zones that become targets."""

_FIRST, _SECOND, _THIRD = 0, 1, 2
_NAMELESS = {"ramp": "匝道", "service": "服务区", "expressway": "高速公路"}
_NO_STOP = (RoadClass.FERRY, RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK)


@dataclass(frozen=True, slots=True)
class ZoneTarget:
    """A target with what it came from.

    Attributes
    ----------
    target
        The target; its agency is the owner's, or ``joint`` where owner and road of access differ.
    zone
        Id of its zone.
    priority
        0 an overlap with a supplied polygon, 1 a place for both agencies, 2 any other.
    polygon
        Id of the supplied polygon, or ``""``.
    access
        Id of the segment on which the place lies.
    """

    target: Target
    zone: str
    priority: int
    polygon: str
    access: str

    def to_json(self) -> dict[str, object]:
        """Return the target as plain values, with the columns of a target table."""
        t = self.target
        return {
            "id": t.id,
            "lon": t.lon,
            "lat": t.lat,
            "service_min": round(t.service_s / 60, 2),
            "kind": t.kind,
            "window": "",
            "visits_per_week": t.visits_per_week,
            "agency": t.agency,
            "name": t.name,
            "zone": self.zone,
            "priority": self.priority,
            "polygon": self.polygon,
            "access": self.access,
        }


def make_targets(
    zones: Zones,
    *,
    agency: Sequence[str],
    kinds: Collection[str] | None = None,
    owners: Collection[str] | None = None,
    overlaps: Overlaps | None = None,
    most_urgent: int | None = None,
) -> tuple[ZoneTarget, ...]:
    """Make targets of zones.

    Parameters
    ----------
    zones
        The zones.
    agency
        Agency id of each segment of the network.
    kinds
        Kinds of zones to take, of ``TARGET_KINDS``; all of them by default.
    owners
        Owner agencies of zones to take (``joint`` takes what both must visit); all of them by default.
    overlaps
        Supplied polygons that lie in zones: each becomes one target and comes first.
    most_urgent
        Leave out targets of a priority number above this.

    Returns
    -------
    tuple
        By priority, then in the order of zones; ids are unique.

    Raises
    ------
    InputError
        There is no such kind.
    """
    unknown = sorted(set(kinds or ()) - set(TARGET_KINDS))
    if unknown:
        raise InputError(
            f"“{unknown[0][:40]}”不能作为巡查目标，可选：{'、'.join(TARGET_KINDS)}。 / "
            f"{unknown[0][:40]!r} is no kind of target; choose of {', '.join(TARGET_KINDS)}."
        )
    desk = _Desk(zones, agency)
    wanted = [k for k in TARGET_KINDS if kinds is None or k in kinds]
    found = desk.from_overlaps(overlaps, wanted) if overlaps is not None and len(overlaps) else []
    for numbers in _gather(zones, wanted):
        found += desk.from_zones(numbers)
    kept = [
        t
        for t in found
        if (owners is None or t.target.agency in owners) and (most_urgent is None or t.priority <= most_urgent)
    ]
    return tuple(sorted(kept, key=lambda t: t.priority))


def _road_name(draft: Draft) -> str:
    """Return the number or name of a zone's road, or what it is where it has neither."""
    return draft.group.road or _NAMELESS.get(draft.group.technical, "无名道路")


def _gather(zones: Zones, wanted: Collection[str]) -> list[list[int]]:
    """Return the zones that make targets together: the halves of a plaza, and the widths of one road of one agency."""
    together: dict[tuple[str, str, str], list[int]] = {}
    for number, draft in enumerate(zones.drafts):
        if draft.kind not in wanted:
            continue
        if draft.kind == "plaza":
            key = (draft.kind, draft.thing, "")
        elif draft.place is None and draft.group.road:
            key = (draft.kind, draft.group.road, draft.group.agency)
        else:
            key = (draft.kind, zones.ids[number], "")
        together.setdefault(key, []).append(number)
    return list(together.values())


class _Desk:
    """Zones with the roads around them, for finding where to stop."""

    def __init__(self, zones: Zones, agency: Sequence[str]) -> None:
        self.zones = zones
        self.agency = agency
        self.plane = Plane.of(zones.network)
        usable = ~zones.roads.is_expressway & ~np.isin(zones.network.segment_class, _NO_STOP)
        usable &= zones.roads.structure != STRUCTURE.index("tunnel")
        rows = np.flatnonzero(usable)
        self.rows = rows[np.argsort(self.plane.rank[rows])].astype(np.int64)
        self.tree = shapely.STRtree(list(self.plane.lines[self.rows]))

    def from_zones(self, numbers: Sequence[int]) -> list[ZoneTarget]:
        """Return the targets of zones that belong together: one, or one every so many metres of their road."""
        number = numbers[0]
        draft = self.zones.drafts[number]
        row = self.zones.rules.targets[draft.kind]
        if draft.place is not None:
            access = draft.access if draft.access >= 0 else int(draft.segments[0])
            return [self._target(number, 1, draft.place, access=access, also=draft.also)]
        found = []
        segments = np.concatenate([self.zones.drafts[n].segments for n in numbers])
        segments = segments[np.argsort(self.plane.rank[segments])]
        for k, (segment, point) in enumerate(self._stops(segments, row.every_m), start=1):
            access, place = segment, point
            if draft.kind == "visible_range":
                access, place = self._ordinary_near(point, draft.row.distance_m, otherwise=segment)
            also = tuple(sorted({str(self.agency[access])} - {draft.group.agency}))
            found.append(self._target(number, k, self._degrees(place), access=access, also=also))
        return found

    def _stops(self, rows: npt.NDArray[np.int64], every_m: float) -> list[tuple[int, shapely.Point]]:
        """Return where to stop along a road: the middle of each part of about ``every_m``."""
        lines = self.plane.lines[rows]
        middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
        away = middle - middle.mean(axis=0)
        axis = np.linalg.svd(away, full_matrices=False)[2][0] if len(rows) > 1 else np.array((1.0, 0.0))
        # The sign of a principal axis is arbitrary: take the one that points east.
        axis = axis if (axis[0], axis[1]) > (0.0, 0.0) else -axis
        order = np.lexsort((self.plane.rank[rows], np.round(away @ axis, 3)))
        length = shapely.length(lines)[order]
        total = float(length.sum())
        parts = max(round(total / every_m), 1) if every_m > 0 else 1
        upto = np.cumsum(length)
        stops = []
        for k in range(parts):
            at = total * (k + 0.5) / parts
            n = min(int(np.searchsorted(upto, at)), len(order) - 1)
            inside = float(np.clip(at - (upto[n] - length[n]), 0.0, length[n]))
            stops.append((int(rows[order[n]]), shapely.line_interpolate_point(lines[order[n]], inside)))
        return stops

    def _ordinary_near(self, point: shapely.Point, reach_m: float, *, otherwise: int) -> tuple[int, shapely.Point]:
        """Return the nearest ordinary road within reach and the place on it; the road itself where there is none."""
        if not len(self.rows):
            return otherwise, point
        near = self.tree.query_nearest(point, max_distance=reach_m, all_matches=True)
        if not len(near):
            return otherwise, point
        row = int(self.rows[int(near.min())])
        line = self.plane.lines[row]
        return row, shapely.line_interpolate_point(line, shapely.line_locate_point(line, point))

    def from_overlaps(self, overlaps: Overlaps, wanted: Sequence[str]) -> list[ZoneTarget]:
        """Return one target a polygon that lies in a wanted zone: that with the largest overlap names it."""
        row = self.zones.rules.targets["overlap"]
        best: dict[int, int] = {}
        for k, polygon in enumerate(overlaps.polygon.tolist()):
            if overlaps.zones.drafts[int(overlaps.zone[k])].kind not in wanted:
                continue
            old = best.get(polygon)
            if old is None or overlaps.area_m2[k] > overlaps.area_m2[old]:
                best[polygon] = k
        found = []
        for polygon, k in sorted(best.items()):
            zone = int(overlaps.zone[k])
            draft = overlaps.zones.drafts[zone]
            shape = self.plane.to_plane(overlaps.supplied.shape[[polygon]])[0]
            point = shapely.centroid(shape)
            access, place = self._reach(point, draft.segments)
            name = overlaps.supplied.ids[polygon]
            lon, lat = self._degrees(place)
            agencies = {draft.group.agency, str(self.agency[access])}
            target = Target(
                f"t{overlaps.supplied.kind}/{name}",
                lon,
                lat,
                row.service_s,
                draft.kind,
                None,
                row.visits_per_week,
                draft.group.agency if len(agencies) == 1 else JOINT,
                f"{_road_name(draft)}{KINDS[draft.kind]}内 {name}（{overlaps.area_m2[k]:.0f} m²）",
            )
            ident = self.zones.network.segment_ids[access]
            found.append(ZoneTarget(target, overlaps.zones.ids[zone], _FIRST, name, ident))
        return found

    def _reach(self, point: shapely.Point, own: npt.NDArray[np.int64]) -> tuple[int, shapely.Point]:
        """Return the nearer of the zone's own road and any ordinary road, and the place on it."""
        lines = self.plane.lines[own]
        away = shapely.distance(lines, point)
        first = int(np.argmin(away))
        row, place = self._ordinary_near(point, float(away[first]), otherwise=-1)
        if row >= 0:
            return row, place
        line = lines[first]
        return int(own[first]), shapely.line_interpolate_point(line, shapely.line_locate_point(line, point))

    def _degrees(self, point: shapely.Point) -> tuple[float, float]:
        moved = self.plane.to_degrees(np.array([point], dtype=np.object_))[0]
        return round(float(moved.x), 7), round(float(moved.y), 7)

    def _target(
        self, number: int, part: int, place: tuple[float, float], *, access: int, also: tuple[str, ...]
    ) -> ZoneTarget:
        draft, ident = self.zones.drafts[number], self.zones.ids[number]
        row = self.zones.rules.targets[draft.kind]
        who = JOINT if also else draft.group.agency
        title = draft.note if draft.kind == "plaza" else _road_name(draft)
        target = Target(
            f"t{ident}#{part}",
            place[0],
            place[1],
            row.service_s,
            draft.kind,
            None,
            row.visits_per_week,
            who,
            f"{title}{KINDS[draft.kind]}{part if row.every_m else ''}",
        )
        priority = _SECOND if who == JOINT else _THIRD
        return ZoneTarget(target, ident, priority, "", self.zones.network.segment_ids[access])
