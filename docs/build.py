"""Make the generated pages again: ``python3 run.py docs``, or ``python docs/build.py [--examples] [--api FOLDER]``.

``docs/cli.md``, ``docs/formats.md`` and ``docs/settings.md`` come from the commands, the schemas and the rule tables;
``--examples`` runs every command on the demo district again (a minute); ``--api`` writes the API reference from the
docstrings, which is too large to keep. ``tests/docs`` fails while a page lags behind the code.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs.generators import api, cli, examples, formats, settings  # noqa: E402 - the root must be on the path first

PAGES = {
    "cli.md": cli.make_page,
    "formats.md": formats.make_page,
    "settings.md": settings.make_page,
    "api.md": api.make_index,
}
"""Pages that are kept in the repository: name in ``docs/`` and what makes it."""


def main(arguments: list[str] | None = None) -> int:
    """Write the pages and say which of them changed."""
    reader = argparse.ArgumentParser(description="Make the generated pages of docs/ again.")
    reader.add_argument("--examples", action="store_true", help="run every example again")
    reader.add_argument("--api", type=Path, help="folder for the API reference")
    wanted = reader.parse_args(arguments)
    if wanted.examples:
        runs = examples.record(lambda name: print(f"roadseam {name}", file=sys.stderr))
        write(examples.RECORDED, json.dumps(runs, ensure_ascii=False, indent=1) + "\n")
    for name, make in PAGES.items():
        write(ROOT / "docs" / name, make())
    if wanted.api:
        pages = api.write_pages(wanted.api)
        print(f"{wanted.api}: {len(pages)} pages")
    return 0


def write(path: Path, text: str) -> None:
    """Write a page when it changed."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.relative_to(ROOT).as_posix()}: written")


if __name__ == "__main__":
    raise SystemExit(main())
