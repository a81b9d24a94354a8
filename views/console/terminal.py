"""What a person at a terminal reads: messages on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
from typing import Any


def tell(text: str) -> None:
    """Tell the person what is going on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show(document: dict[str, Any], *, as_json: bool) -> None:
    """Print a result: one JSON document, or a few lines."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        return
    from views.console.summary import summarise

    sys.stdout.write(summarise(document) + "\n")
