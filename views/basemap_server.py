"""Tiles for the browser on this machine: a small server bound to 127.0.0.1, one address nobody can guess."""

from __future__ import annotations

import io
import re
import secrets
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from views.basemap_archive import Archive, picture_type
from views.basemap_vector import BadTileError, paint_tile

_PATH = re.compile(r"/([0-9a-f]{32})/([0-9]{1,2})/([0-9]{1,8})/([0-9]{1,8})")
_MOST_PX = 2048
_KEPT_TILES = 512


def sound_picture(data: bytes) -> str:
    """Return the media type of a tile's picture; ``""`` for what is none or is too large to be one."""
    from PIL import Image

    kind = picture_type(data)
    if not kind:
        return ""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            return kind if max(picture.size) <= _MOST_PX else ""
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""


class TileDesk:
    """Hands out the tiles of one archive as pictures; what is broken is no tile."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._kept = lru_cache(_KEPT_TILES)(self._make)

    def picture(self, zoom: int, column: int, row: int) -> tuple[bytes, str] | None:
        """Return a tile and its media type, ``None`` where there is none."""
        facts = self.archive.facts
        if not facts.min_zoom <= zoom <= facts.max_zoom or not max(column, row) < 1 << zoom:
            return None
        return self._kept(zoom, column, row)

    def _make(self, zoom: int, column: int, row: int) -> tuple[bytes, str] | None:
        data = self.archive.tile(zoom, column, row)
        if not data:
            return None
        if self.archive.facts.kind == "raster":
            kind = sound_picture(data)
            return (data, kind) if kind else None
        try:
            return paint_tile(data), "image/png"
        except (BadTileError, TypeError, ValueError):
            return None


def start_server(desk: TileDesk) -> tuple[ThreadingHTTPServer, str]:
    """Start serving in the background; return the server and the address below which the tiles are.

    Only 127.0.0.1 is listened to, the path holds a random word, and a request under another host name gets nothing.
    """
    token = secrets.token_hex(16)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "tiles"
        sys_version = ""

        def do_GET(self) -> None:
            found = _PATH.fullmatch(self.path)
            host = (self.headers.get("Host") or "").partition(":")[0]
            if not found or not secrets.compare_digest(found[1], token) or host not in {"127.0.0.1", "localhost"}:
                self._answer(404, b"", "")
                return
            zoom, column, row = (int(part) for part in found.groups()[1:])
            picture = desk.picture(zoom, column, row)
            self._answer(*((200, *picture) if picture else (204, b"", "")))

        def _answer(self, code: int, body: bytes, kind: str) -> None:
            self.send_response(code)
            if body:
                self.send_header("Content-Type", kind)
                self.send_header("Cache-Control", "max-age=3600")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Security-Policy", "default-src 'none'")
            if code != 204:  # noqa: PLR2004 - no content, no length
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it so
            """Write nothing: where a person looks is nobody's business."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="basemap", daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}/{token}/"
