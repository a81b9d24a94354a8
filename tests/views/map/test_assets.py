"""The browser files: vendored ones are what their register says, nothing asks for an outside address."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from views.map.assets import (
    EXPORT_SCRIPTS,
    EXPORT_STYLES,
    LAYER_SCRIPTS,
    MAP_SCRIPTS,
    MAP_STYLES,
    STATIC,
    SYNC_SCRIPT,
    asset_link,
)


def test_vendored_files_are_registered() -> None:
    """Each file under static/leaflet has name, version, licence and the SHA-256 it is known by, and nothing else lies there."""
    rows = json.loads((STATIC / "VENDORED.json").read_text(encoding="utf-8"))
    files = {f"leaflet/{path.name}" for path in (STATIC / "leaflet").iterdir()}
    assert {row["file"] for row in rows} == files
    for row in rows:
        assert hashlib.sha256((STATIC / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert row["licence"] in {"BSD-2-Clause", "BSD-3-Clause", "MIT", "ISC"}
        assert row["version"]
    for package in {row["package"] for row in rows}:
        assert f"leaflet/LICENSE-{package}.txt" in files


def test_vendored_files_are_documented(repo_root: Path) -> None:
    """docs/vendored.md names every vendored package with its version."""
    text = (repo_root / "docs" / "vendored.md").read_text(encoding="utf-8")
    for row in json.loads((STATIC / "VENDORED.json").read_text(encoding="utf-8")):
        assert f"{row['package']} {row['version']}" in text


def test_no_file_asks_for_an_address() -> None:
    """No style imports or links a file, no own script holds an outside address, and source maps are gone (fault 58)."""
    for name in (*MAP_STYLES, *EXPORT_STYLES):
        text = (STATIC / name).read_text(encoding="utf-8")
        urls = re.findall(r"url\(([^)]{0,12})", text)
        assert all(url.startswith(('"data:', "#default")) for url in urls), name
        assert "@import" not in text
    for name in (*LAYER_SCRIPTS, *EXPORT_SCRIPTS):
        assert "://" not in (STATIC / name).read_text(encoding="utf-8"), name
    for name in (*MAP_SCRIPTS, SYNC_SCRIPT, *LAYER_SCRIPTS, *EXPORT_SCRIPTS):
        assert "sourceMappingURL" not in (STATIC / name).read_text(encoding="utf-8"), name


def test_own_scripts_write_no_markup() -> None:
    """Our scripts build elements and set textContent; the ways to make markup or code of text are absent (fault 57)."""
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\('on"
    for name in (*LAYER_SCRIPTS, *EXPORT_SCRIPTS):
        assert not re.findall(forbidden, (STATIC / name).read_text(encoding="utf-8")), name


def test_scripts_are_short() -> None:
    """A browser file of ours keeps the limit of the house, 400 lines."""
    for name in (*LAYER_SCRIPTS, *EXPORT_SCRIPTS, "roadseam.css", *EXPORT_STYLES):
        assert len((STATIC / name).read_text(encoding="utf-8").splitlines()) <= 400, name


def test_links_change_with_the_file() -> None:
    """A link carries a mark of the content, so that an upgrade is never served from a browser's store."""
    name, url = asset_link("roadlayer.js")
    assert name == "roadlayer.js"
    assert re.fullmatch(r"\.\./\.\./app/static/roadlayer\.js\?v=[0-9a-f]{8}", url)
