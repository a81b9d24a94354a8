"""Stake text 桩号: every written form to a whole number of millimetres, and back.

A stake is a number painted on the road, not a distance: broken chains make it jump. What it means on the ground
is the business of ``geo.calibration``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from geo.errors import InputError

LARGEST_KM = 9_999
"""No route of China is longer than this many kilometres."""
_LONGEST_TEXT = 100_000
_KM_MM, _M_MM = 1_000_000, 1_000


class Direction(StrEnum):
    """Carriageway as tables name it; which of 上行 and 下行 counts upwards differs from province to province."""

    NONE = ""
    UP = "上行"
    DOWN = "下行"
    LEFT = "左幅"
    RIGHT = "右幅"
    NORTH = "N"
    SOUTH = "S"
    EAST = "E"
    WEST = "W"


@dataclass(frozen=True, slots=True)
class Stake:
    """One stake.

    Attributes
    ----------
    mm
        Whole millimetres from the route's zero, as written: K12+300.5 is 12,300,500.
    route
        Route number or name, or ``""``.
    direction
        Carriageway, where the text names it; a half of the road (左幅, 右幅) only where no direction is named.
    line
        Letters before the K of a ramp or second line (``A`` in AK0+500), or ``""``.
    """

    mm: int
    route: str = ""
    direction: Direction = Direction.NONE
    line: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.mm < (LARGEST_KM + 1) * _KM_MM:
            msg = f"a stake lies between 0 and {LARGEST_KM} km, not at {self.mm} mm"
            raise ValueError(msg)

    @property
    def length_m(self) -> float:
        """Metres from the route's zero, as written."""
        return self.mm / _M_MM

    def __str__(self) -> str:
        return format_stake(self)


@dataclass(frozen=True, slots=True)
class StakeRange:
    """Two stakes in the order they were written; either may be the higher one."""

    start: Stake
    end: Stake

    @property
    def low_mm(self) -> int:
        """The smaller of the two numbers."""
        return min(self.start.mm, self.end.mm)

    @property
    def high_mm(self) -> int:
        """The larger of the two numbers."""
        return max(self.start.mm, self.end.mm)


@dataclass(frozen=True, slots=True)
class FoundStake:
    """A stake or range inside a longer text: ``text[start:end]`` is what was read."""

    value: Stake | StakeRange
    start: int
    end: int


_ROUTE = r"[GSXYCZ]\d{1,4}(?:[NSEW]\d?)?(?!\d)"
_WAY = (
    r"(?:上行|下行|左幅|右幅|左线|右线|左侧|右侧|左側|右側|北向|南向|东向|西向|東向|北上|南下)"
    r"(?:线|線|方向|车道)?"
)
_BRACKETED = rf"(?:[(\[] ?{_WAY} ?[)\]]|{_WAY})"
_METRES = r"\d{1,3}(?:\.\d+)?(?![\d.]\d|\d)"
_UNIT = r"(?: ?(?:M(?![A-Z])|米))?"


def _number(which: int) -> str:
    """Return the pattern of one number, K12+300 or 12K+300; its groups end in ``which``."""
    letter_first = (
        rf"(?P<line{which}>[A-HJ-NP-Z]{{0,2}})K ?(?P<km{which}>\d{{1,4}})(?!\d)"
        rf"(?: ?[+十] ?(?P<m{which}>{_METRES}))?(?!\.\d)"
    )
    number_first = rf"(?P<tkm{which}>\d{{1,4}}) ?(?:KM|K|公里|千米)(?: ?[+十]? ?(?P<tm{which}>{_METRES}))?(?!\d)"
    return rf"(?:{letter_first}|{number_first}){_UNIT}"


_BARE_END = rf"(?P<bkm>\d{{1,4}})?\+(?P<bm>{_METRES}){_UNIT}"
_TO = r" ?(?:至|到|~|-|—|–|―|−|〜)+ ?"
_NAME = r"[一-鿿]{2,8}?(?:高速公路|高速|公路|国道|省道)"
_HEAD = rf"(?:(?<![A-Z0-9])[(\[]?(?P<route>{_ROUTE})[)\]]? ?(?:{_NAME})?|(?P<only>[一-鿿]{{2,4}}高速)(?:公路)?)"
_STAKE = re.compile(
    rf"(?:{_HEAD} ?(?P<way1>{_BRACKETED})? ?|(?P<way0>{_BRACKETED}) ?|(?<![A-Z0-9.+]))"
    rf"{_number(1)}(?: ?(?P<way2>{_BRACKETED}))?"
    rf"(?:{_TO}(?:(?P<way3>{_BRACKETED})? ?{_number(2)}|{_BARE_END})(?: ?(?P<way4>{_BRACKETED}))?)?"
)
_LOOSE_NUMBER = re.compile(r"^(\d{1,4}) ?\+ ?(\d{1,3}(?:\.\d+)?)M?$")
_DASHES = str.maketrans(
    {"～": "~", "﹣": "-", "‐": "-", "‑": "-", "﹢": "+", "〔": "(", "〕": ")", "【": "(", "】": ")"}
)
_WAYS: tuple[tuple[str, Direction], ...] = (
    ("上行", Direction.UP),
    ("下行", Direction.DOWN),
    ("北", Direction.NORTH),
    ("南", Direction.SOUTH),
    ("东", Direction.EAST),
    ("東", Direction.EAST),
    ("西", Direction.WEST),
    ("左", Direction.LEFT),
    ("右", Direction.RIGHT),
)
_LETTER_WAYS: dict[str, Direction] = {
    "N": Direction.NORTH,
    "S": Direction.SOUTH,
    "E": Direction.EAST,
    "W": Direction.WEST,
    "UP": Direction.UP,
    "DOWN": Direction.DOWN,
}
_LINE_HALVES = {"Z": Direction.LEFT, "Y": Direction.RIGHT}


def parse_stake(text: str, *, route: str = "") -> Stake:
    """Read one stake.

    Parameters
    ----------
    text
        ``K1234+567``, ``k0+15``, ``G15 上行 Ｋ1518＋500m``, ``K12+300（下行）``, ``289K+900``, ``12公里300米`` …
    route
        Route to note where the text names none.

    Raises
    ------
    InputError
        The text is not exactly one stake; the sentence says what is wrong.

    Examples
    --------
    >>> parse_stake("K1836+000m").mm
    1836000000
    >>> str(parse_stake("Ｋ１２＋３００（下行）"))
    '下行K12+300'
    """
    value = _parse_whole(text)
    if isinstance(value, StakeRange):
        raise _fault(text, "这是一段，只要一个桩号", "this is a range where one stake is wanted")
    return Stake(value.mm, value.route or route, value.direction, value.line)


def parse_range(text: str) -> StakeRange:
    """Read a range such as ``K1766+600至K1800+500m``; a single stake is a range of no length.

    Raises
    ------
    InputError
        The text is neither a range nor a stake.

    Examples
    --------
    >>> found = parse_range("上行K12+300～+800")
    >>> found.low_mm, found.high_mm
    (12300000, 12800000)
    """
    value = _parse_whole(text)
    return value if isinstance(value, StakeRange) else StakeRange(value, value)


def find_stakes(text: str) -> tuple[FoundStake, ...]:
    """Find every stake and range inside a pasted sentence, in reading order.

    Examples
    --------
    >>> [str(f.value) for f in find_stakes("在G15沈海高速K1518+500处（上行）停车")]
    ['G15 K1518+500']
    """
    if len(text) > _LONGEST_TEXT:
        raise InputError(
            f"文字过长（{len(text)} 字），请只粘贴含桩号的段落。"
            f" / the text has {len(text)} characters; paste only the paragraph that names the stake."
        )
    plain, origin = _normalise(text)
    return tuple(FoundStake(value, origin[a], origin[b - 1] + 1) for value, a, b in _scan(plain))


def read_direction(text: str) -> Direction | None:
    """Return the direction a table cell names, ``Direction.NONE`` for an empty cell, None for an unknown word.

    Examples
    --------
    >>> read_direction("上行线"), read_direction("N"), read_direction("南向")
    (<Direction.UP: '上行'>, <Direction.NORTH: 'N'>, <Direction.SOUTH: 'S'>)
    """
    plain = _normalise(text)[0].strip("()[] ")
    if not plain:
        return Direction.NONE
    if plain in _LETTER_WAYS:
        return _LETTER_WAYS[plain]
    for word, way in _WAYS:
        if plain.startswith(word):
            return way
    return None


def format_stake(stake: Stake, *, taiwan: bool = False) -> str:
    """Write a stake as signs and papers do.

    Parameters
    ----------
    stake
        The stake.
    taiwan
        Write ``289K+900`` instead of ``K289+900``.

    Examples
    --------
    >>> format_stake(Stake(12_300_500, "G15", Direction.UP))
    'G15 上行K12+300.5'
    """
    head = f"{stake.route} " if stake.route else ""
    way = _written_direction(stake.direction)
    number = f"{stake.mm // _KM_MM}K" if taiwan else f"{stake.line}K{stake.mm // _KM_MM}"
    return f"{head}{way}{number}+{_metres(stake.mm)}"


def format_mm(mm: int) -> str:
    """Write a stake number alone: ``K12+300``; decimals only where there are any, a minus where it is negative.

    Examples
    --------
    >>> format_mm(1_518_500_000)
    'K1518+500'
    """
    sign = "-" if mm < 0 else ""
    return f"{sign}K{abs(mm) // _KM_MM}+{_metres(abs(mm))}"


def _metres(mm: int) -> str:
    metre, rest = divmod(mm % _KM_MM, _M_MM)
    return f"{metre:03d}" + (f".{rest:03d}".rstrip("0") if rest else "")


def _written_direction(direction: Direction) -> str:
    letters = {Direction.NORTH: "北向", Direction.SOUTH: "南向", Direction.EAST: "东向", Direction.WEST: "西向"}
    return letters.get(direction, str(direction))


def _normalise(text: str) -> tuple[str, list[int]]:
    """Return the text in half width, capitals and single blanks, and the place of each of its characters."""
    plain: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text.translate(_DASHES)):
        for piece in unicodedata.normalize("NFKC", character).upper():
            if piece.isspace():
                if not plain or plain[-1] == " ":
                    continue
                piece = " "  # noqa: PLW2901 - one blank of any kind stands for all
            elif unicodedata.category(piece) in {"Cf", "Cc"}:
                continue
            plain.append(piece)
            origin.append(place)
    return "".join(plain), origin


def _scan(plain: str) -> Iterator[tuple[Stake | StakeRange, int, int]]:
    for match in _STAKE.finditer(plain):
        start = _read(match, "1", (match["way0"] or match["way1"], match["way2"]))
        route = match["route"] or (match["only"] or "")
        first = Stake(start.mm, route, start.direction, start.line)
        if match["km2"] or match["tkm2"]:
            end = _read(match, "2", (match["way3"], match["way4"]))
        elif match["bm"]:
            km = int(match["bkm"]) if match["bkm"] else first.mm // _KM_MM
            end = Stake(km * _KM_MM + _to_mm(match["bm"]), "", _read_ways((match["way4"],)))
        else:
            yield first, match.start(), match.end()
            continue
        yield _pair(first, end), match.start(), match.end()


def _pair(first: Stake, end: Stake) -> StakeRange:
    """Let what only one end says hold for both."""
    direction, line = end.direction or first.direction, end.line or first.line
    return StakeRange(
        Stake(first.mm, first.route, first.direction or direction, first.line or line),
        Stake(end.mm, first.route, direction, line),
    )


def _read(match: re.Match[str], which: str, ways: tuple[str | None, ...]) -> Stake:
    line = match[f"line{which}"] or ""
    km = match[f"km{which}"] or match[f"tkm{which}"]
    metres = match[f"m{which}"] or match[f"tm{which}"] or "0"
    direction = _read_ways(ways)
    if line in _LINE_HALVES:
        line, direction = "", direction or _LINE_HALVES[line]
    return Stake(int(km) * _KM_MM + _to_mm(metres), "", direction, line)


def _read_ways(ways: tuple[str | None, ...]) -> Direction:
    """Return the direction among words; a half of the road only where no word is a direction."""
    named = [way for text in ways if text for word, way in _WAYS if text.strip("()[] ").startswith(word)]
    halves = (Direction.LEFT, Direction.RIGHT)
    return min(named, key=lambda way: way in halves, default=Direction.NONE)


def _to_mm(metres: str) -> int:
    """Return whole millimetres, below a full kilometre also where 999.9999 would be rounded up."""
    return min(int((Decimal(metres) * _M_MM).quantize(Decimal(1), ROUND_HALF_UP)), _KM_MM - 1)


def _parse_whole(text: str) -> Stake | StakeRange:
    plain, _ = _normalise(text)
    plain = plain.rstrip("处處.。,;、 ")
    if not plain:
        raise _fault(text, "没有填写", "it is empty")
    loose = _LOOSE_NUMBER.match(plain)
    if loose:
        return Stake(int(loose[1]) * _KM_MM + _to_mm(loose[2]))
    found = list(_scan(plain))
    if len(found) == 1 and (found[0][1], found[0][2]) == (0, len(plain)):
        return found[0][0]
    raise _fault(text, *_explain(plain, len(found)))


def _explain(plain: str, found: int) -> tuple[str, str]:
    """Say what keeps a text from being a stake."""
    if found > 1:
        return "含有多个桩号，请只写一个", "it holds several stakes; write one"
    if re.search(r"K-\d|^-\d", plain):
        return "桩号不能为负", "a stake is not negative"
    if re.search(r"\+\d{4,}", plain):
        return "加号后应为 0 至 999 米", "after the plus stand 0 to 999 metres"
    if re.search(r"K\d{5,}|\d{5,}K", plain):
        return f"公里数不能超过 {LARGEST_KM}", f"the kilometre is above {LARGEST_KM}"
    if re.search(r"K\d+[-.,/:]\d+", plain):
        return "公里与米之间应写加号，如 K12+300", "a plus stands between kilometre and metre, as in K12+300"
    if re.search(r"K\d+\+(?!\d)", plain):
        return "加号后缺少米数", "the metres after the plus are missing"
    if found:
        return "桩号前后有读不懂的文字", "it holds words besides the stake that cannot be read"
    if not re.search(r"\d", plain):
        return "没有数字", "it holds no number"
    return "写法应如 K1234+567", "write it like K1234+567"


def _fault(text: str, chinese: str, english: str) -> InputError:
    shown = " ".join(text.split())[:40]
    return InputError(f"桩号“{shown}”有误：{chinese}。 / stake {shown!r}: {english}.")
