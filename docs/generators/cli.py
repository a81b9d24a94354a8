"""``docs/cli.md``: every command and option as typer knows them, with exit codes, JSON keys and a recorded run."""

from __future__ import annotations

import json
from typing import Any

from docs.generators import examples

HEAD = """# 命令参考 Command reference

<!-- Made by `python3 run.py docs` from the commands themselves; do not edit. -->

`roadseam` 在 `.venv/bin`（Windows：`.venv\\Scripts`）。每条命令都有 `--json`（标准输出只有一个 JSON 文档，进度和提示走标准错误）
和 `--seed`（同种子同结果）。长度以米、时间以秒计，坐标为 WGS-84 经纬度；文件格式见 [formats.md](formats.md)。

`roadseam` lies in `.venv/bin` (Windows: `.venv\\Scripts`). Every command takes `--json` (one JSON document on stdout; progress
and messages on stderr) and `--seed` (same seed, same result). Lengths are in metres, times in seconds, places in WGS-84 lon/lat;
file formats are in [formats.md](formats.md). `SOURCE` is a map file, a plan, `demo`, or a place name.

| exit code | 含义 | meaning |
|---|---|---|
| 0 | 完成 | done |
| 1 | 完成，但结论是“有问题”或“不相同” | done, and the answer is "not in order" or "they differ" |
| 2 | 用法不对 | wrong usage |
| 3 | 输入不可用：一句话说明什么、在哪、怎么办 | bad input: one sentence says what, where, what to do |
| 4 | 没有可行的结果 | nothing feasible |
| 130 | 用户取消（Ctrl-C） | cancelled by the user |

The examples below are real runs on the made-up demo district, in this order, in one folder; `…` marks what was cut.
下面的例子都是在示范区上真实运行的结果，按顺序在同一文件夹里运行；`…` 表示略去的部分。
"""

ONE = {
    "check": "a finding is not in order",
    "diff": "the plans differ",
    "compare": "the maps differ",
    "merge": "there are conflicts",
    "import": "there are conflicts",
    "verify": "an agreement was changed, or the code does not fit",
}
"""Commands whose answer may be exit code 1, and what it says."""
COMMON = {"--json", "--seed"}


def commands() -> dict[str, Any]:
    """Return name → command of the command line, in the order of ``--help``."""
    import typer.main

    import cli

    return dict(typer.main.get_command(cli.app).commands)


def make_page() -> str:
    """Return the text of ``docs/cli.md``."""
    runs = examples.recorded()
    known = commands()
    index = " · ".join(f"[{name}](#{name})" for name in known)
    return "\n".join([HEAD, index, "", *(section(name, command, runs.get(name)) for name, command in known.items())])


def section(name: str, command: Any, run: dict[str, Any] | None) -> str:
    """Return the part of one command."""
    zh, en = halves(" ".join((command.help or "").split()))
    lines = [f"## {name}", "", f"{zh}" + (f"  \n*{en}*" if en else ""), "", "```", usage(name, command), "```", ""]
    lines += ["| option | default | 说明 | what it is |", "|---|---|---|---|"]
    lines += [option_row(p) for p in command.params if not set(p.opts) & COMMON]
    lines += ["", f"Exit codes: 0, {'1 (' + ONE[name] + '), ' if name in ONE else ''}2, 3, 4.", ""]
    if run is not None:
        lines += example(run)
    return "\n".join(lines)


def usage(name: str, command: Any) -> str:
    """Return the usage line, arguments first."""
    words = [f"roadseam {name}"]
    for p in command.params:
        if p.param_type_name == "argument":
            word = p.name.upper()
            words.append(word if p.required else f"[{word}]")
        elif p.required:
            words.append(f"{p.opts[0]} {value_name(p)}")
    return " ".join([*words, "[OPTIONS]"])


def value_name(p: Any) -> str:
    """Return the capital letters that stand for a value."""
    return p.opts[0].lstrip("-").upper().replace("-", "_")


def option_row(p: Any) -> str:
    """Return one row of the table of options."""
    zh, en = halves(p.help or "")
    is_argument = p.param_type_name == "argument"
    shown = p.name.upper() if is_argument else ", ".join(p.opts)
    if not is_argument and not p.is_flag:
        shown += f" {value_name(p)}"
    default = "required" if p.required else default_text(p)
    many = " (may be repeated)" if getattr(p, "multiple", False) else ""
    return f"| `{shown}` | {default} | {cell(zh)} | {cell(en + many)} |"


def default_text(p: Any) -> str:
    """Return the default a reader cares about."""
    if getattr(p, "is_flag", False) or p.default in (None, "", (), []):
        return ""
    return f"`{p.default}`"


def halves(text: str) -> tuple[str, str]:
    """Split ``中文 / English``; a sentence of one language only stands on both sides.

    Examples
    --------
    >>> halves("种子 / seed"), halves("A3 或 A4 / A3 or A4")
    (('种子', 'seed'), ('A3 或 A4', 'A3 or A4'))
    """
    for mark in (" / ", "/ ", "/"):
        zh, found, en = text.partition(mark)
        if found and not has_chinese(en.split(",")[0]) and has_chinese(zh):
            return zh.strip(), en.strip()
    return (text, "") if has_chinese(text) else (text, text)


def has_chinese(text: str) -> bool:
    """Tell whether a text holds a Chinese character."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def cell(text: str) -> str:
    """Return a text that does not end its cell."""
    return text.strip().replace("|", "\\|")


def example(run: dict[str, Any]) -> list[str]:
    """Return a recorded run: the line, the keys, the cut document."""
    body = json.dumps(run["json"], ensure_ascii=False, indent=1)
    lines = body.splitlines()
    if len(lines) > examples.MOST_LINES:
        lines = [*lines[: examples.MOST_LINES], "…"]
    keys = ", ".join(f"`{key}`" for key in run["keys"])
    return [
        "```bash",
        f"roadseam {run['line']} --json    # exit code {run['exit']}",
        "```",
        "",
        f"JSON keys: {keys}",
        "",
        "<details><summary>JSON</summary>",
        "",
        "```json",
        *lines,
        "```",
        "",
        "</details>",
        "",
    ]
