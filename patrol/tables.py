"""Reading the small CSV tables of units, exits and targets, with errors that name file, line and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from geo.errors import InputError

LARGEST_BYTES = 20_000_000
"""A table above this size is no list of units, exits or targets."""

_WINDOW = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
_MINUTES, _DAY_S = 60, 86_400
_ENCODINGS = ("utf-8-sig", "gb18030")
_LARGEST_LAT, _LARGEST_LON = 90.0, 180.0


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    file
        Name of the file, without folder.
    line
        Line in the file, the header is line 1.
    cells
        Column name to text, stripped.
    """

    file: str
    line: int
    cells: dict[str, str]

    def fail(self, column: str, problem: str, remedy: str) -> InputError:
        """Return the error for one cell; the sentence says what, where and what to do."""
        return InputError(
            f"{self.file} 第 {self.line} 行“{column}”列有误，请改正。"
            f" / {self.file}, line {self.line}, column {column}: {problem}; {remedy}"
        )

    def text(self, column: str, *, default: str | None = None) -> str:
        """Return the text of a cell, or the default where it is empty."""
        value = self.cells.get(column, "")
        if value:
            return value
        if default is None:
            raise self.fail(column, "the cell is empty", "fill it in")
        return default

    def number(
        self, column: str, *, low: float = -math.inf, high: float = math.inf, default: float | None = None
    ) -> float:
        """Return a finite number between two limits, or the default where the cell is empty."""
        value = self.cells.get(column, "")
        if not value and default is not None:
            return default
        try:
            number = float(value)
        except ValueError:
            raise self.fail(column, f"{value[:40]!r} is not a number", "write a plain number") from None
        if not math.isfinite(number):
            raise self.fail(column, f"{value[:40]!r} is not finite", "write a plain number")
        if not low <= number <= high:
            raise self.fail(column, f"{value[:40]} lies outside {low:g} to {high:g}", "correct it")
        return number

    def window(self, column: str) -> tuple[int, int] | None:
        """Return the two times of a cell ``HH:MM-HH:MM``, seconds since midnight; ``None`` where it is empty."""
        text = self.text(column, default="")
        if not text:
            return None
        match = _WINDOW.fullmatch(text)
        if match is None:
            raise self.fail(column, f"{text[:40]!r} is no time window", "write HH:MM-HH:MM or leave it empty")
        h1, m1, h2, m2 = (int(part) for part in match.groups())
        begin, end = 60 * (60 * h1 + m1), 60 * (60 * h2 + m2)
        if max(m1, m2) >= _MINUTES or max(begin, end) > _DAY_S:
            raise self.fail(column, f"{text[:40]!r} is no time of day", "write HH:MM-HH:MM between 00:00 and 24:00")
        return begin, end

    def place(self, lon_column: str = "lon", lat_column: str = "lat") -> tuple[float, float]:
        """Return ``(lon, lat)`` in WGS-84 degrees from two columns."""
        lon, lat = self.number(lon_column), self.number(lat_column)
        if abs(lat) > _LARGEST_LAT and abs(lon) <= _LARGEST_LAT and abs(lat) <= _LARGEST_LON:
            raise self.fail(lat_column, f"lon {lon:g} and lat {lat:g} look swapped", "exchange the two columns")
        if abs(lon) > _LARGEST_LON:
            raise self.fail(lon_column, f"{lon:g} lies outside -180 to 180", "give WGS-84 degrees, not metres")
        if abs(lat) > _LARGEST_LAT:
            raise self.fail(lat_column, f"{lat:g} lies outside -90 to 90", "give WGS-84 degrees, not metres")
        if lon == 0 and lat == 0:
            raise self.fail(lon_column, "the place is (0, 0)", "give the real coordinates")
        return lon, lat


def read_rows(file: Path, *, required: Collection[str], repeated: list[Row] | None = None) -> Iterator[Row]:
    """Yield the rows of a CSV file in UTF-8 (with or without byte order mark) or GB18030.

    Parameters
    ----------
    file
        The table; its first line names the columns, empty lines are passed over.
    required
        Columns that must be there.
    repeated
        Takes the rows whose ``id`` was used before, which are then passed over; an error where ``None``.

    Raises
    ------
    InputError
        Where the file cannot be read, has no rows, lacks a column, or repeats an ``id``.
    """
    text = _decode(file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in required if name not in header]
        if missing:
            raise InputError(
                f"{file.name} 第 1 行缺少列 {missing[0]}，请补齐。"
                f" / {file.name}, line 1: column {missing[0]} is missing; name the columns {_list(required)}"
            )
        seen: dict[str, int] = {}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = _make_row(file.name, reader.line_num, header, cells)
            name = row.text("id")
            if name in seen and repeated is not None:
                repeated.append(row)
                continue
            if name in seen:
                raise row.fail("id", f"{name[:60]!r} is already used in line {seen[name]}", "give each row its own id")
            seen[name] = row.line
            yield row
    except csv.Error as error:
        raise InputError(
            f"{file.name} 第 {reader.line_num} 行无法读取，请另存为普通 CSV。"
            f" / {file.name}, line {reader.line_num}: {error}; save the table as plain CSV"
        ) from error
    if not seen:
        raise InputError(
            f"{file.name} 只有表头没有数据，请至少填一行。 / {file.name} has a header and no rows; add at least one row"
        )


def _make_row(file: str, line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        raise InputError(
            f"{file} 第 {line} 行有 {len(cells)} 格，应为 {len(header)} 格；含逗号的文字请加引号。"
            f" / {file}, line {line}: {len(cells)} cells stand under {len(header)} column names; "
            "put text that holds a comma in quotes"
        )
    return Row(file, line, {name: cell.strip() for name, cell in zip(header, cells, strict=False)})


def _decode(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise InputError(
                f"{file.name} 过大，请只保留需要的行。"
                f" / {file.name} is larger than {LARGEST_BYTES // 10**6} MB; give the table as CSV"
            )
        data = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"{file.name} 打不开，请检查文件名和权限。"
            f" / {file.name} cannot be read ({error.strerror}); check the name of the file"
        ) from error
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise InputError(
        f"{file.name} 既不是 UTF-8 也不是 GB18030 文本，请另存为 UTF-8 的 CSV。"
        f" / {file.name} is neither UTF-8 nor GB18030 text; save the table as CSV in UTF-8"
    )


def _list(names: Collection[str]) -> str:
    return ",".join(names)
