"""Are these coordinates what they claim to be? Residuals against the map under each datum; asks, never converts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.datum import Datum, convert, datum_rules, is_shifted_place
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.measure import middle_of, project_local
from geo.network import Network
from geo.snapping import SnapIndex, build_snap_index, snap_points

Floats = npt.NDArray[np.float64]
HYPOTHESES = (Datum.WGS84, Datum.GCJ02, Datum.BD09)
"""What coordinates may really be given in; CGCS2000 cannot be told from WGS-84 and needs no conversion."""


class Verdict(StrEnum):
    """What the residuals say."""

    AS_GIVEN = "as_given"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class DatumScore:
    """How well the points fit the map if they were given in ``datum``.

    Attributes
    ----------
    datum
        The hypothesis.
    residual_m
        Median distance to the map after conversion from ``datum``, metres.
    near_share
        Share of the points that come to lie within the good residual of the rule table.
    """

    datum: Datum
    residual_m: float
    near_share: float


@dataclass(frozen=True)
class DatumReport:
    """The verdict over one set of points.

    Attributes
    ----------
    stated
        The datum the data claim.
    likely
        The datum that fits best; equal to ``stated`` unless the verdict is ``OTHER``.
    verdict
        ``AS_GIVEN``: nothing to ask; ``OTHER``: ask whether to convert from ``likely``; ``UNCLEAR``: too few points
        or no clear winner.
    shift_score
        The named score, 0 to 1: 1 - (residual of the best datum / residual as stated). 0 = nothing gained by
        converting, 0.9 = conversion removes nine tenths of the distance to the map.
    better_share
        Share of the points that the best datum brings nearer to the map than the stated one.
    points
        How many points were compared; points far from the map under every datum say nothing and are left out.
    scores
        One a hypothesis, best first.
    """

    stated: Datum
    likely: Datum
    verdict: Verdict
    shift_score: float
    better_share: float
    points: int
    scores: tuple[DatumScore, ...]

    @property
    def must_ask(self) -> bool:
        """Whether a person must be asked before the data are used: another datum fits, or none fits clearly."""
        return self.points > 0 and self.verdict is not Verdict.AS_GIVEN

    def to_finding(self) -> Finding | None:
        """Return the question as a finding, None where nothing is to be asked."""
        if not self.must_ask:
            return None
        by = {score.datum: score.residual_m for score in self.scores}
        was = by[_plain(self.stated)]
        if self.verdict is Verdict.UNCLEAR:
            return Finding(
                "datum_unclear",
                Severity.NOTE,
                self.points,
                f"坐标标为 {self.stated}，离地图中位 {was:.0f} 米，看不出属于哪种坐标系，请向提供单位确认。",
                f"coordinates stated as {self.stated} lie {was:.0f} m (median) from the map and no datum fits clearly:"
                " ask whoever supplied them.",
            )
        now = by[self.likely]
        return Finding(
            "datum_suspect",
            Severity.WARNING,
            self.points,
            f"坐标标为 {self.stated}，离地图中位 {was:.0f} 米；按 {self.likely} 换算后为 {now:.0f} 米"
            f"（偏移得分 {self.shift_score:.2f}），请确认是否换算。",
            f"coordinates stated as {self.stated} lie {was:.0f} m (median) from the map, read as {self.likely}"
            f" {now:.0f} m (shift score {self.shift_score:.2f}): say whether to convert.",
        )


def suspect_by_places(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, places: Sequence[tuple[float, float]], stated: Datum = Datum.WGS84
) -> DatumReport:
    """Judge points by the nearest of known places, e.g. a station table by the stations of the map.

    Parameters
    ----------
    lon, lat
        float64 (points,), degrees as given; rows that are not finite are left out.
    places
        ``(lon, lat)`` in WGS-84 degrees.
    stated
        The datum the points claim.

    Raises
    ------
    InputError
        There is no place to compare with.
    """
    from scipy.spatial import cKDTree

    known = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    if len(known) == 0:
        raise InputError(
            "地图上没有可对照的收费站，无法判断坐标系；请用道路对照或指明坐标系。"
            " / the map has no station to compare with; compare with roads or state the datum."
        )
    origin = middle_of(known[:, 0], known[:, 1])
    tree = cKDTree(np.column_stack(project_local(known[:, 0], known[:, 1], origin=origin)))

    def measure(x: Floats, y: Floats) -> Floats:
        return np.asarray(tree.query(np.column_stack(project_local(x, y, origin=origin)))[0], dtype=np.float64)

    return _judge(lon, lat, measure, stated)


def suspect_by_roads(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    network: Network,
    usable: npt.NDArray[np.bool_] | None = None,
    stated: Datum = Datum.WGS84,
    index: SnapIndex | None = None,
) -> DatumReport:
    """Judge points by their distance to roads they should lie on.

    Parameters
    ----------
    lon, lat
        float64 (points,), degrees as given.
    network
        The map.
    usable
        bool (segments,): roads the points should lie on. In a dense town every point is near some road, so name
        the class or route wherever possible.
    stated
        The datum the points claim.
    index
        A search tree built before.

    Raises
    ------
    InputError
        The map has no such road.
    """
    tree = build_snap_index(network, usable=usable) if index is None else index

    def measure(x: Floats, y: Floats) -> Floats:
        return snap_points(network, x, y, index=tree).distance_m

    return _judge(lon, lat, measure, stated)


def _judge(lon: npt.ArrayLike, lat: npt.ArrayLike, measure: Any, stated: Datum) -> DatumReport:
    rules = {name: float(row["value"]) for name, row in datum_rules()["suspicion"].items()}
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    good = np.isfinite(x) & np.isfinite(y) & (np.abs(x) <= 180) & (np.abs(y) <= 90)  # noqa: PLR2004 - degrees
    x, y = x[good], y[good]
    stated_plain = _plain(stated)
    residual = {h: measure(*convert(x, y, source=h)) if len(x) else np.zeros(0) for h in HYPOTHESES}
    telling = np.min(list(residual.values()), axis=0) <= rules["far_m"]
    telling &= is_shifted_place(x, y) if len(x) else telling
    count = int(telling.sum())
    scores = sorted(
        (_score(h, residual[h][telling], rules) for h in HYPOTHESES),
        key=lambda s: (s.residual_m, s.datum is not stated_plain, HYPOTHESES.index(s.datum)),
    )
    if count == 0:
        return DatumReport(stated, stated, Verdict.UNCLEAR, 0.0, 0.0, 0, tuple(scores))
    best, was = scores[0], next(s for s in scores if s.datum is stated_plain)
    gain = 1.0 - best.residual_m / was.residual_m if was.residual_m > 0 else 0.0
    better = float((residual[best.datum][telling] < residual[stated_plain][telling]).mean())
    verdict = _decide(best, was, better=better, count=count, rules=rules)
    likely = best.datum if verdict is Verdict.OTHER else stated
    return DatumReport(stated, likely, verdict, round(gain, 4), round(better, 4), count, tuple(scores))


def _decide(best: DatumScore, was: DatumScore, *, better: float, count: int, rules: dict[str, float]) -> Verdict:
    if best.datum is was.datum:
        return Verdict.AS_GIVEN if count >= rules["enough_points"] else Verdict.UNCLEAR
    is_clear = (
        best.residual_m <= rules["clear_ratio"] * was.residual_m
        and was.residual_m - best.residual_m >= rules["clear_gain_m"]
        and better >= rules["clear_share"]
    )
    if is_clear and count >= rules["enough_points"]:
        return Verdict.OTHER
    return Verdict.AS_GIVEN if was.residual_m <= rules["good_residual_m"] and not is_clear else Verdict.UNCLEAR


def _score(datum: Datum, residual: Floats, rules: dict[str, float]) -> DatumScore:
    if len(residual) == 0:
        return DatumScore(datum, float("inf"), 0.0)
    return DatumScore(
        datum, round(float(np.median(residual)), 3), round(float((residual <= rules["good_residual_m"]).mean()), 4)
    )


def _plain(datum: Datum) -> Datum:
    return Datum.WGS84 if datum is Datum.CGCS2000 else datum
