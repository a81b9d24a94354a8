"""The rules of the house, checked by machine: rooms, sizes, words that must not appear, documents that must not lag."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("geo", "jurisdiction", "patrol", "plan", "views", "data")
LAZY = {"pandas", "geopandas", "osmnx", "networkx", "pyogrio", "pyvrp", "streamlit", "folium", "branca"}
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_POSITIONAL = 3
COMPILED = {"geo/heapsearch.py"}
"""Compiled code takes no keywords."""


def sources() -> list[Path]:
    """Return every Python file of the program."""
    inside = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted([*inside, *(path for path in ROOT.glob("*.py"))])


def where(path: Path, line: int | None = None) -> str:
    """Return a place a person can open."""
    return f"{path.relative_to(ROOT).as_posix()}" + (f":{line}" if line else "")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield each function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    doc = function.body[0] if ast.get_docstring(function) else None
    return span(function) - (span(doc) if doc else 0)


def span(node: ast.stmt) -> int:
    """Return how many lines a statement takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def imported(node: ast.AST) -> set[str]:
    """Return the top-level names an import statement asks for."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return set()


def project() -> dict:
    """Return the parsed project file."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def package_name(requirement: str) -> str:
    """Return the distribution a requirement names, normalised."""
    return re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_no_file_holds_two_ideas():
    """No file of the program has more than 400 lines."""
    long = {where(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_holds_two_ideas():
    """No function of the program has more than 60 lines besides its docstring."""
    lengths = {where(path, f.lineno): (f.name, code_lines(f)) for path in sources() for f in functions(path)}
    assert {place: found for place, found in lengths.items() if found[1] > MAX_FUNCTION_LINES} == {}


def test_three_positional_parameters_at_most():
    """No public function takes more than three positional parameters; the rest come after the star."""
    crowded = []
    for path in sources():
        if path.relative_to(ROOT).as_posix() in COMPILED:
            continue
        for f in functions(path):
            names = [a.arg for a in (*f.args.posonlyargs, *f.args.args) if a.arg not in {"self", "cls"}]
            if len(names) > MAX_POSITIONAL and not f.name.startswith("_"):
                crowded.append(f"{where(path, f.lineno)} {f.name}({', '.join(names)})")
    assert crowded == []


def test_rooms_import_one_way_only():
    """The import contracts of the design hold: one direction, and only the screens know Streamlit and folium."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_room_imports_a_door():
    """No room imports the front doors (app, cli, run), the tests or the benchmarks."""
    doors = {"app", "cli", "run", "tests", "benchmarks"}
    guilty = [
        where(path, node.lineno)
        for path in sources()
        if path.parent != ROOT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom)) and imported(node) & doors
    ]
    assert guilty == []


def test_heavy_packages_are_imported_lazily():
    """The domain rooms and the command line import no heavy package at module level."""
    heads = [path for room in ROOMS[:4] for path in (ROOT / room).rglob("*.py")] + [ROOT / "cli.py"]
    eager = [
        where(path, node.lineno)
        for path in heads
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if imported(node) & LAZY
    ]
    assert eager == []


def test_help_is_light():
    """``roadseam --help`` prints the commands and loads none of the heavy packages."""
    code = (
        "import sys, cli\n"
        "sys.argv = ['roadseam', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *sorted({'pandas','geopandas','osmnx','streamlit','folium'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].strip() == "loaded:"
    assert "split" in done.stdout


FORBIDDEN = {
    "pickle": r"\bimport (?:c?[Pp]ickle|dill|joblib|marshal|shelve)\b|\bpickle\.|allow_pickle\s*=\s*True|read_pickle",
    "eval": r"(?<![\w.])(?:eval|exec)\(",
    "unsafe html": r"unsafe_allow_html\s*=\s*True",
    "a path of one machine": r"(?<![\w.])/(?:work|root|home|tmp|Users|opt|mnt)/\w|\b[A-Z]:\\\\?(?:Users|work)",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_words_that_must_not_appear(what):
    """Fault 52: no pickle, no eval, no unchecked HTML and no path of one machine stands in the program."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        where(path, number)
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", sorted(run.LOCKS.values()))
def test_locks_hold_hashes_and_no_address(name):
    """A lock file pins every package with a hash and names no index, so that any mirror serves."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(r"://|--index-url|--extra-index-url|--find-links|@ ", text) is None
    entries = re.findall(r"^([a-z0-9][\w.-]*)==(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(entries) > len(project()["project"]["dependencies"])
    assert [entry[0] for entry in entries if "--hash=sha256:" not in entry[1]] == []


def test_locks_cover_the_project_file():
    """Each dependency of the project file is pinned in the lock that installs it."""
    groups = project()["dependency-groups"]
    runtime = [*project()["project"]["dependencies"], *groups["build"]]
    for kind, wanted in (("run", runtime), ("dev", [*runtime, *groups["dev"]])):
        text = (ROOT / run.LOCKS[kind]).read_text(encoding="utf-8")
        assert [n for n in map(package_name, wanted) if not run.lock_entry(text, n)] == []


def documented() -> list[str]:
    """Return the packages that have a line in docs/dependencies.md."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return [row[0] for row in rows if row[0] != "package" and "---" not in row[0]]


def test_every_dependency_has_its_reason():
    """Each direct dependency has one line in docs/dependencies.md, and no line is left over."""
    groups = project()["dependency-groups"]
    wanted = [*project()["project"]["dependencies"], *groups["build"], *groups["dev"]]
    assert sorted(documented()) == sorted(map(package_name, wanted))


def test_no_copyleft_licence():
    """No installed package of the runtime lock declares the GPL or AGPL."""
    text = (ROOT / run.LOCKS["run"]).read_text(encoding="utf-8")
    strict = {}
    for name in re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE):
        try:
            facts = metadata(name)
        except PackageNotFoundError:
            continue
        short = (facts.get("License") or "").splitlines()[:1]
        claims = [facts.get("License-Expression") or "", *short, *facts.get_all("Classifier", [])]
        bad = [c for c in claims if re.search(r"(?<!L)\bA?GPL|(?<!Lesser )General Public License", c)]
        strict.update({name: bad} if bad else {})
    assert strict == {}


def test_each_test_says_what_it_proves():
    """Each test function has a docstring."""
    silent = [
        f"{where(path, f.lineno)} {f.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for f in functions(path)
        if f.name.startswith("test_") and not ast.get_docstring(f)
    ]
    assert silent == []


def test_ci_runs_what_the_readme_says():
    """CI runs the README's own test command, and nothing else."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("exec")] == ["exec python3 run.py test"]
    assert "python3 run.py test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_start_command_is_in_the_readme():
    """Each command of run.py stands in the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in run.COMMANDS if f"run.py {name}" not in text] == []


def test_every_command_is_in_the_readme():
    """Each command of ``roadseam`` stands in the README's table of commands."""
    import typer.main

    import cli

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = typer.main.get_command(cli.app).commands
    assert [name for name in commands if f"| `{name}" not in text] == []


def test_every_local_link_leads_somewhere():
    """Each link from a document to a file of the repository finds that file."""
    pages = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
    broken = [
        f"{where(page)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_screens_are_closed_to_the_outside():
    """Fault 47: the screens listen on this computer, check uploads, keep errors short and send no statistics."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["maxUploadSize"] <= 200
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
