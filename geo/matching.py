"""Which road of one network is which road of another: by places sampled along the line and the heading there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.measure import middle_of, project_local
from geo.network import Network
from geo.sampling import Samples, Steps, list_steps, sample_segments

if TYPE_CHECKING:
    from shapely import STRtree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SPACING_M = 10.0
"""Places along a road are this far apart."""
HEADING_DEG = 30.0
"""Two roads are one road only if their headings differ by less, in either direction of drawing."""

SAME_LINE_M = 0.5
"""Lines nearer than this are one line."""
BEYOND_M = SPACING_M / 2
"""A place may lie this far beyond the end of a line and still lie beside it."""


@dataclass(frozen=True)
class Pair:
    """Two networks in one plane around the middle of the first, metres: ``xy`` are (nodes, 2) each."""

    first: Network
    second: Network

    @cached_property
    def origin(self) -> tuple[float, float]:
        """Middle of the first network, lon/lat."""
        return middle_of(self.first.nodes.lon, self.first.nodes.lat)

    @cached_property
    def first_xy(self) -> Floats:
        """Nodes of the first network in the plane."""
        return self._project(self.first)

    @cached_property
    def second_xy(self) -> Floats:
        """Nodes of the second network in the plane."""
        return self._project(self.second)

    def turned(self) -> Pair:
        """Return the pair the other way round, in the same plane."""
        other = Pair(self.second, self.first)
        other.__dict__.update(origin=self.origin, first_xy=self.second_xy, second_xy=self.first_xy)
        return other

    def _project(self, network: Network) -> Floats:
        return np.column_stack(project_local(network.nodes.lon, network.nodes.lat, origin=self.origin))


@dataclass(frozen=True)
class Matching:
    """What became of each segment of the first network, shape (segments,) each.

    Attributes
    ----------
    partner
        int64, the segment of the second network on which most of its places lie, -1 where none lies on any.
    share
        float64, share of its places that lie on the second network, 0 to 1.
    offset_m
        float64, largest distance of those places from it, metres, 0 where there is none.
    sign
        int8, 1 if the partner is drawn in the same direction, -1 against it, 0 without a partner.
    """

    partner: Ints
    share: Floats
    offset_m: Floats
    sign: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Hits:
    """Steps near samples: sample row, segment row, metres, cosine of headings, nearest place on the step (hits, 2)."""

    sample: Ints
    segment: Ints
    distance_m: Floats
    cosine: Floats
    foot: Floats


def match_roads(
    pair: Pair,
    rows: Ints,
    candidates: Ints,
    *,
    within_m: float,
    same_way: bool = False,
    rivals: Ints | None = None,
    spacing_m: float = SPACING_M,
) -> Matching:
    """Match segments of the first network with segments of the second.

    Parameters
    ----------
    pair
        The two networks.
    rows
        int64, segments of the first network to match; all others come back without a partner.
    candidates
        int64, segments of the second network that may be partners.
    within_m
        How far a place may lie from its partner, metres.
    same_way
        Whether partners must be pieces of the way with the same id.
    rivals
        int64, segments of the first network that may claim a partner too: a place is matched only if no rival lies
        nearer to its partner there. Without rivals several roads may share a partner.
    spacing_m
        Distance between places along the road, metres.
    """
    samples = sample_segments(pair.first, rows, xy=pair.first_xy, spacing_m=spacing_m)
    steps = list_steps(pair.second, candidates, xy=pair.second_xy)
    near = find_steps(samples, steps, within_m=within_m)
    if same_way:
        way = pair.first.ways.id[pair.first.segments.way[samples.segment[near.sample]]]
        near = _take(near, way == pair.second.ways.id[pair.second.segments.way[near.segment]])
    near = keep_nearest(near)
    if rivals is not None:
        near = drop_claimed(samples, near, list_steps(pair.first, rivals, xy=pair.first_xy))
    return _sum_up(len(pair.first.segments), samples, near)


def drop_claimed(samples: Samples, hits: Hits, rivals: Steps, *, share: float = 1.0) -> Hits:
    """Drop hits whose place on the other network clearly belongs to another road of the own network.

    Parameters
    ----------
    samples, hits
        Places and their steps on the other network.
    rivals
        Steps of the own network that may claim a place too.
    share
        A rival claims a place if it lies nearer to it than this share of the distance of the hit.
    """
    far = np.flatnonzero(hits.distance_m > SAME_LINE_M)
    if len(far) == 0:
        return hits
    at = hits.sample[far]
    feet = Samples(samples.segment[at], hits.foot[far], samples.heading[at], samples.along_m[at])
    claims = find_steps(feet, rivals, within_m=float(hits.distance_m.max()))
    nearer = claims.distance_m < share * hits.distance_m[far][claims.sample] - SAME_LINE_M * share
    keep = np.ones(len(hits.sample), dtype=bool)
    keep[far[claims.sample[nearer & (claims.segment != feet.segment[claims.sample])]]] = False
    return _take(hits, np.flatnonzero(keep))


def find_steps(samples: Samples, steps: Steps, *, within_m: float) -> Hits:
    """Return every step that lies near a sample and runs along it, in either direction of drawing."""
    import shapely

    if len(samples) == 0 or len(steps.segment) == 0:
        none = np.zeros(0, dtype=np.int64)
        return Hits(none, none, np.zeros(0), np.zeros(0), np.zeros((0, 2)))
    lines = np.asarray(shapely.linestrings(np.stack((steps.a, steps.b), axis=1)))
    tree: STRtree = shapely.STRtree(lines)
    points = shapely.points(samples.xy)
    sample, step = tree.query(points, predicate="dwithin", distance=within_m)
    ahead = steps.b[step] - steps.a[step]
    square = (ahead**2).sum(axis=1)
    safe = np.where(square > 0, square, 1.0)
    gap = samples.xy[sample] - steps.a[step]
    free = (gap * ahead).sum(axis=1) / safe
    part = np.clip(free, 0.0, 1.0)
    foot = steps.a[step] + part[:, None] * ahead
    distance = np.hypot(*(samples.xy[sample] - foot).T)
    cosine = (samples.heading[sample] * ahead).sum(axis=1) / np.sqrt(safe)
    hits = Hits(sample.astype(np.int64), steps.segment[step], distance, cosine, foot)
    beyond_m = np.abs(free - part) * np.sqrt(square)
    return _take(hits, (np.abs(cosine) >= np.cos(np.radians(HEADING_DEG))) & (beyond_m <= BEYOND_M))


def keep_nearest(hits: Hits) -> Hits:
    """Return the nearest step of each sample; ties go to the lower segment row."""
    order = np.lexsort((hits.segment, np.round(hits.distance_m, 3), hits.sample))
    _, first = np.unique(hits.sample[order], return_index=True)
    return _take(hits, order[first])


def _take(hits: Hits, rows: Ints | Mask) -> Hits:
    return Hits(*(column[rows] for column in vars(hits).values()))


def _sum_up(size: int, samples: Samples, hits: Hits) -> Matching:
    mine = samples.segment[hits.sample]
    total = np.bincount(samples.segment, minlength=size)
    found = np.bincount(mine, minlength=size)
    offset = np.zeros(size)
    np.maximum.at(offset, mine, hits.distance_m)
    partner = np.full(size, -1, dtype=np.int64)
    sign = np.zeros(size, dtype=np.int8)
    if len(mine):
        couple, which, count = np.unique(
            np.column_stack((mine, hits.segment)), axis=0, return_inverse=True, return_counts=True
        )
        turned = np.zeros(len(couple))
        np.add.at(turned, which.ravel(), hits.cosine)
        order = np.lexsort((couple[:, 1], -count, couple[:, 0]))
        rows, first = np.unique(couple[order, 0], return_index=True)
        best = order[first]
        partner[rows] = couple[best, 1]
        sign[rows] = np.where(turned[best] >= 0, 1, -1)
    return Matching(partner, found / np.maximum(total, 1), offset, sign)
