"""Chinese fonts of this machine, found at run time; none is shipped with us."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROLES = ("body", "hei", "kai", "song", "title")
"""What a font is for, as in `views.papers.docx.FACES`; ``hei`` also letters the maps."""

_SANS = (
    "simhei.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf", "NotoSansSC[wght].ttf", "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf",
    "msyh.ttc", "wqy-microhei.ttc", "wqy-zenhei.ttc", "STHeiti Light.ttc", "Hiragino Sans GB.ttc", "PingFang.ttc",
    "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "uming.ttc",
)  # fmt: skip
_SERIF = (
    "simsun.ttc", "NotoSerifCJK-Regular.ttc", "NotoSerifCJKsc-Regular.otf", "NotoSerifSC-Regular.otf",
    "SourceHanSerifSC-Regular.otf", "Songti.ttc", "STSONG.TTF", "uming.ttc",
)  # fmt: skip
_BOLD = (
    "NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold.otf", "NotoSansSC-Bold.otf", "SourceHanSansSC-Bold.otf", "msyhbd.ttc",
)  # fmt: skip
CANDIDATES: Mapping[str, tuple[str, ...]] = {
    "body": ("simfang.ttf", "FangSong_GB2312.ttf", "STFangsong.ttf", "STFANGSO.TTF", *_SERIF, *_SANS),
    "hei": _SANS + _SERIF,
    "bold": (*_BOLD, *_SANS, *_SERIF),
    "kai": ("simkai.ttf", "KaiTi_GB2312.ttf", "STKAITI.TTF", "Kaiti.ttc", "ukai.ttc", *_SERIF, *_SANS),
    "song": _SERIF + _SANS,
    "title": ("FZXBSJW.TTF", "FZXBSJW--GB1-0.ttf", "NotoSerifCJK-Bold.ttc", "STZHONGS.TTF", *_SERIF, *_BOLD, *_SANS),
}
"""Role to file names, best first: the prescribed font, else the nearest there is."""
_WANTED = frozenset(name.lower() for names in CANDIDATES.values() for name in names)
_MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font: its file, and which one of a collection."""

    path: Path
    number: int = 0


def font_folders() -> tuple[Path, ...]:
    """Return the folders where this system keeps fonts."""
    own = Path("~").expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        folders = [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
        folders += [Path(local) / "Microsoft" / "Windows" / "Fonts"] if local else []
    elif sys.platform == "darwin":
        folders = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), own / "Library" / "Fonts"]
    else:
        shared = [Path(p) / "fonts" for p in os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")]
        folders = [*shared, own / ".local" / "share" / "fonts", own / ".fonts"]
    return tuple(folder for folder in folders if folder.is_dir())


def _files(folder: Path) -> Iterator[Path]:
    for count, (root, _, names) in enumerate(os.walk(folder)):
        if count > _MOST_FILES:
            return
        yield from (Path(root) / name for name in sorted(names) if name.lower() in _WANTED)


@lru_cache(maxsize=8)
def find_fonts(folders: tuple[Path, ...] | None = None) -> Mapping[str, FontFile]:
    """Return role to font for the roles that this machine can serve; empty where it has no Chinese font."""
    there: dict[str, Path] = {}
    for folder in font_folders() if folders is None else folders:
        for path in _files(folder):
            there.setdefault(path.name.lower(), path)
    found: dict[str, FontFile] = {}
    for role, names in CANDIDATES.items():
        for name in names:
            file = there.get(name.lower())
            number = _chinese_face(file) if file is not None else None
            if file is not None and number is not None:
                found[role] = FontFile(file, number)
                break
    return found


@lru_cache(maxsize=64)
def _chinese_face(path: Path) -> int | None:
    """Return which face of a file is simplified Chinese, ``None`` where the file cannot be read."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        with path.open("rb") as file:
            if path.suffix.lower() != ".ttc":
                return 0 if ord("路") in TTFont(file, lazy=True).getBestCmap() else None
            names = [str(font["name"].getDebugName(4) or "") for font in TTCollection(file, lazy=True).fonts]
    except (TTLibError, OSError, KeyError, AssertionError):
        return None
    marks = (" SC", "GB", "SimSun", "CN", "微软")
    return next((k for mark in marks for k, name in enumerate(names) if mark in f" {name}" and "Mono" not in name), 0)
