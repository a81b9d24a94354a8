"""The map inside Streamlit, through st_folium as it is published: clicks come back as ids, data changes in place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.views.tiles import picture, write_mbtiles
from views.map.assets import STATIC

pytestmark = pytest.mark.browser

APP = """
import json
from dataclasses import replace
from pathlib import Path

import folium
import streamlit as st
from streamlit_folium import st_folium

from tests.views.map.samples import make_points, make_roads
from views.basemap import serve_basemap
from views.map import LayerOptions, OfflineDualMap, OfflineMap, RoadLayer, encode_map, write_data_file

answer = (st.session_state.get("map") or {}).get("last_active_drawing") or {}
chosen = answer.get("properties", {})
roads = make_roads()
if chosen.get("kind") == "segment":
    roads = replace(roads, style=roads.before, before=roads.style)
url = write_data_file(encode_map([roads, make_points()]), Path("static/plan"))
twin = write_data_file(encode_map([make_roads()]), Path("static/plan"))
two = "two" in st.query_params
base = serve_basemap("tiles.mbtiles").to_json() if "base" in st.query_params else None
made = (OfflineDualMap if two else OfflineMap)((31.302, 118.71), 14.5)
group = folium.FeatureGroup(name="roads")
options = LayerOptions(fit=False, selected=chosen.get("id"), twin=twin if two else None, base=base)
RoadLayer(url, options=options).add_to(group)
st_folium(made, key="map", height=480, use_container_width=True, returned_objects=["last_active_drawing"],
          feature_group_to_add=group)
st.text("answer " + json.dumps(chosen) + " file " + url[-36:])
"""


@contextmanager
def serve_map(folder: Path, repo_root: Path) -> Iterator[str]:
    """Start a small app on a free port with the map's static folder beside it, and yield its address."""
    shutil.copytree(STATIC, folder / "static", ignore=shutil.ignore_patterns("plan"))
    (folder / "app.py").write_text(APP, encoding="utf-8")
    tile = (14, int((118.71 + 180) / 360 * 2**14), 6690)
    near = {(14, tile[1] + dx, tile[2] + dy): picture("#88AACC") for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    write_mbtiles(folder / "tiles.mbtiles", near, {"attribution": "© 规划局"})
    flags = [
        "--server.headless=true",
        "--server.address=127.0.0.1",
        "--server.enableStaticServing=true",
        "--server.port=0",
    ]
    flags += ["--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    environment = {**os.environ, "PYTHONPATH": str(repo_root), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        address = next((line.split()[-1] for line in process.stdout if "URL: http" in line), "")
        yield address
        process.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Iterator[str]:
    """Start the small app."""
    with serve_map(tmp_path_factory.mktemp("app"), repo_root) as address:
        yield address


def open_map(page: Page, address: str) -> Frame:
    """Open the app and return the frame of the map once it has drawn."""
    page.set_default_timeout(30_000)
    page.goto(address)
    handle = page.wait_for_selector("iframe")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function("window.__roadseam && window.__roadseam.ready && window.map")
    return frame


def click_place(page: Page, frame: Frame, lat: float, map_name: str = "map_div") -> None:
    """Click on the road at a latitude, on one of the maps of the frame."""
    x, y = frame.evaluate(
        """([lat, name]) => { const m = window[name], p = m.latLngToContainerPoint([lat, 118.7123]);
        const box = m.getContainer().getBoundingClientRect(); return [p.x + box.left, p.y + box.top]; }""",
        [lat, map_name],
    )
    box = page.locator("iframe").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y)


def answer_of(page: Page, frame: Frame, lat: float, ident: str, *, map_name: str = "map_div") -> None:
    """Click on a road, once, and wait until the app names it."""
    click_place(page, frame, lat, map_name)
    expect(page.get_by_text(f'answer {{"kind": "segment", "id": "{ident}"')).to_be_visible(timeout=10_000)


def test_click_reaches_the_app_and_the_map_stays(
    page: Page, server: str, outside: list[str], errors: list[str]
) -> None:
    """A click on a road or symbol reaches unmodified st_folium as kind and id; new data comes without a new map."""
    frame = open_map(page, server)
    assert frame.evaluate("window.map.getContainer().clientHeight") > 400
    frame.evaluate("window.kept = window.map; void window.map.setZoom(15, {animate: false})")
    for lat, ident in ((31.302, "w101/3-4"), (31.304, "w102/5-6")):
        answer_of(page, frame, lat, ident)
    frame.wait_for_function(
        "window.__roadseam.loads === 2 && document.querySelectorAll('canvas.roadseam-canvas').length === 1"
    )
    state = frame.evaluate(
        """() => ({ same: window.kept === window.map, zoom: window.map.getZoom(), id: window.map._roadseam.selected.id,
        errors: window.__roadseam.errors, legends: document.querySelectorAll('.roadseam-legend').length })"""
    )
    assert state == {"same": True, "zoom": 15, "id": "w102/5-6", "errors": [], "legends": 1}
    assert (outside, errors) == ([], [])


def test_both_maps_of_a_pair_answer(page: Page, server: str, outside: list[str], errors: list[str]) -> None:
    """Side by side, each map draws its own data, moves with the other, and a click on either reaches the app."""
    frame = open_map(page, server + "?two=1")
    frame.wait_for_function("document.querySelectorAll('canvas.roadseam-canvas').length === 2")
    answer_of(page, frame, 31.302, "w101/3-4", map_name="map_div2")
    answer_of(page, frame, 31.304, "w102/5-6")
    frame.evaluate("void window.map_div.panBy([40, 0], {animate: false})")
    centers = json.loads(
        frame.evaluate("JSON.stringify([window.map_div.getCenter().lng, window.map_div2.getCenter().lng])")
    )
    assert centers[0] == pytest.approx(centers[1], abs=1e-4)
    assert frame.evaluate("document.querySelectorAll('canvas.roadseam-canvas').length") == 2
    assert (outside, errors) == ([], [])


def test_a_base_map_lies_under_the_roads(page: Page, server: str, outside: list[str], errors: list[str]) -> None:
    """The user's tiles come from this machine, are named with the sources, can be switched off, and stay off."""
    frame = open_map(page, server + "?base=1")
    tiles = frame.locator(".roadseam-base img.leaflet-tile-loaded")
    expect(tiles.first).to_be_visible()
    expect(frame.locator(".roadseam-credit")).to_have_text("© OpenStreetMap contributors · © 规划局")
    frame.get_by_role("button", name="图层").click()
    frame.get_by_label("底图").uncheck()
    expect(frame.locator(".roadseam-credit")).to_have_text("© OpenStreetMap contributors")
    answer_of(page, frame, 31.302, "w101/3-4")
    frame.wait_for_function("window.__roadseam.loads === 2")
    assert tiles.count() == 0
    assert (outside, errors, frame.evaluate("window.__roadseam.errors")) == ([], [], [])
