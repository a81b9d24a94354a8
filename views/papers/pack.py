"""Packs of papers: which papers belong to an occasion, and one file that holds those that were ticked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from geo.errors import InputError
from views.catalogue import Words, both
from views.papers import items
from views.papers.facts import facts_of
from views.papers.fixedzip import write_zip
from views.papers.order import Files, Item, Order, Tell
from views.papers.text import ATTRIBUTION_TEXT, FOOTER_TEXT


@dataclass(frozen=True)
class Pack:
    """A pack.

    Attributes
    ----------
    key, label
        Its name for code and for people.
    items
        Its papers, in the order in which a meeting takes them.
    off
        Papers that are not ticked at first.
    """

    key: str
    label: Words
    items: tuple[Item, ...]
    off: frozenset[str] = frozenset()


_MONTHLY = (items.AGENDA, items.CHANGES, items.LIMITS, items.TASKS, items.MINUTES, items.OVERVIEW, items.ANNEX)
_ATLAS = (items.OVERVIEW, items.SHEETS, items.STRIP_MAPS, items.SHAPE, items.KML, items.GPX)
PACKS: dict[str, Pack] = {
    pack.key: pack
    for pack in (
        Pack("monthly", both("月度联席会议"), _MONTHLY),
        Pack("agreement", both("界点协议"), (items.AGREEMENT, items.OVERVIEW, items.ANNEX)),
        Pack("minutes", both("争议纪要"), (items.MINUTES, items.OVERVIEW), frozenset({"overview"})),
        Pack("crew", both("勤务单"), (items.CREW, items.CREW_GPX)),
        Pack("atlas", both("图集"), _ATLAS, frozenset({"shape", "kml", "gpx"})),
    )
}
"""The packs of the papers screen."""
SINGLE: dict[str, Item] = {
    item.key: item for item in (*_MONTHLY, items.AGREEMENT, items.CREW, items.SHEETS, items.STRIP_MAPS, items.TRANSFER)
}
"""Single papers by key, for the command line."""


def _silent(_done: int, _total: int, _stage: Words) -> None:
    return


def choose_items(pack: Pack, ticked: Collection[str] | None = None) -> tuple[Item, ...]:
    """Return the papers of a pack that are ticked; those ticked at first when nothing is named."""
    if ticked is None:
        return tuple(item for item in pack.items if item.key not in pack.off)
    return tuple(item for item in pack.items if item.key in ticked)


def make_files(chosen: Collection[Item], order: Order, *, tell: Tell = _silent) -> Files:
    """Return the files of papers, numbered in their order; what cannot be made is named and left out.

    Raises
    ------
    InputError
        Nothing of it can be made.
    """
    ready = [item for item in chosen if not item.is_blocked(order)]
    if not ready:
        left = "；".join(dict.fromkeys(m.zh for item in chosen for m in item.missing(order)))
        why = f"（{left}）" if left else ""
        msg = f"没有可以生成的文书{why}，请补充后再试。 / nothing can be made: fill in what is missing first."
        raise InputError(msg)
    files: Files = []
    for number, item in enumerate(ready, start=1):
        done = number - 1

        def count(part: int, total: int, stage: Words, *, done: int = done) -> None:
            share = part / total if total else 0.0
            tell(round(100 * (done + share)), 100 * len(ready), stage)

        made = item.make(order, count)
        files += [(name if "/" in name else f"{number:02d}_{name}", body) for name, body in made]
    tell(100 * len(ready), 100 * len(ready), both("完成"))
    return files


def make_pack(pack: Pack, order: Order, *, ticked: Collection[str] | None = None, tell: Tell = _silent) -> bytes:
    """Return a zip with the ticked papers of a pack and a list of what is in it and what is missing.

    Raises
    ------
    InputError
        Nothing of it can be made.
    """
    chosen = choose_items(pack, ticked)
    files = make_files(chosen, order, tell=tell)
    return write_zip([*files, ("说明.txt", _note(pack, chosen, order, [name for name, _ in files]))])


def _note(pack: Pack, chosen: Collection[Item], order: Order, names: list[str]) -> bytes:
    facts = facts_of(order.plan)
    lines = [pack.label.zh, facts.stamp, "", "内容："]
    lines += [f"  {name}" for name in names]
    left = [f"  {item.label.zh}：{missing.zh}" for item in chosen for missing in item.missing(order)]
    lines += ["", "缺少：", *(left or ["  无"]), "", f"{FOOTER_TEXT}  {ATTRIBUTION_TEXT}"]
    return "\r\n".join(lines).encode("utf-8-sig")
