"""Two placements side by side: kept as A and B, shown on maps that move together, with what changes between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import folium
import streamlit as st
from branca.element import Element
from streamlit_folium import st_folium

from geo.errors import RoadseamError
from patrol.coverage import Coverage, Reached, classify, time_response
from patrol.posts.compare import Comparison, Standing, compare_posts
from patrol.posts.place import posts_of_units
from patrol.units import Unit
from views.i18n import format_km, format_minutes, format_number, language, pick_sentence, say, say_in, words_of
from views.map import Focus, LayerOptions, OfflineDualMap, RoadLayer
from views.map.palette import COVERAGE
from views.pictures.coverage import draw_coverage
from views.pictures.owners import describe
from views.scheme import scheme
from views.state import Desk, current_desk, keep
from views.widgets.coverage_roads import answering, conditions_key, index_of, roads_of
from views.widgets.coverage_units import put_units
from views.widgets.map_view import Picture, publish
from views.widgets.markup import element, show
from views.widgets.parts import labelled, note, section, table, warn
from views.widgets.safe_text import one_line

SIDES = ("a", "b")
_OPEN = "comparing"
_HEIGHT_PX = 420
_START = (31.3, 118.7)  # the same for every pair: a map whose script changes is loaded again
# Static text of our own: both maps fill the frame; their one legend stands under them.
_LOOK = """<style>
html, body, #root, #parent, .float-child { height: 100% ; margin: 0 ; overflow: hidden ; }
#map_div, #map_div2 { height: 100vh !important ; width: 100% !important ; }
.double .float-child + .float-child { box-shadow: -2px 0 0 var(--rs-ink) ; position: relative ; z-index: 900 ; }
.roadseam-map .roadseam-legend, .roadseam-map .roadseam-tools, .roadseam-map .roadseam-north { display: none ; }
.roadseam-map .roadseam-footer { flex-wrap: wrap ; justify-content: flex-end ; gap: 0 12px ; line-height: 1.25 ; }
.roadseam-map .leaflet-bottom { bottom: 26px ; }
</style>"""


@dataclass(frozen=True)
class Side:
    """One placement: its units and what it is called."""

    units: tuple[Unit, ...]
    name: str


def side_of(desk: Desk, side: str) -> Side | None:
    """Return the placement kept as A or B."""
    kept: Side | None = desk.extra.get(f"placement_{side}")
    return kept


def put_side(desk: Desk, side: str, kept: Side) -> None:
    """Keep a placement as A or B."""
    desk.extra[f"placement_{side}"] = kept


def begin_compare() -> None:
    """Lay both placements over the map."""
    current_desk().extra[_OPEN] = True


def end_compare() -> None:
    """Show the one map again."""
    current_desk().extra.pop(_OPEN, None)


def comparing(desk: Desk) -> bool:
    """Return whether two placements lie over the map."""
    return bool(desk.extra.get(_OPEN)) and all(side_of(desk, side) for side in SIDES)


def show_ab(desk: Desk, minutes: int) -> None:
    """Show what is kept as A and as B, and the button that compares them."""
    section(say("比较两个布点"))
    for side in SIDES:
        kept = side_of(desk, side)
        left, right = st.columns([3, 2], vertical_alignment="center")
        with left:
            note(say("{side}：{what}", side=side.upper(), what=_describe(kept)))
        right.button(
            say("存当前为 {side}", side=side.upper()),
            key=f"store_{side}",
            width="stretch",
            on_click=_store,
            args=(side,),
        )
    ready = all(side_of(desk, side) for side in SIDES)
    if not comparing(desk):
        st.button(
            say("并排比较 A | B"),
            key="compare_ab",
            type="primary" if ready else "secondary",
            width="stretch",
            on_click=begin_compare,
            disabled=not ready,
        )
        if not ready:
            note(say("存好 A 与 B，或在选址结果上按“与现状比较”。"))
        return
    left, right = st.columns(2)
    for column, side in ((left, "a"), (right, "b")):
        column.button(
            say("采用 {side}", side=side.upper()),
            key=f"take_{side}",
            width="stretch",
            on_click=_take,
            args=(side,),
            disabled=desk.is_read_only,
        )
    st.button(say("结束比较"), key="compare_end", width="stretch", on_click=end_compare)
    note(say("时限 {minutes} 分钟；拖动或缩放一张图，另一张跟着动。", minutes=minutes))


def _describe(kept: Side | None) -> str:
    if kept is None:
        return say("（未存）")
    cars = sum(unit.available for unit in kept.units)
    return say("{name}（{count} 车）", name=one_line(kept.name, limit=20), count=cars)


def _store(side: str) -> None:
    desk = current_desk()
    version = len(desk.history.decisions)
    put_side(desk, side, Side(answering(desk), say("v{version} 的单元", version=version)))


def _take(side: str) -> None:
    desk = current_desk()
    kept = side_of(desk, side)
    if kept is not None:
        put_units(desk, kept.units, why=say("采用比较中的 {side}", side=side.upper()))
        end_compare()


def show_compared(desk: Desk, minutes: int) -> None:
    """Show both placements on maps that move together."""
    sides = [side_of(desk, side) for side in SIDES]
    with st.container(key="cover_two"):
        try:
            pictures = [_picture(desk, side.units, minutes) for side in sides if side is not None]
            _show_maps(desk, pictures)
        except RoadseamError as error:
            warn(pick_sentence(str(error)), kind="error")
            return
    for side, kept in zip(SIDES, sides, strict=True):
        if kept is None:
            continue
        with st.container(key=f"cover_label_{side}"):
            coverage = _coverage(desk, kept.units, minutes)
            share = 1 - coverage.length_mm[Reached.NONE] / (coverage.total_mm or 1)
            words = say("{minutes} 分钟可达 {share}", minutes=minutes, share=f"{share:.1%}")
            name = one_line(kept.name, limit=24)
            show(element("div", element("b", f"{side.upper()} · {name}"), element("span", words), css="rs-side"))


def _coverage(desk: Desk, units: Sequence[Unit], minutes: int) -> Coverage:
    graph = roads_of(desk)
    key = (*conditions_key(desk), repr(tuple(units)))
    response = keep(("side", *key), lambda: time_response(graph, units, index=index_of(desk)))
    return keep(("side_cover", *key, minutes), lambda: classify(response, limit_s=minutes * 60.0))


def _picture(desk: Desk, units: Sequence[Unit], minutes: int) -> Picture:
    coverage, network = _coverage(desk, units, minutes), roads_of(desk).network
    key = ("placement", *conditions_key(desk), repr(tuple(units)), minutes)
    return Picture(key, lambda: draw_coverage(network, coverage, units), describe(desk.plan))


def _show_maps(desk: Desk, pictures: Sequence[Picture]) -> None:
    nodes = desk.opened.plan.network.nodes
    box = (float(nodes.lon.min()), float(nodes.lat.min()), float(nodes.lon.max()), float(nodes.lat.max()))
    chart = OfflineDualMap(location=_START, zoom_start=11.0, zoom_control="bottomright")
    chart.get_root().header.add_child(Element(_LOOK))  # type: ignore[attr-defined]
    options = LayerOptions(
        lang=language(), fit=False, scheme=scheme(), focus=Focus(bounds=box, zoom=16.0), twin=publish(pictures[1])
    )
    group = folium.FeatureGroup(name="roads")
    RoadLayer(publish(pictures[0]), options=options).add_to(group)
    st_folium(
        chart,
        key=f"cover-two-{desk.network_key[:12]}-{language()}",
        height=_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=group,
    )


def compare_sides(desk: Desk, minutes: int) -> Comparison:
    """Return what changes from A to B.

    Raises
    ------
    InputError
        A placement has no unit that can leave, or one far from every road.
    """
    sides = [kept for name in SIDES if (kept := side_of(desk, name)) is not None]
    graph, first, second = roads_of(desk), sides[0].units, sides[1].units
    return keep(
        ("compare", *conditions_key(desk), repr(first), repr(second), minutes),
        lambda: compare_posts(
            graph, posts_of_units(first), posts_of_units(second), limit_s=minutes * 60.0, index=index_of(desk)
        ),
    )


def compare_tray(desk: Desk, minutes: int) -> None:
    """Show the figures of both placements and their difference."""
    try:
        both = compare_sides(desk, minutes)
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        return
    columns = difference_columns(both.first, both.second)
    head = (say("按行车方向"), *(name for name, *_ in columns))
    rows = [(side, *(column[k] for column in columns)) for k, side in enumerate(("A", "B", "B − A"), 1)]
    table(head, rows, numbers=len(columns))
    words = {style.key: words_of(style.label) for style in COVERAGE}
    show(
        element(
            "div", *(element("span", labelled(style.color, words[style.key])) for style in COVERAGE), css="rs-legend"
        )
    )
    note(
        say(
            "由 A 改为 B：新增可达 {won}，失去 {lost}。时间只计两个布点都能到的路。",
            won=format_km(both.won_m),
            lost=format_km(both.given_up_m),
        )
    )


def difference_columns(one: Standing, two: Standing) -> list[tuple[str, str, str, str]]:
    """Return what is compared: name, A, B and the difference, ready to read."""
    rows: list[tuple[str, str, str, str]] = [
        (say_in("many", "单元"), str(one.units), str(two.units), format_number(two.units - one.units, signed=True))
    ]
    lengths: Sequence[tuple[str, float, float]] = (
        (say("时限内可达"), one.covered_m, two.covered_m),
        (say("双重覆盖"), one.twice_m, two.twice_m),
        (say("无法到达"), one.lost_m, two.lost_m),
    )
    times: Sequence[tuple[str, float, float]] = (
        (say("平均到达"), one.mean_s, two.mean_s),
        (say("最远到达"), one.longest_s, two.longest_s),
    )
    rows += [(name, format_km(x), format_km(y), format_km(y - x, signed=True)) for name, x, y in lengths]
    rows += [(name, format_minutes(x), format_minutes(y), _minutes(y - x)) for name, x, y in times]
    return rows


def _minutes(seconds: float) -> str:
    if seconds != seconds:  # noqa: PLR0124 - nan
        return "–"
    return f"{format_number(seconds / 60, digits=1, signed=True)} min"
