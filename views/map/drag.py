"""A handle that runs along the road of one seam; its element holds numbers, and two fixed texts of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from geo.errors import InputError
from views.map.assets import BASE_URL, DRAG_SCRIPT, asset_link
from views.map.safe import escape_json

_TOKEN = re.compile(r"[0-9a-f]{8,32}")

Stop = tuple[float, float, float, bool]
"""A place where the seam may lie: lon, lat (WGS-84 degrees), metres along the road, whether it is a junction."""


@dataclass(frozen=True)
class Rail:
    """One track of the handle: whose road it is, its line of (lon, lat), and its stops from the seam outwards."""

    side: str
    line: Sequence[tuple[float, float]]
    stops: Sequence[Stop]


@dataclass(frozen=True)
class DragOptions:
    """What the handle needs.

    Attributes
    ----------
    token
        Hex digits that come back with every report, so that a late one is known for what it is.
    origin
        (lon, lat) where the seam lies.
    rails
        Its tracks.
    at
        Numbers of the rail and the stop where the handle stands, ``None`` at the origin.
    name, value
        Fixed texts for those who hear the screen: what the handle is, and what its value means.
    """

    token: str
    origin: tuple[float, float]
    rails: Sequence[Rail]
    at: tuple[int, int] | None = None
    name: str = ""
    value: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the options as the browser reads them; Leaflet puts latitude first."""
        return {
            "token": self.token,
            "origin": [round(self.origin[1], 7), round(self.origin[0], 7)],
            "at": list(self.at) if self.at else None,
            "words": {"name": self.name, "value": self.value},
            "tracks": [
                {
                    "side": "expressway" if rail.side == "expressway" else "ordinary",
                    "line": [[round(lat, 7), round(lon, 7)] for lon, lat in rail.line],
                    "places": [
                        [round(lat, 7), round(lon, 7), round(along, 1), int(junction)]
                        for lon, lat, along, junction in rail.stops
                    ],
                }
                for rail in self.rails
            ],
        }


class DragLayer(JSCSSMixin, Layer):
    """The handle of one seam under ``st_folium``; a report is a click with kind ``drag`` and id ``token:rail:stop``.

    Raises
    ------
    InputError
        The token is none of ours.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.roadDrag({{ this.data_json }});
        {% endmacro %}
    """)

    def __init__(self, options: DragOptions, *, base_url: str = BASE_URL) -> None:
        if not _TOKEN.fullmatch(options.token):
            raise InputError(
                "图上拖动的标记无效，请重新打开本页。 / the handle's token is not valid: open the page again."
            )
        super().__init__(name="drag", overlay=True, control=False)
        self._name = "DragLayer"
        self.data_json = escape_json(options.to_json())
        self.default_js = [asset_link(DRAG_SCRIPT, base_url)]
