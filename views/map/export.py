"""One HTML file that shows a map anywhere: everything inside, nothing asked of a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from views.map.assets import EXPORT_SCRIPTS, EXPORT_STYLES, LAYER_SCRIPTS, MAP_SCRIPTS, MAP_STYLES, read_asset
from views.map.encode import MapMeta, encode_map
from views.map.palette import FONTS, THEME
from views.map.safe import escape_json
from views.map.store import write_bytes_atomic
from views.map.tables import Table

_START = "Roadseam.openExport(JSON.parse(document.getElementById('roadseam-options').textContent));"

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="@policy@">
<title>路界 Roadseam</title>
<link rel="icon" href="data:,">
<style>@style@</style>
</head>
<body>
<div class="roadseam-page">
<header class="roadseam-bar"><h1 id="roadseam-title">路界 Roadseam</h1>
<div class="roadseam-find"><input id="roadseam-query" type="search" autocomplete="off" spellcheck="false">
<div id="roadseam-results" class="roadseam-results" hidden></div></div>
<button type="button" class="roadseam-button" id="roadseam-all">全图</button>
<button type="button" class="roadseam-button" id="roadseam-print">打印</button>
<button type="button" class="roadseam-button" id="roadseam-language">English</button></header>
<div id="roadseam-map"></div>
<aside class="roadseam-card" id="roadseam-card"></aside>
</div>
<script type="application/octet-stream" id="roadseam-data">@data@</script>
<script type="application/json" id="roadseam-options">@options@</script>
@scripts@
</body>
</html>
"""


def build_html(data: bytes, *, lang: Literal["zh", "en"] = "zh", size: float = 1.0) -> str:
    """Return the page of a map file; texts of the map are inside the packed data only.

    Parameters
    ----------
    data
        What `encode_map` returned.
    lang, size
        First language and scale of lines and text.
    """
    scripts = [read_asset(name).rstrip() for name in (*MAP_SCRIPTS, *LAYER_SCRIPTS, *EXPORT_SCRIPTS)] + [_START]
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    policy = f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:"
    root = "".join(f"--rs-{name}:{color};" for name, color in THEME.items()) + f"--rs-fonts:{FONTS};--rs-size:{size:g};"
    styles = f":root{{{root}}}" + "".join(read_asset(name) for name in (*MAP_STYLES, *EXPORT_STYLES))
    parts = {
        "@policy@": policy,
        "@style@": styles,
        "@data@": base64.b64encode(data).decode("ascii"),
        "@options@": escape_json({"lang": lang, "size": size}),
        "@scripts@": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    page: list[str] = []
    rest = _PAGE
    for mark, text in parts.items():
        before, _, rest = rest.partition(mark)
        page += [before, text]
    return "".join(page) + rest


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def write_html(
    path: Path,
    tables: Iterable[Table],
    *,
    meta: MapMeta | None = None,
    lang: Literal["zh", "en"] = "zh",
    size: float = 1.0,
) -> int:
    """Write one HTML file that shows the tables without a network; return its size in bytes.

    The file is written beside its place and then moved there, so a broken write leaves the old file.

    Parameters
    ----------
    path
        Where to write.
    tables
        What to draw, as for `encode_map`.
    meta
        Title and provenance for the side card.
    lang, size
        First language and scale of lines and text; 1.5 for meetings.

    Raises
    ------
    InputError
        When a table cannot be drawn.
    """
    page = build_html(encode_map(tables, meta=meta), lang=lang, size=size).encode()
    write_bytes_atomic(path, page)
    return len(page)
