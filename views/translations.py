"""Collect our own texts from the code into the catalogues: ``python -m views.translations``.

A text that is new gets an empty translation for a person to fill in, one that is used no longer leaves the catalogue.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from views.catalogue import DOMAIN, LANGUAGES, catalogue_path

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {"say": 1, "both": 1, "say_count": 1, "say_in": 2, "both_in": 2, "mark": 2}
"""Calls that mark a text, and how many of their first arguments name it: the text, or its context and the text."""
_CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")
_STAMPS = re.compile(rb'"(POT?-|Generated-By|Last-Translator|Language-Team|Project-Id|Report)[^"]*"\n')
_HEAD = "# Texts of the screens. The Chinese text is the key; fill in msgstr.\n"


def source_files() -> Iterator[Path]:
    """Yield the files that hold texts of our own, sorted."""
    yield ROOT / "app.py"
    yield from sorted((ROOT / "views").rglob("*.py"))


def collect() -> Catalog:
    """Return every text that is marked in the code, with the files it stands in.

    Returns
    -------
    Catalog
        No translations; the order is that of files and lines.
    """
    found = Catalog(domain=DOMAIN)
    for path in source_files():
        name = path.relative_to(ROOT).as_posix()
        for context, text, is_counted in _marked_texts(ast.parse(path.read_text(encoding="utf-8"))):
            if _CHINESE.search(text):
                found.add((text, text) if is_counted else text, locations=[(name, 0)], context=context)
    return found


def _marked_texts(tree: ast.Module) -> Iterator[tuple[str | None, str, bool]]:
    """Yield context, text and whether it goes with a count, also for calls inside f-strings."""
    for node in ast.walk(tree):
        keyword = _keyword(node)
        if keyword and isinstance(node, ast.Call):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in node.args[: KEYWORDS[keyword]]]
            texts = [part for part in parts if isinstance(part, str)]
            if len(texts) == KEYWORDS[keyword]:
                yield (texts[0] if len(texts) > 1 else None), texts[-1], keyword == "say_count"


def parts_of(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the forms of a text: one, or one for each count."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def read_catalogue(language: str) -> Catalog:
    """Read the catalogue of a language; one that is not there yet is empty."""
    path = catalogue_path(language)
    if not path.is_file():
        return Catalog(locale=language, domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def bring_up_to_date(language: str) -> bytes:
    """Return the catalogue of a language with exactly the texts of the code; translations are kept."""
    old = read_catalogue(language)
    new = Catalog(locale=language, domain=DOMAIN, header_comment=_HEAD.rstrip(), fuzzy=False)
    for message in collect():
        if message.id:
            held = old.get(message.id, context=message.context)
            places = sorted({place for place, _ in message.locations})
            # A text that has got, or lost, its forms for a count is translated anew.
            is_same = held is not None and isinstance(held.string, str) == isinstance(message.id, str)
            new.add(
                message.id,
                held.string if held and is_same else None,
                locations=[(place, 0) for place in places],
                context=message.context,
            )
    out = BytesIO()
    write_po(out, new, width=0, omit_header=False, include_lineno=False, sort_output=True)
    return re.sub(
        rb'"(POT?-[^"]*|Generated-By[^"]*|Last-Translator[^"]*|Language-Team[^"]*|Project-Id[^"]*|Report[^"]*)"\n',
        b"",
        out.getvalue(),
    )


def missing(language: str) -> list[str]:
    """Return the texts of the code that a catalogue does not translate, and those it keeps in vain."""
    held, wanted = read_catalogue(language), collect()
    lacks = [_name(m) for m in wanted if m.id and not _is_full(held.get(m.id, context=m.context))]
    spare = [_name(m) for m in held if m.id and wanted.get(m.id, context=m.context) is None]
    return [f"no translation: {name}" for name in lacks] + [f"not in the code: {name}" for name in spare]


def _is_full(message: Message | None) -> bool:
    return message is not None and all(parts_of(message.string)) and not message.fuzzy


def _name(message: Message) -> str:
    text = parts_of(message.id)[0]
    return f"{message.context} | {text}" if message.context else text


def unmarked(path: Path) -> list[tuple[int, str]]:
    """Return line and text of every Chinese literal of a file that no keyword marks; docstrings do not count.

    The values of an f-string stand in its text as ``{}``.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    held = {id(node) for call in ast.walk(tree) if _keyword(call) for node in ast.walk(call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            held.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            held |= {id(part) for part in node.values}
    texts = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr | ast.Constant) and id(n) not in held]
    return sorted((node.lineno, _text_of(node)) for node in texts if _CHINESE.search(_text_of(node)))


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _keyword(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
        return node.func.id
    return ""


def main() -> int:
    """Write the catalogues and name what they lack."""
    lacks: list[str] = []
    for language in LANGUAGES:
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bring_up_to_date(language))
        lacks += missing(language)
    sys.stdout.write("".join(f"{line}\n" for line in lacks))
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main())
