"""The base map under the roads: never needed, chosen by the user, a file on this machine or Tianditu by key.

``ROADSEAM_BASEMAP`` (set by ``roadseam app --basemap``) names a PMTiles or MBTiles file, or ``tianditu:vec`` or
``tianditu:img``. Tianditu's key comes from ``ROADSEAM_TIANDITU_KEY`` or from ``tianditu_key`` in
``.streamlit/secrets.toml``; it stays in this process: the browser, plans, exports and logs never see it.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo.errors import InputError
from views.basemap_archive import MOST_TILE, Archive, Facts, open_archive
from views.basemap_server import TileDesk, start_server

BASEMAP_VARIABLE = "ROADSEAM_BASEMAP"
"""Environment variable that names the base map."""
KEY_VARIABLE = "ROADSEAM_TIANDITU_KEY"
"""Environment variable with the user's key of Tianditu."""

SECRETS = Path(__file__).resolve().parents[1] / ".streamlit" / "secrets.toml"
_TIANDITU = "tianditu:"
_LAYERS = frozenset({"vec", "img", "ter"})
_KEY = re.compile(r"[0-9A-Za-z]{16,64}")
_WAIT_S = 8.0


@dataclass(frozen=True, slots=True)
class Basemap:
    """A base map that is being served.

    Attributes
    ----------
    url
        Address below which ``zoom/column/row`` are, Web Mercator.
    facts
        Zooms and attribution.
    """

    url: str
    facts: Facts

    def to_json(self) -> dict[str, Any]:
        """Return what the browser needs; the attribution is shown as text."""
        facts = self.facts
        return {"url": self.url, "min": facts.min_zoom, "max": facts.max_zoom, "credit": facts.attribution}


class Tianditu:
    """Tiles of 天地图, fetched by this process with the user's key.

    The tile matrix set ``w`` is taken: Web Mercator on CGCS2000, which differs from WGS-84 by centimetres.
    """

    def __init__(self, layer: str, key: str) -> None:
        self._layer, self._key = layer, key
        self.facts = Facts("raster", 1, 18, "© 天地图 国家地理信息公共服务平台 / Tianditu")

    def address(self, zoom: int, column: int, row: int) -> str:
        """Return the address of a tile, key included: for the request alone, never for a message."""
        layer, server = self._layer, (column + row) % 8
        return (
            f"https://t{server}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
            f"&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
            f"&TILEMATRIX={zoom}&TILEROW={row}&TILECOL={column}&tk={self._key}"
        )

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return the picture, ``None`` when the service does not give it."""
        from urllib.request import Request, urlopen

        request = Request(self.address(zoom, column, row), headers={"User-Agent": "Mozilla/5.0 roadseam"})  # noqa: S310
        try:
            with urlopen(request, timeout=_WAIT_S) as answer:  # noqa: S310 - the scheme is ours
                data: bytes = answer.read(MOST_TILE + 1)
        except (OSError, ValueError):
            return None
        return data if len(data) <= MOST_TILE else None


def tianditu_key() -> str:
    """Return the user's key, ``""`` where none is set."""
    key = os.environ.get("ROADSEAM_TIANDITU_KEY", "")
    if not key and SECRETS.is_file():
        try:
            key = str(tomllib.loads(SECRETS.read_text(encoding="utf-8")).get("tianditu_key", ""))
        except (OSError, ValueError):
            key = ""
    return key if _KEY.fullmatch(key) else ""


def open_source(setting: str) -> Archive:
    """Open what a setting names.

    Raises
    ------
    InputError
        The file cannot be used, the layer is unknown, or Tianditu has no key.
    """
    if not setting.startswith(_TIANDITU):
        return open_archive(Path(setting))
    layer = setting.removeprefix(_TIANDITU)
    if layer not in _LAYERS:
        msg = "底图：天地图只有 tianditu:vec、tianditu:img、tianditu:ter。 / base map: Tianditu has vec, img and ter."
        raise InputError(msg)
    key = tianditu_key()
    if not key:
        msg = (
            "底图：天地图需要密钥，请设置 ROADSEAM_TIANDITU_KEY 或 .streamlit/secrets.toml 中的 tianditu_key。"
            " / base map: Tianditu needs a key: set ROADSEAM_TIANDITU_KEY or tianditu_key in .streamlit/secrets.toml."
        )
        raise InputError(msg)
    return Tianditu(layer, key)


def check_setting(setting: str) -> str:
    """Return a setting that stands wherever the server runs, after the source was opened once.

    Raises
    ------
    InputError
        It cannot be used.
    """
    open_source(setting)
    return setting if setting.startswith(_TIANDITU) else str(Path(setting).resolve())


@cache
def serve_basemap(setting: str) -> Basemap:
    """Open a base map and serve it as long as this process lives; asked again, the same one is returned.

    Raises
    ------
    InputError
        It cannot be used.
    """
    archive = open_source(setting)
    _, url = start_server(TileDesk(archive))
    return Basemap(url, archive.facts)


def chosen_basemap() -> Basemap | None:
    """Return the base map that was chosen for this server, ``None`` where none was.

    Raises
    ------
    InputError
        The one that was chosen cannot be used.
    """
    setting = os.environ.get("ROADSEAM_BASEMAP", "")
    return serve_basemap(setting) if setting else None
