"""folium elements: local links only, no text of the map, nothing evaluated on the server."""

from __future__ import annotations

import re
from pathlib import Path

import folium
import pytest
from folium.template import Template
from streamlit_folium import _get_feature_group_string, _get_header, _get_html, _get_map_string

from geo.errors import InputError
from tests.views.map.samples import PAYLOADS, hostile_tables, make_roads
from views.map import Focus, LayerOptions, OfflineDualMap, OfflineMap, RoadLayer, encode_map

URL = "../../app/static/plan/0123456789abcdef.rsm"


def rendered(layer: RoadLayer) -> dict[str, str]:
    """Return all that leaves the server for one layer: the page, and the strings st_folium sends."""
    on_map, in_group = OfflineMap(), OfflineMap()
    layer.add_to(on_map)
    out = {"page": on_map.get_root().render()}
    out |= {"map": _get_map_string(on_map), "header": _get_header(on_map), "html": _get_html(on_map)}
    group = folium.FeatureGroup(name="roads")
    layer.add_to(group)
    in_group.get_root().render()
    out["group"] = _get_feature_group_string(group, in_group)
    return out


@pytest.mark.parametrize("text", PAYLOADS)
def test_map_text_is_not_evaluated_on_the_server(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No attack text in any column, id or title is evaluated, makes a folder or stands in what is sent (fault 56)."""
    monkeypatch.chdir(tmp_path)
    tables, meta = hostile_tables((text,) * 3)
    data = encode_map(tables, meta=meta)
    for layer in (RoadLayer(data), RoadLayer(URL, options=LayerOptions(selected=text))):
        for part in rendered(layer).values():
            assert text not in part
            assert str(7777 * 7777) not in part
            assert "__pwned=" not in part
    assert list(tmp_path.iterdir()) == []


def test_the_probe_does_run_in_a_stock_element(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder-making text does run in a plain folium element, so the test above could fail."""
    monkeypatch.chdir(tmp_path)
    stock = OfflineMap()
    layer = RoadLayer(URL)
    payload = next(text for text in PAYLOADS if "mkdir" in text)
    layer._template = Template("{% macro script(this, kwargs) %}var x = '" + "{{ this.text }}" + "';{% endmacro %}")
    layer.text = payload
    layer.add_to(stock)
    stock.get_root().render()
    assert [path.name for path in tmp_path.iterdir()] == ["pwned-folder"]


def test_links_are_local() -> None:
    """Neither one map nor two side by side link to another host, with leaflet first and the layer's scripts in order (fault 58)."""
    one, two = OfflineMap(), OfflineDualMap()
    RoadLayer(URL).add_to(one)
    RoadLayer(URL).add_to(two.m1)
    RoadLayer(URL).add_to(two.m2)
    for page in (one.get_root().render(), two.m1.get_root().render()):
        two.render()
        links = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert links
        assert all(link.startswith("../../app/static/") for link in links)
        scripts = [link.split("?")[0].rsplit("/", 1)[1] for link in links if ".js" in link]
        assert scripts[0] == "leaflet.js"
        assert scripts.index("roadfile.js") < scripts.index("roadlayer.js") < scripts.index("roadpanel.js")
        assert "://" not in re.sub(r"data:image[^\"]*", "", page)


def test_script_is_the_same_for_the_same_map() -> None:
    """Two renders of equal maps send the same script, so st_folium keeps the map it has."""
    made = set()
    for _ in range(3):
        one = OfflineMap((22.7, 114.2), 13.5)
        RoadLayer(URL, options=LayerOptions(selected="w1/2-3", focus=Focus(center=(114.2, 22.7)))).add_to(one)
        one.get_root().render()
        made.add(_get_map_string(one))
    assert len(made) == 1


def test_options_reach_the_script() -> None:
    """Language, size, selection, place and twin stand in the options in escaped form."""
    options = LayerOptions(
        lang="en", size=1.5, fit=False, selected="w1/2-3", focus=Focus(bounds=(1, 2, 3, 4)), panel=False, twin=URL
    )
    layer = RoadLayer(URL, options=options)
    assert '"size":1.5' in layer.options_json
    assert '"bounds":[[2,1],[4,3]]' in layer.options_json
    assert '"selected":"w1\\u002f2\\u002d3"' in layer.options_json
    assert '"twin":{"url":' in layer.options_json
    assert Focus().to_json() == {}


@pytest.mark.parametrize("url", ["https://x.y/z", "javascript:1", "a b", "{{x}}", "", "x';"])
def test_other_urls_are_refused(url: str) -> None:
    """A layer takes the path of a data file and no other address (fault 44)."""
    with pytest.raises(InputError, match="data file"):
        RoadLayer(url)
    with pytest.raises(InputError, match="data file"):
        LayerOptions(twin=url).to_json()


def test_stock_links_stay_untouched() -> None:
    """Making our maps does not change folium's own shared lists of links."""
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    RoadLayer(encode_map([make_roads()])).add_to(OfflineMap())
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before
