"""A plan whose every text is an attack, on every screen: nothing runs, nothing is fetched, the map draws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page

from jurisdiction.agencies import Agency, Contact
from patrol.targets import Target
from patrol.units import Unit
from plan.agencies import agency_value
from plan.decisions import Decision
from plan.model import Plan
from plan.planfile import save_plan
from tests.browser.screens import Screen, serve
from tests.sketches import expressway_with_ramp
from tests.views.map.samples import PAYLOADS
from tests.views.test_safe_text import MARKDOWN
from views.crews import set_tables

pytestmark = pytest.mark.browser

TEXTS = (*PAYLOADS, *MARKDOWN)
ALL = " ".join(TEXTS)


def hostile_plan(folder: Path) -> Plan:
    """Return a small plan with the texts in roads, numbers, stations, agencies, decisions, units and targets."""
    sketch = expressway_with_ramp()
    for name, (_, _, _, tags) in sketch.points.items():
        if "barrier" in tags:
            sketch.tag(name, {**tags, "name": ALL})
    for k, text in enumerate(TEXTS):
        y = 900 + 60 * k
        sketch.put(**{f"p{k}": (-2000, y), f"q{k}": (2000, y)})
        sketch.way(f"p{k} q{k}", "tertiary", name=text, ref=text, operator=text)
    network = sketch.load(folder)
    plan = Plan(network, (), ALL)
    contact = Contact(ALL, ALL, ALL)
    for ident, kind in (("local", "local"), ("exp1", "expressway")):
        value = agency_value(Agency(ident, ALL, kind, PAYLOADS[8], ALL, (contact,)))
        plan = plan.decide(Decision("set_agency", ident, value, who=ALL, why=ALL))
    way = int(network.ways.id[-1])
    plan = plan.decide(Decision("override_class", f"w{way}", {"class": "ordinary"}, why=ALL))
    segment = network.segment_ids[-2]
    positions = {ALL: {"text": ALL}, "local": {"text": ALL}}
    claim = {"title": ALL, "segments": [segment], "positions": positions, "law": ALL, "next_authority": ALL}
    plan = plan.decide(Decision("open_dispute", ALL, claim, why=ALL))
    plan = plan.decide(Decision("choose_convention", ALL, {"convention": "ramp_end"}))
    lon, lat = (float(v) for v in network.points(0)[0])
    units = [Unit(f"{text}{k}", "local" if k % 2 else "exp1", lon, lat) for k, text in enumerate(TEXTS[:12])]
    targets = [Target(f"{text}{k}", lon, lat, 60.0, text, name=text) for k, text in enumerate(TEXTS[:12])]
    return set_tables(plan, units, targets)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """Return the plan and its file."""
    folder = tmp_path_factory.mktemp("hostile")
    plan = hostile_plan(folder)
    save_plan(folder / "hostile.gpkg", plan)
    return folder / "hostile.gpkg", plan


@pytest.fixture(scope="module")
def server(repo_root: Path, hostile: tuple[Path, Plan]) -> Iterator[str]:
    """Start the app with the hostile plan."""
    with serve(repo_root, hostile[0]) as address:
        yield address


def test_no_text_runs_on_any_screen(
    page: Page,
    server: str,
    hostile: tuple[Path, Plan],
    *,
    repo_root: Path,
    outside: list[str],
    errors: list[str],
) -> None:
    """Fault 56: markup, scripts, templates and markdown in every text of a plan run nowhere; the map draws on each screen."""
    dialogs: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note_dialog)
    screen = Screen(page, server)
    screen.open("network", "en")
    network = hostile[1].derived.network
    seen = []
    for name in ("boundary", "network", "coverage", "patrol", "whose"):
        screen.go(name)
        page.locator(f".st-key-go_{name} button[kind='primary']").wait_for()
        seen.append(screen.state()["drawn"] > 0)
        if name == "boundary":
            station = next(s for s in network.stations if s.kind == "ramp")
            screen.press(f"row_{station.id}")
            screen.wait_card("To move this seam")
            screen.show_place(*network.points(len(network.segments) - 2).mean(axis=0).tolist(), 17)
            screen.click_thing(network.segment_ids[-2], "Dispute")
            screen.choose("boundary_tab", "Ledger")
            screen.wait_card("Ledger")
        if name == "patrol":
            screen.press("run")
            page.locator(".gantt .line").nth(1).wait_for()
        if name == "whose":
            for text in ("tertiary", "{{ 7*7 }}", "![x](http://evil.example/x.png)", "東"):
                page.locator(".st-key-where input").fill(text)
                page.locator(".st-key-where input").press("Enter")
            page.locator(".st-key-search input").fill("e")
            page.locator(".st-key-search input").press("Enter")
            page.locator(".st-key-hits").wait_for()
    assert all(seen)
    assert (dialogs, outside, errors) == ([], [], [])
    for frame in page.frames:
        assert frame.evaluate("window.__pwned") is None
        assert frame.locator("img[src='x'], img[src*='evil'], a[href*='evil']").count() == 0
    assert "60481729" not in page.content()
    assert list(repo_root.rglob("pwned-folder")) == []
    assert not (Path.cwd() / "pwned-folder").exists()
