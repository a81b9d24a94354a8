"""The answer in one sentence, in Chinese and in English; dates, lengths and personal data as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jurisdiction.askanswer import Answer

_KM_M, _TEN_KM_M = 1000.0, 10_000.0
_DAY = re.compile(r"(?<!\d)(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})(?!\d)")
_PLATE = re.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[·• -]?([A-Z0-9]{4,5}[A-Z0-9挂学警港澳])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_CITIZEN = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")
_NAME = re.compile(
    r"(当事人|驾驶员|驾驶人|司机|车主|姓名|联系人)([:： ]?)([一-鿿])[一-鿿]{1,2}"
    r"(?=[,，。、；;（( )）在于驾等系涉因从由的]|$)"
)
_WHY = {
    "near_seam": ("距界点太近", "too near a seam"),
    "near_border": ("距两大队分界太近", "too near the border of two brigades"),
    "rival_road": ("旁边、上方或下方有另一方的道路", "a road of another side lies beside, above or below"),
    "stake_error": ("桩号误差范围内跨越归属", "within the error of the stake the owner changes"),
    "several_places": ("所述地点可能是几处，归属不同", "the words mean several places with different owners"),
    "datum_doubt": ("坐标系存疑，换一种坐标系归属就不同", "under another datum the owner differs"),
    "not_placed": ("地点没有读出来", "the place could not be read"),
    "several_owners": ("这条道路由不同单位分管", "the road has several owners"),
}
_VOTES = {
    "motorway": "高速公路主线",
    "stub": "收费站外的短尾",
    "link": "收费系统内的匝道",
    "toll_free_link": "不收费高速的匝道",
    "service_area": "服务区道路",
    "service": "其他服务道路",
    "plaza_lane": "收费车道",
    "ordinary": "普通公路",
    "ordinary_link": "普通公路匝道",
}
_OWNERS = {"contested": ("争议路段", "Contested road"), "none": ("无主路段", "Nobody's road")}


@dataclass(frozen=True, slots=True)
class Both:
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """Return both as plain JSON values."""
        return {"zh": self.zh, "en": self.en}


def format_length(metres: float) -> str:
    """Return a length with its unit: metres below one kilometre, else kilometres.

    Examples
    --------
    >>> format_length(18.3), format_length(1_812.0), format_length(25_340.0)
    ('18 m', '1.8 km', '25 km')
    """
    if metres < _KM_M:
        return f"{metres:.0f} m"
    return f"{metres / _KM_M:.0f} km" if metres >= _TEN_KM_M else f"{metres / _KM_M:.1f} km"


def find_day(text: str) -> str:
    """Return the first date in a text as ISO date, ``""`` where there is none.

    Examples
    --------
    >>> find_day("2025年1月6日12时"), find_day("2025/01/06 08:00"), find_day("K12+300")
    ('2025-01-06', '2025-01-06', '')
    """
    for match in _DAY.finditer(text):
        try:
            return date(*(int(part) for part in match.groups())).isoformat()
        except ValueError:
            continue
    return ""


def mask_persons(text: str) -> str:
    """Return a text with number plates, telephone numbers, citizen numbers and named persons made unreadable.

    Examples
    --------
    >>> mask_persons("皖A12345，司机张小三，13912345678")
    '皖A***45，司机张**，139****5678'
    """
    text = _PLATE.sub(lambda m: f"{m[1]}{'*' * (len(m[2]) - 2)}{m[2][-2:]}", text)
    text = _CITIZEN.sub(r"\1********\2", text)
    text = _PHONE.sub(r"\1****\2", text)
    return _NAME.sub(lambda m: f"{m[1]}{m[2]}{m[3]}**", text)


def reason_words(answer: Answer) -> str:
    """Return why, in a few Chinese words: the doubt, else the vote on the road."""
    for reason in answer.reason:
        if reason.get("vote") == "uncertain":
            why = str(reason["why"])
            return _WHY.get(why, (why, why))[0]
    vote = next((str(r["vote"]) for r in answer.reason if "evidence_m" in r), "")
    return _VOTES.get(vote, vote)


def say_where(road: str, stake: str, place: tuple[float, float]) -> str:
    """Return where a place is: its stake, else its road, else its coordinates."""
    return stake or road or f"{place[0]:.6f}, {place[1]:.6f}"


def say_owned(agency: str, where: str, to_seam_m: float | None) -> Both:
    """Return the sentence of a clear answer."""
    if to_seam_m is None:
        return Both(f"归{agency}（{where}，附近无界点）", f"{agency} ({where}, no seam in reach)")
    far = format_length(to_seam_m)
    return Both(f"归{agency}（{where}，距界点 {far}）", f"{agency} ({where}, {far} to the seam)")


def say_open(owner: str, where: str, sides: Sequence[str]) -> Both:
    """Return the sentence of a contested or ownerless place."""
    zh, en = _OWNERS[owner]
    both = f"；涉及：{' / '.join(sides)}" if sides else ""
    both_en = f"; concerned: {' / '.join(sides)}" if sides else ""
    return Both(f"{zh}（{where}）{both}", f"{en} ({where}){both_en}")


def say_ask(why: str, where: str, sides: Sequence[str], *, seam_m: float | None = None) -> Both:
    """Return the sentence of a doubtful answer."""
    zh, en = _WHY.get(why, (why, why))
    if why in {"near_seam", "near_border"} and seam_m is not None:
        name_zh, name_en = ("界点", "the seam") if why == "near_seam" else ("大队分界", "the border of two brigades")
        zh, en = f"距{name_zh} {format_length(seam_m)}", f"{format_length(seam_m)} to {name_en}"
    may_zh = f"；可能归：{' / '.join(sides)}" if sides else ""
    may_en = f"; may be: {' / '.join(sides)}" if sides else ""
    at_zh, at_en = (f"（{where}）", f" ({where})") if where else ("", "")
    return Both(f"请核实：{zh}{at_zh}{may_zh}", f"Please verify: {en}{at_en}{may_en}")


def say_outside(distance_m: float) -> Both:
    """Return the sentence of a place off the network."""
    if distance_m == float("inf"):
        return Both("路网之外", "Outside the network")
    far = format_length(distance_m)
    return Both(f"路网之外：最近的道路在 {far} 以外", f"Outside the network: the nearest road is {far} away")
