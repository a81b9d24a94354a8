"""A new map of the same area: what was built, taken away, moved or renamed, and which segment is which.

A segment is the same by its id first, by way id and place second, by place alone third. Every metre of the old map is
kept or removed and every metre of the new one kept or added, in whole millimetres, so that the books close.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.findings import Finding, Severity
from geo.matching import Matching, Pair, match_roads
from geo.network import Network
from geo.tagtext import split_values

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WITHIN_M = 8.0
"""A road is the same road if it lies this near to where it lay …"""
WITHIN_SAME_WAY_M = 50.0
"""… or this near, if its way kept its id …"""
ENOUGH = 0.8
"""… along this share of its length."""
HARDLY = 0.2
"""Below this share nothing of the road is left."""
MOVED_M = 0.5
"""A line that moved by no more than this has not moved (lines nearer than this are one line)."""
MAX_PLACES = 50


class ChangeKind(StrEnum):
    """What happened to a road."""

    ADDED = "added"
    REMOVED = "removed"
    RECLASSIFIED = "reclassified"
    RENAMED = "renamed"
    REDIRECTED = "redirected"
    MOVED = "moved"


@dataclass(frozen=True)
class Change:
    """Roads to which the same happened.

    Attributes
    ----------
    kind
        What happened.
    rows
        int64, segment rows, ascending: of the old network for ``removed``, of the new one otherwise.
    length_mm
        int64 (rows,), millimetres concerned.
    places
        float64 (rows, 2), lon/lat in WGS-84 degrees, in the middle of each segment.
    """

    kind: ChangeKind
    rows: Ints
    length_mm: Ints
    places: npt.NDArray[np.float64]

    @property
    def total_mm(self) -> int:
        """Millimetres concerned, all rows together."""
        return int(self.length_mm.sum())


@dataclass(frozen=True)
class NetworkUpdate:
    """The difference between two networks of one area.

    Attributes
    ----------
    old, new
        The networks.
    of_old, of_new
        What became of each old segment, and where each new one came from.
    gone_mm, made_mm
        int64, millimetres of each old segment that are gone, and of each new one that were not there.
    changes
        One entry for each kind that occurs, in the order of ``ChangeKind``.
    """

    old: Network
    new: Network
    of_old: Matching
    of_new: Matching
    gone_mm: Ints
    made_mm: Ints
    changes: tuple[Change, ...]

    def length_mm(self, kind: ChangeKind) -> int:
        """Return the millimetres to which something happened."""
        return sum(change.total_mm for change in self.changes if change.kind is kind)

    @property
    def kept_mm(self) -> tuple[int, int]:
        """Millimetres kept, measured on the old and on the new map."""
        return self.old.length_mm - int(self.gone_mm.sum()), self.new.length_mm - int(self.made_mm.sum())

    @cached_property
    def carried(self) -> Mapping[str, tuple[str, ...]]:
        """Old segment id to the new ids of the same road, in order along the old segment; gone roads are missing."""
        pairs = _carried_rows(self)
        old, new = self.old.segment_ids, self.new.segment_ids
        return {old[row]: tuple(new[k] for k in rows) for row, rows in pairs.items()}

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: lengths in metres, places as lon/lat."""
        kept = self.kept_mm
        return {
            "old_m": self.old.length_mm / 1000,
            "new_m": self.new.length_mm / 1000,
            "kept_m": {"old": kept[0] / 1000, "new": kept[1] / 1000},
            "changes": {
                str(c.kind): {"segments": len(c.rows), "length_m": c.total_mm / 1000, "places": c.places[:50].tolist()}
                for c in self.changes
            },
        }


def compare_networks(old: Network, new: Network) -> NetworkUpdate:
    """Compare two networks of one area.

    Parameters
    ----------
    old, new
        The networks; neither is changed.

    Returns
    -------
    NetworkUpdate
        ``old`` = kept + removed and ``new`` = kept + added hold to the millimetre. A road of which a part is gone
        counts by that part, to the accuracy of the samples (10 m); a road that is gone or new counts by its length.
    """
    pair = Pair(old, new)
    of_old, of_new = _match_both(pair)
    gone, made = (_lost_mm(net, m) for net, m in ((old, of_old), (new, of_new)))
    rows = np.flatnonzero(of_new.partner >= 0)
    rows = rows[made[rows] < new.segments.length_mm[rows]]
    before = of_new.partner[rows]
    masks = {
        ChangeKind.RECLASSIFIED: old.segment_class[before] != new.segment_class[rows],
        ChangeKind.RENAMED: _is_renamed(pair, before, rows),
        ChangeKind.REDIRECTED: _is_redirected(pair, before, rows, of_new.sign[rows]),
        ChangeKind.MOVED: of_new.offset_m[rows] > MOVED_M,
    }
    stay = new.segments.length_mm - made
    found = [
        _change(ChangeKind.ADDED, new, np.flatnonzero(made), made),
        _change(ChangeKind.REMOVED, old, np.flatnonzero(gone), gone),
        *(_change(kind, new, rows[mask], stay) for kind, mask in masks.items()),
    ]
    return NetworkUpdate(old, new, of_old, of_new, gone, made, tuple(c for c in found if len(c.rows)))


def carry_ids(old: Network, new: Network) -> Mapping[str, tuple[str, ...]]:
    """Return, for each old segment whose road stayed, the new segment ids of that road, in order along the old one."""
    return compare_networks(old, new).carried


def update_findings(update: NetworkUpdate) -> tuple[Finding, ...]:
    """Return one finding a kind of change, for the screen that shows a new map."""
    return tuple(_tell(change, update) for change in update.changes)


def _match_both(pair: Pair) -> tuple[Matching, Matching]:
    """Match both ways: by id, then by way id and place, then by place."""
    same_old, same_new, offset = _match_ids(pair)
    sizes = len(pair.first.segments), len(pair.second.segments)
    free_old = np.setdiff1d(np.arange(sizes[0]), same_old)
    free_new = np.setdiff1d(np.arange(sizes[1]), same_new)
    results = []
    for here, mine, theirs, same, partner in (
        (pair, free_old, free_new, same_old, same_new),
        (pair.turned(), free_new, free_old, same_new, same_old),
    ):
        by_way = match_roads(here, mine, theirs, within_m=WITHIN_SAME_WAY_M, same_way=True, rivals=mine)
        rest = mine[by_way.share[mine] < ENOUGH]
        by_place = match_roads(here, rest, theirs, within_m=WITHIN_M, rivals=mine)
        better = rest[by_place.share[rest] >= by_way.share[rest]]
        one = Matching(*(np.array(column) for column in vars(by_way).values()))
        for column, other in zip(vars(one).values(), vars(by_place).values(), strict=True):
            column[better] = other[better]
        one.partner[same], one.share[same], one.offset_m[same], one.sign[same] = partner, 1.0, offset, 1
        results.append(one)
    return results[0], results[1]


def _match_ids(pair: Pair) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Return the rows of segments with one id in both networks, and how far each moved, metres.

    Ids with numbers below zero count places or rows of an agency's layer, so they say nothing unless the line stayed.
    """
    import shapely

    shared = [
        (row, other)
        for text, row in pair.first.row_of_segment.items()
        if (other := pair.second.row_of_segment.get(text, -1)) >= 0
    ]
    rows = np.array(sorted(shared), dtype=np.int64).reshape(-1, 2)
    a, b = rows[:, 0], rows[:, 1]
    line_a, line_b = _lines(pair.first, a, pair.first_xy), _lines(pair.second, b, pair.second_xy)
    # The lines themselves are compared before they are measured: on most maps most lines stay as they are.
    offset = np.zeros(len(a))
    differs = np.flatnonzero(~shapely.equals_exact(line_a, line_b, tolerance=1e-4))
    offset[differs] = shapely.hausdorff_distance(line_a[differs], line_b[differs])
    own = pair.first.nodes.id[pair.first.segments.u[a]] < 0
    good = ~own | (offset <= WITHIN_M)
    return a[good], b[good], offset[good]


def _lines(network: Network, rows: Ints, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    import shapely

    seg = network.segments
    count = (seg.end - seg.start)[rows].astype(np.int64) + 1
    at = np.repeat(seg.start[rows] - (np.cumsum(count) - count), count) + np.arange(count.sum())
    indices = np.repeat(np.arange(len(rows)), count)
    return np.asarray(shapely.linestrings(xy[network.ways.refs[at]], indices=indices))


def _lost_mm(network: Network, matching: Matching) -> Ints:
    """Return the millimetres of each segment that have no partner: none, all, or the part seen by the samples."""
    length = network.segments.length_mm
    part = np.rint((1.0 - matching.share) * length).astype(np.int64)
    return np.where(matching.share >= ENOUGH, 0, np.where(matching.share < HARDLY, length, part))


def _is_renamed(pair: Pair, before: Ints, rows: Ints) -> Mask:
    renamed = np.zeros(len(rows), dtype=bool)
    for tag in ("name", "ref"):
        index: dict[tuple[str, ...], int] = {}
        codes = []
        for network, some in ((pair.first, before), (pair.second, rows)):
            column = network.ways.text[tag]
            pool = np.array([index.setdefault(split_values(text), len(index)) for text in column.pool])
            codes.append(pool[column.codes[network.segments.way[some]]])
        renamed |= codes[0] != codes[1]
    return renamed


def _is_redirected(pair: Pair, before: Ints, rows: Ints, sign: npt.NDArray[np.int8]) -> Mask:
    ahead, back = pair.first.forward[before], pair.first.backward[before]
    turned = sign < 0
    ahead, back = np.where(turned, back, ahead), np.where(turned, ahead, back)
    return np.asarray((ahead != pair.second.forward[rows]) | (back != pair.second.backward[rows]))


def _change(kind: ChangeKind, network: Network, rows: Ints, length_mm: Ints) -> Change:
    seg, nodes = network.segments, network.nodes
    total = seg.start[rows] + seg.end[rows]
    a, b = network.ways.refs[total // 2], network.ways.refs[(total + 1) // 2]
    places = np.column_stack((nodes.lon[a] + nodes.lon[b], nodes.lat[a] + nodes.lat[b])) / 2
    return Change(kind, rows, length_mm[rows], places.round(7))


def _carried_rows(update: NetworkUpdate) -> dict[int, list[int]]:
    import shapely

    alive_old = update.gone_mm < np.maximum(update.old.segments.length_mm, 1)
    alive_new = update.made_mm < np.maximum(update.new.segments.length_mm, 1)
    new = np.flatnonzero((update.of_new.partner >= 0) & alive_new)
    old = np.flatnonzero((update.of_old.partner >= 0) & alive_old)
    couples = np.concatenate(
        (np.column_stack((update.of_new.partner[new], new)), np.column_stack((old, update.of_old.partner[old])))
    )
    couples = np.unique(couples[alive_old[couples[:, 0]] & alive_new[couples[:, 1]]], axis=0)
    pair = Pair(update.old, update.new)
    middle = shapely.line_interpolate_point(_lines(update.new, couples[:, 1], pair.second_xy), 0.5, normalized=True)
    along = shapely.line_locate_point(_lines(update.old, couples[:, 0], pair.first_xy), middle)
    rows: dict[int, list[int]] = {}
    for k in np.lexsort((couples[:, 1], along, couples[:, 0])).tolist():
        rows.setdefault(int(couples[k, 0]), []).append(int(couples[k, 1]))
    return rows


_WORDS = {
    ChangeKind.ADDED: ("新图上多出", "are new on this map", "请确认归属", "check their owner"),
    ChangeKind.REMOVED: (
        "新图上没有了",
        "are gone from this map",
        "请核对涉及的决定",
        "check the decisions they carry",
    ),
    ChangeKind.RECLASSIFIED: ("道路等级变了", "changed their class", "界点可能移动", "seams may move"),
    ChangeKind.RENAMED: ("名称或编号变了", "changed name or number", "请核对管段", "check the stretches"),
    ChangeKind.REDIRECTED: ("通行方向变了", "changed direction", "请核对路径与覆盖", "check routes and coverage"),
    ChangeKind.MOVED: ("线位移动了", "moved", "已按新线位计里程", "metres follow the new line"),
}


def _tell(change: Change, update: NetworkUpdate) -> Finding:
    zh, en, do_zh, do_en = _WORDS[change.kind]
    metres = change.total_mm / 1000
    ids = (update.old if change.kind is ChangeKind.REMOVED else update.new).segment_ids
    order = np.lexsort((change.rows, -change.length_mm))[:MAX_PLACES]
    return Finding(
        f"update_{change.kind}",
        Severity.NOTE,
        len(change.rows),
        f"{len(change.rows)} 个路段（共 {metres:,.0f} m）{zh}，{do_zh}。",
        f"{len(change.rows)} segments ({metres:,.0f} m) {en}: {do_en}.",
        length_m=metres,
        places=tuple((x, y) for x, y in change.places[order].tolist()),
        things=tuple(ids[row] for row in change.rows[order].tolist()),
    )
