"""The draft of a transfer paper 案件移送函: what the paper needs, with what is still to be filled in left blank."""

from __future__ import annotations

from dataclasses import dataclass

from jurisdiction.agencies import Agency, Contact

LAW = (
    "《中华人民共和国行政处罚法》第二十二条（行政处罚由违法行为发生地的行政机关管辖）；"
    "对管辖有争议的，依第二十五条协商，协商不成的报请共同的上一级行政机关指定管辖。"
)
"""Law line of the paper: place of the offence decides, disputes go up (行政处罚法 22, 25)."""
CRS = "WGS-84 (EPSG:4326)"


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """A draft of a transfer paper; personal data are masked before they come here.

    Attributes
    ----------
    is_ready
        Whether the receiving office is certain; a draft that is not must be verified first.
    case, day, category
        Number, date of the offence and category of the case, ``""`` where unknown.
    place, stake, lon, lat
        Where: words, stake text, WGS-84 degrees (NaN-free; ``None`` where the place is unknown).
    from_office, to_office, to_post, to_phone
        Offices; posts, never persons.
    reason
        Why the case is theirs, one sentence.
    facts
        The words of the question, masked.
    agreement
        Number of the agreement in force, ``""`` where there is none.
    """

    is_ready: bool
    case: str
    day: str
    category: str
    place: str
    stake: str
    lon: float | None
    lat: float | None
    from_office: str
    to_office: str
    to_post: str
    to_phone: str
    reason: str
    facts: str = ""
    agreement: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the draft as plain JSON values; the number of the paper and the evidence list are blank."""
        return {
            "title": "案件移送函",
            "number": "",
            "ready": self.is_ready,
            "case": self.case,
            "date": self.day,
            "category": self.category,
            "place": self.place,
            "stake": self.stake,
            "lon": self.lon,
            "lat": self.lat,
            "crs": CRS,
            "from_office": self.from_office,
            "to_office": self.to_office,
            "to_post": self.to_post,
            "to_phone": self.to_phone,
            "reason": self.reason,
            "facts": self.facts,
            "law": LAW,
            "agreement": self.agreement,
            "evidence": [],
        }

    def to_text(self) -> str:
        """Return the draft as plain text, for a message or a paper to be finished by hand."""
        where = (
            f"{self.lon:.6f}, {self.lat:.6f}（{CRS}）" if self.lon is not None and self.lat is not None else "待核实"
        )
        agreed = f"依据协议：{self.agreement}\n" if self.agreement else ""
        said = f"案情摘要：{self.facts}\n" if self.facts else ""
        warn = "" if self.is_ready else "【草稿：管辖单位待核实，核实前不得发出】\n"
        to = f"{self.to_office or '________'}：\n"
        post = f"接收岗位：{self.to_post}　{self.to_phone}\n" if self.to_post else ""
        return (
            f"案件移送函（草稿）\n文号：________\n{warn}\n{to}"
            f"案件编号：{self.case or '________'}\n违法日期：{self.day or '________'}\n"
            f"业务类别：{self.category or '________'}\n"
            f"违法地点：{self.place or '________'}\n桩号：{self.stake or '—'}\n坐标：{where}\n{said}"
            f"移送理由：{self.reason}\n{agreed}法律依据：{LAW}\n{post}证据清单：（待填）\n\n"
            f"移送单位：{self.from_office or '________'}\n日期：________\n"
        )


def contact_for(agency: Agency, category: str) -> tuple[Contact, ...]:
    """Return the contact offices of an agency for a category of cases, all of them where none is for it."""
    wanted = category.strip()
    exact = tuple(c for c in agency.contacts if wanted and c.category == wanted)
    near = tuple(c for c in agency.contacts if wanted and (wanted in c.category or c.category in wanted))
    return exact or near or agency.contacts
