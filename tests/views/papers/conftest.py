"""The demo district after a meeting: one dispute agreed, one open, a handover pending, an agreement signed."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from plan.agreements import Terms, sign_agreement
from plan.decisions import Decision
from plan.demo import demo_plan, demo_tables
from plan.disputes import DisputeState, close_dispute
from plan.model import Plan
from views.crews import set_tables

NUMBER = "岚溪执法〔2026〕12号"
POISON = "=cmd|'/c calc'!A0<script>alert(1)</script>{{7*7}}${7*7}\x00\x07\u202e`x`"
"""Fault 56: a name that tries markup, script, template, formula and control characters at once."""


@pytest.fixture(scope="session")
def met() -> Plan:
    """Return the demo district after its meeting."""
    plan = demo_plan()
    offices = ("岚溪区交通综合执法大队", "高速公路交通综合执法支队澜陵一大队")
    plan = close_dispute(
        plan, "D-2026-01", DisputeState.AGREED, when="2026-11-20", who=" / ".join(offices), minute="界点定于收费岛。"
    )
    plan = plan.decide(Decision("choose_convention", "*", {"convention": "toll_island"}, when="2026-11-20"))
    seam = plan.derived.ownership.seams[3].id
    plan = plan.decide(Decision("set_handover", seam, {"status": "pending"}, when="2026-11-20"))
    plan = sign_agreement(plan, Terms(NUMBER, offices, "2026-12-01", "2027-11-30"), when="2026-11-20")
    tables = demo_tables()
    plan = set_tables(plan, tables.units, tables.targets)
    assert plan.derived.owner
    return plan


@pytest.fixture(scope="session")
def poisoned(met: Plan) -> Plan:
    """Return a plan in which every text a person can type is poison."""
    texts = met.network.ways.text
    bad = {
        tag: replace(texts[tag], pool=tuple(f"{POISON}{t}" if t else t for t in texts[tag].pool))
        for tag in ("name", "ref")
    }
    network = replace(met.network, ways=replace(met.network.ways, text={**texts, **bad}))
    stations = tuple(replace(s, name=POISON, names=(POISON,)) for s in network.stations)
    network = replace(network, stations=stations)
    plan = replace(met, network=network, title=POISON)
    value = {"title": POISON, "segments": [network.segment_ids[0]], "positions": {"local": {"text": POISON}}}
    plan = plan.decide(Decision("open_dispute", "D-x", value, when="2026-11-21", who=POISON))
    agency = dict(plan.latest("set_agency")["local"].value) | {"name": POISON}
    plan = plan.decide(Decision("set_agency", "local", agency, when="2026-11-21", why=POISON))
    assert plan.derived.owner
    return plan


def members(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def words_of(docx: bytes) -> str:
    """Return every text of a Word file: body, headers and footers, runs joined."""
    parts = [body.decode() for name, body in members(docx).items() if re.match(r"word/(document|header|footer)", name)]
    return "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", "".join(parts)))


def pages_of(pdf: bytes) -> list[tuple[float, float, str]]:
    """Return width and height in millimetres and the text of every page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        width, height = page.get_size()
        text = page.get_textpage().get_text_range()
        found.append((round(width / 72 * 25.4, 1), round(height / 72 * 25.4, 1), text))
    document.close()
    return found
