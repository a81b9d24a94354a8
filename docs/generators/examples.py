"""One real run a command on the demo district: its words, its JSON, cut to what a page can show."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).with_name("examples.json")

UNITS, TARGETS = "data/demo/units.csv", "data/demo/targets.csv"
COMMANDS: dict[str, str] = {
    "demo": "demo --out out",
    "load": "load demo --out land.gpkg",
    "split": "split demo --out plan.gpkg",
    "options": "options demo --station 北垣",
    "owner": "owner demo --at 118.6165,31.3066",
    "stakes": "stakes demo --table data/demo/stakes.csv --out stakes.gpkg",
    "stations": "stations demo",
    "stretches": "stretches demo",
    "ledger": "ledger demo --by owner",
    "seam": "seam demo --seam {seam}",
    "dispute": "dispute demo",
    "sign": "sign agreed.gpkg --number 岚交〔2026〕1号 --office 甲 --office 乙 --from 2026-12-01 --out signed.gpkg",
    "verify": "verify signed.gpkg --on 2026-12-31",
    "history": "history plan.gpkg",
    "diff": "diff plan.gpkg demo",
    "merge": "merge plan.gpkg plan.gpkg agreed.gpkg --out merged.gpkg",
    "replay": "replay plan.gpkg demo --out replayed.gpkg",
    "import": "import plan.gpkg agreed.gpkg --out imported.gpkg",
    "backup": "backup plan.gpkg",
    "restore": "restore plan.gpkg restored.gpkg",
    "upgrade": "upgrade plan.gpkg",
    "check": "check demo --on 2026-11-25",
    "compare": "compare demo demo",
    "conflate": "conflate demo roads.gpkg",
    "cover": f"cover demo --units {UNITS} --minutes 15",
    "post": f"post demo --units {UNITS} --add 1 --minutes 10",
    "seal": f"seal demo --units {UNITS} --exits data/demo/exits.csv",
    "aid": f"aid demo --units {UNITS} --minutes 15 --top 3",
    "incident": f"incident demo --at 118.6165,31.3066 --units {UNITS}",
    "checkpoints": "checkpoints demo",
    "zones": "zones demo --province 江苏",
    "targets": "targets demo --province 江苏 --most 3",
    "route": f"route demo --units {UNITS} --targets {TARGETS} --shift 8 --iterations 50",
    "week": f"week demo --units {UNITS} --targets {TARGETS} --days 5 --iterations 20",
    "export": "export plan.gpkg --to map.html --to roads.geojson",
    "papers": "papers demo --kind agenda --out agenda.pdf",
}
"""What is run for each command; a name without a folder is a file the earlier commands wrote."""

WITHOUT = ("app",)
"""Commands that print no document: they serve until they are stopped."""

MOST_ITEMS, MOST_KEYS, MOST_LETTERS, MOST_LINES = 1, 2, 60, 46
"""What of a document a page can show."""


def run_command(words: list[str], folder: Path) -> dict[str, Any]:
    """Run one command in a folder and return what it prints with ``--json``, and its exit code.

    Parameters
    ----------
    words
        The command and its options; ``data/…`` means a file of this repository.
    folder
        Where it may write.
    """
    from typer.testing import CliRunner

    import cli

    words = [str(ROOT / word) if word.startswith("data/") else word for word in words]
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner().invoke(cli.app, [*words, "--json"])
    finally:
        os.chdir(before)
    if not done.stdout.strip():
        raise RuntimeError(f"{' '.join(words)}: {done.exception!r} {done.stderr[-500:]}")
    return {"exit": done.exit_code, "json": json.loads(done.stdout)}


def prepare(folder: Path) -> dict[str, str]:
    """Write the files the examples read, and return what stands for the words in braces."""
    split = run_command(["split", "demo", "--out", "plan.gpkg"], folder)["json"]
    run_command(["export", "plan.gpkg", "--to", "roads.gpkg"], folder)
    seam = next(s["id"] for s in split["seams"] if s["station"])
    track = run_command(["seam", "plan.gpkg", "--seam", seam], folder)["json"]
    place = track["tracks"][0]["places"][0]
    at = ["--segment", place["segment"], "--offset", str(place["offset_m"])]
    run_command(["seam", "plan.gpkg", "--seam", seam, *at, "--out", "agreed.gpkg"], folder)
    return {"seam": seam}


def record(tell: Callable[[str], None] = lambda _text: None) -> dict[str, dict[str, Any]]:
    """Run every example in a fresh folder and return command → words, exit code, keys and cut document."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = prepare(folder)
        result = {}
        for command, line in COMMANDS.items():
            tell(command)
            text = line.format(**words)
            done = run_command(text.split(), folder)
            keys = sorted(set(key_paths(done["json"])))
            cut = shorten(scrub(done["json"], str(folder)))
            result[command] = {"line": text, "exit": done["exit"], "keys": keys, "json": cut}
        return result


def recorded() -> dict[str, dict[str, Any]]:
    """Return the examples as they were last recorded."""
    found: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def key_paths(value: Any, under: str = "", depth: int = 2) -> Iterator[str]:
    """Yield the keys of a document as ``seams[].margin_m``; keys that are data themselves are not listed.

    Examples
    --------
    >>> sorted(key_paths({"a": [{"b": 1}], "c": {"d": {}}}))
    ['a[]', 'a[].b', 'c', 'c.d']
    """
    if isinstance(value, list):
        for item in value:
            yield from key_paths(item, under, depth)
    if not isinstance(value, dict) or depth == 0:
        return
    for key, inside in value.items():
        if not is_name(key):
            continue
        path = f"{under}.{key}" if under else key
        path += "[]" if isinstance(inside, list) else ""
        yield path
        yield from key_paths(inside, path, depth - 1)


def is_name(key: str) -> bool:
    """Tell a fixed key from one that is a road, a unit or a day."""
    return key.isascii() and key.replace("_", "a").isalpha() and key == key.lower()


def scrub(value: Any, folder: str) -> Any:
    """Return a document without the folder it was made in."""
    text = json.dumps(value, ensure_ascii=False)
    for known in (folder, str(Path(folder).resolve()), str(ROOT)):
        text = text.replace(f"{known}/", "")
    return json.loads(text)


def shorten(value: Any, depth: int = 4) -> Any:
    """Return a document with lists and long texts cut; ``…`` marks what is left out."""
    if isinstance(value, dict):
        if depth == 0 and value:
            return {"…": len(value)}
        names = [k for k in value if is_name(k)]
        rest = [k for k in value if not is_name(k)]
        keep = [*names, *rest[:MOST_KEYS]] if names or rest else []
        return {key: shorten(value[key], depth - 1) for key in keep} | (
            {"…": len(rest) - MOST_KEYS} if len(rest) > MOST_KEYS else {}
        )
    if isinstance(value, list):
        first = [shorten(item, depth - 1) for item in value[:MOST_ITEMS]]
        return (
            [*first, f"… {len(value) - MOST_ITEMS}"]
            if len(value) > MOST_ITEMS + 1
            else [shorten(v, depth - 1) for v in value]
        )
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        return value[:MOST_LETTERS] + "…"
    return round(value, 6) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(record(print), ensure_ascii=False, indent=1))
