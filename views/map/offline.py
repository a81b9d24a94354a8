"""folium maps that need no network: local assets, no tiles, and one layer whose element holds no text of the map."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import folium
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.plugins import DualMap
from folium.template import Template

from geo.errors import InputError
from views.map.assets import BASE_URL, DRAG_SCRIPT, LAYER_SCRIPTS, MAP_SCRIPTS, MAP_STYLES, SYNC_SCRIPT, asset_link
from views.map.safe import escape_json

_URL = re.compile(r"[A-Za-z0-9._/\-]+")
_TILES = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/[0-9a-f]{32}/")


@dataclass(frozen=True, slots=True)
class Focus:
    """A place to show.

    Attributes
    ----------
    center
        (lon, lat), WGS-84 degrees; or
    bounds
        (west, south, east, north), WGS-84 degrees.
    zoom
        Zoom for ``center``, closest zoom for ``bounds``.
    """

    center: tuple[float, float] | None = None
    bounds: tuple[float, float, float, float] | None = None
    zoom: float = 16.0

    def to_json(self) -> dict[str, Any]:
        """Return the place as the browser reads it."""
        if self.bounds is not None:
            west, south, east, north = self.bounds
            return {"bounds": [[south, west], [north, east]], "zoom": self.zoom}
        if self.center is not None:
            return {"center": [self.center[1], self.center[0]], "zoom": self.zoom}
        return {}


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """How the layer behaves.

    Attributes
    ----------
    lang
        Language of legend and buttons.
    size
        Scale of lines and text; 1.5 for meetings.
    fit
        Whether the first layer on a map moves the view to its bounds.
    selected
        Id to mark; ``""`` clears the mark, ``None`` leaves what the person chose. Takes effect when it changes.
    focus
        Place to jump to; takes effect when it changes.
    panel
        Whether legend, layer switch and footer are shown.
    top_px
        How much of the map's upper edge the host covers: its buttons stand below that.
    before
        Whether the state before the last decisions is shown; takes effect when it changes.
    scheme
        Light or dark colours; ``auto`` follows the system. Exported files are light.
    twin
        URL of the data file for the right map of an `OfflineDualMap` under ``st_folium``: the layer is added to the
        left map alone, brings its twin along and reports the clicks on both.
    base
        Tiles of this machine to lie under the roads (`views.basemap.Basemap.to_json`); none is needed, none exported.
    """

    lang: Literal["zh", "en"] = "zh"
    size: float = 1.0
    fit: bool = True
    selected: str | None = None
    focus: Focus | None = None
    panel: bool = True
    top_px: int = 0
    before: bool | None = None
    scheme: Literal["light", "dark", "auto"] = "light"
    twin: str | None = None
    base: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the options as the browser reads them."""
        out: dict[str, Any] = {"lang": self.lang, "size": self.size, "fit": self.fit, "panel": self.panel}
        if self.top_px:
            out["top"] = self.top_px
        if self.selected is not None:
            out["selected"] = self.selected
        if self.before is not None:
            out["before"] = self.before
        if self.focus is not None:
            out["focus"] = self.focus.to_json()
        if self.scheme != "light":
            out["scheme"] = self.scheme
        if self.twin is not None:
            out["twin"] = {"url": check_url(self.twin)}
        if self.base is not None:
            out["base"] = {**self.base, "url": check_tiles(self.base["url"])}
        return out


def check_url(url: str) -> str:
    """Return the URL of a data file, refused when it has characters that no data file of ours has.

    Raises
    ------
    InputError
        When it is not a plain path.
    """
    if not _URL.fullmatch(url):
        raise InputError(f"map layer: {url!r} is no data file; pass what write_data_file returned")
    return url


def check_tiles(url: str) -> str:
    """Return the address of tiles, refused when it is not one of our own server on this machine.

    Raises
    ------
    InputError
        When it is not.
    """
    if not _TILES.fullmatch(url):
        raise InputError("map layer: tiles come from this machine only; pass what serve_basemap returned")
    return url


def _set_assets(element: JSCSSMixin, base_url: str) -> None:
    # Instance attributes: the class attributes of folium are shared lists of outside links.
    element.default_js = [asset_link(name, base_url) for name in MAP_SCRIPTS]
    element.default_css = [asset_link(name, base_url) for name in MAP_STYLES]


_VIEW: dict[str, Any] = {
    "tiles": None,
    "zoom_snap": 0.25,
    "zoom_delta": 0.5,
    "wheel_px_per_zoom_level": 90,
    "max_zoom": 19,
    "attribution_control": False,
    "zoom_control": "topleft",
}


class OfflineMap(folium.Map):
    """A folium map without tiles whose scripts and styles come from our own static folder.

    Parameters
    ----------
    location
        (lat, lon) of the centre, as folium has it.
    zoom_start
        First zoom; fractions are allowed.
    base_url
        Way to the static folder.
    options
        Further options of `folium.Map`; they may hold no text of a map.
    """

    def __init__(
        self,
        location: tuple[float, float] = (31.3, 118.7),
        zoom_start: float = 12.0,
        *,
        base_url: str = BASE_URL,
        **options: Any,
    ) -> None:
        # folium says int, Leaflet takes fractions.
        super().__init__(location=location, zoom_start=zoom_start, **{**_VIEW, **options})  # type: ignore[arg-type]
        _set_assets(self, base_url)


class OfflineDualMap(DualMap):
    """Two `OfflineMap` side by side that move together."""

    def __init__(
        self,
        location: tuple[float, float] = (31.3, 118.7),
        zoom_start: float = 12.0,
        *,
        base_url: str = BASE_URL,
        **options: Any,
    ) -> None:
        super().__init__(location=location, zoom_start=zoom_start, **{**_VIEW, **options})  # type: ignore[no-untyped-call]
        self.default_js = [asset_link(SYNC_SCRIPT, base_url)]
        for one in (self.m1, self.m2):
            _set_assets(one, base_url)


class RoadLayer(JSCSSMixin, Layer):
    """A map file on one canvas; the element holds a URL (or base64) and numbers, never text of the map.

    Parameters
    ----------
    source
        URL of a file written by `views.map.store.write_data_file`, or the bytes of the file to embed them.
    options
        See `LayerOptions`.
    base_url
        Way to the static folder.

    Raises
    ------
    InputError
        When a URL has characters that no data file of ours has.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.roadLayer({{ this.source_json }}, {{ this.options_json }});
        {% endmacro %}
    """)

    def __init__(self, source: str | bytes, *, options: LayerOptions | None = None, base_url: str = BASE_URL) -> None:
        super().__init__(name="roads", overlay=True, control=False)
        self._name = "RoadLayer"
        if isinstance(source, bytes):
            # Base64 has no sign with a meaning to a script or a template; escaping it would double its size.
            self.source_json = '{"inline":"' + base64.b64encode(source).decode("ascii") + '"}'
        else:
            self.source_json = escape_json({"url": check_url(source)})
        self.options_json = escape_json((options or LayerOptions()).to_json())
        self.default_js = [asset_link(name, base_url) for name in (*LAYER_SCRIPTS, DRAG_SCRIPT)]
