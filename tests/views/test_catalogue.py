"""Every text of the screens has its translation, and a text with values keeps them in each language."""

from __future__ import annotations

import re
import string

import pytest

from tests.conftest import ROOT
from views import translations
from views.catalogue import LANGUAGES, both, both_in, catalogue_path, translate, translate_count

# Papers are Chinese whatever the screen speaks, and so are the lines of minutes and the titles of disputes, which are
# written into the plan; the console prints both languages at once; the page around an exported map says both too.
CHINESE_ON_PURPOSE = (
    "views/translations.py",
    "views/map/export.py",
    "views/map/shields.py",
    "views/papers/",
    "views/console/",
    "views/widgets/meeting_words.py",
    "views/widgets/meeting_raise.py",
    "views/widgets/patrol_papers.py",
)
# Letters of owners on the map, the brand, what a person may type in a search, weekdays and a reason that stand beside
# English ones.
KNOWN = re.compile(
    r"路界( Roadseam)?|中文|普|高(\d|\{\})?|度|[周一二三四五六日]|\{\} 至 \{\}|一直|区大队|\{\}界点的管辖"
    r"|界点移动后管段的路段已变；请重新上传任务表。"
)
PAIR = re.compile(r" / [^\u3400-\u9fff]*$")
IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_untranslated(language: str) -> None:
    """Each text of the code has a translation that is no fuzzy guess, and the catalogue keeps nothing in vain."""
    assert translations.missing(language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_up_to_date(language: str) -> None:
    """``python -m views.translations`` would change nothing."""
    assert translations.bring_up_to_date(language) == catalogue_path(language).read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_survive_translation(language: str) -> None:
    """A translation asks for no value that the Chinese text does not name."""
    wrong = [
        (text, told)
        for message in translations.read_catalogue(language)
        for text in translations.parts_of(message.id)[:1]
        for told in translations.parts_of(message.string)
        if not _fields(told) <= _fields(text)
    ]
    assert wrong == []


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_chinese_literal_goes_past_the_catalogue() -> None:
    """A Chinese literal of a screen stands in a marked call, or is one sentence of the domain's form ``中文 / English``."""
    loose = [
        f"{path.relative_to(ROOT).as_posix()}:{line} {text!r}"
        for path in translations.source_files()
        if not path.relative_to(ROOT).as_posix().startswith(CHINESE_ON_PURPOSE)
        for line, text in translations.unmarked(path)
        if IDEOGRAPH.search(text) and not PAIR.search(text) and not KNOWN.fullmatch(text)
    ]
    assert loose == []


def test_a_context_tells_two_meanings_apart() -> None:
    """One Chinese word with two meanings has two translations."""
    assert both("封闭").en == "Closed"
    assert both_in("many", "封闭").en == "Closures"


def test_counts_take_their_form() -> None:
    """One place, two places."""
    assert translate_count("{count} 处", 1) == "{count} place"
    assert translate_count("{count} 处", 2) == "{count} places"


def test_an_unknown_text_stays() -> None:
    """A text that no catalogue knows stands for itself, and a value with braces is never read as a text."""
    assert translate("未知的话") == "未知的话"
    assert both("{x}", x="{y} {0}").zh == "{y} {0}"
