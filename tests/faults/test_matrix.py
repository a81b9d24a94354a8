"""The fault matrix of the land: every number has a test that names it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
NUMBERS = frozenset(range(22, 43)) - {29, 41}
"""Faults of OSM files and vector layers; 29 and 41 are no faults of the matrix."""
_NAMED = re.compile(r"faults?\s+((?:\d+(?:\s*(?:,|and|to|-)\s*)?)+)", re.IGNORECASE)


def numbers_of(text: str) -> set[int]:
    """Return the faults a docstring names; ``16-43`` and ``14 to 16`` name only their ends here."""
    return {int(number) for found in _NAMED.findall(text) for number in re.findall(r"\d+", found)}


def test_every_fault_of_the_land_has_a_test():
    """Each fault from 22 to 42 stands in the docstring of a test."""
    named: set[int] = set()
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named |= numbers_of(ast.get_docstring(node) or "")
    assert NUMBERS - named == set()
