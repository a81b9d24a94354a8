"""The API reference: signatures and numpydoc docstrings of every public name, as one page a module.

Read from the source (``ast``), so nothing is imported and the whole reference is made within seconds. The pages are
not kept; ``docs/api.md`` is the index.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {
    "geo": "LAND: roads, toll stations, stakes, coordinates, travel times",
    "jurisdiction": "OWNERSHIP: evidence, seams, agencies, options, disputes",
    "patrol": "WORK: units, coverage, posts, zones, sealing, routes",
    "plan": "MEMORY: decisions, history, the plan file, agreements",
    "views": "FACE: screens, map layers, papers, the jobs of the command line",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
_SECTION = re.compile(r"^(\w[\w ]+)\n-{3,}$", re.MULTILINE)

HEAD = """# 接口目录 API index

<!-- Made by `python3 run.py docs` from the source; do not edit. -->

Each room and its folders. Signatures and docstrings of all public names, with parameters, units, errors and sources of
formulas: `python docs/build.py --api FOLDER` writes them as one page a module within seconds. Rooms import in one direction only:
`geo` ← `jurisdiction` ← `patrol` ← `plan` ← `views`. The notebooks in [`notebooks/`](../notebooks) show the most used calls.
`python docs/build.py --api 文件夹` 生成全部公开接口的说明。
"""


@dataclass(frozen=True)
class Module:
    """A module of the program: dotted name, its docstring, its public names."""

    name: str
    doc: str
    items: tuple[Function | ast.ClassDef, ...]


def modules(room: str) -> Iterator[Module]:
    """Yield the modules of a room in alphabetical order, ``__init__`` as the room or folder itself."""
    for path in sorted((ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        items = tuple(
            node
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        )
        yield Module(name, ast.get_docstring(tree) or "", items)


def make_index() -> str:
    """Return the text of ``docs/api.md``: each room and its folders, what they are about, and how many modules they hold."""
    parts = [HEAD]
    for room, words in ROOMS.items():
        known = [m for m in modules(room) if is_public(m.name)]
        parts.append(f"\n## `{room}/` {words}\n\n| package | what it is about |\n|---|---|\n")
        folders = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / room).rglob("__init__.py")}
        parts += [f"| `{m.name}` | {first_line(m.doc)} |\n" for m in known if m.name in folders]
    return "".join(parts)


def is_public(name: str) -> bool:
    """Tell whether a dotted name has no private part."""
    return not any(part.startswith("_") for part in name.split("."))


def first_line(doc: str) -> str:
    """Return the first paragraph of a docstring as a cell."""
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split()).replace("|", "\\|")


def write_pages(folder: Path) -> list[Path]:
    """Write one page a module below ``folder/<room>/`` and return their paths."""
    written = []
    for room in ROOMS:
        (folder / room).mkdir(parents=True, exist_ok=True)
        for module in modules(room):
            if is_public(module.name) and module.items:
                path = folder / room / f"{module.name}.md"
                path.write_text(page(module), encoding="utf-8", newline="\n")
                written.append(path)
    return written


def page(module: Module) -> str:
    """Return the page of one module."""
    parts = [f"# {module.name}\n\n{sections(module.doc)}\n"]
    for item in module.items:
        parts.append(f"\n## {item.name}\n\n```python\n{signature(item)}\n```\n\n{sections(docstring(item))}\n")
        if isinstance(item, ast.ClassDef):
            for method in public_methods(item):
                parts.append(f"\n### {item.name}.{method.name}\n\n```python\n{signature(method)}\n```\n\n")
                parts.append(sections(docstring(method)) + "\n")
    return "".join(parts)


def public_methods(item: ast.ClassDef) -> list[Function]:
    """Return the methods of a class that are not private."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in item.body if isinstance(node, kinds) and not node.name.startswith("_")]


def docstring(item: Function | ast.ClassDef) -> str:
    """Return the docstring of a name, cleaned."""
    return inspect.cleandoc(ast.get_docstring(item) or "")


def signature(item: Function | ast.ClassDef) -> str:
    """Return the line that declares a name, as Python."""
    if isinstance(item, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in item.bases)
        fields = [ast.unparse(node) for node in item.body if isinstance(node, ast.AnnAssign)]
        head = f"class {item.name}({bases})" if bases else f"class {item.name}"
        return "\n    ".join([f"{head}:", *(fields or ["..."])])
    returns = f" -> {ast.unparse(item.returns)}" if item.returns else ""
    return f"def {item.name}({ast.unparse(item.args)}){returns}"


def sections(doc: str) -> str:
    """Return a numpydoc docstring as markdown: section names in bold, doctests as code."""
    text = _SECTION.sub(r"**\1**\n", doc)
    return re.sub(r"((?:^(?:>>>|\.\.\.) .*\n?)(?:^(?!\n|$).*\n?)*)", r"```python\n\1\n```\n", text, flags=re.MULTILINE)


def undocumented() -> list[str]:
    """Return every public module, class, function and method without a docstring."""
    missing = []
    for room in ROOMS:
        for module in modules(room):
            if not is_public(module.name):
                continue
            missing += [] if module.doc else [module.name]
            for item in module.items:
                inner = public_methods(item) if isinstance(item, ast.ClassDef) else []
                missing += [f"{module.name}.{x.name}" for x in (item, *inner) if not docstring(x)]
    return missing


def unexplained(most: int) -> list[str]:
    """Return public functions of the domain with more than ``most`` parameters of which a section explains none.

    A function of one or two parameters may explain them in its sentence; a longer one needs ``Parameters``.
    """
    found = []
    for room in ("geo", "jurisdiction", "patrol", "plan"):
        for module in modules(room):
            for item in module.items:
                if isinstance(item, ast.ClassDef) or not is_public(module.name):
                    continue
                names = [a.arg for a in (*item.args.posonlyargs, *item.args.args, *item.args.kwonlyargs)]
                if len(names) > most and "Parameters\n---" not in docstring(item):
                    found.append(f"{module.name}.{item.name}")
    return found
