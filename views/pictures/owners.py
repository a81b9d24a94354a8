"""The picture of a split: every road in its owner's colour, seams, stations, leaks."""

from __future__ import annotations

import numpy as np

from geo.columns import TextColumn
from geo.stations import StationKind
from jurisdiction.agencies import EXPRESSWAY, LOCAL, Agency
from jurisdiction.ledger import PENDING
from plan.model import Plan
from views.catalogue import Words, both, both_in
from views.map.encode import MapMeta
from views.map.palette import (
    NOBODY,
    SEAM_AGREED,
    SEAM_AT_BOOTH,
    SEAM_ELSEWHERE,
    STATION,
    LineStyle,
    contested_style,
    handover_style,
    owner_style,
)
from views.map.tables import PointTable, RoadTable, Table
from views.pictures.base import card, lines_of, metres, tag_column
from views.words import word, word_en

_OPEN = frozenset({"contested", "none"})
_ONLY_OURS = (StationKind.RAMP, StationKind.MAIN_LINE, StationKind.SERVICE_AREA)


_SEAM_STYLE = {"booth": 0, "plaza": 0, "agreed": 2}
"""Kind of a seam to its style: at a station, agreed on, or (1) elsewhere."""


def owner_styles(agencies: tuple[Agency, ...]) -> tuple[tuple[LineStyle, ...], dict[str, int]]:
    """Return the styles in legend order, and agency id (or ``none``, ``contested``) to position."""
    local = next((a for a in agencies if a.kind == LOCAL), None)
    others = [a for a in agencies if a.kind == EXPRESSWAY]
    styles = [owner_style(0, Words(local.name if local else "区大队"), letter=local.letter if local else "普")]
    index = {local.id if local else LOCAL: 0}
    for slot, agency in enumerate(others, start=1):
        index[agency.id] = len(styles)
        styles.append(owner_style(slot, Words(agency.name), letter=agency.letter))
    index["contested"] = len(styles)
    styles.append(contested_style(styles[0], styles[min(1, len(styles) - 1)]))
    index["none"] = len(styles)
    styles.append(NOBODY)
    return tuple(styles), index


def shown_styles(agencies: tuple[Agency, ...]) -> tuple[tuple[LineStyle, ...], dict[str, int]]:
    """Return the styles of the split's picture: those of ``owner_styles``, then each agency's for pending handover."""
    styles, index = owner_styles(agencies)
    pending = {agency: len(styles) + k for k, agency in enumerate(key for key in index if key not in _OPEN)}
    more = [handover_style(styles[index[agency]]) for agency in pending]
    return (*styles, *more), pending


def shown_codes(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the style of each segment, uint8 (segments,), rows of ``shown_styles``."""
    codes, (_, pending) = owner_codes(plan), shown_styles(plan.agencies)
    settled = plan.derived.settlement
    for row in [k for k, state in enumerate(settled.state) if state == PENDING]:
        codes[row] = pending.get(settled.agency[row], int(codes[row]))
    return codes


def owner_codes(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the style of each segment, uint8 (segments,), rows of ``owner_styles``."""
    _, index = owner_styles(plan.agencies)
    return np.array([index.get(key, index["none"]) for key in plan.derived.holder], dtype=np.uint8)


def codes_over(other: Plan, plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the styles of another plan of the same network, one for each piece of this plan's network.

    Where the other plan cuts a segment elsewhere, the owner at the piece's middle counts.
    """
    mine, theirs = plan.derived.ownership.cut, other.derived.ownership.cut
    codes = shown_codes(other)
    middle = mine.from_mm + plan.derived.network.segments.length_mm // 2
    first = np.searchsorted(theirs.base, np.arange(len(plan.network.segments) + 1))
    result = codes[first[mine.base]]
    for k in np.flatnonzero((first[mine.base + 1] - first[mine.base]) > 1).tolist():
        low, high = int(first[mine.base[k]]), int(first[mine.base[k] + 1])
        result[k] = codes[low + int(np.searchsorted(theirs.from_mm[low:high], middle[k], side="right")) - 1]
    return result


def draw_owners(plan: Plan, *, before: Plan | None = None) -> list[Table]:
    """Return the tables of a split.

    Parameters
    ----------
    plan
        The plan to show.
    before
        The plan of the same network that the key B shows, if any.
    """
    return [_roads(plan, before), _stations(plan), _seams(plan)]


def describe(plan: Plan) -> MapMeta:
    """Return title and provenance of a plan's map."""
    source = plan.network.source
    lines = (
        (both("数据来源"), source.name),
        (both("数据指纹"), source.sha256[:12]),
        (both("最近编辑"), source.newest_edit[:10]),
        (both("划界方式"), word(plan.convention)),
        (both("坐标系"), "WGS-84 (EPSG:4326)"),
    )
    title = both("管辖划分 · {title}", title=plan.title) if plan.title else both("管辖划分")
    return MapMeta(title, tuple(line for line in lines if line[1]))


def _roads(plan: Plan, before: Plan | None) -> RoadTable:
    network, derived = plan.derived.network, plan.derived
    styles, _ = shown_styles(plan.agencies)
    lines = lines_of(network)
    names = {agency.id: agency.name for agency in plan.agencies}
    ownership = derived.ownership
    rules = [word(ownership.evidence.rule_names[k]) for k in ownership.evidence.rule.tolist()]
    english = {word(name): word_en(name) for name in ownership.evidence.rule_names}
    length = network.segments.length_m
    return RoadTable(
        lines.ptr,
        lines.lon,
        lines.lat,
        shown_codes(plan),
        network.segment_class,
        network.segment_ids,
        styles,
        names=tag_column(network, "name"),
        refs=tag_column(network, "ref"),
        expressway=ownership.evidence.main_line,
        before=codes_over(before, plan) if before else None,
        length_m=length,
        cards=(
            card(
                both("归属"),
                [word(o) for o in derived.owner],
                english={word(o): word_en(o) for o in set(derived.owner)}.__getitem__,
            ),
            card(both("单位"), [names.get(a, a) for a in derived.agency]),
            card(both("编号"), tag_column(network, "ref").tolist()),
            card(both("依据"), rules, english=english.__getitem__),
            card(both("长度"), metres(length)),
        ),
        kind="segment",
        key="roads",
        title=both("道路归属"),
    )


def _stations(plan: Plan) -> PointTable:
    stations = [s for s in plan.stations if s.kind in _ONLY_OURS]
    kinds = [word(s.kind) for s in stations]
    english = {word(kind): word_en(kind) for kind in _ONLY_OURS}
    return PointTable(
        np.array([s.lon for s in stations], dtype=np.float64),
        np.array([s.lat for s in stations], dtype=np.float64),
        np.zeros(len(stations), dtype=np.uint8),
        [s.id for s in stations],
        TextColumn.from_strings([s.name for s in stations]),
        (STATION,),
        cards=(
            card(both("类型"), kinds, english=english.__getitem__),
            card(both_in("many", "名称"), [" / ".join(s.names) for s in stations]),
            card(both("车道"), [str(s.lanes) for s in stations]),
        ),
        kind="station",
        key="stations",
        title=both_in("many", "收费站"),
    )


def _seams(plan: Plan) -> PointTable:
    seams = plan.derived.ownership.seams
    names = {s.id: s.name for s in plan.stations}
    english = {word(s.kind): word_en(s.kind) for s in seams}
    return PointTable(
        np.array([s.lon for s in seams], dtype=np.float64),
        np.array([s.lat for s in seams], dtype=np.float64),
        np.array([_SEAM_STYLE.get(s.kind, 1) for s in seams], dtype=np.uint8),
        [s.id for s in seams],
        TextColumn.from_strings(["" for _ in seams]),
        (SEAM_AT_BOOTH, SEAM_ELSEWHERE, SEAM_AGREED),
        cards=(
            card(both("界点"), [word(s.kind) for s in seams], english=english.__getitem__),
            card(both("收费站"), [names.get(s.station, "") for s in seams]),
            card(both("改变此界点需否定"), [f"{s.margin_m:.0f} m" for s in seams]),
        ),
        kind="seam",
        key="seams",
        title=both_in("many", "界点"),
    )
