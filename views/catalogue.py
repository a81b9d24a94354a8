"""Texts of our own and their translations: Chinese is the text itself, other languages come from gettext catalogues.

Texts are marked where they stand: ``both("…")`` and `views.i18n.say`; ``python -m views.translations`` collects them
into the catalogues. Values are put into a text after it has been translated, and are never read as a text themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).resolve().parent / "locale"
DOMAIN = "roadseam"
LANGUAGES = ("en",)


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages of the screens; an empty ``en`` falls back on ``zh``."""

    zh: str
    en: str = ""


def catalogue_path(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalogue_of(language: str) -> Translations:
    """Read the catalogue of a language, once a process.

    Raises
    ------
    OSError
        There is no catalogue of that language.
    """
    from io import BytesIO

    with catalogue_path(language).open("rb") as file:
        read = read_po(file, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def translate(text: str, *, context: str = "", language: str = "en") -> str:
    """Return a text of ours in another language; one that is not in the catalogue stays as it is.

    Examples
    --------
    >>> translate("匝道终点", context="ramp_end")
    'Ramp end'
    """
    found = catalogue_of(language)
    return str(found.pgettext(context, text)) if context else str(found.gettext(text))


def translate_count(text: str, count: int, *, language: str = "en") -> str:
    """Return a text of ours in another language, in the form that goes with a count."""
    return str(catalogue_of(language).ngettext(text, text, count))


def mark(context: str, text: str, /) -> tuple[str, str]:
    """Mark a text for the catalogues without translating it; returns both arguments."""
    return context, text


def both(text: str, /, **values: object) -> Words:
    """Return a text in both languages, with values put in."""
    return Words(text.format(**values), translate(text).format(**values))


def both_in(context: str, text: str, /, **values: object) -> Words:
    """Return a text that means several things in both languages, with values put in; the context tells which."""
    return Words(text.format(**values), translate(text, context=context).format(**values))
