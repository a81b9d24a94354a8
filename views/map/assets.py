"""The browser files of the map: where they are, in which order they load, how a page links to them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
"""The folder that Streamlit serves under ``app/static``."""

BASE_URL = "../../app/static/"
"""The way from a component's page (``component/<name>/``) to that folder, under any base path."""

MAP_SCRIPTS = ("leaflet/leaflet.js",)
LAYER_SCRIPTS = (
    "roadfile.js",
    "roadpaint.js",
    "roadlabels.js",
    "roadshields.js",
    "roadhit.js",
    "roadbase.js",
    "roadlayer.js",
    "roadpanel.js",
)
SYNC_SCRIPT = "leaflet/leaflet.sync.js"
DRAG_SCRIPT = "roaddrag.js"
"""The handle of a seam: in the app only."""
EXPORT_SCRIPTS = ("roadexport.js",)
MAP_STYLES = ("leaflet/leaflet.css", "roadseam.css")
EXPORT_STYLES = ("roadexport.css",)


@cache
def read_asset(name: str) -> str:
    """Return the text of one browser file."""
    return (STATIC / name).read_text(encoding="utf-8")


@cache
def asset_mark(name: str) -> str:
    """Return eight hex digits that change with the file, so that no browser keeps an old one."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]


def asset_link(name: str, base_url: str = BASE_URL) -> tuple[str, str]:
    """Return the pair of name and URL that folium wants of a script or a style sheet."""
    return name, f"{base_url}{name}?v={asset_mark(name)}"
