"""The exported map in a real browser: opens from a file, draws, answers clicks and keys, runs nothing it was given."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from geo.columns import TextColumn
from tests.views.map.samples import ODD_NAMES, PAYLOADS, hostile_tables, make_points, make_roads
from views.catalogue import Words
from views.map import (
    LayerOptions,
    MapMeta,
    OfflineMap,
    PointTable,
    RoadLayer,
    RoadTable,
    encode_map,
    palette,
    write_html,
)
from views.map.assets import LAYER_SCRIPTS, MAP_SCRIPTS, STATIC
from views.map.palette import SHIELDS

pytestmark = pytest.mark.browser
READY = "window.__roadseam && (window.__roadseam.ready || window.__roadseam.errors.length)"
META = MapMeta(Words("示范区归属图", "Demo district"), ((Words("版本", "Version"), "v37"),))
INK = """() => { const c = document.querySelector('canvas.roadseam-canvas'), seen = new Set();
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 250) seen.add((d[i] << 16) + (d[i + 1] << 8) + d[i + 2]);
  return [...seen]; }"""


def open_export(page: Page, path: Path, tables: tuple[RoadTable | PointTable, ...], meta: MapMeta = META) -> None:
    """Write an export, open it by file:// and wait for the map."""
    write_html(path, tables, meta=meta)
    page.goto(path.as_uri())
    page.wait_for_function(READY)


def screen_place(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Return where a place is on the screen."""
    x, y = page.evaluate(
        """([lon, lat]) => { const m = window.__roadseam.map, p = m.latLngToContainerPoint([lat, lon]);
        const box = m.getContainer().getBoundingClientRect(); return [p.x + box.left, p.y + box.top]; }""",
        [lon, lat],
    )
    return float(x), float(y)


def click(page: Page, lon: float, lat: float) -> None:
    """Click on a place of the map."""
    page.mouse.click(*screen_place(page, lon, lat))


def has_color(page: Page, color: str) -> bool:
    """Return whether the canvas has a full pixel of a colour."""
    return int(color[1:], 16) in page.evaluate(INK)


def test_opens_from_a_file_without_a_network(page: Page, tmp_path: Path, outside: list[str], errors: list[str]) -> None:
    """An export opened by file:// draws every road, asks for nothing but itself and reports no error (fault 58)."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = tmp_path / "map.html"
    open_export(page, path, (make_roads(), make_points()))
    assert page.evaluate("window.__roadseam.drawn") == 3
    assert has_color(page, palette.owner_style(0, Words("x")).color)
    assert has_color(page, palette.owner_style(1, Words("x")).color)
    page.mouse.move(*screen_place(page, 118.712, 31.302))
    assert asked == [path.as_uri()]
    assert (outside, errors, page.evaluate("window.__roadseam.errors")) == ([], [], [])


def test_shields_stand_along_the_roads(page: Page, tmp_path: Path, errors: list[str]) -> None:
    """Each road number gets its sign, none over another, whole, 13 px and more; what is no number gets none."""
    roads = replace(make_roads(), refs=TextColumn.from_strings(["G98;S17", "S202", "S202<img src=x>"]))
    open_export(page, tmp_path / "map.html", (roads,))
    page.evaluate("void window.__roadseam.map.setView([31.302, 118.71], 15, {animate: false})")
    page.wait_for_function(
        "window.__roadseam.layer._view.waiting === 0 && window.__roadseam.layer._view.shields.length"
    )
    shields = page.evaluate("window.__roadseam.layer._view.shields")
    assert [(one["number"], one["kind"]) for one in shields] == [
        ("G98", "national"),
        ("S17", "provincial"),
        ("S202", "S"),
    ]
    boxes = [(one["left"], one["top"], one["left"] + one["px"][0], one["top"] + one["px"][1]) for one in shields]
    for k, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[k + 1 :])
    for color in (SHIELDS["expressway"][0], SHIELDS["G"][0], SHIELDS["S"][0]):
        assert has_color(page, color)
    assert errors == []


def test_click_shows_the_card(page: Page, tmp_path: Path) -> None:
    """A click on a road shows its name, owner, length and reason; a click on the ground brings the summary back."""
    open_export(page, tmp_path / "map.html", (make_roads(), make_points()))
    card = page.locator("#roadseam-card")
    assert "v37" in card.inner_text()
    click(page, 118.7123, 31.302)
    assert card.locator("h2").inner_text() == "东岗大道"
    assert all(text in card.inner_text() for text in ("区大队", "1900 m", "理由", "S202", "w101/3-4"))
    click(page, 118.7123, 31.3031)
    assert card.locator("h2").inner_text() == "示范区归属图"


def test_symbols_win_over_roads(page: Page, tmp_path: Path) -> None:
    """Where a symbol lies on a road, the click takes the symbol; six pixels beside a road still take the road."""
    points = make_points(("站", "", "1"))
    roads = replace(make_roads(), lat=make_roads().lat - 31.30 + 31.296)
    open_export(page, tmp_path / "map.html", (roads, points))
    click(page, 118.704, 31.296)
    assert page.evaluate("window.__roadseam.layer.selection().table.kind") == "station"
    x, y = screen_place(page, 118.7169, 31.300)
    page.mouse.click(x, y + 5)
    assert page.evaluate("window.__roadseam.layer.selection().row") == 2


def test_reports_are_what_st_folium_reads(page: Page, tmp_path: Path) -> None:
    """A click fires `click` with a GeoJSON feature of kind, id and place; Escape reports that nothing is chosen."""
    open_export(page, tmp_path / "map.html", (make_roads(), make_points()))
    page.evaluate("window.got = []; window.__roadseam.layer.on('click', (e) => window.got.push(e.layer.toGeoJSON()))")
    click(page, 118.7123, 31.300)
    page.keyboard.press("Escape")
    one, two = page.evaluate("window.got")
    assert one["properties"] == {"kind": "segment", "id": "w100/1-2", "n": 1}
    assert one["geometry"]["coordinates"] == pytest.approx([118.7123, 31.300], abs=1e-4)
    assert two["properties"] == {"kind": "none", "id": "", "n": 2}


def test_before_is_shown_while_b_is_held(page: Page, tmp_path: Path) -> None:
    """Holding B paints the owners before the change, and the legend's kilometres follow; letting go restores both."""
    roads = replace(make_roads(), style=np.zeros(3, np.uint8), before=np.array([1, 1, 0], np.uint8))
    open_export(page, tmp_path / "map.html", (roads,))
    first = palette.owner_style(1, Words("x")).color
    assert not has_color(page, first)
    assert "5.70 km" in page.locator(".roadseam-legend").inner_text()
    page.keyboard.down("b")
    assert has_color(page, first)
    assert "3.80 km" in page.locator(".roadseam-legend").inner_text()
    page.keyboard.up("b")
    assert not has_color(page, first)


def test_findings_are_walked_by_n_and_p(page: Page, tmp_path: Path) -> None:
    """N goes to the first finding and on, P goes back, and typing these letters into the search box does not."""
    points = replace(make_points(("一", "二", "三")), kind="finding", styles=(palette.FINDING,) * 3)
    open_export(page, tmp_path / "map.html", (make_roads(), points))
    seen = []
    for key in ("n", "n", "p", "p"):
        page.keyboard.press(key)
        seen.append(page.locator("#roadseam-card h2").inner_text())
    assert seen == ["一", "二", "一", "三"]
    page.locator("#roadseam-query").press("n")
    assert page.locator("#roadseam-card h2").inner_text() == "三"


def test_layers_search_and_language(page: Page, tmp_path: Path) -> None:
    """The layer switch hides symbols, the search goes to a road or station, and English replaces the labels."""
    open_export(page, tmp_path / "map.html", (make_roads(), make_points()))
    page.get_by_role("button", name="图层").click()
    page.get_by_label("收费站").uncheck()
    assert "界点" not in page.locator(".roadseam-legend").inner_text()
    page.locator("#roadseam-query").fill("东岗")
    assert len(page.locator("#roadseam-results button").all()) == 3
    page.locator("#roadseam-query").fill("西河")
    page.locator("#roadseam-results button").click()
    assert page.locator("#roadseam-card h2").inner_text() == "西河路"
    page.locator("#roadseam-query").fill("没有这条路")
    assert page.locator("#roadseam-results").inner_text() == "没有找到"
    page.get_by_role("button", name="English").click()
    assert page.title() == "Demo district"
    assert "Length" in page.locator("#roadseam-card").inner_text()
    assert "agency 3" in page.locator("#roadseam-card").inner_text()
    assert "District brigade" in page.locator(".roadseam-legend").inner_text()


def test_what_must_be_on_every_map(page: Page, tmp_path: Path) -> None:
    """Source, the notice that the map is not for publication, scale and north are in sight, also in print."""
    open_export(page, tmp_path / "map.html", (make_roads(),))
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        for text in ("© OpenStreetMap contributors", "内部工作用图，未经地图审核，不得公开", "北"):
            assert page.get_by_text(text).is_visible()
        assert page.locator(".leaflet-control-scale-line").is_visible()


def assert_harmless(page: Page, errors: list[str], outside: list[str]) -> None:
    """Check that the map has drawn, and that nothing of its text ran, became an element or asked for anything."""
    assert page.evaluate("window.__pwned") is None
    assert page.evaluate("window.__roadseam.drawn") > 0
    assert has_color(page, "#0072B2")
    made = "img, iframe, object, embed, svg, script[src], a[href^=javascript], [onerror], [onload]"
    assert page.evaluate("(made) => document.querySelectorAll(made).length", made) == 0
    assert (errors, outside, page.evaluate("window.__roadseam.errors")) == ([], [], [])


@pytest.mark.parametrize("texts", [PAYLOADS, ODD_NAMES], ids=["payloads", "odd"])
def test_hostile_text_is_only_text(
    page: Page, tmp_path: Path, errors: list[str], outside: list[str], texts: tuple[str, ...]
) -> None:
    """With attacks and odd texts in every column, key and title (faults 39, 56) the export shows all and runs nothing."""
    tables, meta = hostile_tables(texts)
    open_export(page, tmp_path / "map.html", tables, meta)
    for row in range(len(texts)):
        page.evaluate(
            "([lat]) => void window.__roadseam.map.setView([lat, 118.71], 15.5, {animate: false})",
            [31.30 + 0.002 * row],
        )
        page.mouse.move(*screen_place(page, 118.7123, 31.30 + 0.002 * row))
        click(page, 118.7123, 31.30 + 0.002 * row)
        assert page.evaluate("window.__roadseam.layer.selection().row") == row
    page.locator("#roadseam-query").fill("w")
    page.locator("#roadseam-query").press("Escape")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Layers").click()
    page.keyboard.down("b")
    assert_harmless(page, errors, outside)


def test_payload_is_shown_letter_by_letter(page: Page, tmp_path: Path) -> None:
    """The card shows an attack text as it is written in the map: nothing is dropped (promise 11)."""
    open_export(page, tmp_path / "map.html", (make_roads(("a", PAYLOADS[0], "b")),))
    click(page, 118.7123, 31.302)
    assert page.locator("#roadseam-card h2").inner_text() == PAYLOADS[0]


def test_hostile_text_is_only_text_in_the_app(
    page: Page, tmp_path: Path, errors: list[str], outside: list[str]
) -> None:
    """With the same texts, one of them as the selected id, the folium page of the app draws and runs nothing (fault 56)."""
    tables, meta = hostile_tables(PAYLOADS)
    base_url = STATIC.as_uri() + "/"
    made = OfflineMap((31.302, 118.71), 15, base_url=base_url)
    options = LayerOptions(selected="".join(PAYLOADS))
    RoadLayer(encode_map(tables, meta=meta), options=options, base_url=base_url).add_to(made)
    path = tmp_path / "app.html"
    path.write_text(made.get_root().render(), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_function(READY)
    page.mouse.move(640, 360)
    page.mouse.click(640, 360)
    assert page.locator("script[src]").count() == len(MAP_SCRIPTS) + len(LAYER_SCRIPTS) + 1
    page.evaluate("document.querySelectorAll('script[src]').forEach((node) => node.remove())")
    assert_harmless(page, errors, outside)


def test_huge_ids_reach_the_card(page: Page, tmp_path: Path) -> None:
    """Ids beyond 2**53 and negative ones (fault 31) are shown digit by digit."""
    ids = ("w9223372036854775807/-9223372036854775808-9007199254740993", "w-5/1-2", "odd id")
    open_export(page, tmp_path / "map.html", (make_roads(ids=ids),))
    assert page.evaluate("[0, 1, 2].map((k) => window.__roadseam.layer._file.tables[0].id(k))") == list(ids)
    assert page.evaluate("(id) => window.__roadseam.layer.find(id).row", ids[0]) == 0


def test_empty_and_damaged_maps_say_so(page: Page, tmp_path: Path, errors: list[str]) -> None:
    """A map without a table opens in peace, and damaged data shows a sentence instead of an empty ground (fault 36)."""
    path = tmp_path / "map.html"
    open_export(page, path, ())
    assert page.evaluate("window.__roadseam.drawn") == 0
    assert errors == []
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(id="roadseam-data">).*?<', r"\1AAAA<", text), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_function(READY)
    assert page.locator(".roadseam-message").is_visible()


def test_sharp_on_dense_screens(chromium, tmp_path: Path) -> None:
    """On a screen of two pixels a point the canvas has twice the pixels and a click still finds the road."""
    context = chromium.new_context(viewport={"width": 900, "height": 600}, device_scale_factor=2)
    page = context.new_page()
    open_export(page, tmp_path / "map.html", (make_roads(),))
    wide, shown = page.evaluate(
        "(() => { const c = window.__roadseam.layer._canvas; return [c.width, parseFloat(c.style.width)]; })()"
    )
    assert wide == 2 * shown
    click(page, 118.7123, 31.302)
    assert page.locator("#roadseam-card h2").inner_text() == "东岗大道"
    context.close()
