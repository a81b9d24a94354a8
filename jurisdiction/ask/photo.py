"""Where and when a photograph was taken, by its EXIF data; the picture itself is never unpacked."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from geo.datum import Datum, read_datum
from geo.errors import InputError
from geo.intake import clean_name

MAX_BYTES = 64 << 20
"""Largest photograph we open; a camera of 100 megapixels stays below it."""
WORST_ERROR_M = 500.0
_GPS_IFD, _EXIF_IFD = 0x8825, 0x8769
_TAKEN, _CHANGED = (0x9003, 0x9004), 0x0132
_LAT_REF, _LAT, _LON_REF, _LON, _DATUM, _GPS_DATE, _ERROR = 1, 2, 3, 4, 18, 29, 31


@dataclass(frozen=True, slots=True)
class Photo:
    """What a photograph says about itself.

    Attributes
    ----------
    lon, lat
        Degrees in ``datum``.
    datum
        As the camera states it, WGS-84 where it states none.
    error_m
        Error the camera states, metres, None where it states none.
    day
        ISO date on which it was taken, by the camera's clock, ``""`` where unknown.
    """

    lon: float
    lat: float
    datum: Datum
    error_m: float | None
    day: str


def open_photo(path: str | Path) -> Photo:
    """Read the place of a photograph from a file.

    Raises
    ------
    InputError
        There is no such file, it is no photograph, too large, or it holds no place.
    """
    name = clean_name(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{name}：文件打不开，请检查路径。 / {name}: it cannot be opened; check the path.") from error
    return read_photo(data, name)


def read_photo(data: bytes, name: str) -> Photo:
    """Read the place of a photograph.

    Parameters
    ----------
    data
        The bytes of a JPEG file.
    name
        Its name, for messages.

    Raises
    ------
    InputError
        It is no JPEG, too large, or holds no place.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{name}：照片超过 {MAX_BYTES >> 20} MiB，请换原图或压缩后的照片。"
            f" / {name}: more than {MAX_BYTES >> 20} MiB; give a smaller photograph."
        )
    if not data.startswith(b"\xff\xd8\xff"):
        raise InputError(f"{name}：不是 JPG 照片，请换 JPG。 / {name}: this is no JPEG photograph; give a JPEG.")
    gps, taken = _read_exif(data, name)
    lon = _degrees(gps.get(_LON), gps.get(_LON_REF), negative="W", most=180.0)
    lat = _degrees(gps.get(_LAT), gps.get(_LAT_REF), negative="S", most=90.0)
    if lon is None or lat is None or (lon == 0 and lat == 0):
        raise InputError(
            f"{name}：照片里没有定位（可能被聊天软件去掉了），请用原图，或改用坐标、桩号查询。"
            f" / {name}: the photograph holds no place (a chat program may have removed it);"
            " give the original, or ask by coordinates or stake."
        )
    error_m = _number(gps.get(_ERROR))
    bound = min(error_m, WORST_ERROR_M) if error_m is not None and error_m > 0 else None
    return Photo(lon, lat, _read_datum(gps.get(_DATUM)), bound, _read_day(taken) or _read_day(gps.get(_GPS_DATE)))


def _read_exif(data: bytes, name: str) -> tuple[Mapping[int, Any], Any]:
    """Return the GPS fields and the time it was taken; whatever is wrong with the file is one sentence."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # A damaged tag is no reason to warn: what cannot be read counts as missing.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("JPEG", "MPO")) as picture:
                exif = picture.getexif()
                inner = exif.get_ifd(_EXIF_IFD)
                taken = next((inner[tag] for tag in _TAKEN if inner.get(tag)), exif.get(_CHANGED))
                return dict(exif.get_ifd(_GPS_IFD)), taken
    except Exception as error:
        raise InputError(
            f"{name}：照片已损坏，请换原图。 / {name}: the photograph is damaged; give the original."
        ) from error


def _degrees(parts: Any, side: Any, *, negative: str, most: float) -> float | None:
    values = [_number(part) for part in parts] if isinstance(parts, (tuple, list)) else [_number(parts)]
    numbers = [value for value in values if value is not None]
    if not numbers or len(numbers) != len(values):
        return None
    total = sum(number / 60**k for k, number in enumerate(numbers[:3]))
    found = -total if _text(side).upper().startswith(negative) else total
    return found if math.isfinite(found) and abs(found) <= most else None


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _text(value: Any) -> str:
    return value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value or "")


def _read_datum(value: Any) -> Datum:
    try:
        return read_datum(_text(value).strip("\0 "))
    except InputError:
        return Datum.WGS84


def _read_day(value: Any) -> str:
    text = _text(value).strip("\0 ")[:10].replace(":", "-").replace("/", "-")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
