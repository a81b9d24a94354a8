"""A paper before it is written: blocks in order, which the Word and the PDF writer both read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right", "justify"]


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a paper or of an annex."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line beside or under the title: a document number, a date, the name of an annex."""

    text: str
    align: Align = "center"
    face: Literal["body", "kai", "hei"] = "body"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level 1 黑体, level 2 楷体 (GB/T 9704-2012, 7.3.3)."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph, its first line indented by two characters unless told otherwise."""

    text: str
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: heading, share of the width, alignment."""

    head: str
    share: float = 1.0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head repeats on every page; rows are texts.

    Attributes
    ----------
    columns
        Headings with shares of the width.
    rows
        One tuple of texts a row.
    caption
        Line over the table, ``""`` for none.
    size_pt
        Size of its type.
    empty
        What to say where there are no rows.
    row_mm
        Least height of a row: room for handwriting.
    note
        Line under the table, ``""`` for none.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    size_pt: float = 10.5
    empty: str = "无"
    row_mm: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Room for seals and signatures, one box an office, with a date to fill in."""

    offices: Sequence[str]
    day: str = ""


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page break; the pages that follow lie upright or across."""

    landscape: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty lines."""

    lines: int = 1


Block = Title | Line | Heading | Para | Table | Signatures | NewPage | Gap


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes
    ----------
    title
        For the properties of the file, and for lists.
    blocks
        Its content.
    stamp
        What stands small at the foot of every page: plan, version, hashes.
    day
        ISO date the file is dated with; no clock is read.
    mark
        草稿 on every page of a draft, else ``""``.
    """

    title: str
    blocks: tuple[Block, ...]
    stamp: str
    day: str
    mark: str = ""


def texts_of(paper: Paper) -> str:
    """Return every character a paper prints, for fonts."""
    found = [paper.title, paper.stamp, paper.mark]
    for block in paper.blocks:
        if isinstance(block, Table):
            found += [block.caption, block.empty, block.note, *(c.head for c in block.columns)]
            found += [cell for row in block.rows for cell in row]
        elif isinstance(block, Signatures):
            found += [*block.offices, block.day]
        elif not isinstance(block, NewPage | Gap):
            found.append(block.text)
    return "".join(found)
