"""Generated pages are what the code would make today."""

from __future__ import annotations

import pytest

from docs import build
from docs.generators import api, cli, examples, formats, settings


@pytest.mark.parametrize("name", sorted(build.PAGES))
def test_a_generated_page_does_not_lag(repo_root, name):
    """Each generated page equals what `python3 run.py docs` writes today (habit 19)."""
    kept = (repo_root / "docs" / name).read_text(encoding="utf-8")
    assert kept == build.PAGES[name](), "run `python3 run.py docs`"


def test_every_command_has_a_section_with_all_its_options():
    """Every command has its section, each of its options stands in it, and a real run, but for the one that serves."""
    page = cli.make_page()
    for name, command in cli.commands().items():
        part = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        wanted = [p.opts[0] if p.param_type_name == "option" else p.name.upper() for p in command.params]
        assert [w for w in wanted if w not in cli.COMMON and w not in part] == [], name
        assert "JSON keys:" in part or name in examples.WITHOUT, name


def test_a_recorded_run_names_its_command():
    """Each recorded example is a run of the command it stands under, and ended in a way the page explains."""
    for name, run in examples.recorded().items():
        assert run["line"].split()[0] == name
        assert run["exit"] == 0 or (run["exit"] == 1 and name in cli.ONE)
        assert run["keys"]


@pytest.mark.parametrize("name", ["split", "owner", "cover", "stations", "dispute"])
def test_a_quick_example_prints_the_recorded_keys(tmp_path, name):
    """A command run today prints the JSON keys that its recorded example shows."""
    done = examples.run_command(examples.COMMANDS[name].split(), tmp_path)
    assert sorted(set(examples.key_paths(done["json"]))) == examples.recorded()[name]["keys"], (
        "run `python3 run.py docs --examples`"
    )


@pytest.mark.slow
def test_every_example_prints_the_recorded_keys():
    """Every example, run again, prints the JSON keys and the exit code that the page shows."""
    today = examples.record()
    kept = examples.recorded()
    assert {n: (r["exit"], r["keys"]) for n, r in today.items()} == {n: (r["exit"], r["keys"]) for n, r in kept.items()}


def test_a_column_without_words_stops_the_page():
    """A column that a table gains must get its meaning before the page can be made."""
    with pytest.raises(KeyError, match=r"no words for units\.colour"):
        formats.table_text("units", {"colour": ()}, ())
    with pytest.raises(KeyError, match="no column"):
        formats.table_text("units", {"id": ()}, ("plate",))


def test_every_environment_variable_is_documented():
    """Every environment variable that the program reads stands in the settings page."""
    page = settings.make_page()
    assert settings.variables_read() >= {"ROADSEAM_CACHE", "ROADSEAM_PLAN"}
    assert [name for name in settings.variables_read() if f"`{name}`" not in page] == []


def test_every_rule_row_is_documented(repo_root):
    """Every row of every rule table stands in the settings page, with its source."""
    import tomllib

    page = settings.make_page()
    for path in (repo_root / "data" / "rules").glob("*.toml"):
        assert f"data/rules/{path.name}" in page
        rows = [(k, v) for body in tomllib.loads(path.read_text(encoding="utf-8")).values() for k, v in leaves(body)]
        assert len(rows) > 10
        assert [k for k, _ in rows if f"| `{k}` |" not in page and f".{k}]`" not in page] == []
        sources = [v["source"] for _, v in rows if isinstance(v, dict) and "source" in v]
        assert [s for s in sources if s.replace("|", "\\|") not in page] == []


def leaves(body):
    """Yield the rows below a section: name and value, where a section of sections is entered."""
    if not isinstance(body, dict):
        return
    for key, value in body.items():
        if isinstance(value, dict) and any(isinstance(v, dict) for v in value.values()):
            yield from leaves(value)
        else:
            yield key, value


def test_every_server_setting_is_documented(repo_root):
    """Every setting of the screens' server that is not a matter of looks stands in the settings page with its value."""
    import tomllib

    page = settings.make_page()
    config = tomllib.loads((repo_root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    keys = [f"{s}.{k}" for s, body in config.items() if s != "theme" for k in body]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_every_public_name_is_documented():
    """Every public module, class, function and method has a docstring; functions of many parameters explain them."""
    assert api.undocumented() == []
    assert api.unexplained(5) == []


def test_the_api_reference_is_made_in_one_go(tmp_path):
    """The API reference has a page for each module with public names, signature and sections in it."""
    pages = api.write_pages(tmp_path)
    assert len(pages) > 300
    text = (tmp_path / "patrol" / "patrol.coverage.md").read_text(encoding="utf-8")
    assert "def cover(" in text
    assert "**Parameters**" in text
    assert "**Raises**" in text
