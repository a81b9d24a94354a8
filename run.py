"""Start Roadseam from a fresh copy: ``python3 run.py demo | app [PLAN] | test``.

Standard library only, and readable by old Pythons, so that the first sentence a person sees is ours. The
first start makes ``.venv`` and installs the versions of the lock file; a later start finds the stamp of a
finished install and goes straight to work, without a network.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "roadseam-stamp.json"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
ROOMS = ("geo", "jurisdiction", "patrol", "plan")
NEWEST, OLDEST = 14, 11  # minor versions of Python 3 that are looked for by name
SYSTEM_PACKAGES = ("chromium", "fonts-noto-cjk")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
CLOSING_LINE = re.compile(r"^=*\s*(?:\d+ [a-z]+(?:, )?)+ in [\d.]+s")

COMMANDS = {
    "demo": "示例辖区，结果写入 demo-out / the made-up district, written to demo-out",
    "app": "打开网页界面，可指定方案文件 / open the screens, with a plan if one is named",
    "test": "代码检查和快速测试 / the checks and the quick tests",
    "slow": "只运行耗时测试 / the slow tests only",
    "lint": "只运行代码检查 / the checks only",
    "bench": "运行 benchmarks/ 下的全部脚本 / every script in benchmarks/",
    "lock": "重新生成两个锁定文件 / make the two lock files again",
    "docs": "重新生成 docs/ 中的参考页 / make the generated pages of docs/ again",
}


class Stop(Exception):  # noqa: N818 - it ends the run with a sentence, it is no error of the code
    """Ends the run; the text says what is wrong and what to do."""


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"[roadseam] {text}", flush=True)


def is_new_enough(version: Sequence[int]) -> bool:
    """Tell whether a Python of this version can run Roadseam."""
    return tuple(version[:2]) >= (3, OLDEST)


def python_candidates(*, windows: bool) -> list[list[str]]:
    """Return the commands under which a newer Python may be found, best first."""
    minors = [*range(NEWEST - 1, OLDEST - 1, -1), NEWEST]
    names = [*([f"python3.{minor}"] for minor in minors), ["python3"], ["python"]]
    return ([["py", f"-3.{minor}"] for minor in minors] if windows else []) + names


def find_python() -> list[str]:
    """Return a command that starts Python 3.11 or newer; raise ``Stop`` when this machine has none."""
    if is_new_enough(sys.version_info):
        return [getattr(sys, "_base_executable", sys.executable)]
    probe = "import sys; raise SystemExit(sys.version_info < (3, %d))" % OLDEST  # noqa: UP031 - old Pythons
    for command in python_candidates(windows=os.name == "nt"):
        if shutil.which(command[0]) and subprocess.run([*command, "-c", probe], check=False).returncode == 0:
            return command
    have = ".".join(map(str, sys.version_info[:3]))
    raise Stop(
        f"需要 Python 3.{OLDEST} 或更新版本，当前是 {have}：请从 python.org 或系统软件源安装后重试。"
        f" / Python 3.{OLDEST} or newer is needed, this is {have}: install it and start again."
    )


def tool(name: str, venv: Path = VENV) -> str:
    """Return the path of a command inside the virtual environment."""
    return str(venv / "Scripts" / f"{name}.exe" if os.name == "nt" else venv / "bin" / name)


def fingerprint(root: Path, kind: str, version: str) -> dict[str, str]:
    """Return what an install depends on: lock (kind ``run`` or ``dev``), project file, Python, place."""
    digest = hashlib.sha256()
    for name in (LOCKS[kind], "pyproject.toml"):
        digest.update((root / name).read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return {"kind": kind, "sha256": digest.hexdigest(), "python": version, "root": str(root)}


def read_stamp(stamp: Path) -> dict[str, str]:
    """Return what the last finished install wrote; empty when there was none."""
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_reusable(stamp: Path, root: Path) -> bool:
    """Tell whether an environment may be built upon: finished once, in this folder, its Python still there.

    One that was moved, copied or half made would start the wrong scripts, or none.
    """
    found = read_stamp(stamp)
    is_alive = Path(tool("python", stamp.parent)).exists()
    return is_alive and found.get("root") == str(root) and found.get("python") == venv_version(stamp.parent)


def is_installed(stamp: Path, root: Path, kind: str) -> bool:
    """Tell whether a finished install of this kind, or of the larger kind ``dev``, is in place."""
    version = venv_version(stamp.parent)
    wanted = [fingerprint(root, k, version) for k in sorted({kind, "dev"})]
    return is_reusable(stamp, root) and read_stamp(stamp) in wanted


def venv_version(venv: Path) -> str:
    """Return the Python version a virtual environment was made with, empty when there is none."""
    try:
        text = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    match = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", text, re.MULTILINE)
    return match.group(1) if match else ""


def lock_entry(lock: str, package: str) -> str:
    """Return the lines of one package, with its hashes, out of the text of a lock file."""
    match = re.search(rf"^{re.escape(package)}==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    return match.group(0) if match else ""


def pip_settings(listing: str) -> dict[str, str]:
    """Translate ``pip config list`` into what uv understands, so that a mirror set for pip serves both."""
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    found = re.findall(r"^(?:global|install|:env:)\.([a-z-]+)='(.+)'$", listing, re.MULTILINE)
    return {names[key]: value for key, value in found if key in names}


def pip_configuration() -> str:
    """Return what pip is set to on this machine."""
    command = [tool("python"), "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment()).stdout


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return the environment of every command started here; what the user has set is kept."""
    env = {"UV_HTTP_TIMEOUT": "180", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(extra or {}), **os.environ}
    env["PYTHONUTF8"] = "1"
    env.pop("PYTHONHOME", None)
    env.pop("VIRTUAL_ENV", None)
    return env


def call(command: Sequence[str], env: dict[str, str] | None = None) -> int:
    """Run a command in the project's folder and return its exit code."""
    try:
        return subprocess.run(list(command), cwd=ROOT, env=env or environment(), check=False).returncode
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return 127


def make_venv() -> None:
    """Make ``.venv`` anew, from the Python outside of it."""
    python = find_python()
    say("新建虚拟环境 .venv / making the virtual environment")
    if call([*python, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise Stop(
            "无法新建 .venv：请安装 Python 的 venv 组件（Debian、Ubuntu：apt install python3-venv），"
            "并确认磁盘有空间、本文件夹可写。 / Could not make .venv: install Python's venv component, "
            "and see that this folder can be written and the disk is not full."
        )


def install_commands(kind: str, *, with_uv: bool) -> list[list[str]]:
    """Return the two commands that install the lock and then the project itself, offline."""
    with_pip = [tool("python"), "-m", "pip", "install"]
    with_tool = [tool("uv"), "pip", "install", "--compile-bytecode", "--python", tool("python")]
    front = with_tool if with_uv else with_pip
    return [
        [*front, "--require-hashes", "-r", str(ROOT / LOCKS[kind])],
        [*front, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)],
    ]


def get_uv(lock: str) -> bool:
    """Install the locked uv through pip; tell whether it is there."""
    with tempfile.TemporaryDirectory() as folder:
        only = Path(folder) / "uv.txt"
        only.write_text(lock_entry(lock, "uv"), encoding="utf-8")
        options = ["--quiet", "--require-hashes", "--only-binary=:all:", "-r", str(only)]
        return call([tool("python"), "-m", "pip", "install", *options]) == 0 and Path(tool("uv")).exists()


def install(kind: str) -> None:
    """Bring ``.venv`` to the state of the lock file, or raise ``Stop``; a half-finished install is redone."""
    if is_installed(STAMP, ROOT, kind):
        return
    if not is_reusable(STAMP, ROOT):
        make_venv()
    STAMP.unlink(missing_ok=True)
    env = environment(pip_settings(pip_configuration()))
    say(f"安装 {LOCKS[kind]} 中的依赖（首次需联网，约一两分钟） / installing the packages of {LOCKS[kind]}")
    ways = [True, False] if get_uv((ROOT / LOCKS[kind]).read_text(encoding="utf-8")) else [False]
    if not any(all(call(step, env) == 0 for step in install_commands(kind, with_uv=way)) for way in ways):
        raise Stop(
            "依赖安装失败：请检查网络、pip 镜像设置和磁盘空间，然后再运行同一命令。"
            " / The packages could not be installed: check the network, pip's mirror setting and the disk, "
            "then run the same command again."
        )
    partial = STAMP.with_suffix(".tmp")
    partial.write_text(json.dumps(fingerprint(ROOT, kind, venv_version(VENV))), encoding="utf-8")
    partial.replace(STAMP)


def missing_packages() -> list[str]:
    """Return the system packages the browser tests would still need, on Debian and its kin."""
    missing = [] if find_browser() else [SYSTEM_PACKAGES[0]]
    if shutil.which("dpkg-query"):
        query = ["dpkg-query", "-W", "-f", "${Status}", SYSTEM_PACKAGES[1]]
        status = subprocess.run(query, capture_output=True, text=True, check=False).stdout
        if "ok installed" not in status:
            missing.append(SYSTEM_PACKAGES[1])
    return missing


def find_browser() -> str | None:
    """Return a Chromium on this machine, or None."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def get_system_packages() -> None:
    """Install Chromium and a Chinese font where that is allowed; otherwise say which tests are left out."""
    missing = missing_packages()
    apt = shutil.which("apt-get")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = [] if is_root else ["sudo", "-n"]
    allowed = apt and (is_root or (shutil.which("sudo") and call(["sudo", "-n", "true"]) == 0))
    if missing and allowed:
        say(f"安装 {' '.join(missing)} / installing {' '.join(missing)}")
        env = environment({"DEBIAN_FRONTEND": "noninteractive"})
        quiet = [*sudo, "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        if call([*quiet, "update"], env) == 0:
            call([*quiet, "install", "-y", "--no-install-recommends", *missing], env)
    if not find_browser():
        say("没有 Chromium：略去浏览器测试（tests/browser 等） / no Chromium: the browser tests are left out")


def lint_commands() -> list[list[str]]:
    """Return the checks that read the code without running it."""
    checks = ("ruff check .", "ruff format --check .", "mypy", "lint-imports")
    return [[tool(name), *options] for name, *options in map(str.split, checks)]


def pytest_command(marker: str, extra: Iterable[str] = ()) -> list[str]:
    """Return the command that runs the tests a marker expression selects, two files at a time."""
    side_by_side = ["-n", "2", "--dist", "loadfile"]
    return [tool("python"), "-m", "pytest", "-q", "-rs", *side_by_side, "-m", marker, *extra]


def run_pytest(command: Sequence[str]) -> tuple[int, str]:
    """Run pytest, show its output as it comes, and return its exit code and closing line."""
    closing = ""
    with subprocess.Popen(
        list(command),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line.strip() if CLOSING_LINE.match(line) else closing
    return process.returncode, closing


def run_checks() -> list[str]:
    """Run every check and return the names of those that failed."""
    failed = []
    for command in lint_commands():
        name = " ".join([Path(command[0]).stem, *command[1:]])
        start = time.perf_counter()
        code = call(command)
        say(f"{name}: {'ok' if code == 0 else 'failed'} ({time.perf_counter() - start:.0f} s)")
        failed += [name] if code else []
    return failed


def run_tests(extra: Sequence[str]) -> int:
    """Run checks, quick tests and each room's coverage bar; pytest's closing line is printed last."""
    start = time.perf_counter()
    failed = run_checks()
    coverage = [f"--cov={room}" for room in ROOMS] + ["--cov-report=", "--cov-fail-under=0"]
    code, closing = run_pytest(pytest_command("not slow", extra or coverage))
    failed += ["pytest"] if code else []
    for room in ROOMS if not extra else ():
        name = f"coverage {room}"
        say(name)
        failed += [name] if call([tool("coverage"), "report", f"--include={room}/*"]) else []
    outcome = f"未通过 / failed: {', '.join(failed)}" if failed else "全部通过 / all passed"
    say(f"{outcome} ({time.perf_counter() - start:.0f} s)")
    print(closing, flush=True)
    return 1 if failed else 0


def run_lock() -> int:
    """Make both lock files again from ``pyproject.toml``; no index address is written into them."""
    front = [
        tool("uv"),
        "pip",
        "compile",
        "pyproject.toml",
        "--universal",
        "--generate-hashes",
        "--upgrade",
        "--quiet",
    ]
    front += ["--python-version", f"3.{OLDEST}", "--no-emit-index-url", "--group", "build"]
    front += ["--custom-compile-command", "python3 run.py lock"]
    dev = ["--group", "dev", "-c", LOCKS["run"]]
    return call([*front, "-o", LOCKS["run"]]) or call([*front, *dev, "-o", LOCKS["dev"]])


def run_benchmarks() -> int:
    """Run every benchmark in turn; return 1 when one fails."""
    scripts = sorted((ROOT / "benchmarks").glob("*.py"))
    codes = []
    for script in scripts:
        say(script.name)
        codes.append(call([tool("python"), str(script)]))
    return 1 if any(codes) else 0


def main(arguments: Sequence[str]) -> int:
    """Do one command of the command line and return the exit code."""
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if command not in COMMANDS:
        print("python3 run.py …", *(f"  {name:<6} {text}" for name, text in COMMANDS.items()), sep="\n")
        return 0 if command in {"-h", "--help", "help"} else 2
    install("run" if command in {"demo", "app"} else "dev")
    if command in {"test", "slow"}:
        get_system_packages()
    if command == "demo":
        return call([tool("roadseam"), "demo", *(rest or ["--out", "demo-out"])])
    if command == "app":
        return call([tool("roadseam"), "app", *rest])
    if command == "slow":
        return run_pytest(pytest_command("slow", rest))[0]
    return {
        "test": lambda: run_tests(rest),
        "lint": lambda: 1 if run_checks() else 0,
        "bench": run_benchmarks,
        "lock": run_lock,
        "docs": lambda: call([tool("python"), str(ROOT / "docs" / "build.py"), *rest]),
    }[command]()


if __name__ == "__main__":
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(errors="replace")
    try:
        raise SystemExit(main(sys.argv[1:]))
    except Stop as stop:
        print(stop, file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print(
            "已中断；再运行同一命令即可继续。 / Stopped; run the same command again to go on.",
            file=sys.stderr,
        )
        raise SystemExit(130) from None
