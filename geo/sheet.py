"""Rows of a table a person supplies: CSV (UTF-8, GB18030) or the first filled sheet of an Excel workbook."""

from __future__ import annotations

import csv
import io
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import InputError
from geo.intake import admit_file
from geo.sniff import TABLE_FORMATS, Format

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200_000, 200, 2_000
_CSV_BYTES = 50_000_000
_NOT_LETTERS = re.compile(r"[\s_\-·:：()（）\[\]/°]+")
_TYPED = re.compile(r"[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its line in the file (the heading is line 1) and its cells by our column names, stripped."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return a cell, ``""`` where the column or the value is missing."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Return the finite number in a cell, None where there is none."""
        text = self.get(column).replace("°", "").strip()
        if not _TYPED.fullmatch(text):
            return None
        value = float(text)
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes
    ----------
    name
        File name without folder.
    columns
        Our column name to the heading it was found under.
    rows
        Its rows; empty ones are left out.
    """

    name: str
    columns: Mapping[str, str]
    rows: tuple[SheetRow, ...]


def read_sheet(
    path: str | Path,
    *,
    headings: Mapping[str, Sequence[str]],
    required: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
) -> Sheet:
    """Read a table.

    Parameters
    ----------
    path
        A CSV file (``,``, ``;`` or tab; UTF-8 or GB18030) or an Excel workbook (.xlsx).
    headings
        Our column name to the headings it may stand under; case, blanks and brackets do not matter.
    required
        Our columns that must be there.
    columns
        Our column name to the heading in this file, where it is none of the known ones.

    Raises
    ------
    InputError
        The file cannot be opened, is no table, is too large, or lacks a required column.
    """
    admitted = admit_file(path, accept=TABLE_FORMATS)
    if admitted.format is Format.XLSX:
        lines = list(_read_workbook(admitted.path, admitted.name))
    else:
        lines = list(_read_csv(admitted.path, admitted.name))
    if not lines:
        raise InputError(f"{admitted.name}：表是空的，请检查。 / {admitted.name}: the table is empty; check the file.")
    found = _match_headings(lines[0][1], headings, columns or {})
    missing = [name for name in required if name not in found]
    if missing:
        wanted = "、".join(headings[missing[0]][:3])
        raise InputError(
            f"{admitted.name}：缺少“{wanted}”一列，请补上或指明对应的列名。"
            f" / {admitted.name}: there is no column {missing[0]}; add it or say which column it is."
        )
    rows = []
    for line, cells in lines[1:]:
        picked = {name: cells[at].strip() for name, at in found.items() if at < len(cells)}
        if any(cell.strip() for cell in cells):
            rows.append(SheetRow(line, picked))
    if not rows:
        raise InputError(
            f"{admitted.name}：只有表头没有数据，请至少填一行。"
            f" / {admitted.name}: there is a heading and no row; add at least one."
        )
    return Sheet(admitted.name, {name: lines[0][1][at] for name, at in found.items()}, tuple(rows))


def _match_headings(
    header: Sequence[str], headings: Mapping[str, Sequence[str]], columns: Mapping[str, str]
) -> dict[str, int]:
    plain = [_plain(cell) for cell in header]
    found: dict[str, int] = {}
    for name, known in headings.items():
        wanted = [columns[name]] if name in columns else [name, *known]
        for heading in map(_plain, wanted):
            if heading in plain:
                found[name] = plain.index(heading)
                break
    return found


def _plain(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


def _read_csv(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    data = path.read_bytes()
    if len(data) > _CSV_BYTES:
        raise _too_large(name)
    text = _decode(data, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(",;\t", key=lambda m: (first.count(m), m == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for count, cells in enumerate(reader):
            if count > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise _too_large(name)
            if count or any(cells):
                yield reader.line_num, [cell[:LONGEST_CELL] for cell in cells]
    except csv.Error as error:
        raise InputError(
            f"{name} 第 {reader.line_num} 行读不出来，请另存为普通 CSV。"
            f" / {name}, line {reader.line_num}: cannot be read ({error}); save the table as plain CSV."
        ) from error


def _decode(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"{name}：既不是 UTF-8 也不是 GB18030 文字，请另存为 UTF-8 的 CSV。"
        f" / {name}: neither UTF-8 nor GB18030 text; save the table as CSV in UTF-8."
    )


def _read_workbook(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise InputError(
            f"{name}：本机没有安装读取 Excel 的组件 openpyxl，请另存为 CSV。"
            f" / {name}: openpyxl, which reads Excel, is not installed; save the table as CSV."
        ) from error
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            # A workbook without styles is a workbook; only its values are wanted.
            warnings.simplefilter("ignore")
            yield from _rows_of(load_workbook(file, read_only=True, data_only=True, keep_links=False), name)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{name}：工作簿读不出来，请用 Excel 打开后另存，或另存为 CSV。"
            f" / {name}: the workbook cannot be read; open it in Excel and save it again, or save it as CSV."
        ) from error


def _rows_of(book: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    for sheet in book.worksheets:
        seen = False
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if line > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise _too_large(name)
            texts = [_write_cell(cell) for cell in cells]
            if seen or any(texts):
                seen = True
                yield line, texts
        if seen:
            return


def _write_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - exact in a double
        return str(int(value))
    return str(value).strip()[:LONGEST_CELL]


def _too_large(name: str) -> InputError:
    return InputError(
        f"{name}：表过大，请只保留需要的行和列（最多 {MOST_ROWS} 行）。"
        f" / {name}: the table is too large; keep only the rows and columns needed ({MOST_ROWS} rows at most)."
    )
