"""The maps of a meeting: two that move together, one a position, or one with the difference layer."""

from __future__ import annotations

from typing import Any

import folium
import streamlit as st
from branca.element import Element
from streamlit_folium import st_folium

from views.i18n import language
from views.map import Focus, LayerOptions, OfflineDualMap, OfflineMap, RoadLayer
from views.pictures.positions import MEETING_SIZE
from views.scheme import scheme
from views.state import Desk
from views.widgets.map_view import Picture, publish

_HEIGHT_PX = 330
"""Height before the style sheet stretches the frame: the first view is fitted to a projector, which is the smallest."""
_CLOSEST = 16.5
_START = (31.3, 118.7)  # the same for every dispute: a map whose script changes is loaded again
# Static text of our own: both maps fill the frame; what does not serve the last row of seats is taken off.
_LOOK = """<style>
html, body, #root, #parent, .float-child { height: 100% ; margin: 0 ; overflow: hidden ; }
#map_div, #map_div2 { height: 100vh !important ; width: 100% !important ; }
.double .float-child + .float-child { box-shadow: -2px 0 0 var(--rs-ink) ; position: relative ; z-index: 900 ; }
.roadseam-map .roadseam-legend, .roadseam-map .roadseam-tools, .roadseam-map .roadseam-north { display: none ; }
.roadseam-map .roadseam-footer, .roadseam-map .leaflet-control-scale-line { font-size: 18px ; }
.roadseam-map .roadseam-footer { flex-wrap: wrap ; justify-content: flex-end ; gap: 0 12px ; line-height: 1.25 ; }
.roadseam-map .leaflet-bottom { bottom: 34px ; }
.roadseam-map .leaflet-control-scale-line { font-size: 18px ; line-height: 1.3 ; padding: 0 6px 2px ; }
.roadseam-map .leaflet-bar a { width: 40px ; height: 40px ; line-height: 40px ; font-size: 24px ; }
.roadseam-tip.leaflet-tooltip { font-size: 20px ; }
</style>"""
# The English footer takes two lines on half a projector: scale and buttons stand above both.
_LOOK_EN = """<style>
@media (max-width: 1400px) { .double .roadseam-map .leaflet-bottom.leaflet-bottom { bottom: 58px ; } }
</style>"""


def show_two_maps(desk: Desk, left: Picture, right: Picture, *, focus: Focus) -> None:
    """Show two pictures on maps that move together; both start at the same place."""
    chart = OfflineDualMap(location=_START, zoom_start=14.0, zoom_control="bottomleft")
    options = LayerOptions(
        lang=language(), size=MEETING_SIZE, fit=False, focus=focus, scheme=scheme(), twin=publish(right)
    )
    _show(chart, RoadLayer(publish(left), options=options), key=map_key(desk, "two"))


def show_one_map(desk: Desk, picture: Picture, *, focus: Focus) -> None:
    """Show one picture across the whole width."""
    chart = OfflineMap(location=_START, zoom_start=14.0, zoom_control="bottomleft")
    options = LayerOptions(lang=language(), size=MEETING_SIZE, fit=False, focus=focus, scheme=scheme())
    _show(chart, RoadLayer(publish(picture), options=options), key=map_key(desk, "one"))


def map_key(desk: Desk, name: str) -> str:
    """Return the key of a map of the meeting."""
    return f"meeting-{name}-{desk.network_key[:12]}-{language()}"


def focus_on(bounds: tuple[float, float, float, float]) -> Focus:
    """Return the view of a dispute: its metres with some road around them."""
    west, south, east, north = bounds
    wide, high = max(east - west, 0.001), max(north - south, 0.001)
    # The label of the position lies over the upper third of its map, sources and footer over the last fifth.
    box = (west - 0.1 * wide, south - 0.35 * high, east + 0.1 * wide, north + 0.6 * high)
    return Focus(bounds=box, zoom=_CLOSEST)


def read_report(desk: Desk) -> tuple[str, tuple[float, float] | None]:
    """Return kind and place of what was done on a map since the last call; ``""`` when nothing was."""
    for name in ("two", "one"):
        state = st.session_state.get(map_key(desk, name)) or {}
        drawing = state.get("last_active_drawing")
        seen = desk.extra.get(f"meeting-seen-{name}")
        desk.extra[f"meeting-seen-{name}"] = drawing
        if drawing and drawing != seen:
            return _read(drawing)
    return "", None


def _read(drawing: Any) -> tuple[str, tuple[float, float] | None]:
    """Return what a browser reports; it is believed in this form only."""
    try:
        kind = str(drawing["properties"]["kind"])
        lon, lat = (float(v) for v in drawing["geometry"]["coordinates"])
    except (TypeError, KeyError, ValueError):
        return "", None
    return (kind, (lon, lat)) if kind in {"segment", "next", "previous"} else ("", None)


def _show(chart: OfflineMap | OfflineDualMap, layer: RoadLayer, *, key: str) -> None:
    chart.get_root().header.add_child(Element(_LOOK + _LOOK_EN if language() == "en" else _LOOK))  # type: ignore[attr-defined]
    group = folium.FeatureGroup(name="roads")
    layer.add_to(group)
    st_folium(
        chart,
        key=key,
        height=_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=group,
    )
