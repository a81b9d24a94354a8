"""The task table: places, zones, checkpoints and stretches of road in one CSV file.

==================  ===================================================================================================
column              meaning
==================  ===================================================================================================
``id``              unique
``type``            ``place``, ``zone``, ``checkpoint`` or ``stretch`` (地点, 区域, 卡点, 管段)
``lon, lat``        the place; of a stretch where it begins; of a zone it may be empty
``to_lon, to_lat``  where a stretch ends
``road``            number or name of the road, where a stretch is given by stakes
``from_stake``      stake at which a stretch begins, ``to_stake`` at which it ends, instead of coordinates
``zone``            id of a zone, as ``roadseam zones`` prints it, instead of coordinates
``directions``      of a stretch: ``one`` (from → to, the default), ``either`` (whichever is shorter) or ``both``
``pace``            how many times longer than driving through a patrol takes, 1 by default
``service_min``     minutes of work on site; of a stretch besides driving
``kind, window, visits_per_week, agency, name, skill``  as in a target table
==================  ===================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.paths import path
from geo.snapping import SnapIndex, Snapped, build_snap_index
from geo.times import matrix
from geo.travel import TravelGraph
from patrol.places import FARTHEST_M
from patrol.reasons import LeftOut, Reason
from patrol.rejects import doubt_row, read_twice
from patrol.tables import Row, read_rows
from patrol.targets import Target, Window
from patrol.tasks import CHECKPOINT, Directions, Stretch

COLUMNS = ("id", "type")

CARRIAGEWAY_M = 60.0
"""A stretch may begin and end on any carriageway this near to the place given: the one that gives the shortest way."""

SHORTEST_M = 1.0
"""A segment of which less is driven is no part of a stretch."""

TYPES = {
    "place": "place",
    "地点": "place",
    "zone": "zone",
    "区域": "zone",
    "checkpoint": "checkpoint",
    "卡点": "checkpoint",
    "stretch": "stretch",
    "管段": "stretch",
}

Place = tuple[float, float]


@dataclass(frozen=True)
class Tasks:
    """What a task table asks for: places, stretches, and rows left out with the reason."""

    targets: tuple[Target, ...]
    stretches: tuple[Stretch, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Lookup:
    """What a table may refer to.

    Attributes
    ----------
    stake
        Places (lon, lat) of a stake, given the road and the stake's text.
    zone
        Targets of a zone, given its id; none where there is no such zone.
    """

    stake: Callable[[str, str], Sequence[Place]]
    zone: Callable[[str], Sequence[Target]]


def read_tasks(file: Path, graph: TravelGraph, lookup: Lookup) -> Tasks:
    """Read a task table; see the head of this module for its columns.

    A row that contradicts itself, and a stretch that no way leads along, are left out with the reason.

    Raises
    ------
    InputError
        Where a row cannot be read; the sentence names file, line and column.
    """
    index = build_snap_index(graph.network)
    targets: list[Target] = []
    stretches: list[Stretch] = []
    left: list[LeftOut] = []
    repeated: list[Row] = []
    for row in read_rows(file, required=COLUMNS, repeated=repeated):
        kind = TYPES.get(row.text("type").lower())
        if kind is None:
            raise row.fail("type", f"{row.text('type')[:40]!r} is no kind of task", f"write one of {', '.join(TYPES)}")
        doubt = doubt_row(row)
        if doubt is not None:
            left.append(doubt)
        elif kind == "stretch":
            try:
                stretches += _read_stretch(row, graph, lookup, index=index)
            except InfeasibleError:
                left.append(_no_way(row))
        elif kind == "zone" and row.text("zone", default=""):
            targets += _read_zone(row, lookup)
        else:
            targets.append(_as_target(row, row.place(), CHECKPOINT if kind == "checkpoint" else ""))
    left += [read_twice(row) for row in repeated]
    return Tasks(tuple(targets), tuple(stretches), tuple(left))


def _as_target(row: Row, place: Place, kind: str = "") -> Target:
    times = row.window("window")
    return Target(
        row.text("id"),
        *place,
        row.number("service_min", low=0, high=1440, default=0.0) * 60,
        kind or row.text("kind", default=""),
        Window(*times) if times else None,
        row.number("visits_per_week", low=0, high=100, default=1.0),
        row.text("agency", default=""),
        row.text("name", default=""),
        row.text("skill", default=""),
    )


def _read_zone(row: Row, lookup: Lookup) -> list[Target]:
    """Return the targets of a zone under the id of the row; the row's own cells hold before those of the zone."""
    found = lookup.zone(row.text("zone"))
    if not found:
        raise row.fail("zone", f"there is no zone {row.text('zone')[:60]}", "take an id that `zones` prints")
    made = []
    for k, target in enumerate(found, start=1):
        mine = _as_target(row, (target.lon, target.lat))
        made.append(
            replace(
                mine,
                id=mine.id if len(found) == 1 else f"{mine.id}#{k}",
                service_s=mine.service_s if row.text("service_min", default="") else target.service_s,
                kind=mine.kind or target.kind,
                agency=mine.agency or target.agency,
                name=mine.name or target.name,
            )
        )
    return made


def _read_stretch(row: Row, graph: TravelGraph, lookup: Lookup, *, index: SnapIndex) -> list[Stretch]:
    begin, end = _ends(row, lookup)
    try:
        directions = Directions(row.text("directions", default="one").lower())
    except ValueError:
        raise row.fail("directions", "this is no choice of directions", "write one, either or both") from None
    there = find_stretch(graph, begin, end, index=index)
    back = () if directions == Directions.ONE else find_stretch(graph, end, begin, index=index)
    if not there or (directions != Directions.ONE and not back):
        raise row.fail("to_lon", "the stretch begins and ends at one place", "give two places on the road")
    times = row.window("window")
    made = Stretch(
        row.text("id"),
        (there, back) if directions == Directions.EITHER else (there,),
        row.number("pace", low=1, high=100, default=1.0),
        row.number("service_min", low=0, high=1440, default=0.0) * 60,
        row.text("kind", default="stretch"),
        Window(*times) if times else None,
        row.text("agency", default=""),
        row.text("name", default=""),
        row.text("skill", default=""),
    )
    return [made, replace(made, id=f"{made.id}←", ways=(back,))] if directions == Directions.BOTH else [made]


def _ends(row: Row, lookup: Lookup) -> tuple[list[Place], list[Place]]:
    """Return the places a stretch may begin and end at."""
    if not row.text("from_stake", default=""):
        return [row.place()], [row.place("to_lon", "to_lat")]
    road, found = row.text("road", default=""), []
    for column in ("from_stake", "to_stake"):
        try:
            found.append(list(lookup.stake(road, row.text(column))))
        except InputError as error:
            raise row.fail(column, str(error).rpartition(" / ")[2].rstrip("."), "check road and stake") from error
    return found[0], found[1]


def find_stretch(
    graph: TravelGraph, begin: Sequence[Place], end: Sequence[Place], *, index: SnapIndex
) -> tuple[int, ...]:
    """Return the arcs of the quickest way between two places, whichever carriageway near them it uses.

    Parameters
    ----------
    graph
        The travel graph.
    begin, end
        Places of which one is meant each, lon and lat in WGS-84 degrees.
    index
        A search tree of the roads.

    Returns
    -------
    tuple of int
        Arcs in driving order; segments driven in part count as whole.

    Raises
    ------
    InfeasibleError
        Where no way leads from one to the other.
    InputError
        Where a place is far from every road.
    """
    a, b = _near(index, begin), _near(index, end)
    seconds = matrix(graph, a, b)
    if not np.isfinite(seconds).any():
        msg = "该管段没有可通行的路。 / no way leads along the stretch"
        raise InfeasibleError(msg)
    first, last = np.unravel_index(int(np.argmin(seconds)), seconds.shape)
    legs = path(graph, a.take([int(first)]), b.take([int(last)]))
    # A place at a junction also lies on the end of the segment before it, of which nothing is driven.
    driven = [leg for leg in legs if leg.segment >= 0 and abs(leg.to_m - leg.from_m) > SHORTEST_M]
    return tuple(2 * leg.segment + (leg.direction < 0) for leg in driven)


def _near(index: SnapIndex, places: Sequence[Place]) -> Snapped:
    """Return every road near some places, each as a place inside its segment, the nearest first."""
    import shapely

    from geo.measure import project_local

    lon, lat = (np.array([place[k] for place in places]) for k in (0, 1))
    x, y = project_local(lon, lat, origin=index.origin)
    points = np.asarray(shapely.points(x, y), dtype=np.object_)
    nearest = shapely.distance(index.lines[index.tree.nearest(points)], points)
    if float(nearest.min()) > FARTHEST_M:
        raise InputError(
            f"管段端点距最近的道路 {nearest.min() / 1000:.1f} 公里，请核对坐标。"
            f" / the end of a stretch lies {nearest.min() / 1000:.1f} km from the nearest road; check its coordinates"
        )
    at, line = index.tree.query(points, predicate="dwithin", distance=np.maximum(nearest + 0.01, CARRIAGEWAY_M))
    away = shapely.distance(index.lines[line], points[at])
    part = shapely.line_locate_point(index.lines[line], points[at])
    whole = np.maximum(shapely.length(index.lines[line]), 1e-9)
    rows = index.rows[line]
    order = np.lexsort((rows, away))
    offset = (part / whole * index.network.segments.length_m[rows])[order]
    count = len(order)
    return Snapped(rows[order], offset, away[order], lon[at][order], lat[at][order], np.full(count, -1, dtype=np.int64))


def _no_way(row: Row) -> LeftOut:
    return LeftOut(
        row.text("id"),
        Reason.NO_ACCESS,
        "没有可通行的路从管段起点到终点；请检查方向、封路和单行。",
        "No way leads from the begin of the stretch to its end; check its direction, closures and one-way roads.",
    )
