"""Reading tables for a plan: a row that contradicts itself is named and left out, and the others are planned for.

What makes a whole table doubtful (a missing column, a place outside the Earth) stays an error; see ``patrol.tables``.
"""

from __future__ import annotations

from pathlib import Path

from geo.errors import InputError
from patrol.reasons import LeftOut, Reason
from patrol.stranded import IdleReason, IdleUnit
from patrol.tables import Row, read_rows
from patrol.targets import COLUMNS, Target, read_target
from patrol.units import COLUMNS as UNIT_COLUMNS
from patrol.units import Unit, read_unit


def read_targets_or_say_why(file: Path) -> tuple[tuple[Target, ...], tuple[LeftOut, ...]]:
    """Read targets; an id used before, negative work or a window that ends before it begins is left out and named.

    Parameters
    ----------
    file
        As for ``patrol.targets.read_targets``.

    Raises
    ------
    InputError
        Where a row cannot be read at all, or none is left; the sentence names each.
    """
    repeated: list[Row] = []
    found: list[Target] = []
    left: list[LeftOut] = []
    for row in read_rows(file, required=COLUMNS, repeated=repeated):
        reason = doubt_row(row)
        if reason is None:
            found.append(read_target(row))
        else:
            left.append(reason)
    left += [read_twice(row) for row in repeated]
    require_some(file, found, left)
    return tuple(found), tuple(left)


def read_units_or_say_why(file: Path) -> tuple[tuple[Unit, ...], tuple[IdleUnit, ...]]:
    """Read units; a row whose id was used before is left out and named.

    Raises
    ------
    InputError
        As ``patrol.units.read_units``.
    """
    repeated: list[Row] = []
    units = tuple(read_unit(row) for row in read_rows(file, required=UNIT_COLUMNS, repeated=repeated))
    return units, tuple(
        IdleUnit(
            row.text("id"),
            IdleReason.DUPLICATE,
            f"{row.file} 第 {row.line} 行的单元编号 {row.text('id')[:60]} 重复，该行未采用；请另取编号。",
            f"{row.file}, line {row.line}: unit id {row.text('id')[:60]} is used before; the row is not planned for.",
        )
        for row in repeated
    )


def doubt_row(row: Row) -> LeftOut | None:
    """Return why a row of a task table cannot be planned for, ``None`` where it can."""
    name, where = row.text("id"), f"{row.file} 第 {row.line} 行"
    if row.number("service_min", default=0.0) < 0:
        return LeftOut(
            name,
            Reason.SERVICE,
            f"{where}：现场作业时间为负数，该任务未安排；请改为 0 或正数。",
            f"{row.file}, line {row.line}: the time on site is negative; give 0 or more minutes.",
        )
    window = row.window("window")
    if window is not None and window[1] < window[0]:
        return LeftOut(
            name,
            Reason.WINDOW,
            f"{where}：时间窗的结束早于开始，该任务未安排；跨夜的请拆成两行。",
            f"{row.file}, line {row.line}: the window ends before it begins; split one that passes midnight.",
        )
    return None


def require_some(file: Path, found: list[Target], left: list[LeftOut]) -> None:
    """Refuse a table of which no row can be used.

    Raises
    ------
    InputError
        Naming every row that cannot be used.
    """
    if found or not left:
        return
    zh, en = ("；".join(i.message.rstrip("。") for i in left), " ".join(i.message_en for i in left))
    raise InputError(f"{file.name} 没有可用的任务：{zh}。 / {file.name} holds no task that can be planned: {en}")


def read_twice(row: Row) -> LeftOut:
    """Return the reason of a row whose id was used before."""
    return LeftOut(
        row.text("id"),
        Reason.DUPLICATE,
        f"{row.file} 第 {row.line} 行的编号已用过，该行未安排；请另取编号。",
        f"{row.file}, line {row.line}: the id is used before; the row is not planned for, give it its own id.",
    )
