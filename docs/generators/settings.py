"""``docs/settings.md``: every environment variable, every key of the server, every row of the rule tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "data" / "rules"

HEAD = """# 设置与规则表 Settings and rule tables

<!-- Made by `python3 run.py docs` from the code and the tables; do not edit. -->

没有设置文件要先填写：不设任何一项即可使用。方案里的一切由路网、决定、规则表和种子决定，不取决于机器。

Nothing has to be set. What a plan says depends on the network, the decisions, the rule tables and the seed, never on the machine.

## 环境变量 Environment variables

| variable | 说明 | what it does |
|---|---|---|
"""

VARIABLES: dict[str, tuple[str, str]] = {
    "ROADSEAM_CACHE": (
        "读过的地图缓存在哪个文件夹；`off` 为不缓存",
        "folder in which maps that were read are kept, or `off`; by default the system's cache folder",
    ),
    "ROADSEAM_PLAN": (
        "界面启动时打开的方案；`roadseam app 方案` 会自动设好",
        "plan the screens open at the start; `roadseam app PLAN` sets it",
    ),
    "ROADSEAM_BASEMAP": (
        "道路下面的底图（可不设）：PMTiles 或 MBTiles 文件，或 `tianditu:vec`、`tianditu:img`、`tianditu:ter`",
        "base map under the roads, never needed: a PMTiles or MBTiles file, or Tianditu; `roadseam app --basemap` sets it",
    ),
    "ROADSEAM_TIANDITU_KEY": (
        "天地图密钥；也可写在 `.streamlit/secrets.toml` 的 `tianditu_key`；不进入方案、导出文件和日志",
        "key of Tianditu, or `tianditu_key` in `.streamlit/secrets.toml`; never in plans, exports, logs or the browser",
    ),
    "XDG_CACHE_HOME": ("缓存位置（Linux）", "where the cache lies (Linux); default `~/.cache`"),
    "LOCALAPPDATA": ("缓存与字体位置（Windows）", "where cache and fonts of the user lie (Windows)"),
    "WINDIR": ("系统字体位置（Windows）", "where the system's fonts lie (Windows)"),
    "XDG_DATA_DIRS": ("系统字体位置（Linux）", "where the system's fonts lie (Linux)"),
    "OGR_SKIP": (
        "GDAL 不得使用的驱动，我们的名单加在后面",
        "GDAL drivers that must not be used; ours, which could open addresses, are added",
    ),
    "CPL_LOG": ("GDAL 的日志；载入时临时关闭，随后恢复", "log of GDAL, silenced while it is loaded, then put back"),
    "OPENBLAS_NUM_THREADS": ("线性代数线程数，默认 1", "threads of the linear algebra, 1 unless set"),
    "UV_HTTP_TIMEOUT": ("首次安装等待下载的秒数", "seconds the first install waits for a download; 180 unless set"),
    "PIP_DISABLE_PIP_VERSION_CHECK": ("安装时不查 pip 新版", "no look for a newer pip while installing"),
    "UV_DEFAULT_INDEX": ("安装源；取自 pip 的设置", "package index; taken from pip's setting"),
    "SSL_CERT_FILE": ("证书；取自 pip 的设置", "certificates; taken from pip's setting"),
}

SERVER_HEAD = """
## 界面服务 The server of the screens (`.streamlit/config.toml`)

Only what is not a matter of looks; each value can be changed in the file, or for one start with
`STREAMLIT_SERVER_PORT=8600` and the like. Opening the screens to other computers is a decision of the office: set
`server.address` and `server.allowedHosts`, and put them behind the office's own login.
若要让其他电脑访问，请修改 `server.address` 与 `server.allowedHosts`，并放在本单位的登录系统之后。

| key | value | why |
|---|---|---|
"""

RULES_HEAD = """
## 规则表 Rule tables

The tables lie in `data/rules/`; a row is changed in the file, not in the code, and every row names its source. A row that is marked
as law stands in the text named; the others are assumptions or trade practice and are printed as such, never as law.
每一行注明来源；标明“law”的才是法条原文的数值，其余为假定或行业做法，文书中不会当作法律引用。
"""


def make_page() -> str:
    """Return the text of ``docs/settings.md``."""
    parts = [HEAD + "".join(f"| `{name}` | {zh} | {en} |\n" for name, (zh, en) in VARIABLES.items())]
    parts += [SERVER_HEAD, *(f"| `{key}` | `{value}` | {why} |\n" for key, value, why in server_rows())]
    parts += [RULES_HEAD, *rule_parts()]
    return "".join(parts)


def variables_read() -> set[str]:
    """Return every environment variable the program reads or writes, found in its source."""
    pattern = re.compile(r"environ(?:\.get|\.setdefault)?[\[(]\"([A-Z_]+)\"|VARIABLE = \"([A-Z_]+)\"")
    files = [
        p for room in ("geo", "jurisdiction", "patrol", "plan", "views", "data") for p in (ROOT / room).rglob("*.py")
    ]
    files += [ROOT / name for name in ("app.py", "cli.py", "run.py")]
    return {a or b for path in files for a, b in pattern.findall(path.read_text(encoding="utf-8"))}


def server_rows() -> Iterator[tuple[str, str, str]]:
    """Yield key, value and comment of the server's settings, looks left out."""
    section = ""
    for line in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not section.startswith("theme"):
            key, _, rest = line.partition("=")
            value, _, why = rest.partition("#")
            yield f"{section}.{key.strip()}", value.strip(), why.strip()


def rule_parts() -> Iterator[str]:
    """Yield the tables of each rule file."""
    for path in sorted(RULES.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        notes = comments(path)
        yield f"\n### `data/rules/{path.name}`\n\n{opening(path)}\n"
        for name, body in table.items():
            yield from section(name, body, notes)


def opening(path: Path) -> str:
    """Return the comment at the top of a table as one paragraph."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines) + "\n"


def comments(path: Path) -> dict[str, str]:
    """Return ``[section]`` → the comment behind its heading."""
    found = re.findall(r"^\[+([\w.]+)\]+\s*#\s*(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def section(name: str, body: Any, notes: dict[str, str]) -> Iterator[str]:
    """Yield one section of a rule file: its rows, or the sections inside it."""
    if not isinstance(body, dict):
        return
    inner = {k: v for k, v in body.items() if isinstance(v, dict)}
    if inner and all(any(isinstance(w, dict) for w in v.values()) for v in inner.values()):
        for key, value in inner.items():
            yield from section(f"{name}.{key}", value, notes)
        return
    yield f"\n#### `[{name}]`{' — ' + notes[name] if name in notes else ''}\n\n"
    if inner and len(inner) == len(body):
        columns = list(dict.fromkeys(k for row in inner.values() for k in row))
        yield f"| row | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}\n"
        for key, row in inner.items():
            yield f"| `{key}` | {' | '.join(value_text(row.get(c, '')) for c in columns)} |\n"
        return
    yield "| key | value |\n|---|---|\n"
    for key, value in body.items():
        yield f"| `{key}` | {value_text(value)} |\n"


def value_text(value: Any) -> str:
    """Return a value of a rule as a cell; a long list of coordinates is counted."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        flat = all(isinstance(v, str) for v in value)
        return "、".join(value) if flat else f"{len(value)} entries"
    if isinstance(value, dict):
        return "; ".join(f"{k} = {value_text(v)}" for k, v in value.items())
    return str(value).replace("|", "\\|")
