"""run.py: what it decides, without a network and without touching the real environment."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest

import run

LOCK = """\
# header
attrs==1.0 \\
    --hash=sha256:aa
    # via x
uv==0.9.1 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via roadseam:build
uvicorn==1.0 ; sys_platform != 'win32' \\
    --hash=sha256:dd
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a small project folder with both locks and a finished-looking environment."""
    for name in (*run.LOCKS.values(), "pyproject.toml"):
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    venv = tmp_path / ".venv"
    python = Path(run.tool("python", venv))
    python.parent.mkdir(parents=True)
    python.touch()
    (venv / "pyvenv.cfg").write_text("home = x\nversion = 3.11.7\n", encoding="utf-8")
    return tmp_path


def finish(house: Path, kind: str) -> Path:
    """Write the stamp of a finished install and return its path."""
    stamp = house / ".venv" / "stamp.json"
    stamp.write_text(json.dumps(run.fingerprint(house, kind, "3.11.7")), encoding="utf-8")
    return stamp


@pytest.mark.parametrize(
    ("version", "fits"), [((3, 10, 99), False), ((3, 11, 0), True), ((3, 14), True), ((2, 7), False)]
)
def test_python_311_is_the_oldest(version, fits):
    """Python 3.10 is refused and 3.11 accepted."""
    assert run.is_new_enough(version) is fits


def test_old_pythons_can_read_it():
    """run.py parses as Python 3.7, so that an old Python prints our sentence and no syntax error."""
    source = Path(run.__file__).read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 7))


def test_no_python_gives_one_sentence(monkeypatch):
    """Without a new enough Python the run stops with what is missing and what to do."""
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    with pytest.raises(run.Stop, match=r"3\.11.*3\.9\.2"):
        run.find_python()


@pytest.mark.parametrize("windows", [True, False])
def test_candidates_name_only_pythons_that_fit(windows):
    """Every numbered candidate is 3.11 or newer; the launcher comes first on Windows and nowhere else."""
    commands = run.python_candidates(windows=windows)
    numbered = [c for c in commands if "3." in c[-1]]
    assert all(int(c[-1].rpartition(".")[2]) >= run.OLDEST for c in numbered)
    assert (commands[0][0] == "py") is windows


def test_finished_install_is_recognised(house):
    """A stamp that fits lock, project file, Python and place needs no second install."""
    assert run.is_installed(finish(house, "run"), house, "run")


def test_dev_install_serves_run_but_not_the_other_way(house):
    """An environment for tests also runs the program; one for running is not enough for tests."""
    assert run.is_installed(finish(house, "dev"), house, "run")
    assert not run.is_installed(finish(house, "run"), house, "dev")


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", ".venv/pyvenv.cfg"])
def test_a_change_asks_for_an_install(house, changed):
    """A new lock, project file or Python makes the stamp stale."""
    stamp = finish(house, "run")
    (house / changed).write_text("version = 3.12.1\n", encoding="utf-8")
    assert not run.is_installed(stamp, house, "run")


def test_line_endings_do_not_matter(house):
    """A checkout with Windows line endings has the same fingerprint."""
    before = run.fingerprint(house, "run", "3.11.7")
    (house / "requirements.lock").write_bytes(b"requirements.lock\r\n")
    assert run.fingerprint(house, "run", "3.11.7") == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": "run"}', "null"])
def test_broken_stamp_means_not_installed(house, text):
    """A half-written or foreign stamp counts as no install and raises nothing."""
    stamp = house / ".venv" / "stamp.json"
    stamp.write_text(text, encoding="utf-8")
    assert not run.is_installed(stamp, house, "run")


def test_moved_folder_is_not_reusable(house, tmp_path):
    """An environment copied to another folder is made anew: its scripts point to the old place."""
    stamp = finish(house, "run")
    other = tmp_path / "moved"
    shutil.copytree(house / ".venv", other / ".venv")
    assert run.is_reusable(stamp, house)
    assert not run.is_reusable(other / ".venv" / "stamp.json", other)


def test_vanished_python_is_not_reusable(house):
    """An environment whose Python was removed from the system is made anew."""
    stamp = finish(house, "run")
    Path(run.tool("python", house / ".venv")).unlink()
    assert not run.is_reusable(stamp, house)


def test_lock_entry_is_the_whole_entry_of_one_package():
    """Only the asked-for package is cut out of a lock, with all its hashes."""
    assert run.lock_entry(LOCK, "uv").count("--hash") == 2
    assert "uvicorn" not in run.lock_entry(LOCK, "uv")
    assert run.lock_entry(LOCK, "uvicorn").endswith("sha256:dd\n")
    assert run.lock_entry(LOCK, "pip") == ""


def test_pip_mirror_serves_uv_too():
    """An index and a certificate set for pip are handed to uv; other settings are not."""
    listing = "global.index-url='https://mirror.example/simple'\n:env:.cert='/c.pem'\nglobal.timeout='60'\n"
    assert run.pip_settings(listing) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "SSL_CERT_FILE": "/c.pem",
    }


def test_what_the_user_set_wins(monkeypatch):
    """A variable the user has set is not replaced by pip's configuration."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.example/")
    assert run.environment({"UV_DEFAULT_INDEX": "https://pip.example/"})["UV_DEFAULT_INDEX"] == "https://mine.example/"


@pytest.mark.parametrize("with_uv", [True, False])
def test_install_is_by_hash_and_the_project_offline(with_uv):
    """The lock is installed by hash; the project itself without dependencies, isolation or index."""
    lock, own = run.install_commands("dev", with_uv=with_uv)
    assert "--require-hashes" in lock
    assert lock[-1].endswith("requirements-dev.lock")
    assert {"--no-deps", "--no-build-isolation", "--no-index"} <= set(own)


@pytest.fixture
def bench(house, monkeypatch):
    """Point run.py at the small project and record the commands it would start."""
    calls: list[list[str]] = []
    monkeypatch.setattr(run, "ROOT", house)
    monkeypatch.setattr(run, "VENV", house / ".venv")
    monkeypatch.setattr(run, "STAMP", house / ".venv" / "stamp.json")
    monkeypatch.setattr(run, "get_uv", lambda _: False)
    monkeypatch.setattr(run, "make_venv", lambda: calls.append(["make_venv"]))
    monkeypatch.setattr(run, "pip_configuration", str)
    monkeypatch.setattr(run, "call", lambda command, _env=None: calls.append(list(command)) or 0)
    return calls


def test_second_start_installs_nothing(bench):
    """After a finished install the next start runs no command at all."""
    run.install("run")
    assert len(bench) == 3
    run.install("run")
    assert len(bench) == 3


def test_failed_install_leaves_no_stamp(bench, monkeypatch):
    """When the packages cannot be had there is one sentence, no stamp, and the next start does all of it again."""
    monkeypatch.setattr(run, "call", lambda *_: 1)
    with pytest.raises(run.Stop, match="network"):
        run.install("run")
    assert not run.STAMP.exists()
    assert not run.is_reusable(run.STAMP, run.ROOT)


def test_broken_off_install_starts_from_nothing(bench, house, monkeypatch):
    """Breaking off a later install removes the old stamp, so that the environment is made anew."""
    finish(house, "run")

    def broken_off(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "call", broken_off)
    with pytest.raises(KeyboardInterrupt):
        run.install("dev")
    assert not run.STAMP.exists()


@pytest.mark.parametrize(
    ("line", "closes"),
    [
        ("12 passed in 3.20s", True),
        ("1 failed, 12 passed, 3 skipped in 63.20s (0:01:03)", True),
        ("===== 2 passed, 1 warning in 0.10s =====", True),
        ("no tests ran in 0.01s", False),
        ("SKIPPED [1] tests/x.py:3: no Chromium", False),
    ],
)
def test_closing_line_of_pytest_is_found(line, closes):
    """The closing line is told from all other lines of pytest."""
    assert (run.CLOSING_LINE.match(line) is not None) is closes


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["nonsense"], 2), (["--help"], 0)])
def test_usage_names_every_command(arguments, code, capsys):
    """Without a known command the list of commands is printed and nothing is installed."""
    assert run.main(arguments) == code
    printed = capsys.readouterr().out
    assert [name for name in run.COMMANDS if name not in printed] == []


@pytest.mark.parametrize(
    ("arguments", "kind", "tail"),
    [
        (["demo"], "run", ["demo", "--out", "demo-out"]),
        (["demo", "--out", "x"], "run", ["demo", "--out", "x"]),
        (["app"], "run", ["app"]),
        (["app", "a.gpkg"], "run", ["app", "a.gpkg"]),
    ],
)
def test_demo_and_app_start_the_command(arguments, kind, tail, monkeypatch):
    """``demo`` and ``app`` install what running needs and hand their arguments on."""
    seen: list[object] = []
    monkeypatch.setattr(run, "install", seen.append)
    monkeypatch.setattr(run, "call", lambda command, _env=None: seen.append(command[1:]) or 0)
    assert run.main(arguments) == 0
    assert seen == [kind, tail]


def test_failing_check_fails_the_run_and_pytest_has_the_last_word(monkeypatch, capsys):
    """One failed check makes the exit code 1, and pytest's closing line is still the last line."""
    monkeypatch.setattr(run, "install", lambda _: None)
    monkeypatch.setattr(run, "get_system_packages", lambda: None)
    monkeypatch.setattr(run, "call", lambda command, _env=None: 1 if "mypy" in command[0] else 0)
    monkeypatch.setattr(run, "run_pytest", lambda _: (0, "5 passed in 1.00s"))
    assert run.main(["test"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed in 1.00s"


@pytest.fixture
def system(monkeypatch):
    """Play a machine without Chromium and record the commands that would be started on it."""
    calls: list[list[str]] = []
    monkeypatch.setattr(run, "missing_packages", lambda: ["chromium"])
    monkeypatch.setattr(run, "find_browser", lambda: None)
    monkeypatch.setattr(run, "call", lambda command, _env=None: calls.append(list(command)) or 0)
    return calls


def test_missing_browser_is_installed_by_root(system, monkeypatch):
    """Root on a machine with apt gets Chromium without a question asked."""
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(run.os, "geteuid", lambda: 0, raising=False)
    run.get_system_packages()
    assert system[0][-1] == "update"
    assert {"install", "-y", "chromium"} <= set(system[1])
    assert "sudo" not in system[1]


def test_missing_browser_is_said(system, monkeypatch, capsys):
    """Where nothing may be installed, one line says which tests are left out, and nothing is started."""
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    run.get_system_packages()
    assert system == []
    assert "the browser tests are left out" in capsys.readouterr().out
