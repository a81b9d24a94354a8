"""A colleague opens the signed plan by its link: everything can be read and taken along, nothing can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plan.agreements import Terms, sign_agreement
from plan.decisions import Decision
from plan.demo import demo_plan
from plan.model import Plan
from plan.planfile import save_plan
from tests.browser.screens import Screen, serve

pytestmark = pytest.mark.browser
NUMBER = "联席纪要〔2026〕11号"


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Wait longer for what takes its time: the options of a meeting, the pages of a paper."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def signed() -> Plan:
    """Return the demo with one seam agreed on and signed."""
    plan = demo_plan()
    choice = Decision("choose_convention", plan.stations[0].id, {"convention": "ramp_end"}, when="2026-11-25")
    plan = plan.decide(choice)
    terms = Terms(NUMBER, ("区大队", "高速一大队"), "2026-11-25", "")
    return sign_agreement(plan, terms, when="2026-11-25", covers=[choice.subject])


@pytest.fixture(scope="module")
def server(repo_root: Path, signed: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the app with the signed plan, which somebody has changed since."""
    path = tmp_path_factory.mktemp("signed") / "plan.gpkg"
    save_plan(path, signed.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}, when="2026-11-26")))
    before = path.read_bytes()
    with serve(repo_root, path) as address:
        yield address
    assert path.read_bytes() == before


def test_a_colleague_opens_the_signed_plan_read_only(
    page: Page, server: str, signed: Plan, outside: list[str], errors: list[str]
) -> None:
    """The signed version says what has replaced it; no decision is taken on any page; it is read and taken along."""
    screen = Screen(page, server)
    screen.open("boundary")
    version = len(signed.decisions)
    page.wait_for_function("new URL(location.href).searchParams.has('plan')")
    link = page.url.replace(f"v={version + 1}", f"v={version}")
    assert link != page.url
    page.goto("about:blank")
    page.goto(link)
    screen.wait_card(f"此版本已被 v{version + 1} 取代")
    expect(page.locator(".rs-plan")).to_contain_text("只读")
    expect(page.locator(".st-key-save")).to_have_count(0)
    expect(page.locator(".rs-plan")).to_contain_text(f"v{version} ")
    expect(page.locator(".st-key-options_about")).to_contain_text("不能采用")
    adopt = page.locator("[class*='st-key-adopt_'] button")
    assert adopt.count() > 0
    assert all(adopt.nth(k).is_disabled() for k in range(adopt.count()))
    with page.expect_download() as waiting:
        screen.press("download_plan")
    assert waiting.value.path().read_bytes()[:15] == b"SQLite format 3"

    screen.go("whose")
    box = page.locator(".st-key-where input")
    box.fill("118.6503,31.2742")
    box.press("Enter")
    screen.wait_card("请核实")
    screen.go("papers")
    screen.wait_card("带什么去签")
    expect(page.locator(".st-key-papers_view img").first).to_be_visible()

    screen.go("meeting")
    told = page.locator(".rs-meet-off")
    expect(told).to_contain_text(f"v{version + 1} 取代")
    for name in ("agree", "reserve", "refer"):
        expect(page.locator(f".st-key-meet_{name} button")).to_be_disabled()
    page.locator(".st-key-open_newest button").click()
    expect(told).to_have_count(0)
    expect(page.locator(".st-key-meet_agree button")).to_be_enabled()
    assert outside == []
    assert errors == []
