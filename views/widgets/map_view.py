"""The one map of the screens: shows a picture, keeps its view through reruns and pages, reports clicks to the desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import folium
import streamlit as st
from branca.element import Element
from folium.map import Layer
from streamlit_folium import st_folium

from geo.errors import InputError
from views.basemap import chosen_basemap
from views.i18n import language
from views.map import Focus, LayerOptions, MapMeta, OfflineMap, RoadLayer, encode_map, write_data_file
from views.map.palette import THEME
from views.map.tables import Table
from views.scheme import scheme
from views.state import Desk, keep

_HEIGHT_PX = 600
# Static text of our own: the map fills its frame, whose size the page's style sheet gives.
_FILL = """<style>
html, body, #root, #parent, .float-child { height: 100% ; margin: 0 ; overflow: hidden ; }
#map_div { height: 100vh !important ; width: 100% !important ; }
</style>"""
_NUDGE = 1e-7
_SEEN = "seen_click"
_TOLD = "base_told"
DRAGGED = "dragged"
STEPS = {"next": 1, "previous": -1}
DRAG = "drag"
KINDS = frozenset({"segment", "station", "seam", "finding", "unit", "target", "route", "none", DRAG, *STEPS})

Place = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """What the map shows.

    Attributes
    ----------
    key
        Names the content: equal keys are equal pictures.
    draw
        Makes the tables; called when the picture is not at hand.
    meta
        Title and provenance.
    top_px
        How much of the map's upper edge the page covers.
    """

    key: tuple[object, ...]
    draw: Callable[[], Sequence[Table]]
    meta: MapMeta | None = None
    top_px: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark over the picture, numbers only: a line of (lon, lat), or one place; the warning's colour by default."""

    line: tuple[Place, ...]
    color: str = THEME["warning"]


def publish(picture: Picture) -> str:
    """Write the picture's data file once and return its URL."""
    return keep(("picture", *picture.key), lambda: write_data_file(encode_map(picture.draw(), meta=picture.meta)))


def widget_key(desk: Desk) -> str:
    """Return the key of the map: another network is another map; all else, its language too, is data of its layer."""
    return f"map-{desk.network_key[:12]}"


def take_click(desk: Desk) -> bool:
    """Move a new click from the map to the desk, before anything is drawn; return whether there was one."""
    state = st.session_state.get(widget_key(desk)) or {}
    drawing, clicked = state.get("last_active_drawing"), state.get("last_clicked")
    seen = desk.extra.get(_SEEN)
    desk.extra[_SEEN] = (drawing, clicked)
    if (drawing, clicked) == (seen or (None, None)):
        return False
    place = _place_of(clicked)
    if drawing == (seen or (None, None))[0]:
        desk.extra["spot"] = place
        return place is not None
    kind, ident, at = _read_drawing(drawing)
    desk.extra["spot"] = place or at
    if kind == "none":
        desk.clear()
    elif kind in STEPS:
        desk.extra["step"] = STEPS[kind]
    elif kind == DRAG:
        desk.extra[DRAGGED] = ident
    elif kind:
        desk.select(kind, ident, place or at)
    return bool(kind)


def _place_of(clicked: Any) -> Place | None:
    """Return the place of a click; what does not look like one is none."""
    try:
        return float(clicked["lng"]), float(clicked["lat"])
    except (TypeError, KeyError, ValueError):
        return None


def _read_drawing(drawing: Any) -> tuple[str, str, Place | None]:
    """Return kind, id and place of a reported thing; a report comes from a browser and is believed in no other form."""
    try:
        kind, ident = str(drawing["properties"]["kind"]), str(drawing["properties"]["id"])
        lon, lat = (float(v) for v in drawing["geometry"]["coordinates"])
    except (TypeError, KeyError, ValueError):
        return "", "", None
    return (kind, ident, (lon, lat)) if kind in KINDS else ("", "", None)


def show_map(desk: Desk, picture: Picture, marks: Sequence[Mark | Layer] = ()) -> None:
    """Show a picture; the map itself stays what it was, only its layer changes."""
    nodes = desk.opened.plan.network.nodes
    middle = (round(float(nodes.lat.mean()), 4), round(float(nodes.lon.mean()), 4)) if len(nodes) else (31.3, 118.7)
    chart = OfflineMap(location=middle, zoom_start=12.0)
    chart.get_root().header.add_child(Element(_FILL))  # type: ignore[attr-defined]
    group = folium.FeatureGroup(name="roads")
    options = LayerOptions(
        lang=language(),
        selected=desk.selection.id,
        focus=_focus(desk),
        top_px=picture.top_px,
        before=bool(desk.extra.get("before")),
        scheme=scheme(),
        base=base_of(desk),
    )
    RoadLayer(publish(picture), options=options).add_to(group)
    for mark in marks:
        for part in [mark] if isinstance(mark, Layer) else _draw_mark(mark):
            part.add_to(group)
    st_folium(
        chart,
        key=widget_key(desk),
        height=_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing", "last_clicked"],
        feature_group_to_add=group,
    )


def base_of(desk: Desk) -> dict[str, Any] | None:
    """Return the base map that was chosen for this server; that one cannot be used is said once, the map needs none."""
    try:
        base = chosen_basemap()
    except InputError as error:
        if not desk.extra.get(_TOLD):
            desk.extra[_TOLD] = True
            desk.message = str(error)
            st.rerun()
        return None
    return base.to_json() if base else None


def _focus(desk: Desk) -> Focus | None:
    target = desk.target
    if target is None:
        return None
    # The layer jumps when its focus changes; the nudge makes the same place twice two jumps.
    return Focus(target.place, target.bounds, zoom=target.zoom + desk.jumps * _NUDGE)


def _draw_mark(mark: Mark) -> list[folium.MacroElement]:
    """Return a line in a casing, or a ring; they take no clicks and hold no text."""
    places = [(float(lat), float(lon)) for lon, lat in mark.line]
    style: dict[str, Any] = {"color": mark.color, "interactive": False}
    if len(places) == 1:
        return [folium.CircleMarker(places[0], radius=11, weight=4, fill=False, **style)]
    line = folium.PolyLine(places, weight=8, opacity=1.0, **style)  # type: ignore[no-untyped-call]
    casing = {**style, "color": THEME["card"]}
    return [folium.PolyLine(places, weight=13, opacity=0.9, **casing), line]  # type: ignore[no-untyped-call]
