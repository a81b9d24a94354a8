from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from geo.datum import Datum
from geo.errors import InputError
from jurisdiction.ask.photo import MAX_BYTES, WORST_ERROR_M, open_photo, read_photo

GPS = {1: "N", 2: (31.0, 16.0, 27.12), 3: "E", 4: (118.0, 39.0, 1.08)}


def picture(gps=None, *, taken="2025:03:04 10:11:12", changed=None, kind="JPEG"):
    """Return the bytes of a small picture with EXIF data."""
    exif = Image.Exif()
    if gps is not None:
        exif.get_ifd(0x8825).update(gps)
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if changed:
        exif[0x0132] = changed
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, kind, exif=exif)
    return buffer.getvalue()


def test_place_and_date_of_a_photograph(tmp_path):
    """Place and date come out of the EXIF data, from bytes and from a file."""
    path = tmp_path / "a.jpg"
    path.write_bytes(picture(GPS))
    for photo in (read_photo(picture(GPS), "a.jpg"), open_photo(path)):
        assert (photo.lon, photo.lat) == (pytest.approx(118.6503, abs=1e-6), pytest.approx(31.2742, abs=1e-6))
        assert (photo.datum, photo.day, photo.error_m) == (Datum.WGS84, "2025-03-04", None)


@pytest.mark.parametrize(
    ("extra", "field", "value"),
    [
        ({18: "GCJ-02"}, "datum", Datum.GCJ02),
        ({18: "nonsense"}, "datum", Datum.WGS84),
        ({31: 12.5}, "error_m", 12.5),
        ({31: 9_999.0}, "error_m", WORST_ERROR_M),
        ({1: "S"}, "lat", pytest.approx(-31.2742, abs=1e-6)),
        ({3: "W"}, "lon", pytest.approx(-118.6503, abs=1e-6)),
    ],
)
def test_what_the_camera_adds(extra, field, value):
    """Datum, error and hemisphere are taken where the camera states them."""
    assert getattr(read_photo(picture(GPS | extra), "a.jpg"), field) == value


@pytest.mark.parametrize(
    ("how", "day"),
    [
        ({"taken": "", "changed": "2024:05:06 01:02:03"}, "2024-05-06"),
        ({"taken": "0000:00:00 00:00:00"}, ""),
        ({"taken": ""}, ""),
    ],
)
def test_dates_of_cameras(how, day):
    """The date falls back on the date of change; a clock that was never set has none."""
    assert read_photo(picture(GPS, **how), "a.jpg").day == day


def test_the_date_of_the_satellites_is_the_last_resort():
    """Where the camera keeps no time, the date of the GPS fix counts."""
    assert read_photo(picture(GPS | {29: "2023:07:08"}, taken=""), "a.jpg").day == "2023-07-08"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "不是 JPG"),
        (b"<html>", "不是 JPG"),
        (picture(GPS, kind="PNG"), "不是 JPG"),
        (b"\xff\xd8\xff" + b"\0" * 50, "损坏"),
        (picture(), "没有定位"),
        (picture({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}), "没有定位"),
        (picture({1: "N", 3: "E", 4: (118.0, 39.0, 1.0)}), "没有定位"),
        (picture(GPS | {2: (131.0, 0.0, 0.0)}), "没有定位"),
        (b"\xff\xd8\xff" + b"\0" * MAX_BYTES, "MiB"),
    ],
)
def test_unusable_photographs_are_one_sentence(data, words):
    """No JPEG, a damaged one, one without a place, an impossible place and a huge file: each is one sentence."""
    with pytest.raises(InputError, match=words):
        read_photo(data, "a.jpg")


def test_a_missing_file_is_one_sentence(tmp_path):
    """A file that is not there is refused by name."""
    with pytest.raises(InputError, match=r"none\.jpg"):
        open_photo(tmp_path / "none.jpg")


def test_zero_denominators_are_no_place():
    """A rational number without a denominator counts as missing, and nothing else happens."""
    data = picture(GPS)
    broken = data.replace((1).to_bytes(4, "big"), (0).to_bytes(4, "big"))
    with pytest.raises(InputError):
        read_photo(broken, "a.jpg")


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 400), st.binary(min_size=1, max_size=8))
def test_damage_is_a_sentence_or_a_place(at, noise):
    """Fault: whatever bytes of the file are overwritten, the answer is a place or one sentence, never a crash."""
    data = bytearray(picture(GPS))
    at = min(at, len(data) - len(noise))
    data[at : at + len(noise)] = noise
    try:
        photo = read_photo(bytes(data), "a.jpg")
    except InputError:
        return
    assert abs(photo.lat) <= 90
    assert abs(photo.lon) <= 180
