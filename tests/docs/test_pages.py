"""Hand-written pages mention what exists, lead where they say, and carry pictures that fit."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from docs.generators import cli, settings
from views.catalogue import translate

LARGEST_BYTES = 150_000
GUIDES = {"guide.zh.md": "zh", "guide.en.md": "en"}


def pages(root: Path) -> list[Path]:
    """Return every document a person reads."""
    return [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").glob("*.md"))]


def links(page: Path) -> list[tuple[str, str]]:
    """Return (file, anchor) of every link of a page that stays in the repository."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)", text)
    return [(file, anchor) for file, anchor in found if file or anchor]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    made = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        kept = "".join(c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
        made.add(kept.strip().replace(" ", "-"))
    return made


def test_every_link_leads_somewhere(repo_root):
    """Each link of a document leads to a file of the repository and, with an anchor, to a heading in it."""
    broken = []
    for page in pages(repo_root):
        for file, anchor in links(page):
            goal = (page.parent / file).resolve() if file else page
            if not goal.exists() or (anchor and anchor not in anchors(goal)):
                broken.append(f"{page.name} -> {file}#{anchor}")
    assert broken == []


def test_every_document_can_be_found_from_the_readme(repo_root):
    """Each document in docs/ is linked from the README or from a document that is."""
    found, left = set(), [repo_root / "README.md"]
    while left:
        page = left.pop()
        found.add(page.resolve())
        goals = [(page.parent / file).resolve() for file, _ in links(page) if file.endswith(".md")]
        left += [goal for goal in goals if goal not in found]
    assert [p.name for p in (repo_root / "docs").glob("*.md") if p.resolve() not in found] == []


@pytest.mark.parametrize("name", GUIDES)
def test_the_guide_tells_of_every_page(repo_root, name):
    """Each page of the app has its name, its question and its picture in the guide of each language."""
    from views.pages import all_pages

    text = (repo_root / "docs" / name).read_text(encoding="utf-8")
    language = GUIDES[name]
    for page in all_pages():
        label = page.label.zh if language == "zh" else page.label.en
        assert re.search(rf"^## .*{re.escape(label)}", text, re.MULTILINE), label
        assert f"images/{page.name}-{language}.png" in text
        question = page.question.zh if language == "zh" else page.question.en
        heading = next(line for line in text.splitlines() if line.startswith("## ") and label in line)
        assert question[:4] in heading or question.split()[0].lower() in heading.lower()


def test_every_page_is_in_the_readme(repo_root):
    """Each page of the app stands in the README in both languages, with its question."""
    from views.pages import all_pages

    text = (repo_root / "README.md").read_text(encoding="utf-8")
    for page in all_pages():
        assert page.label.zh in text
        assert page.label.en in text
        assert page.question.zh in text


@pytest.mark.parametrize("name", [*GUIDES, "../README.md"])
def test_every_command_named_exists(repo_root, name):
    """Each `roadseam` command and each link to the reference names a command that exists, with options it has."""
    known = cli.commands()
    text = (repo_root / "docs" / name).read_text(encoding="utf-8")
    named = re.findall(r"cli\.md#([a-z]+)", text) + re.findall(r"bin/roadseam ([a-z]+)", text)
    assert named or name == "../README.md"
    assert [word for word in named if word not in known] == []
    options = {o for command in known.values() for p in command.params for o in p.opts}
    used = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", text)) - {"--help"}
    assert used <= options


@pytest.mark.parametrize("name", GUIDES)
def test_every_command_has_its_place_in_the_story(repo_root, name):
    """Each command is mentioned in the guide with a link to its reference."""
    text = (repo_root / "docs" / name).read_text(encoding="utf-8")
    assert [c for c in cli.commands() if f"cli.md#{c})" not in text] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_setting_has_its_place_in_the_guide(repo_root, name):
    """Each environment variable, the server's file and each rule table is mentioned in the guide."""
    text = (repo_root / "docs" / name).read_text(encoding="utf-8")
    tables = [path.name for path in (repo_root / "data" / "rules").glob("*.toml")]
    wanted = [*sorted(settings.variables_read()), ".streamlit/config.toml", *tables]
    assert [one for one in wanted if one not in text] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_tab_and_key_has_its_place_in_the_guide(repo_root, name):
    """Each tab of a page, and each key that a button names, is mentioned in the guide in its own words."""
    text = (repo_root / "docs" / name).read_text(encoding="utf-8").lower()
    sources = [path.read_text(encoding="utf-8") for path in (repo_root / "views" / "pages").glob("*.py")]
    tabs = {tab for source in sources for tab in re.findall(r'"\w+": say\("([^"]+)"\)', source)}
    assert {"泄漏", "驻点", "查一批"} <= tabs
    words = [tab if GUIDES[name] == "zh" else translate(tab) for tab in sorted(tabs)]
    assert [word for word in words if word.lower() not in text] == []
    shown = "".join(path.read_text(encoding="utf-8") for path in (repo_root / "views" / "widgets").glob("*.py"))
    keys = set(re.findall(r'shortcut="([^"]+)"', shown))
    assert keys
    assert [key for key in keys if f"`{key.lower()}`" not in text] == []


def test_pictures_fit_and_are_used(repo_root):
    """Each picture is at most 150 kB, 1280 × 720, and shown by some page; each picture shown exists."""
    folder = repo_root / "docs" / "images"
    shown = {
        name for p in pages(repo_root) for name in re.findall(r"images/([\w.-]+\.png)", p.read_text(encoding="utf-8"))
    }
    kept = {path.name for path in folder.glob("*.png")}
    assert kept == shown
    for path in folder.glob("*.png"):
        head = path.read_bytes()
        assert len(head) <= LARGEST_BYTES, path.name
        assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1280, 720), path.name


def test_promises_stand_in_both_languages(repo_root):
    """Each of the twelve promises stands in the README twice, once a language."""
    text = (repo_root / "README.md").read_text(encoding="utf-8")
    assert [k for k in range(1, 13) if len(re.findall(rf"\bP{k}\b", text)) < 2] == []


def test_every_term_of_the_design_is_explained(repo_root):
    """The words on which boundary, coverage and routes rest have their paragraph in the concepts."""
    text = (repo_root / "docs" / "concepts.md").read_text(encoding="utf-8")
    words = (
        "seam",
        "界点",
        "margin",
        "余量",
        "leak",
        "泄漏",
        "convention",
        "划界方式",
        "band of uncertainty",
        "不确定带",
    )
    words += (
        "both",
        "local_only",
        "expressway_only",
        "none",
        "gap",
        "差距",
        "bound",
        "decision",
        "决定",
        "stale",
        "断链",
    )
    words += (
        "dispute",
        "争议",
        "agreement",
        "协议",
        "ledger",
        "账目",
        "mutual aid",
        "互助",
        "replay",
        "stub",
        "carriageway",
    )
    assert [word for word in words if word.lower() not in text.lower()] == []
